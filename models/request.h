/* request.h - the requests that are somewhere in the system, in one store with stable numbers.
 *
 * A request is stored from its arrival until nothing of it is left, which may be after its client gave up. Numbers
 * of requests that are gone are used again. Lists of requests (a pool's queue, those
 * whose clients may give up) run through the requests themselves, so joining and leaving one costs two links.
 */
#ifndef MODELS_REQUEST_H
#define MODELS_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/inline.h"
#include "sim/state.h"
#include "sim/time.h"

#define REQUEST_NONE UINT32_MAX

/* What is drawn for a request when it arrives. */
struct request_draw {
    sim_time_ns arrival_ns;
    uint64_t key; /* names it for chance: arrival cell and index in the cell, the same in every run of a seed */
    double work;
    double audio_s; /* 0: none */
    int32_t input_tokens;
    int32_t output_tokens;
    uint32_t class_index; /* through all workloads */
    uint32_t workload;
    uint32_t pool;
    uint32_t padding;
};

enum request_place {
    PLACE_OUTSIDE, /* on its way to the pool */
    PLACE_QUEUE,
    PLACE_INSIDE, /* in a container */
    PLACE_RETRY   /* waiting for its next attempt */
};

/* Which list a pair of links belongs to. A request is in at most one list of each kind. */
enum request_list_kind {
    LIST_POOL,   /* the queue of its pool */
    LIST_CLIENT, /* the requests of its workload whose clients still wait */
    LIST_KIND_COUNT
};

struct request_links {
    uint32_t previous;
    uint32_t next;
};

struct request {
    struct request_draw draw;
    sim_time_ns stored_ns;
    sim_time_ns start_ns;   /* of its first attempt; -1: none yet */
    sim_time_ns attempt_ns; /* start of the attempt that is going on */
    sim_time_ns first_ns;   /* first output of this attempt; -1: none yet */
    sim_time_ns saved_ns;   /* work that a checkpoint holds, in running time on the requested GPU */
    sim_time_ns after_ns;   /* what the stages after the main one take, inside, in this attempt */
    struct request_links links[LIST_KIND_COUNT];
    uint32_t container; /* of the attempt that is going on or was the last */
    uint32_t life;      /* number of that container's life */
    uint32_t source;    /* its own event while it is outside or waits to retry */
    uint16_t tries;
    uint16_t failures;   /* tries that failed or took too long; those that a crash ended are not among them */
    uint8_t place;       /* enum request_place */
    bool is_waited_for;  /* where clients give up: its client still waits, and may */
    bool is_client_gone; /* its client has given up; what goes on goes on for nothing */
    bool is_cold;
    bool is_stored; /* false: the number is free */
};

struct request_list {
    uint32_t first;
    uint32_t last;
    uint32_t count;
};

struct request_store_head {
    uint32_t first_free; /* number + 1; 0: none */
    uint32_t count;
};

struct request_store {
    struct request_store_head head;
    struct sim_array items;
};

void request_store_init(struct request_store *store);
void request_store_release(struct request_store *store);
void request_store_enter(struct request_store *store, struct sim_state *state);

static inline struct request *request_at(const struct request_store *store, uint32_t request)
{
    return (struct request *)store->items.items + request;
}

/* Stores a new request, in no list, and returns its number. */
static inline uint32_t request_store_add(struct request_store *store, const struct request_draw *draw)
{
    uint32_t number;
    if (!SIM_RARELY(store->head.first_free == 0)) {
        number = store->head.first_free - 1;
        store->head.first_free = request_at(store, number)->links[0].next;
    } else {
        number = (uint32_t)sim_array_add(&store->items);
    }
    store->head.count++;
    struct request *request = request_at(store, number);
    request->draw = *draw;
    request->start_ns = -1;
    request->first_ns = -1;
    request->saved_ns = 0;
    request->tries = 0;
    request->failures = 0;
    request->place = PLACE_OUTSIDE;
    request->is_client_gone = false;
    request->is_cold = false;
    request->is_stored = true;
    return number;
}

/* Forgets a request that is in no list. */
static inline void request_store_remove(struct request_store *store, uint32_t request)
{
    request_at(store, request)->links[0].next = store->head.first_free;
    request_at(store, request)->is_stored = false;
    store->head.first_free = request + 1;
    store->head.count--;
}

void request_list_init(struct request_list *list);
void request_list_append(struct request_store *store, struct request_list *list, enum request_list_kind kind,
                         uint32_t request);
void request_list_prepend(struct request_store *store, struct request_list *list, enum request_list_kind kind,
                          uint32_t request);
void request_list_remove(struct request_store *store, struct request_list *list, enum request_list_kind kind,
                         uint32_t request);

#endif
