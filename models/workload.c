/* workload.c - arrival processes. */
#include "models/workload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/result.h"
#include "models/workload_draw_internal.h"
#include "models/workload_trace.h"

/* No run lasts so long, and a time of a run plus this is still a time. */
#define LONGEST_GAP_NS 4e18
#define LONGEST_MEAN_GAP_S 1e100

/* A key is cell << 40 | index: 1.1e12 requests in an hour, 1,900 years of hours. */
enum {
    KEY_INDEX_BITS = 40
};

static uint64_t key_of(uint64_t cell, uint64_t index)
{
    return cell << KEY_INDEX_BITS | index;
}

uint64_t workload_client_of(uint64_t key)
{
    return key >> KEY_INDEX_BITS;
}

static enum sim_status init_gap(struct workload *workload, struct sim_error *error)
{
    const struct arrival_config *arrivals = &workload->config->arrivals;
    double mean_s = arrivals->rate_per_s > 0 ? fmin(1 / arrivals->rate_per_s, LONGEST_MEAN_GAP_S) : 0;
    if (workload->shaped)
        mean_s = 1; /* in operational time */
    workload->gap_mean_ns = mean_s * 1e9;
    switch (arrivals->process) {
    case ARRIVAL_POISSON:
    case ARRIVAL_SESSIONS:
        return mean_s > 0 ? sim_distribution_exponential(&workload->gap, mean_s, error) : SIM_OK;
    case ARRIVAL_GAMMA:
        return sim_distribution_gamma(&workload->gap, mean_s, arrivals->cv, error);
    case ARRIVAL_WEIBULL:
        return sim_distribution_weibull(&workload->gap, mean_s, arrivals->cv, error);
    default:
        return SIM_OK;
    }
}

static void init_rate(struct workload *workload, const struct world_config *config, uint64_t seed, uint32_t replication)
{
    if (!rate_is_shaped(&workload->config->arrivals))
        return;
    workload->rate = rate_of(config, workload->number);
    workload->rate.drift = rate_draw_drift(config, workload->number, seed, replication, workload->arena);
    workload->shaped = sim_allocate(1, sizeof *workload->shaped);
    workload->cell_count = (uint64_t)((config->duration_ns + SIM_HOUR - 1) / SIM_HOUR);
    workload->mean_rate_per_s =
        rate_expected(config, workload->number, 0, config->duration_ns) / sim_time_to_s(config->duration_ns);
}

static uint64_t draw_salt(uint64_t seed, uint32_t replication, size_t number)
{
    struct sim_random stream;
    sim_random_init(&stream, seed, replication, PURPOSE_SALT, number, 0);
    return sim_random_next(&stream);
}

static bool is_spread(const struct workload_config *config)
{
    bool found = workload_config_migrates(config);
    for (size_t i = 0; i < config->class_count; i++)
        found |= workload_config_class_pool(config, i) != (size_t)config->pool_index;
    return found;
}

enum sim_status workload_init(struct workload *workload, const struct world_config *config, size_t number,
                              uint64_t seed, uint32_t replication, struct sim_error *error)
{
    memset(workload, 0, sizeof *workload);
    workload->config = &config->workloads[number];
    workload->number = (uint32_t)number;
    workload->pool = (uint32_t)workload->config->pool_index;
    workload->class_base = (uint32_t)result_class_index(config, number, 0);
    workload->is_closed = workload->config->arrivals.process == ARRIVAL_CLOSED;
    workload->is_sessions = workload->config->arrivals.process == ARRIVAL_SESSIONS;
    workload->migrates = workload_config_migrates(workload->config);
    workload->is_spread = is_spread(workload->config);
    workload->gives_up = workload->config->client_timeout_ns != SIM_TIME_NEVER;
    workload->is_followed = workload->gives_up || workload->migrates;
    workload->client_timeout_ns = workload->is_sessions ? SIM_TIME_NEVER : workload->config->client_timeout_ns;
    workload->arena = sim_arena_create();
    sim_random_init(&workload->random, seed, replication, PURPOSE_REQUEST, number, 0);
    workload->salt = draw_salt(seed, replication, number);
    init_rate(workload, config, seed, replication);
    enum sim_status status = init_gap(workload, error);
    if (status == SIM_OK)
        status = workload_draw_init(workload, error);
    if (status == SIM_OK && workload->config->arrivals.process == ARRIVAL_TRACE)
        status = workload_trace_load(workload, error);
    return status;
}

