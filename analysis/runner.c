/* runner.c - threads that simulate one segment after another. */
#include "analysis/runner.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "analysis/runner_internal.h"
#include "analysis/scope.h"
#include "models/months.h"
#include "sim/interval.h"
#include "sim/memory.h"

enum {
    BLOCK_COUNT = 30,
    SERIES_MAX = 1500,
    ROWS_WAITING_MAX = 200000,
    PROGRESS_MS = 100,
    CHECKPOINT_MS = 10000
};

/* As in world_options. */
size_t runner_block_count(const struct world_config *config)
{
    if (scope_is_burst_only(config))
        return 1;
    return months_apply(config) ? 0 : config->replications > 1 ? 1 : BLOCK_COUNT;
}

void runner_block_ends(const struct world_config *config, struct sim_array *ends)
{
    months_block_ends(config, runner_block_count(config), ends);
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

/* ---- All of them ---- */

/* Under the lock: the first replication that has something to do, from its true state if there is one. */
static enum relay_claim take_work(struct runner *runner, size_t *replication, size_t *index)
{
    enum relay_claim claim = RELAY_NOTHING;
    for (size_t ahead = 0; ahead <= runner->thread_count && claim == RELAY_NOTHING; ahead += runner->thread_count)
        for (size_t r = 0; r < runner->replication_count && claim == RELAY_NOTHING; r++) {
            *replication = r;
            claim = relay_take(&runner->relays[r], runner->can_guess ? ahead : 0, index);
        }
    return claim;
}

static bool is_over(const struct runner *runner)
{
    if (runner_is_stopped(runner))
        return true;
    for (size_t r = 0; r < runner->replication_count; r++)
        if (!relay_is_over(&runner->relays[r]) && !runner->relays[r].is_closed)
            return false;
    return true;
}

/* Of several failures that of the first replication is reported. */
static void note_failure(struct runner *runner, size_t replication, enum sim_status status,
                         const struct sim_error *error)
{
    if (status == SIM_OK || (runner->status != SIM_OK && replication >= runner->failed))
        return;
    runner->status = status;
    runner->failed = replication;
    runner->error = *error;
}

/* Under the lock: nobody will make rows of a replication that is over, or cut. */
static void close_replication(struct runner *runner, size_t replication)
{
    const struct relay *relay = &runner->relays[replication];
    if (relay_is_over(relay) || relay->is_cut || relay->is_closed)
        row_queue_finish(runner->queue, replication);
}

static void *work(void *argument)
{
    struct runner *runner = argument;
    struct worker worker = worker_begin(runner);
    pthread_mutex_lock(&runner->lock);
    while (!is_over(runner)) {
        size_t replication = 0;
        size_t index = 0;
        enum relay_claim claim = take_work(runner, &replication, &index);
        if (claim == RELAY_NOTHING) {
            pthread_cond_wait(&runner->change, &runner->lock);
            continue;
        }
        pthread_mutex_unlock(&runner->lock);
        struct sim_error error = {0};
        enum sim_status status = worker_run_segment(&worker, replication, index, claim, &error);
        pthread_mutex_lock(&runner->lock);
        note_failure(runner, replication, status, &error);
        close_replication(runner, replication);
        pthread_cond_broadcast(&runner->change);
    }
    bool is_last = --runner->working == 0;
    pthread_mutex_unlock(&runner->lock);
    worker_end(&worker);
    for (size_t r = 0; is_last && r < runner->replication_count; r++)
        row_queue_finish(runner->queue, r);
    return NULL;
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

static bool is_due(struct timespec *last, long interval_ms)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long elapsed_ms = (now.tv_sec - last->tv_sec) * 1000 + (now.tv_nsec - last->tv_nsec) / 1000000;
    if (elapsed_ms < interval_ms)
        return false;
    *last = now;
    return true;
}

/* The mean latency so far, with the blocks that are settled as batches. */
static void estimate_latency(const struct runner *runner, struct runner_progress *progress)
{
    const struct relay *relay = &runner->relays[0];
    const struct replication_result *result = &relay->total.result;
    size_t count = 0;
    if (runner->replication_count > 1 || relay->settled < 2)
        return;
    double *means = sim_allocate(result->block_count, sizeof *means);
    double all_s = 0;
    double all_count = 0;
    for (size_t b = 1; b < result->block_count; b++) {
        double sum_s = 0;
        double completed = 0;
        for (size_t i = 0; i < result->class_count; i++) {
            sum_s += (double)result->blocks[b].durations[i][DURATION_LATENCY].sum / 1e9;
            completed += (double)result->blocks[b].durations[i][DURATION_LATENCY].count;
        }
        if (completed > 0)
            means[count++] = sum_s / completed;
        all_s += sum_s;
        all_count += completed;
    }
    struct sim_interval interval = sim_interval_of_sections(all_s / all_count, means, count);
    if (interval.reason == SIM_INTERVAL_GIVEN) {
        progress->latency_mean_s = interval.estimate;
        progress->latency_half_s = interval.half_width;
    }
    free(means);
}

static void show_progress(struct runner *runner, struct timespec *last)
{
    if (!runner->options->progress || !is_due(last, PROGRESS_MS))
        return;
    struct runner_progress progress = {.replication_count = runner->replication_count};
    pthread_mutex_lock(&runner->lock);
    for (size_t r = 0; r < runner->replication_count; r++) {
        struct relay_progress one = relay_progress(&runner->relays[r]);
        bool is_first = progress.finished == r && one.share < 1;
        progress.share += one.share / (double)runner->replication_count;
        progress.requests += one.requests;
        progress.finished += relay_is_over(&runner->relays[r]);
        if (is_first)
            progress.now_ns = one.now_ns;
    }
    estimate_latency(runner, &progress);
    pthread_mutex_unlock(&runner->lock);
    runner->options->progress(runner->options->progress_context, &progress);
}

/* What is settled now; an error is kept for the end, since the run itself is well. */
static void write_checkpoint(struct runner *runner)
{
    const struct checkpoint *checkpoint = runner->options->checkpoint;
    struct sim_array bytes;
    if (!checkpoint || !checkpoint->path)
        return;
    sim_array_init(&bytes, 1);
    pthread_mutex_lock(&runner->lock);
    checkpoint_make(checkpoint, runner->relays, runner->replication_count, &bytes);
    pthread_mutex_unlock(&runner->lock);
    runner->checkpoint_error = (struct sim_error){.status = SIM_OK};
    runner->checkpoint_error.status = checkpoint_write(checkpoint, &bytes, &runner->checkpoint_error);
    sim_array_release(&bytes);
}

/* The caller's thread: hands rows on until every replication has ended. */
static void pass_rows(struct runner *runner)
{
    struct row_batch *batch;
    bool is_cancelled = false;
    struct timespec last_shown = {0};
    struct timespec last_written;
    clock_gettime(CLOCK_MONOTONIC, &last_written);
    while (row_queue_take(runner->queue, PROGRESS_MS, &batch) != ROW_QUEUE_DONE) {
        struct sim_error error = {0};
        enum sim_status status = SIM_OK;
        if (batch && !is_cancelled)
            status = consume(&runner->options->consumer, batch, &error);
        free(batch);
        show_progress(runner, &last_shown);
        if (is_due(&last_written, CHECKPOINT_MS))
            write_checkpoint(runner);
        pthread_mutex_lock(&runner->lock);
        note_failure(runner, 0, status, &error);
        bool has_failed = runner->status != SIM_OK;
        pthread_mutex_unlock(&runner->lock);
        if (!is_cancelled && has_failed) {
            row_queue_cancel(runner->queue);
            is_cancelled = true;
        }
    }
}

static void run_threads(struct runner *runner)
{
    size_t count = runner->thread_count;
    pthread_t *threads = sim_allocate(count, sizeof *threads);
    size_t started = 0;
    pthread_mutex_lock(&runner->lock); /* they begin when it is known how many there are */
    while (started < count && pthread_create(&threads[started], NULL, work, runner) == 0)
        started++;
    if (started == 0) /* nothing but its stack is missing */
        sim_out_of_memory();
    runner->working = started;
    pthread_mutex_unlock(&runner->lock);
    pass_rows(runner);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    free(threads);
}

/* ---- Results ---- */

static enum sim_status collect_one(struct runner *runner, size_t replication, struct run_result *result,
                                   struct sim_error *error)
{
    struct ledger total = relay_take_total(&runner->relays[replication]);
    enum sim_status status = ledger_audit(&total, runner->config, error);
    result->replications[replication] = ledger_close(&total, runner->config);
    return status;
}

/* The first replications, as many as were finished; after a stop that may be none, and then the beginning of the very
 * first.
 */
static enum sim_status collect(struct runner *runner, struct run_result *result, struct sim_error *error)
{
    size_t kept = 0;
    enum sim_status status = SIM_OK;
    for (; kept < runner->replication_count && relay_is_over(&runner->relays[kept]) && status == SIM_OK; kept++)
        status = collect_one(runner, kept, result, error);
    if (kept < runner->replication_count)
        result->ending = runner->relays[0].is_closed ? RUN_STOPPED : RUN_INTERRUPTED;
    struct relay *first = &runner->relays[0];
    if (status == SIM_OK && kept == 0) {
        struct worker worker = worker_begin(runner);
        status = worker_cut_at_joint(&worker, 0, error);
        worker_end(&worker);
    }
    if (status == SIM_OK && kept == 0 && first->is_cut && first->cut_ns > runner->config->warm_up_ns) {
        status = collect_one(runner, kept, result, error);
        replication_result_truncate(&result->replications[kept++], runner->config, first->cut_ns);
    }
    result->replication_count = kept;
    if (status == SIM_OK && kept == 0)
        status = sim_error_set(error, SIM_INTERRUPTED, NULL, 0, "interrupted before there was anything to report");
    return status;
}

static void note_account(const struct runner *runner, struct runner_account *account)
{
    if (!account)
        return;
    *account = (struct runner_account){.threads = runner->thread_count, .resumed = runner->resumed};
    account->checkpoint_error = runner->checkpoint_error;
    for (size_t r = 0; r < runner->replication_count; r++) {
        account->segments += runner->relays[r].segment_count;
        account->guessed += runner->relays[r].guessed;
        account->again += runner->relays[r].wrong;
    }
}

/* Threads beyond what can be done at once would only wait. */
static size_t thread_count(const struct runner *runner)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = runner->options->jobs ? runner->options->jobs : processors > 0 ? (size_t)processors : 1;
    size_t most = runner->replication_count * (runner->can_guess ? runner->joints.count + 1 : 1);
    return wanted < most ? wanted : most;
}

