/* report.c - the layout of the summary. Tables of lines say what is shown; the rest is printing. */
#include "analysis/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/format.h"
#include "analysis/report_source.h"
#include "analysis/style.h"
#include "models/pricing.h"
#include "sim/error.h"
#include "sim/memory.h"

/* One figure of scope `all`. Lines whose metric is missing are left out. */
struct line {
    const char *metric;
    const char *label;
    const char *unit; /* shown in place of the metric's; NULL: that one */
    bool if_positive; /* shown only when above 0 */
};

static const struct line cost_lines[] = {
    {"cost_usd_per_month", "per month", NULL, false},
    {"cost_usd_per_1k_requests", "per 1,000 requests", NULL, false},
    {"cost_usd_per_1m_output_tokens", "per million output tokens", NULL, false},
    {"cost_usd", "of the run", NULL, false},
    {"cost_without_starting_usd", "of the run, were starts not billed", NULL, false},
    {"gpu_hours", "GPU hours", "h", false},
};

static const struct line time_lines[] = {
    {"latency_mean_s", "latency, mean", NULL, false},
    {"latency_p50_s", "  median", NULL, false},
    {"latency_p95_s", "  95th percentile", NULL, false},
    {"latency_p99_s", "  99th percentile", NULL, false},
    {"latency_max_s", "  longest", NULL, false},
    {"wait_mean_s", "wait, mean", NULL, false},
    {"wait_p95_s", "  95th percentile", NULL, false},
    {"ttft_p50_s", "first output, median", NULL, false},
    {"ttft_p95_s", "  95th percentile", NULL, false},
    {"tpot_p50_s", "time per output token, median", NULL, false},
    {"tpot_p95_s", "  95th percentile", NULL, false},
    {"rtf_p50", "latency / audio made, median", "", false},
    {"rtf_p95", "  95th percentile", "", false},
    {"makespan_s", "first arrival to last completion", NULL, false},
};

static const struct line request_lines[] = {
    {"requests_arrived", "arrived", NULL, false},
    {"throughput_rps", "completed per second", "", false},
    {"requests_failed", "failed", NULL, true},
    {"requests_timed_out", "timed out", NULL, true},
    {"requests_rejected", "rejected", NULL, true},
    {"requests_in_flight", "unfinished at the end", NULL, true},
    {"cold_request_share", "waited for a container to start", NULL, false},
    {"slo_attainment", "within all limits", NULL, false},
    {"output_tokens_per_s", "output tokens per second", "", false},
};

static const struct line container_lines[] = {
    {"containers_mean", "containers, mean", NULL, false},
    {"containers_max", "  most", NULL, false},
    {"cold_starts", "cold starts", NULL, false},
    {"snapshot_restores", "snapshot restores", NULL, true},
    {"failed_starts", "failed starts", NULL, true},
    {"crashes", "crashes", NULL, true},
    {"container_utilisation", "busy share of ready time", NULL, false},
    {"slot_utilisation", "slots used", NULL, false},
    {"batch_mean", "requests served together, mean", NULL, false},
    {"kv_utilisation_mean", "key-value memory used, mean", NULL, false},
    {"kv_utilisation_max", "  most", NULL, false},
    {"preemptions", "preemptions", NULL, true},
    {"queue_mean", "queue, mean", NULL, false},
    {"queue_max", "  longest", NULL, false},
};

static const int label_width = 36;
static const int value_width = 12;

static bool is_shown(const struct line *line, const struct summary_row *row)
{
    if (!row)
        return false;
    if (strcmp(line->metric, "cost_without_starting_usd") == 0 || line->if_positive)
        return row->estimate.value > 0;
    return true;
}

/* Digits after the point: three significant ones where the interval leaves more in doubt, otherwise four; whole
 * numbers stay whole.
 */
static int decimals_of(const struct estimate *estimate, double scale)
{
    double value = fabs(estimate->value);
    bool has_interval = isfinite(estimate->low);
    double width = has_interval ? estimate->high - estimate->low : 0;
    if (scale * value >= 1000 || (estimate->value == floor(estimate->value) && width == 0))
        return 0;
    return format_decimals(scale * value, width > 0.02 * value ? 3 : 4);
}

