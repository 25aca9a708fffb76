/* calibrate_walls.c - the step times of continuous batching from tables of kind `offline`: batches of equal requests,
 * and how long each took.
 *
 * Rows that fit into the engine's memory are fitted (fit_walls.h); every batch but the smallest and the largest is also
 * predicted from the others. Rows that do not fit are predicted only, by the engine itself, which then has requests
 * wait or computes them again.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/calibrate.h"
#include "analysis/fit_walls.h"
#include "models/batching.h"
#include "sim/memory.h"

struct walls_data {
    struct calibration *calibration;
    const struct measurement_table *table;
    struct fit_walls_row *rows; /* ignored: held out by the file, or too large */
    bool *is_too_large;
    double per_prefill; /* NaN: not known */
};

static bool has_what_it_needs(const struct measurement_table *table)
{
    size_t good = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        const double *values = table->rows[i].values;
        good += values[MEASURE_BATCH] >= 1 && values[MEASURE_INPUT_TOKENS] >= 1 && values[MEASURE_OUTPUT_TOKENS] >= 1 &&
                isfinite(values[MEASURE_WALL]);
    }
    return table->row_count > 0 && good == table->row_count;
}

static const struct measurement_table *find_table(const struct measurements *measurements)
{
    for (size_t i = 0; i < measurements->table_count; i++)
        if (measurements->tables[i].kind == MEASUREMENT_OFFLINE && has_what_it_needs(&measurements->tables[i]))
            return &measurements->tables[i];
    return NULL;
}

/* Whether some requests would have to wait or to be computed again. */
static bool is_too_large(const struct profile_config *profile, const struct fit_walls_row *row)
{
    double block = (double)profile->kv_block;
    double each = ceil((row->input + row->output - 1) / block) * block;
    return row->batch * each > (double)profile->kv_tokens * (1 - profile->kv_watermark) ||
           row->batch > (double)profile->max_batch;
}

static void collect(struct walls_data *data, struct calibration *calibration)
{
    const struct measurements *measurements = calibration->measurements;
    *data = (struct walls_data){.calibration = calibration, .table = find_table(measurements)};
    sim_assert(data->table);
    data->rows = sim_allocate(data->table->row_count, sizeof *data->rows);
    data->is_too_large = sim_allocate(data->table->row_count, sizeof *data->is_too_large);
    data->per_prefill =
        measurements_knows(measurements, "per_prefill_token") ? measurements->profile.per_prefill_token_s : NAN;
    for (size_t i = 0; i < data->table->row_count; i++) {
        const struct measurement_row *row = &data->table->rows[i];
        data->rows[i] = (struct fit_walls_row){.batch = row->values[MEASURE_BATCH],
                                               .input = floor(row->values[MEASURE_INPUT_TOKENS]),
                                               .output = floor(row->values[MEASURE_OUTPUT_TOKENS]),
                                               .wall_s = row->values[MEASURE_WALL]};
        data->is_too_large[i] = is_too_large(&measurements->profile, &data->rows[i]);
        data->rows[i].is_ignored = row->is_held_out || data->is_too_large[i];
    }
}

/* ---- Results ---- */

static void fill_profile(const struct walls_data *data, const struct fit_walls *walls)
{
    struct calibration *calibration = data->calibration;
    struct profile_config *profile = &calibration->profile;
    profile->step_curve = sim_arena_allocate(calibration->arena, walls->knot_count, sizeof *profile->step_curve);
    profile->step_curve_count = walls->knot_count;
    for (size_t k = 0; k < walls->knot_count; k++) {
        const struct fit_curve_knot *knot = &walls->knots[k];
        profile->step_curve[k] = (struct curve_point){(int64_t)knot->x, knot->y.value};
        calibrate_add_parameter(calibration, &(struct calibration_parameter){
                                                 .name = calibrate_text(calibration, "step at %g running", knot->x),
                                                 .unit = "s",
                                                 .value = knot->y.value,
                                                 .low = knot->y.low,
                                                 .high = knot->y.high});
    }
    profile->per_cached_token_s = walls->per_cached.value;
    profile->per_prefill_token_s = walls->per_prefill.value;
    profile->calibrated_running = (int64_t)walls->knots[walls->knot_count - 1].x;
    calibrate_add_parameter(calibration, &(struct calibration_parameter){.name = "per_cached_token",
                                                                         .unit = "s",
                                                                         .value = walls->per_cached.value,
                                                                         .low = walls->per_cached.low,
                                                                         .high = walls->per_cached.high,
                                                                         .is_at_bound = walls->per_cached.value <= 0});
    calibrate_add_parameter(
        calibration, &(struct calibration_parameter){.name = "per_prefill_token",
                                                     .unit = "s",
                                                     .value = walls->per_prefill.value,
                                                     .low = walls->per_prefill.low,
                                                     .high = walls->per_prefill.high,
                                                     .note = isnan(data->per_prefill) ? "" : "given, not fitted"});
    calibrate_add_range(calibration, "running", "", walls->knots[0].x, walls->knots[walls->knot_count - 1].x);
}

/* What the engine of the simulator takes for a row, with the profile that was found. NaN where it cannot hold even one
 * request.
 */
