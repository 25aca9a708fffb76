/* worker.c - one thread's world: begun in truth or by a guess, run through a segment, and counted. */
#include <stdlib.h>
#include <string.h>

#include "analysis/load.h"
#include "analysis/runner_internal.h"

enum {
    REQUESTS_PER_SLICE = 100000, /* a world runs in slices: for progress, and so that a stop is noticed */
    SLICES_MIN = 8,
    SLICES_MAX = 1000000
};

/* How long before its joint a guess begins. In the year of growth-tts.yaml an hour brought nine of ten worlds to the
 * true state, two hours all but those of the quietest months, and two hours of the night are half a per cent of a
 * segment.
 */
#define LEAD (2 * SIM_HOUR)
#define LEAD_AFTER_WRONG (4 * SIM_HOUR)

/* ---- Rows ---- */

static void push_requests(void *context, const struct request_row *rows, size_t count)
{
    const struct lane_sink *sink = context;
    row_queue_push(sink->queue, sink->lane, ROW_REQUEST, rows, count, sizeof *rows);
}

static void push_containers(void *context, const struct container_row *rows, size_t count)
{
    const struct lane_sink *sink = context;
    row_queue_push(sink->queue, sink->lane, ROW_CONTAINER, rows, count, sizeof *rows);
}

static void push_decisions(void *context, const struct decision_row *rows, size_t count)
{
    const struct lane_sink *sink = context;
    row_queue_push(sink->queue, sink->lane, ROW_DECISION, rows, count, sizeof *rows);
}

/* ---- The world ---- */

static struct world_options world_options_of(const struct runner *runner, size_t replication, sim_time_ns start_ns,
                                             const struct sim_array *habits)
{
    const struct runner_options *options = runner->options;
    const struct runner_consumer *consumer = &options->consumer;
    return (struct world_options){
        .start_ns = start_ns,
        .habits = habits,
        .seed = (uint64_t)runner->config->seed,
        .replication = (uint32_t)(options->first_replication + replication),
        .block_count = runner_block_count(runner->config),
        .keep_one_in = consumer->requests ? options->keep_one_in : 0,
        .series_count = options->keep_series ? runner_series_count(runner->config->duration_ns) : 0,
        .sink = {.context = &runner->sinks[replication],
                 .requests = consumer->requests && options->keep_one_in ? push_requests : NULL,
                 .containers = consumer->containers ? push_containers : NULL,
                 .decisions = consumer->decisions ? push_decisions : NULL},
        .stop = options->stop,
    };
}

/* Notes how far the world has come; false if the segment should be given up. */
static bool goes_on(struct runner *runner, size_t replication, size_t index, const struct world *world)
{
    struct segment *segment = &runner->relays[replication].segments[index];
    pthread_mutex_lock(&runner->lock);
    segment->now_ns = world_now(world);
    segment->requests = world_arrived(world);
    bool is_wanted = !runner_is_stopped(runner) && !segment->is_void && !runner->relays[replication].is_closed;
    pthread_mutex_unlock(&runner->lock);
    return is_wanted;
}

/* Runs to `to_ns` in slices; false if the segment was given up. */
static bool run_slices(struct runner *runner, size_t replication, size_t index, struct world *world, sim_time_ns to_ns)
{
    sim_time_ns from_ns = world_now(world);
    double share = (double)(to_ns - from_ns) / (double)runner->config->duration_ns;
    double slices = SLICES_MIN + share * load_expected_requests(runner->config, 1) / REQUESTS_PER_SLICE;
    int count = slices < SLICES_MAX ? (int)slices : SLICES_MAX;
    for (int slice = 1; slice <= count; slice++) {
        if (!goes_on(runner, replication, index, world))
            return false;
        world_run_until(world, from_ns + (sim_time_ns)((sim_int128)(to_ns - from_ns) * slice / count));
    }
    return goes_on(runner, replication, index, world);
}

/* Runs through the joints before `to_ns`, which the segment has if worlds are not changed at them. */
static bool run_to(struct runner *runner, size_t replication, size_t index, struct world *world, sim_time_ns to_ns)
{
    const struct joints *joints = &runner->joints;
    for (size_t i = 0; i < joints->count && joints->times[i] < to_ns; i++) {
        if (joints->times[i] <= world_now(world))
            continue;
        if (!run_slices(runner, replication, index, world, joints->times[i]))
            return false;
        world_joint(world);
    }
    return run_slices(runner, replication, index, world, to_ns);
}

struct worker worker_begin(struct runner *runner)
{
    struct worker worker = {.runner = runner};
    sim_array_init(&worker.habits, sizeof(int64_t));
    return worker;
}

static void leave_world(struct worker *worker)
{
    world_destroy(worker->world);
    worker->world = NULL;
}

void worker_end(struct worker *worker)
{
    leave_world(worker);
    sim_array_release(&worker->habits);
}

static enum sim_status create_world(struct worker *worker, size_t replication, sim_time_ns start_ns,
                                    struct sim_error *error)
{
    leave_world(worker);
    struct world_options options = world_options_of(worker->runner, replication, start_ns, &worker->habits);
    return world_create(worker->runner->config, &options, &worker->world, error);
}

/* A world in the true state at the beginning of the segment. */
static enum sim_status begin_truly(struct worker *worker, size_t replication, size_t index, struct sim_error *error)
{
    const struct segment *segments = worker->runner->relays[replication].segments;
    if (worker->world && worker->replication == replication && worker->next == index &&
        worker->state.low == segments[index - 1].end.low && worker->state.high == segments[index - 1].end.high)
        return SIM_OK;
    enum sim_status status = create_world(worker, replication, segments[index].from_ns, error);
    if (status != SIM_OK || index == 0)
        return status;
    const struct sim_array *bytes = &segments[index - 1].end_state;
    return sim_state_load(world_state(worker->world), bytes->items, bytes->count);
}

