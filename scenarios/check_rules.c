/* check_rules.c - rules of controllers, and alerts. */
#include <math.h>
#include <string.h>

#include "scenarios/check.h"
#include "scenarios/quantity.h"

static bool is_endless(const struct node *node, const char *key, sim_time_ns value, struct diagnostic_list *problems)
{
    if (!check_is_sound(node, key) || value != SIM_TIME_NEVER)
        return false;
    diagnostic_add(problems, check_place(node, key), "'%s' cannot be 'never'", key);
    return true;
}

static bool is_period(const struct node *node, sim_time_ns period_ns, struct diagnostic_list *problems)
{
    if (!check_is_sound(node, "period") || is_endless(node, "period", period_ns, problems))
        return false;
    if (period_ns > 0)
        return true;
    diagnostic_add(problems, check_place(node, "period"), "'period' must be more than 0");
    return false;
}

/* What conditions and alerts have in common. */

static void check_limit(int32_t measure, const struct node *node, const char *key, struct diagnostic_list *problems)
{
    const struct node *limit = check_given(node, key);
    struct sim_error error;
    double value;
    if (!limit || limit->is_wrong || !check_is_sound(node, "measure"))
        return;
    if (quantity_parse(limit->text, gauge_kinds[measure].unit, &value, &error) != SIM_OK)
        diagnostic_add(problems, limit->place, "'%s' of '%s': %s", key, gauge_names[measure], error.message);
}

/* `period_ns`: 0 if it cannot be relied on. */
static void check_window(const struct condition_config *condition, sim_time_ns period_ns, const struct node *node,
                         struct diagnostic_list *problems)
{
    const char *name = gauge_names[condition->measure];
    if (is_endless(node, "window", condition->window_ns, problems) || !check_is_sound(node, "measure") ||
        !check_is_sound(node, "window"))
        return;
    if (gauge_kinds[condition->measure].window == GAUGE_AT_INSTANT && condition->window_ns > 0)
        diagnostic_add(problems, check_place(node, "window"),
                       "'window' means nothing for '%s', which is read at the instant; 'for' asks how long it lasts",
                       name);
    else if (period_ns > 0 && condition->window_ns % period_ns != 0)
        diagnostic_add(problems, check_place(node, "window"), "'window' must be a whole number of periods of %.10g s",
                       sim_time_to_s(period_ns));
    else if (period_ns > 0 && gauge_periods(condition, period_ns) > GAUGE_PERIODS_MAX)
        diagnostic_add(problems, check_place(node, "window"), "'window' has more than %d periods of %.10g s",
                       GAUGE_PERIODS_MAX, sim_time_to_s(period_ns));
}

/* Rules */

static void check_condition(const struct condition_config *condition, sim_time_ns period_ns, const struct node *node,
                            struct diagnostic_list *problems)
{
    static const char *const keys[] = {"above", "at_least", "at_most", "below"};
    int given = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        given += check_given(node, keys[i]) != NULL;
        check_limit(condition->measure, node, keys[i], problems);
    }
    if (given != 1)
        diagnostic_add(problems, node->place, "a condition needs one of 'above', 'at_least', 'at_most' and 'below'%s",
                       given > 1 ? ", and only one" : "");
    check_window(condition, period_ns, node, problems);
    is_endless(node, "for", condition->for_ns, problems);
}

static void check_rule(const struct rule_config *rule, sim_time_ns period_ns, const struct node *node,
                       struct diagnostic_list *problems)
{
    bool is_sound = check_is_sound(node, "add") && check_is_sound(node, "remove");
    if (is_sound && rule->add == 0 && rule->remove == 0)
        diagnostic_add(problems, node->place, "the rule '%s' needs 'add' or 'remove'", rule->name);
    else if (is_sound && rule->add > 0 && rule->remove > 0)
        diagnostic_add(problems, check_place(node, "remove"), "the rule '%s' adds and removes: one of both",
                       rule->name);
    const struct node *list = check_given(node, "when");
    if (!list || list->is_wrong)
        return;
    const struct node *item = list->first;
    for (size_t i = 0; i < rule->when_count; i++, item = item->next)
        if (!item->is_wrong)
            check_condition(&rule->when[i], period_ns, item, problems);
}

static void check_controller(const struct pool_config *pool, const struct node *node, struct diagnostic_list *problems)
{
    const struct controller_config *controller = &pool->controller;
    const struct node *list = check_given(node, "rules");
    sim_time_ns period_ns = is_period(node, controller->period_ns, problems) ? controller->period_ns : 0;
    is_endless(node, "delay", controller->delay_ns, problems);
    is_endless(node, "cooldown", controller->cooldown_ns, problems);
    if (!list || list->is_wrong)
        return;
    const struct node *item = list->first;
    for (size_t i = 0; i < controller->rule_count; i++, item = item->next)
        if (!item->is_wrong)
            check_rule(&controller->rules[i], period_ns, item, problems);
}

/* Alerts */

static void check_levels(const struct alert_config *alert, const struct node *node, struct diagnostic_list *problems)
{
    bool has_both = check_given(node, "warning") && check_given(node, "critical");
    check_limit(alert->measure, node, "warning", problems);
    check_limit(alert->measure, node, "critical", problems);
    if (!check_given(node, "warning") && !check_given(node, "critical"))
        diagnostic_add(problems, node->place, "the alert '%s' needs 'warning' or 'critical'", alert->name);
    bool is_reversed = alert->side == ALERT_ABOVE ? alert->critical < alert->warning : alert->critical > alert->warning;
    if (has_both && check_is_sound(node, "warning") && check_is_sound(node, "critical") && is_reversed)
        diagnostic_add(problems, check_place(node, "critical"),
                       "'critical' is passed before 'warning': the alert is active %s its limits",
                       alert->side == ALERT_ABOVE ? "above" : "below");
}

static void check_alert(const struct world_config *config, struct alert_config *alert, const struct node *node,
                        struct diagnostic_list *problems)
{
    alert->pool_index = check_find_pool(config, alert->pool, "pool", node, problems);
    struct condition_config condition = gauge_alert_condition(alert, ALERT_WARNING);
    check_levels(alert, node, problems);
    check_window(&condition, is_period(node, alert->period_ns, problems) ? alert->period_ns : 0, node, problems);
    is_endless(node, "for", alert->for_ns, problems);
}

void check_rules(struct world_config *config, const struct node *root, struct diagnostic_list *problems)
{
    const struct node *pools = check_given(root, "pools");
    const struct node *node = pools && !pools->is_wrong ? pools->first : NULL;
    for (size_t i = 0; node && i < config->pool_count; i++, node = node->next) {
        const struct node *controller = node->is_wrong ? NULL : check_given(node, "controller");
        if (controller && !controller->is_wrong)
            check_controller(&config->pools[i], controller, problems);
    }
    const struct node *alerts = check_given(root, "alerts");
    node = alerts && !alerts->is_wrong ? alerts->first : NULL;
    for (size_t i = 0; node && i < config->alert_count; i++, node = node->next)
        if (!node->is_wrong)
            check_alert(config, &config->alerts[i], node, problems);
}
