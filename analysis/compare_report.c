/* compare_report.c - the tables of a comparison. */
#include "analysis/compare_report.h"

#include <math.h>
#include <string.h>

#include "analysis/format.h"
#include "analysis/style.h"

enum {
    LABEL_WIDTH = 34,
    COLUMN_WIDTH = 22,
    COLUMNS_MAX = 5 /* beside each other; the first is repeated */
};

struct line {
    const char *metric;
    const char *label;
};

static const struct line decided_by[] = {
    {"cost_usd_per_month", "cost per month"},
    {"latency_mean_s", "latency, mean"},
    {"latency_p50_s", "  median"},
    {"latency_p95_s", "  95th percentile"},
    {"latency_p99_s", "  99th percentile"},
    {"ttft_p95_s", "first output, 95th percentile"},
    {"cold_request_share", "waited for a container to start"},
    {"slo_attainment", "within all limits"},
    {"containers_mean", "containers, mean"},
    {"container_utilisation", "busy share of ready time"},
    {"slot_utilisation", "slots used"},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Columns of one table. */
struct columns {
    struct compare *compare;
    size_t items[COLUMNS_MAX];
    size_t count;
    FILE *out;
};

static double scale_of(const struct summary_row *row)
{
    return strcmp(row->metric->unit, "ratio") == 0 ? 100 : 1;
}

/* As many digits as the most certain difference of the line can tell, but at most five significant ones. */
static int decimals_of(const struct columns *columns, const struct summary_row *row)
{
    double scale = scale_of(row);
    double value = scale * fabs(row->estimate.value);
    int decimals = value >= 1000 || value == floor(value) ? 0 : format_decimals(value, 4);
    for (size_t i = 0; i < columns->count; i++) {
        const struct summary_row *other = compare_row(columns->compare, columns->items[i], row);
        if (!other || columns->items[i] == 0)
            continue;
        struct figure_difference difference = compare_difference(columns->compare, columns->items[i], row);
        double half_width = scale * (difference.high - difference.value);
        if (isfinite(half_width) && half_width > 0 && format_decimals(half_width, 2) > decimals)
            decimals = format_decimals(half_width, 2);
    }
    int most = scale == 100 && value < 10 ? 4 : format_decimals(value, 5);
    return decimals < most ? decimals : most;
}

static void print_values(const struct columns *columns, const char *label, const struct summary_row *row, int decimals)
{
    fprintf(columns->out, "  %-*s", LABEL_WIDTH, label);
    for (size_t i = 0; i < columns->count; i++) {
        const struct summary_row *own = compare_row(columns->compare, columns->items[i], row);
        const char *text = !own                             ? "none"
                           : isfinite(own->estimate.value)  ? NULL
                           : own->estimate.is_unfinished    ? "withheld"
                           : own->estimate.reason[0] == 'w' ? "withheld"
                                                            : "-";
        fprintf(columns->out, "%*s", COLUMN_WIDTH,
                text ? text : format_figure(own->estimate.value, row->metric->unit, decimals).text);
    }
    fputc('\n', columns->out);
}

/* With so many digits after the point. */
static bool is_nothing(double value, int decimals)
{
    return fabs(value) < 0.5 * pow(10, -decimals);
}

static void print_difference(const struct columns *columns, size_t item, const struct summary_row *row, int decimals)
{
    char text[64] = "";
    if (item > 0 && compare_row(columns->compare, item, row)) {
        struct figure_difference difference = compare_difference(columns->compare, item, row);
        double scale = scale_of(row);
        double half_width = scale * (difference.high - difference.value);
        double shown = is_nothing(scale * difference.value, decimals) ? 0 : scale * difference.value;
        struct format_text value = format_figure(shown, "", decimals);
        struct format_text spread = format_figure(half_width, "", decimals);
        const char *sign = shown > 0 ? "+" : "";
        if (shown == 0 && is_nothing(half_width, decimals))
            snprintf(text, sizeof text, "no change");
        else if (isfinite(half_width))
            snprintf(text, sizeof text, "%s%.24s +- %.24s", sign, value.text, spread.text);
        else if (isfinite(difference.value))
            snprintf(text, sizeof text, "%s%.24s +- ?", sign, value.text);
    }
    fprintf(columns->out, "%*s", COLUMN_WIDTH, text);
}

static void print_line(const struct columns *columns, const char *label, const struct summary_row *row)
{
    int decimals = decimals_of(columns, row);
    print_values(columns, label, row, decimals);
    fprintf(columns->out, "  %-*s", LABEL_WIDTH, "");
    for (size_t i = 0; i < columns->count; i++)
        print_difference(columns, columns->items[i], row, decimals);
    fputc('\n', columns->out);
}

/* ---- Tables ---- */

static void print_heading(const struct columns *columns, const char *text, const struct style *style)
{
    fprintf(columns->out, "\n%s%-*s", style->bold, LABEL_WIDTH + 2, text);
    for (size_t i = 0; i < columns->count; i++) {
        char number[16];
        snprintf(number, sizeof number, "[%zu]", columns->items[i] + 1);
        fprintf(columns->out, "%*s", COLUMN_WIDTH, number);
    }
    fprintf(columns->out, "%s\n", style->plain);
}

static void print_decided_by(const struct columns *columns)
{
    const struct summary *first = columns->compare->items[0].summary;
    for (size_t i = 0; i < COUNT(decided_by); i++) {
        const struct summary_row *row = summary_find(first, "all", decided_by[i].metric);
        if (row)
            print_line(columns, decided_by[i].label, row);
    }
}

static void print_everything(const struct columns *columns, const struct style *style)
{
    const struct summary *first = columns->compare->items[0].summary;
    const struct scope *scope = NULL;
    for (size_t i = 0; i < first->row_count; i++) {
        const struct summary_row *row = &first->rows[i];
        if (row->scope != scope)
            print_heading(columns, row->scope->name, style);
        scope = row->scope;
        print_line(columns, row->metric->name, row);
    }
}

static void print_tables(struct compare *compare, bool has_all, const struct style *style, FILE *out)
{
    for (size_t next = 1; next < compare->count;) {
        struct columns columns = {.compare = compare, .items = {0}, .count = 1, .out = out};
        while (columns.count < COLUMNS_MAX && next < compare->count)
            columns.items[columns.count++] = next++;
        if (has_all) {
            print_everything(&columns, style);
        } else {
            print_heading(&columns, "Below each figure: change against [1]", style);
            print_decided_by(&columns);
        }
    }
}

/* ---- What is compared, and chance ---- */

static void print_items(const struct compare *compare, const struct style *style, FILE *out)
{
    for (size_t i = 0; i < compare->count; i++) {
        const struct compare_item *item = &compare->items[i];
        const struct summary *summary = item->summary;
        size_t replications = summary->result->replication_count;
        fprintf(out, "%s[%zu]%s %s: %s", style->bold, i + 1, style->plain, item->name,
                format_span(summary->result->config->duration_ns).text);
        fprintf(out, ", %zu replication%s, seed %lld, %s requests%s%s\n", replications, replications == 1 ? "" : "s",
                (long long)summary->result->config->seed, format_count(summary->request_count).text,
                summary->saturated_ns >= 0 ? ", saturated from " : "",
                summary->saturated_ns >= 0 ? summary->saturated_from : "");
    }
    for (size_t i = compare->count; i < compare->count + compare->invalid_count; i++)
        fprintf(out, "%sinvalid%s %s: %s\n", style->red, style->plain, compare->items[i].name,
                compare->items[i].invalid);
}

static void print_factor(double ratio, FILE *out)
{
    if (isinf(ratio) || ratio >= 1000)
        fputs("over 1,000 times", out);
    else
        fprintf(out, "%.*f times", ratio < 10 ? 1 : 0, ratio);
}

/* How many runs the common random numbers saved, for what people look at most. */
static void print_chance(struct compare *compare, size_t item, FILE *out)
{
    static const struct line watched[] = {
        {"cost_usd_per_month", "cost"}, {"latency_mean_s", "mean latency"}, {"latency_p95_s", "p95"}};
    bool is_first = true;
    for (size_t i = 0; i < COUNT(watched); i++) {
        const struct summary_row *row = summary_find(compare->items[0].summary, "all", watched[i].metric);
        if (!row || !compare_row(compare, item, row))
            continue;
        struct figure_difference difference = compare_difference(compare, item, row);
        if (!isfinite(difference.correlation) || isnan(difference.variance_ratio))
            continue;
        fprintf(out, "%s%s correlates %.3f, ", is_first ? "" : "; ", watched[i].label, difference.correlation);
        print_factor(difference.variance_ratio, out);
        is_first = false;
    }
    fputs(is_first ? "nothing to tell from\n" : "\n", out);
}

static void print_pairings(struct compare *compare, const struct style *style, FILE *out)
{
    fprintf(out,
            "\n%sCommon random numbers%s: correlation with [1], and how many times more runs it would take without\n",
            style->bold, style->plain);
    for (size_t i = 1; i < compare->count; i++) {
        const struct compare_item *item = &compare->items[i];
        fprintf(out, "  [%zu] ", i + 1);
        if (item->is_paired)
            print_chance(compare, i, out);
        else
            fprintf(out, "taken as independent: %s\n", item->pairing);
        if (item->is_paired && item->pairing[0] != '\0')
            fprintf(out, "      %s\n", item->pairing);
    }
}

static void print_verdicts(struct compare *compare, const struct style *style, FILE *out)
{
    fprintf(out, "\n%sAgainst [1] %s%s\n", style->bold, compare->items[0].name, style->plain);
    for (size_t i = 1; i < compare->count; i++) {
        fprintf(out, "  [%zu] %s\n", i + 1, compare->items[i].name);
        compare_report_verdict(compare, i, "      ", out);
    }
}

static void print_warm_up(const struct compare *compare, FILE *out)
{
    if (compare->warm_up_ns >= 0)
        fprintf(out, "Warm-up %s, the longest that pilots found where it was left open (MSER-5).\n",
                format_span(compare->warm_up_ns).text);
}

static void print_warnings(const struct compare *compare, const struct style *style, FILE *out)
{
    for (size_t i = 0; i < compare->count; i++)
        for (size_t k = 0; k < compare->items[i].summary->notes.count; k++) {
            const struct note *note = &compare->items[i].summary->notes.items[k];
            if (note->kind == NOTE_WARNING)
                fprintf(out, "%swarning%s [%zu] %s\n", style->yellow, style->plain, i + 1, note->text);
        }
}

static bool has_note(const struct summary *summary, const char *text)
{
    for (size_t i = 0; i < summary->notes.count; i++)
        if (strcmp(summary->notes.items[i].text, text) == 0)
            return true;
    return false;
}

/* What several assume stands at the first of them. */
static void print_assumed(const struct compare *compare, const struct style *style, FILE *out)
{
    for (size_t i = 0; i < compare->count; i++)
        for (size_t k = 0; k < compare->items[i].summary->notes.count; k++) {
            const struct note *note = &compare->items[i].summary->notes.items[k];
            bool is_said = note->kind != NOTE_ASSUMED;
            for (size_t before = 0; before < i && !is_said; before++)
                is_said = has_note(compare->items[before].summary, note->text);
            if (is_said)
                continue;
            fprintf(out, "%sassumed%s [%zu] ", style->bold, style->plain, i + 1);
            format_wrapped(note->text, 12, out);
        }
}

void compare_report_print(struct compare *compare, bool has_all, bool use_color, FILE *out)
{
    struct style style = style_of(use_color);
    print_items(compare, &style, out);
    print_tables(compare, has_all, &style, out);
    print_pairings(compare, &style, out);
    print_verdicts(compare, &style, out);
    fputs("\nEach +- is a 95 % interval of its own; that all of them hold at once is less likely.\n", out);
    print_warm_up(compare, out);
    print_warnings(compare, &style, out);
    print_assumed(compare, &style, out);
}
