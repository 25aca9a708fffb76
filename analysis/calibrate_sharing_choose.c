/* calibrate_sharing_choose.c - which slots, which form, how many containers.
 *
 * Slots are scanned: first some over the whole range, then the neighbours of the best until none is better. The form of
 * the time of one unit of work, a straight line, two lines or a measured curve, is chosen by leaving out one load after
 * another: the simplest form whose error there is within one standard error of the lowest (Breiman, Friedman, Olshen,
 * Stone, "Classification and regression trees", 1984). Three loads cannot choose, since of them two are left, through
 * which every form is the same line: closed loops then get the measured curve. Numbers of containers are readings: of
 * those that fit about as well the fewest containers are chosen.
 */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate_sharing_internal.h"
#include "sim/memory.h"

/* A reading is as good as the best if its error is no more than this times as large. */
#define AS_GOOD 2.0

enum {
    GRID_MAX = 64
};

/* ---- Nodes ---- */

static void add_node(struct calibrate_sharing_shape *shape, int64_t node)
{
    size_t place = shape->node_count;
    for (size_t i = 0; i < shape->node_count; i++)
        if (shape->nodes[i] == node)
            return;
    if (shape->node_count == SHARING_NODES_MAX)
        return;
    for (; place > 0 && shape->nodes[place - 1] > node; place--)
        shape->nodes[place] = shape->nodes[place - 1];
    shape->nodes[place] = node;
    shape->node_count++;
}

static int64_t running_most(const struct calibrate_sharing_data *data, const struct calibrate_sharing_shape *shape)
{
    int64_t most = (int64_t)ceil(data->load_max / (double)shape->containers);
    if (shape->slots > 0 && shape->slots < most)
        most = shape->slots;
    return most < 1 ? 1 : most;
}

/* Whether a row is a closed loop that is fitted and not left out. */
static bool is_loop(const struct calibrate_sharing_data *data, size_t point, long left_out)
{
    return !data->points[point].row->is_held_out && data->points[point].table->kind == MEASUREMENT_CLOSED &&
           !calibrate_sharing_is_same_load(data, point, left_out);
}

/* Of a closed loop the times at its loads are what was measured; bursts pass through all numbers in progress. */
static void place_curve(const struct calibrate_sharing_data *data, struct calibrate_sharing_shape *shape, long left_out)
{
    int64_t most = running_most(data, shape);
    shape->node_count = 0;
    for (size_t i = 0; i < data->point_count; i++)
        if (is_loop(data, i, left_out)) {
            int64_t count = data->points[i].script.count / shape->containers;
            add_node(shape, count < 1 ? 1 : count < most ? count : most);
        }
    if (data->has_burst) {
        add_node(shape, 1);
        add_node(shape, (int64_t)lround(sqrt((double)most)));
        add_node(shape, most);
    }
}

static void place_knee(const struct calibrate_sharing_data *data, struct calibrate_sharing_shape *shape, int64_t knee)
{
    int64_t most = running_most(data, shape);
    shape->node_count = 0;
    add_node(shape, 1);
    add_node(shape, knee < 1 ? 1 : knee < most ? knee : most);
    add_node(shape, most);
}

/* ---- One shape ---- */

static enum sim_status try_knees(const struct calibrate_sharing_data *data, const struct calibrate_sharing_shape *shape,
                                 struct calibrate_sharing_fit *best, struct sim_error *error)
{
    static const double shares[] = {0.25, 0.5, 0.75};
    int64_t most = running_most(data, shape);
    enum sim_status status = SIM_OK;
    bool has_best = false;
    for (size_t i = 0; i < sizeof shares / sizeof *shares && status == SIM_OK; i++) {
        struct calibrate_sharing_fit fit;
        struct calibrate_sharing_shape one = *shape;
        place_knee(data, &one, (int64_t)lround(1 + shares[i] * (double)(most - 1)));
        status = calibrate_sharing_search(data, &one, SHARING_ALL, NULL, 1, &fit, error);
        if (status == SIM_OK && (!has_best || fit.rms < best->rms)) {
            *best = fit;
            has_best = true;
        }
    }
    return status;
}

/* Fits a shape on all rows that are fitted; its nodes are chosen here. `near`: a fit to begin from, or NULL. */
static enum sim_status fit_shape(const struct calibrate_sharing_data *data, const struct calibrate_sharing_shape *shape,
                                 const struct calibrate_sharing_fit *near, struct calibrate_sharing_fit *fit,
                                 struct sim_error *error)
{
    struct calibrate_sharing_shape placed = *shape;
    if (shape->form == MEASUREMENT_FORM_KNEE)
        return try_knees(data, shape, fit, error);
    if (shape->form == MEASUREMENT_FORM_CURVE)
        place_curve(data, &placed, SHARING_ALL);
    return calibrate_sharing_search(data, &placed, SHARING_ALL, near, 1, fit, error);
}

