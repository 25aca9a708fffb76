/* theory_chain.c - enumerating, and iterating from tick to tick. */
#include "tests/theory_chain.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"
#include "sim/memory.h"

/* A container that is ready: BUSY + requests inside, or 1 + age in ticks while idle; 0: none. Kept in descending
 * order, so that states that differ in numbering only are one, and equal states are equal bytes.
 */
enum {
    BUSY = 128
};

struct place {
    uint8_t queue;
    uint8_t starting;
    uint8_t ready[THEORY_CHAIN_CONTAINERS_MAX];
};

struct move {
    uint32_t from;
    uint32_t to;
    double rate;
};

struct chain {
    struct theory_chain_parameters parameters;
    struct place *places;
    uint32_t *tick_to; /* where a tick leads from each place */
    size_t place_count;
    size_t place_room;
    struct move *moves;
    size_t move_count;
    size_t move_room;
    uint32_t *table; /* place + 1 by hash */
    size_t table_size;
};

static void *grown(void *items, size_t *room, size_t item_size)
{
    *room = *room ? 2 * *room : 64;
    void *larger = realloc(items, *room * item_size);
    sim_assert(larger);
    return larger;
}

/* ---- places ---- */

static uint64_t hash_of(const struct place *place)
{
    uint64_t bits;
    _Static_assert(sizeof bits == sizeof *place, "a place is its own key");
    memcpy(&bits, place, sizeof bits);
    bits *= UINT64_C(0x9e3779b97f4a7c15);
    return bits >> 40;
}

static void sort_ready(struct place *place)
{
    for (int i = 1; i < THEORY_CHAIN_CONTAINERS_MAX; i++)
        for (int j = i; j > 0 && place->ready[j] > place->ready[j - 1]; j--) {
            uint8_t higher = place->ready[j];
            place->ready[j] = place->ready[j - 1];
            place->ready[j - 1] = higher;
        }
}

static void rebuild_table(struct chain *chain)
{
    free(chain->table);
    chain->table_size = 4 * chain->place_room;
    chain->table = sim_allocate(chain->table_size, sizeof *chain->table);
    for (uint32_t i = 0; i < chain->place_count; i++) {
        size_t slot = hash_of(&chain->places[i]) % chain->table_size;
        while (chain->table[slot])
            slot = (slot + 1) % chain->table_size;
        chain->table[slot] = i + 1;
    }
}

/* The number of the place, which is entered if it is new. */
static uint32_t number_of(struct chain *chain, struct place place)
{
    sort_ready(&place);
    if (chain->place_count == chain->place_room) {
        chain->places = grown(chain->places, &chain->place_room, sizeof *chain->places);
        rebuild_table(chain);
    }
    size_t slot = hash_of(&place) % chain->table_size;
    for (; chain->table[slot]; slot = (slot + 1) % chain->table_size)
        if (memcmp(&chain->places[chain->table[slot] - 1], &place, sizeof place) == 0)
            return chain->table[slot] - 1;
    chain->places[chain->place_count] = place;
    chain->table[slot] = (uint32_t)++chain->place_count;
    return chain->table[slot] - 1;
}

/* ---- what a place holds ---- */

struct counts {
    int inputs;
    int busy;
    int idle;
};

static struct counts count(const struct place *place)
{
    struct counts counts = {0};
    for (int i = 0; i < THEORY_CHAIN_CONTAINERS_MAX; i++) {
        counts.inputs += place->ready[i] > BUSY ? place->ready[i] - BUSY : 0;
        counts.busy += place->ready[i] > BUSY;
        counts.idle += place->ready[i] > 0 && place->ready[i] < BUSY;
    }
    return counts;
}

static int alive(const struct place *place)
{
    struct counts counts = count(place);
    return place->starting + counts.busy + counts.idle;
}

static int wanted(const struct theory_chain_parameters *parameters, const struct place *place)
{
    int needed = (place->queue + count(place).inputs + parameters->target - 1) / parameters->target;
    if (needed < parameters->lowest)
        return parameters->lowest;
    return needed < parameters->highest ? needed : parameters->highest;
}

static void start_missing(const struct theory_chain_parameters *parameters, struct place *place)
{
    int missing = wanted(parameters, place) - alive(place);
    if (missing > 0)
        place->starting = (uint8_t)(place->starting + missing);
}

