/* tune_report.c - the answer for a person. */
#include "analysis/tune_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/format.h"
#include "analysis/style.h"
#include "sim/memory.h"

enum {
    NAME_WIDTH = 24,
    FIGURE_WIDTH = 22,
    COUNT_WIDTH = 7,
    LISTED_MAX = 12 /* settings of a list; --json has all */
};

struct page {
    const struct tune *tune;
    struct style style;
    FILE *out;
};

static const char *unit_of(const struct tune *tune, size_t metric)
{
    const struct tune_goal *goal = &tune->goal;
    if (metric != TUNE_OBJECTIVE)
        return goal->metrics[metric]->unit;
    return tune_goal_is_plain(goal) ? goal->metrics[goal->terms[0].metric]->unit : "";
}

/* ---- Figures ---- */

/* As many digits as the interval can tell, but at most five significant ones. */
static int decimals_of(double value, double half_width, const char *unit)
{
    double scale = strcmp(unit, "ratio") == 0 ? 100 : 1;
    int most = format_decimals(scale * value, 5);
    int told = half_width > 0 && isfinite(half_width) ? format_decimals(scale * half_width, 2) : most;
    return told < most ? told : most;
}

static struct format_text with_interval(struct sim_interval interval, const char *unit, const char *sign)
{
    struct format_text text;
    double scale = strcmp(unit, "ratio") == 0 ? 100 : 1;
    int decimals = decimals_of(interval.estimate, interval.half_width, unit);
    struct format_text value = format_figure(interval.estimate, unit, decimals);
    struct format_text spread = format_figure(scale * interval.half_width, "", decimals);
    if (interval.section_count == 0)
        (void)snprintf(text.text, sizeof text.text, "-");
    else if (isfinite(interval.half_width))
        (void)snprintf(text.text, sizeof text.text, "%s%.20s +- %.20s", sign, value.text, spread.text);
    else
        (void)snprintf(text.text, sizeof text.text, "%s%.20s", sign, value.text);
    return text;
}

static struct format_text figure_text(const struct tune *tune, const struct tune_series *series, size_t metric)
{
    return with_interval(tune_figure(tune, series, metric), unit_of(tune, metric), "");
}

static struct format_text difference_text(const struct tune *tune, size_t a, size_t b, size_t metric)
{
    struct sim_interval difference =
        tune_difference(tune, &tune->items[a].whole_runs, &tune->items[b].whole_runs, metric);
    const char *sign = difference.estimate < 0 ? "-" : difference.estimate > 0 ? "+" : "";
    difference.estimate = fabs(difference.estimate);
    return with_interval(difference, unit_of(tune, metric), sign);
}

static void print_name(const struct page *page, size_t point)
{
    char name[512];
    tune_name(page->tune, point, name, sizeof name);
    fputs(name, page->out);
}

/* A line of figures: those of the limits, after the objective. */
static void print_figures(const struct page *page, size_t point)
{
    const struct tune *tune = page->tune;
    const struct tune_series *series = tune_series_of(tune, point);
    fprintf(page->out, "  %-*s", FIGURE_WIDTH, figure_text(tune, series, TUNE_OBJECTIVE).text);
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        fprintf(page->out, "%-*s", FIGURE_WIDTH, figure_text(tune, series, tune->goal.limits[i].metric).text);
    print_name(page, point);
    bool is_short = series == &tune->items[point].short_runs && series->count > 0;
    fputs(is_short ? " (short runs)\n" : "\n", page->out);
}

static void print_figure_heading(const struct page *page)
{
    const struct tune *tune = page->tune;
    const struct tune_goal *goal = &tune->goal;
    fprintf(page->out, "  %-*s", FIGURE_WIDTH, tune_goal_is_plain(goal) ? goal->metrics[0]->name : "objective");
    for (size_t i = 0; i < goal->limit_count; i++)
        fprintf(page->out, "%-*s", FIGURE_WIDTH, goal->metrics[goal->limits[i].metric]->name);
    fputs("setting\n", page->out);
}

/* ---- What was asked, and the answer ---- */