/* Whether a month of the run ended in the segment that was settled last. */
static bool has_month_ended(const struct runner *runner, const struct segment *segment)
{
    const struct month *months = runner->months.items;
    for (size_t i = 0; i < runner->months.count; i++)
        if (months[i].to_ns > segment->from_ns && months[i].to_ns <= segment->to_ns)
            return true;
    return false;
}

/* Shows a copy of what is settled, as it would be if the run ended here. */
static bool ask_if_enough(void *context, const struct relay *relay)
{
    const struct runner *runner = context;
    const struct segment *last = &relay->segments[relay->settled - 1];
    struct sim_array bytes;
    struct ledger copy;
    bool is_enough = false;
    if (!has_month_ended(runner, last))
        return false;
    sim_array_init(&bytes, 1);
    ledger_save(&relay->total, runner->config, &bytes);
    struct sim_bytes_reader reader = {bytes.items, bytes.count};
    if (ledger_load(&copy, runner->config, &reader, NULL) == SIM_OK) {
        struct run_result *so_far = run_result_create(runner->config, 1);
        so_far->replications[0] = ledger_close(&copy, runner->config);
        so_far->ending = RUN_STOPPED;
        replication_result_truncate(&so_far->replications[0], runner->config, last->to_ns);
        is_enough = runner->options->is_enough(so_far);
        run_result_destroy(so_far);
    }
    sim_array_release(&bytes);
    return is_enough;
}

