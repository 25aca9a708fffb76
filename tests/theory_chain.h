/* theory_chain.h - a pool of containers that scales, as a Markov chain solved for its stationary law.
 *
 * Requests come in a Poisson stream, each is served for an exponential time whatever else runs, a start takes an
 * exponential time, and the autoscaler looks every `tick_s`. Between ticks this is a chain in continuous time; a tick
 * is a deterministic map of states. The law that a tick reproduces is found by iteration, and levels are averaged over
 * the time between ticks, so the tick costs no accuracy. The rules are those of design sections 10.1, 10.6 and 10.7:
 *
 *   - a request goes to the container with most requests inside that has room, else to the one idle for the shortest
 *     time, else it waits;
 *   - at a tick, first want = ceil(requests / target), brought between lowest and highest, and starts make up
 *     want - alive; an arrival that finds no container alive causes the same at once;
 *   - then, from the longest idle on, containers idle for `window_ticks` ticks' time go while alive > want;
 *   - a start is never cancelled.
 *
 * A container that became idle between two ticks has been idle for i to i + 1 tick lengths at the i-th tick after
 * the first that it meets (i from 0), so it is enough to count ticks.
 */
#ifndef TESTS_THEORY_CHAIN_H
#define TESTS_THEORY_CHAIN_H

enum {
    THEORY_CHAIN_CONTAINERS_MAX = 6
};

struct theory_chain_parameters {
    double arrivals_per_s;
    double services_per_s; /* of one request */
    double starts_per_s;   /* 1 / mean time of a start */
    double tick_s;
    int window_ticks; /* 0 to 100 */
    int lowest;       /* min_containers */
    int highest;      /* max_containers, 1 to THEORY_CHAIN_CONTAINERS_MAX */
    int target;       /* requests per container, aimed at and highest: 1 to 100 */
    int queue_max;    /* arrivals beyond are dropped: large enough that none matter, at most 255 */
};

/* Means over time, and the share of arrivals that find no room. */
struct theory_chain_levels {
    double queue;
    double inputs;
    double starting;
    double busy;
    double idle;
    double waiting_share;
    double at_queue_max; /* share of the time with the queue full: the error of cutting it */
};

struct theory_chain_levels theory_chain_solve(const struct theory_chain_parameters *parameters);

#endif
