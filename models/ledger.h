/* ledger.h - what a world has counted over a span of its run, and how spans that follow one another add up.
 *
 * A long run may be simulated in pieces, each by another world. A container that lives across a joint is counted by
 * both: the first leaves it open with what it has seen of it, the second says which of the open ones it was. Only
 * the two together know what its life cost. All sums are exact integers, so a run gives the same ledger however it
 * was cut.
 */
#ifndef MODELS_LEDGER_H
#define MODELS_LEDGER_H

#include <stdint.h>

#include "models/config.h"
#include "models/result.h"
#include "sim/bytes.h"
#include "sim/error.h"
#include "sim/integer.h"
#include "sim/state.h"

#define LEDGER_NEW_LIFE UINT32_MAX

/* What a span has seen of one container's life, in the window that is counted. */
struct life_part {
    uint32_t origin; /* place among those left open by the span before; LEDGER_NEW_LIFE: it began in this one */
    uint32_t padding;
    int64_t state_ns[CONTAINER_STATE_COUNT];
    int64_t unbilled_ns;
    sim_int128 cost; /* billed time x its price: picodollars per hour x ns */
};

/* The lives of one pool's containers. */
struct ledger_lives {
    struct sim_array open;  /* struct life_part: not over when the span ended, in the order of the joint */
    struct sim_array ended; /* struct life_part: over, begun before the span */
    int64_t bill_nusd;      /* of lives that are known from begin to end */
    int64_t count;          /* of such lives */
    sim_int128 life_ns;     /* their time in the window */
    sim_int128 *price_ns;   /* billed time of all lives in the window, by number of the rate (pricing.h) */
};

/* Sums that check themselves against each other at the end, over [0, end of drain]. */
struct audit_sums {
    sim_int128 in_system_ns; /* requests stored, over time */
    sim_int128 sojourn_ns;   /* of requests that left the store, or were in it at the end */
    int64_t arrived;
    int64_t left;
    int64_t remaining; /* at the end of the run */
};

struct ledger {
    struct replication_result result; /* its bills are filled in by ledger_close */
    struct audit_sums audit;
    struct ledger_lives *lives; /* by pool */
};

/* One per pool, without lives. */
struct ledger_lives *ledger_lives_create(const struct world_config *config);
void ledger_lives_destroy(struct ledger_lives *lives, const struct world_config *config);

void ledger_release(struct ledger *ledger, const struct world_config *config);

/* A life is over: counted if it is known from begin to end, else kept for the span before. */
void ledger_end_life(struct ledger_lives *lives, const struct life_part *life);

/* A life goes on in the next span. Returns its place, by which the next span names it. */
uint32_t ledger_leave_open(struct ledger_lives *lives, const struct life_part *life);

/* Adds the span that follows. `next` is used up: release it. */
void ledger_append(struct ledger *ledger, const struct world_config *config, struct ledger *next);

/* Moves the result out and releases the rest. */
struct replication_result ledger_close(struct ledger *ledger, const struct world_config *config);

/* Appends the ledger to bytes (sim/bytes.h), and makes one of them again: SIM_BAD_INPUT if they are cut or of another
 * configuration; there is then nothing to release.
 */
void ledger_save(const struct ledger *ledger, const struct world_config *config, struct sim_array *bytes);
SIM_MUST_USE enum sim_status ledger_load(struct ledger *ledger, const struct world_config *config,
                                         struct sim_bytes_reader *reader, struct sim_error *error);

/* Checks the ledger of a whole run against itself: every request accounted for, Little's law, container seconds,
 * bills.
 */
SIM_MUST_USE enum sim_status ledger_audit(const struct ledger *ledger, const struct world_config *config,
                                          struct sim_error *error);

#endif
