/* experiment.c - a small world in memory, its rows, and the figures that a script makes of them. */
#include "analysis/experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/runner.h"
#include "sim/memory.h"
#include "sim/quantile.h"

/* Longer than anything takes: nobody gives up, and what was sent is waited for. */
#define PATIENCE (1000000 * SIM_SECOND)
/* More requests inside a container are told nothing by a measurement. */
#define INPUTS_MAX 4096
/* Answers that each client of a closed loop gets before anything counts. */
#define WARM_UP_TURNS 10

struct bench {
    struct class_config class;
    struct workload_config workload;
    struct pool_config pool;
    struct world_config config;
};

/* What the rows of the replications of one measurement are made into. */
struct record {
    const struct experiment_script *script;
    double *latencies_s;
    double *firsts_s;
    size_t count;
    size_t capacity;
    sim_time_ns last_ns;
    double walls_s;    /* of the replications, summed; of a closed loop, the time of its block */
    double in_stage_s; /* of the requests of all replications, summed */
    double in_stage_count;
};

static struct sim_distribution fixed(double value)
{
    struct sim_distribution distribution = {0};
    enum sim_status status = sim_distribution_fixed(&distribution, value, NULL);
    sim_assert(status == SIM_OK);
    return distribution;
}

static int64_t samples_of(const struct experiment_script *script)
{
    return script->samples > 0 ? script->samples : EXPERIMENT_SAMPLES;
}

static struct arrival_config arrivals_of(const struct experiment_script *script)
{
    struct arrival_config arrivals = {.keep = 1, .time_scale = 1, .cv = 1, .think_s = fixed(0)};
    arrivals.process = script->kind == MEASUREMENT_BURST    ? ARRIVAL_BURST
                       : script->kind == MEASUREMENT_CLOSED ? ARRIVAL_CLOSED
                                                            : ARRIVAL_POISSON;
    arrivals.count = script->count;
    arrivals.clients = script->count;
    arrivals.rate_per_s = script->rate_per_s;
    return arrivals;
}

/* Of one container each takes as many as may be inside: with several of them its slots, so that they share the load;
 * with one everything, so that what waits does so in the engine.
 */
static int64_t max_inputs_of(const struct experiment_script *script, const struct experiment_service *service)
{
    int64_t inputs = script->kind == MEASUREMENT_OPEN ? INPUTS_MAX : script->count;
    int64_t slots = service->profile->slots;
    if (service->containers > 1 && slots > 0 && slots < inputs)
        inputs = slots;
    return inputs < INPUTS_MAX ? inputs : INPUTS_MAX;
}

/* Of a closed loop all measurements follow one another in one run. */
static sim_time_ns duration_of(const struct experiment_script *script, size_t count)
{
    if (script->kind == MEASUREMENT_BURST)
        return SIM_SECOND;
    if (script->kind == MEASUREMENT_OPEN)
        return sim_time_from_s((double)samples_of(script) / script->rate_per_s);
    double turns = (double)samples_of(script) * (double)count / (double)script->count;
    return sim_time_from_s(script->latency_s * (WARM_UP_TURNS + 1.25 * turns));
}

static void set_up(struct bench *bench, const struct experiment_script *script,
                   const struct experiment_service *service, uint64_t seed, size_t count)
{
    bench->class = (struct class_config){.name = "request", .share = 1, .work = service->work};
    bench->workload = (struct workload_config){.name = "script",
                                               .pool = "service",
                                               .arrivals = arrivals_of(script),
                                               .classes = &bench->class,
                                               .class_count = 1,
                                               .client_timeout_ns = SIM_TIME_NEVER};
    bench->pool = (struct pool_config){.name = "service",
                                       .platform = PLATFORM_FIXED,
                                       .gpu = "",
                                       .provider = "",
                                       .price_kind = "",
                                       .price = {.provider = "", .kind = "", .source = "", .date = ""},
                                       .gpu_count = 1,
                                       .min_containers = service->containers,
                                       .max_inputs = max_inputs_of(script, service),
                                       .scaledown_window_ns = PATIENCE,
                                       .timeout_ns = PATIENCE,
                                       .retry_delay_ns = SIM_SECOND,
                                       .retry_backoff = 1,
                                       .retry_delay_max_ns = SIM_SECOND,
                                       .queue_limit = 100000000,
                                       .tick_ns = SIM_SECOND,
                                       .poll_ns = 3 * SIM_SECOND,
                                       .early_min_ns = 2 * SIM_SECOND,
                                       .allocation_s = fixed(0),
                                       .worker_types = 1,
                                       /* Several share the load evenly, as their platform would let them. */
                                       .dispatch_order = DISPATCH_LEAST_LOADED,
                                       .profile = *service->profile};
    bench->config = (struct world_config){.format = 1,
                                          .name = "experiment",
                                          .start = "",
                                          .duration_ns = duration_of(script, count),
                                          .drain_ns = PATIENCE,
                                          .month_ns = 730 * SIM_HOUR,
                                          .seed = (int64_t)(seed & INT64_MAX),
                                          .replications = 1,
                                          .workloads = &bench->workload,
                                          .workload_count = 1,
                                          .pools = &bench->pool,
                                          .pool_count = 1};
    if (script->kind == MEASUREMENT_CLOSED)
        bench->config.warm_up_ns = sim_time_from_s(script->latency_s * WARM_UP_TURNS);
    if (script->kind == MEASUREMENT_OPEN && script->samples == 0) /* a long one, not one that begins */
        bench->config.warm_up_ns = bench->config.duration_ns / 10;
}

