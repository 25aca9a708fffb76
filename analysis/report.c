/* report.c - the layout of the summary. Tables of lines say what is shown; the rest is printing. */
#include "analysis/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/format.h"
#include "analysis/report_months.h"
#include "analysis/report_source.h"
#include "analysis/report_watch.h"
#include "analysis/style.h"
#include "models/months.h"
#include "models/pricing.h"
#include "sim/error.h"
#include "sim/memory.h"

enum when {
    ALWAYS,
    IF_POSITIVE,
    OF_BURSTS,       /* only where nothing but bursts arrives */
    OF_BILLED_STARTS /* only where starting cost something */
};

/* One figure of scope `all`. Lines whose metric is missing are left out. */
struct line {
    const char *metric;
    const char *label;
    const char *unit; /* shown in place of the metric's; NULL: that one */
    enum when when;
};

static const struct line cost_lines[] = {
    {"cost_usd_per_month", "per month", NULL, ALWAYS},
    {"cost_usd_per_1k_requests", "per 1,000 requests", NULL, ALWAYS},
    {"cost_usd_per_1m_output_tokens", "per million output tokens", NULL, ALWAYS},
    {"cost_usd", "of the run", NULL, ALWAYS},
    {"cost_without_starting_usd", "of the run, were starts not billed", NULL, OF_BILLED_STARTS},
    {"gpu_hours", "GPU hours", "h", ALWAYS},
};

static const struct line time_lines[] = {
    {"latency_mean_s", "latency, mean", NULL, ALWAYS},
    {"latency_p50_s", "  median", NULL, ALWAYS},
    {"latency_p95_s", "  95th percentile", NULL, ALWAYS},
    {"latency_p99_s", "  99th percentile", NULL, ALWAYS},
    {"latency_max_s", "  longest", NULL, ALWAYS},
    {"turn_latency_p50_s", "turn of a session, median", NULL, ALWAYS},
    {"turn_latency_p95_s", "  95th percentile", NULL, ALWAYS},
    {"wait_mean_s", "wait, mean", NULL, ALWAYS},
    {"wait_p95_s", "  95th percentile", NULL, ALWAYS},
    {"ttft_p50_s", "first output, median", NULL, ALWAYS},
    {"ttft_p95_s", "  95th percentile", NULL, ALWAYS},
    {"tpot_p50_s", "time per output token, median", NULL, ALWAYS},
    {"tpot_p95_s", "  95th percentile", NULL, ALWAYS},
    {"rtf_p50", "latency / audio made, median", "", ALWAYS},
    {"rtf_p95", "  95th percentile", "", ALWAYS},
    {"makespan_s", "first arrival to last completion", NULL, OF_BURSTS},
};

static const struct line request_lines[] = {
    {"requests_arrived", "arrived", NULL, ALWAYS},
    {"turns", "turns of sessions", NULL, ALWAYS},
    {"throughput_rps", "completed per second", "", ALWAYS},
    {"requests_failed", "failed", NULL, IF_POSITIVE},
    {"requests_timed_out", "timed out", NULL, IF_POSITIVE},
    {"requests_rejected", "rejected", NULL, IF_POSITIVE},
    {"requests_in_flight", "unfinished at the end", NULL, IF_POSITIVE},
    {"cold_request_share", "waited for a container to start", NULL, ALWAYS},
    {"slo_attainment", "within all limits", NULL, ALWAYS},
    {"output_tokens_per_s", "output tokens per second", "", ALWAYS},
};

static const struct line container_lines[] = {
    {"containers_mean", "containers, mean", NULL, ALWAYS},
    {"containers_max", "  most", NULL, ALWAYS},
    {"cold_starts", "cold starts", NULL, ALWAYS},
    {"snapshot_restores", "snapshot restores", NULL, IF_POSITIVE},
    {"failed_starts", "failed starts", NULL, IF_POSITIVE},
    {"crashes", "crashes", NULL, IF_POSITIVE},
    {"interruptions", "interruptions", NULL, IF_POSITIVE},
    {"lost_work_s", "time of lost work", NULL, IF_POSITIVE},
    {"container_utilisation", "busy share of ready time", NULL, ALWAYS},
    {"slot_utilisation", "slots used", NULL, ALWAYS},
    {"batch_mean", "requests served together, mean", NULL, ALWAYS},
    {"kv_utilisation_mean", "key-value memory used, mean", NULL, ALWAYS},
    {"kv_utilisation_max", "  most", NULL, ALWAYS},
    {"preemptions", "preemptions", NULL, IF_POSITIVE},
    {"memory_utilisation_mean", "GPU memory used, mean", NULL, ALWAYS},
    {"memory_utilisation_max", "  most", NULL, ALWAYS},
    {"out_of_memory", "attempts out of memory", NULL, IF_POSITIVE},
    {"other_gpu_share", "time on another GPU than asked for", NULL, ALWAYS},
    {"queue_mean", "queue, mean", NULL, ALWAYS},
    {"queue_max", "  longest", NULL, ALWAYS},
    {"migrations", "migrations", NULL, ALWAYS},
};

