/* months.c - walking the calendar along a run. */
#include "models/months.h"

#include <stdio.h>

#include "sim/calendar.h"
#include "sim/error.h"
#include "sim/timestamp.h"

/* Time 0 in ns since 1970; false without a start. */
static bool start_of(const struct world_config *config, sim_time_ns *start_ns)
{
    return config->start && config->start[0] != '\0' && sim_timestamp_parse(config->start, start_ns);
}

bool months_apply(const struct world_config *config)
{
    sim_time_ns start_ns;
    return start_of(config, &start_ns) && config->duration_ns >= 59 * SIM_DAY &&
           sim_calendar_add_months(start_ns, 2) - start_ns <= config->duration_ns;
}

static sim_time_ns lesser(sim_time_ns a, sim_time_ns b)
{
    return a < b ? a : b;
}

struct sim_calendar_date months_date(const struct world_config *config, sim_time_ns time_ns)
{
    sim_time_ns start_ns = 0;
    bool has_start = start_of(config, &start_ns);
    sim_assert(has_start);
    return sim_calendar_split(start_ns + time_ns);
}

void months_list(const struct world_config *config, struct sim_array *months)
{
    sim_time_ns start_ns;
    sim_array_init(months, sizeof(struct month));
    if (!months_apply(config) || !start_of(config, &start_ns))
        return;
    for (sim_time_ns from_ns = config->warm_up_ns; from_ns < config->duration_ns;) {
        struct sim_calendar_date date = sim_calendar_split(start_ns + from_ns);
        sim_time_ns next_ns = sim_calendar_next_month(start_ns + from_ns) - start_ns;
        size_t place = sim_array_add(months);
        struct month *month = (struct month *)months->items + place;
        month->from_ns = from_ns;
        month->to_ns = lesser(next_ns, config->duration_ns);
        (void)snprintf(month->name, sizeof month->name, "%04u-%02u", (unsigned)date.year % 10000,
                       (unsigned)date.month % 100);
        from_ns = month->to_ns;
    }
}

void months_block_ends(const struct world_config *config, struct sim_array *ends)
{
    sim_time_ns start_ns = 0;
    bool has_start = start_of(config, &start_ns);
    sim_assert(has_start);
    sim_array_init(ends, sizeof(sim_time_ns));
    for (sim_time_ns from_ns = config->warm_up_ns; from_ns < config->duration_ns;) {
        sim_time_ns at_ns = start_ns + from_ns;
        sim_time_ns next_ns = sim_calendar_next_month(at_ns);
        if (config->replications == 1) {
            struct sim_calendar_date date = sim_calendar_split(at_ns);
            sim_time_ns day_ns = 0;
            bool exists = sim_calendar_day_start(date.year, date.month, date.day, &day_ns);
            sim_assert(exists);
            next_ns = day_ns + SIM_DAY;
        }
        from_ns = lesser(next_ns - start_ns, config->duration_ns);
        size_t place = sim_array_add(ends);
        ((sim_time_ns *)ends->items)[place] = from_ns;
    }
}