static void prepare(struct runner *runner)
{
    const struct runner_consumer *consumer = &runner->options->consumer;
    size_t count = runner->replication_count;
    bool has_rows = consumer->requests || consumer->containers || consumer->decisions || runner->options->keep_series;
    runner->joints = joints_of(runner->config);
    sim_array_init(&runner->months, sizeof(struct month));
    months_list(runner->config, &runner->months);
    runner->can_guess = !has_rows && joints_can_guess(runner->config);
    runner->thread_count = thread_count(runner);
    runner->queue = row_queue_create(count, ROWS_WAITING_MAX);
    runner->sinks = sim_allocate(count, sizeof *runner->sinks);
    runner->relays = sim_allocate(count, sizeof *runner->relays);
    runner->habits = sim_allocate(count, sizeof *runner->habits);
    for (size_t r = 0; r < count; r++) {
        sim_array_init(&runner->habits[r], sizeof(int64_t));
        runner->sinks[r] = (struct lane_sink){runner->queue, r};
        relay_init(&runner->relays[r], runner->config, runner->joints.times, has_rows ? 0 : runner->joints.count);
        runner->relays[r].is_enough = runner->options->is_enough && count == 1 ? ask_if_enough : NULL;
        runner->relays[r].context = runner;
    }
}

/* Takes over what an earlier run has settled, and makes sure that a checkpoint can be written. */
static void begin_from_checkpoint(struct runner *runner)
{
    const struct checkpoint *checkpoint = runner->options->checkpoint;
    if (!checkpoint)
        return;
    if (checkpoint->resume)
        runner->status = checkpoint_read(checkpoint, runner->relays, runner->replication_count, &runner->error);
    for (size_t r = 0; r < runner->replication_count; r++) {
        struct relay *relay = &runner->relays[r];
        runner->resumed += relay->settled;
        if (relay->is_enough && relay->settled > 0 && !relay_is_over(relay))
            relay->is_closed = relay->is_enough(runner, relay);
    }
    if (runner->status != SIM_OK || !checkpoint->path)
        return;
    write_checkpoint(runner);
    runner->status = runner->checkpoint_error.status;
    runner->error = runner->checkpoint_error;
}

