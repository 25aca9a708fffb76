/* sections.c - sections one after another, and percentiles by way of shares. */
#include "analysis/sections.h"

#include <math.h>
#include <stdlib.h>

#include "sim/interval.h"
#include "sim/memory.h"

static void add_section(const struct sections *sections, struct cell *cell, size_t section)
{
    if (sections->is_batched)
        cell_add_block(cell, sections->result, 0, sections->first_block + section);
    else
        cell_add_replication(cell, sections->result, section);
}

static bool is_by_shares(const struct sections *sections, const struct metric *metric)
{
    return metric->kind == METRIC_PERCENTILE && !sections->is_dated;
}

/* Of a percentile the share of requests at or below that of all, `level`. */
static double value_in(const struct sections *sections, const struct metric *metric, struct cell *cell, double level)
{
    if (is_by_shares(sections, metric))
        return cell_share_at_most(cell, metric->duration, level);
    return metric->value(metric, cell);
}

static void take_section(struct sections *sections, struct cell *cell, size_t section,
                         const struct metric *const *metrics, size_t metric_count, const double *levels)
{
    cell_clear(cell);
    add_section(sections, cell, section);
    for (size_t i = 0; i < metric_count; i++) {
        size_t place = i * sections->count + section;
        sections->values[place] = value_in(sections, metrics[i], cell, levels[i]);
        sections->requests[place] = metrics[i]->count ? (double)metrics[i]->count(metrics[i], cell) : 0;
    }
}

/* Shares become moves, in place; returns t' s. */
static double find_moves(double *values, const double *requests, size_t count, double share)
{
    double all = 0;
    for (size_t i = 0; i < count; i++)
        all += requests[i];
    for (size_t i = 0; i < count; i++)
        values[i] = requests[i] > 0 ? (double)count * requests[i] / all * (share - values[i]) : 0;
    return sim_interval_of_sections(0, values, count).half_width;
}

/* d, from t' s. */
static double lengthen(double reach, size_t count, double tail)
{
    if (!(reach > 0))
        return reach;
    double t = sim_interval_t(count - 1);
    double relative = reach / t / tail;
    double degrees = 2 / (2 / (double)(count - 1) + 6 * relative * relative);
    return reach / t * sim_interval_t_between(fmax(degrees, 1));
}

static struct estimate_ends ends_of(const struct metric *metric, struct cell *pooled, double level, double reach)
{
    struct estimate_ends ends = {NAN, NAN};
    if (!(metric->share + reach < 1) && reach != 0)
        return ends;
    ends.low = fmin(level, cell_quantile(pooled, metric->duration, fmax(metric->share - reach, 0)));
    ends.high = fmax(level, cell_quantile(pooled, metric->duration, metric->share + reach));
    return ends;
}

/* From the shares of a percentile to its interval, and to values that vary as it does. */
static void bring_back(struct sections *sections, size_t place, const struct metric *metric, struct cell *pooled,
                       double level)
{
    double *values = sections->values + place * sections->count;
    double share = cell_share_at_most(pooled, metric->duration, level);
    double reach = find_moves(values, sections->requests + place * sections->count, sections->count, share);
    double lengthened = lengthen(reach, sections->count, 1 - metric->share);
    struct estimate_ends ends = ends_of(metric, pooled, level, lengthened);
    double slope = reach > 0 ? (ends.high - ends.low) / (2 * reach) : 0;
    for (size_t i = 0; i < sections->count; i++)
        values[i] = level + slope * values[i];
    sections->ends[place] = ends;
}

void sections_compute(struct sections *sections, struct cell *pooled, const struct metric *const *metrics,
                      size_t metric_count)
{
    struct cell *cell = cell_create(sections->result, pooled->samples, pooled->scope);
    double *levels = sim_allocate(metric_count, sizeof *levels);
    sections->values = sim_allocate(metric_count * sections->count, sizeof *sections->values);
    sections->requests = sim_allocate(metric_count * sections->count, sizeof *sections->requests);
    sections->ends = sim_allocate(metric_count, sizeof *sections->ends);
    for (size_t i = 0; i < metric_count; i++)
        levels[i] = is_by_shares(sections, metrics[i]) ? metrics[i]->value(metrics[i], pooled) : NAN;
    for (size_t section = 0; section < sections->count; section++)
        take_section(sections, cell, section, metrics, metric_count, levels);
    for (size_t i = 0; i < metric_count; i++)
        if (isfinite(levels[i]))
            bring_back(sections, i, metrics[i], pooled, levels[i]);
    free(levels);
    cell_destroy(cell);
}

void sections_release(struct sections *sections)
{
    free(sections->values);
    free(sections->requests);
    free(sections->ends);
    *sections = (struct sections){0};
}
