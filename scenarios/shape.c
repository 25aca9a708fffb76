/* shape.c - from what people write to what rate.h takes. */
#include "scenarios/shape.h"

#include <string.h>

#include "models/rate_table.h"
#include "scenarios/binding.h"
#include "scenarios/check.h"
#include "scenarios/quantity.h"
#include "sim/calendar.h"
#include "sim/timestamp.h"

/* What the parts of one workload's shape have in common. */
struct preparation {
    const struct world_config *config;
    struct arrival_config *arrivals;
    struct sim_arena *arena;
    struct diagnostic_list *problems;
    bool has_start;
    sim_time_ns start_ns; /* since 1970 */
};

enum {
    HOURS = 24,
    WEEKDAYS = 7,
    MONTHS = 12,
    MONTHS_MAX = 600 /* from a start in 2200 that is before the end of the calendar */
};

static void report(const struct preparation *preparation, struct place place, const char *message)
{
    diagnostic_add(preparation->problems, place, "%s", message);
}

static bool needs_start(const struct preparation *preparation, const struct node *node, const char *key)
{
    if (preparation->has_start)
        return true;
    diagnostic_add(preparation->problems, check_place(node, key), "'%s' needs the date of time 0: give 'start'", key);
    return false;
}

static bool ends_in_month(const char *text)
{
    size_t size = strlen(text);
    return (size > 5 && strcmp(text + size - 5, "month") == 0) || (size > 6 && strcmp(text + size - 6, "months") == 0);
}

static bool resolve_months(const struct preparation *preparation, const struct node *node, const char *key,
                           const char *text, sim_time_ns *at_ns)
{
    struct sim_error error;
    int64_t months;
    if (quantity_parse_integer(text, "month", &months, &error) != SIM_OK || months < 0 || months > MONTHS_MAX) {
        diagnostic_add(preparation->problems, check_place(node, key),
                       "'%s': expected a whole number of months from 0 to %d, not '%s'", key, MONTHS_MAX, text);
        return false;
    }
    if (preparation->has_start)
        *at_ns = sim_calendar_add_months(preparation->start_ns, (int)months) - preparation->start_ns;
    else
        *at_ns = months * preparation->config->month_ns;
    return true;
}

/* The moment that the text member `key` names, after the start. False, with a report, when it names none. */
static bool resolve_moment(const struct preparation *preparation, const struct node *node, const char *key,
                           const char *text, sim_time_ns *at_ns)
{
    struct sim_error error = {0};
    if (!check_given(node, key) || !check_is_sound(node, key))
        return false;
    if (ends_in_month(text))
        return resolve_months(preparation, node, key, text, at_ns);
    if (strlen(text) > 4 && text[4] == '-') {
        int64_t seconds;
        if (quantity_parse_date(text, &seconds, &error) == SIM_OK && sim_timestamp_parse(text, at_ns)) {
            *at_ns -= preparation->start_ns;
            return needs_start(preparation, node, key);
        }
        diagnostic_add(preparation->problems, check_place(node, key), "'%s': no date from 1970 to 2261: '%s'", key,
                       text);
        return false;
    }
    if (quantity_parse_time(text, at_ns, &error) == SIM_OK && *at_ns >= 0 && *at_ns < SIM_TIME_NEVER / 2)
        return true;
    diagnostic_add(preparation->problems, check_place(node, key),
                   "'%s': expected a date ('2026-11-27'), a time after the start ('30 days') or months ('6 months'), "
                   "not '%s'",
                   key, text);
    return false;
}

/* ---- Growth ---- */

/* Turns whichever of three keys is given into a factor on the rate. False, with a report, unless it is just one. */
static bool resolve_factor(const struct preparation *preparation, const struct node *node, const char *rate_key,
                           double rate_per_s, const char *users_key, double users, double *factor)
{
    const struct arrival_config *arrivals = preparation->arrivals;
    bool has_factor = check_given(node, "factor"), has_rate = check_given(node, rate_key);
    bool has_users = check_given(node, users_key);
    if (has_factor + has_rate + has_users != 1) {
        diagnostic_add(preparation->problems, node->place, "expected one of 'factor', '%s' and '%s'", rate_key,
                       users_key);
        return false;
    }
    if (has_users && !(arrivals->users > 0)) {
        diagnostic_add(preparation->problems, check_place(node, users_key),
                       "'%s' needs 'users' of the arrivals to grow from", users_key);
        return false;
    }
    if (has_rate && arrivals->rate_per_s > 0)
        *factor = rate_per_s / arrivals->rate_per_s;
    if (has_users)
        *factor = users / arrivals->users;
    return check_is_sound(node, "factor") && check_is_sound(node, rate_key) && check_is_sound(node, users_key);
}