static void print_question(const struct page *page)
{
    const struct tune *tune = page->tune;
    const struct world_config *config = &tune->first->config;
    fprintf(page->out, "%s%s%s: lowest %s", page->style.bold, config->name, page->style.plain,
            tune_goal_name(&tune->goal).text);
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        fprintf(page->out, "%s %s", i == 0 ? " with" : " and", tune_goal_limit_text(&tune->goal, i).text);
    fprintf(page->out, "\n%s settings of ", format_count((int64_t)tune->points.count).text);
    for (size_t i = 0; i < tune->points.vary.count; i++)
        fprintf(page->out, "%s%s", i > 0 ? ", " : "", tune->points.vary.paths[i].path);
    fprintf(page->out, "; %s, seed %lld\n", format_span(config->duration_ns).text, (long long)config->seed);
}

static void print_settings(const struct page *page, size_t point)
{
    const struct tune *tune = page->tune;
    fputs(" ", page->out);
    for (size_t i = 0; i < tune->points.vary.count; i++)
        fprintf(page->out, " --set '%s'", tune->points.items[point].values[i].setting);
    fputc('\n', page->out);
}

static void print_limits_note(const struct page *page, size_t point)
{
    const struct tune *tune = page->tune;
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        if (tune_is_on_limit(tune, point, i))
            fprintf(page->out, "  It lies on the limit: %s is within %.3g %% of it, and may be beyond.\n",
                    tune->goal.metrics[tune->goal.limits[i].metric]->name, 100 * tune->tolerance_share);
}

/* The best beside the scenario as it is. */
static void print_comparison(const struct page *page)
{
    const struct tune *tune = page->tune;
    const struct tune_series *best = &tune->items[tune->best].whole_runs;
    bool has_own = tune->own != TUNE_NOBODY && tune->own != tune->best && tune->items[tune->own].whole_runs.count > 1;
    fprintf(page->out, "  %-*s%-*s", NAME_WIDTH, "", FIGURE_WIDTH, "best");
    fprintf(page->out, has_own ? "%-*s%s\n" : "\n", FIGURE_WIDTH, "the scenario as it is", "difference");
    for (size_t i = 0; i <= tune->goal.metric_count; i++) {
        size_t metric = i == 0 ? TUNE_OBJECTIVE : i - 1;
        if (metric == 0 && tune_goal_is_plain(&tune->goal))
            continue;
        const char *name = metric != TUNE_OBJECTIVE          ? tune->goal.metrics[metric]->name
                           : tune_goal_is_plain(&tune->goal) ? tune->goal.metrics[0]->name
                                                             : "objective";
        fprintf(page->out, "  %-*s%-*s", NAME_WIDTH, name, FIGURE_WIDTH, figure_text(tune, best, metric).text);
        if (has_own)
            fprintf(page->out, "%-*s%s", FIGURE_WIDTH,
                    figure_text(tune, &tune->items[tune->own].whole_runs, metric).text,
                    difference_text(tune, tune->own, tune->best, metric).text);
        fputc('\n', page->out);
    }
    if (tune->own == tune->best)
        fputs("  This is the scenario as it is.\n", page->out);
}

static void print_best(const struct page *page)
{
    const struct tune *tune = page->tune;
    fprintf(page->out, "\n%sBest%s, within %.3g %% and with at least %.4g %% confidence:\n", page->style.bold,
            page->style.plain, 100 * tune->indifference_share, 100 * tune->confidence);
    print_settings(page, tune->best);
    print_limits_note(page, tune->best);
    fputc('\n', page->out);
    print_comparison(page);
}