/* Fits the same shape without the load of a point; the times of a curve are those of the loads that are left. */
static enum sim_status fit_without(const struct calibrate_sharing_data *data, const struct calibrate_sharing_fit *whole,
                                   size_t point, struct calibrate_sharing_fit *fit, struct sim_error *error)
{
    struct calibrate_sharing_shape shape = whole->shape;
    if (shape.form == MEASUREMENT_FORM_CURVE)
        place_curve(data, &shape, (long)point);
    return calibrate_sharing_search(data, &shape, (long)point,
                                    shape.node_count == whole->shape.node_count ? whole : NULL, 1, fit, error);
}

/* ---- Forms ---- */

struct squares {
    double sum;
    size_t count;
};

/* Adds the squares of the errors of a point that the fit has not seen. */
static enum sim_status add_errors(const struct calibrate_sharing_data *data, const struct calibrate_sharing_fit *fit,
                                  size_t point, struct squares *squares, struct sim_error *error)
{
    const struct calibrate_sharing_point *one = &data->points[point];
    struct experiment_figures figures;
    enum sim_status status = calibrate_sharing_predict(data, &fit->shape, fit->values, one, 1, false, &figures, error);
    for (int m = 0; m < MEASURE_COUNT && status == SIM_OK; m++)
        if (calibrate_sharing_is_fitted(one, (enum measure)m)) {
            double relative = figures.mean[m] / one->row->values[m] - 1;
            squares->sum += relative * relative;
            squares->count++;
        }
    return status;
}

/* Whether a point is the first that is fitted of its load. */
static bool is_first_of_load(const struct calibrate_sharing_data *data, size_t point)
{
    if (data->points[point].row->is_held_out || data->points[point].residual_count == 0)
        return false;
    for (size_t i = 0; i < point; i++)
        if (!data->points[i].row->is_held_out && calibrate_sharing_is_same_load(data, i, (long)point))
            return false;
    return true;
}

/* Rows of one load are left out together: a table of first outputs beside one of whole requests. */
static enum sim_status leave_out(const struct calibrate_sharing_data *data, const struct calibrate_sharing_fit *fit,
                                 size_t point, struct squares *squares, struct sim_error *error)
{
    struct calibrate_sharing_fit without;
    enum sim_status status = fit_without(data, fit, point, &without, error);
    for (size_t i = 0; i < data->point_count && status == SIM_OK; i++)
        if (!data->points[i].row->is_held_out && calibrate_sharing_is_same_load(data, i, (long)point))
            status = add_errors(data, &without, i, squares, error);
    return status;
}

static enum sim_status cross_validate(const struct calibrate_sharing_data *data, struct calibrate_sharing_fit *fit,
                                      struct sim_error *error)
{
    double *loads = sim_allocate(data->point_count, sizeof *loads);
    size_t count = 0;
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < data->point_count && status == SIM_OK; i++) {
        struct squares squares = {0};
        if (!is_first_of_load(data, i))
            continue;
        status = leave_out(data, fit, i, &squares, error);
        loads[count++] = squares.sum / (double)squares.count;
    }
    fit->cross_square = gsl_stats_mean(loads, 1, count);
    fit->cross_error = gsl_stats_sd(loads, 1, count) / sqrt((double)count);
    free(loads);
    return status;
}

static void keep(struct sim_array *fits, const struct calibrate_sharing_fit *fit)
{
    size_t index = sim_array_add(fits);
    ((struct calibrate_sharing_fit *)fits->items)[index] = *fit;
}

static size_t fitted_loads(const struct calibrate_sharing_data *data)
{
    size_t count = 0;
    for (size_t i = 0; i < data->point_count; i++)
        count += is_first_of_load(data, i);
    return count;
}

static int32_t form_asked(const struct calibrate_sharing_data *data)
{
    return data->calibration->measurements->search.form;
}

/* Fits and cross-validates the other forms beside the line that stands first in the list. A form with more parameters
 * than the rows can tell apart is left out.
 */