void workload_release(struct workload *workload)
{
    if (workload->shaped)
        free(workload->shaped->pieces);
    free(workload->shaped);
    sim_arena_destroy(workload->arena);
}

void workload_enter(struct workload *workload, struct sim_state *state)
{
    sim_state_enter_block(state, "workload", &workload->state, sizeof workload->state);
    sim_state_enter_block(state, "draws", workload->draws, sizeof workload->draws);
}

/* Draws per refill: few where a cell holds few, so that little is thrown away at its end. */
static size_t refill_size(const struct workload *workload)
{
    double in_cell = workload->shaped ? workload->shaped->total : workload->config->arrivals.rate_per_s * 3600;
    return in_cell >= 4 * WORKLOAD_DRAWS_AHEAD ? WORKLOAD_DRAWS_AHEAD : 8;
}

static sim_time_ns poisson_gap_ns(const struct workload *workload, uint64_t word, struct sim_random *stream)
{
    double gap_ns = workload->gap_mean_ns * sim_variate_exponential_word(word, stream);
    return gap_ns < LONGEST_GAP_NS ? (sim_time_ns)(gap_ns + 0.5) : (sim_time_ns)LONGEST_GAP_NS;
}

/* A block of Poisson arrivals, up to the end of the cell. */
static void refill_poisson(struct workload *workload)
{
    struct workload_state *state = &workload->state;
    size_t count = refill_size(workload);
    uint64_t key = key_of(state->cell, state->index);
    sim_time_ns cell_end_ns = (sim_time_ns)(state->cell + 1) * SIM_HOUR;
    sim_time_ns time_ns = state->time_ns;
    struct sim_random stream = workload->random;
    size_t drawn = 0;
    for (; drawn < count; drawn++) {
        struct sim_random_brief words = workload_words(workload, key + drawn);
        sim_random_move(&stream, key + drawn);
        time_ns += poisson_gap_ns(workload, sim_random_brief_next(&words), &stream);
        if (time_ns >= cell_end_ns)
            break;
        workload_draw_request(workload, &stream, &words, key + drawn, time_ns, &workload->draws[drawn]);
    }
    state->draw_count = (uint32_t)drawn;
    bool is_cell_over = drawn < count;
    state->time_ns = is_cell_over ? cell_end_ns : time_ns;
    state->index = is_cell_over ? 0 : state->index + drawn;
    state->cell += is_cell_over;
}

/* The instant in the cell at which the integral of the rate reaches `operational`; not before `before_ns`. */
static inline sim_time_ns shaped_time_ns(struct rate_cell *shaped, double operational, sim_time_ns begin_ns,
                                         sim_time_ns before_ns)
{
    sim_time_ns in_cell_ns = (sim_time_ns)(rate_cell_time(shaped, operational) + 0.5);
    if (in_cell_ns >= SIM_HOUR)
        in_cell_ns = SIM_HOUR - 1;
    return begin_ns + in_cell_ns > before_ns ? begin_ns + in_cell_ns : before_ns;
}

/* Goes to the start of the next cell with `operational` left over from this one. */
static void enter_next_cell(struct workload_state *state, double operational)
{
    state->cell++;
    state->index = 0;
    state->operational = operational;
    state->time_ns = (sim_time_ns)state->cell * SIM_HOUR;
}

