/* runner.c - threads that take one replication after another. */
#include "analysis/runner.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "analysis/load.h"
#include "analysis/row_queue.h"
#include "analysis/scope.h"
#include "models/world.h"
#include "sim/memory.h"

enum {
    BLOCK_COUNT = 30,
    SLICES_MIN = 64, /* a world runs in slices: for progress, and so that a stop is noticed */
    SLICES_MAX = 1000000,
    REQUESTS_PER_SLICE = 100000,
    SERIES_MAX = 1500,
    ROWS_WAITING_MAX = 200000,
    PROGRESS_MS = 100
};

/* How far a replication has come. */
struct stage_of_run {
    double share;
    uint64_t requests;
    sim_time_ns now_ns;
};

struct runner {
    const struct world_config *config;
    const struct runner_options *options;
    struct run_result *result;
    struct row_queue *queue;
    size_t replication_count;

    pthread_mutex_t lock; /* of what follows */
    size_t next;          /* replication that nobody has taken yet */
    size_t finished;
    struct stage_of_run *stages;
    enum sim_status status; /* of the first replication that failed */
    size_t failed;
    struct sim_error error;
};

size_t runner_block_count(const struct world_config *config)
{
    return config->replications > 1 || scope_is_burst_only(config) ? 1 : BLOCK_COUNT;
}

sim_time_ns runner_block_end(const struct world_config *config, size_t block, size_t count)
{
    sim_int128 window_ns = config->duration_ns - config->warm_up_ns;
    return config->warm_up_ns + (sim_time_ns)(window_ns * (sim_int128)(block + 1) / (sim_int128)count);
}

size_t runner_series_count(sim_time_ns duration_ns)
{
    static const int64_t steps_s[] = {1,    2,    5,    10,    15,    30,    60,    120,    300,    600,    900,
                                      1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600};
    int64_t step_s = 0;
    for (size_t i = 0; i < sizeof steps_s / sizeof *steps_s; i++) {
        step_s = steps_s[i];
        if (duration_ns / (step_s * SIM_SECOND) > SERIES_MAX)
            continue;
        if (duration_ns % (step_s * SIM_SECOND) == 0)
            return (size_t)(duration_ns / (step_s * SIM_SECOND));
        break;
    }
    int64_t count = duration_ns / (step_s * SIM_SECOND) + 1;
    return (size_t)(count < SERIES_MAX ? count : SERIES_MAX);
}

/* ---- One replication ---- */

/* A world's sink: passes rows to the lane of its replication. */
struct lane_sink {
    struct row_queue *queue;
    size_t lane;
};

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

static struct world_options world_options_of(const struct runner *runner, size_t replication, struct lane_sink *sink)
{
    const struct runner_options *options = runner->options;
    const struct runner_consumer *consumer = &options->consumer;
    return (struct world_options){
        .seed = (uint64_t)runner->config->seed,
        .replication = (uint32_t)replication,
        .block_count = runner_block_count(runner->config),
        .keep_one_in = consumer->requests ? options->keep_one_in : 0,
        .series_count = options->keep_series ? runner_series_count(runner->config->duration_ns) : 0,
        .sink = {.context = sink,
                 .requests = consumer->requests && options->keep_one_in ? push_requests : NULL,
                 .containers = consumer->containers ? push_containers : NULL,
                 .decisions = consumer->decisions ? push_decisions : NULL},
        .stop = options->stop,
    };
}

static bool is_stopped(struct runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    bool has_failed = runner->status != SIM_OK;
    pthread_mutex_unlock(&runner->lock);
    return has_failed || (runner->options->stop && *runner->options->stop);
}

static void report_stage(struct runner *runner, size_t replication, const struct world *world, double share)
{
    pthread_mutex_lock(&runner->lock);
    runner->stages[replication] =
        (struct stage_of_run){.share = share, .requests = world_arrived(world), .now_ns = world_now(world)};
    pthread_mutex_unlock(&runner->lock);
}

static int slice_count(const struct world_config *config)
{
    double slices = SLICES_MIN + load_expected_requests(config, 1) / REQUESTS_PER_SLICE;
    return slices < SLICES_MAX ? (int)slices : SLICES_MAX;
}

/* Runs to the end of arrivals in slices; false if it was stopped. */
static bool run_slices(struct runner *runner, size_t replication, struct world *world)
{
    sim_int128 duration_ns = runner->config->duration_ns;
    int count = slice_count(runner->config);
    for (int slice = 1; slice <= count; slice++) {
        if (is_stopped(runner))
            return false;
        world_run_until(world, (sim_time_ns)(duration_ns * slice / count));
        report_stage(runner, replication, world, (double)slice / count);
    }
    return !is_stopped(runner);
}

static enum sim_status interrupted(struct sim_error *error)
{
    return sim_error_set(error, SIM_INTERRUPTED, NULL, 0, "interrupted; nothing was written");
}

static enum sim_status run_replication(struct runner *runner, size_t replication, struct sim_error *error)
{
    struct lane_sink sink = {.queue = runner->queue, .lane = replication};
    struct world_options options = world_options_of(runner, replication, &sink);
    struct world *world;
    enum sim_status status = world_create(runner->config, &options, &world, error);
    if (status != SIM_OK)
        return status;
    if (run_slices(runner, replication, world)) {
        world_finish(world);
        struct ledger ledger;
        world_take(world, &ledger);
        status = ledger_audit(&ledger, runner->config, error);
        runner->result->replications[replication] = ledger_close(&ledger, runner->config);
        if (runner->result->replications[replication].interrupted)
            status = interrupted(error);
    } else {
        status = interrupted(error);
    }
    world_destroy(world);
    return status;
}

