/* check_profile.c - what the kinds of main stage need, from the profile and from the classes. */
#include <string.h>

#include "scenarios/check.h"

#define BIT(stage) (1u << (stage))
#define SHARING BIT(STAGE_PROCESSOR_SHARING)
#define BATCHING BIT(STAGE_CONTINUOUS_BATCHING)
#define INDEPENDENT BIT(STAGE_INDEPENDENT)
#define DYNAMIC BIT(STAGE_DYNAMIC_BATCHING)

/* Which keys belong to which stages. Keys that are not here belong to all. */
static const struct check_key stage_keys[] = {
    {"base_time", SHARING | DYNAMIC, 0},
    {"per_running", SHARING | DYNAMIC, 0},
    {"curve", SHARING | DYNAMIC, 0},
    {"slots", SHARING, 0},
    {"tokens_per_work", SHARING, 0},
    {"first_output", SHARING | INDEPENDENT, 0},
    {"first_output_curve", SHARING, 0},
    {"service_time", INDEPENDENT, INDEPENDENT},
    {"max_batch_size", DYNAMIC, DYNAMIC},
    {"wait", DYNAMIC, 0},
    {"instances", DYNAMIC, 0},
    {"slowdown", DYNAMIC, 0},
    {"handover", DYNAMIC, 0},
    {"batch_spread", DYNAMIC, 0},
    {"speeds", SHARING | DYNAMIC | BATCHING, 0},
    {"step", BATCHING, BATCHING},
    {"per_cached_token", BATCHING, 0},
    {"per_prefill_token", BATCHING, 0},
    {"token_budget", BATCHING, 0},
    {"max_batch", BATCHING, 0},
    {"kv_tokens", BATCHING, BATCHING},
    {"kv_block", BATCHING, 0},
    {"kv_watermark", BATCHING, 0},
    {"whole_prompt", BATCHING, 0},
    {"keeps_preempted", BATCHING, 0},
    {"overwrites_preempted", BATCHING, 0},
    {"scheduled_ahead", BATCHING, 0},
};

/* Points go up in the number running. Times may not fall by more than measurement noise would explain: that is for
 * the fit to say, not for us.
 */
static void check_rises(const struct node *item, const char *key, bool rises, struct diagnostic_list *problems,
                        const char *list)
{
    if (!rises)
        diagnostic_add(problems, check_place(item, key), "the points of '%s' must go up in '%s'", list, key);
}

static void check_curve(const struct curve_point *points, size_t count, const struct node *list,
                        struct diagnostic_list *problems)
{
    bool rises = true;
    const struct node *item = list ? list->first : NULL;
    for (size_t i = 0; item && rises && i < count; i++, item = item->next) {
        if (!check_is_sound(item, "running") || item->is_wrong)
            return;
        rises = i == 0 || points[i].running > points[i - 1].running;
        check_rises(item, "running", rises, problems, list->key);
    }
}

/* The time of a unit of work, or of a batch. */
static void check_times(const struct profile_config *profile, const struct node *node, struct diagnostic_list *problems)
{
    const struct node *curve = check_given(node, "curve");
    const struct node *base = check_given(node, "base_time");
    const struct node *per_running = check_given(node, "per_running");
    if (curve && (base || profile->per_running_s > 0))
        diagnostic_add(problems, curve->key_place,
                       "'curve' stands in place of 'base_time' and 'per_running': give one of them");
    if (!curve && !base && !per_running)
        diagnostic_add(problems, node->place, "the stage '%s' needs 'base_time' or 'curve'",
                       profile->stage == STAGE_PROCESSOR_SHARING ? "processor-sharing" : "dynamic-batching");
    if (!curve && (base || per_running) && check_is_sound(node, "base_time") && check_is_sound(node, "per_running") &&
        profile->base_s + profile->per_running_s <= 0)
        diagnostic_add(problems, (base ? base : per_running)->place, "'base_time' and 'per_running' are both 0");
    check_curve(profile->curve, profile->curve_count, curve, problems);
}