/* The container that takes the next request; -1: none has room. */
static int choice(const struct theory_chain_parameters *parameters, const struct place *place)
{
    int chosen = -1;
    for (int i = 0; i < THEORY_CHAIN_CONTAINERS_MAX; i++) {
        int ready = place->ready[i];
        if (ready > BUSY && ready < BUSY + parameters->target)
            return i; /* in descending order the first with room is the fullest */
        if (ready > 0 && ready < BUSY)
            chosen = i; /* and the last idle one the youngest */
    }
    return chosen;
}

/* ---- moves between ticks ---- */

static void add_move(struct chain *chain, uint32_t from, struct place to, double rate)
{
    if (chain->move_count == chain->move_room)
        chain->moves = grown(chain->moves, &chain->move_room, sizeof *chain->moves);
    uint32_t number = number_of(chain, to);
    chain->moves[chain->move_count++] = (struct move){from, number, rate};
}

static void add_arrival(struct chain *chain, uint32_t from)
{
    struct place to = chain->places[from];
    int chosen = to.queue ? -1 : choice(&chain->parameters, &to);
    if (chosen >= 0)
        to.ready[chosen] = (uint8_t)(to.ready[chosen] > BUSY ? to.ready[chosen] + 1 : BUSY + 1);
    else if (to.queue < chain->parameters.queue_max)
        to.queue++;
    if (alive(&to) == 0)
        start_missing(&chain->parameters, &to);
    add_move(chain, from, to, chain->parameters.arrivals_per_s);
}

static void add_departures(struct chain *chain, uint32_t from)
{
    for (int i = 0; i < THEORY_CHAIN_CONTAINERS_MAX; i++) {
        struct place to = chain->places[from];
        int inputs = to.ready[i] - BUSY;
        if (inputs <= 0)
            continue;
        if (to.queue)
            to.queue--;
        else
            to.ready[i] = (uint8_t)(inputs > 1 ? to.ready[i] - 1 : 1);
        add_move(chain, from, to, inputs * chain->parameters.services_per_s);
    }
}

static void add_start(struct chain *chain, uint32_t from)
{
    struct place to = chain->places[from];
    if (to.starting == 0)
        return;
    double rate = to.starting * chain->parameters.starts_per_s;
    int taken = to.queue < chain->parameters.target ? to.queue : chain->parameters.target;
    to.starting--;
    to.queue = (uint8_t)(to.queue - taken);
    sim_assert(to.ready[THEORY_CHAIN_CONTAINERS_MAX - 1] == 0);
    to.ready[THEORY_CHAIN_CONTAINERS_MAX - 1] = (uint8_t)(taken ? BUSY + taken : 1);
    add_move(chain, from, to, rate);
}

/* ---- ticks ---- */

/* The longest idle container; -1: none is idle. */
static int longest_idle(const struct place *place)
{
    for (int i = 0; i < THEORY_CHAIN_CONTAINERS_MAX; i++)
        if (place->ready[i] > 0 && place->ready[i] < BUSY)
            return i;
    return -1;
}

static struct place after_tick(const struct theory_chain_parameters *parameters, struct place place)
{
    start_missing(parameters, &place);
    for (int i; (i = longest_idle(&place)) >= 0 && alive(&place) > wanted(parameters, &place);) {
        if (place.ready[i] - 1 < parameters->window_ticks)
            break;
        place.ready[i] = 0;
        sort_ready(&place);
    }
    for (int i = 0; i < THEORY_CHAIN_CONTAINERS_MAX; i++)
        if (place.ready[i] > 0 && place.ready[i] <= parameters->window_ticks)
            place.ready[i]++;
    return place;
}

static void enumerate(struct chain *chain)
{
    struct place first = {0};
    for (int i = 0; i < chain->parameters.lowest; i++)
        first.ready[i] = 1;
    number_of(chain, first);
    size_t tick_room = 0;
    for (uint32_t i = 0; i < chain->place_count; i++) {
        add_arrival(chain, i);
        add_departures(chain, i);
        add_start(chain, i);
        if (i == tick_room)
            chain->tick_to = grown(chain->tick_to, &tick_room, sizeof *chain->tick_to);
        uint32_t to = number_of(chain, after_tick(&chain->parameters, chain->places[i]));
        chain->tick_to[i] = to;
    }
}