static void prepare_points(const struct preparation *preparation, const struct node *node)
{
    struct growth_config *growth = &preparation->arrivals->shape.growth;
    const struct node *list = check_given(node, "points");
    if (!list || list->is_wrong || growth->point_count == 0) {
        if (!list || !list->is_wrong)
            report(preparation, node->place, "the growth 'table' needs 'points'");
        return;
    }
    const struct node *item = list->first;
    for (size_t i = 0; i < growth->point_count; i++, item = item->next) {
        struct growth_point *point = &growth->points[i];
        if (item->is_wrong || !resolve_moment(preparation, item, "at", point->at, &point->at_ns))
            return;
        if (!resolve_factor(preparation, item, "rate", point->rate_per_s, "users", point->users, &point->factor))
            return;
        if (i > 0 && point->at_ns <= growth->points[i - 1].at_ns) {
            report(preparation, check_place(item, "at"), "the point is not after the one above");
            return;
        }
    }
}

static void prepare_curve(const struct preparation *preparation, const struct node *node)
{
    struct growth_config *growth = &preparation->arrivals->shape.growth;
    if (!resolve_factor(preparation, node, "to", growth->to_rate_per_s, "to_users", growth->to_users, &growth->factor))
        return;
    if (growth->kind == GROWTH_EXPONENTIAL && !(growth->factor > 0))
        report(preparation, node->place, "an exponential growth never reaches 0");
    if (!check_given(node, "over")) {
        report(preparation, node->place, "the growth needs 'over': how long it takes");
        return;
    }
    if (resolve_moment(preparation, node, "over", growth->over, &growth->over_ns) && growth->over_ns <= 0)
        report(preparation, check_place(node, "over"), "'over' must be after the start");
}

#define CURVES (1u << GROWTH_LINEAR | 1u << GROWTH_EXPONENTIAL | 1u << GROWTH_LOGISTIC)

/* Which keys of `growth` belong to which kinds. */
static const struct check_key growth_keys[] = {
    {"factor", CURVES, 0},
    {"to", CURVES, 0},
    {"to_users", CURVES, 0},
    {"over", CURVES, 0},
    {"points", 1u << GROWTH_TABLE, 0},
};

static void prepare_growth(const struct preparation *preparation, const struct node *node,
                           const struct sim_field_table *table)
{
    const struct growth_config *growth = &preparation->arrivals->shape.growth;
    if (!check_is_sound(node, "kind"))
        return;
    if (!check_given(node, "kind")) {
        report(preparation, node->place, "'growth' needs 'kind'");
        return;
    }
    check_keys(growth_keys, sizeof growth_keys / sizeof *growth_keys, table, "kind", growth->kind, node,
               preparation->problems);
    if (growth->kind == GROWTH_TABLE)
        prepare_points(preparation, node);
    else if (growth->kind != GROWTH_NONE)
        prepare_curve(preparation, node);
}

/* ---- Days, weeks, months ---- */

static void prepare_daily(const struct preparation *preparation, const struct node *list)
{
    struct shape_config *shape = &preparation->arrivals->shape;
    size_t with_time = 0;
    for (const struct node *item = list->first; item; item = item->next) {
        if (item->is_wrong || !check_is_sound(item, "at") || !check_is_sound(item, "factor"))
            return;
        with_time += check_given(item, "at") != NULL;
    }
    if (with_time == 0 && shape->daily_count == HOURS) {
        for (size_t i = 0; i < HOURS; i++)
            shape->daily[i].at_ns = (sim_time_ns)i * SIM_HOUR + SIM_HOUR / 2;
        return;
    }
    if (with_time == 0 || with_time < shape->daily_count) {
        report(preparation, list->place, "expected 24 factors, or points with 'at' each");
        return;
    }
    const struct node *item = list->first;
    for (size_t i = 0; i < shape->daily_count; i++, item = item->next) {
        if (shape->daily[i].at_ns >= SIM_DAY)
            report(preparation, check_place(item, "at"), "'at' must be before 24 h");
        else if (i > 0 && shape->daily[i].at_ns <= shape->daily[i - 1].at_ns)
            report(preparation, check_place(item, "at"), "the point is not after the one above");
    }
}

