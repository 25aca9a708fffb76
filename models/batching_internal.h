/* batching_internal.h - what the files of the batching server share: its memory, lists, and the wheel.
 *
 * A stretch is a number of steps between which nothing changes but the length of the decoders. Its first step lasts
 * `first`, each later one `growth` more, so n steps last n first + growth n (n - 1) / 2. At a boundary (the end of a
 * step) nothing is decided about the next step until a stretch is planned. A stretch without prefill and preemption
 * changes nothing when it is planned, so it can be planned early and dropped again; the others are planned only once
 * time has passed the boundary, when no call can come before their start any more.
 */
#ifndef MODELS_BATCHING_INTERNAL_H
#define MODELS_BATCHING_INTERNAL_H

#include "models/batching.h"

#define BATCHING_FRACTION_BITS 16
#define BATCHING_SLOTS 4096u /* of the wheel, and most steps in a stretch: 2^12 steps below 2^50 units fit 62 bits */
#define BATCHING_NONE UINT16_MAX

/* Of requests by index, through `next` and `previous` of the request. */
struct batching_list {
    uint16_t head;
    uint16_t tail;
};

/* One cache line. While decoding, the tokens cached at the start of step s are total - 2 - finish + s. */
struct batching_request {
    uint64_t finish;         /* the step at whose end it completes, known once a step is planned that ends its prompt;
                                while preempted with blocks that may last: `returned` after theirs */
    sim_time_ns admitted_ns; /* these two SIM_TIME_NEVER until known */
    sim_time_ns first_ns;
    sim_time_ns completed_ns; /* until it completes: when it was submitted */
    uint32_t id;
    uint32_t total;  /* prompt and output together */
    uint32_t prompt; /* to be cached before decoding; grows when preempted */
    uint32_t prefix; /* tokens of it that need no prefill */
    uint32_t done;   /* tokens of it cached, the planned step included; while preempted: before that */
    uint32_t preemptions : 31;
    uint32_t is_cancelled : 1; /* leaves at the end of the step in progress */
    uint16_t next, previous;
    uint16_t finish_next, finish_previous; /* ring of a wheel slot; the head's previous is the tail */
};

struct batching {
    sim_time_ns clock_ns; /* the boundary: end of the last stretch that is over */
    sim_time_ns end_ns;   /* end of the planned stretch */
    uint32_t clock_fraction;
    uint32_t end_fraction;
    uint32_t planned;      /* steps; 0: no stretch is planned */
    uint32_t step_prefill; /* prefill tokens of the planned step; a stretch with any is one step */
    uint64_t first;
    uint64_t growth;
    uint64_t step_cached; /* tokens cached at the start of the stretch, of all in it */
    uint64_t step;        /* steps ended by the boundary = number of the next step */
    uint64_t earliest;    /* smallest `finish` in the wheel; UINT64_MAX if it is empty */
    uint64_t cached;      /* tokens cached by the decoders at the boundary */
    uint32_t decoders;    /* at the boundary */
    uint32_t running_count;
    struct batching_list running; /* in order of admission: decoders, then those in prefill */
    struct batching_list waiting;
    struct batching_list completed;
    uint16_t prefilling; /* first in `running` that was no decoder at the boundary; without a plan, the only one */
    uint16_t unused;     /* list of free requests through `next` */
    uint32_t cancelled;  /* number of running requests with is_cancelled */
    uint32_t capacity;
    sim_time_ns now_ns;            /* of the latest call */
    sim_time_ns known_ns;          /* scheduled ahead: submissions after it are not known at the boundary, */
    uint32_t leaving;              /* nor are these many requests that left there */
    uint32_t leaving_blocks;       /* with so many blocks */
    uint64_t returned;             /* blocks ever returned to the free ones, less those taken from their midst */
    struct batching_totals totals; /* up to the boundary */
    uint64_t used_words;           /* the wheel: which words of used_slots are not 0 */
    uint64_t used_slots[BATCHING_SLOTS / 64];
    uint16_t residues[BATCHING_BLOCK_HIGHEST]; /* decoders by (tokens cached - step) modulo block */
    uint16_t slots[BATCHING_SLOTS];            /* requests by `finish` modulo slots; any round of the wheel */
    struct batching_request requests[];
};

/* batching.c */

/* Lets time pass: ends all steps that end by now_ns, and plans the stretch after them where that is allowed. */
void batching_advance(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns);

/* Shortens the planned stretch so that it ends `decided` steps after the first boundary not before now_ns, or drops it
 * if that is where it starts. After it, the start of no later step is decided.
 */
void batching_cut(struct batching *server, sim_time_ns now_ns, uint32_t decided);

/* Ends the planned stretch. */
void batching_end_stretch(const struct batching_profile *profile, struct batching *server);

/* Smallest number of steps of the planned stretch after which the time is not before now_ns; 0 if it starts there.
 * The stretch ends at or after now_ns.
 */
