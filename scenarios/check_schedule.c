/* check_schedule.c - dates, hours, and what is in force in the course of a run. */
#include "scenarios/check.h"

#include <stdio.h>

#include "models/autoscaler.h"
#include "models/schedule.h"
#include "scenarios/quantity.h"
#include "sim/calendar.h"
#include "sim/integer.h"

/* What the course of a run may cost to check: changes x entries. */
#define COURSE_COST_MAX 5000000

static bool has_start(const struct world_config *config)
{
    struct sim_error error;
    int64_t seconds;
    return config->start[0] != '\0' && quantity_parse_date(config->start, &seconds, &error) == SIM_OK;
}

static sim_time_ns to_simulated(const struct world_config *config, int64_t seconds)
{
    sim_int128 time_ns = (sim_int128)seconds * SIM_SECOND - config->start_ns;
    return time_ns < SIM_TIME_NEVER ? (sim_time_ns)time_ns : SIM_TIME_NEVER;
}

/* Reads the date under `key`, if there is one, as simulated time. False when there is none that can be relied on. */
static bool read_date(const struct world_config *config, const struct node *node, const char *key, sim_time_ns *time_ns,
                      struct diagnostic_list *problems)
{
    struct sim_error error = {0};
    int64_t seconds;
    const struct node *given = check_given(node, key);
    if (!given || given->is_wrong)
        return false;
    if (quantity_parse_date(given->text, &seconds, &error) != SIM_OK) {
        diagnostic_add(problems, given->place, "'%s': %s", key, error.message);
        return false;
    }
    if (config->start[0] == '\0')
        diagnostic_add(problems, given->place, "'%s' is a date, but the scenario has no 'start'", key);
    if (!has_start(config))
        return false;
    *time_ns = to_simulated(config, seconds);
    return true;
}

/* Lists by date */

static void check_prices(const struct world_config *config, struct pool_config *pool, const struct node *list,
                         struct diagnostic_list *problems)
{
    const struct node *item = list->first;
    for (size_t i = 0; i < pool->price_count; i++, item = item->next) {
        struct price_change *price = &pool->prices[i];
        if (item->is_wrong || !read_date(config, item, "from", &price->from_ns, problems))
            continue;
        if (i > 0 && price->from_ns <= pool->prices[i - 1].from_ns)
            diagnostic_add(problems, check_place(item, "from"), "prices must stand in the order of their dates");
    }
}

static void check_quotas(const struct world_config *config, const struct node *list, struct diagnostic_list *problems)
{
    const struct node *item = list->first;
    for (size_t i = 0; i < config->quota_count; i++, item = item->next) {
        struct quota_config *quota = &config->quotas[i];
        bool is_last = i + 1 == config->quota_count;
        quota->until_ns = SIM_TIME_NEVER;
        if (item->is_wrong)
            continue;
        if (is_last && check_given(item, "until"))
            diagnostic_add(problems, check_place(item, "until"), "the last quota has no 'until': nothing follows it");
        else if (!is_last && !check_given(item, "until"))
            diagnostic_add(problems, item->place, "a quota that another one follows needs 'until'");
        else if (read_date(config, item, "until", &quota->until_ns, problems) && i > 0 &&
                 quota->until_ns <= config->quotas[i - 1].until_ns)
            diagnostic_add(problems, check_place(item, "until"), "quotas must stand in the order of their dates");
    }
}

/* Entries of a schedule */

/* HH:MM, to 24:00; *text moves behind it. */
static bool scan_clock(const char **text, sim_time_ns *of_day_ns)
{
    int64_t parts[2];
    for (int i = 0; i < 2; i++) {
        const char *at = *text;
        if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
            return false;
        parts[i] = (at[0] - '0') * 10 + at[1] - '0';
        *text += 2;
        if (i == 0 && *(*text)++ != ':')
            return false;
    }
    *of_day_ns = (parts[0] * 60 + parts[1]) * 60 * SIM_SECOND;
    return parts[1] < 60 && *of_day_ns <= SIM_DAY;
}

