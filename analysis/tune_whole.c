/* tune_whole.c - whole runs of what is left decide. */
#include <math.h>
#include <stdlib.h>

#include "analysis/tune_internal.h"
#include "sim/memory.h"

enum {
    ROUNDS_OF_GROUP = 3 /* before the next points begin, where more wait */
};

static enum sim_status run_wanted(struct tune_search *search, struct select_want *wanted, struct tune_want *wants,
                                  size_t count, struct sim_error *error)
{
    struct tune *tune = search->tune;
    for (size_t i = 0; i < count; i++)
        wants[i] = (struct tune_want){wanted[i].point, wanted[i].count};
    enum sim_status status = tune_work_run(search, TUNE_KIND_WHOLE, "whole runs", wants, count, error);
    for (size_t i = 0; i < count && status == SIM_OK; i++) {
        size_t number = wants[i].point;
        if (tune_is_open(&tune->items[number]))
            tune_work_observe(tune, tune->whole, number, TUNE_KIND_WHOLE);
        else
            select_reject(tune->whole, number);
    }
    if (status == SIM_OK)
        select_judge(tune->whole);
    return status;
}

/* Points that short runs have left come together, all others in the order of their bounds. */
static void enter_next(struct tune_search *search)
{
    struct tune *tune = search->tune;
    size_t most = tune->shorts.is_used ? search->order_count : TUNE_GROUP_WHOLE;
    for (size_t count = 0; count < most && search->entered < search->order_count; search->entered++) {
        size_t number = search->order[search->entered];
        if (!tune_is_open(&tune->items[number]))
            continue;
        select_enter(tune->whole, number);
        count++;
    }
}

static void drop_dear(struct tune_search *search)
{
    struct tune *tune = search->tune;
    if (tune->shorts.is_used)
        return;
    tune->upper_limit = fmin(tune->upper_limit, select_upper_limit(tune->whole));
    tune_short_drop_dear(search);
}

static enum sim_status run_all(struct tune_search *search, struct sim_error *error)
{
    struct tune *tune = search->tune;
    struct select_want *wanted = sim_allocate(tune->points.count, sizeof *wanted);
    struct tune_want *wants = sim_allocate(tune->points.count, sizeof *wants);
    enum sim_status status = SIM_OK;
    size_t count = 0;
    size_t rounds = ROUNDS_OF_GROUP;
    do {
        drop_dear(search);
        if (count == 0 || rounds >= ROUNDS_OF_GROUP) {
            enter_next(search);
            rounds = 0;
        }
        count = select_wanted(tune->whole, wanted);
        if (count > 0)
            status = run_wanted(search, wanted, wants, count, error);
        rounds++;
    } while (status == SIM_OK && (count > 0 || search->entered < search->order_count));
    free(wants);
    free(wanted);
    return status;
}

enum sim_status tune_whole_run(struct tune_search *search, struct sim_error *error)
{
    struct tune *tune = search->tune;
    double share = tune->shorts.is_used ? (1 - TUNE_BOUND_SHARE) / 2 : 1 - TUNE_BOUND_SHARE;
    tune->whole = tune_work_select(tune, share * (1 - tune->confidence), TUNE_FIRST_WHOLE, search->replication_max);
    for (size_t i = 0; i < tune->points.count; i++)
        if (!tune_is_open(&tune->items[i]))
            select_reject(tune->whole, i);
    search->entered = 0;
    return run_all(search, error);
}
