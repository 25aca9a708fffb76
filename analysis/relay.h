/* relay.h - one replication cut into segments that several worlds simulate at once, with the result of one world.
 *
 * A segment goes from one joint to the next. It may begin from the true state, which the segment before left at its
 * end, or from a guess: a world that begins some time before the joint without any past. At the joint the guess shows
 * its fingerprint; once the segment before has come to its end in truth, the two are compared. If they are equal,
 * everything that the guess leads to is true; if not, the segment is simulated again from the true state. So the
 * result does not depend on who guessed what, nor on how many did.
 *
 * Here is who may simulate what, and what is known to be true; threads and worlds are the runner's. Nothing locks.
 */
#ifndef ANALYSIS_RELAY_H
#define ANALYSIS_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "models/ledger.h"
#include "sim/state.h"

enum segment_phase {
    SEGMENT_OPEN,
    SEGMENT_RUNNING,
    SEGMENT_DONE /* and not yet settled */
};

struct segment {
    sim_time_ns from_ns;
    sim_time_ns to_ns;
    enum segment_phase phase;
    bool is_true;       /* it began from the true state, or from a guess that was equal to it */
    bool is_void;       /* its guess was wrong: whoever simulates it should give it up */
    bool has_start;     /* a guess has come to the joint with this fingerprint */
    double weight;      /* share of the run's work, all of it together 1 */
    sim_time_ns now_ns; /* how far whoever simulates it has come */
    uint64_t requests;  /* that have arrived in that world */
    struct sim_digest start;
    struct sim_digest end;
    struct ledger ledger;
    struct sim_array end_state; /* bytes of the world at to_ns; kept while somebody may begin from it */
};

struct relay;

/* Asked whenever one more segment is settled: true when the rest of the run is not wanted. */
typedef bool relay_is_enough(void *context, const struct relay *relay);

struct relay {
    const struct world_config *config;
    relay_is_enough *is_enough; /* NULL: all is wanted */
    void *context;              /* of it */
    bool is_closed;             /* it was enough */
    struct segment *segments;
    size_t segment_count;
    size_t settled;      /* the first of them are true, and in the total */
    struct ledger total; /* once settled > 0 */
    size_t guessed;      /* guesses that have been judged */
    size_t wrong;        /* of them */
    bool is_cut;         /* the run ended early, at cut_ns in the segment after the settled ones */
    sim_time_ns cut_ns;
    struct ledger rest; /* what was counted in that segment */
    unsigned recent;    /* the last judgements, a bit each, the latest lowest; 1: wrong */
};

/* Cut at the joints, which are ascending and inside (0, duration). */
void relay_init(struct relay *relay, const struct world_config *config, const sim_time_ns *joints, size_t joint_count);
void relay_release(struct relay *relay);

bool relay_is_over(const struct relay *relay);

enum relay_claim {
    RELAY_NOTHING, /* at present */
    RELAY_TRUTH,   /* from the true state: time 0, or the end_state of the segment before */
    RELAY_GUESS
};

/* What somebody without work should simulate next. At most `ahead` segments beyond the settled ones are guessed, and
 * fewer where guesses keep failing.
 */
enum relay_claim relay_take(struct relay *relay, size_t ahead, size_t *segment);

/* A guess has come to the joint at which the segment begins. False: it is known to be wrong, and given up. */
bool relay_start(struct relay *relay, size_t index, struct sim_digest start);

/* The segment is simulated. Takes the ledger and the bytes over. A segment that has become void is given up. */
void relay_end(struct relay *relay, size_t index, struct sim_digest end, struct ledger *ledger,
               struct sim_array *end_state);

/* Nobody simulates the segment any more. */
void relay_give_up(struct relay *relay, size_t index);

/* The run ends early: takes over what a world in the true state has counted since the last joint. */
void relay_cut(struct relay *relay, struct ledger *ledger, sim_time_ns at_ns);

/* Moves out what has been counted: the total, with the rest of a run that was cut. */
struct ledger relay_take_total(struct relay *relay);

/* Appends what is settled to bytes (sim/bytes.h), and brings a relay that has just begun there: SIM_BAD_INPUT if the
 * bytes are cut or of another run.
 */
void relay_save(const struct relay *relay, struct sim_array *bytes);
SIM_MUST_USE enum sim_status relay_load(struct relay *relay, struct sim_bytes_reader *reader, struct sim_error *error);

struct relay_progress {
    double share;       /* of the replication's work, 0 to 1 */
    uint64_t requests;  /* simulated */
    sim_time_ns now_ns; /* how far the truth has come */
};

struct relay_progress relay_progress(const struct relay *relay);

#endif
