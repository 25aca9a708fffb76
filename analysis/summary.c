/* summary.c - computing every metric of every scope, and what follows from them. */
#include "analysis/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/breaks.h"
#include "analysis/format.h"
#include "analysis/sections.h"
#include "models/months.h"
#include "sim/calendar.h"
#include "sim/error.h"
#include "sim/interval.h"
#include "sim/memory.h"

/* Neighbouring blocks of one run as correlated as this make its intervals too narrow. */
static const char *const watched_metrics[] = {"latency_mean_s", "cost_usd"};

static void find_saturation(struct summary *summary)
{
    const struct run_result *result = summary->result;
    summary->saturated_ns = -1;
    for (size_t r = 0; r < result->replication_count; r++) {
        bool any = false;
        for (size_t pool = 0; pool < result->config->pool_count; pool++) {
            sim_time_ns time_ns = result->replications[r].saturated_ns[pool];
            if (time_ns < 0)
                continue;
            any = true;
            if (summary->saturated_ns < 0 || time_ns < summary->saturated_ns) {
                summary->saturated_ns = time_ns;
                summary->saturated_pool = pool;
            }
        }
        summary->saturated_replications += any;
    }
}

static void tell_saturation(struct summary *summary)
{
    const struct world_config *config = summary->result->config;
    if (summary->saturated_ns < 0)
        return;
    if (!config->start || config->start[0] == '\0') {
        (void)snprintf(summary->saturated_from, sizeof summary->saturated_from, "%s",
                       format_span(summary->saturated_ns).text);
        return;
    }
    struct sim_calendar_date date = months_date(config, summary->saturated_ns);
    (void)snprintf(summary->saturated_from, sizeof summary->saturated_from, "%04d-%02d-%02d %02d:%02d", date.year,
                   date.month, date.day, date.hour, date.minute);
}

/* Before the end of the scope's span. */
static bool is_scope_saturated(const struct run_result *result, const struct scope *scope)
{
    for (size_t r = 0; r < result->replication_count; r++)
        for (size_t pool = 0; pool < result->config->pool_count; pool++) {
            sim_time_ns since_ns = result->replications[r].saturated_ns[pool];
            if (since_ns >= 0 && since_ns < scope->to_ns && scope_uses_pool(scope, result->config, pool))
                return true;
        }
    return false;
}

static void count_requests(struct summary *summary)
{
    const struct run_result *result = summary->result;
    for (size_t r = 0; r < result->replication_count; r++)
        for (size_t b = 1; b < result->replications[r].block_count; b++)
            for (size_t i = 0; i < result_class_count(result->config); i++)
                summary->request_count += result->replications[r].blocks[b].requests[i].arrived;
}

static void count_sections(struct summary *summary)
{
    const struct run_result *result = summary->result;
    sim_assert(result->replication_count > 0);
    const struct replication_result *first = &result->replications[0];
    summary->simulated_ns = first->blocks[first->block_count - 1].to_ns;
    bool follows_calendar = days_are_blocks(result);
    summary->is_batched = result->replication_count == 1 && result->replications[0].block_count > 2;
    summary->is_dated = summary->is_batched && follows_calendar;
    scope_list_cut_months(&summary->scopes, follows_calendar ? summary->simulated_ns : 0);
    summary->section_count = summary->is_batched ? result->replications[0].block_count - 1 : result->replication_count;
}

/* The sections of the whole run. */
static struct sections sections_of(const struct summary *summary)
{
    return (struct sections){.result = summary->result,
                             .is_batched = summary->is_batched,
                             .is_dated = summary->is_dated,
                             .count = summary->section_count,
                             .first_block = 1};
}

static struct sections sections_of_days(const struct summary *summary, const struct days *days)
{
    struct sections sections = sections_of(summary);
    sections.count = days->count;
    sections.first_block = days->first_block;
    return sections;
}

/* Everything of a scope. */
static struct cell *pool_all(const struct summary *summary, const struct samples *samples, const struct scope *scope)
{
    struct cell *cell = cell_create(summary->result, samples, scope);
    for (size_t r = 0; r < summary->result->replication_count; r++)
        cell_add_replication(cell, summary->result, r);
    return cell;
}

void summary_sections(const struct summary *summary, const struct samples *samples, const struct scope *scope,
                      const struct metric *metric, double *values)
{
    struct cell *pooled = pool_all(summary, samples, scope);
    struct sections sections = sections_of(summary);
    sim_assert(!summary->is_dated);
    sections_compute(&sections, pooled, &metric, 1);
    memcpy(values, sections.values, sections.count * sizeof *values);
    sections_release(&sections);
    cell_destroy(pooled);
}

