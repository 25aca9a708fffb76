/* metric_money.c - what things cost. */
#include "analysis/metric_internal.h"

double metric_money_cost(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run(cell_cost(cell), cell);
}

double metric_money_per_1k_requests(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio(cell_cost(cell) * 1e3, metric_completed_in_window(cell));
}

double metric_money_per_1m_tokens(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio(cell_cost(cell) * 1e6, metric_output_tokens(cell));
}

double metric_money_per_month(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio(cell_cost(cell) * ((double)cell->config->month_ns / 1e9), metric_window_s(cell));
}

double metric_money_of_state(const struct metric *metric, struct cell *cell)
{
    return metric_per_run(cell_state_cost(cell, (enum container_state)metric->part), cell);
}

double metric_money_without_starting(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run(cell_cost(cell) - cell_state_cost(cell, CONTAINER_STARTING), cell);
}
