/* world.h - one replication of a scenario: workloads, pools and containers on an event engine.
 *
 * A world is made from a configuration, run to its end, and asked for its result. Worlds share nothing: two in one
 * process do not notice each other. Everything that changes is entered in one register (sim/state.h), so a world can
 * be copied and saved between two events.
 */
#ifndef MODELS_WORLD_H
#define MODELS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config.h"
#include "models/ledger.h"
#include "sim/error.h"
#include "sim/state.h"

/* Where rows go while the world runs, in blocks; any of the functions may be NULL. Rows are borrowed for the call.
 * Requests come in the order in which the world is done with them: who leaves its container comes at once, though
 * its end_ns lies later by the way back. Containers come in the order in which they end, decisions in order of time.
 */
struct world_sink {
    void *context;
    void (*requests)(void *context, const struct request_row *rows, size_t count);
    void (*containers)(void *context, const struct container_row *rows, size_t count);
    void (*decisions)(void *context, const struct decision_row *rows, size_t count);
};

struct world_options {
    sim_time_ns start_ns; /* simulates from here on; where it is not 0, as a guess: warm containers, snapshots made */
    const struct sim_array *habits; /* for such a guess, from world_habits at another joint; NULL or empty: none */
    uint64_t seed;
    uint32_t replication;
    size_t block_count;  /* equal blocks of the window; 0: as months.h cuts it, where months apply, else 1 */
    int32_t keep_one_in; /* requests sent to the sink: 1 all, n a random n-th with weight n, 0 none */
    size_t series_count; /* intervals of the series over [0, duration); 0: no series */
    struct world_sink sink;
    const volatile bool *stop; /* becomes true when the run should end early; may be NULL */
};

struct world;

/* The configuration is borrowed and outlives the world. Fails when a file that it names cannot be read, or when its
 * numbers cannot be brought into the form of a stage.
 */
SIM_MUST_USE enum sim_status world_create(const struct world_config *config, const struct world_options *options,
                                          struct world **world, struct sim_error *error);
void world_destroy(struct world *world);

/* Goes on to `until_ns` (events at that instant are left for later), at most to the duration; the drain is left to
 * world_finish. Does nothing if that time has been reached.
 */
void world_run_until(struct world *world, sim_time_ns until_ns);

/* The run is over where it stands: world_finish only closes the books, with what goes on as in flight. */
void world_stop(struct world *world);

/* Runs to the end, drains, closes the books and flushes the sink. Call once. */
void world_finish(struct world *world);

/* Moves what has been counted since the start or the last call out of the world, which goes on with empty books. Only
 * after world_joint or world_finish, and in one of several spans without rows: rows of containers have to know
 * their whole lives.
 */
void world_take(struct world *world, struct ledger *ledger);

/* Simulated time reached, and requests arrived so far: for progress. */
sim_time_ns world_now(const struct world *world);
uint64_t world_arrived(const struct world *world);

/* Brings the world into a form that does not depend on its past, and draws anew what has no memory: the phases of polls
 * and the times of crashes. A long run does so at fixed times (joints), whoever simulates it. Between two calls of
 * world_run_until only.
 */
void world_joint(struct world *world);

/* What is likely to be the same at the next joint, into an array of int64_t: by pool the number of containers and how
 * many of them have each GPU that was not asked for, and for every snapshot whether it exists. The better the guess,
 * the sooner it comes to the true state; it decides nothing.
 */
void world_habits(const struct world *world, struct sim_array *habits);

/* Feeds what decides about the future. At a joint, after world_joint, worlds of one configuration that feed alike go on
 * alike, whatever their past.
 */
void world_digest(struct world *world, struct sim_digest *digest);

/* The register of what decides about the future. A copy of it into a world made from the same configuration and options
 * goes on in the same way.
 */
struct sim_state *world_state(struct world *world);

#endif
