/* check.c - relations within a scenario. */
#include "scenarios/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/autoscaler.h"
#include "scenarios/binding.h"
#include "scenarios/quantity.h"

#define SHARES_TOLERANCE 1e-9
#define FORMAT 1
#define CALENDAR_END_NS ((sim_time_ns)(2200 - 1970) * 365 * SIM_DAY) /* leaves room for moments after the end */

const struct node *check_given(const struct node *node, const char *key)
{
    const struct node *member = node_member(node, key);
    return member && !node_is_null(member) ? member : NULL;
}

bool check_is_sound(const struct node *node, const char *key)
{
    const struct node *member = node_member(node, key);
    return !member || !member->is_wrong;
}

struct place check_place(const struct node *node, const char *key)
{
    const struct node *member = node_member(node, key);
    return member ? member->place : node->place;
}

static bool is_default(const struct sim_field_table *table, const struct node *member)
{
    const char *initial = binding_find_field(table, member->key)->initial;
    return member->kind == NODE_SCALAR && initial && strcmp(member->text, initial) == 0;
}

void check_keys(const struct check_key *keys, size_t count, const struct sim_field_table *table, const char *choice_key,
                int32_t choice, const struct node *node, struct diagnostic_list *problems)
{
    const char *choice_name = binding_find_field(table, choice_key)->choices[choice];
    for (size_t i = 0; i < count; i++) {
        sim_assert(binding_find_field(table, keys[i].key)); /* these lists follow the tables */
        const struct node *given = check_given(node, keys[i].key);
        if (given && !(keys[i].meant_for & (1u << choice)) && !is_default(table, given))
            diagnostic_add(problems, given->key_place, "'%s' means nothing for the %s '%s'", keys[i].key, choice_key,
                           choice_name);
        else if (!given && (keys[i].needed_by & (1u << choice)))
            diagnostic_add(problems, node->place, "the %s '%s' needs '%s'", choice_key, choice_name, keys[i].key);
    }
}

static bool are_sound(const struct node *node, const char *left, const char *right)
{
    return check_is_sound(node, left) && check_is_sound(node, right);
}

static void expect_some(const struct node *node, const char *key, int64_t value, struct diagnostic_list *problems)
{
    if (check_is_sound(node, key) && value <= 0)
        diagnostic_add(problems, check_place(node, key), "'%s' must be more than 0", key);
}

static void expect_end(const struct node *node, const char *key, sim_time_ns value, struct diagnostic_list *problems)
{
    if (check_is_sound(node, key) && value == SIM_TIME_NEVER)
        diagnostic_add(problems, check_place(node, key), "'%s' cannot be 'never'", key);
}

static void check_budget(const struct budget_config *budget, const struct node *node, struct diagnostic_list *problems)
{
    const struct node *given = check_given(node, "budget");
    if (!given || given->is_wrong)
        return;
    if (!check_given(given, "per_month"))
        diagnostic_add(problems, given->place, "a budget needs 'per_month'");
    else
        expect_some(given, "per_month", budget->per_month_pusd, problems);
}

/* Scenario */

static void check_spans(const struct world_config *config, const struct node *root, struct diagnostic_list *problems)
{
    if (check_given(root, "duration"))
        expect_some(root, "duration", config->duration_ns, problems);
    expect_end(root, "duration", config->duration_ns, problems);
    expect_end(root, "drain", config->drain_ns, problems);
    expect_some(root, "month", config->month_ns, problems);
    expect_end(root, "month", config->month_ns, problems);
    if (check_given(root, "duration") && are_sound(root, "duration", "warm_up") &&
        config->warm_up_ns >= config->duration_ns && config->duration_ns > 0)
        diagnostic_add(problems, check_place(root, "warm_up"), "'warm_up' must be shorter than 'duration'");
}

