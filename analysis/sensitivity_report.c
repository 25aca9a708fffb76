/* sensitivity_report.c - the table of readings. */
#include "analysis/sensitivity_report.h"

#include <math.h>
#include <string.h>

#include "analysis/format.h"
#include "analysis/style.h"

enum {
    NAME_WIDTH = 31,
    VALUE_WIDTH = 10,
    CHANGE_WIDTH = 22,
    FINEST = 4, /* digits after the point */
    NAMES_SIZE = 1024
};

const char *sensitivity_report_title(const struct metric *metric)
{
    static const char *const titles[][2] = {{"cost_usd_per_month", "cost per month"},
                                            {"containers_mean", "containers, mean"},
                                            {"latency_p95_s", "latency, p95"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(metric->name, titles[i][0]) == 0)
            return titles[i][1];
    return metric->name;
}

struct sensitivity_text sensitivity_report_change(const struct sensitivity_change *change, const struct metric *metric)
{
    struct sensitivity_text out = {""};
    double half_width = change->change_high - change->change;
    bool is_known = isfinite(half_width);
    int decimals = format_decimals(is_known ? half_width : change->change, 2);
    if (strcmp(metric->unit, "USD") == 0 && fabs(change->change) >= 100)
        decimals = 0;
    if (decimals > FINEST)
        decimals = FINEST;
    struct format_text value = format_figure(change->change, "", decimals);
    struct format_text spread = format_figure(half_width, "", decimals);
    const char *sign = change->change > 0 ? "+" : "";
    bool is_told = change->standing == SENSITIVITY_TOLD;
    double least = 0.5 * pow(10, -decimals);
    if (change->standing == SENSITIVITY_NONE)
        snprintf(out.text, sizeof out.text, "no change");
    else if (is_known && fabs(change->change) < least && half_width < least)
        snprintf(out.text, sizeof out.text, "(no change)");
    else if (is_known)
        snprintf(out.text, sizeof out.text, "%s%s%.22s +- %.22s%s", is_told ? "" : "(", sign, value.text, spread.text,
                 is_told ? "" : ")");
    else if (isfinite(change->change))
        snprintf(out.text, sizeof out.text, "%s%.22s +- ?", sign, value.text);
    return out;
}

/* ---- The table ---- */

static const char *value_text(const struct sensitivity_change *change, const struct metric *metric,
                              struct format_text *text)
{
    *text = format_figure(change->value, metric->unit, -1);
    if (strcmp(metric->unit, "USD") == 0 && fabs(change->value) >= 1000)
        *text = format_figure(change->value, metric->unit, 0);
    return isfinite(change->value) ? text->text : "withheld";
}

static void print_row(const struct sensitivity_run *run, const char *name, const struct sensitivity_change *figures,
                      bool is_base, FILE *out)
{
    char line[256];
    struct format_text value;
    int used = snprintf(line, sizeof line, "  %-*.60s", NAME_WIDTH, name);
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++) {
        const struct metric *metric = run->metrics[i];
        if (!metric)
            continue;
        struct sensitivity_text change = sensitivity_report_change(&figures[i], metric);
        used += snprintf(line + used, sizeof line - (size_t)used, "%*.20s%*.30s", VALUE_WIDTH,
                         value_text(&figures[i], metric, &value), CHANGE_WIDTH, is_base ? "" : change.text);
    }
    while (used > 0 && line[used - 1] == ' ')
        line[--used] = '\0';
    fprintf(out, "%s\n", line);
}

static void print_heading(const struct sensitivity_run *run, const struct style *style, FILE *out)
{
    fprintf(out, "\n%s%-*s", style->bold, NAME_WIDTH + 2, "What is not published, read otherwise");
    int column = (int)strlen("What is not published, read otherwise");
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++) {
        if (!run->metrics[i])
            continue;
        const char *title = sensitivity_report_title(run->metrics[i]);
        int end = NAME_WIDTH + 2 + (int)(i + 1) * (VALUE_WIDTH + CHANGE_WIDTH);
        fprintf(out, "%*s", end - column, title);
        column = end;
    }
    fprintf(out, "%s\n", style->plain);
}

