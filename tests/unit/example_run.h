/* example_run.h - a small run made by hand, for the tests of analysis: rows first, and tallies counted from them. */
#ifndef TESTS_UNIT_EXAMPLE_RUN_H
#define TESTS_UNIT_EXAMPLE_RUN_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/samples.h"
#include "models/pricing.h"
#include "models/result.h"
#include "sim/memory.h"
#include "tests/pack_values.h"

#define EXAMPLE_DURATION (100 * SIM_SECOND)
#define EXAMPLE_WARM_UP (10 * SIM_SECOND)

struct example {
    struct world_config config;
    struct pool_config pool;
    struct workload_config workload;
    struct class_config classes[2];
    struct slo_config slos[3];
    struct curve_point curve[2];
};

/* One workload with two classes on one pool of L40S at 1.80 USD/h: 0.5 millidollars a second. */
static inline void example_init(struct example *example)
{
    *example = (struct example){0};
    example->curve[0] = (struct curve_point){1, 0.1};
    example->curve[1] = (struct curve_point){8, 0.2};
    example->pool = (struct pool_config){
        .name = "tts",
        .platform = PLATFORM_MODAL_FUNCTION,
        .provider = "modal",
        .gpu = "L40S",
        .price_kind = "serverless",
        .gpu_count = 1,
        .gpu_memory_gb = 48,
        .price = {.provider = "modal",
                  .kind = "serverless",
                  .source = "https://modal.com/pricing",
                  .date = "2025-12-26",
                  .gpu_pusd_per_h = INT64_C(1800000000000)},
        .min_containers = 1,
        .max_containers = 10,
        .scaledown_window_ns = 60 * SIM_SECOND,
        .max_inputs = 4,
        .timeout_ns = 120 * SIM_SECOND,
        .queue_limit = 1000000,
        .worker_types = 3,
        .pending_weight = 1,
        .bill_starting = true,
        .tick_ns = SIM_SECOND,
        .poll_ns = 3 * SIM_SECOND,
        .profile = {.name = "tts-l40s",
                    .source = "a table made up for this test",
                    .fit_error = "2.9 % RMS on five rows",
                    .slot_limit = "",
                    .stage = STAGE_PROCESSOR_SHARING,
                    .curve = example->curve,
                    .curve_count = 2,
                    .tokens_per_work = 100,
                    .first_output = 0.5,
                    .calibrated_running = 8},
    };
    const struct sim_distribution nothing = {.kind = SIM_DISTRIBUTION_FIXED};
    example->pool.allocation_s = nothing;
    example->pool.profile.snapshot_create_s = nothing;
    example->pool.profile.snapshot_restore_s = nothing;
    example->classes[0] = (struct class_config){.name = "short", .share = 0.6};
    example->classes[1] = (struct class_config){.name = "long", .share = 0.4};
    example->classes[0].output_tokens = (struct sim_distribution){.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = 55};
    example->classes[1].output_tokens =
        (struct sim_distribution){.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = 400};
    example->workload = (struct workload_config){.name = "callers",
                                                 .pool = "tts",
                                                 .arrivals = {.process = ARRIVAL_POISSON,
                                                              .rate_per_s = 10,
                                                              .file = "",
                                                              .time_column = "",
                                                              .input_tokens_column = "",
                                                              .output_tokens_column = ""},
                                                 .classes = example->classes,
                                                 .class_count = 2,
                                                 .client_timeout_ns = SIM_TIME_NEVER};
    example->slos[0] = (struct slo_config){"all", "latency_p95_s", 2, NAN};
    example->slos[1] = (struct slo_config){"class/long", "latency_p50", 0.3, NAN};
    example->slos[2] = (struct slo_config){"pool/tts", "container_utilisation", NAN, 0.5};
    example->config = (struct world_config){.format = 1,
                                            .name = "example",
                                            .start = "",
                                            .duration_ns = EXAMPLE_DURATION,
                                            .warm_up_ns = EXAMPLE_WARM_UP,
                                            .drain_ns = 600 * SIM_SECOND,
                                            .month_ns = 730 * SIM_HOUR,
                                            .seed = 7,
                                            .replications = 1,
                                            .workloads = &example->workload,
                                            .workload_count = 1,
                                            .pools = &example->pool,
                                            .pool_count = 1,
                                            .slos = example->slos,
                                            .slo_count = 3};
}

/* Request `index` of a replication: one every 100 ms, latencies of 0.4 to 1.4 s in no simple order; one in 97 fails
 * and one in 101 is still in flight.
 */
static inline struct request_row example_row(int32_t replication, int64_t index)
{
    int64_t scrambled = (index * 7919 + replication * 104729 + index * index) % 1000;
    struct request_row row = {.replication = replication,
                              .class_index = index % 5 < 3 ? 0 : 1,
                              .container = (int32_t)(index % 3),
                              .tries = 1,
                              .outcome = OUTCOME_COMPLETED,
                              .weight = 1};
    row.output_tokens = row.class_index == 0 ? 55 : 400;
    row.arrival_ns = index * (SIM_SECOND / 10);
    row.is_counted = row.arrival_ns >= EXAMPLE_WARM_UP;
    row.start_ns = row.arrival_ns + scrambled % 50 * 1000003;
    row.first_ns = row.arrival_ns + (200 + scrambled / 2) * 1000000;
    row.end_ns = row.arrival_ns + (400 + scrambled) * 1000000 + index % 7;
    row.is_cold = index % 50 == 0;
    if (index % 97 == 96)
        row.outcome = OUTCOME_FAILED;
    if (index % 101 == 100) {
        row.outcome = OUTCOME_IN_FLIGHT;
        row.end_ns = -1;
    }
    return row;
}

