/* tune.h - the best setting of a scenario among many, with a stated probability of being right.
 *
 * All points meet the same random numbers. In this order:
 *
 * 1. Bounds (bound.h) reject without any simulation: values that do not go together, too little capacity, a limit that
 *    nobody could keep, and, once a setting is known that keeps the limits, those that cannot be cheaper than it.
 * 2. Short runs, where the load is constant: a warm-up longer than every window and start, then a span with enough
 *    requests. They reject what is clearly beyond a limit. Of the cheapest that seem to keep the limits some are run
 *    whole; one that is so shown to keep them, a guide, serves to reject by bounds, and in short runs what is clearly
 *    worse than it. Short runs count as right within half of the tolerance of a limit and half of the indifference.
 * 3. Whole runs of what is left decide (select.h), on replications 0, 1, ... of the scenario's own seed, so that
 *    `capsim run` shows the same figures. Short runs and guides have seeds of their own: what they reject does not
 *    depend on chance that is used again.
 * 4. Where settings had both, it is checked that short and whole runs agree.
 * 5. The best and those next to it are run under every other reading of what the platform does not publish
 *    (sensitivity.h): few replications, short ones where there are such. That is no part of the promise.
 *
 * The error, 1 - confidence, is divided: TUNE_BOUND_SHARE to guides and the limit that bounds are compared with, the
 * rest equally to short and whole runs, or to whole runs alone. Nothing depends on the number of threads.
 */
#ifndef ANALYSIS_TUNE_H
#define ANALYSIS_TUNE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/points.h"
#include "analysis/select.h"
#include "analysis/sensitivity.h"
#include "analysis/tune_goal.h"
#include "sim/interval.h"

#define TUNE_BOUND_SHARE 0.1 /* of the error */
#define TUNE_BIAS_SHARE 0.5  /* of tolerance and indifference, which short runs may be off by */

enum {
    TUNE_FIRST_SHORT = 12,   /* replications before a point is judged */
    TUNE_MOST_SHORT = 48,    /* after which it goes to whole runs */
    TUNE_FIRST_WHOLE = 6,    /* as few as say something at these errors: whole runs are long and vary little */
    TUNE_MOST_WHOLE = 200,   /* unless said otherwise */
    TUNE_GROUP = 64,         /* points that begin short runs together, in the order of their bounds */
    TUNE_GROUP_WHOLE = 16,   /* and whole runs, where no short ones were before */
    TUNE_GUIDES_MAX = 12,    /* points that are run whole to be guides */
    TUNE_MOST_GUIDE = 24,    /* replications of one of these */
    TUNE_SHORT_FACTOR = 4,   /* short runs are for whole ones at least so many times as long */
    TUNE_SHORT_EVENTS = 1000 /* requests beyond the percentile, or in all, in a short run */
};

struct tune_request {
    struct points_request points;
    const char *objective; /* tune_goal.h */
    const char *const *limits;
    size_t limit_count;
    double confidence;       /* above 0.5, below 1 */
    double indifference;     /* share of the best objective; above 0, below 1 */
    double tolerance;        /* share of every limit, or of 1 - limit where that is a share and this is less */
    size_t replication_max;  /* of a point; at least TUNE_FIRST_WHOLE */
    bool is_whole;           /* no short runs */
    bool has_readings;       /* step 5, */
    bool has_whole_readings; /* also where it takes whole runs */
};

/* What has become of a point, with what a person reads. */
#define TUNE_FATE_LIST(ITEM)                                     \
    ITEM(TUNE_WAITING, "not looked at yet")                      \
    ITEM(TUNE_INVALID, "the values do not go together")          \
    ITEM(TUNE_OVERLOADED, "cannot serve the load")               \
    ITEM(TUNE_TOO_MUCH, "beyond a limit whatever happens")       \
    ITEM(TUNE_TOO_DEAR, "cannot come below the best")            \
    ITEM(TUNE_SATURATED, "its queue grew without end")           \
    ITEM(TUNE_NO_VALUE, "a figure has no value")                 \
    ITEM(TUNE_SHORT_BEYOND, "beyond a limit in short runs")      \
    ITEM(TUNE_SHORT_WORSE, "worse in short runs")                \
    ITEM(TUNE_BEYOND, "beyond a limit")                          \
    ITEM(TUNE_WORSE, "worse")                                    \
    ITEM(TUNE_NO_BETTER, "no better, with its limits left open") \
    ITEM(TUNE_UNDECIDED, "undecided")                            \
    ITEM(TUNE_LEVEL, "cannot be told apart from the best")       \
    ITEM(TUNE_BEST, "best")

enum tune_fate {
#define TUNE_FATE_MEMBER(name, text) name,
    TUNE_FATE_LIST(TUNE_FATE_MEMBER)
#undef TUNE_FATE_MEMBER
    TUNE_FATE_COUNT
};

/* Values of all metrics of the goal, replication by replication from 0 on. */
struct tune_series {
    double *values;
    size_t count;
    size_t capacity;
};

struct tune_point {
    enum tune_fate fate;
    size_t limit;       /* that it is beyond; of TUNE_TOO_MUCH, TUNE_SHORT_BEYOND and TUNE_BEYOND */
    const char *reason; /* of TUNE_INVALID, TUNE_OVERLOADED; "" else */
    double bound;       /* the objective is at least this */
    double memory_s;    /* after which nothing is left of how a run began */
    const char *change; /* what changes over time, so that no short run can stand for a whole one; NULL: nothing */
    double limit_bound; /* of TUNE_TOO_MUCH: and the figure that */
    struct tune_series short_runs;
    struct tune_series guide_runs;
    struct tune_series whole_runs;
};

