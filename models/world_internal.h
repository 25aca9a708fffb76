/* world_internal.h - what the files that make up a world share.
 *
 *   world.c       making and running it; the switch from events to the functions below
 *   arrivals.c    clients: requests come, give up, come again
 *   service.c     requests in the queue and in containers
 *   sessions.c    requests that stay in their container, and take turns there
 *   service_job.c   those that keep what they have done
 *   service_memory.c  what they need of the GPUs' memory
 *   container.c   containers come up, idle and go
 *   container_fate.c  crashes and interruptions
 *   scaling.c     ticks, polls, reviews, and what the policy says
 *   watch.c       what rules and alerts see
 *   rules.c       a controller outside the platform
 *   alerts.c      what a monitor reports
 *   change.c      settings, prices and quotas that change at times known beforehand
 *   books.c       statistics, rows, the closing of blocks
 *   books_levels.c  the time that passes between boundaries
 *   world_limits.c  what the slo rows ask of a single request
 *   world_joint.c   a form that does not depend on the past
 *   world_digest.c  a fingerprint of what decides about the future
 */
#ifndef MODELS_WORLD_INTERNAL_H
#define MODELS_WORLD_INTERNAL_H

#include "models/ledger.h"
#include "models/migration.h"
#include "models/monitor.h"
#include "models/open_blocks.h"
#include "models/pool.h"
#include "models/request.h"
#include "models/schedule.h"
#include "models/workload.h"
#include "models/world.h"
#include "sim/engine.h"
#include "sim/inline.h"

/* Events of one instant go in this order. */
enum world_rank {
    RANK_BOUNDARY,    /* a block or interval ends before anything else happens */
    RANK_CHANGE,      /* settings, prices and quotas hold from their instant on, for all that happens there */
    RANK_SERVICE_END, /* who is done, or out of time, leaves before anybody comes */
    RANK_PHASE_END,   /* a container that is ready can take what arrives now */
    RANK_ARRIVAL,
    RANK_TIMEOUT, /* of clients: a request that ends at its deadline has kept it */
    RANK_POLL,
    RANK_REVIEW, /* what follows from changes, with the instant's arrivals in; a tick then finds it done */
    RANK_TICK,
    RANK_MIGRATION, /* new sessions go elsewhere from the next instant on */
    RANK_OUTSIDE    /* whoever looks from outside sees what the platform has made of the instant */
};

enum event_kind {
    EVENT_BOUNDARY,
    EVENT_CHANGE,
    EVENT_SERVICE,        /* index: pool */
    EVENT_PHASE,          /* index: pool and container */
    EVENT_ARRIVAL,        /* index: workload */
    EVENT_CLIENT,         /* index: request slot of a closed loop's client, see arrivals.c */
    EVENT_ENTRY,          /* index: request that comes to its pool, first or again */
    EVENT_CLIENT_TIMEOUT, /* index: workload */
    EVENT_POLL,           /* index: pool */
    EVENT_REVIEW,
    EVENT_TICK,         /* index: pool */
    EVENT_RULES_LOOK,   /* index: pool */
    EVENT_RULES_EFFECT, /* index: pool */
    EVENT_ALERT,        /* index: alert */
    EVENT_MIGRATION     /* index: workload */
};

/* Pool and container in one event index. */
enum {
    CONTAINER_BITS = 24
};

static inline uint32_t container_event(uint32_t pool, uint32_t container)
{
    return pool << CONTAINER_BITS | container;
}

/* One client of a closed loop. */
struct client {
    uint64_t turn; /* of its next request */
    uint32_t workload;
    uint32_t number;
    uint32_t source;
    uint32_t padding;
};

struct arrival_state {
    struct request_list waiting; /* requests whose clients still wait, if they ever give up */
    uint32_t source;
    uint32_t timeout_source;
    bool is_timeout_pending;
    uint32_t client_base; /* closed loop: number of its first client among all */
    uint32_t migration_source;
    struct migration migration; /* of sessions, if they have one */
};

/* What a request that is a session is doing, while it is inside a container. */
struct session {
    sim_time_ns end_ns;   /* when its time is over */
    sim_time_ns turn_ns;  /* begin of the turn that is going on, or after the pause that is */
    uint32_t turn;        /* number of that turn, from 0 */
    int32_t input_tokens; /* of that turn */
    int32_t output_tokens;
    bool is_leaving; /* it takes no more turns, and stays until its end */
};

