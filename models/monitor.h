/* monitor.h - one measure of a pool against one limit, over a sliding window where the measure has one.
 *
 * A percentile is above a limit exactly when more than its share of the values are, so a window keeps how many values
 * there were and how many lie beyond the limit, not the values: exact, whatever they are, in a fixed number of bytes.
 * The percentile is the least value that at least this share of the values do not exceed. A window without values
 * meets no limit.
 *
 * Windows are made of the periods at whose ends they are looked at. Nothing here knows a world: who looks brings what
 * there is to see.
 */
#ifndef MODELS_MONITOR_H
#define MODELS_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/gauge.h"
#include "models/result.h"
#include "sim/integer.h"
#include "sim/state.h"

/* A share or a mean as its two parts. */
struct monitor_sums {
    sim_int128 part;
    sim_int128 whole;
};

struct monitor {
    uint32_t pool;
    enum gauge measure;
    enum gauge_comparison side;
    double limit;         /* NaN: it has none, and is never met */
    sim_time_ns limit_ns; /* of a time: the limit, to the nearest nanosecond */
    sim_time_ns for_ns;
    size_t periods; /* in the window; 0: the instant */
    size_t first;   /* of its periods in the array that all monitors share */
};

/* What of a monitor changes. */
struct monitor_state {
    struct monitor_sums counted; /* requests that ended: since whenever */
    struct monitor_sums before;  /* all that is summed, at the last look */
    sim_time_ns since_ns;        /* the limit has been met at every look since; -1: it was not at the last */
    size_t next;                 /* period to be overwritten */
};

/* Sums over time of a pool, since whenever. */
struct monitor_pool_sums {
    sim_int128 busy_ns;
    sim_int128 idle_ns;
    sim_int128 inputs; /* requests inside x ns */
    sim_int128 slots;  /* max_inputs x ready containers x ns */
    sim_int128 arrived;
};

/* What there is to see of a pool at an instant. */
struct monitor_view {
    sim_time_ns now_ns;
    int64_t queue;
    int64_t inputs;     /* requests inside containers */
    int64_t containers; /* starting and ready */
    int64_t ready;      /* and taking requests */
    int64_t max_inputs;
    int64_t least_inputs;             /* of a ready container */
    int64_t allowed;                  /* of all ready containers together */
    struct monitor_sums memory;       /* of the container whose GPUs are fullest; whole 0: not known */
    struct monitor_sums least_shared; /* of the container with the lowest share of what it takes at present */
    sim_time_ns idle_ns;              /* of the longest idle container; 0: none is */
    struct monitor_pool_sums sums;
};

/* How a request ended. Durations matter where it completed. */
struct monitor_request {
    enum request_outcome outcome;
    sim_time_ns latency_ns;
    sim_time_ns ttft_ns;
    sim_time_ns wait_ns;
};

struct monitor monitor_of(const struct condition_config *condition, uint32_t pool, sim_time_ns period_ns);

/* Whether requests that end are brought to it. */
bool monitor_counts_requests(const struct monitor *monitor);

void monitor_count(const struct monitor *monitor, struct monitor_state *state, const struct monitor_request *request);

/* Looks, at the end of a period, which ends: whether the limit is met and has been for long enough. `periods` is the
 * array that all monitors share.
 */
bool monitor_look(const struct monitor *monitor, struct monitor_state *state, struct monitor_sums *periods,
                  const struct monitor_view *view);

/* Feeds what decides about later looks. */
void monitor_digest(const struct monitor *monitor, const struct monitor_state *state,
                    const struct monitor_sums *periods, const struct monitor_view *view, struct sim_digest *digest);

#endif
