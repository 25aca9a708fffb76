/* sensitivity_sample.c - loading, running and comparing one. */
#include "analysis/sensitivity_sample.h"

#include <math.h>
#include <stdio.h>

#include "analysis/metric.h"
#include "analysis/runner.h"
#include "analysis/version.h"
#include "analysis/warm_up.h"

static enum sim_status load(struct sensitivity_sample *sample, const struct sensitivity_subject *subject,
                            const struct sensitivity_reading *const *readings, size_t count, struct sim_error *error)
{
    struct diagnostic_list problems;
    diagnostic_init(&problems);
    enum sim_status status =
        sensitivity_load(subject->path, &subject->settings, readings, count, &sample->scenario, &problems);
    if (status != SIM_OK) {
        diagnostic_print(&problems, stderr);
        (void)sim_error_set(error, status, subject->path, 0, "cannot be read with %s", readings[0]->name);
    }
    diagnostic_release(&problems);
    return status;
}

enum sim_status sensitivity_sample_run(struct sensitivity_sample *sample, const struct sensitivity_subject *subject,
                                       const struct sensitivity_reading *const *readings, size_t count, unsigned jobs,
                                       const volatile bool *stop, struct sim_error *error)
{
    *sample = (struct sensitivity_sample){0};
    enum sim_status status = load(sample, subject, readings, count, error);
    if (status != SIM_OK)
        return status;
    const struct runner_options options = {.jobs = jobs, .stop = stop};
    const struct warm_up_options pilot = {.jobs = jobs, .stop = stop};
    status = warm_up_resolve(sample->scenario, &pilot, NULL, error);
    if (status == SIM_OK)
        status = runner_run(&sample->scenario->config, &options, &sample->result, error);
    if (status != SIM_OK)
        return status;
    if (sample->result->ending == RUN_INTERRUPTED)
        return sim_error_set(error, SIM_INTERRUPTED, subject->path, 0, "interrupted");
    const struct summary_source source = {.version = version_number(), .commit = version_commit()};
    sample->summary = summary_create(sample->result, &source);
    sample->figures.summary = sample->summary;
    return SIM_OK;
}

void sensitivity_sample_release(struct sensitivity_sample *sample)
{
    figure_list_release(&sample->figures);
    summary_destroy(sample->summary);
    run_result_destroy(sample->result);
    scenario_destroy(sample->scenario);
}

void sensitivity_sample_metrics(const struct summary *summary, const struct metric *metrics[SENSITIVITY_FIGURES])
{
    bool costs = summary_value(summary, "all", "cost_usd_per_month") > 0;
    const char *const names[] = {costs ? "cost_usd_per_month" : "containers_mean", "latency_p95_s"};
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++)
        metrics[i] = summary_find(summary, "all", names[i]) ? metric_find(names[i]) : NULL;
}

static enum sensitivity_standing standing_of(const struct figure_difference *difference)
{
    if (!isfinite(difference->low))
        return SENSITIVITY_UNKNOWN;
    if (difference->low > 0 || difference->high < 0)
        return SENSITIVITY_TOLD;
    return difference->low == 0 && difference->high == 0 ? SENSITIVITY_NONE : SENSITIVITY_NOT_TOLD;
}

struct sensitivity_change sensitivity_sample_change(struct figure_list *from, struct figure_list *to,
                                                    const struct metric *metric, bool may_pair)
{
    const struct summary_row *one = summary_find(from->summary, "all", metric->name);
    const struct summary_row *other = summary_find(to->summary, "all", metric->name);
    struct sensitivity_change change = {.value = NAN,
                                        .low = NAN,
                                        .high = NAN,
                                        .change = NAN,
                                        .change_low = NAN,
                                        .change_high = NAN,
                                        .standing = SENSITIVITY_UNKNOWN,
                                        .reason = "there is no such figure"};
    if (!one || !other)
        return change;
    size_t a = figure_list_find(from, one);
    size_t b = figure_list_find(to, other);
    struct figure_difference difference = figure_difference(&from->items[a], &to->items[b], may_pair);
    change.value = other->estimate.value;
    change.low = other->estimate.low;
    change.high = other->estimate.high;
    change.change = difference.value;
    change.change_low = difference.low;
    change.change_high = difference.high;
    change.standing = standing_of(&difference);
    snprintf(change.reason, sizeof change.reason, "%s", difference.reason);
    return change;
}

bool sensitivity_sample_is_told(const struct sensitivity_change *change, bool is_rise)
{
    return change->standing == SENSITIVITY_TOLD && (change->change > 0) == is_rise;
}