struct world_state {
    size_t block;    /* index of the block that is going on */
    size_t interval; /* of the series */
    size_t window;   /* of saturation.h */
    uint32_t boundary_source;
    uint32_t change_source;
    uint32_t review_source;
    bool is_draining;
    int64_t quota_gpus; /* in force; 0: no limit */
    int64_t gpus_in_use;
    int64_t arrived;
    sim_time_ns first_arrival_ns;
    sim_time_ns last_completion_ns;
    struct sim_level in_system; /* requests stored */
    struct audit_sums audit;
};

/* What the interval that is going on has seen of a pool. */
struct series_sums {
    sim_int128 queue;
    sim_int128 inputs;
    sim_int128 states[CONTAINER_STATE_COUNT];
    sim_int128 cost; /* picodollars per hour x ns */
    int64_t arrived;
    int64_t arrived_before; /* of these, before the last boundary */
    int64_t completed;
};

/* Limits of the slo rows that concern single requests of a class; SIM_TIME_NEVER where there is none. */
struct class_limits {
    sim_time_ns latency_ns;
    sim_time_ns wait_ns;
    sim_time_ns ttft_ns;
    sim_time_ns tpot_ns;
    bool is_limited; /* there is a limit at all */
};

enum {
    ROW_BUFFER_COUNT = 4096
};

/* What a controller has decided. */
struct rules_state {
    int64_t floor;          /* containers that it asks the pool to keep; 0: it has not asked yet */
    int64_t next_floor;     /* and from its next effect on */
    sim_time_ns decided_ns; /* last; -1: never */
    uint32_t look_source;
    uint32_t effect_source;
    bool is_under_way; /* a decision has not had its effect yet; until then none is made */
};

struct alert_level_state {
    bool is_active;
    bool is_continued;    /* it began before the span that is going on, since_ns then being the span's begin */
    sim_time_ns since_ns; /* when it became active, or not */
};

struct alert_state {
    struct alert_level_state levels[ALERT_LEVEL_COUNT];
    uint32_t source;
    uint32_t padding;
};

/* Rules, alerts and their monitors. */
struct watch {
    struct monitor *monitors;
    size_t count;        /* 0: there are neither rules nor alerts, and nothing of the rest */
    size_t alerts_first; /* monitor of the first alert's first level */
    size_t period_count;
    bool counts_requests; /* some monitor wants to know how requests end */
    struct monitor_state *states;
    struct monitor_sums *periods;
    struct monitor_pool_sums *sums; /* by pool */
    struct rules_state *rules;      /* by pool */
    struct alert_state *alerts;
};

struct world {
    const struct world_config *config;
    struct world_options options;
    struct sim_engine engine;
    struct request_store requests;
    struct workload *workloads;
    struct arrival_state *arrivals; /* by workload */
    struct sim_array clients;       /* struct client, of all closed loops */
    struct sim_array sessions;      /* struct session, by number of the request; those of sessions have a meaning */
    struct pool *pools;
    struct class_config *classes; /* copies, through all workloads */
    struct class_limits *limits;  /* by the same number */
    bool *is_streaming;           /* by pool: output leaves before the end */
    struct world_state now;
    struct replication_result result; /* of the span that is going on, like the lives */
    struct open_blocks open;          /* its histograms that are not packed yet */
    struct ledger_lives *lives;       /* by pool */
    struct pool_tally drained;        /* what pools do after the end, which counts nowhere */
    struct series_sums *series;       /* by pool: the interval that is going on */
    struct watch watch;
    struct sim_state state; /* what decides about the future */
    struct request_row *request_rows;
    size_t request_row_count;
    bool is_finished;
};

static inline sim_time_ns now_ns(const struct world *world)
{
    return world->engine.clock.now_ns;
}

/* world_limits.c: by class through all workloads; free() releases them */
struct class_limits *world_limits(const struct world_config *config);

/* arrivals.c */
void arrivals_start(struct world *world);
/* Whether requests have yet to come; after the end of the run these are those that were sent before it. */
bool arrivals_under_way(const struct world *world);
/* At the very end: requests that were sent and have not come count as arrived, and are in flight. */
void arrivals_close(struct world *world);
SIM_NEVER_INLINE void arrivals_event(struct world *world, uint32_t workload);
void arrivals_client_event(struct world *world, uint32_t number);
void arrivals_entry_event(struct world *world, uint32_t request);
void arrivals_timeout_event(struct world *world, uint32_t workload);
/* Sets the timers of clients anew: for the oldest request that is still waited for. */
void arrivals_look_again(struct world *world);
/* The client of a closed loop has its answer, or none will come: it may send its next request. */
void arrivals_next_turn(struct world *world, uint32_t request, sim_time_ns at_ns);
/* The request will be back at its pool's queue after the delay of its number of failures. */
void arrivals_retry(struct world *world, struct pool *pool, uint32_t request);
/* What the fixed stages of one side take for the request's current try, in the general case. */
SIM_NEVER_INLINE sim_time_ns arrivals_sample_stages_ns(const struct world *world, const struct pool *pool,
                                                       enum stage_side side, const struct request *request);