static void print_line(const struct summary *summary, const struct line *line, FILE *out)
{
    const struct summary_row *row = summary_find(summary, "all", line->metric);
    if (!is_shown(line, row))
        return;
    const struct estimate *estimate = &row->estimate;
    const char *unit = line->unit ? line->unit : row->metric->unit;
    double scale = strcmp(unit, "ratio") == 0 ? 100 : 1;
    int decimals = decimals_of(estimate, scale);
    struct format_text value = format_figure(estimate->value, unit, decimals);
    fprintf(out, "  %-*s%*s", label_width, line->label, value_width, value.text);
    if (isfinite(estimate->low))
        fprintf(out, "   %s .. %s\n", format_figure(scale * estimate->low, "", decimals).text,
                format_figure(scale * estimate->high, "", decimals).text);
    else
        fprintf(out, "   (%s)\n", estimate->reason);
}

static void print_lines(const struct summary *summary, const char *heading, const struct line *lines, size_t count,
                        const struct style *style, FILE *out)
{
    fprintf(out, "\n%s%s%s\n", style->bold, heading, style->plain);
    for (size_t i = 0; i < count; i++)
        print_line(summary, &lines[i], out);
}

/* ---- Where each dollar goes ---- */

static double share(const struct summary *summary, const char *scope, const char *metric, double whole)
{
    return summary_value(summary, scope, metric) / whole;
}

static void print_dollar(const struct summary *summary, const char *name, const char *scope, const struct style *style,
                         FILE *out)
{
    static const char *const states[][2] = {{"cost_busy_usd", "serving"},
                                            {"cost_idle_usd", "idle"},
                                            {"cost_starting_usd", "starting"},
                                            {"cost_draining_usd", "draining"}};
    double whole = 0;
    for (size_t i = 0; i < 4; i++)
        whole += summary_value(summary, scope, states[i][0]);
    fprintf(out, "%sEach dollar for %s%s: ", style->bold, name, style->plain);
    if (!(whole > 0)) {
        fputs("nothing was spent\n", out);
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        double part = share(summary, scope, states[i][0], whole);
        if (i == 3 && !(part > 0))
            continue;
        fprintf(out, "%s$%.2f %s", i > 0 ? ", " : "", part, states[i][1]);
    }
    fputc('\n', out);
}

static void print_dollars(const struct summary *summary, const struct style *style, FILE *out)
{
    const struct world_config *config = summary->result->config;
    for (size_t i = 0; i < summary->scopes.count; i++) {
        const struct scope *scope = &summary->scopes.items[i];
        if (scope->kind == SCOPE_POOL)
            print_dollar(summary, config->pools[scope->index].name, scope->name, style, out);
    }
    if (config->pool_count > 1)
        print_dollar(summary, "all pools", "all", style, out);
}

static void print_title(const struct summary *summary, const struct style *style, FILE *out)
{
    const struct world_config *config = summary->result->config;
    size_t replications = summary->result->replication_count;
    fprintf(out, "\n%s%s%s: %s", style->bold, config->name, style->plain, format_span(config->duration_ns).text);
    if (config->warm_up_ns > 0)
        fprintf(out, " less %s warm-up", format_span(config->warm_up_ns).text);
    fprintf(out, ", %zu replication%s, seed %lld, %s requests\n", replications, replications == 1 ? "" : "s",
            (long long)config->seed, format_count(summary->request_count).text);
}

/* ---- Pools, workloads and classes side by side ---- */

static bool is_compared(const struct summary *summary, enum scope_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < summary->scopes.count; i++)
        count += summary->scopes.items[i].kind == kind;
    return count > 1;
}

static const char *const compared_metrics[] = {"throughput_rps", "latency_p50_s", "latency_p95_s",
                                               "latency_p99_s",  "wait_p95_s",    "cost_usd_per_month"};