static void print_infeasible(const struct page *page)
{
    const struct tune *tune = page->tune;
    fprintf(page->out, "\n%sInfeasible%s: none of these settings keeps the limits, with at least %.4g %% confidence.\n",
            page->style.bold, page->style.plain, 100 * tune->confidence);
    if (tune->nearest == TUNE_NOBODY)
        return;
    const struct tune_point *nearest = &tune->items[tune->nearest];
    bool is_bound = nearest->fate == TUNE_TOO_MUCH;
    fprintf(page->out, "The nearest misses them by %s%.3g %%:\n", is_bound ? "at least " : "",
            100 * tune->nearest_miss);
    print_settings(page, tune->nearest);
    if (is_bound) {
        const struct metric *metric = tune->goal.metrics[tune->goal.limits[nearest->limit].metric];
        fprintf(page->out, "  %s is %s or more whatever happens\n", metric->name,
                format_figure(nearest->limit_bound, metric->unit, -1).text);
        return;
    }
    print_figure_heading(page);
    print_figures(page, tune->nearest);
}

static void print_undecided(const struct page *page)
{
    const struct tune *tune = page->tune;
    fprintf(page->out, "\n%sUndecided%s: %s.\n", page->style.bold, page->style.plain, tune->reason);
    if (tune->best == TUNE_NOBODY || tune->items[tune->best].whole_runs.count == 0)
        return;
    fputs("The best so far, which may not be the best:\n", page->out);
    print_settings(page, tune->best);
    print_limits_note(page, tune->best);
    fputc('\n', page->out);
    print_comparison(page);
}

static void print_answer(const struct page *page)
{
    if (page->tune->answer == TUNE_ANSWER_BEST)
        print_best(page);
    else if (page->tune->answer == TUNE_ANSWER_INFEASIBLE)
        print_infeasible(page);
    else
        print_undecided(page);
}

/* ---- Lists of settings ---- */

static size_t count_of(const struct tune *tune, enum tune_fate fate)
{
    size_t count = 0;
    for (size_t i = 0; i < tune->points.count; i++)
        count += tune->items[i].fate == fate;
    return count;
}

/* Those of a fate, by number. */
static void print_fate(const struct page *page, enum tune_fate fate, const char *title)
{
    const struct tune *tune = page->tune;
    size_t count = count_of(tune, fate);
    size_t listed = 0;
    if (count == 0)
        return;
    fprintf(page->out, "\n%s%s%s\n", page->style.bold, title, page->style.plain);
    print_figure_heading(page);
    for (size_t i = 0; i < tune->points.count && listed < LISTED_MAX; i++)
        if (tune->items[i].fate == fate) {
            print_figures(page, i);
            listed++;
        }
    if (listed < count)
        fprintf(page->out, "  and %zu more (--json lists all)\n", count - listed);
}

/* Whether nobody would see a difference between two points. */
static bool is_alike(const struct tune *tune, size_t one, size_t other, size_t limit)
{
    const struct tune_limit *of = &tune->goal.limits[limit];
    const struct tune_series *a = tune_series_of(tune, one);
    const struct tune_series *b = tune_series_of(tune, other);
    double objective = tune_figure(tune, a, TUNE_OBJECTIVE).estimate;
    double figure = tune_figure(tune, a, of->metric).estimate;
    return fabs(tune_figure(tune, b, TUNE_OBJECTIVE).estimate - objective) <=
               tune->indifference_share * fabs(objective) &&
           fabs(tune_figure(tune, b, of->metric).estimate - figure) <= tune->tolerance_share * fabs(of->value);
}

/* Those that look like the one before are left out. */
static void print_front(const struct page *page, size_t limit)
{
    const struct tune *tune = page->tune;
    size_t *front = sim_allocate(tune->points.count, sizeof *front);
    size_t count = tune_front(tune, limit, front);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !is_alike(tune, front[kept - 1], front[i], limit))
            front[kept++] = front[i];
    if (kept > 0) {
        fprintf(page->out, "\n%sWhat %s costs%s: of the simulated settings those that none beats in both\n",
                page->style.bold, tune->goal.metrics[tune->goal.limits[limit].metric]->name, page->style.plain);
        print_figure_heading(page);
    }
    for (size_t i = 0; i < kept && i < LISTED_MAX; i++)
        print_figures(page, front[i]);
    if (kept > LISTED_MAX)
        fprintf(page->out, "  and %zu more (--json lists all)\n", kept - LISTED_MAX);
    free(front);
}

/* ---- What is not published ---- */

