/* compare_verdict.c - what a comparison comes to, in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/compare_report.h"
#include "analysis/format.h"

enum {
    MORE_RUNS_MAX = 1000
};

/* What people decide by, and how they say it. `less`, `more`: verbs or adjectives for a fall and a rise. */
static const struct saying {
    const char *metric;
    const char *name;
    const char *less;
    const char *more;
    bool is_verb; /* "saves $3" rather than "p95 is 3 s better" */
} sayings[] = {
    {"cost_usd_per_month", "cost", "saves", "costs", true},
    {"latency_p95_s", "p95", "better", "worse", false},
    {"latency_p99_s", "p99", "better", "worse", false},
    {"cold_request_share", "share of requests that wait for a start", "lower", "higher", false},
    {"slo_attainment", "share within all limits", "lower", "higher", false},
};

enum standing {
    APART,
    NOT_APART,
    SAME, /* for any purpose */
    UNKNOWN,
    STANDING_COUNT
};

static const char *const leads[] = {
    "", "cannot be told apart: ", "the same (within 0.1 %, of shares 0.01 points): ", "not known: "};

/* Differences of less than this share of the figure, or so many points of a share, are nobody's reason. */
#define SAME_SHARE 0.001
#define SAME_POINTS 0.0001

static enum standing standing_of(const struct figure_difference *difference, const struct summary_row *row)
{
    double least = SAME_SHARE * fabs(row->estimate.value);
    if (strcmp(row->metric->unit, "ratio") == 0)
        least = fmax(least, SAME_POINTS);
    if (!isfinite(difference->low))
        return UNKNOWN;
    if (fmax(fabs(difference->low), fabs(difference->high)) <= least)
        return SAME;
    return difference->low <= 0 && difference->high >= 0 ? NOT_APART : APART;
}

/* Both with the digits that the half width tells; times below a second in ms, shares in points. */
static void print_amount(double value, double half_width, const char *unit, FILE *out)
{
    bool is_money = strcmp(unit, "USD") == 0;
    bool is_share = strcmp(unit, "ratio") == 0;
    bool is_short = strcmp(unit, "s") == 0 && fabs(value) < 1;
    double scale = is_share ? 100 : is_short ? 1000 : 1;
    const char *shown = is_money ? "" : is_share ? " points" : is_short ? " ms" : strcmp(unit, "s") == 0 ? " s" : "";
    int decimals = format_decimals(scale * half_width, 2);
    fprintf(out, "%s%s%s +- ", value < 0 ? "-" : "", is_money ? "$" : "",
            format_figure(scale * fabs(value), "", decimals).text);
    fprintf(out, "%s%s", format_figure(scale * half_width, "", decimals).text, shown);
}

static void say_apart(const struct saying *saying, const struct figure_difference *difference, const char *unit,
                      FILE *out)
{
    const char *word = difference->value < 0 ? saying->less : saying->more;
    double half_width = difference->high - difference->value;
    if (saying->is_verb)
        fprintf(out, "%s ", word);
    else
        fprintf(out, "%s is ", saying->name);
    print_amount(fabs(difference->value), half_width, unit, out);
    if (saying->is_verb)
        fprintf(out, "%s a month", difference->value > 0 ? " more" : "");
    else
        fprintf(out, " %s", word);
}

/* Half widths fall with the square root of the number of runs. */
static void say_not_apart(const struct saying *saying, const struct figure_difference *difference, const char *unit,
                          size_t sections, FILE *out)
{
    double half_width = difference->high - difference->value;
    double needed = ceil((double)sections * half_width * half_width / (difference->value * difference->value));
    fprintf(out, "%s (", saying->name);
    print_amount(difference->value, half_width, unit, out);
    if (needed <= MORE_RUNS_MAX)
        fprintf(out, "; if it is that, %.0f times the runs would tell)", ceil(needed / (double)sections));
    else
        fputc(')', out);
}

static void say(const struct saying *saying, const struct figure_difference *difference, const struct summary *summary,
                const struct summary_row *row, FILE *out)
{
    switch (standing_of(difference, row)) {
    case APART:
        say_apart(saying, difference, row->metric->unit, out);
        break;
    case NOT_APART:
        say_not_apart(saying, difference, row->metric->unit, summary->section_count, out);
        break;
    case SAME:
        fputs(saying->name, out);
        break;
    default:
        fprintf(out, "%s (%s)", saying->name, difference->reason);
    }
}

static void print_standing(struct compare *compare, size_t item, enum standing standing, const char *margin, FILE *out)
{
    const struct summary *first = compare->items[0].summary;
    bool is_first = true;
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++) {
        const struct summary_row *row = summary_find(first, "all", sayings[i].metric);
        if (!row || !compare_row(compare, item, row))
            continue;
        struct figure_difference difference = compare_difference(compare, item, row);
        if (standing_of(&difference, row) != standing)
            continue;
        if (is_first)
            fprintf(out, "%s%s", margin, leads[standing]);
        else
            fputs("; ", out);
        is_first = false;
        say(&sayings[i], &difference, first, row, out);
    }
    if (!is_first)
        fputc('\n', out);
}

void compare_report_verdict(struct compare *compare, size_t item, const char *margin, FILE *out)
{
    for (int standing = 0; standing < STANDING_COUNT; standing++)
        print_standing(compare, item, (enum standing)standing, margin, out);
}
