/* pool.h - requests waiting for, and served by, one group of identical containers.
 *
 * One queue, first come first served; containers with room take from it. Here are the structs; pool.c moves requests
 * through the queue and the containers, container.c brings containers up and down, scaling.c asks the policy how many
 * there should be. All of them work on a world (models/world_internal.h).
 */
#ifndef MODELS_POOL_H
#define MODELS_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "models/autoscaler.h"
#include "models/config.h"
#include "models/dispatch.h"
#include "models/request.h"
#include "models/result.h"
#include "models/schedule.h"
#include "models/timeline.h"
#include "sim/earliest.h"
#include "sim/running.h"
#include "sim/state.h"

#define CONTAINER_NONE UINT32_MAX
#define SOURCE_NONE UINT32_MAX

/* Where a container's life stands. Before allocation it is neither alive nor billed. */
enum container_phase {
    PHASE_FREE,       /* no container: the place can be used again */
    PHASE_ALLOCATING, /* waiting for its GPU */
    PHASE_STARTING,   /* start-up phases, or the restore of a snapshot */
    PHASE_CREATING,   /* creating the snapshot */
    PHASE_READY
};

/* What every request touches comes first: it fits two cache lines. */
struct container {
    uint32_t inputs;          /* requests inside */
    uint32_t allowed;         /* most that it takes at present: target_inputs to max_inputs */
    uint8_t phase;            /* enum container_phase */
    uint8_t state;            /* enum container_state, while alive */
    uint8_t how;              /* enum container_start */
    uint8_t gpu;              /* which it got (served.h) */
    bool will_fail;           /* its start exceeds the timeout */
    bool ends_empty;          /* as soon as nobody is inside any more */
    bool will_be_interrupted; /* at the event of a ready container, which is a crash otherwise */
    bool is_interrupted;      /* has notice */
    bool is_unbilled;         /* in a phase that is not billed */
    int32_t worker_type;
    sim_time_ns ready_ns;
    sim_time_ns check_ns;   /* when a request inside may come to its deadline */
    uint32_t life;          /* number in the pool */
    uint32_t origin;        /* in the ledger: its place at the last joint, or LEDGER_NEW_LIFE */
    uint32_t idle_previous; /* among the idle ones, in order of idleness */
    uint32_t idle_next;
    uint32_t next_free;         /* + 1 */
    sim_time_ns state_since_ns; /* state_ns is complete up to here */
    sim_time_ns idle_since_ns;
    int64_t state_ns[CONTAINER_STATE_COUNT]; /* in the window that is counted */
    int64_t unbilled_ns;
    sim_int128 cost;      /* picodollars per hour x ns, of the window */
    sim_time_ns drain_ns; /* when it stopped taking requests; -1: it takes them */
    sim_time_ns requested_ns;
    sim_time_ns allocated_ns;
    uint32_t start_step;        /* start-up phase that is going on */
    uint32_t phase_source;      /* SOURCE_NONE: nothing will happen to it but service */
    int64_t memory;             /* bytes that requests inside take */
    struct stage_totals totals; /* of the stage, as booked so far */
    struct sim_random random;   /* what is drawn for its start and its crash */
};

/* Containers with another GPU than the requested one, which are also counted in struct pool_levels. */
struct served_levels {
    struct sim_level states[CONTAINER_STATE_COUNT];
    struct sim_level unbilled;
};

struct snapshot {
    bool is_being_created;
    bool is_complete;
};

/* A container asks how many inputs it may take at phase_ns + k x the pool's `poll`. */
struct poll {
    sim_time_ns phase_ns;
    uint32_t container;
    uint32_t padding;
};

/* Where fixed stages are: before or after the main one, outside or inside the container. */
enum stage_side {
    SIDE_BEFORE_OUTSIDE,
    SIDE_BEFORE_INSIDE,
    SIDE_AFTER_INSIDE,
    SIDE_AFTER_OUTSIDE,
    SIDE_COUNT
};

/* The fixed stages of one side, which follow one another. */
enum {
    STAGE_SPANS_MAX = 4
};