static enum sim_status try_forms(const struct calibrate_sharing_data *data, struct calibrate_sharing_choice *choice,
                                 const struct calibrate_sharing_fit *line, struct sim_error *error)
{
    static const int32_t forms[] = {MEASUREMENT_FORM_KNEE, MEASUREMENT_FORM_CURVE};
    struct calibrate_sharing_fit first = *line;
    enum sim_status status = cross_validate(data, &first, error);
    if (status != SIM_OK)
        return status;
    keep(&choice->forms, &first);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct calibrate_sharing_fit fit;
        struct calibrate_sharing_shape shape = line->shape;
        shape.form = forms[i];
        if (fit_shape(data, &shape, NULL, &fit, NULL) == SIM_OK && cross_validate(data, &fit, NULL) == SIM_OK)
            keep(&choice->forms, &fit);
    }
    return SIM_OK;
}

/* The first, that is the simplest, within one standard error of the lowest. */
static const struct calibrate_sharing_fit *simplest_good(const struct sim_array *forms)
{
    const struct calibrate_sharing_fit *fits = forms->items;
    const struct calibrate_sharing_fit *lowest = fits;
    for (size_t i = 1; i < forms->count; i++)
        if (fits[i].cross_square < lowest->cross_square)
            lowest = &fits[i];
    for (const struct calibrate_sharing_fit *fit = fits; fit < lowest; fit++)
        if (fit->cross_square <= lowest->cross_square + lowest->cross_error)
            return fit;
    return lowest;
}

/* Puts another form in place of the line that `best` is, if one is chosen. */
static enum sim_status choose_form(const struct calibrate_sharing_data *data, struct calibrate_sharing_choice *choice,
                                   struct calibrate_sharing_fit *best, struct sim_error *error)
{
    size_t loads = fitted_loads(data);
    if (form_asked(data) != MEASUREMENT_FORM_AUTO || loads < 3 || (loads == 3 && data->has_burst))
        return SIM_OK;
    if (loads == 3) {
        struct calibrate_sharing_shape shape = best->shape;
        shape.form = MEASUREMENT_FORM_CURVE;
        return fit_shape(data, &shape, NULL, best, error);
    }
    enum sim_status status = try_forms(data, choice, best, error);
    if (status == SIM_OK)
        *best = *simplest_good(&choice->forms);
    return status;
}

/* ---- Slots ---- */

static const struct calibrate_sharing_fit *find_slots(const struct calibrate_sharing_choice *choice, int64_t slots,
                                                      int64_t containers)
{
    const struct calibrate_sharing_fit *fits = choice->scan.items;
    for (size_t i = 0; i < choice->scan.count; i++)
        if (fits[i].shape.slots == slots && fits[i].shape.containers == containers)
            return &fits[i];
    return NULL;
}

/* Fits one number of slots, unless that was done; *best becomes the better one. */
static enum sim_status try_slots(const struct calibrate_sharing_data *data, struct calibrate_sharing_choice *choice,
                                 const struct calibrate_sharing_shape *shape, int64_t slots,
                                 struct calibrate_sharing_fit *best, struct sim_error *error)
{
    struct calibrate_sharing_fit fit;
    struct calibrate_sharing_shape tried = *shape;
    tried.slots = slots;
    if (find_slots(choice, slots, shape->containers))
        return SIM_OK;
    enum sim_status status = fit_shape(data, &tried, isfinite(best->rms) ? best : NULL, &fit, error);
    if (status != SIM_OK)
        return status;
    keep(&choice->scan, &fit);
    if (!(best->rms <= fit.rms))
        *best = fit;
    return SIM_OK;
}

/* Numbers over the whole range: about a third more each time. The last one, 0, is no limit. */
static size_t slot_grid(const struct calibrate_sharing_data *data, const struct calibrate_sharing_shape *shape,
                        int64_t *grid)
{
    const struct measurement_search *search = &data->calibration->measurements->search;
    size_t count = 0;
    if (measurements_knows(data->calibration->measurements, "slots")) {
        grid[count++] = data->calibration->profile.slots;
        return count;
    }
    for (size_t i = 0; i < search->slot_count && count < GRID_MAX; i++)
        grid[count++] = search->slots[i].number;
    if (search->slot_count > 0)
        return count;
    int64_t most = (int64_t)ceil(data->load_max / (double)shape->containers);
    for (int64_t slots = 1; data->has_burst && slots < most && count + 1 < GRID_MAX; slots += 1 + slots * 35 / 100)
        grid[count++] = slots;
    grid[count++] = 0;
    return count;
}

/* Goes from the best of the grid to its neighbours while they are better. */
static enum sim_status climb(const struct calibrate_sharing_data *data, struct calibrate_sharing_choice *choice,
                             const struct calibrate_sharing_shape *shape, struct calibrate_sharing_fit *best,
                             struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    int64_t last = -1;
    while (best->shape.slots > 0 && best->shape.slots != last && status == SIM_OK) {
        last = best->shape.slots;
        if (last > 1)
            status = try_slots(data, choice, shape, last - 1, best, error);
        if (status == SIM_OK)
            status = try_slots(data, choice, shape, last + 1, best, error);
    }
    return status;
}

