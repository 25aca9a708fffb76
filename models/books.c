/* books.c - what is counted while a world runs: blocks, series, outcomes and rows. */
#include "models/world_internal.h"

#include <math.h>

#include "models/months.h"
#include "models/pricing.h"
#include "models/rate.h"
#include "sim/variate.h"

/* The block that is going on: by number, since the number is what a copy of the state brings. */
static struct result_block *current_block(struct world *world)
{
    return &world->result.blocks[world->now.block];
}

/* ---- blocks and intervals ---- */

static sim_time_ns interval_end_ns(const struct world *world, size_t interval)
{
    sim_int128 whole = (sim_int128)world->config->duration_ns * (sim_int128)(interval + 1);
    return (sim_time_ns)(whole / (sim_int128)world->options.series_count);
}

static sim_time_ns earlier(sim_time_ns a, sim_time_ns b)
{
    return a < b ? a : b;
}

static sim_time_ns window_end_ns(const struct world *world)
{
    sim_time_ns window_ns = saturation_window_ns(world->config->duration_ns);
    return earlier((sim_time_ns)(world->now.window + 1) * window_ns, world->config->duration_ns);
}

static void schedule_boundary(struct world *world)
{
    sim_time_ns next_ns = current_block(world)->to_ns;
    if (world->now.interval < world->options.series_count)
        next_ns = earlier(next_ns, interval_end_ns(world, world->now.interval));
    next_ns = earlier(next_ns, window_end_ns(world));
    sim_engine_schedule(&world->engine, world->now.boundary_source, next_ns);
}

/* Hour by hour from the block's begin. */
static void expect_arrivals(const struct world_config *config, struct result_block *block)
{
    for (size_t i = 0; i < config->workload_count; i++) {
        for (sim_time_ns from_ns = block->from_ns; from_ns < block->to_ns; from_ns += SIM_HOUR) {
            sim_time_ns to_ns = earlier(from_ns + SIM_HOUR, block->to_ns);
            double expected = rate_expected(config, i, from_ns, to_ns);
            double per_s = expected / sim_time_to_s(to_ns - from_ns);
            block->expected[i] += isfinite(expected) ? expected : 0;
            block->expected_peak[i] = per_s > block->expected_peak[i] ? per_s : block->expected_peak[i];
        }
    }
}

void books_lay_out_blocks(struct world *world)
{
    const struct world_config *config = world->config;
    struct replication_result *result = &world->result;
    struct sim_array ends;
    months_block_ends(config, world->options.block_count, &ends);
    replication_result_init(result, config, ends.count + 1);
    result->blocks[0].to_ns = config->warm_up_ns;
    for (size_t i = 1; i < result->block_count; i++) {
        result->blocks[i].from_ns = result->blocks[i - 1].to_ns;
        result->blocks[i].to_ns = ((const sim_time_ns *)ends.items)[i - 1];
        if (world->options.block_count == 0)
            expect_arrivals(config, &result->blocks[i]);
    }
    sim_array_release(&ends);
}

void books_start(struct world *world)
{
    world->now.boundary_source = sim_engine_add(&world->engine, RANK_BOUNDARY, EVENT_BOUNDARY, 0);
    while (current_block(world)->to_ns <= world->options.start_ns)
        world->now.block++;
    while (world->now.interval < world->options.series_count &&
           interval_end_ns(world, world->now.interval) <= world->options.start_ns)
        world->now.interval++;
    while (window_end_ns(world) <= world->options.start_ns)
        world->now.window++;
    world->now.first_arrival_ns = -1;
    world->now.last_completion_ns = -1;
    schedule_boundary(world);
}

static void close_window(struct world *world)
{
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct saturation_window *window = books_window(world, i);
        window->queue = world->pools[i].state.levels.queue.level;
        window->is_over = 1;
    }
    world->now.window++;
}

static void close_interval(struct world *world, struct pool *pool)
{
    struct series_sums *sums = &world->series[pool->number];
    sim_time_ns from_ns = world->now.interval ? interval_end_ns(world, world->now.interval - 1) : 0;
    double span_ns = (double)(now_ns(world) - from_ns);
    world->result.series[world->now.interval * world->config->pool_count + pool->number] = (struct series_row){
        .replication = (int32_t)world->options.replication,
        .pool = (int32_t)pool->number,
        .from_ns = from_ns,
        .to_ns = now_ns(world),
        .arrived = sums->arrived,
        .completed = sums->completed,
        .queue_mean = (double)sums->queue / span_ns,
        .running_mean = (double)sums->inputs / span_ns,
        .starting_mean = (double)sums->states[CONTAINER_STARTING] / span_ns,
        .busy_mean = (double)sums->states[CONTAINER_BUSY] / span_ns,
        .idle_mean = (double)sums->states[CONTAINER_IDLE] / span_ns,
        .draining_mean = (double)sums->states[CONTAINER_DRAINING] / span_ns,
        .cost_usd = (double)pricing_sum_nusd(sums->cost) / 1e9,
    };
    *sums = (struct series_sums){0};
}