static size_t metrics_of_scope(const struct world_config *config, const struct scope *scope,
                               const struct metric **metrics)
{
    size_t count;
    const struct metric *all = metric_list(&count);
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (metric_applies(&all[i], config, scope))
            metrics[found++] = &all[i];
    return found;
}

void summary_scope_sections(const struct summary *summary, const struct scope *scope, double *values)
{
    size_t all_count;
    (void)metric_list(&all_count);
    const struct metric **metrics = sim_allocate(all_count, sizeof *metrics);
    size_t count = metrics_of_scope(summary->result->config, scope, metrics);
    struct cell *pooled = pool_all(summary, NULL, scope);
    struct sections sections = sections_of(summary);
    sim_assert(!summary->is_dated);
    sections_compute(&sections, pooled, metrics, count);
    memcpy(values, sections.values, count * sections.count * sizeof *values);
    sections_release(&sections);
    cell_destroy(pooled);
    free(metrics);
}

struct summary_days *summary_days_create(const struct summary *summary, const struct samples *samples,
                                         const struct scope *scope)
{
    size_t count;
    (void)metric_list(&count);
    struct summary_days *days = sim_allocate(1, sizeof *days);
    *days = (struct summary_days){.scope = scope, .days = days_of(summary->result, scope)};
    days->metrics = sim_allocate(count, sizeof *days->metrics);
    days->metric_count = metrics_of_scope(summary->result->config, scope, days->metrics);
    struct cell *pooled = pool_all(summary, samples, scope);
    struct sections sections = sections_of_days(summary, &days->days);
    sim_assert(summary->is_dated);
    sections_compute(&sections, pooled, days->metrics, days->metric_count);
    days->values = sections.values;
    days->requests = sections.requests;
    free(sections.ends);
    cell_destroy(pooled);
    return days;
}

void summary_days_destroy(struct summary_days *days)
{
    days_release(&days->days);
    free(days->metrics);
    free(days->values);
    free(days->requests);
    free(days);
}

struct estimate_basis summary_basis(const struct summary *summary, const struct cell *cell)
{
    struct estimate_basis basis = {.is_batched = summary->is_batched, .spread = NULL};
    basis.is_shared =
        cell->scope->kind == SCOPE_POOL && scope_is_shared_pool(summary->result->config, cell->scope->index);
    basis.is_saturated = is_scope_saturated(summary->result, cell->scope);
    basis.has_arrivals = cell->requests.arrived > 0;
    if (basis.has_arrivals)
        basis.in_flight_share = (double)cell->requests.outcomes[OUTCOME_IN_FLIGHT] / (double)cell->requests.arrived;
    return basis;
}

/* What all scopes share while they are summarised. */
struct summarising {
    struct summary *summary;
    const struct samples *samples;
    const struct metric **metrics; /* room for those of a scope */
    struct sim_detrend_memory
        *memories; /* of all days of the run, for its months: by metric, of all and of each pool */
};

static void add_row(struct summarising *work, struct cell *cell, const struct metric *metric, const double *values,
                    size_t section_count, const struct estimate_basis *basis)
{
    struct summary *summary = work->summary;
    double value = metric->value(metric, cell);
    uint64_t count = metric->count ? metric->count(metric, cell) : 0;
    summary->rows[summary->row_count++] =
        (struct summary_row){.scope = cell->scope,
                             .metric = metric,
                             .estimate = estimate_make(metric, value, count, values, section_count, basis)};
}

/* Where the scope and its months keep what they know of the days; NULL: it has no months. */
static struct sim_detrend_memory *memories_of(const struct summarising *work, const struct scope *scope,
                                              size_t metric_count)
{
    if (scope->kind == SCOPE_ALL || scope->kind == SCOPE_MONTH)
        return work->memories;
    if (scope->kind == SCOPE_POOL || scope->kind == SCOPE_POOL_MONTH)
        return work->memories + (1 + scope->index) * metric_count;
    return NULL;
}

