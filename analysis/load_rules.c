/* load_rules.c - limits against what a measure can reach, and rules against each other. */
#include "analysis/load_rules.h"

#include <math.h>
#include <stdio.h>

#include "analysis/load.h"
#include "models/gauge.h"

/* ---- Limits that cannot be passed ---- */

/* The most containers that a pool may ever have. */
static double most_containers(const struct world_config *config, size_t pool)
{
    int64_t most = 0;
    for (sim_time_ns at_ns = 0; at_ns < config->duration_ns; at_ns += SIM_HOUR) {
        int64_t containers = load_containers(config, pool, at_ns);
        most = containers > most ? containers : most;
    }
    return most == LOAD_UNLIMITED ? INFINITY : (double)most;
}

/* After which no answer counts as one: the longest of those who send requests to the pool. */
static double longest_patience_s(const struct world_config *config, size_t pool)
{
    double longest_s = 0;
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct workload_config *workload = &config->workloads[i];
        if (!(load_share(workload, pool) > 0))
            continue;
        if (workload->client_timeout_ns == SIM_TIME_NEVER || workload->arrivals.process == ARRIVAL_SESSIONS)
            return INFINITY;
        longest_s = fmax(longest_s, sim_time_to_s(workload->client_timeout_ns));
    }
    return longest_s;
}

/* Whether models or requests take memory of the pool's GPUs. */
static bool has_memory(const struct world_config *config, size_t pool)
{
    bool is_used = config->pools[pool].reserved_memory_gb > 0;
    for (size_t i = 0; i < config->workload_count; i++)
        for (size_t k = 0; k < config->workloads[i].class_count; k++)
            is_used |= config->workloads[i].classes[k].memory_gb > 0;
    return is_used && config->pools[pool].gpu_memory_gb > 0;
}

/* The highest value that a measure can have, and why. */
static double highest(const struct world_config *config, size_t pool, int32_t measure, const char **why)
{
    switch ((enum gauge)measure) {
    case GAUGE_CONTAINERS:
        *why = "the most containers that the pool may have";
        return most_containers(config, pool);
    case GAUGE_QUEUE:
    case GAUGE_PRESENT:
        *why = "the pool's admission_limit";
        return config->pools[pool].admission_limit > 0 ? (double)config->pools[pool].admission_limit : INFINITY;
    case GAUGE_IDLE_TIME:
    case GAUGE_REQUEST_RATE:
    case GAUGE_SLOT_UTILISATION_OTHERS:
        return INFINITY;
    default:
        break;
    }
    if (measure == GAUGE_GPU_MEMORY && !has_memory(config, pool)) {
        *why = "all that is known: neither models nor requests say what memory they take";
        return 0;
    }
    if (gauge_kinds[measure].unit[0] == 's') {
        *why = "the client_timeout: nobody waits longer for an answer";
        return longest_patience_s(config, pool);
    }
    *why = "all there is";
    return 1;
}

static void note_unreachable(const struct world_config *config, size_t pool, const struct condition_config *condition,
                             const char *who, struct note_list *notes)
{
    const char *why = "";
    double limit = gauge_limit(condition);
    double most = highest(config, pool, condition->measure, &why);
    const char *name = gauge_names[condition->measure];
    const char *pool_name = config->pools[pool].name;
    enum gauge_comparison side = gauge_side(condition);
    if ((side == GAUGE_ABOVE && limit >= most) || (side == GAUGE_AT_LEAST && limit > most))
        note_add(notes, NOTE_WARNING, "%s, %s can never act: %s %s %.6g, but %.6g is %s", pool_name, who, name,
                 side == GAUGE_ABOVE ? "above" : "at least", limit, most, why);
    else if ((side == GAUGE_BELOW && limit <= 0) || (side == GAUGE_AT_MOST && limit < 0))
        note_add(notes, NOTE_WARNING, "%s, %s can never act: %s is never less than 0", pool_name, who, name);
}

/* ---- Rules that undo each other ---- */

static bool is_from_above(const struct condition_config *condition)
{
    return gauge_side(condition) == GAUGE_ABOVE || gauge_side(condition) == GAUGE_AT_LEAST;
}

static bool is_utilisation(int32_t measure)
{
    return measure == GAUGE_SLOT_UTILISATION || measure == GAUGE_SLOT_UTILISATION_OTHERS ||
           measure == GAUGE_ALLOWED_UTILISATION || measure == GAUGE_CONTAINER_UTILISATION;
}