/* Calls `visit` for every container of the pool that has its GPU. */
static void for_each_alive(struct world *world, struct pool *pool,
                           void (*visit)(struct world *, struct pool *, uint32_t))
{
    for (uint32_t i = 0; i < pool->containers.count; i++)
        if (pool_container(pool, i)->phase > PHASE_ALLOCATING)
            visit(world, pool, i);
}

static void forget_warm_up(struct world *world, struct pool *pool, uint32_t container)
{
    container_book(world, pool, container);
    struct container *c = pool_container(pool, container);
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
        c->state_ns[i] = 0;
    c->unbilled_ns = 0;
    c->cost = 0;
}

void books_before_price(struct world *world, struct pool *pool)
{
    books_levels_split(world, pool);
    for_each_alive(world, pool, container_book);
}

/* What was taken when the block began counts in it, as it does in a span that begins there. */
static void note_memory(struct world *world, struct pool *pool, uint32_t container)
{
    if (pool_container(pool, container)->phase == PHASE_READY)
        service_memory_note(world, pool, container);
}

static void close_block(struct world *world)
{
    bool was_warm_up = world->now.block == 0;
    bool is_last = world->now.block + 1 == world->result.block_count;
    for (size_t i = 0; i < world->config->pool_count; i++) {
        for_each_alive(world, &world->pools[i], container_book_stage);
        for_each_alive(world, &world->pools[i], was_warm_up ? forget_warm_up : container_book);
    }
    if (is_last) {
        world->now.is_draining = true;
        return;
    }
    world->now.block++;
    for (size_t i = 0; i < world->config->pool_count; i++)
        if (world->pools[i].has_memory)
            for_each_alive(world, &world->pools[i], note_memory);
}

void books_boundary_event(struct world *world)
{
    for (size_t i = 0; i < world->config->pool_count; i++)
        books_levels_split(world, &world->pools[i]);
    if (world->now.interval < world->options.series_count &&
        interval_end_ns(world, world->now.interval) == now_ns(world)) {
        for (size_t i = 0; i < world->config->pool_count; i++)
            close_interval(world, &world->pools[i]);
        world->now.interval++;
    }
    if (window_end_ns(world) == now_ns(world))
        close_window(world);
    if (current_block(world)->to_ns == now_ns(world))
        close_block(world);
    if (!world->now.is_draining)
        schedule_boundary(world);
}

/* ---- requests ---- */

void books_arrived(struct world *world, const struct request_draw *draw)
{
    world->result.blocks[books_block_of(world, draw)].requests[draw->class_index].arrived++;
    world->now.arrived++;
    world->series[draw->pool].arrived++;
    if (world->now.first_arrival_ns < 0 || draw->arrival_ns < world->now.first_arrival_ns)
        world->now.first_arrival_ns = draw->arrival_ns;
}

static bool is_within(const struct class_limits *limits, sim_time_ns latency_ns, sim_time_ns wait_ns,
                      sim_time_ns ttft_ns, sim_time_ns tpot_ns)
{
    return !limits->is_limited || (latency_ns <= limits->latency_ns && wait_ns <= limits->wait_ns &&
                                   ttft_ns <= limits->ttft_ns && tpot_ns <= limits->tpot_ns);
}

static void tally_completed(struct world *world, struct request_tally *tally, struct sim_histogram *durations,
                            const struct request *r, sim_time_ns end_ns)
{
    const struct request_draw *draw = &r->draw;
    sim_time_ns latency_ns = end_ns - draw->arrival_ns;
    sim_time_ns wait_ns = r->start_ns - draw->arrival_ns;
    sim_time_ns ttft_ns = r->first_ns - draw->arrival_ns;
    sim_time_ns tpot_ns = 0;
    sim_histogram_add(&durations[DURATION_LATENCY], latency_ns);
    if (wait_ns == 0) /* mostly, or the service would be bad */
        sim_histogram_add_zero(&durations[DURATION_WAIT]);
    else
        sim_histogram_add(&durations[DURATION_WAIT], wait_ns);
    if (world->is_streaming[draw->pool] && r->first_ns >= 0) {
        sim_histogram_add(&durations[DURATION_TTFT], ttft_ns);
        if (draw->output_tokens > 1) {
            tpot_ns = (end_ns - r->first_ns) / (draw->output_tokens - 1);
            sim_histogram_add(&durations[DURATION_TPOT], tpot_ns);
        }
    }
    if (draw->audio_s > 0)
        sim_histogram_add(&durations[DURATION_RTF], (int64_t)((double)latency_ns / draw->audio_s + 0.5));
    tally->attempts += r->tries;
    tally->cold += r->is_cold;
    tally->input_tokens += draw->input_tokens;
    tally->output_tokens += draw->output_tokens;
    tally->within_limits += is_within(&world->limits[draw->class_index], latency_ns, wait_ns, ttft_ns, tpot_ns);
    if (end_ns > world->now.last_completion_ns)
        world->now.last_completion_ns = end_ns;
}