/* ---- Rows ---- */

static enum sim_status take_rows(void *context, const struct request_row *rows, size_t count, struct sim_error *error)
{
    struct record *record = context;
    (void)error;
    size_t needed = record->count + count;
    if (needed > record->capacity) {
        size_t capacity = record->capacity;
        record->latencies_s = sim_grow(record->latencies_s, &capacity, needed, sizeof(double));
        capacity = record->capacity;
        record->firsts_s = sim_grow(record->firsts_s, &capacity, needed, sizeof(double));
        record->capacity = capacity;
    }
    for (size_t i = 0; i < count; i++) {
        const struct request_row *row = &rows[i];
        if (row->outcome != OUTCOME_COMPLETED || !row->is_counted)
            continue;
        record->latencies_s[record->count] = sim_time_to_s(row->end_ns - row->arrival_ns);
        record->firsts_s[record->count++] = sim_time_to_s(row->first_ns - row->arrival_ns);
        record->last_ns = row->end_ns > record->last_ns ? row->end_ns : record->last_ns;
    }
    return SIM_OK;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

double experiment_percentile(const double *sorted, size_t count, double share, int32_t rule)
{
    if (rule == PERCENTILE_INDEX) {
        size_t index = (size_t)(share * (double)count);
        return sorted[index < count ? index : count - 1];
    }
    struct sim_quantile_place place = sim_quantile_place(count, share);
    double low = sorted[place.index];
    return place.fraction > 0 ? sim_quantile_between(low, sorted[place.index + 1], place.fraction) : low;
}

/* Fills the mean and the percentiles, which are five measures one after another. */
static void fill_latencies(double *values, size_t count, int32_t rule, double *figures)
{
    static const double shares[] = {0.5, 0.9, 0.95, 0.99};
    double sum = 0;
    qsort(values, count, sizeof *values, compare_doubles);
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    figures[0] = sum / (double)count;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        figures[i + 1] = experiment_percentile(values, count, shares[i], rule);
}

static void make_figures(const struct experiment_script *script, double *latencies_s, double *firsts_s, size_t count,
                         double walls_s, double *figures)
{
    for (int m = 0; m < MEASURE_COUNT; m++)
        figures[m] = NAN;
    if (count == 0)
        return;
    _Static_assert(MEASURE_P99 - MEASURE_MEAN == 4 && MEASURE_FIRST_P99 - MEASURE_FIRST_MEAN == 4, "one after another");
    fill_latencies(latencies_s, count, script->percentile_rule, &figures[MEASURE_MEAN]);
    fill_latencies(firsts_s, count, script->percentile_rule, &figures[MEASURE_FIRST_MEAN]);
    bool has_wall = script->kind == MEASUREMENT_BURST || (script->kind == MEASUREMENT_OPEN && script->samples > 0);
    if (has_wall)
        figures[MEASURE_WALL] = walls_s / (double)script->repeats;
    figures[MEASURE_THROUGHPUT] = (double)count / walls_s;
    if (script->kind == MEASUREMENT_OPEN && script->samples == 0)
        figures[MEASURE_THROUGHPUT] = script->rate_per_s;
}

/* ---- Measurements ---- */

static enum sim_status run_once(const struct bench *bench, struct record *record, size_t replication,
                                struct sim_error *error)
{
    const struct runner_consumer consumer = {.context = record, .requests = take_rows};
    struct replication_result result;
    record->last_ns = 0;
    enum sim_status status = runner_run_one(&bench->config, (uint32_t)replication, &consumer, &result, error);
    if (status != SIM_OK)
        return status;
    record->walls_s += sim_time_to_s(record->last_ns - result.first_arrival_ns);
    const struct pool_tally *window = &result.blocks[1].pools[0];
    record->in_stage_s += (double)window->batch_integral / 1e9;
    record->in_stage_count += (double)window->completed;
    replication_result_release(&result);
    return SIM_OK;
}

/* Each measurement pools its own replications. */
static enum sim_status measure_apart(const struct bench *bench, struct record *record, size_t count,
                                     double (*each)[MEASURE_COUNT], struct sim_error *error)
{
    size_t repeats = (size_t)record->script->repeats;
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < count && status == SIM_OK; i++) {
        record->count = 0;
        record->walls_s = 0;
        for (size_t k = 0; k < repeats && status == SIM_OK; k++)
            status = run_once(bench, record, i * repeats + k, error);
        make_figures(record->script, record->latencies_s, record->firsts_s, record->count, record->walls_s, each[i]);
    }
    return status;
}