/* The mean says that there is a first output before the end; the curve only where it comes. */
static void check_first_output(const struct profile_config *profile, const struct node *node,
                               struct diagnostic_list *problems)
{
    const struct node *curve = check_given(node, "first_output_curve");
    const struct node *item = curve ? curve->first : NULL;
    bool rises = true;
    if (curve && profile->first_output >= 1)
        diagnostic_add(problems, curve->key_place, "'first_output_curve' needs 'first_output' beside it, below 100%%");
    for (size_t i = 0; item && rises && i < profile->first_output_count; i++, item = item->next) {
        if (!check_is_sound(item, "running") || item->is_wrong)
            return;
        rises = i == 0 || profile->first_output_curve[i].running > profile->first_output_curve[i - 1].running;
        check_rises(item, "running", rises, problems, curve->key);
    }
}

static void check_dynamic(const struct profile_config *profile, const struct node *node,
                          struct diagnostic_list *problems)
{
    check_times(profile, node, problems);
    const struct node *list = check_given(node, "slowdown");
    const struct node *item = list ? list->first : NULL;
    bool rises = true;
    for (size_t i = 0; item && rises && i < profile->slowdown_count; i++, item = item->next) {
        if (!check_is_sound(item, "busy") || item->is_wrong)
            return;
        rises = i == 0 || profile->slowdown[i].busy > profile->slowdown[i - 1].busy;
        check_rises(item, "busy", rises, problems, list->key);
    }
}

static void check_batching(const struct profile_config *profile, const struct node *node,
                           struct diagnostic_list *problems)
{
    check_curve(profile->step_curve, profile->step_curve_count, check_given(node, "step"), problems);
    if (check_is_sound(node, "token_budget") && check_is_sound(node, "max_batch") &&
        profile->token_budget < profile->max_batch)
        diagnostic_add(problems, check_place(node, "token_budget"),
                       "'token_budget' (%lld) is less than 'max_batch' (%lld): a step could not serve its batch",
                       (long long)profile->token_budget, (long long)profile->max_batch);
    if (check_given(node, "kv_tokens") && check_is_sound(node, "kv_tokens") && check_is_sound(node, "kv_block") &&
        profile->kv_tokens < profile->kv_block)
        diagnostic_add(problems, check_place(node, "kv_tokens"), "'kv_tokens' is less than one block");
}

void check_profile(const struct profile_config *profile, const struct node *node, struct diagnostic_list *problems)
{
    const struct node *stage = check_given(node, "stage");
    if (!stage || stage->is_wrong)
        return;
    check_keys(stage_keys, sizeof stage_keys / sizeof *stage_keys, &profile_config_table, "stage", profile->stage, node,
               problems);
    if (profile->stage == STAGE_PROCESSOR_SHARING) {
        check_times(profile, node, problems);
        check_first_output(profile, node, problems);
    }
    if (profile->stage == STAGE_DYNAMIC_BATCHING)
        check_dynamic(profile, node, problems);
    if (profile->stage == STAGE_CONTINUOUS_BATCHING)
        check_batching(profile, node, problems);
}

static void expect_key(const struct node *item, const char *key, const struct profile_config *profile,
                       struct diagnostic_list *problems)
{
    const struct node *name = node_member(item, "name");
    if (!check_given(item, key))
        diagnostic_add(problems, item->place, "class '%s' has no '%s', which the profile '%s' needs",
                       name ? name->text : "", key, profile->name);
}

void check_profile_needs(const struct profile_config *profile, size_t pool, const struct workload_config *workload,
                         const struct node *node, struct diagnostic_list *problems)
{
    const struct node *classes = node_member(node, "classes");
    if (!classes || classes->is_wrong || profile->name[0] == '\0')
        return;
    bool needs_output = profile->stage == STAGE_CONTINUOUS_BATCHING ||
                        (profile->stage == STAGE_PROCESSOR_SHARING && profile->tokens_per_work > 0);
    bool needs_input = profile->stage == STAGE_CONTINUOUS_BATCHING;
    bool needs_work = profile->stage == STAGE_PROCESSOR_SHARING && !(profile->tokens_per_work > 0);
    size_t number = 0;
    for (const struct node *item = classes->first; item; item = item->next, number++) {
        if (item->is_wrong || !workload_config_uses_pool(workload, number, pool))
            continue;
        if (needs_input && workload->arrivals.input_tokens_column[0] == '\0')
            expect_key(item, "input_tokens", profile, problems);
        if (needs_output && workload->arrivals.output_tokens_column[0] == '\0')
            expect_key(item, "output_tokens", profile, problems);
        if (needs_work)
            expect_key(item, "work", profile, problems);
    }
}