static void flush_rows(struct world *world)
{
    if (world->request_row_count && world->options.sink.requests)
        world->options.sink.requests(world->options.sink.context, world->request_rows, world->request_row_count);
    world->request_row_count = 0;
}

static bool is_kept(const struct world *world, const struct request_draw *draw)
{
    int32_t one_in = world->options.keep_one_in;
    if (one_in <= 1)
        return one_in == 1;
    struct sim_random stream;
    sim_random_init(&stream, world->options.seed, world->options.replication, PURPOSE_SAMPLE, draw->workload,
                    draw->key);
    return sim_variate_below(&stream, (uint64_t)one_in) == 0;
}

static void keep_row(struct world *world, const struct request *r, enum request_outcome outcome, sim_time_ns end_ns)
{
    bool has_started = r->start_ns >= 0;
    world->request_rows[world->request_row_count++] = (struct request_row){
        .replication = (int32_t)world->options.replication,
        .class_index = (int32_t)r->draw.class_index,
        .pool = (int32_t)r->draw.pool,
        .container = has_started ? (int32_t)r->life : -1,
        .tries = r->tries,
        .outcome = (int32_t)outcome,
        .is_cold = r->is_cold,
        .is_counted = r->draw.arrival_ns >= world->config->warm_up_ns,
        .weight = world->options.keep_one_in,
        .input_tokens = r->draw.input_tokens,
        .output_tokens = r->draw.output_tokens,
        .arrival_ns = r->draw.arrival_ns,
        .start_ns = r->start_ns,
        .first_ns = outcome == OUTCOME_COMPLETED ? r->first_ns : -1,
        .end_ns = end_ns,
    };
    if (world->request_row_count == ROW_BUFFER_COUNT)
        flush_rows(world);
}

void books_outcome(struct world *world, uint32_t request, enum request_outcome outcome, sim_time_ns end_ns)
{
    const struct request *r = request_at(&world->requests, request);
    if (r->is_client_gone)
        return;
    if (SIM_RARELY(world->watch.counts_requests))
        watch_outcome(world, r, outcome, end_ns);
    size_t block = books_block_of(world, &r->draw);
    struct request_tally *tally = &world->result.blocks[block].requests[r->draw.class_index];
    tally->outcomes[outcome]++;
    if (outcome == OUTCOME_COMPLETED) {
        struct sim_histogram *durations =
            open_blocks_durations(&world->open, &world->result, block, r->draw.class_index);
        tally_completed(world, tally, durations, r, end_ns);
        world->series[r->draw.pool].completed++;
    } else {
        tally->attempts += r->tries;
        if (outcome == OUTCOME_TIMED_OUT && !world->now.is_draining)
            books_window(world, r->draw.pool)->given_up++;
    }
    if (world->options.keep_one_in && is_kept(world, &r->draw))
        keep_row(world, r, outcome, end_ns);
}

/* ---- containers and decisions ---- */

static struct life_part life_of(const struct container *c)
{
    struct life_part life = {.origin = c->origin, .unbilled_ns = c->unbilled_ns, .cost = c->cost};
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
        life.state_ns[i] = c->state_ns[i];
    return life;
}