struct stage_group {
    const struct stage_config *stages; /* of the profile; those with another holds_slot belong to the other side */
    size_t count;
    bool holds_slot;
    bool is_constant;        /* the same for every request: all are fixed, or there is none */
    sim_time_ns added_ns;    /* beside them: the pool's fetch_latency */
    sim_time_ns constant_ns; /* the sum of all then */
    sim_time_ns least_ns;    /* the shortest that they can take */
    bool is_uniform;         /* none is drawn but from a uniform distribution, and spans_ns has room for these */
    uint32_t span_count;
    uint32_t spans_ns[STAGE_SPANS_MAX]; /* of the uniform ones, which begin in least_ns: how many ns can come out */
};

static inline bool stage_group_takes_time(const struct stage_group *group)
{
    return !group->is_constant || group->constant_ns > 0;
}

struct pool_levels {
    struct sim_level queue;
    struct sim_level inputs;
    struct sim_level states[CONTAINER_STATE_COUNT]; /* containers */
    struct sim_level unbilled;                      /* containers in an unbilled part of their start */
    struct sim_level memory;                        /* bytes of the GPUs that requests inside take */
    struct sim_level alive;                         /* starting and ready */
    struct sim_level demand; /* containers that the requests present need, when the policy was last asked */
    struct sim_level capped; /* 1 while max_containers kept it from having more of them although requests wait */
    struct sim_level scarce; /* 1 while the quota of GPUs did */
};

struct pool_state {
    struct request_list queue;
    struct pool_levels levels;
    struct pool_settings settings; /* in force */
    int64_t rate_pusd_per_h;       /* of a container, in force */
    size_t price_period;           /* later prices that have begun */
    int64_t pending;               /* in the queue */
    int64_t ready;                 /* and taking requests */
    int64_t draining;
    int64_t starting;   /* allocated and not ready */
    int64_t allocating; /* requested, without a GPU yet */
    int64_t raised;     /* ready containers that may take more than their target */
    sim_time_ns last_arrival_ns;
    sim_time_ns last_request_ns; /* for a container */
    sim_time_ns full_ns;         /* when the queue reached its limit; -1: never */
    uint32_t requested_at_instant;
    uint32_t next_life;
    uint32_t first_free; /* container + 1 */
    uint32_t idle_first; /* idle for longest */
    uint32_t idle_last;
    uint32_t service_source;
    uint32_t tick_source;
    uint32_t poll_source;
    bool is_poll_pending;
    bool needs_review; /* later at this instant */
};

struct pool {
    const struct pool_config *config;
    const struct autoscaler_policy *policy;
    uint32_t number;
    bool has_polls;                             /* containers may take more than their target, at some time */
    bool has_memory;                            /* GPU memory is watched */
    bool may_fail;                              /* attempts may, at their end */
    bool is_watched;                            /* one of both: ends of attempts need a look */
    bool has_sessions;                          /* some of its requests are sessions */
    bool has_special_needs;                     /* GPUs differ, or requests write checkpoints */
    struct timeline_plan plans[SERVED_MAX + 1]; /* by GPU (served.h) */
    struct stage_group groups[SIDE_COUNT];
    int64_t guessed_containers;       /* warm ones with which a world that begins in the middle starts; 0: as any */
    int64_t guessed_gpus[SERVED_MAX]; /* of these, those with each of the other GPUs */
    int64_t guessed_floor;            /* containers that its controller asks for then */
    size_t first_monitor;             /* of its rules */
    uint32_t *scratch;                /* numbers of up to max_inputs requests, for the function at work */
    struct pool_state state;
    struct dispatch dispatch;
    struct sim_array containers;  /* struct container */
    struct sim_array timelines;   /* what is inside, by container */
    struct sim_earliest services; /* when somebody leaves, or is looked after, by container */
    struct sim_array polls;       /* struct poll: ready containers in order of the phase of their polls */
    struct sim_array snapshots;   /* struct snapshot, by worker type */
    struct sim_array served;      /* struct served_levels, by item of served_by */
};

/* Inputs per container that the pool aims at. */
static inline uint32_t pool_target(const struct pool *pool)
{
    return (uint32_t)pool->state.settings.target_inputs;
}

static inline struct container *pool_container(const struct pool *pool, uint32_t container)
{
    return (struct container *)pool->containers.items + container;
}

/* The levels of a container's GPU, which is not the requested one. */
static inline struct served_levels *pool_served(const struct pool *pool, uint32_t gpu)
{
    return (struct served_levels *)pool->served.items + (gpu - 1);
}

/* What is inside a container: its timeline. */
static inline void *pool_inside(const struct pool *pool, uint32_t container)
{
    return (char *)pool->timelines.items + container * pool->timelines.item_size;
}

#endif
