/* report_months.c - two tables with a line per month: times, and money. */
#include "analysis/report_months.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/format.h"

/* One column of a table. */
struct column {
    const char *metric;
    const char *heading;
    int width;
    int significant; /* digits */
    bool has_interval;
};

static const struct column time_columns[] = {
    {"requests_arrived", "requests", 13, 0, false}, {"latency_p50_s", "median s", 10, 3, false},
    {"latency_p95_s", "p95 s", 25, 3, true},        {"latency_p99_s", "p99 s", 9, 3, false},
    {"slo_attainment", "in limits", 11, 4, false},  {"containers_mean", "containers", 12, 3, false},
    {"containers_max", "most", 7, 0, false},
};

static const struct column money_columns[] = {
    {"cost_usd", "cost $", 30, 4, true},
    {"cost_busy_usd", "serving", 9, 0, false},
    {"cost_idle_usd", "idle", 7, 0, false},
    {"cost_starting_usd", "starting", 10, 0, false},
    {"cost_draining_usd", "draining", 10, 0, false},
    {"cost_usd_per_1k_requests", "per 1,000", 11, 4, false},
    {"cold_starts", "cold starts", 13, 0, false},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The parts of a month's cost are shares of it. */
static bool is_share_of_cost(const char *metric)
{
    return strncmp(metric, "cost_", 5) == 0 && strcmp(metric, "cost_usd") != 0 &&
           strcmp(metric, "cost_usd_per_1k_requests") != 0;
}

static bool is_shown(const struct summary *summary, const struct column *column)
{
    const struct summary_row *row = summary_find(summary, "all", column->metric);
    bool is_optional = strcmp(column->metric, "cost_draining_usd") == 0;
    return row && (!is_optional || row->estimate.value > 0);
}

static void print_cell(const struct summary *summary, const char *scope, const struct column *column, FILE *out)
{
    char text[160] = "-";
    const struct summary_row *row = summary_find(summary, scope, column->metric);
    if (!row || !isfinite(row->estimate.value)) {
        fprintf(out, "%*s", column->width, text);
        return;
    }
    const struct estimate *estimate = &row->estimate;
    bool is_part = is_share_of_cost(column->metric);
    double whole = is_part ? summary_value(summary, scope, "cost_usd") : 1;
    const char *unit = is_part || strcmp(row->metric->unit, "ratio") == 0 ? "ratio" : "";
    double value = is_part ? (whole > 0 ? estimate->value / whole : NAN) : estimate->value;
    double shown = strcmp(unit, "ratio") == 0 ? 100 * value : value;
    int decimals = column->significant ? format_decimals(shown, column->significant) : 0;
    if (column->has_interval && isfinite(estimate->low))
        (void)snprintf(text, sizeof text, "%s (%s .. %s)", format_figure(value, unit, decimals).text,
                       format_figure(estimate->low, unit, decimals).text,
                       format_figure(estimate->high, unit, decimals).text);
    else
        (void)snprintf(text, sizeof text, "%s", format_figure(value, unit, decimals).text);
    fprintf(out, "%*s", column->width, text);
}

static void print_table(const struct summary *summary, const struct column *columns, size_t count,
                        const struct style *style, FILE *out)
{
    fprintf(out, "\n%s%-9s", style->bold, "Month");
    for (size_t i = 0; i < count; i++)
        if (is_shown(summary, &columns[i]))
            fprintf(out, "%*s", columns[i].width, columns[i].heading);
    fprintf(out, "%s\n", style->plain);
    for (size_t i = 0; i < summary->scopes.count; i++) {
        const struct scope *scope = &summary->scopes.items[i];
        if (scope->kind != SCOPE_MONTH)
            continue;
        fprintf(out, "  %s", scope->name + strlen("month/"));
        for (size_t k = 0; k < count; k++)
            if (is_shown(summary, &columns[k]))
                print_cell(summary, scope->name, &columns[k], out);
        fputc('\n', out);
    }
}

static bool has_months(const struct summary *summary)
{
    return summary->scopes.count > 0 && summary->scopes.items[summary->scopes.count - 1].kind == SCOPE_MONTH;
}

void report_months_print(const struct summary *summary, const struct style *style, FILE *out)
{
    if (!has_months(summary))
        return;
    print_table(summary, time_columns, COUNT(time_columns), style, out);
    if (summary_value(summary, "all", "cost_usd") > 0)
        print_table(summary, money_columns, COUNT(money_columns), style, out);
}