static void check_hours(struct schedule_config *entry, const struct node *node, struct diagnostic_list *problems)
{
    const struct node *given = check_given(node, "hours");
    if (!given || given->is_wrong)
        return;
    const char *text = entry->hours;
    bool is_span = scan_clock(&text, &entry->hours_from_ns) && *text++ == '-' &&
                   scan_clock(&text, &entry->hours_to_ns) && *text == '\0' && entry->hours_from_ns < SIM_DAY;
    if (!is_span)
        diagnostic_add(problems, given->place, "'hours': expected times of day such as '20:00-07:00', not '%s'",
                       entry->hours);
    else if (entry->hours_from_ns == entry->hours_to_ns)
        diagnostic_add(problems, given->place, "'hours' begin and end at the same time; without them it is all day");
}

static const char *const setting_keys[SETTING_COUNT] = {
    [SETTING_MIN_CONTAINERS] = "min_containers",       [SETTING_MAX_CONTAINERS] = "max_containers",
    [SETTING_BUFFER_CONTAINERS] = "buffer_containers", [SETTING_SCALEDOWN_WINDOW] = "scaledown_window",
    [SETTING_TARGET_INPUTS] = "target_inputs",         [SETTING_MAX_INPUTS] = "max_inputs",
};

static bool is_of_autoscaler(int setting)
{
    return setting == SETTING_MAX_CONTAINERS || setting == SETTING_BUFFER_CONTAINERS ||
           setting == SETTING_SCALEDOWN_WINDOW;
}

static void check_set(const struct pool_config *pool, struct setting_config *set, const struct node *node,
                      struct diagnostic_list *problems)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const struct node *given = check_given(node, setting_keys[i]);
        if (!given)
            continue;
        set->given |= 1u << i;
        if (i == SETTING_MAX_INPUTS)
            diagnostic_add(problems, given->key_place,
                           "'max_inputs' cannot be scheduled: containers keep what they were made with; "
                           "'target_inputs' can");
        else if (autoscaler_of(pool) == &autoscaler_fixed && is_of_autoscaler(i))
            diagnostic_add(problems, given->key_place,
                           "'%s' means nothing for a fixed pool: 'min_containers' is its number", setting_keys[i]);
    }
    if (node->kind == NODE_MAPPING && node->count == 0)
        diagnostic_add(problems, node->place, "'set' changes nothing");
    if (check_is_sound(node, "target_inputs") && set->target_inputs > pool->max_inputs)
        diagnostic_add(problems, check_place(node, "target_inputs"),
                       "'target_inputs' (%lld) is more than 'max_inputs' (%lld)", (long long)set->target_inputs,
                       (long long)pool->max_inputs);
}

static void check_entry(const struct world_config *config, const struct pool_config *pool,
                        struct schedule_config *entry, const struct node *node, struct diagnostic_list *problems)
{
    const struct node *days = check_given(node, "days");
    const struct node *set = check_given(node, "set");
    entry->from_ns = INT64_MIN;
    entry->to_ns = SIM_TIME_NEVER;
    check_hours(entry, node, problems);
    if (days && !days->is_wrong && config->start[0] == '\0')
        diagnostic_add(problems, days->place, "'days' need a date of time 0, but the scenario has no 'start'");
    bool has_from = read_date(config, node, "from", &entry->from_ns, problems);
    bool has_to = read_date(config, node, "to", &entry->to_ns, problems);
    if (has_from && has_to && entry->from_ns >= entry->to_ns)
        diagnostic_add(problems, check_place(node, "to"), "'to' must be after 'from'");
    if (set && !set->is_wrong)
        check_set(pool, &entry->set, set, problems);
}

/* The course of a run */

static sim_time_ns earlier(sim_time_ns a, sim_time_ns b)
{
    return a < b ? a : b;
}