static const int label_width = 36;
static const int value_width = 12;

static bool is_shown(const struct summary *summary, const struct line *line, const struct summary_row *row)
{
    switch (line->when) {
    case IF_POSITIVE:
        return row->estimate.value > 0;
    case OF_BURSTS:
        return scope_is_burst_only(summary->result->config);
    case OF_BILLED_STARTS:
        return summary_value(summary, "all", "cost_starting_usd") > 0;
    default:
        return true;
    }
}

/* Digits after the point: four significant ones, three where the interval leaves more in doubt, five where it is
 * narrower than four can show; whole numbers stay whole.
 */
static int decimals_of(const struct estimate *estimate, double scale)
{
    double value = fabs(estimate->value);
    bool has_interval = isfinite(estimate->low);
    double width = has_interval ? estimate->high - estimate->low : 0;
    if (scale * value >= 1000 || (estimate->value == floor(estimate->value) && width == 0))
        return 0;
    return format_decimals(scale * value, width > 0.02 * value ? 3 : width > 0.0002 * value || !has_interval ? 4 : 5);
}

static void print_line(const struct summary *summary, const struct line *line, FILE *out)
{
    const struct summary_row *row = summary_find(summary, "all", line->metric);
    if (!row || !is_shown(summary, line, row))
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
    else if (summary->section_count > 1 || !isfinite(estimate->value))
        fprintf(out, "   (%s)\n", estimate->reason);
    else /* the end of the report says why nothing has an interval */
        fputc('\n', out);
}

static void print_lines(const struct summary *summary, const struct line *lines, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++)
        print_line(summary, &lines[i], out);
}

static bool has_price(const struct world_config *config)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (pricing_container_rate(&config->pools[i]) > 0 || config->pools[i].price_count > 0)
            return true;
    return false;
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
        fputs("there is none: no price, or no containers\n", out);
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
        bool is_part = scope->kind == SCOPE_POOL || scope->kind == SCOPE_WORKLOAD || scope->kind == SCOPE_CLASS;
        if (!is_part || !is_compared(summary, scope->kind))
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
    else if (!isfinite(limit->row->estimate.value))
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

static void print_figures(const struct summary *summary, const struct style *style, FILE *out)
{
    const struct {
        const char *heading;
        const struct line *lines;
        size_t count;
    } parts[] = {{"Cost", cost_lines, COUNT(cost_lines)},
                 {"Time", time_lines, COUNT(time_lines)},
                 {"Requests", request_lines, COUNT(request_lines)},
                 {"Containers", container_lines, COUNT(container_lines)}};
    bool is_first = true;
    for (size_t i = has_price(summary->result->config) ? 0 : 1; i < COUNT(parts); i++) {
        const char *note = is_first && summary->section_count > 1 ? "95 % interval" : "";
        fprintf(out, "\n%s%-*s%s%s\n", style->bold, note[0] ? label_width + value_width + 5 : 0, parts[i].heading, note,
                style->plain);
        print_lines(summary, parts[i].lines, parts[i].count, out);
        is_first = false;
    }
}

/* Up to when: as a date where the run has months. */
static void print_end(const struct summary *summary, FILE *out)
{
    const struct world_config *config = summary->result->config;
    if (!months_apply(config)) {
        fprintf(out, "%s of %s\n", format_figure(sim_time_to_s(summary->simulated_ns), "s", -1).text,
                format_span(config->duration_ns).text);
        return;
    }
    struct sim_calendar_date date = months_date(config, summary->simulated_ns);
    fprintf(out, "%04d-%02d-%02d %02d:%02d, of %s\n", date.year, date.month, date.day, date.hour, date.minute,
            format_span(config->duration_ns).text);
}

static void print_ending(const struct summary *summary, const struct style *style, FILE *out)
{
    const struct run_result *result = summary->result;
    if (result->ending == RUN_STOPPED)
        fprintf(out, "%sStopped%s: after the first month in which something breaks, as the scenario asks: at ",
                style->bold, style->plain);
    else if (result->ending == RUN_INTERRUPTED)
        fprintf(out, "%sPartial%s: the run was interrupted; these are %zu of %lld replications, up to ", style->red,
                style->plain, result->replication_count, (long long)result->config->replications);
    if (result->ending != RUN_WHOLE)
        print_end(summary, out);
}

void report_print(const struct summary *summary, bool use_color, FILE *out)
{
    struct style style = style_of(use_color);
    print_dollars(summary, &style, out);
    print_title(summary, &style, out);
    print_ending(summary, &style, out);
    if (summary->saturated_ns >= 0)
        fprintf(out, "%sSaturated%s: more is asked of pool %s than it can serve, from %s on\n", style.red, style.plain,
                summary->result->config->pools[summary->saturated_pool].name, summary->saturated_from);
    print_figures(summary, &style, out);
    print_scopes(summary, &style, out);
    report_months_print(summary, &style, out);
    print_limits(summary, &style, out);
    report_watch_print(summary, &style, out);
    report_source_print(summary, &style, out);
}