static void check_calendar(const struct preparation *preparation, const struct node *shape, const char *key,
                           size_t count, size_t expected)
{
    const struct node *list = check_given(shape, key);
    if (!list || list->is_wrong || count == 0)
        return;
    if (count != expected)
        diagnostic_add(preparation->problems, list->place, "'%s' needs %zu factors, not %zu", key, expected, count);
    needs_start(preparation, shape, key);
}

/* ---- Events ---- */

static void prepare_event(const struct preparation *preparation, struct event_config *event, const struct node *node)
{
    bool has_from = resolve_moment(preparation, node, "from", event->from, &event->from_ns);
    bool has_to = resolve_moment(preparation, node, "to", event->to, &event->to_ns);
    if (!has_from || !has_to || !check_is_sound(node, "ramp"))
        return;
    if (event->to_ns <= event->from_ns)
        report(preparation, check_place(node, "to"), "the event ends before it begins");
    else if (event->ramp_ns > (event->to_ns - event->from_ns) / 2)
        report(preparation, check_place(node, "ramp"), "two ramps are longer than the event");
}

/* ---- Drift and table ---- */

static void check_drift(const struct preparation *preparation, const struct node *node)
{
    if (!check_given(node, "sd") || !check_given(node, "correlation"))
        report(preparation, node->place, "'drift' needs 'sd' and 'correlation'");
}

static void report_table(const struct preparation *preparation, const struct node *node, const struct sim_error *error)
{
    struct place place = check_place(node, "file");
    if (error->line > 0)
        diagnostic_add(preparation->problems, place, "%s:%d: %s", error->file, error->line, error->message);
    else if (error->file[0])
        diagnostic_add(preparation->problems, place, "%s: %s", error->file, error->message);
    else
        report(preparation, place, error->message);
}

static void prepare_table(const struct preparation *preparation, const struct node *node)
{
    struct rate_table_config *table = &preparation->arrivals->shape.table;
    static const char *const needed[] = {"file", "time_column", "rate_column"};
    struct sim_error error = {0};
    double mean_per_s = 0;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!check_is_sound(node, needed[i]))
            return;
        if (!check_given(node, needed[i])) {
            diagnostic_add(preparation->problems, node->place, "the rate table needs '%s'", needed[i]);
            return;
        }
    }
    if (rate_table_load(table, preparation->arena, &mean_per_s, &error) != SIM_OK) {
        report_table(preparation, node, &error);
        return;
    }
    if (table->values == RATE_TABLE_RATES)
        preparation->arrivals->rate_per_s = mean_per_s;
    sim_time_ns last_ns = table->rows[table->row_count - 1].at_ns;
    if (!table->repeat && last_ns < preparation->config->duration_ns)
        diagnostic_add(preparation->problems, check_place(node, "file"),
                       "the table ends after %.6g days, before the run does; 'repeat: true' begins anew",
                       sim_time_to_s(last_ns) / 86400);
}

/* ---- The whole ---- */

static const struct sim_field_table *growth_table(void)
{
    const struct sim_field_table *table = binding_find_field(&world_config_table, "workloads")->table;
    static const char *const path[] = {"arrivals", "shape", "growth"};
    for (size_t i = 0; i < sizeof path / sizeof *path; i++)
        table = binding_find_field(table, path[i])->table;
    return table;
}

/* The member `key` if it can be used. */
static const struct node *part(const struct node *shape, const char *key)
{
    const struct node *member = check_given(shape, key);
    return member && !member->is_wrong ? member : NULL;
}