static inline void example_count(struct request_tally *tally, struct sim_histogram_pack *durations,
                                 const struct request_row *row)
{
    tally->arrived++;
    tally->outcomes[row->outcome]++;
    tally->attempts += row->tries;
    if (row->outcome != OUTCOME_COMPLETED)
        return;
    tally->cold += row->is_cold;
    tally->within_limits += row->end_ns - row->arrival_ns <= SIM_SECOND;
    tally->output_tokens += row->output_tokens;
    for (enum tally_duration i = 0; i < DURATION_COUNT; i++)
        if (samples_duration(row, i) >= 0)
            pack_value(&durations[i], samples_duration(row, i));
}

static inline void example_fill_pool(struct pool_tally *tally, sim_time_ns length_ns, int32_t replication, size_t block)
{
    sim_int128 part = length_ns / 100;
    int64_t extra = replication * 3 + (int64_t)(block * 5 % 7);
    tally->state_ns[CONTAINER_STARTING] = part * 10;
    tally->state_ns[CONTAINER_BUSY] = part * (150 + extra);
    tally->state_ns[CONTAINER_IDLE] = part * (40 - extra);
    tally->queue_integral = part * (20 + extra);
    tally->inputs_integral = part * 300;
    tally->ready_slot_integral = part * 190 * 4;
    tally->batch_integral = part * 280;
    tally->main_busy_ns = part * 140;
    tally->queue_max = 7 + (int64_t)block % 3;
    tally->containers_max = 3;
    tally->starts[STARTED_FULL] = 1;
    tally->served_ns[0] = part * 30;
    tally->served_ns[1] = part * (5 + extra);
    tally->interruptions = extra;
    tally->lost_ns = part * extra;
    tally->out_of_memory = 2 * extra;
    tally->memory_integral = part * (20 + extra);
    tally->memory_room = part * 48;
    tally->memory_max = 30 + extra;
    tally->memory_share_max = 625000000 + extra;
}

static inline void example_fill_replication(struct replication_result *replication, const struct world_config *config,
                                            int32_t number, size_t blocks)
{
    replication_result_init(replication, config, blocks + 1);
    sim_time_ns window_ns = config->duration_ns - config->warm_up_ns;
    replication->blocks[0].to_ns = config->warm_up_ns;
    for (size_t b = 0; b <= blocks; b++) {
        struct result_block *block = &replication->blocks[b];
        if (b > 0) {
            block->from_ns = config->warm_up_ns + window_ns / (sim_time_ns)blocks * (sim_time_ns)(b - 1);
            block->to_ns = config->warm_up_ns + window_ns / (sim_time_ns)blocks * (sim_time_ns)b;
        }
        example_fill_pool(block->pools, block->to_ns - block->from_ns, number, b);
        sim_int128 container_ns = 0;
        for (int state = 0; state < CONTAINER_STATE_COUNT; state++) {
            container_ns += block->pools->state_ns[state];
            block->pools->cost[state] = block->pools->state_ns[state] * pricing_container_rate(&config->pools[0]);
        }
        if (b > 0)
            replication->bill_nusd[0] += pricing_bill_nusd(container_ns, pricing_container_rate(&config->pools[0]));
    }
    for (int64_t i = 0; i < 1000; i++) {
        struct request_row row = example_row(number, i);
        size_t b = 0;
        while (b < blocks && row.arrival_ns >= replication->blocks[b].to_ns)
            b++;
        struct result_block *block = &replication->blocks[b];
        example_count(&block->requests[row.class_index], block->durations[row.class_index], &row);
        if (row.outcome == OUTCOME_COMPLETED && row.end_ns < config->duration_ns) {
            replication->blocks[b].pools->completed++;
            replication->blocks[b].pools->output_tokens += row.output_tokens;
        }
        if (row.end_ns > replication->last_completion_ns && row.outcome == OUTCOME_COMPLETED)
            replication->last_completion_ns = row.end_ns;
    }
    replication->first_arrival_ns = 0;
}

/* A run of `replications` with `blocks` blocks in the window of each. Rows are kept if keep_rows. */
static inline struct run_result *example_run(struct example *example, int32_t replications, size_t blocks,
                                             bool keep_rows)
{
    example->config.replications = replications;
    struct run_result *result = run_result_create(&example->config, (size_t)replications);
    for (int32_t r = 0; r < replications; r++)
        example_fill_replication(&result->replications[r], &example->config, r, blocks);
    if (!keep_rows)
        return result;
    result->rows = sim_allocate((size_t)replications * 1000, sizeof *result->rows);
    for (int32_t r = 0; r < replications; r++)
        for (int64_t i = 0; i < 1000; i++)
            result->rows[result->row_count++] = example_row(r, i);
    result->rows_complete = true;
    return result;
}

#endif