static bool waits_for_idleness(const struct rule_config *rule)
{
    for (size_t i = 0; i < rule->when_count; i++)
        if (rule->when[i].measure == GAUGE_IDLE_TIME)
            return true;
    return false;
}

/* One more container divides utilisation by more, the fewer there are. */
static void note_dilution(const struct pool_config *pool, const struct rule_config *adds,
                          const struct rule_config *removes, const struct condition_config *high,
                          const struct condition_config *low, struct note_list *notes)
{
    double up = gauge_limit(high);
    double down = gauge_limit(low);
    double containers = ceil(down * (double)adds->add / (up - down)) - 1;
    if (containers < 1 || waits_for_idleness(removes))
        return;
    note_add(notes, NOTE_WARNING,
             "%s: with %.0f container%s, what rule '%s' adds brings %s from %.3g to %.3g, where rule '%s' removes it "
             "again",
             pool->name, containers, containers > 1 ? "s or fewer" : "", adds->name, gauge_names[high->measure], up,
             up * containers / (containers + (double)adds->add), removes->name);
}

static void note_pair(const struct pool_config *pool, const struct rule_config *adds, const struct rule_config *removes,
                      struct note_list *notes)
{
    for (size_t i = 0; i < adds->when_count; i++)
        for (size_t k = 0; k < removes->when_count; k++) {
            const struct condition_config *high = &adds->when[i];
            const struct condition_config *low = &removes->when[k];
            if (high->measure != low->measure || !is_from_above(high) || is_from_above(low))
                continue;
            if (gauge_limit(low) >= gauge_limit(high))
                note_add(notes, NOTE_WARNING,
                         "%s: rule '%s' adds while %s is beyond %.6g and rule '%s' removes up to %.6g: with nothing "
                         "between, they undo each other",
                         pool->name, adds->name, gauge_names[high->measure], gauge_limit(high), removes->name,
                         gauge_limit(low));
            else if (is_utilisation(high->measure))
                note_dilution(pool, adds, removes, high, low, notes);
        }
}

static void note_rules(const struct world_config *config, size_t number, struct note_list *notes)
{
    const struct pool_config *pool = &config->pools[number];
    const struct controller_config *controller = &pool->controller;
    char who[160];
    for (size_t i = 0; i < controller->rule_count; i++) {
        const struct rule_config *rule = &controller->rules[i];
        (void)snprintf(who, sizeof who, "rule '%s'", rule->name);
        for (size_t k = 0; k < rule->when_count; k++)
            note_unreachable(config, number, &rule->when[k], who, notes);
        for (size_t k = 0; rule->add > 0 && k < controller->rule_count; k++)
            if (controller->rules[k].remove > 0)
                note_pair(pool, rule, &controller->rules[k], notes);
    }
    if (pool->max_containers == 0)
        note_add(notes, NOTE_WARNING, "%s: its rules may add containers without end: there is no max_containers",
                 pool->name);
    note_add(notes, NOTE_ASSUMED,
             "%s, controller: somebody outside the platform looks every %.6g s and sets min_containers, with effect "
             "after %.6g s and no other decision for %.6g s; to add asks for more containers than there are, to remove "
             "keeps fewer, and the platform's own rules say when those beyond go",
             pool->name, sim_time_to_s(controller->period_ns), sim_time_to_s(controller->delay_ns),
             sim_time_to_s(controller->cooldown_ns));
}

static void note_alert(const struct world_config *config, const struct alert_config *alert, struct note_list *notes)
{
    char who[160];
    for (int level = 0; level < ALERT_LEVEL_COUNT; level++) {
        if (isnan(gauge_alert_limit(alert, level)))
            continue;
        struct condition_config condition = gauge_alert_condition(alert, level);
        (void)snprintf(who, sizeof who, "alert '%s', level %s,", alert->name, alert_level_names[level]);
        note_unreachable(config, (size_t)alert->pool_index, &condition, who, notes);
    }
}

void load_rules_notes(const struct world_config *config, struct note_list *notes)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (config->pools[i].controller.rule_count > 0)
            note_rules(config, i, notes);
    for (size_t i = 0; i < config->alert_count; i++)
        note_alert(config, &config->alerts[i], notes);
}