/* Blocks of answers that follow one another, as many as there are, are the measurements. */
static enum sim_status measure_in_line(const struct bench *bench, struct record *record, size_t *count,
                                       double (*each)[MEASURE_COUNT], struct sim_error *error)
{
    size_t size = (size_t)(samples_of(record->script) * record->script->repeats);
    enum sim_status status = run_once(bench, record, 0, error);
    if (status != SIM_OK)
        return status;
    double span_s = sim_time_to_s(bench->config.duration_ns - bench->config.warm_up_ns);
    if (size > record->count)
        size = record->count;
    double walls_s = span_s * (double)size / (double)record->count;
    if (size > 0 && *count > record->count / size)
        *count = record->count / size;
    for (size_t i = 0; i < *count; i++)
        make_figures(record->script, record->latencies_s + i * size, record->firsts_s + i * size, size, walls_s,
                     each[i]);
    return SIM_OK;
}

/* From the figures of all measurements. In two steps: sums of squares would lose digits. */
static void summarise(double (*each)[MEASURE_COUNT], struct experiment_figures *figures)
{
    double count = (double)figures->count;
    for (int m = 0; m < MEASURE_COUNT; m++) {
        double sum = 0;
        double squares = 0;
        for (size_t i = 0; i < figures->count; i++)
            sum += each[i][m];
        figures->mean[m] = sum / count;
        for (size_t i = 0; i < figures->count; i++)
            squares += (each[i][m] - figures->mean[m]) * (each[i][m] - figures->mean[m]);
        figures->deviation[m] = figures->count > 1 ? sqrt(squares / (count - 1)) : NAN;
    }
}

enum sim_status experiment_run(const struct experiment_script *script, const struct experiment_service *service,
                               uint64_t seed, size_t count, bool keep_each, struct experiment_figures *figures,
                               struct sim_error *error)
{
    struct bench bench;
    struct record record = {.script = script};
    enum sim_status status;
    double(*each)[MEASURE_COUNT] = sim_allocate(count, sizeof *each);
    set_up(&bench, script, service, seed, count * (size_t)script->repeats);
    if (script->kind == MEASUREMENT_CLOSED)
        status = measure_in_line(&bench, &record, &count, each, error);
    else
        status = measure_apart(&bench, &record, count, each, error);
    *figures = (struct experiment_figures){.in_stage_s = record.in_stage_s / record.in_stage_count, .count = count};
    summarise(each, figures);
    if (keep_each && status == SIM_OK)
        figures->each = each;
    else
        free(each);
    free(record.latencies_s);
    free(record.firsts_s);
    return status;
}

static double first_of(const double *values, const enum measure *measures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[measures[i]]))
            return values[measures[i]];
    return NAN;
}

struct experiment_script experiment_script_of(const struct measurement_table *table, const struct measurement_row *row)
{
    static const enum measure latencies[] = {MEASURE_MEAN, MEASURE_P50,        MEASURE_P90,
                                             MEASURE_P95,  MEASURE_FIRST_MEAN, MEASURE_FIRST_P50};
    enum measure load = measurements_load_measure(table->kind);
    double given = row->values[MEASURE_SAMPLES];
    double latency_s = first_of(row->values, latencies, sizeof latencies / sizeof *latencies);
    struct experiment_script script = {.kind = table->kind,
                                       .samples = isnan(given) ? table->samples : (int64_t)given,
                                       .repeats = table->repeats,
                                       .percentile_rule = table->percentile_rule,
                                       .latency_s = isnan(latency_s) ? 1 : latency_s};
    if (table->kind == MEASUREMENT_OPEN)
        script.rate_per_s = row->values[load];
    else
        script.count = (int64_t)row->values[load];
    return script;
}