static void print_readings(const struct sensitivity_run *run, FILE *out)
{
    char name[NAMES_SIZE];
    print_row(run, "as the scenario says", run->figures, true, out);
    for (size_t i = 0; i < run->list.count; i++) {
        sensitivity_run_name(&run->cases[i], name, sizeof name);
        if (run->cases[i].is_done)
            print_row(run, name, run->cases[i].figures, false, out);
    }
}

/* ---- The band ---- */

static void print_band(const struct sensitivity_run *run, const struct style *style, FILE *out)
{
    char name[NAMES_SIZE];
    fprintf(out, "\n%sThe band, one at a time%s\n", style->bold, style->plain);
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++) {
        if (!run->metrics[i])
            continue;
        const struct sensitivity_band band = sensitivity_run_band(run, i);
        const struct sensitivity_case *const ends[] = {band.lowest, band.highest};
        const struct sensitivity_change values[] = {{.value = band.low}, {.value = band.high}};
        fprintf(out, "  %-18s", sensitivity_report_title(run->metrics[i]));
        for (size_t end = 0; end < 2; end++) {
            struct format_text text;
            snprintf(name, sizeof name, "as it is");
            if (ends[end])
                sensitivity_run_name(ends[end], name, sizeof name);
            fprintf(out, "%s%s (%s)", end > 0 ? " .. " : "", value_text(&values[end], run->metrics[i], &text), name);
        }
        fputc('\n', out);
    }
}

static void print_together(const struct sensitivity_run *run, const struct style *style, FILE *out)
{
    char names[NAMES_SIZE];
    if (run->together_count == 0 || !run->together[0].is_done)
        return;
    fprintf(out, "\n%sTogether%s: of each rule what moves a figure most; that need not go further than one alone\n",
            style->bold, style->plain);
    for (size_t i = 0; i < run->together_count; i++) {
        if (!run->together[i].is_done)
            continue;
        snprintf(names, sizeof names, "all that %s %s", run->together[i].is_rise ? "raise" : "lower",
                 sensitivity_report_title(run->metrics[run->together[i].figure]));
        print_row(run, names, run->together[i].figures, false, out);
        sensitivity_run_name(&run->together[i], names, sizeof names);
        fputs("    ", out);
        format_wrapped(names, 4, out);
    }
}

/* ---- What to measure ---- */

static bool changes_something(const struct sensitivity_case *one)
{
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++)
        if (one->is_done && one->figures[i].standing == SENSITIVITY_TOLD)
            return true;
    return false;
}

static void print_measures(const struct sensitivity_run *run, const struct style *style, FILE *out)
{
    const struct inferred_rule *last = NULL;
    for (size_t i = 0; i < run->list.count; i++) {
        const struct inferred_rule *rule = run->list.items[i].rule;
        if (rule == last || !changes_something(&run->cases[i]))
            continue;
        if (!last)
            fprintf(out, "\n%sTo find out on the platform%s\n", style->bold, style->plain);
        last = rule;
        fprintf(out, "  %-17s", rule->key);
        format_wrapped(rule->measure, 19, out);
    }
}

static void print_reach(const struct sensitivity_run *run, const struct style *style, FILE *out)
{
    size_t done = 0;
    for (size_t i = 0; i < run->list.count; i++)
        done += run->cases[i].is_done;
    fprintf(out,
            "  Same callers; +- is a 95 %% interval of the difference to the first line, ( ) not told from zero\n");
    if (!run->is_whole)
        fprintf(out, "  %sInterrupted%s: %zu of %zu readings were run\n", style->red, style->plain, done,
                run->list.count);
}

void sensitivity_report_print(const struct sensitivity_run *run, bool use_color, FILE *out)
{
    struct style style = style_of(use_color);
    if (run->list.count == 0) {
        fputs("\nNothing here goes by rules that are not published: there are no other readings\n", out);
        return;
    }
    print_heading(run, &style, out);
    print_readings(run, out);
    print_reach(run, &style, out);
    print_band(run, &style, out);
    print_together(run, &style, out);
    print_measures(run, &style, out);
}