/* " at 2026-03-01 20:00" for what begins later than the run. */
static const char *when(const struct world_config *config, sim_time_ns time_ns, char *text, size_t size)
{
    struct sim_calendar_date date = sim_calendar_split(config->start_ns + time_ns);
    if (time_ns == 0)
        text[0] = '\0';
    else if (config->start[0] == '\0')
        (void)snprintf(text, size, " after %.10g h", sim_time_to_s(time_ns) / 3600);
    else
        (void)snprintf(text, size, " at %04d-%02d-%02d %02d:%02d", date.year, date.month, date.day, date.hour,
                       date.minute);
    return text;
}

/* Whether what is in force at one time contradicts itself. */
static bool check_force(const struct world_config *config, const struct pool_config *pool, sim_time_ns time_ns,
                        struct place place, struct diagnostic_list *problems)
{
    char text[40];
    struct pool_settings now = schedule_settings_at(config, pool, time_ns);
    int64_t quota = schedule_quota_at(config, time_ns);
    int64_t gpus = now.min_containers * pool->gpu_count;
    bool is_as_given = now.min_containers == pool->min_containers && now.max_containers == pool->max_containers;
    if (!is_as_given && now.max_containers > 0 && now.min_containers > now.max_containers) {
        diagnostic_add(problems, place, "'min_containers' (%lld) is more than 'max_containers' (%lld)%s",
                       (long long)now.min_containers, (long long)now.max_containers,
                       when(config, time_ns, text, sizeof text));
        return false;
    }
    if (quota > 0 && gpus > quota) {
        diagnostic_add(problems, place, "'min_containers' need %lld GPUs, the quota is %lld%s", (long long)gpus,
                       (long long)quota, when(config, time_ns, text, sizeof text));
        return false;
    }
    return true;
}

static void check_course(const struct world_config *config, const struct pool_config *pool, const struct node *node,
                         struct diagnostic_list *problems)
{
    const struct node *schedule = check_given(node, "schedule");
    struct place place = schedule ? schedule->place : check_place(node, "min_containers");
    int64_t steps = COURSE_COST_MAX / (int64_t)(pool->schedule_count + config->quota_count + 1);
    sim_time_ns time_ns = 0;
    while (time_ns < config->duration_ns && steps-- > 0 && check_force(config, pool, time_ns, place, problems))
        time_ns = earlier(schedule_settings_next(config, pool, time_ns), schedule_quota_next(config, time_ns));
}

static void check_pool_schedule(const struct world_config *config, struct pool_config *pool, const struct node *node,
                                struct diagnostic_list *problems)
{
    size_t problems_before = problems->count;
    const struct node *prices = check_given(node, "prices");
    if (prices && !prices->is_wrong)
        check_prices(config, pool, prices, problems);
    const struct node *schedule = check_given(node, "schedule");
    if (schedule && !schedule->is_wrong) {
        const struct node *item = schedule->first;
        for (size_t i = 0; i < pool->schedule_count; i++, item = item->next)
            if (!item->is_wrong)
                check_entry(config, pool, &pool->schedule[i], item, problems);
    }
    if (problems->count == problems_before && check_is_sound(node, "min_containers") &&
        config->duration_ns != SIM_TIME_NEVER)
        check_course(config, pool, node, problems);
}

void check_schedule(struct world_config *config, const struct node *root, struct diagnostic_list *problems)
{
    const struct node *quotas = check_given(root, "quotas");
    if (quotas && !quotas->is_wrong)
        check_quotas(config, quotas, problems);
    const struct node *pools = check_given(root, "pools");
    const struct node *node = pools && !pools->is_wrong ? pools->first : NULL;
    for (size_t i = 0; node && i < config->pool_count; i++, node = node->next)
        if (!node->is_wrong)
            check_pool_schedule(config, &config->pools[i], node, problems);
}