/* ---- All of them ---- */

/* An interruption that followed from another failure is not reported in its place. */
static void note_failure(struct runner *runner, size_t replication, enum sim_status status,
                         const struct sim_error *error)
{
    bool is_first = runner->status == SIM_OK || (runner->status == SIM_INTERRUPTED && status != SIM_INTERRUPTED) ||
                    (status != SIM_INTERRUPTED && replication < runner->failed);
    if (status == SIM_OK || !is_first)
        return;
    runner->status = status;
    runner->failed = replication;
    runner->error = *error;
}

static void *work(void *argument)
{
    struct runner *runner = argument;
    for (;;) {
        pthread_mutex_lock(&runner->lock);
        size_t replication = runner->next;
        bool is_over = replication == runner->replication_count;
        if (!is_over)
            runner->next++;
        pthread_mutex_unlock(&runner->lock);
        if (is_over)
            return NULL;
        struct sim_error error = {0};
        enum sim_status status =
            is_stopped(runner) ? interrupted(&error) : run_replication(runner, replication, &error);
        pthread_mutex_lock(&runner->lock);
        note_failure(runner, replication, status, &error);
        runner->finished++;
        pthread_mutex_unlock(&runner->lock);
        row_queue_finish(runner->queue, replication);
    }
}

static enum sim_status consume(const struct runner_consumer *consumer, const struct row_batch *batch,
                               struct sim_error *error)
{
    const void *rows = batch->rows;
    switch (batch->kind) {
    case ROW_REQUEST:
        return consumer->requests(consumer->context, rows, batch->count, error);
    case ROW_CONTAINER:
        return consumer->containers(consumer->context, rows, batch->count, error);
    default:
        return consumer->decisions(consumer->context, rows, batch->count, error);
    }
}

static bool is_due(struct timespec *last)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long elapsed_ms = (now.tv_sec - last->tv_sec) * 1000 + (now.tv_nsec - last->tv_nsec) / 1000000;
    if (elapsed_ms < PROGRESS_MS)
        return false;
    *last = now;
    return true;
}

static void show_progress(struct runner *runner, struct timespec *last)
{
    if (!runner->options->progress || !is_due(last))
        return;
    struct runner_progress progress = {.finished = 0};
    pthread_mutex_lock(&runner->lock);
    bool is_found = false;
    for (size_t i = 0; i < runner->next; i++) {
        const struct stage_of_run *stage = &runner->stages[i];
        progress.share += stage->share / (double)runner->replication_count;
        progress.requests += stage->requests;
        if (!is_found && stage->share < 1) {
            progress.now_ns = stage->now_ns;
            is_found = true;
        }
    }
    progress.finished = runner->finished;
    pthread_mutex_unlock(&runner->lock);
    runner->options->progress(runner->options->progress_context, &progress);
}

/* The caller's thread: hands rows on until every replication has ended. */
static void pass_rows(struct runner *runner)
{
    struct row_batch *batch;
    enum row_queue_state state;
    bool is_cancelled = false;
    struct timespec last_shown = {0};
    while ((state = row_queue_take(runner->queue, PROGRESS_MS, &batch)) != ROW_QUEUE_DONE) {
        if (batch && !is_cancelled) {
            struct sim_error error = {0};
            enum sim_status status = consume(&runner->options->consumer, batch, &error);
            pthread_mutex_lock(&runner->lock);
            note_failure(runner, 0, status, &error);
            pthread_mutex_unlock(&runner->lock);
        }
        free(batch);
        show_progress(runner, &last_shown);
        if (!is_cancelled && is_stopped(runner)) {
            row_queue_cancel(runner->queue);
            is_cancelled = true;
        }
    }
}

static size_t thread_count(const struct runner *runner)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = runner->options->jobs ? runner->options->jobs : processors > 0 ? (size_t)processors : 1;
    return wanted < runner->replication_count ? wanted : runner->replication_count;
}

static void run_threads(struct runner *runner)
{
    size_t count = thread_count(runner);
    pthread_t *threads = sim_allocate(count, sizeof *threads);
    size_t started = 0;
    while (started < count && pthread_create(&threads[started], NULL, work, runner) == 0)
        started++;
    sim_assert(started > 0);
    pass_rows(runner);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    free(threads);
}

enum sim_status runner_run(const struct world_config *config, const struct runner_options *options,
                           struct run_result **result, struct sim_error *error)
{
    struct runner runner = {.config = config, .options = options, .replication_count = (size_t)config->replications};
    sim_assert(config->replications > 0);
    sim_assert(pthread_mutex_init(&runner.lock, NULL) == 0);
    runner.result = run_result_create(config, runner.replication_count);
    runner.queue = row_queue_create(runner.replication_count, ROWS_WAITING_MAX);
    runner.stages = sim_allocate(runner.replication_count, sizeof *runner.stages);
    run_threads(&runner);
    row_queue_destroy(runner.queue);
    free(runner.stages);
    (void)pthread_mutex_destroy(&runner.lock);
    if (runner.status != SIM_OK) {
        run_result_destroy(runner.result);
        runner.result = NULL;
        if (error)
            *error = runner.error;
    }
    *result = runner.result;
    return runner.status;
}