/* A block of Poisson arrivals of a rate that changes, up to the end of the cell. */
static void refill_shaped_poisson(struct workload *workload)
{
    struct workload_state *state = &workload->state;
    rate_cell_fill(workload->shaped, &workload->rate, state->cell);
    if (!(workload->shaped->total > state->operational)) {
        enter_next_cell(state, 0);
        return;
    }
    size_t count = refill_size(workload);
    uint64_t key = key_of(state->cell, state->index);
    sim_time_ns begin_ns = (sim_time_ns)state->cell * SIM_HOUR;
    sim_time_ns time_ns = state->time_ns;
    double operational = state->operational;
    struct sim_random stream = workload->random;
    size_t drawn = 0;
    for (; drawn < count; drawn++) {
        struct sim_random_brief words = workload_words(workload, key + drawn);
        sim_random_move(&stream, key + drawn);
        operational += sim_variate_exponential_word(sim_random_brief_next(&words), &stream);
        if (operational >= workload->shaped->total)
            break;
        time_ns = shaped_time_ns(workload->shaped, operational, begin_ns, time_ns);
        workload_draw_request(workload, &stream, &words, key + drawn, time_ns, &workload->draws[drawn]);
    }
    state->draw_count = (uint32_t)drawn;
    state->time_ns = time_ns;
    state->operational = operational;
    state->index += drawn;
    if (drawn < count)
        enter_next_cell(state, 0);
}

static sim_time_ns gap_ns(const struct workload *workload, uint64_t word, struct sim_random *stream)
{
    double gap_ns = sim_distribution_sample_word(&workload->gap, word, stream) * 1e9;
    return gap_ns < LONGEST_GAP_NS ? (sim_time_ns)(gap_ns + 0.5) : (sim_time_ns)LONGEST_GAP_NS;
}

/* One arrival of a renewal process: the gap runs across the ends of cells. */
static void refill_renewal(struct workload *workload)
{
    struct workload_state *state = &workload->state;
    uint64_t key = key_of(state->cell, state->index);
    struct sim_random stream = workload->random;
    struct sim_random_brief words = workload_words(workload, key);
    sim_random_move(&stream, key);
    state->time_ns += gap_ns(workload, sim_random_brief_next(&words), &stream);
    uint64_t cell = (uint64_t)(state->time_ns / SIM_HOUR);
    state->index = cell == state->cell ? state->index + 1 : 0;
    state->cell = cell;
    workload_draw_request(workload, &stream, &words, key, state->time_ns, &workload->draws[state->draw_count++]);
}

/* One arrival of a renewal process in operational time; none when the run is over before it. */
static void refill_shaped_renewal(struct workload *workload)
{
    struct workload_state *state = &workload->state;
    uint64_t key = key_of(state->cell, state->index++);
    struct sim_random stream = workload->random;
    struct sim_random_brief words = workload_words(workload, key);
    sim_random_move(&stream, key);
    rate_cell_fill(workload->shaped, &workload->rate, state->cell);
    state->operational += sim_distribution_sample_word(&workload->gap, sim_random_brief_next(&words), &stream);
    while (state->operational >= workload->shaped->total) {
        enter_next_cell(state, state->operational - workload->shaped->total);
        if (state->cell >= workload->cell_count)
            return;
        rate_cell_fill(workload->shaped, &workload->rate, state->cell);
    }
    state->time_ns =
        shaped_time_ns(workload->shaped, state->operational, (sim_time_ns)state->cell * SIM_HOUR, state->time_ns);
    workload_draw_request(workload, &stream, &words, key, state->time_ns, &workload->draws[state->draw_count++]);
}

static void refill_burst(struct workload *workload)
{
    struct workload_state *state = &workload->state;
    if (state->index == (uint64_t)workload->config->arrivals.count)
        return;
    workload_draw_one(workload, key_of(0, state->index++), workload->config->arrivals.at_ns,
                      &workload->draws[state->draw_count++]);
}

static bool keeps_row(const struct workload *workload, uint64_t key)
{
    double keep = workload->config->arrivals.keep;
    if (keep >= 1)
        return true;
    struct sim_random stream;
    sim_random_init(&stream, workload->random.key[0], (uint32_t)(workload->random.key[1] >> 32), PURPOSE_KEEP,
                    workload->number, key);
    return sim_variate_uniform(&stream) < keep;
}