static enum sim_status scan_slots(const struct calibrate_sharing_data *data, struct calibrate_sharing_choice *choice,
                                  const struct calibrate_sharing_shape *shape, struct calibrate_sharing_fit *best,
                                  struct sim_error *error)
{
    int64_t grid[GRID_MAX];
    size_t count = slot_grid(data, shape, grid);
    enum sim_status status = SIM_OK;
    *best = (struct calibrate_sharing_fit){.rms = INFINITY};
    for (size_t i = 0; i < count && status == SIM_OK; i++)
        status = try_slots(data, choice, shape, grid[i], best, error);
    if (status == SIM_OK && data->calibration->measurements->search.slot_count == 0 && count > 1)
        status = climb(data, choice, shape, best, error);
    return status;
}

/* ---- Readings ---- */

static size_t container_grid(const struct calibrate_sharing_data *data, int64_t *grid)
{
    const struct measurement_search *search = &data->calibration->measurements->search;
    size_t count = 0;
    for (size_t i = 0; i < search->container_count && count < GRID_MAX; i++)
        grid[count++] = search->containers[i].number;
    for (size_t i = 0; i < data->point_count && count == 0; i++)
        if (data->points[i].table->containers > 0)
            grid[count++] = data->points[i].table->containers;
    if (count == 0)
        grid[count++] = 1;
    return count;
}

/* The readings that the file lists, all of them, or the best slots. */
static void keep_readings(const struct calibrate_sharing_data *data, struct calibrate_sharing_choice *choice,
                          const struct calibrate_sharing_fit *best)
{
    const struct calibrate_sharing_fit *fits = choice->scan.items;
    if (data->calibration->measurements->search.slot_count == 0) {
        keep(&choice->readings, best);
        return;
    }
    for (size_t i = 0; i < choice->scan.count; i++)
        if (fits[i].shape.containers == best->shape.containers)
            keep(&choice->readings, &fits[i]);
}

/* The fewest containers whose best reading is about as good as any; of these the lowest error. It goes to the front. */
static void put_chosen_first(struct calibrate_sharing_choice *choice)
{
    struct calibrate_sharing_fit *fits = choice->readings.items;
    double best = INFINITY;
    size_t chosen = 0;
    for (size_t i = 0; i < choice->readings.count; i++)
        best = fmin(best, fits[i].rms);
    for (size_t i = 1; i < choice->readings.count; i++) {
        bool is_good = fits[i].rms <= AS_GOOD * best;
        bool was_good = fits[chosen].rms <= AS_GOOD * best;
        bool is_fewer = fits[i].shape.containers < fits[chosen].shape.containers;
        bool is_same = fits[i].shape.containers == fits[chosen].shape.containers;
        if ((is_good && !was_good) ||
            (is_good == was_good && (is_fewer || (is_same && fits[i].rms < fits[chosen].rms))))
            chosen = i;
    }
    struct calibrate_sharing_fit first = fits[chosen];
    memmove(fits + 1, fits, chosen * sizeof *fits);
    fits[0] = first;
}

enum sim_status calibrate_sharing_choose(const struct calibrate_sharing_data *data,
                                         struct calibrate_sharing_choice *choice, struct sim_error *error)
{
    int64_t grid[GRID_MAX];
    size_t count = container_grid(data, grid);
    int32_t asked = form_asked(data);
    enum sim_status status = SIM_OK;
    sim_array_init(&choice->readings, sizeof(struct calibrate_sharing_fit));
    sim_array_init(&choice->scan, sizeof(struct calibrate_sharing_fit));
    sim_array_init(&choice->forms, sizeof(struct calibrate_sharing_fit));
    for (size_t i = 0; i < count && status == SIM_OK; i++) {
        struct calibrate_sharing_fit best;
        struct calibrate_sharing_shape shape = {.form = asked == MEASUREMENT_FORM_AUTO ? MEASUREMENT_FORM_LINE : asked,
                                                .containers = grid[i],
                                                .rule = PERCENTILE_LINEAR};
        status = scan_slots(data, choice, &shape, &best, error);
        if (status == SIM_OK)
            keep_readings(data, choice, &best);
    }
    if (status != SIM_OK)
        return status;
    put_chosen_first(choice);
    return choose_form(data, choice, choice->readings.items, error);
}

void calibrate_sharing_choice_release(struct calibrate_sharing_choice *choice)
{
    sim_array_release(&choice->readings);
    sim_array_release(&choice->scan);
    sim_array_release(&choice->forms);
}
