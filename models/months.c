/* months.c - walking the calendar along a run. */
#include "models/months.h"

#include <stdio.h>

#include "sim/calendar.h"
#include "sim/error.h"

bool months_apply(const struct world_config *config)
{
    bool has_start = config->start && config->start[0] != '\0';
    return has_start && sim_calendar_add_months(config->start_ns, 2) - config->start_ns <= config->duration_ns;
}

static sim_time_ns lesser(sim_time_ns a, sim_time_ns b)
{
    return a < b ? a : b;
}

struct sim_calendar_date months_date(const struct world_config *config, sim_time_ns time_ns)
{
    return sim_calendar_split(config->start_ns + time_ns);
}

void months_list(const struct world_config *config, struct sim_array *months)
{
    sim_time_ns start_ns = config->start_ns;
    sim_array_init(months, sizeof(struct month));
    if (!months_apply(config))
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

static void add_end(struct sim_array *ends, sim_time_ns end_ns)
{
    size_t place = sim_array_add(ends);
    ((sim_time_ns *)ends->items)[place] = end_ns;
}

/* At every midnight, or at the months if there are several replications. */
static void add_calendar_ends(const struct world_config *config, struct sim_array *ends)
{
    for (sim_time_ns from_ns = config->warm_up_ns; from_ns < config->duration_ns;) {
        sim_time_ns at_ns = config->start_ns + from_ns;
        sim_time_ns next_ns = sim_calendar_next_month(at_ns);
        if (config->replications == 1) {
            struct sim_calendar_date date = sim_calendar_split(at_ns);
            bool exists = sim_calendar_day_start(date.year, date.month, date.day, &next_ns);
            sim_assert(exists);
            next_ns += SIM_DAY;
        }
        from_ns = lesser(next_ns - config->start_ns, config->duration_ns);
        add_end(ends, from_ns);
    }
}

void months_block_ends(const struct world_config *config, size_t count, struct sim_array *ends)
{
    sim_array_init(ends, sizeof(sim_time_ns));
    if (count == 0 && months_apply(config)) {
        add_calendar_ends(config, ends);
        return;
    }
    sim_int128 window_ns = config->duration_ns - config->warm_up_ns;
    size_t equal_count = count ? count : 1;
    for (size_t i = 1; i <= equal_count; i++)
        add_end(ends, config->warm_up_ns + (sim_time_ns)(window_ns * (sim_int128)i / (sim_int128)equal_count));
}