static double engine_wall_s(const struct profile_config *profile, const struct batching_profile *engine,
                            const struct fit_walls_row *row)
{
    uint32_t count = (uint32_t)row->batch, input = (uint32_t)row->input, output = (uint32_t)row->output;
    sim_time_ns last_ns = 0, next_ns;
    if (!batching_fits(engine, input, output) || row->batch > BATCHING_INPUTS_HIGHEST || profile->kv_tokens == 0)
        return NAN;
    struct batching *server = sim_allocate(1, batching_size(count));
    batching_init(server, count);
    for (uint32_t i = 0; i < count; i++)
        batching_submit(engine, server, 0, i, input, 0, output);
    while ((next_ns = batching_next(engine, server)) != SIM_TIME_NEVER) {
        struct batching_completion completion;
        while (batching_take(engine, server, next_ns, &completion, 1))
            last_ns = completion.completed_ns > last_ns ? completion.completed_ns : last_ns;
    }
    free(server);
    return sim_time_to_s(last_ns);
}

static enum sim_status make_engine(const struct profile_config *profile, struct batching_profile *engine,
                                   struct sim_arena *arena, struct sim_error *error)
{
    struct batching_point *points = sim_arena_allocate(arena, profile->step_curve_count, sizeof *points);
    for (size_t i = 0; i < profile->step_curve_count; i++)
        points[i] = (struct batching_point){profile->step_curve[i].running, profile->step_curve[i].time_s};
    return batching_profile_init(engine,
                                 &(struct batching_parameters){.points = points,
                                                               .point_count = profile->step_curve_count,
                                                               .cached_token_s = profile->per_cached_token_s,
                                                               .prefill_token_s = profile->per_prefill_token_s,
                                                               .token_budget = profile->token_budget,
                                                               .max_batch = profile->max_batch,
                                                               .kv_tokens = profile->kv_tokens,
                                                               .kv_block = profile->kv_block,
                                                               .watermark = profile->kv_watermark,
                                                               .whole_prompt = profile->whole_prompt,
                                                               .keeps_preempted = profile->keeps_preempted},
                                 error);
}

static void add_error(const struct walls_data *data, size_t row, double wall_s, bool is_held_out)
{
    const struct fit_walls_row *own = &data->rows[row];
    if (!isfinite(wall_s))
        return;
    calibrate_add_figure(data->calibration, &(struct calibration_error){
                                                .data = data->table->name,
                                                .row = calibrate_text(data->calibration, "batch %g, %g + %g tokens",
                                                                      own->batch, own->input, own->output),
                                                .metric = measurements_field(MEASURE_WALL)->name,
                                                .unit = "s",
                                                .theirs = own->wall_s,
                                                .ours = wall_s,
                                                .sampling = NAN,
                                                .is_held_out = is_held_out,
                                                .source = &data->table->rows[row],
                                            });
}

/* Fitted rows, rows that the file or their size keeps out, and batches held out one by one. */
static void add_errors(const struct walls_data *data, const struct fit_walls *walls,
                       const struct batching_profile *engine)
{
    size_t count = data->table->row_count, too_large = 0;
    double *errors = sim_allocate(count, sizeof *errors);
    fit_walls_hold_out(data->rows, count, walls->token_budget, data->per_prefill, errors);
    for (size_t i = 0; i < count; i++) {
        const struct fit_walls_row *row = &data->rows[i];
        add_error(data, i,
                  data->is_too_large[i] ? engine_wall_s(&data->calibration->profile, engine, row)
                                        : fit_walls_wall_s(walls, row),
                  row->is_ignored);
        too_large += data->is_too_large[i];
    }
    for (size_t i = 0; i < count; i++)
        add_error(data, i, data->rows[i].wall_s * (1 + errors[i]), true);
    free(errors);
    calibrate_note(data->calibration,
                   "held out: batches that lie between others, each predicted from a fit without it%s",
                   too_large > 0 ? ", and rows that do not fit into the memory or the batch of the engine" : "");
}

static void warn(const struct walls_data *data, const struct fit_walls *walls)
{
    if (!walls->is_prefill_known)
        calibrate_warn(data->calibration,
                       "the rows cannot tell prefill from the steps, as where prompts and answers are equally long: "
                       "per_prefill_token is 0 and the steps hold both; give it in 'profile' if it is known");
    if (walls->per_cached.value <= 0)
        calibrate_warn(data->calibration,
                       "batches of long texts take no longer than those of short ones for each token: "
                       "per_cached_token is 0, the lowest possible");
}

static bool applies(const struct measurements *measurements)
{
    return measurements->profile.stage == STAGE_CONTINUOUS_BATCHING && find_table(measurements) &&
           !measurements_find(measurements, MEASUREMENT_STEPS);
}

static enum sim_status fit_rows(const struct walls_data *data, struct sim_error *error)
{
    struct calibration *calibration = data->calibration;
    struct fit_walls *walls = fit_walls_create(data->rows, data->table->row_count,
                                               (double)calibration->profile.token_budget, data->per_prefill);
    if (!walls)
        return sim_error_set(error, SIM_BAD_INPUT, data->table->rows[0].file, data->table->rows[0].line,
                             "table '%s' has too few rows that fit into the engine's memory: two more than batches are "
                             "needed",
                             data->table->name);
    struct batching_profile *engine = sim_allocate(1, sizeof *engine);
    fill_profile(data, walls);
    enum sim_status status = make_engine(&calibration->profile, engine, calibration->arena, error);
    if (status == SIM_OK) {
        add_errors(data, walls, engine);
        warn(data, walls);
    }
    free(engine);
    fit_walls_destroy(walls);
    return status;
}

static enum sim_status fit(struct calibration *calibration, struct sim_error *error)
{
    struct walls_data data;
    collect(&data, calibration);
    enum sim_status status = fit_rows(&data, error);
    free(data.rows);
    free(data.is_too_large);
    return status;
}

const struct calibrate_method calibrate_walls = {.name = "walls", .applies = applies, .fit = fit};