static void check_format(const struct world_config *config, const struct node *root, struct diagnostic_list *problems)
{
    if (check_given(root, "capsim") && check_is_sound(root, "capsim") && config->format != FORMAT)
        diagnostic_add(problems, check_place(root, "capsim"), "'capsim': this program reads format %d, not %lld",
                       FORMAT, (long long)config->format);
}

static void check_start(struct world_config *config, const struct node *root, struct diagnostic_list *problems)
{
    struct sim_error error = {0};
    int64_t seconds = 0;
    const int64_t seconds_end = CALENDAR_END_NS / SIM_SECOND;
    if (config->start[0] == '\0')
        return;
    if (quantity_parse_date(config->start, &seconds, &error) != SIM_OK)
        diagnostic_add(problems, check_place(root, "start"), "'start': %s", error.message);
    else if (seconds > seconds_end || config->duration_ns > CALENDAR_END_NS - seconds * SIM_SECOND)
        diagnostic_add(problems, check_place(root, "start"), "the run ends after 2200");
    else
        config->start_ns = seconds * SIM_SECOND;
}

/* Workloads */

#define BIT(process) (1u << (process))
#define WITH_RATE (RENEWAL | BIT(ARRIVAL_SESSIONS))
#define RENEWAL (BIT(ARRIVAL_POISSON) | BIT(ARRIVAL_GAMMA) | BIT(ARRIVAL_WEIBULL))

/* Which keys of `arrivals` belong to which processes. */
static const struct check_key process_keys[] = {
    {"rate", RENEWAL, 0},
    {"users", WITH_RATE, BIT(ARRIVAL_SESSIONS)},
    {"requests_per_user", RENEWAL, 0},
    {"shape", WITH_RATE, 0},
    {"session", BIT(ARRIVAL_SESSIONS), BIT(ARRIVAL_SESSIONS)},
    {"cv", BIT(ARRIVAL_GAMMA) | BIT(ARRIVAL_WEIBULL), 0},
    {"count", BIT(ARRIVAL_BURST), BIT(ARRIVAL_BURST)},
    {"at", BIT(ARRIVAL_BURST), 0},
    {"clients", BIT(ARRIVAL_CLOSED), BIT(ARRIVAL_CLOSED)},
    {"think_time", BIT(ARRIVAL_CLOSED) | BIT(ARRIVAL_SESSIONS), 0},
    {"file", BIT(ARRIVAL_TRACE), BIT(ARRIVAL_TRACE)},
    {"time_column", BIT(ARRIVAL_TRACE), 0},
    {"input_tokens_column", BIT(ARRIVAL_TRACE), 0},
    {"output_tokens_column", BIT(ARRIVAL_TRACE), 0},
    {"time_scale", BIT(ARRIVAL_TRACE), 0},
    {"repeat", BIT(ARRIVAL_TRACE), 0},
    {"keep", BIT(ARRIVAL_TRACE), 0},
};

static const struct sim_field_table *arrival_table(void)
{
    const struct sim_field *workloads = binding_find_field(&world_config_table, "workloads");
    return binding_find_field(workloads->table, "arrivals")->table;
}

static void expect_positive(const struct node *node, const char *key, double value, struct diagnostic_list *problems)
{
    if (check_is_sound(node, key) && !(value > 0))
        diagnostic_add(problems, check_place(node, key), "'%s' must be more than 0", key);
}

/* A rate comes from one of these keys. */
static void check_rate(const struct arrival_config *arrivals, const struct node *node, struct diagnostic_list *problems)
{
    static const char *const keys[] = {"rate", "users", "requests_per_user"};
    bool is_given = arrivals->shape.table.values == RATE_TABLE_RATES;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!check_given(node, keys[i]))
            continue;
        is_given = true;
        double value = i == 0 ? arrivals->rate_per_s : i == 1 ? arrivals->users : arrivals->requests_per_user_per_s;
        expect_positive(node, keys[i], value, problems);
    }
    if (!is_given)
        diagnostic_add(problems, node->place, "the process '%s' needs 'rate'",
                       binding_find_field(arrival_table(), "process")->choices[arrivals->process]);
}

