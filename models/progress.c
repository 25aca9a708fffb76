/* progress.c - work in stretches between checkpoints. */
#include "models/progress.h"

#include "sim/integer.h"

static sim_time_ns lesser(sim_time_ns a, sim_time_ns b)
{
    return a < b ? a : b;
}

sim_time_ns progress_span_ns(struct progress_rule rule, sim_time_ns work_ns)
{
    if (work_ns <= 0)
        return 0;
    sim_int128 checkpoints = (work_ns - 1) / rule.every_ns;
    sim_int128 span_ns = work_ns + checkpoints * rule.write_ns;
    return span_ns < SIM_TIME_NEVER ? (sim_time_ns)span_ns : SIM_TIME_NEVER;
}

/* Work done by then, of which the stretch that is going on is a part. */
static sim_time_ns done_ns(struct progress_rule rule, sim_time_ns elapsed_ns)
{
    sim_time_ns stretch_ns = rule.every_ns + rule.write_ns;
    return elapsed_ns / stretch_ns * rule.every_ns + lesser(elapsed_ns % stretch_ns, rule.every_ns);
}

sim_time_ns progress_kept_ns(struct progress_rule rule, sim_time_ns work_ns, sim_time_ns elapsed_ns, bool has_notice)
{
    if (elapsed_ns <= 0)
        return 0;
    sim_time_ns kept_ns = elapsed_ns / (rule.every_ns + rule.write_ns) * rule.every_ns;
    if (has_notice && elapsed_ns - rule.write_ns > 0) {
        sim_time_ns last_ns = done_ns(rule, elapsed_ns - rule.write_ns);
        kept_ns = last_ns > kept_ns ? last_ns : kept_ns;
    }
    return lesser(kept_ns, work_ns);
}