/* A request of a workload that is followed is over: nobody waits for it, and a user less is present. */
void arrivals_left(struct world *world, uint32_t request);
/* Nobody waits for the request any more: it is over, or a session that begins. */
void arrivals_served(struct world *world, uint32_t request);
void arrivals_migration_event(struct world *world, uint32_t workload);

/* service.c */
void service_enter(struct world *world, struct pool *pool, uint32_t request);
SIM_NEVER_INLINE void service_event(struct world *world, struct pool *pool);
/* Brings what is inside all containers up to date. */
void service_advance_all(struct world *world);
/* Nothing will happen in the container any more. */
void service_stop(struct world *world, struct pool *pool, uint32_t container);
/* Takes waiting requests into the container while it has room, and puts it in its place for dispatch. */
void service_fill(struct world *world, struct pool *pool, uint32_t container);
/* Gives waiting requests to containers with room, as long as there are both. */
void service_dispatch(struct world *world, struct pool *pool);
/* Sets anew when something happens in the container next. Its requests' deadlines count from their attempts alone. */
void service_look_again(struct world *world, struct pool *pool, uint32_t container);
/* What the request takes in the main stage in its current try. */
struct stage_need service_need(const struct world *world, const struct pool *pool, const struct request *r);
/* Takes a request out of queue or container without an outcome. */
void service_withdraw(struct world *world, struct pool *pool, uint32_t request);
/* All requests inside go back to the head of the queue, in their order, with what they keep after so much notice. */
void service_evict(struct world *world, struct pool *pool, uint32_t container, sim_time_ns notice_ns);

/* service_memory.c: of pools in which GPU memory is watched */
bool service_memory_applies(const struct world_config *config, const struct pool_config *pool);
/* Bytes that models take of a container's. */
int64_t service_memory_reserved(const struct pool *pool);
/* The request takes what it needs, if there is enough: otherwise that is counted. Later it gives it back. */
bool service_memory_take(struct world *world, struct pool *pool, uint32_t container, const struct request *request);
void service_memory_leave(struct world *world, struct pool *pool, const struct request *request);
/* What the container uses now counts for the highest use of the block. */
void service_memory_note(struct world *world, struct pool *pool, uint32_t container);

/* service_job.c */
/* Whether there may be such requests in the pool. */
bool service_job_applies(const struct world_config *config, const struct pool_config *pool);
/* Whether a request of the pool writes checkpoints. What it then needs of the main stage in its attempt. */
bool service_job_is(const struct world *world, const struct pool *pool, const struct request *request);
struct stage_need service_job_need(const struct world *world, const struct pool *pool, const struct request *request);
/* An attempt ends before its end, after notice_ns of notice, or 0; or fails at its end, and keeps nothing. The request
 * is still that of the container.
 */
void service_job_cut(struct world *world, struct pool *pool, struct request *request, sim_time_ns notice_ns);
void service_job_fail(struct world *world, struct pool *pool, struct request *request);

/* sessions.c */
/* A request's attempt begins in its container, which the caller settles. False, and nothing is done, if the request is
 * no session.
 */
SIM_NEVER_INLINE bool sessions_begin(struct world *world, struct pool *pool, uint32_t request);
/* A request has come out of its container's timeline. True if it is a session that stays inside. */
SIM_NEVER_INLINE bool sessions_go_on(struct world *world, struct pool *pool, uint32_t request);
/* Feeds what is known of a session beyond its request. */
void sessions_digest(const struct world *world, uint32_t request, struct sim_digest *digest);

/* container.c */
void container_start_warm(struct world *world, struct pool *pool);
void container_request(struct world *world, struct pool *pool);
/* A ready container takes no more requests and ends when it is empty; an idle one at once. */
void container_drain(struct world *world, struct pool *pool, uint32_t container);
void container_phase_event(struct world *world, struct pool *pool, uint32_t container);
/* The first request has come, or the last one has gone. */
void container_become_busy(struct world *world, struct pool *pool, uint32_t container);
void container_become_idle(struct world *world, struct pool *pool, uint32_t container);
void container_end(struct world *world, struct pool *pool, uint32_t container, enum container_end cause);
/* Brings the container's state times up to date. */
void container_book(struct world *world, struct pool *pool, uint32_t container);
/* Brings what its main stage did into the tally of the block that is going on. */
void container_book_stage(struct world *world, struct pool *pool, uint32_t container);