static struct sim_digest digest_at_joint(struct world *world)
{
    struct sim_digest digest;
    world_joint(world);
    sim_digest_init(&digest);
    world_digest(world, &digest);
    return digest;
}

/* What is known for a guess; returns how long before its joint it should begin. */
static sim_time_ns learn_habits(struct worker *worker, size_t replication)
{
    pthread_mutex_lock(&worker->runner->lock);
    bool was_wrong = worker->runner->relays[replication].recent != 0;
    const struct sim_array *known = &worker->runner->habits[replication];
    sim_array_resize(&worker->habits, known->count);
    if (known->count)
        memcpy(worker->habits.items, known->items, known->count * known->item_size);
    pthread_mutex_unlock(&worker->runner->lock);
    return was_wrong ? LEAD_AFTER_WRONG : LEAD;
}

/* A world that begins early and comes to the joint; *is_wanted becomes false if its guess is known to be wrong. */
static enum sim_status begin_by_guess(struct worker *worker, size_t replication, size_t index, bool *is_wanted,
                                      struct sim_error *error)
{
    struct runner *runner = worker->runner;
    struct relay *relay = &runner->relays[replication];
    sim_time_ns from_ns = relay->segments[index].from_ns;
    sim_time_ns lead_ns = learn_habits(worker, replication);
    enum sim_status status = create_world(worker, replication, from_ns > lead_ns ? from_ns - lead_ns : 0, error);
    if (status != SIM_OK)
        return status;
    *is_wanted = run_slices(runner, replication, index, worker->world, from_ns);
    struct sim_digest start = digest_at_joint(worker->world);
    struct ledger before;
    world_take(worker->world, &before);
    ledger_release(&before, runner->config);
    pthread_mutex_lock(&runner->lock);
    if (!*is_wanted)
        relay_give_up(relay, index);
    else
        *is_wanted = relay_start(relay, index, start);
    pthread_mutex_unlock(&runner->lock);
    return SIM_OK;
}

/* Brings what the world has counted in the segment to the relay. `is_final`: the world ends here too. */
static void end_segment(struct worker *worker, size_t replication, size_t index, bool is_final)
{
    struct runner *runner = worker->runner;
    struct relay *relay = &runner->relays[replication];
    struct sim_digest end = {0, 0};
    struct sim_array bytes;
    struct ledger ledger;
    sim_array_init(&bytes, 1);
    if (is_final)
        world_finish(worker->world);
    else
        end = digest_at_joint(worker->world);
    world_take(worker->world, &ledger);
    if (!is_final)
        sim_state_save(world_state(worker->world), &bytes);
    bool is_whole = !ledger.result.interrupted;
    worker->state = end;
    pthread_mutex_lock(&runner->lock);
    if (relay->segments[index].is_true)
        world_habits(worker->world, &runner->habits[replication]);
    if (is_whole)
        relay_end(relay, index, end, &ledger, &bytes);
    else if (relay->settled == index && relay->segments[index].is_true)
        relay_cut(relay, &ledger, world_now(worker->world));
    else
        relay_give_up(relay, index);
    pthread_mutex_unlock(&runner->lock);
    ledger_release(&ledger, runner->config);
    sim_array_release(&bytes);
}

/* The segment is not simulated to its end. Whoever is stopped in the segment that is next to be settled leaves what
 * there is.
 */
static void leave_segment(struct worker *worker, size_t replication, size_t index)
{
    struct runner *runner = worker->runner;
    struct relay *relay = &runner->relays[replication];
    pthread_mutex_lock(&runner->lock);
    bool is_cut = runner_is_stopped(runner) && runner->status == SIM_OK && relay->settled == index &&
                  relay->segments[index].is_true;
    if (!is_cut)
        relay_give_up(relay, index);
    pthread_mutex_unlock(&runner->lock);
    if (is_cut)
        end_segment(worker, replication, index, true);
    leave_world(worker);
}

enum sim_status worker_run_segment(struct worker *worker, size_t replication, size_t index, enum relay_claim claim,
                                   struct sim_error *error)
{
    struct runner *runner = worker->runner;
    struct relay *relay = &runner->relays[replication];
    bool is_wanted = true;
    enum sim_status status = claim == RELAY_TRUTH ? begin_truly(worker, replication, index, error)
                                                  : begin_by_guess(worker, replication, index, &is_wanted, error);
    if (status != SIM_OK || !is_wanted) {
        leave_world(worker);
        return status;
    }
    if (!run_to(runner, replication, index, worker->world, relay->segments[index].to_ns)) {
        leave_segment(worker, replication, index);
        return SIM_OK;
    }
    bool is_last = index + 1 == relay->segment_count;
    end_segment(worker, replication, index, is_last);
    worker->replication = replication;
    worker->next = index + 1;
    if (is_last)
        leave_world(worker);
    return SIM_OK;
}

enum sim_status worker_cut_at_joint(struct worker *worker, size_t replication, struct sim_error *error)
{
    struct relay *relay = &worker->runner->relays[replication];
    if (relay->is_cut || relay->settled == 0)
        return SIM_OK;
    enum sim_status status = begin_truly(worker, replication, relay->settled, error);
    if (status == SIM_OK) {
        struct ledger ledger;
        world_stop(worker->world);
        world_finish(worker->world);
        world_take(worker->world, &ledger);
        relay_cut(relay, &ledger, world_now(worker->world));
    }
    leave_world(worker);
    return status;
}
