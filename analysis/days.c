/* days.c - from blocks to points of a fit. */
#include "analysis/days.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/months.h"
#include "sim/calendar.h"
#include "sim/memory.h"

bool days_are_blocks(const struct run_result *result)
{
    const struct replication_result *first = &result->replications[0];
    struct sim_array ends;
    if (!months_apply(result->config))
        return false;
    months_block_ends(result->config, 0, &ends);
    const sim_time_ns *end_ns = ends.items;
    size_t count = first->block_count - 1;
    bool is_same = count <= ends.count && first->blocks[count].to_ns <= end_ns[count - 1];
    for (size_t i = 0; i + 1 < count && is_same; i++)
        is_same = first->blocks[i + 1].to_ns == end_ns[i];
    sim_array_release(&ends);
    return is_same;
}

static bool has_workload(const struct scope *scope, const struct world_config *config, size_t workload)
{
    size_t first = result_class_index(config, workload, 0);
    for (size_t i = 0; i < config->workloads[workload].class_count; i++)
        if (scope_has_class(scope, config, first + i) ||
            (scope->kind == SCOPE_POOL_MONTH &&
             workload_config_uses_pool(&config->workloads[workload], i, scope->index)))
            return true;
    return false;
}

static double expected_rate(const struct world_config *config, const struct scope *scope,
                            const struct result_block *block)
{
    double expected = 0;
    for (size_t i = 0; i < config->workload_count; i++)
        expected += has_workload(scope, config, i) ? block->expected[i] : 0;
    return expected / sim_time_to_s(block->to_ns - block->from_ns);
}

struct days days_of(const struct run_result *result, const struct scope *scope)
{
    const struct replication_result *first = &result->replications[0];
    struct days days = {0};
    days.days = sim_allocate(first->block_count, sizeof *days.days);
    for (size_t b = 1; b < first->block_count; b++) {
        const struct result_block *block = &first->blocks[b];
        if (!scope_has_block(scope, block))
            continue;
        if (days.count == 0)
            days.first_block = b;
        struct sim_calendar_date date = months_date(result->config, block->from_ns);
        days.days[days.count++] = (struct day){
            .length = (double)(block->to_ns - block->from_ns) / (double)(scope->to_ns - scope->from_ns),
            .expected = expected_rate(result->config, scope, block),
            .weekday = date.weekday,
            .month = (size_t)(date.year * 12 + date.month),
        };
    }
    return days;
}

void days_release(struct days *days)
{
    free(days->days);
    *days = (struct days){0};
}

/* Means and shares of requests are pooled over them; everything else is a pace over time. */
static bool is_of_requests(const struct metric *metric)
{
    return metric->count && (strcmp(metric->unit, "s") == 0 || strcmp(metric->unit, "ratio") == 0);
}

/* A month of its own; short ones at the ends of the run go with their neighbours. */
static size_t stretch_end(const struct days *days, size_t first)
{
    size_t end = first;
    while (end < days->count && days->days[end].month == days->days[first].month)
        end++;
    bool is_short = end - first < SIM_DETREND_POINTS_FOR_GROUPS;
    bool leaves_little = end < days->count && days->count - end < SIM_DETREND_POINTS_FOR_GROUPS;
    if (end < days->count && (is_short || leaves_little))
        return stretch_end(days, end);
    return end;
}

struct estimate_spread days_spread(const struct days *days, const struct scope *scope, const struct metric *metric,
                                   const double *values, const double *requests, struct sim_detrend_memory *memory)
{
    bool is_month = scope->kind == SCOPE_MONTH || scope->kind == SCOPE_POOL_MONTH;
    struct sim_detrend_point *points = sim_allocate(days->count, sizeof *points);
    struct sim_detrend *stretches = sim_allocate(days->count, sizeof *stretches);
    for (size_t i = 0; i < days->count; i++) {
        const struct day *day = &days->days[i];
        double weight = is_of_requests(metric) ? requests[i] : day->length;
        points[i] = (struct sim_detrend_point){values[i], weight, day->expected, day->weekday};
    }
    size_t count = 0;
    for (size_t first = 0, end; first < days->count; first = end, count++) {
        end = stretch_end(days, first);
        stretches[count] = sim_detrend_fit(points + first, end - first, is_month ? NULL : memory);
    }
    double inflation = sim_detrend_inflation(memory);
    struct estimate_spread spread = {.half_width = sim_detrend_half_width(stretches, count, inflation),
                                     .lag_1 = sim_detrend_lag_1(memory)};
    free(points);
    free(stretches);
    return spread;
}