/* ---- the stationary law ---- */

/* One step of the chain whose steps come at the rate `fastest` (uniformisation: Jensen 1953). */
static void step(const struct chain *chain, double fastest, const double *from, double *to)
{
    memcpy(to, from, chain->place_count * sizeof *to);
    for (size_t i = 0; i < chain->move_count; i++) {
        const struct move *move = &chain->moves[i];
        double flow = from[move->from] * move->rate / fastest;
        to[move->from] -= flow;
        to[move->to] += flow;
    }
}

/* Brings `law` from just after a tick to just before the next, and puts its mean over that time into `mean`: the
 * number of steps is Poisson, and the time with exactly j steps behind has mean P(more than j steps) / fastest.
 */
static void pass_tick(const struct chain *chain, double fastest, double *law, double *mean)
{
    size_t size = chain->place_count;
    double steps = fastest * chain->parameters.tick_s;
    double *now = sim_allocate(size, sizeof *now);
    double *next = sim_allocate(size, sizeof *next);
    memcpy(now, law, size * sizeof *now);
    memset(law, 0, size * sizeof *law);
    memset(mean, 0, size * sizeof *mean);
    double chance = exp(-steps);
    double beyond = 1 - chance;
    for (int j = 0; j <= steps || beyond > 1e-15; j++) {
        for (size_t i = 0; i < size; i++) {
            law[i] += chance * now[i];
            mean[i] += beyond / steps * now[i];
        }
        step(chain, fastest, now, next);
        double *other = now;
        now = next;
        next = other;
        chance *= steps / (j + 1);
        beyond = fmax(beyond - chance, 0);
    }
    free(now);
    free(next);
}

static double distance(const double *a, const double *b, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += fabs(a[i] - b[i]);
    return sum;
}

/* Iterates ticks until nothing changes; `mean` then holds the law over time. */
static void settle(const struct chain *chain, double *mean)
{
    const struct theory_chain_parameters *parameters = &chain->parameters;
    size_t size = chain->place_count;
    double fastest = parameters->arrivals_per_s +
                     parameters->highest * (parameters->target * parameters->services_per_s + parameters->starts_per_s);
    double *law = sim_allocate(size, sizeof *law);
    double *before = sim_allocate(size, sizeof *before);
    law[0] = 1;
    do {
        double *ticked = sim_allocate(size, sizeof *ticked);
        memcpy(before, law, size * sizeof *law);
        pass_tick(chain, fastest, law, mean);
        for (size_t i = 0; i < size; i++)
            ticked[chain->tick_to[i]] += law[i];
        memcpy(law, ticked, size * sizeof *law);
        free(ticked);
    } while (distance(law, before, size) > 1e-12);
    free(law);
    free(before);
}

static struct theory_chain_levels levels_of(const struct chain *chain, const double *mean)
{
    struct theory_chain_levels levels = {0};
    for (size_t i = 0; i < chain->place_count; i++) {
        const struct place *place = &chain->places[i];
        struct counts counts = count(place);
        levels.queue += mean[i] * place->queue;
        levels.inputs += mean[i] * counts.inputs;
        levels.starting += mean[i] * place->starting;
        levels.busy += mean[i] * counts.busy;
        levels.idle += mean[i] * counts.idle;
        levels.waiting_share += mean[i] * (place->queue || choice(&chain->parameters, place) < 0);
        levels.at_queue_max += mean[i] * (place->queue == chain->parameters.queue_max);
    }
    return levels;
}

struct theory_chain_levels theory_chain_solve(const struct theory_chain_parameters *parameters)
{
    struct chain chain = {.parameters = *parameters};
    sim_assert(parameters->highest <= THEORY_CHAIN_CONTAINERS_MAX && parameters->window_ticks <= 100);
    enumerate(&chain);
    double *mean = sim_allocate(chain.place_count, sizeof *mean);
    settle(&chain, mean);
    struct theory_chain_levels levels = levels_of(&chain, mean);
    free(mean);
    free(chain.places);
    free(chain.tick_to);
    free(chain.moves);
    free(chain.table);
    return levels;
}
