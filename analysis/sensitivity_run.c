/* sensitivity_run.c - one reading at a time, then together. */
#include "analysis/sensitivity_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/progress.h"
#include "sim/memory.h"

/* ---- Doing the runs ---- */

struct working {
    const struct sensitivity_request *request;
    const struct sensitivity_run *run;
    struct sensitivity_case *cases;
    struct figure_list *base;
};

static enum sim_status do_case(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    const struct working *working = context;
    struct sensitivity_case *one = &working->cases[index];
    struct sensitivity_sample sample;
    enum sim_status status = sensitivity_sample_run(&sample, &working->request->subject, one->readings,
                                                    one->reading_count, jobs, working->request->stop, error);
    for (size_t i = 0; i < SENSITIVITY_FIGURES && status == SIM_OK; i++)
        if (working->run->metrics[i])
            one->figures[i] = sensitivity_sample_change(working->base, &sample.figures, working->run->metrics[i], true);
    one->is_done = status == SIM_OK;
    sensitivity_sample_release(&sample);
    return status;
}

static enum sim_status do_cases(const struct working *working, size_t count, struct sim_error *error)
{
    const struct sensitivity_request *request = working->request;
    struct progress_count progress = progress_count_begin("readings", count, request->is_quiet);
    struct working context = *working;
    const struct points_work work = {.count = count,
                                     .jobs = request->jobs,
                                     .stop = request->stop,
                                     .context = &context,
                                     .each = do_case,
                                     .progress = &progress};
    return points_do(&work, error);
}

/* ---- Together ---- */

/* The reading of every rule that moves the figure most to that side, beyond chance. */
static struct sensitivity_case most_extreme(const struct sensitivity_run *run, size_t figure, bool is_rise)
{
    const struct sensitivity_reading **readings =
        sim_arena_allocate(run->list.arena, run->list.count, sizeof *readings);
    struct sensitivity_case together = {.readings = readings, .figure = figure, .is_rise = is_rise};
    double most = 0;
    for (size_t i = 0; i < run->list.count; i++) {
        const struct sensitivity_change *change = &run->cases[i].figures[figure];
        bool is_new = i == 0 || run->list.items[i].rule != run->list.items[i - 1].rule;
        if (is_new)
            most = 0;
        if (!sensitivity_sample_is_told(change, is_rise) || fabs(change->change) <= most)
            continue;
        bool is_better = most > 0;
        most = fabs(change->change);
        readings[is_better ? together.reading_count - 1 : together.reading_count++] = &run->list.items[i];
    }
    return together;
}

static bool is_same(const struct sensitivity_case *a, const struct sensitivity_case *b)
{
    if (a->reading_count != b->reading_count)
        return false;
    for (size_t i = 0; i < a->reading_count; i++)
        if (a->readings[i] != b->readings[i])
            return false;
    return true;
}

/* What one reading does alone is known already. */
static void choose_together(struct sensitivity_run *run)
{
    for (size_t figure = 0; figure < SENSITIVITY_FIGURES; figure++)
        for (int is_rise = 1; is_rise >= 0 && run->metrics[figure]; is_rise--) {
            struct sensitivity_case one = most_extreme(run, figure, is_rise);
            bool is_known = one.reading_count < 2;
            for (size_t i = 0; i < run->together_count; i++)
                is_known |= is_same(&one, &run->together[i]);
            if (!is_known)
                run->together[run->together_count++] = one;
        }
}

/* ---- All of it ---- */

static void describe_base(struct sensitivity_run *run, struct figure_list *base)
{
    sensitivity_sample_metrics(run->base, run->metrics);
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++)
        if (run->metrics[i])
            run->figures[i] = sensitivity_sample_change(base, base, run->metrics[i], true);
}

static void list_cases(struct sensitivity_run *run)
{
    struct sim_arena *arena = run->list.arena;
    const struct sensitivity_reading **readings = sim_arena_allocate(arena, run->list.count, sizeof *readings);
    run->cases = sim_arena_allocate(arena, run->list.count, sizeof *run->cases);
    for (size_t i = 0; i < run->list.count; i++) {
        readings[i] = &run->list.items[i];
        run->cases[i] = (struct sensitivity_case){.readings = &readings[i], .reading_count = 1};
    }
}

enum sim_status sensitivity_run_create(struct sensitivity_run *run, const struct sensitivity_request *request,
                                       struct sim_error *error)
{
    struct figure_list base = {.summary = request->base};
    *run = (struct sensitivity_run){.base = request->base};
    sensitivity_list_create(&run->list, request->base->result->config);
    describe_base(run, &base);
    list_cases(run);
    struct working working = {.request = request, .run = run, .cases = run->cases, .base = &base};
    enum sim_status status = do_cases(&working, run->list.count, error);
    if (status == SIM_OK) {
        choose_together(run);
        working.cases = run->together;
        status = do_cases(&working, run->together_count, error);
    }
    figure_list_release(&base);
    run->is_whole = status == SIM_OK;
    return status == SIM_INTERRUPTED ? SIM_OK : status;
}

void sensitivity_run_release(struct sensitivity_run *run)
{
    sensitivity_list_release(&run->list);
    *run = (struct sensitivity_run){0};
}

/* ---- What came out ---- */

void sensitivity_run_name(const struct sensitivity_case *one, char *name, size_t size)
{
    size_t used = 0;
    name[0] = '\0';
    for (size_t i = 0; i < one->reading_count && used < size; i++)
        used += (size_t)snprintf(name + used, size - used, "%s%s", i > 0 ? ", " : "", one->readings[i]->name);
}

struct sensitivity_band sensitivity_run_band(const struct sensitivity_run *run, size_t figure)
{
    struct sensitivity_band band = {.low = run->figures[figure].value, .high = run->figures[figure].value};
    for (size_t i = 0; i < run->list.count; i++) {
        double value = run->cases[i].figures[figure].value;
        if (!run->cases[i].is_done || !isfinite(value))
            continue;
        if (!(value >= band.low)) {
            band.low = value;
            band.lowest = &run->cases[i];
        }
        if (!(value <= band.high)) {
            band.high = value;
            band.highest = &run->cases[i];
        }
    }
    return band;
}