static void print_reading(const struct page *page, const struct tune_reading *reading)
{
    const struct tune *tune = page->tune;
    fprintf(page->out, "  %-32s%-*s", reading->name, FIGURE_WIDTH,
            figure_text(tune, &reading->best, TUNE_OBJECTIVE).text);
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        fprintf(page->out, "%-*s", FIGURE_WIDTH, figure_text(tune, &reading->best, tune->goal.limits[i].metric).text);
    if (reading->is_beyond)
        fputs("beyond a limit", page->out);
    if (reading->beaten_by != TUNE_NOBODY) {
        fprintf(page->out, "%s%s by ", reading->is_beyond ? "; " : "",
                figure_text(tune, &reading->rival, TUNE_OBJECTIVE).text);
        print_name(page, reading->beaten_by);
    }
    fputc('\n', page->out);
}

static bool is_shaken(const struct tune_reading *reading)
{
    return reading->is_beyond || reading->beaten_by != TUNE_NOBODY;
}

/* Those under which the choice does not hold, with what would tell. */
static void print_readings(const struct page *page)
{
    const struct tune *tune = page->tune;
    size_t shaken = 0;
    for (size_t i = 0; i < tune->reading_count; i++)
        shaken += is_shaken(&tune->readings[i]);
    if (!tune->readings || tune->reading_count == 0)
        return;
    fprintf(page->out,
            "\n%sUnder other readings%s of what the platform does not publish the choice holds in %zu of %zu%s\n",
            page->style.bold, page->style.plain, tune->reading_count - shaken, tune->reading_count,
            shaken > 0 ? ", not in:" : ".");
    for (size_t i = 0; i < tune->reading_count; i++)
        if (is_shaken(&tune->readings[i])) {
            print_reading(page, &tune->readings[i]);
            fprintf(page->out, "    what would tell: %s\n", tune->readings[i].measure);
        }
}

/* ---- The proof ---- */

static void print_count(const struct page *page, size_t count, const char *text, const char *more)
{
    fprintf(page->out, "  %*s  %s%s%s\n", COUNT_WIDTH, format_count((int64_t)count).text, text,
            more[0] != '\0' ? ": " : "", more);
}

static void print_counts(const struct page *page, const enum tune_fate *fates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t points = count_of(page->tune, fates[i]);
        if (points > 0)
            print_count(page, points, tune_fate_text(fates[i]), "");
    }
}

/* The reason of the first point of a fate. */
static const char *reason_of(const struct tune *tune, enum tune_fate fate)
{
    for (size_t i = 0; i < tune->points.count; i++)
        if (tune->items[i].fate == fate)
            return tune->items[i].reason;
    return "";
}

static void print_bounds(const struct page *page)
{
    const struct tune *tune = page->tune;
    char text[200] = "";
    fputs("  rejected without simulation\n", page->out);
    print_count(page, count_of(tune, TUNE_INVALID), tune_fate_text(TUNE_INVALID), reason_of(tune, TUNE_INVALID));
    print_count(page, count_of(tune, TUNE_OVERLOADED), tune_fate_text(TUNE_OVERLOADED),
                reason_of(tune, TUNE_OVERLOADED));
    print_count(page, count_of(tune, TUNE_TOO_MUCH), "beyond a limit even if nobody ever waits", "");
    if (count_of(tune, TUNE_TOO_DEAR) > 0)
        (void)snprintf(text, sizeof text, "a lower bound lies above %s, which is possible",
                       format_figure(tune->upper_limit, unit_of(tune, TUNE_OBJECTIVE), -1).text);
    print_count(page, count_of(tune, TUNE_TOO_DEAR), tune_fate_text(TUNE_TOO_DEAR), text);
}

static size_t simulated(const struct tune *tune, bool is_short)
{
    size_t count = 0;
    for (size_t i = 0; i < tune->points.count; i++)
        count += (is_short ? tune->items[i].short_runs.count : tune->items[i].whole_runs.count) > 0;
    return count;
}