/* container_fate.c */
/* When a ready container crashes or is interrupted, and which of both: by `life`, exponential of mean 1, and `luck`,
 * equally likely in [0, 1). Only if it may at all (container_is_mortal), like the others.
 */
void container_fate_set(struct world *world, struct pool *pool, uint32_t container, double life, double luck);
/* From now on it may; drawn from its own stream. And when it happens, or its notice is over. */
void container_fate_begin(struct world *world, struct pool *pool, uint32_t container);
void container_fate_event(struct world *world, struct pool *pool, uint32_t container);

/* change.c */
void change_start(struct world *world);
void change_event(struct world *world);
/* The settings in force may have become others. */
void change_pool_settings(struct world *world, struct pool *pool);

/* watch.c */
void watch_init(struct world *world);
void watch_enter(struct world *world, struct sim_state *state);
void watch_release(struct world *world);
/* The levels of the pool are about to be split. */
void watch_before_split(struct world *world, const struct pool *pool);
struct monitor_view watch_view(const struct world *world, const struct pool *pool);
/* Looks at the end of a period of the monitor: whether its condition is met. */
bool watch_look(struct world *world, size_t monitor, const struct monitor_view *view);
/* A request's client has its answer, or gave up. */
SIM_NEVER_INLINE void watch_outcome(struct world *world, const struct request *request, enum request_outcome outcome,
                                    sim_time_ns end_ns);
/* How long a container may idle before that makes no difference to monitors any more. */
sim_time_ns watch_idle_ns(const struct world *world, const struct pool *pool);
void watch_digest(const struct world *world, struct sim_digest *digest);

/* rules.c */
void rules_start(struct world *world);
void rules_look_event(struct world *world, struct pool *pool);
void rules_effect_event(struct world *world, struct pool *pool);
/* The settings in force: those of the schedule, with what the controller has asked for. */
struct pool_settings rules_settings(const struct world *world, const struct pool *pool);
void rules_digest(const struct world *world, struct sim_digest *digest);

/* alerts.c */
void alerts_start(struct world *world);
void alerts_event(struct world *world, uint32_t alert);
/* Writes rows of the alerts that are active, which go on in the next span. */
void alerts_leave_open(struct world *world);
void alerts_digest(const struct world *world, struct sim_digest *digest);

/* scaling.c */
void scaling_start(struct world *world, struct pool *pool);
/* The policy looks at the pool later at this instant, before its ticks. Pools are looked at in their order. */
void scaling_review_request(struct world *world, struct pool *pool);
void scaling_review_event(struct world *world);
/* Fewer GPUs are held: pools that lack containers, and have no ticks to find out, are looked at. */
void scaling_gpus_freed(struct world *world);
/* Containers take as many requests as a poll would allow them now. */
void scaling_target_changed(struct world *world, struct pool *pool);
void scaling_tick_event(struct world *world, struct pool *pool);
void scaling_evaluate(struct world *world, struct pool *pool);
/* Brings the demand up to date, as if the policy were asked. */
void scaling_note_demand(struct world *world, struct pool *pool);
void scaling_poll_event(struct world *world, struct pool *pool);
void scaling_poll_join(struct world *world, struct pool *pool, uint32_t container, sim_time_ns first_ns);
void scaling_poll_leave(struct world *world, struct pool *pool, uint32_t container);
/* All containers leave. */
void scaling_poll_forget(struct world *world, struct pool *pool);
/* Polls matter from now on: requests wait. */
void scaling_poll_arm(struct world *world, struct pool *pool);

/* world_digest.c */
/* The earliest arrival of all requests here or to come; not after now. */
sim_time_ns world_digest_oldest_arrival_ns(struct world *world);
/* Feeds what a container holds. */
void world_digest_container(const struct world *world, const struct pool *pool, uint32_t container,
                            sim_time_ns oldest_arrival_ns, struct sim_digest *digest);

/* books_levels.c */
/* Books the time since the last boundary into the block, the interval and the window that are going on. */
void books_levels_split(struct world *world, struct pool *pool);

/* books.c */
/* Makes an empty result, with blocks that have their times. */
void books_lay_out_blocks(struct world *world);
void books_start(struct world *world);
void books_boundary_event(struct world *world);
/* Brings everything up to date between two events; what containers have seen so far is left open. */
void books_pause(struct world *world);
/* Books everything up to now at the price that held so far. */
void books_before_price(struct world *world, struct pool *pool);
void books_close(struct world *world);
void books_arrived(struct world *world, const struct request_draw *draw);
void books_outcome(struct world *world, uint32_t request, enum request_outcome outcome, sim_time_ns end_ns);
void books_container_row(struct world *world, struct pool *pool, uint32_t container, enum container_end cause);
void books_decision(struct world *world, struct pool *pool, const struct autoscaler_observation *seen, int64_t wanted,
                    enum scaling_reason reason);