uint32_t batching_steps_until(const struct batching *server, sim_time_ns now_ns);

/* batching_leave.c */

/* Drops the latest admitted until the others have memory for a step: at least one, or with steps scheduled ahead
 * perhaps nobody.
 */
void batching_preempt(const struct batching_profile *profile, struct batching *server);

/* A running request gives up its blocks for good, and its place. To be called before it is removed. */
void batching_leave(const struct batching_profile *profile, struct batching *server, uint16_t index);

/* What has left up to the boundary is known from now on. */
void batching_forget_leaving(struct batching *server);

/* Full blocks of a preempted request that nobody has reused; free_blocks: how many are free. */
uint32_t batching_blocks_left(const struct batching_profile *profile, const struct batching *server,
                              const struct batching_request *request, uint64_t free_blocks);

/* Removes the running requests that are cancelled. */
void batching_remove_cancelled(const struct batching_profile *profile, struct batching *server);

static inline uint64_t batching_blocks(const struct batching_profile *profile, uint64_t tokens)
{
    return (tokens + ((uint64_t)1 << profile->block_shift) - 1) >> profile->block_shift;
}

static inline uint32_t batching_block_mask(const struct batching_profile *profile)
{
    return ((uint32_t)1 << profile->block_shift) - 1;
}

/* Which of the residues a request is counted in while it decodes. */
static inline uint32_t batching_residue(const struct batching_profile *profile, const struct batching_request *request)
{
    return (request->total - 2 - (uint32_t)request->finish) & batching_block_mask(profile);
}

/* Decoders that need a new block in the next step: those whose cached tokens fill their blocks. */
static inline uint32_t batching_blocks_needed(const struct batching_profile *profile, const struct batching *server)
{
    return server->residues[-(uint32_t)server->step & batching_block_mask(profile)];
}

/* Blocks held by the decoders at the boundary. */
uint64_t batching_blocks_held(const struct batching_profile *profile, const struct batching *server);

/* Tokens cached by a decoder at the boundary. */
static inline uint32_t batching_length(const struct batching *server, const struct batching_request *request)
{
    return request->total - 2 - (uint32_t)(request->finish - server->step);
}

/* Units that n steps of a stretch last. */
static inline uint64_t batching_duration(uint64_t first, uint64_t growth, uint64_t steps)
{
    return steps * first + growth * (steps * (steps - 1) / 2);
}

static inline void batching_later(sim_time_ns *ns, uint32_t *fraction, uint64_t units)
{
    units += *fraction;
    *ns += (sim_time_ns)(units >> BATCHING_FRACTION_BITS);
    *fraction = units & (((uint32_t)1 << BATCHING_FRACTION_BITS) - 1);
}

/* Adds `steps` steps of the planned stretch, which last `units`, to the sums.
 *
 * With k tokens cached at first, b more in each step, and steps of length first + growth i, the tokens weighed by
 * time are sum (k + b i) (first + growth i) over i below n, from the sums of i and of i i.
 */
static inline void batching_account(struct batching_totals *totals, const struct batching *server, uint32_t steps,
                                    uint64_t units)
{
    uint64_t n = steps, sum = n * (n - 1) / 2, sum_of_squares = sum * (2 * n - 1) / 3;
    uint64_t decoders = server->decoders;
    totals->busy_time += units;
    totals->batch_time += (sim_uint128)units * server->running_count;
    totals->cached_time += (sim_uint128)units * server->step_cached;
    totals->cached_time += (sim_uint128)(server->first * decoders) * sum;
    totals->cached_time += (sim_uint128)(server->growth * decoders) * sum_of_squares;
    uint64_t cached = server->step_cached + decoders * n + server->step_prefill;
    totals->cached_max = cached > totals->cached_max ? cached : totals->cached_max;
    totals->steps += n;
    totals->output_tokens += decoders * n;
    totals->prefill_tokens += server->step_prefill;
}

static inline void batching_append(struct batching *server, struct batching_list *list, uint16_t index)
{
    struct batching_request *request = &server->requests[index];
    request->next = BATCHING_NONE;
    request->previous = list->tail;
    if (list->tail == BATCHING_NONE)
        list->head = index;
    else
        server->requests[list->tail].next = index;
    list->tail = index;
}

static inline void batching_unlink(struct batching *server, struct batching_list *list, uint16_t index)
{
    const struct batching_request *request = &server->requests[index];
    if (request->previous == BATCHING_NONE)
        list->head = request->next;
    else
        server->requests[request->previous].next = request->next;
    if (request->next == BATCHING_NONE)
        list->tail = request->previous;
    else
        server->requests[request->next].previous = request->previous;
}

/* Gives the place of a request free that is in no list. */
static inline void batching_release(struct batching *server, uint16_t index)
{
    server->requests[index].next = server->unused;
    server->unused = index;
}

#endif
