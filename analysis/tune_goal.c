/* tune_goal.c - reading objective and limits, and taking their figures from a run. */
#include "analysis/tune_goal.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/bound.h"
#include "scenarios/quantity.h"
#include "scenarios/unit.h"
#include "sim/memory.h"

/* ---- Reading ---- */

static enum sim_status refuse_metric(const char *name, const char *option, struct sim_error *error)
{
    const char *nearest = metric_nearest(name);
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                         nearest ? "%s: there is no metric '%s'; did you mean '%s'?" : "%s: there is no metric '%s'",
                         option, name, nearest);
}

/* Spaces at both ends are cut off in place. */
static char *trimmed(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* The number of the metric in the goal, which takes it in. */
static enum sim_status take_metric(struct tune_goal *goal, const char *name, const char *option, size_t *number,
                                   struct sim_error *error)
{
    const struct metric *metric = metric_find(name);
    if (!metric)
        return refuse_metric(name, option, error);
    if (!(metric->scopes & 1u << SCOPE_ALL))
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "%s: '%s' does not exist in the scope all", option,
                             metric->name);
    if (metric->kind == METRIC_MAXIMUM)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                             "%s: '%s' is a maximum, which grows with the time that is looked at: nothing can be said "
                             "of it with confidence",
                             option, metric->name);
    for (*number = 0; *number < goal->metric_count; (*number)++)
        if (goal->metrics[*number] == metric)
            return SIM_OK;
    goal->metrics[goal->metric_count++] = metric;
    return SIM_OK;
}

/* METRIC or FACTOR*METRIC. */
static enum sim_status take_term(struct tune_goal *goal, char *text, double sign, struct sim_error *error)
{
    struct tune_term term = {.factor = sign};
    char *star = strchr(text, '*');
    char *name = trimmed(star ? star + 1 : text);
    if (star) {
        char *end;
        *star = '\0';
        double factor = strtod(text, &end);
        if (end == text || *trimmed(end) != '\0' || !isfinite(factor) || factor == 0)
            return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                                 "--minimise: expected FACTOR*METRIC, as in 50*latency_p95_s, not '%s*%s'",
                                 trimmed(text), name);
        term.factor *= factor;
    }
    if (goal->term_count == TUNE_TERMS_MAX)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "--minimise: more than %d terms", TUNE_TERMS_MAX);
    enum sim_status status = take_metric(goal, name, "--minimise", &term.metric, error);
    if (status == SIM_OK)
        goal->terms[goal->term_count++] = term;
    return status;
}

/* Where the next term begins: at a sign that is not the first and no part of an exponent. NULL: nowhere. */
static char *next_sign(char *text)
{
    for (char *at = text + 1; *at; at++)
        if ((*at == '+' || *at == '-') && !((at[-1] == 'e' || at[-1] == 'E') && isdigit((unsigned char)at[1])))
            return at;
    return NULL;
}

static enum sim_status take_objective(struct tune_goal *goal, char *text, struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    double sign = 1;
    if (*trimmed(text) == '\0')
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                             "--minimise: what is minimised is missing, as in --minimise cost_usd_per_month");
    while (text && status == SIM_OK) {
        char *next = *text ? next_sign(text) : NULL;
        double following = next && *next == '-' ? -1 : 1;
        if (next)
            *next++ = '\0';
        status = take_term(goal, trimmed(text), sign, error);
        text = next;
        sign = following;
    }
    return status;
}

static enum sim_status take_limit(struct tune_goal *goal, char *text, struct sim_error *error)
{
    struct tune_limit limit = {0};
    struct sim_error own;
    struct unit unit;
    char *sign = strpbrk(text, "<>");
    if (!sign || sign == text)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                             "--subject-to: expected METRIC<LIMIT or METRIC>LIMIT, as in latency_p95_s<2 s, not '%s'",
                             text);
    limit.is_lower = *sign == '>';
    *sign = '\0';
    char *value = trimmed(sign + 1 + (sign[1] == '='));
    char *name = trimmed(text);
    enum sim_status status = take_metric(goal, name, "--subject-to", &limit.metric, error);
    if (status != SIM_OK)
        return status;
    const struct metric *metric = goal->metrics[limit.metric];
    if (quantity_parse(value, unit_parse(metric->unit, &unit) ? metric->unit : "any", &limit.value, &own) != SIM_OK)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "--subject-to: %s: %s", metric->name, own.message);
    goal->limits[goal->limit_count++] = limit;
    return SIM_OK;
}