static const char *const compared_headings[] = {"req/s", "median", "p95", "p99", "wait p95", "per month"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Money is known by pool only. */
static size_t compared_count(const struct summary *summary)
{
    return COUNT(compared_metrics) - (is_compared(summary, SCOPE_POOL) ? 0 : 1);
}

static void print_scope(const struct summary *summary, const struct scope *scope, FILE *out)
{
    fprintf(out, "  %-28s", scope->name);
    for (size_t i = 0; i < compared_count(summary); i++) {
        const struct summary_row *row = summary_find(summary, scope->name, compared_metrics[i]);
        const char *unit = i == 0 ? "" : row ? row->metric->unit : "";
        fprintf(out, "%11s", row ? format_figure(row->estimate.value, unit, -1).text : "");
    }
    fputc('\n', out);
}

static void print_scope_headings(const struct summary *summary, const struct style *style, FILE *out)
{
    fprintf(out, "\n%s%-30s", style->bold, "By part");
    for (size_t i = 0; i < compared_count(summary); i++)
        fprintf(out, "%11s", compared_headings[i]);
    fprintf(out, "%s\n", style->plain);
}

static void print_scopes(const struct summary *summary, const struct style *style, FILE *out)
{
    bool has_headings = false;
    for (size_t i = 0; i < summary->scopes.count; i++) {
        const struct scope *scope = &summary->scopes.items[i];
        if (scope->kind == SCOPE_ALL || !is_compared(summary, scope->kind))
            continue;
        if (!has_headings)
            print_scope_headings(summary, style, out);
        has_headings = true;
        print_scope(summary, scope, out);
    }
}

/* ---- Limits ---- */

static void print_limit(const struct summary_limit *limit, const struct style *style, FILE *out)
{
    const char *color = limit->verdict == VERDICT_MET ? style->green : style->red;
    const char *unit = limit->row ? limit->row->metric->unit : "";
    fprintf(out, "  %s%-8s%s%s of %s", color, summary_verdict_text(limit->verdict), style->plain, limit->slo->metric,
            limit->slo->scope);
    if (limit->row && isfinite(limit->row->estimate.value))
        fprintf(out, " is %s", format_figure(limit->row->estimate.value, unit, -1).text);
    if (!isnan(limit->slo->at_most))
        fprintf(out, ", at most %s", format_figure(limit->slo->at_most, unit, -1).text);
    if (!isnan(limit->slo->at_least))
        fprintf(out, ", at least %s", format_figure(limit->slo->at_least, unit, -1).text);
    if (!limit->row)
        fputs(" (there is no such figure in this run)", out);
    else if (limit->verdict == VERDICT_UNKNOWN)
        fprintf(out, " (%s)", limit->row->estimate.reason);
    else if (isfinite(limit->row->estimate.low) && !limit->is_clear)
        fputs(" (the limit lies within the interval)", out);
    fputc('\n', out);
}

static void print_limits(const struct summary *summary, const struct style *style, FILE *out)
{
    if (summary->limit_count == 0)
        return;
    fprintf(out, "\n%sLimits%s\n", style->bold, style->plain);
    for (size_t i = 0; i < summary->limit_count; i++)
        print_limit(&summary->limits[i], style, out);
}

void report_print(const struct summary *summary, bool use_color, FILE *out)
{
    struct style style = style_of(use_color);
    print_dollars(summary, &style, out);
    print_title(summary, &style, out);
    if (summary->saturated_ns >= 0)
        fprintf(out, "%sSaturated%s: more is asked of pool %s than it can serve, from %s on\n", style.red, style.plain,
                summary->result->config->pools[summary->saturated_pool].name, format_span(summary->saturated_ns).text);
    fprintf(out, "\n%s%-*s%*s   %s%s\n", style.bold, label_width + 2, "Cost", value_width, "", "95 % interval",
            style.plain);
    for (size_t i = 0; i < COUNT(cost_lines); i++)
        print_line(summary, &cost_lines[i], out);
    print_lines(summary, "Time", time_lines, COUNT(time_lines), &style, out);
    print_lines(summary, "Requests", request_lines, COUNT(request_lines), &style, out);
    print_lines(summary, "Containers", container_lines, COUNT(container_lines), &style, out);
    print_scopes(summary, &style, out);
    print_limits(summary, &style, out);
    report_source_print(summary, &style, out);
}