static void check_arrivals(const struct arrival_config *arrivals, const struct node *node, sim_time_ns duration_ns,
                           struct diagnostic_list *problems)
{
    if (!check_given(node, "process") || !check_is_sound(node, "process"))
        return;
    check_keys(process_keys, sizeof process_keys / sizeof *process_keys, arrival_table(), "process", arrivals->process,
               node, problems);
    if (RENEWAL & BIT((unsigned)arrivals->process))
        check_rate(arrivals, node, problems);
    if (arrivals->process == ARRIVAL_SESSIONS && check_given(node, "users"))
        expect_positive(node, "users", arrivals->users, problems);
    if (arrivals->process == ARRIVAL_BURST && check_is_sound(node, "at") && duration_ns > 0 &&
        arrivals->at_ns >= duration_ns)
        diagnostic_add(problems, check_place(node, "at"), "the burst comes after the end of the run");
}

static void check_shares(const struct workload_config *workload, const struct node *node,
                         struct diagnostic_list *problems)
{
    const struct node *classes = node_member(node, "classes");
    if (!classes || classes->is_wrong || workload->class_count == 0)
        return;
    double sum = 0;
    const struct node *item = classes->first;
    for (size_t i = 0; i < workload->class_count; i++, item = item->next) {
        if (item->is_wrong || !check_is_sound(item, "share"))
            return;
        sum += workload->classes[i].share;
    }
    if (fabs(sum - 1) > SHARES_TOLERANCE)
        diagnostic_add(problems, classes->place, "the shares of the classes add up to %.10g%%, not to 100%%",
                       100 * sum);
}

static int32_t find_pool(const struct world_config *config, const char *name)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (strcmp(config->pools[i].name, name) == 0)
            return (int32_t)i;
    return -1;
}

int32_t check_find_pool(const struct world_config *config, const char *name, const char *key, const struct node *node,
                        struct diagnostic_list *problems)
{
    int32_t found = find_pool(config, name);
    if (found >= 0 || !check_given(node, key) || !check_is_sound(node, key) || config->pool_count == 0)
        return found;
    struct suggestion search = suggest_begin(name);
    for (size_t i = 0; i < config->pool_count && !diagnostic_is_full(problems); i++)
        suggest_offer(&search, config->pools[i].name);
    diagnostic_add_suggestion(problems, check_place(node, key), search.nearest, "there is no pool '%s'", name);
    return found;
}

static void check_workload(const struct world_config *config, struct workload_config *workload, const struct node *node,
                           struct diagnostic_list *problems)
{
    workload->pool_index = check_find_pool(config, workload->pool, "pool", node, problems);
    check_sessions(config, workload, node, problems);
    check_shares(workload, node, problems);
    const struct node *arrivals = check_given(node, "arrivals");
    if (arrivals && !arrivals->is_wrong)
        check_arrivals(&workload->arrivals, arrivals, config->duration_ns, problems);
    expect_some(node, "client_timeout", workload->client_timeout_ns, problems);
}

/* Pools */

static void check_containers(const struct pool_config *pool, const struct node *node, struct diagnostic_list *problems)
{
    if (are_sound(node, "min_containers", "max_containers") && pool->max_containers > 0 &&
        pool->min_containers > pool->max_containers)
        diagnostic_add(problems, check_place(node, "min_containers"),
                       "'min_containers' (%lld) is more than 'max_containers' (%lld)", (long long)pool->min_containers,
                       (long long)pool->max_containers);
    if (are_sound(node, "target_inputs", "max_inputs") && pool->target_inputs > pool->max_inputs)
        diagnostic_add(problems, check_place(node, "target_inputs"),
                       "'target_inputs' (%lld) is more than 'max_inputs' (%lld)", (long long)pool->target_inputs,
                       (long long)pool->max_inputs);
    if (check_given(node, "platform") && are_sound(node, "platform", "min_containers") &&
        autoscaler_of(pool) == &autoscaler_fixed && pool->min_containers == 0 && !check_given(node, "schedule") &&
        pool->controller.rule_count == 0)
        diagnostic_add(problems, check_place(node, "min_containers"),
                       "a fixed pool needs 'min_containers' of 1 or more: it has no others");
}