static char *copy_of(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        sim_out_of_memory();
    return copy;
}

enum sim_status tune_goal_parse(struct tune_goal *goal, const char *objective, const char *const *limits,
                                size_t limit_count, struct sim_error *error)
{
    *goal = (struct tune_goal){0};
    if (limit_count > TUNE_LIMITS_MAX)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "--subject-to is given more than %d times",
                             TUNE_LIMITS_MAX);
    char *text = copy_of(objective);
    enum sim_status status = take_objective(goal, text, error);
    free(text);
    for (size_t i = 0; i < limit_count && status == SIM_OK; i++) {
        text = copy_of(limits[i]);
        status = take_limit(goal, text, error);
        free(text);
    }
    return status;
}

static struct scope whole_of(const struct world_config *config)
{
    return (struct scope){
        .kind = SCOPE_ALL, .from_ns = config->warm_up_ns, .to_ns = config->duration_ns, .name = "all"};
}

enum sim_status tune_goal_check(const struct tune_goal *goal, const struct world_config *config,
                                struct sim_error *error)
{
    struct scope scope = whole_of(config);
    for (size_t i = 0; i < goal->metric_count; i++)
        if (!metric_applies(goal->metrics[i], config, &scope))
            return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "the scenario has no %s", goal->metrics[i]->name);
    return SIM_OK;
}

/* ---- Figures ---- */

double tune_goal_objective(const struct tune_goal *goal, const double *values)
{
    double sum = 0;
    for (size_t i = 0; i < goal->term_count; i++)
        sum += goal->terms[i].factor * values[goal->terms[i].metric];
    return sum;
}

double tune_goal_bound(const struct tune_goal *goal, const struct world_config *config)
{
    double sum = 0;
    for (size_t i = 0; i < goal->term_count; i++) {
        const struct tune_term *term = &goal->terms[i];
        if (term->factor < 0)
            return -INFINITY;
        sum += term->factor * bound_lowest(config, goal->metrics[term->metric]);
    }
    return sum;
}

void tune_goal_values(const struct tune_goal *goal, const struct run_result *result, size_t replication, double *values)
{
    struct scope scope = whole_of(result->config);
    struct cell *cell = cell_create(result, NULL, &scope);
    cell_clear(cell);
    cell_add_replication(cell, result, replication);
    for (size_t i = 0; i < goal->metric_count; i++)
        values[i] = goal->metrics[i]->value(goal->metrics[i], cell);
    cell_destroy(cell);
}

/* ---- Words ---- */

bool tune_goal_is_plain(const struct tune_goal *goal)
{
    return goal->term_count == 1 && goal->terms[0].factor == 1;
}

struct tune_goal_text tune_goal_name(const struct tune_goal *goal)
{
    struct tune_goal_text name = {""};
    size_t used = 0;
    for (size_t i = 0; i < goal->term_count && used < sizeof name.text; i++) {
        const struct tune_term *term = &goal->terms[i];
        const char *sign = term->factor < 0 ? (i > 0 ? " - " : "-") : i > 0 ? " + " : "";
        char factor[32] = "";
        if (fabs(term->factor) != 1 || goal->term_count > 1)
            (void)snprintf(factor, sizeof factor, "%.10g*", fabs(term->factor));
        int more = snprintf(name.text + used, sizeof name.text - used, "%s%s%s", sign, factor,
                            goal->metrics[term->metric]->name);
        used += more > 0 ? (size_t)more : 0;
    }
    return name;
}

struct tune_goal_text tune_goal_limit_text(const struct tune_goal *goal, size_t limit)
{
    const struct tune_limit *of = &goal->limits[limit];
    const struct metric *metric = goal->metrics[of->metric];
    struct tune_goal_text text;
    bool is_share = strcmp(metric->unit, "ratio") == 0;
    bool is_money = strcmp(metric->unit, "USD") == 0;
    (void)snprintf(text.text, sizeof text.text, "%s %s %s%.10g%s%s", metric->name, of->is_lower ? ">" : "<",
                   is_money ? "$" : "", is_share ? 100 * of->value : of->value,
                   is_money || metric->unit[0] == '\0' ? "" : " ",
                   is_share   ? "%"
                   : is_money ? ""
                              : metric->unit);
    return text;
}