/* The controller asks for another number of containers. `rule`: of the pool's. */
void books_rule(struct world *world, struct pool *pool, int64_t before, int64_t wanted, int32_t rule);

/* ---- what happens to every request, inline: each of these was a call that did next to nothing ---- */

/* The tally of the pool in the block that is going on; after the end of the run, one that counts nowhere. The block
 * is found by number, since the number is what a copy of the state brings.
 */
static inline struct pool_tally *books_pool(struct world *world, const struct pool *pool)
{
    return SIM_RARELY(world->now.is_draining) ? &world->drained
                                              : &world->result.blocks[world->now.block].pools[pool->number];
}

/* What the window that is going on (saturation.h) has seen of a pool. */
static inline struct saturation_window *books_window(struct world *world, size_t pool)
{
    return &world->result.windows[world->now.window * world->config->pool_count + pool];
}

/* The block in which the request arrived, nearly always the one that is going on. */
static inline size_t books_block_of(const struct world *world, const struct request_draw *draw)
{
    size_t block = world->now.block;
    while (draw->arrival_ns < world->result.blocks[block].from_ns)
        block--;
    return block;
}

/* Brief words for the fixed stages of one side, in the request's current try. */
static inline struct sim_random_brief arrivals_stage_words(const struct world *world, enum stage_side side,
                                                           const struct request *request)
{
    uint64_t part = PART_STAGE + ((uint64_t)request->tries << 2 | (uint64_t)side);
    return sim_random_brief(world->workloads[request->draw.workload].salt, request->draw.key, part);
}

/* The least that they take, and of each a whole number of nanoseconds below its span, to 1 in 2^32 equally likely: half
 * a word for each.
 */
static inline sim_time_ns arrivals_uniform_stages_ns(const struct stage_group *group, struct sim_random_brief words)
{
    uint64_t sum_ns = (uint64_t)group->least_ns;
    uint64_t word = 0;
    for (uint32_t i = 0; i < group->span_count; i++) {
        word = i % 2 ? word << 32 : sim_random_brief_next(&words);
        sum_ns += (word >> 32) * group->spans_ns[i] >> 32;
    }
    return (sim_time_ns)sum_ns;
}

/* What the fixed stages of one side take for the request's current try. */
SIM_ALWAYS_INLINE sim_time_ns arrivals_stage_ns(const struct world *world, const struct pool *pool,
                                                enum stage_side side, const struct request *request)
{
    const struct stage_group *group = &pool->groups[side];
    if (group->is_constant)
        return group->constant_ns;
    if (SIM_RARELY(!group->is_uniform))
        return arrivals_sample_stages_ns(world, pool, side, request);
    return arrivals_uniform_stages_ns(group, arrivals_stage_words(world, side, request));
}

static inline void arrivals_answered(struct world *world, uint32_t request, sim_time_ns at_ns)
{
    if (SIM_RARELY(world->workloads[request_at(&world->requests, request)->draw.workload].is_closed))
        arrivals_next_turn(world, request, at_ns);
}

/* Nothing is left of the request: books and store forget it. */
static inline void arrivals_forget(struct world *world, uint32_t request)
{
    const struct request *stored = request_at(&world->requests, request);
    if (SIM_RARELY(world->workloads[stored->draw.workload].is_followed))
        arrivals_left(world, request);
    world->now.audit.left++;
    world->now.audit.sojourn_ns += now_ns(world) - stored->stored_ns;
    sim_level_move(&world->now.in_system, now_ns(world), -1);
    request_store_remove(&world->requests, request);
}

/* Whether ready containers of the pool may crash or be interrupted. */
static inline bool container_is_mortal(const struct pool *pool)
{
    return pool->config->crash_rate_per_s + pool->config->interruption_rate_per_s > 0;
}

static inline void container_inputs_change(struct world *world, struct pool *pool, uint32_t container, int change)
{
    struct container *c = pool_container(pool, container);
    sim_level_move(&pool->state.levels.inputs, now_ns(world), change);
    bool was_empty = c->inputs == 0;
    c->inputs += (uint32_t)change;
    if (SIM_RARELY(was_empty))
        container_become_busy(world, pool, container);
    else if (SIM_RARELY(c->inputs == 0))
        container_become_idle(world, pool, container);
}

#endif