static void prepare_shape(const struct preparation *preparation, const struct node *node)
{
    struct shape_config *shape = &preparation->arrivals->shape;
    const struct node *member;
    if ((member = part(node, "table"))) /* first: it may say what the rate is */
        prepare_table(preparation, member);
    if ((member = part(node, "growth")))
        prepare_growth(preparation, member, growth_table());
    if ((member = part(node, "daily")) && shape->daily_count > 0)
        prepare_daily(preparation, member);
    check_calendar(preparation, node, "weekly", shape->weekly_count, WEEKDAYS);
    check_calendar(preparation, node, "monthly", shape->monthly_count, MONTHS);
    if ((member = part(node, "events"))) {
        const struct node *item = member->first;
        for (size_t i = 0; i < shape->event_count; i++, item = item->next)
            if (!item->is_wrong)
                prepare_event(preparation, &shape->events[i], item);
    }
    if ((member = part(node, "drift")))
        check_drift(preparation, member);
}

/* As many begin as keep so many present, by Little's law. */
static void prepare_sessions(const struct preparation *preparation, const struct node *node)
{
    struct arrival_config *arrivals = preparation->arrivals;
    arrivals->takes_turns = check_given(node, "think_time");
    if (!check_given(node, "session") || !check_is_sound(node, "session") || !check_is_sound(node, "users"))
        return;
    double length_s = sim_distribution_mean(&arrivals->session_s);
    if (length_s > 0)
        arrivals->rate_per_s = arrivals->users / length_s;
    else
        report(preparation, check_place(node, "session"), "'session' must take some time on average");
    if (arrivals->shape.table.values == RATE_TABLE_RATES)
        report(preparation, check_place(node, "shape"), "a table of rates means nothing for sessions: give factors");
}

/* Exactly one of the three ways to say a rate. */
static void prepare_rate(const struct preparation *preparation, const struct node *node)
{
    struct arrival_config *arrivals = preparation->arrivals;
    const struct node *users = check_given(node, "users");
    bool has_rate = check_given(node, "rate");
    bool has_rates = arrivals->shape.table.values == RATE_TABLE_RATES;
    if (arrivals->process == ARRIVAL_SESSIONS) {
        prepare_sessions(preparation, node);
        return;
    }
    if (has_rate + (users != NULL) + has_rates > 1)
        report(preparation, node->place, "expected one of 'rate', 'users' and a table of rates");
    if (users && !check_given(node, "requests_per_user"))
        report(preparation, users->key_place, "'users' need 'requests_per_user'");
    else if (!users && check_given(node, "requests_per_user"))
        report(preparation, check_place(node, "requests_per_user"), "'requests_per_user' needs 'users'");
    else if (users)
        arrivals->rate_per_s = arrivals->users * arrivals->requests_per_user_per_s;
}

static bool is_prepared(const struct arrival_config *arrivals)
{
    return arrivals->process == ARRIVAL_POISSON || arrivals->process == ARRIVAL_GAMMA ||
           arrivals->process == ARRIVAL_WEIBULL || arrivals->process == ARRIVAL_SESSIONS;
}

void shape_prepare(struct world_config *config, const struct node *root, struct sim_arena *arena,
                   struct diagnostic_list *problems)
{
    struct preparation preparation = {.config = config, .arena = arena, .problems = problems};
    preparation.has_start = config->start[0] && sim_timestamp_parse(config->start, &preparation.start_ns);
    sim_time_ns latest_ns = SIM_TIME_NEVER - SIM_DAY * 366 * 60;
    if (preparation.start_ns < 0 || preparation.start_ns > latest_ns)
        return; /* refused by check.h: no conclusions from it */
    const struct node *list = node_member(root, "workloads");
    const struct node *node = list ? list->first : NULL;
    for (size_t i = 0; node && i < config->workload_count; i++, node = node->next) {
        const struct node *arrivals = node->is_wrong ? NULL : part(node, "arrivals");
        if (!arrivals || !is_prepared(&config->workloads[i].arrivals))
            continue;
        preparation.arrivals = &config->workloads[i].arrivals;
        prepare_rate(&preparation, arrivals);
        const struct node *shape = part(arrivals, "shape");
        if (shape)
            prepare_shape(&preparation, shape);
    }
}