static void check_pool(const struct pool_config *pool, const struct node *node, struct diagnostic_list *problems)
{
    check_containers(pool, node, problems);
    expect_some(node, "tick", pool->tick_ns, problems);
    expect_end(node, "tick", pool->tick_ns, problems);
    expect_some(node, "poll", pool->poll_ns, problems);
    expect_end(node, "poll", pool->poll_ns, problems);
    expect_some(node, "timeout", pool->timeout_ns, problems);
    expect_end(node, "retry_delay", pool->retry_delay_ns, problems);
    if (are_sound(node, "retry_delay", "retry_delay_max") && pool->retry_delay_ns > pool->retry_delay_max_ns)
        diagnostic_add(problems, check_place(node, "retry_delay"), "'retry_delay' is longer than 'retry_delay_max'");
    check_budget(&pool->budget, node, problems);
    check_hardware_pool(pool, node, problems);
    if (are_sound(node, "power", "idle_power") && pool->power_w > 0 && pool->idle_power_w > pool->power_w)
        diagnostic_add(problems, check_place(node, "idle_power"),
                       "'idle_power' (%.10g W) is more than 'power' (%.10g W)", pool->idle_power_w, pool->power_w);
    const struct node *profile = check_given(node, "profile");
    if (profile && !profile->is_wrong)
        check_profile(&pool->profile, profile, problems);
}

/* Service level objectives */

static const char *after_prefix(const char *text, const char *prefix)
{
    size_t size = strlen(prefix);
    return strncmp(text, prefix, size) == 0 ? text + size : NULL;
}

static bool is_class(const struct world_config *config, const char *name)
{
    for (size_t i = 0; i < config->workload_count; i++)
        for (size_t j = 0; j < config->workloads[i].class_count; j++)
            if (strcmp(config->workloads[i].classes[j].name, name) == 0)
                return true;
    return false;
}

static bool is_workload(const struct world_config *config, const char *name)
{
    for (size_t i = 0; i < config->workload_count; i++)
        if (strcmp(config->workloads[i].name, name) == 0)
            return true;
    return false;
}

static bool is_alert(const struct world_config *config, const char *name)
{
    for (size_t i = 0; i < config->alert_count; i++)
        if (strcmp(config->alerts[i].name, name) == 0)
            return true;
    return false;
}

static bool is_month(const char *text)
{
    struct sim_error error;
    int64_t seconds;
    char day[16];
    int size = snprintf(day, sizeof day, "%s-01", text);
    return size == (int)strlen("2026-01-01") && quantity_parse_date(day, &seconds, &error) == SIM_OK;
}

/* NAME/YYYY-MM */
static bool is_pool_month(const struct world_config *config, const char *text)
{
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : 0;
    for (size_t i = 0; slash && i < config->pool_count; i++)
        if (strlen(config->pools[i].name) == length && strncmp(config->pools[i].name, text, length) == 0)
            return is_month(slash + 1);
    return false;
}

static bool is_scope(const struct world_config *config, const char *scope)
{
    const char *name;
    if ((name = after_prefix(scope, "workload/")))
        return is_workload(config, name);
    if ((name = after_prefix(scope, "class/")))
        return is_class(config, name);
    if ((name = after_prefix(scope, "pool/")))
        return find_pool(config, name) >= 0 || is_pool_month(config, name);
    if ((name = after_prefix(scope, "month/")))
        return is_month(name);
    if ((name = after_prefix(scope, "alert/")))
        return is_alert(config, name);
    return strcmp(scope, "all") == 0;
}