/* How short runs differ from whole ones. */
struct tune_short {
    bool is_used;
    const char *reason; /* why they are not; "" if they are */
    sim_time_ns warm_up_ns;
    sim_time_ns duration_ns;
};

/* How well short and whole runs agree, on points that had both. */
struct tune_agreement {
    size_t point_count;
    double objective; /* largest excess of a difference to the best over chance, in parts of what is allowed; */
    double figure;    /* the same of a limited figure. Above 1: they do not agree */
};

enum {
    TUNE_RIVALS_MAX = 4,
    TUNE_READING_RUNS = 3 /* whole runs under a reading; of short ones TUNE_FIRST_SHORT */
};

/* The choice under another reading of a rule that is not published. */
struct tune_reading {
    const char *name;    /* "dispatch_order=random" */
    const char *was;     /* "fullest" */
    const char *measure; /* what would tell which it is */
    struct tune_series best;
    bool is_beyond; /* the best misses a limit on average, */
    size_t limit;   /* this one */
    size_t
        beaten_by; /* a setting that keeps all limits and is lower by more than the indifference; TUNE_NOBODY: none */
    struct tune_series rival; /* of that one */
};

enum tune_answer {
    TUNE_ANSWER_BEST,       /* tune.best, and those in fate TUNE_LEVEL */
    TUNE_ANSWER_UNDECIDED,  /* `reason`; tune.best may be the best so far */
    TUNE_ANSWER_INFEASIBLE, /* no setting keeps the limits; tune.nearest */
    TUNE_ANSWER_INTERRUPTED /* as undecided */
};

#define TUNE_NOBODY ((size_t)-1)

struct tune {
    struct tune_goal goal;
    struct points points;
    double confidence;
    double indifference_share;
    double tolerance_share;
    struct tune_point *items; /* points.count, and behind them the scenario's own setting if it is none of them */
    size_t own;               /* the scenario's own setting; TUNE_NOBODY: it cannot be run */
    sim_time_ns warm_up_ns;   /* of all points where the scenario leaves it open; -1: it does not */
    struct scenario *first;   /* a point that can be run: name, seed and times stand for all */
    struct tune_short shorts;
    struct tune_agreement agreement;
    struct select *whole; /* the statistics of whole and of short runs */
    struct select *brief;
    enum tune_answer answer;
    const char *reason;  /* why undecided; "" else */
    size_t best;         /* TUNE_NOBODY: none */
    size_t nearest;      /* of an infeasible answer: misses its limits least; TUNE_NOBODY: not known */
    double nearest_miss; /* the largest (figure - limit) / |limit| of it; of a TUNE_TOO_MUCH, at least so much */
    size_t short_count;  /* replications that were run, of short runs, */
    size_t guide_count;  /* of guides, */
    size_t whole_count;  /* and of whole runs */
    struct sensitivity_list rules; /* of the best setting, where there are readings */
    struct tune_reading *readings; /* NULL: nobody asked for them */
    size_t reading_count;
    double upper_limit; /* of a mean objective that is possible, for bounds; infinite: none is known */
};

/* Where the search is, for those who wait. */
struct tune_progress {
    const char *stage;
    size_t finished; /* replications of this step */
    size_t count;
    size_t left; /* points that may still be the best */
};

struct tune_watch {
    unsigned jobs;             /* threads; 0: as many as there are processors */
    const volatile bool *stop; /* NULL: never */
    void (*progress)(void *context, const struct tune_progress *progress); /* from any thread, one at a time; or NULL */
    void *context;
};

/* Searches. SIM_BAD_INPUT: with the reasons in `problems`, which the caller initialised and which outlives the result,
 * or if there are none in `error`. What runs report. After a stop the answer is TUNE_ANSWER_INTERRUPTED and the status
 * SIM_OK. To be released in any case.
 */
SIM_MUST_USE enum sim_status tune_run(struct tune *tune, const struct tune_request *request,
                                      const struct tune_watch *watch, struct diagnostic_list *problems,
                                      struct sim_error *error);
void tune_release(struct tune *tune);

/* ---- Figures of the result ---- */

/* The runs that say most about a point: whole ones if it had any. */
const struct tune_series *tune_series_of(const struct tune *tune, size_t point);

/* 95 % interval of a metric, or of the objective (metric = TUNE_OBJECTIVE), over the replications of the series; and of
 * the difference of two series, b - a, over the replications that both have.
 */
#define TUNE_OBJECTIVE ((size_t)-1)
struct sim_interval tune_figure(const struct tune *tune, const struct tune_series *series, size_t metric);
struct sim_interval tune_difference(const struct tune *tune, const struct tune_series *a, const struct tune_series *b,
                                    size_t metric);

/* Whether a limited figure of a point that was simulated whole lies on its limit: within the tolerance. */
bool tune_is_on_limit(const struct tune *tune, size_t point, size_t limit);

/* Points of which none is better in both the objective and the figure of a limit, of those that were simulated, in the
 * order of the objective: into `front`, which has room for all. Returns how many.
 */
size_t tune_front(const struct tune *tune, size_t limit, size_t *front);

const char *tune_fate_text(enum tune_fate fate);

/* "max_inputs=8, target_inputs=6"; of the scenario's own setting "the scenario as it is". */
void tune_name(const struct tune *tune, size_t point, char *name, size_t size);

#endif