/* Rows of figures that follow a trend from day to day. */
static void add_dated_rows(struct summarising *work, struct cell *cell, size_t metric_count, const struct days *days,
                           const struct sections *sections)
{
    size_t all_count;
    const struct metric *all = metric_list(&all_count);
    struct estimate_basis basis = summary_basis(work->summary, cell);
    struct sim_detrend_memory *memories = memories_of(work, cell->scope, all_count);
    for (size_t i = 0; i < metric_count; i++) {
        const struct metric *metric = work->metrics[i];
        struct sim_detrend_memory own = {0};
        struct sim_detrend_memory *memory = memories ? &memories[metric - all] : &own;
        const double *values = sections->values + i * sections->count;
        struct estimate_spread spread =
            days_spread(days, cell->scope, metric, values, sections->requests + i * sections->count, memory);
        basis.spread = &spread;
        add_row(work, cell, metric, values, sections->count, &basis);
    }
}

static void add_rows(struct summarising *work, struct cell *cell, size_t metric_count, const struct sections *sections)
{
    struct estimate_basis basis = summary_basis(work->summary, cell);
    for (size_t i = 0; i < metric_count; i++) {
        basis.ends = work->metrics[i]->kind == METRIC_PERCENTILE ? &sections->ends[i] : NULL;
        add_row(work, cell, work->metrics[i], sections->values + i * sections->count, sections->count, &basis);
    }
}

static void summarise_scope(struct summarising *work, const struct scope *scope)
{
    const struct summary *summary = work->summary;
    size_t metric_count = metrics_of_scope(summary->result->config, scope, work->metrics);
    struct cell *pooled = pool_all(summary, work->samples, scope);
    struct sections sections = sections_of(summary);
    struct days days = {0};
    if (summary->is_dated) {
        days = days_of(summary->result, scope);
        sections = sections_of_days(summary, &days);
    }
    sections_compute(&sections, pooled, work->metrics, metric_count);
    if (summary->is_dated)
        add_dated_rows(work, pooled, metric_count, &days, &sections);
    else
        add_rows(work, pooled, metric_count, &sections);
    days_release(&days);
    sections_release(&sections);
    cell_destroy(pooled);
}

static struct samples *samples_of_rows(const struct run_result *result)
{
    struct samples *samples = samples_create_for(result);
    samples_add(samples, result->rows, result->row_count);
    return samples;
}

static void summarise(struct summary *summary, const struct samples *samples)
{
    size_t metric_count;
    (void)metric_list(&metric_count);
    struct summarising work = {.summary = summary, .samples = samples};
    work.metrics = sim_allocate(metric_count, sizeof *work.metrics);
    work.memories = sim_allocate((1 + summary->result->config->pool_count) * metric_count, sizeof *work.memories);
    summary->rows = sim_allocate(metric_count * summary->scopes.count, sizeof *summary->rows);
    for (size_t i = 0; i < summary->scopes.count; i++)
        summarise_scope(&work, &summary->scopes.items[i]);
    free(work.metrics);
    free(work.memories);
}

static enum summary_verdict verdict_of(const struct slo_config *slo, double value)
{
    if (!isfinite(value))
        return VERDICT_UNKNOWN;
    bool is_met = (isnan(slo->at_most) || value <= slo->at_most) && (isnan(slo->at_least) || value >= slo->at_least);
    return is_met ? VERDICT_MET : VERDICT_MISSED;
}

enum summary_verdict summary_judge(const struct slo_config *slo, const struct estimate *estimate)
{
    if (estimate->is_unfinished && !isnan(slo->at_most))
        return VERDICT_MISSED;
    return verdict_of(slo, estimate->value);
}

static void judge_limits(struct summary *summary)
{
    const struct world_config *config = summary->result->config;
    summary->limits = sim_allocate(config->slo_count, sizeof *summary->limits);
    summary->limit_count = config->slo_count;
    for (size_t i = 0; i < config->slo_count; i++) {
        const struct slo_config *slo = &config->slos[i];
        const struct metric *metric = metric_find(slo->metric);
        struct summary_limit *limit = &summary->limits[i];
        *limit = (struct summary_limit){.slo = slo, .verdict = VERDICT_UNKNOWN};
        limit->row = metric ? summary_find(summary, slo->scope, metric->name) : NULL;
        if (!limit->row)
            continue;
        const struct estimate *estimate = &limit->row->estimate;
        limit->verdict = summary_judge(slo, estimate);
        limit->is_clear = isfinite(estimate->value) && verdict_of(slo, estimate->low) == limit->verdict &&
                          verdict_of(slo, estimate->high) == limit->verdict;
    }
}