/* The unit of a metric, from its name; NULL where the name does not tell. */
static const char *metric_unit(const char *metric)
{
    static const char *const units[][2] = {
        {"_s", "s"}, {"_usd", "USD"}, {"_rps", "1/s"}, {"_gb", "GB"}, {"_hours", NULL}};
    size_t size = strlen(metric);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = strlen(units[i][0]);
        if (size > length && strcmp(metric + size - length, units[i][0]) == 0)
            return units[i][1];
    }
    return NULL;
}

/* A limit stands in the unit that ends the metric's name. */
static void check_limit(const struct slo_config *slo, const struct node *node, const char *key,
                        struct diagnostic_list *problems)
{
    const struct node *limit = check_given(node, key);
    const char *unit = metric_unit(slo->metric);
    struct sim_error error;
    double value;
    if (limit && !limit->is_wrong && unit && quantity_parse(limit->text, unit, &value, &error) != SIM_OK)
        diagnostic_add(problems, limit->place, "'%s' of '%s': %s", key, slo->metric, error.message);
}

static void check_slo(const struct world_config *config, const struct slo_config *slo, const struct node *node,
                      struct diagnostic_list *problems)
{
    if (check_is_sound(node, "scope") && !is_scope(config, slo->scope))
        diagnostic_add(problems, check_place(node, "scope"),
                       "there is no scope '%s': expected all, workload/NAME, class/NAME, pool/NAME, month/YYYY-MM, "
                       "pool/NAME/YYYY-MM or alert/NAME",
                       slo->scope);
    if (!check_given(node, "at_most") && !check_given(node, "at_least"))
        diagnostic_add(problems, node->place, "a row of 'slo' needs 'at_most' or 'at_least'");
    check_limit(slo, node, "at_most", problems);
    check_limit(slo, node, "at_least", problems);
    if (slo->at_least > slo->at_most)
        diagnostic_add(problems, check_place(node, "at_least"), "'at_least' is more than 'at_most'");
}

static const struct node *first_of(const struct node *root, const char *key)
{
    const struct node *list = node_member(root, key);
    return list ? list->first : NULL;
}

/* What the profiles of a workload's pools need of its classes. Sessions without turns never enter a main stage. */
static void check_needs(const struct world_config *config, const struct workload_config *workload,
                        const struct node *node, struct diagnostic_list *problems)
{
    check_hardware_classes(config, workload, node, problems);
    if (workload->arrivals.process == ARRIVAL_SESSIONS && !workload->arrivals.takes_turns)
        return;
    for (size_t pool = 0; pool < config->pool_count; pool++)
        check_profile_needs(&config->pools[pool].profile, pool, workload, node, problems);
}

void check_scenario(struct world_config *config, const struct node *root, struct diagnostic_list *problems)
{
    check_format(config, root, problems);
    check_spans(config, root, problems);
    check_start(config, root, problems);
    check_warm_up(config, root, problems);
    check_budget(&config->budget, root, problems);
    const struct node *node = first_of(root, "pools");
    for (size_t i = 0; node && i < config->pool_count; i++, node = node->next)
        if (!node->is_wrong)
            check_pool(&config->pools[i], node, problems);
    check_schedule(config, root, problems);
    check_rules(config, root, problems);
    node = first_of(root, "workloads");
    for (size_t i = 0; node && i < config->workload_count; i++, node = node->next) {
        struct workload_config *workload = &config->workloads[i];
        if (node->is_wrong)
            continue;
        check_workload(config, workload, node, problems);
        check_needs(config, workload, node, problems);
    }
    node = first_of(root, "slo");
    for (size_t i = 0; node && i < config->slo_count; i++, node = node->next)
        if (!node->is_wrong)
            check_slo(config, &config->slos[i], node, problems);
}