static void print_short(const struct page *page)
{
    static const enum tune_fate fates[] = {TUNE_SHORT_BEYOND, TUNE_SHORT_WORSE};
    const struct tune *tune = page->tune;
    const struct tune_short *shorts = &tune->shorts;
    if (!shorts->is_used) {
        fprintf(page->out, "  no short runs: %s\n", shorts->reason);
        return;
    }
    fprintf(page->out, "  rejected by short runs: %s runs", format_count((int64_t)tune->short_count).text);
    fprintf(page->out, " of %s, after a warm-up of", format_span(shorts->duration_ns - shorts->warm_up_ns).text);
    fprintf(page->out, " %s, of %zu settings; %zu whole runs as guides\n", format_span(shorts->warm_up_ns).text,
            simulated(tune, true), tune->guide_count);
    print_counts(page, fates, sizeof fates / sizeof *fates);
}

static void print_whole(const struct page *page)
{
    static const enum tune_fate fates[] = {TUNE_SATURATED, TUNE_NO_VALUE, TUNE_BEYOND,    TUNE_WORSE,  TUNE_NO_BETTER,
                                           TUNE_LEVEL,     TUNE_BEST,     TUNE_UNDECIDED, TUNE_WAITING};
    const struct tune *tune = page->tune;
    fprintf(page->out, "  compared: %s whole runs", format_count((int64_t)tune->whole_count).text);
    fprintf(page->out, " of %s, of %zu settings\n", format_span(tune->first->config.duration_ns).text,
            simulated(tune, false));
    print_counts(page, fates, sizeof fates / sizeof *fates);
}

static void print_budget(const struct page *page)
{
    const struct tune *tune = page->tune;
    double error = 100 * (1 - tune->confidence);
    double bounds = TUNE_BOUND_SHARE * error;
    fprintf(page->out, "  chance of a wrong answer: at most %.3g %%; ", error);
    if (tune->shorts.is_used)
        fprintf(page->out, "%.3g %% guides and bounds, %.3g %% short runs, %.3g %% whole runs\n", bounds,
                (error - bounds) / 2, (error - bounds) / 2);
    else
        fprintf(page->out, "%.3g %% bounds, %.3g %% whole runs\n", bounds, error - bounds);
    if (tune->brief)
        fprintf(page->out, "    short runs: shared by %zu judgements of a limit or a difference\n",
                select_case_count(tune->brief));
    if (tune->whole)
        fprintf(page->out, "    whole runs: shared by %zu judgements of a limit or a difference\n",
                select_case_count(tune->whole));
    if (tune->agreement.point_count > 0)
        fprintf(
            page->out,
            "  short and whole runs of %zu setting%s %s (largest excess over chance: %.2g of what is allowed in the "
            "objective, %.2g in limited figures)\n",
            tune->agreement.point_count, tune->agreement.point_count == 1 ? "" : "s",
            fmax(tune->agreement.objective, tune->agreement.figure) > 1 ? "do not agree" : "agree",
            tune->agreement.objective, tune->agreement.figure);
}

static void print_proof(const struct page *page)
{
    fprintf(page->out, "\n%sHow it was found%s\n", page->style.bold, page->style.plain);
    print_count(page, page->tune->points.count, "settings", "");
    if (page->tune->warm_up_ns >= 0)
        fprintf(page->out, "  warm_up: auto is %s for all of them: twice the longest window and start\n",
                format_span(page->tune->warm_up_ns).text);
    print_bounds(page);
    print_short(page);
    print_whole(page);
    print_budget(page);
}

void tune_report_print(const struct tune *tune, bool use_color, FILE *out)
{
    const struct page page = {.tune = tune, .style = style_of(use_color), .out = out};
    if (!tune->first) { /* stopped before anything was known */
        fprintf(out, "Undecided: %s.\n", tune->reason);
        return;
    }
    print_question(&page);
    print_answer(&page);
    print_fate(&page, TUNE_LEVEL, "Cannot be told apart from the best: take whichever you like");
    print_fate(&page, TUNE_UNDECIDED, "Still in question");
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        print_front(&page, i);
    print_readings(&page);
    print_proof(&page);
}
