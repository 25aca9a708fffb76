/* migration.h - when new sessions move from one pool to another, and how fast.
 *
 * The users present are averaged over a window that moves on in twelfths. Above one threshold new sessions begin to go
 * to the other pool, with a share that rises in a straight line to 1; below the other, lower one they come back in the
 * same way. Between the two nothing changes, so what hovers about one of them does not go to and fro. Sessions that
 * have begun stay where they are.
 *
 * Pure: no engine, no chance. A state is plain memory.
 */
#ifndef MODELS_MIGRATION_H
#define MODELS_MIGRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "models/config.h"
#include "sim/integer.h"
#include "sim/running.h"

enum {
    MIGRATION_LOOKS = 12 /* in one window */
};

struct migration {
    struct sim_level present;          /* users, inside and waiting */
    sim_int128 parts[MIGRATION_LOOKS]; /* users x ns between two looks, of the last of them */
    uint32_t looks;                    /* so far */
    bool is_away;                      /* new sessions go, or begin to go, to the other pool */
    sim_time_ns since_ns;              /* the last turn */
    double share_then;                 /* of new sessions that went there at that time */
};

/* From one look to the next, at least a nanosecond. */
sim_time_ns migration_period_ns(const struct migration_config *config);

/* One more twelfth of the window is over. True if the direction turns; never before a whole window has been seen. */
bool migration_look(const struct migration_config *config, struct migration *migration, sim_time_ns now_ns);

/* Share of the sessions beginning at now_ns that go to the other pool, 0 to 1. */
double migration_share(const struct migration_config *config, const struct migration *migration, sim_time_ns now_ns);

#endif
