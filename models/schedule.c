/* schedule.c - entries of a schedule against the calendar. */
#include "models/schedule.h"

#include "sim/integer.h"

enum {
    WEEKDAYS = 7,
    WEEKDAY_OF_1970 = 3, /* 1970-01-01 was a Thursday; 0 is Monday */
    ALL_DAYS = (1 << WEEKDAYS) - 1
};

/* An instant as the day since 1970 and the time of that day. */
struct instant {
    int64_t day;
    sim_time_ns of_day_ns; /* 0 to SIM_DAY - 1 */
};

static struct instant instant_at(const struct world_config *config, sim_time_ns time_ns)
{
    const sim_time_ns day_ns = SIM_DAY;
    sim_int128 since_1970_ns = (sim_int128)config->start_ns + time_ns;
    struct instant at = {(int64_t)(since_1970_ns / day_ns), (sim_time_ns)(since_1970_ns % day_ns)};
    if (at.of_day_ns < 0) {
        at.day--;
        at.of_day_ns += SIM_DAY;
    }
    return at;
}

static bool is_on_day(const struct schedule_config *entry, int64_t day)
{
    int64_t weekday = (day + WEEKDAY_OF_1970) % WEEKDAYS;
    if (weekday < 0)
        weekday += WEEKDAYS;
    int32_t days = entry->days ? entry->days : ALL_DAYS;
    return days >> weekday & 1;
}

static bool is_every_day(const struct schedule_config *entry)
{
    return entry->days == 0 || entry->days == ALL_DAYS;
}

static bool is_all_day(const struct schedule_config *entry)
{
    return entry->hours_from_ns == 0 && entry->hours_to_ns == 0;
}

bool schedule_holds(const struct world_config *config, const struct schedule_config *entry, sim_time_ns time_ns)
{
    if (time_ns < entry->from_ns || time_ns >= entry->to_ns)
        return false;
    struct instant at = instant_at(config, time_ns);
    bool has_begun = at.of_day_ns >= entry->hours_from_ns;
    bool has_ended = at.of_day_ns >= entry->hours_to_ns;
    if (is_all_day(entry))
        return is_on_day(entry, at.day);
    if (entry->hours_from_ns < entry->hours_to_ns)
        return has_begun && !has_ended && is_on_day(entry, at.day);
    return (has_begun && is_on_day(entry, at.day)) || (!has_ended && is_on_day(entry, at.day - 1));
}

static bool is_given(const struct setting_config *set, enum pool_setting setting)
{
    return set->given >> setting & 1;
}