static void note_saturation(struct summary *summary)
{
    if (summary->saturated_ns < 0)
        return;
    const char *pool = summary->result->config->pools[summary->saturated_pool].name;
    note_add(&summary->notes, NOTE_WARNING,
             "pool %s is saturated from %s on (%zu of %zu replications): requests come faster than they can be "
             "served, so percentiles are withheld%s; the cost stands",
             pool, summary->saturated_from, summary->saturated_replications, summary->result->replication_count,
             summary->scopes.items[summary->scopes.count - 1].kind == SCOPE_MONTH ? " but those of the months before"
                                                                                  : "");
}

static void note_in_flight(struct summary *summary)
{
    double in_flight = summary_value(summary, "all", "requests_in_flight");
    double arrived = summary_value(summary, "all", "requests_arrived");
    if (arrived > 0 && in_flight > ESTIMATE_IN_FLIGHT_LIMIT * arrived)
        note_add(&summary->notes, NOTE_WARNING,
                 "%.3g %% of the requests were still in flight when the run ended; percentiles beyond are withheld",
                 100 * in_flight / arrived);
}

enum {
    SWITCHES_MAX = 3 /* of one migration in a run: more of them, and it goes to and fro */
};

static void note_flapping(struct summary *summary)
{
    const struct world_config *config = summary->result->config;
    double migrations = summary_value(summary, "all", "migrations");
    size_t migrating = 0;
    const struct workload_config *last = NULL;
    for (size_t i = 0; i < config->workload_count; i++)
        if (workload_config_migrates(&config->workloads[i])) {
            migrating++;
            last = &config->workloads[i];
        }
    if (migrating == 0 || !(migrations > SWITCHES_MAX * (double)migrating))
        return;
    note_add(
        &summary->notes, NOTE_WARNING,
        "flapping: %s turned %.3g times between pool %s and pool %s in a run, and each time old containers are paid "
        "for until they are empty; put 'above' and 'below' further apart, or lengthen 'window'",
        migrating == 1 ? last->name : "migrations", migrations, last->pool, last->migration.to);
}

static void note_correlation(struct summary *summary)
{
    if (summary->is_dated)
        return;
    for (size_t i = 0; i < sizeof watched_metrics / sizeof *watched_metrics; i++) {
        const struct summary_row *row = summary_find(summary, "all", watched_metrics[i]);
        if (row && row->estimate.lag_1 > SIM_INTERVAL_LAG_1_LIMIT)
            note_add(&summary->notes, NOTE_WARNING,
                     "%s of neighbouring batches correlates (%.2f): its interval is too narrow; run longer or use "
                     "several replications",
                     watched_metrics[i], row->estimate.lag_1);
    }
}

struct summary *summary_create(const struct run_result *result, const struct summary_source *source)
{
    struct summary *summary = sim_allocate(1, sizeof *summary);
    summary->result = result;
    summary->version = source->version;
    summary->commit = source->commit;
    summary->scopes = scope_list_create(result->config);
    struct samples *own = !source->samples && result->rows_complete ? samples_of_rows(result) : NULL;
    const struct samples *samples = own ? own : source->samples;
    summary->is_exact = samples != NULL;
    count_sections(summary);
    count_requests(summary);
    find_saturation(summary);
    tell_saturation(summary);
    summarise(summary, samples);
    judge_limits(summary);
    breaks_find(summary, samples, &summary->breaks);
    note_saturation(summary);
    note_in_flight(summary);
    note_flapping(summary);
    note_correlation(summary);
    samples_destroy(own);
    if (source->notes)
        note_add_all(&summary->notes, source->notes);
    return summary;
}

void summary_destroy(struct summary *summary)
{
    if (!summary)
        return;
    scope_list_release(&summary->scopes);
    sim_array_release(&summary->breaks);
    note_list_release(&summary->notes);
    free(summary->rows);
    free(summary->limits);
    free(summary);
}

const struct summary_row *summary_find(const struct summary *summary, const char *scope, const char *metric)
{
    for (size_t i = 0; i < summary->row_count; i++)
        if (strcmp(summary->rows[i].scope->name, scope) == 0 && strcmp(summary->rows[i].metric->name, metric) == 0)
            return &summary->rows[i];
    return NULL;
}

double summary_value(const struct summary *summary, const char *scope, const char *metric)
{
    const struct summary_row *row = summary_find(summary, scope, metric);
    return row ? row->estimate.value : NAN;
}

bool summary_is_missed(const struct summary *summary)
{
    for (size_t i = 0; i < summary->limit_count; i++)
        if (summary->limits[i].verdict == VERDICT_MISSED)
            return true;
    return false;
}

const char *summary_verdict_text(enum summary_verdict verdict)
{
    static const char *const texts[] = {"met", "missed", "unknown"};
    return texts[verdict];
}
