/* report_months.c - two tables with a line per month: times, and money. */
#include "analysis/report_months.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/breaks.h"
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

static void print_enough(const struct break_found *found, FILE *out)
{
    bool is_money = strcmp(found->kind, "budget") == 0;
    bool is_gpus = strcmp(found->kind, "quota") == 0;
    if (is_money || !isfinite(found->enough))
        return;
    fprintf(out, "\n    about %s %s would have been enough (%s)", format_count((int64_t)found->enough).text,
            is_gpus ? "GPUs" : "containers", found->how);
}

static void print_break(const struct break_found *found, FILE *out)
{
    fprintf(out, "  %s ", found->month);
    if (strcmp(found->kind, "slo") == 0)
        fprintf(out, "%s of %s is %s, the limit %s", found->metric, found->scope,
                isfinite(found->value) ? format_figure(found->value, found->unit, -1).text : "not known",
                format_figure(found->limit, found->unit, -1).text);
    else if (strcmp(found->kind, "budget") == 0)
        fprintf(out, "the cost of %s is %s, the budget %s", found->scope, format_figure(found->value, "USD", -1).text,
                format_figure(found->limit, "USD", -1).text);
    else if (strcmp(found->kind, "quota") == 0)
        fprintf(out, "requests wait in %s for want of GPUs under the quota; it had %s", found->scope,
                format_figure(found->limit, "", 0).text);
    else if (strcmp(found->kind, "max_containers") == 0)
        fprintf(out, "requests wait in %s because of max_containers; it had %s", found->scope,
                format_figure(found->limit, "", 0).text);
    else
        fprintf(out, "%s is saturated to the end", found->scope);
    print_enough(found, out);
    fputc('\n', out);
}

static void print_breaks(const struct summary *summary, const struct style *style, FILE *out)
{
    const struct break_found *found = summary->breaks.items;
    if (summary->breaks.count > 0)
        fprintf(out, "\n%sFirst month in which it is not enough%s\n", style->bold, style->plain);
    for (size_t i = 0; i < summary->breaks.count; i++)
        print_break(&found[i], out);
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
    print_breaks(summary, style, out);
}