static void apply(struct pool_settings *settings, const struct setting_config *set)
{
    const struct {
        enum pool_setting setting;
        int64_t *to;
        int64_t from;
    } parts[] = {
        {SETTING_MIN_CONTAINERS, &settings->min_containers, set->min_containers},
        {SETTING_MAX_CONTAINERS, &settings->max_containers, set->max_containers},
        {SETTING_BUFFER_CONTAINERS, &settings->buffer_containers, set->buffer_containers},
        {SETTING_SCALEDOWN_WINDOW, &settings->scaledown_window_ns, set->scaledown_window_ns},
        {SETTING_TARGET_INPUTS, &settings->target_inputs, set->target_inputs},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (is_given(set, parts[i].setting))
            *parts[i].to = parts[i].from;
}

struct pool_settings schedule_settings_at(const struct world_config *config, const struct pool_config *pool,
                                          sim_time_ns time_ns)
{
    struct pool_settings settings = {
        .min_containers = pool->min_containers,
        .max_containers = pool->max_containers,
        .buffer_containers = pool->buffer_containers,
        .scaledown_window_ns = pool->scaledown_window_ns,
        .target_inputs = pool->target_inputs,
    };
    for (size_t i = 0; i < pool->schedule_count; i++)
        if (schedule_holds(config, &pool->schedule[i], time_ns))
            apply(&settings, &pool->schedule[i].set);
    if (settings.target_inputs == 0 || settings.target_inputs > pool->max_inputs)
        settings.target_inputs = pool->max_inputs;
    return settings;
}

static sim_time_ns earlier(sim_time_ns a, sim_time_ns b)
{
    return a < b ? a : b;
}

/* The first instant after time_ns at that time of day. */
static sim_time_ns next_of_day(const struct world_config *config, sim_time_ns time_ns, sim_time_ns of_day_ns)
{
    sim_time_ns ahead_ns = of_day_ns - instant_at(config, time_ns).of_day_ns;
    if (ahead_ns <= 0)
        ahead_ns += SIM_DAY;
    return ahead_ns < SIM_TIME_NEVER - time_ns ? time_ns + ahead_ns : SIM_TIME_NEVER;
}

static sim_time_ns next_of_entry(const struct world_config *config, const struct schedule_config *entry,
                                 sim_time_ns time_ns)
{
    if (time_ns < entry->from_ns)
        return entry->from_ns;
    if (time_ns >= entry->to_ns)
        return SIM_TIME_NEVER;
    sim_time_ns next_ns = entry->to_ns;
    if (is_all_day(entry) && is_every_day(entry))
        return next_ns;
    next_ns = earlier(next_ns, next_of_day(config, time_ns, entry->hours_from_ns));
    return earlier(next_ns, next_of_day(config, time_ns, entry->hours_to_ns % SIM_DAY));
}

sim_time_ns schedule_settings_next(const struct world_config *config, const struct pool_config *pool,
                                   sim_time_ns time_ns)
{
    sim_time_ns next_ns = SIM_TIME_NEVER;
    for (size_t i = 0; i < pool->schedule_count; i++)
        next_ns = earlier(next_ns, next_of_entry(config, &pool->schedule[i], time_ns));
    return next_ns;
}

sim_time_ns schedule_longest_window_ns(const struct pool_config *pool)
{
    sim_time_ns longest_ns = pool->scaledown_window_ns;
    for (size_t i = 0; i < pool->schedule_count; i++) {
        const struct setting_config *set = &pool->schedule[i].set;
        if (is_given(set, SETTING_SCALEDOWN_WINDOW) && set->scaledown_window_ns > longest_ns)
            longest_ns = set->scaledown_window_ns;
    }
    return longest_ns;
}

int64_t schedule_lowest_min(const struct pool_config *pool)
{
    int64_t lowest = pool->min_containers;
    for (size_t i = 0; i < pool->schedule_count; i++) {
        const struct setting_config *set = &pool->schedule[i].set;
        if (is_given(set, SETTING_MIN_CONTAINERS) && set->min_containers < lowest)
            lowest = set->min_containers;
    }
    return lowest;
}

int64_t schedule_lowest_target(const struct pool_config *pool)
{
    int64_t lowest = pool->target_inputs ? pool->target_inputs : pool->max_inputs;
    for (size_t i = 0; i < pool->schedule_count; i++) {
        const struct setting_config *set = &pool->schedule[i].set;
        if (is_given(set, SETTING_TARGET_INPUTS) && set->target_inputs > 0 && set->target_inputs < lowest)
            lowest = set->target_inputs;
    }
    return lowest;
}

/* The quota that holds, NULL if there is none. */
static const struct quota_config *quota_at(const struct world_config *config, sim_time_ns time_ns)
{
    for (size_t i = 0; i < config->quota_count; i++)
        if (time_ns < config->quotas[i].until_ns)
            return &config->quotas[i];
    return NULL;
}

int64_t schedule_quota_at(const struct world_config *config, sim_time_ns time_ns)
{
    const struct quota_config *quota = quota_at(config, time_ns);
    return quota ? quota->gpus : 0;
}

sim_time_ns schedule_quota_next(const struct world_config *config, sim_time_ns time_ns)
{
    const struct quota_config *quota = quota_at(config, time_ns);
    return quota ? quota->until_ns : SIM_TIME_NEVER;
}