/* The cell of a trace's request is the repetition of the trace. */
static void refill_trace(struct workload *workload)
{
    struct workload_state *state = &workload->state;
    for (;;) {
        if (state->index == workload->trace_count) {
            if (!workload->config->arrivals.repeat)
                return;
            state->cell++;
            state->index = 0;
        }
        const struct trace_arrival *row = &workload->trace[state->index];
        uint64_t key = key_of(state->cell, state->index++);
        if (!keeps_row(workload, key))
            continue;
        struct request_draw *draw = &workload->draws[state->draw_count++];
        workload_draw_one(workload, key, (sim_time_ns)state->cell * workload->trace_span_ns + row->time_ns, draw);
        if (row->input_tokens > 0)
            draw->input_tokens = row->input_tokens;
        if (row->output_tokens > 0)
            draw->output_tokens = row->output_tokens;
        return;
    }
}

static bool is_poisson(const struct workload *workload)
{
    return workload->config->arrivals.process == ARRIVAL_POISSON || workload->is_sessions;
}

static void refill_shaped(struct workload *workload)
{
    struct workload_state *state = &workload->state;
    while (state->draw_count == 0 && state->cell < workload->cell_count) {
        if (is_poisson(workload))
            refill_shaped_poisson(workload);
        else
            refill_shaped_renewal(workload);
    }
}

static void refill_constant(struct workload *workload)
{
    if (!is_poisson(workload)) {
        if (workload->state.time_ns < SIM_TIME_NEVER / 4)
            refill_renewal(workload);
        return;
    }
    while (workload->state.draw_count == 0 && workload->config->arrivals.rate_per_s > 0 &&
           workload->state.time_ns < SIM_TIME_NEVER / 4)
        refill_poisson(workload);
}

void workload_refill(struct workload *workload)
{
    workload->state.draw_next = 0;
    workload->state.draw_count = 0;
    switch (workload->config->arrivals.process) {
    case ARRIVAL_POISSON:
    case ARRIVAL_GAMMA:
    case ARRIVAL_WEIBULL:
    case ARRIVAL_SESSIONS:
        if (workload->shaped)
            refill_shaped(workload);
        else
            refill_constant(workload);
        break;
    case ARRIVAL_BURST:
        refill_burst(workload);
        break;
    case ARRIVAL_TRACE:
        refill_trace(workload);
        break;
    default:
        break;
    }
}

void workload_skip_to(struct workload *workload, sim_time_ns time_ns)
{
    const struct arrival_config *arrivals = &workload->config->arrivals;
    workload->state = (struct workload_state){0};
    if (arrivals->process == ARRIVAL_CLOSED)
        return;
    if (arrivals->process == ARRIVAL_BURST) {
        workload->state.index = arrivals->at_ns < time_ns ? (uint64_t)arrivals->count : 0;
        return;
    }
    if (arrivals->process == ARRIVAL_TRACE) {
        workload_trace_skip(workload, time_ns);
        return;
    }
    workload->state.cell = (uint64_t)(time_ns / SIM_HOUR);
    workload->state.time_ns = (sim_time_ns)workload->state.cell * SIM_HOUR;
    for (const struct request_draw *draw; (draw = workload_peek(workload)) && draw->arrival_ns < time_ns;)
        workload_advance(workload);
}

void workload_draw_client(const struct workload *workload, uint64_t client, uint64_t turn, sim_time_ns now_ns,
                          struct request_draw *draw)
{
    workload_draw_one(workload, key_of(client, turn), now_ns, draw);
}

sim_time_ns workload_think_ns(const struct workload *workload, uint64_t key)
{
    struct sim_random stream;
    sim_random_init(&stream, workload->random.key[0], (uint32_t)(workload->random.key[1] >> 32), PURPOSE_THINK,
                    workload->number, key);
    return sim_time_from_s(sim_distribution_sample(&workload->config->arrivals.think_s, &stream));
}

double workload_offered_rate(const struct workload *workload)
{
    const struct arrival_config *arrivals = &workload->config->arrivals;
    switch (arrivals->process) {
    case ARRIVAL_BURST:
        return 0;
    case ARRIVAL_CLOSED:
        return NAN;
    case ARRIVAL_TRACE:
        return (double)workload->trace_count * arrivals->keep / sim_time_to_s(workload->trace_span_ns);
    default:
        return workload->shaped ? workload->mean_rate_per_s : arrivals->rate_per_s;
    }
}
