/* migration.c - a mean over a moving window, and two thresholds. */
#include "models/migration.h"

sim_time_ns migration_period_ns(const struct migration_config *config)
{
    sim_time_ns period_ns = config->window_ns / MIGRATION_LOOKS;
    return period_ns > 0 ? period_ns : 1;
}

static double present_mean(const struct migration_config *config, const struct migration *migration)
{
    sim_int128 sum = 0;
    for (int i = 0; i < MIGRATION_LOOKS; i++)
        sum += migration->parts[i];
    return (double)sum / (double)(MIGRATION_LOOKS * migration_period_ns(config));
}

bool migration_look(const struct migration_config *config, struct migration *migration, sim_time_ns now_ns)
{
    migration->parts[migration->looks++ % MIGRATION_LOOKS] = sim_level_split(&migration->present, now_ns);
    if (migration->looks < MIGRATION_LOOKS)
        return false;
    double present = present_mean(config, migration);
    bool turns = migration->is_away ? config->back && present < config->below : present > config->above;
    if (turns) {
        migration->share_then = migration_share(config, migration, now_ns);
        migration->is_away = !migration->is_away;
        migration->since_ns = now_ns;
    }
    return turns;
}

double migration_share(const struct migration_config *config, const struct migration *migration, sim_time_ns now_ns)
{
    double moved = 1;
    if (now_ns - migration->since_ns < config->over_ns)
        moved = (double)(now_ns - migration->since_ns) / (double)config->over_ns;
    if (migration->is_away)
        return migration->share_then + moved < 1 ? migration->share_then + moved : 1;
    return migration->share_then > moved ? migration->share_then - moved : 0;
}