void books_container_row(struct world *world, struct pool *pool, uint32_t container, enum container_end cause)
{
    struct container *c = pool_container(pool, container);
    if (world->now.block == 0)
        forget_warm_up(world, pool, container);
    struct life_part life = life_of(c);
    struct ledger_lives *lives = &world->lives[pool->number];
    ledger_end_life(lives, &life);
    bool is_over = cause != END_OF_RUN;
    if (is_over && c->ready_ns >= 0 && c->drain_ns < 0)
        c->drain_ns = now_ns(world);
    struct container_row row = {
        .replication = (int32_t)world->options.replication,
        .pool = (int32_t)pool->number,
        .container = (int32_t)c->life,
        .worker_type = c->worker_type,
        .how = c->how,
        .end_cause = (int32_t)cause,
        .gpus = (int32_t)pool->config->gpu_count,
        .gpu = served_name_number(world->config, pool->number, c->gpu),
        .requested_ns = c->requested_ns,
        .allocated_ns = c->allocated_ns,
        .ready_ns = c->ready_ns,
        .drain_ns = c->drain_ns,
        .end_ns = is_over ? now_ns(world) : -1,
        .starting_ns = c->state_ns[CONTAINER_STARTING],
        .busy_ns = c->state_ns[CONTAINER_BUSY],
        .idle_ns = c->state_ns[CONTAINER_IDLE],
        .draining_ns = c->state_ns[CONTAINER_DRAINING],
        .unbilled_ns = c->unbilled_ns,
        .cost_nusd = pricing_sum_nusd(life.cost),
    };
    if (world->options.sink.containers)
        world->options.sink.containers(world->options.sink.context, &row, 1);
}

void books_decision(struct world *world, struct pool *pool, const struct autoscaler_observation *seen, int64_t wanted,
                    enum scaling_reason reason)
{
    struct decision_row row = {
        .replication = (int32_t)world->options.replication,
        .pool = (int32_t)pool->number,
        .reason = (int32_t)reason,
        .wanted_before = (int32_t)(seen->starting + seen->ready),
        .wanted = (int32_t)wanted,
        .starting = (int32_t)seen->starting,
        .ready = (int32_t)seen->ready,
        .pending = (int32_t)seen->pending,
        .running = (int32_t)seen->running,
        .time_ns = now_ns(world),
    };
    if (world->options.sink.decisions)
        world->options.sink.decisions(world->options.sink.context, &row, 1);
}

void books_rule(struct world *world, struct pool *pool, int64_t before, int64_t wanted, int32_t rule)
{
    struct decision_row row = {
        .replication = (int32_t)world->options.replication,
        .pool = (int32_t)pool->number,
        .reason = SCALING_RULE,
        .rule = (int32_t)result_first_rule(world->config, pool->number) + rule + 1,
        .wanted_before = (int32_t)before,
        .wanted = (int32_t)wanted,
        .starting = (int32_t)(pool->state.starting + pool->state.allocating),
        .ready = (int32_t)pool->state.ready,
        .pending = (int32_t)pool->state.pending,
        .running = (int32_t)pool->state.levels.inputs.level,
        .time_ns = now_ns(world),
    };
    if (world->options.sink.decisions)
        world->options.sink.decisions(world->options.sink.context, &row, 1);
}

/* The lives that go on: in the next span they are known by their places here. */
static void leave_open(struct world *world, struct pool *pool)
{
    struct ledger_lives *lives = &world->lives[pool->number];
    for (uint32_t i = 0; i < pool->containers.count; i++) {
        struct container *c = pool_container(pool, i);
        if (c->phase == PHASE_FREE)
            continue;
        struct life_part life = life_of(c);
        c->origin = ledger_leave_open(lives, &life);
        c->unbilled_ns = 0;
        c->cost = 0;
        for (int k = 0; k < CONTAINER_STATE_COUNT; k++)
            c->state_ns[k] = 0;
    }
}

static void bring_up_to_date(struct world *world)
{
    bool is_warm_up = world->now.block == 0;
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        books_levels_split(world, pool);
        for_each_alive(world, pool, container_book_stage);
        for_each_alive(world, pool, is_warm_up ? forget_warm_up : container_book);
    }
}

void books_pause(struct world *world)
{
    bring_up_to_date(world);
    alerts_leave_open(world);
    for (size_t i = 0; i < world->config->pool_count; i++)
        leave_open(world, &world->pools[i]);
}

static void close_in_flight(struct world *world)
{
    for (uint32_t r = 0; r < world->requests.items.count; r++) {
        const struct request *request = request_at(&world->requests, r);
        if (!request->is_stored)
            continue;
        books_outcome(world, r, OUTCOME_IN_FLIGHT, -1);
        world->now.audit.sojourn_ns += now_ns(world) - request->stored_ns;
        world->now.audit.remaining++;
    }
}

void books_close(struct world *world)
{
    if (!world->now.is_draining)
        bring_up_to_date(world);
    alerts_leave_open(world);
    arrivals_close(world);
    close_in_flight(world);
    flush_rows(world);
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        for (uint32_t k = 0; k < pool->containers.count; k++)
            if (pool_container(pool, k)->phase != PHASE_FREE)
                books_container_row(world, pool, k, END_OF_RUN);
    }
}