static void release(struct runner *runner)
{
    for (size_t r = 0; r < runner->replication_count; r++) {
        relay_release(&runner->relays[r]);
        sim_array_release(&runner->habits[r]);
    }
    joints_release(&runner->joints);
    sim_array_release(&runner->months);
    row_queue_destroy(runner->queue);
    free(runner->sinks);
    free(runner->relays);
    free(runner->habits);
    (void)pthread_mutex_destroy(&runner->lock);
    (void)pthread_cond_destroy(&runner->change);
}

enum sim_status runner_run(const struct world_config *config, const struct runner_options *options,
                           struct run_result **result, struct sim_error *error)
{
    struct runner runner = {.config = config, .options = options, .replication_count = (size_t)config->replications};
    sim_assert(config->replications > 0 && config->warm_up_ns >= 0);
    sim_assert(pthread_mutex_init(&runner.lock, NULL) == 0);
    sim_assert(pthread_cond_init(&runner.change, NULL) == 0);
    prepare(&runner);
    begin_from_checkpoint(&runner);
    if (runner.status == SIM_OK) {
        run_threads(&runner);
        write_checkpoint(&runner);
    }
    note_account(&runner, options->account);
    struct run_result *made = run_result_create(config, runner.replication_count);
    if (runner.status == SIM_OK)
        runner.status = collect(&runner, made, &runner.error);
    enum sim_status status = runner.status;
    if (status != SIM_OK) {
        run_result_destroy(made);
        made = NULL;
        if (error)
            *error = runner.error;
    }
    release(&runner);
    *result = made;
    return status;
}
