/* metric.c - one line per metric. Formulas are named in the help texts; readings: a life's bill is in cost_usd, the
 * split by state comes from the state times, and agrees with it but for the rounding of each bill.
 */
#include "analysis/metric_internal.h"

#include <math.h>
#include <string.h>

#include "scenarios/suggest.h"

/* ---- Requests ---- */

static double arrived(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->requests.arrived, cell);
}

static double outcome(const struct metric *metric, struct cell *cell)
{
    return metric_per_run((double)cell->requests.outcomes[metric->part], cell);
}

static double attempts(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->requests.attempts, cell);
}

static double throughput(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    if (scope_is_burst_only(cell->config))
        return metric_ratio((double)cell->requests.outcomes[OUTCOME_COMPLETED], cell_double(cell->makespan_ns) / 1e9);
    return metric_ratio(metric_completed_in_window(cell), metric_window_s(cell));
}

static double success_share(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio((double)cell->requests.outcomes[OUTCOME_COMPLETED], (double)cell->requests.arrived);
}

static double slo_attainment(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio((double)cell->requests.within_limits, (double)cell->requests.arrived);
}

static double cold_request_share(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio((double)cell->requests.cold, (double)cell->requests.outcomes[OUTCOME_COMPLETED]);
}

static double output_tokens_per_s(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio(metric_output_tokens(cell), metric_window_s(cell));
}

static double makespan(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio(cell_double(cell->makespan_ns) / 1e9, (double)cell->makespan_count);
}

static double duration_mean(const struct metric *metric, struct cell *cell)
{
    return sim_histogram_mean(&cell->durations[metric->duration]) / 1e9;
}

static double duration_quantile(const struct metric *metric, struct cell *cell)
{
    return cell_quantile(cell, metric->duration, metric->share);
}

static double duration_max(const struct metric *metric, struct cell *cell)
{
    const struct sim_histogram *histogram = &cell->durations[metric->duration];
    return histogram->count > 0 ? (double)sim_histogram_maximum(histogram) / 1e9 : NAN;
}

static double turns(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->requests.turns, cell);
}

static uint64_t count_arrived(const struct metric *metric, const struct cell *cell)
{
    (void)metric;
    return (uint64_t)cell->requests.arrived;
}

static uint64_t count_completed(const struct metric *metric, const struct cell *cell)
{
    (void)metric;
    return (uint64_t)cell->requests.outcomes[OUTCOME_COMPLETED];
}

static uint64_t count_duration(const struct metric *metric, const struct cell *cell)
{
    return cell->durations[metric->duration].count;
}

/* ---- Containers ---- */

static double migrations(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->pools.migrations, cell);
}

static double mean_level(sim_int128 integral, const struct cell *cell)
{
    return metric_ratio(cell_double(integral), cell_double(cell->window_ns));
}

static double containers_mean(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    const sim_int128 *state_ns = cell->pools.state_ns;
    return mean_level(state_ns[CONTAINER_STARTING] + state_ns[CONTAINER_BUSY] + state_ns[CONTAINER_IDLE], cell);
}

static double containers_max(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return (double)cell->pools.containers_max;
}

static double full_starts(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)(cell->pools.starts[STARTED_FULL] + cell->pools.starts[STARTED_FALLEN_BACK]), cell);
}

static double restores(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->pools.starts[STARTED_RESTORED], cell);
}

static double container_starts(const struct metric *metric, struct cell *cell)
{
    return full_starts(metric, cell) + restores(metric, cell);
}

static double preemptions(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->pools.preemptions, cell);
}

static double container_utilisation(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    double busy = cell_double(cell->pools.state_ns[CONTAINER_BUSY]);
    return metric_ratio(busy, busy + cell_double(cell->pools.state_ns[CONTAINER_IDLE]));
}

static double slot_utilisation(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio(cell_double(cell->pools.inputs_integral), cell_double(cell->pools.ready_slot_integral));
}

static double batch_mean(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio(cell_double(cell->pools.batch_integral), cell_double(cell->pools.main_busy_ns));
}

static double kv_utilisation_mean(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio(cell_double(cell->pools.kv_integral), cell_double(cell->kv_room));
}

static double kv_utilisation_max(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return cell->kv_share_max;
}

static double queue_mean(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return mean_level(cell->pools.queue_integral, cell);
}

static double queue_max(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return (double)cell->pools.queue_max;
}

static double gpu_hours(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run(cell_double(cell->gpu_ns) / (double)SIM_HOUR, cell);
}

#define IN_ALL (1u << SCOPE_ALL | 1u << SCOPE_MONTH)
#define IN_POOLS (IN_ALL | 1u << SCOPE_POOL | 1u << SCOPE_POOL_MONTH)
#define EVERYWHERE (IN_ALL | 1u << SCOPE_POOL | 1u << SCOPE_WORKLOAD | 1u << SCOPE_CLASS)

#define REQUESTS(metric_name, function, which, help_text)                                              \
    {                                                                                                  \
        .name = (metric_name), .unit = "", .help = (help_text), .scopes = EVERYWHERE, .part = (which), \
        .value = (function), .count = count_arrived                                                    \
    }
#define MEAN(metric_name, unit_text, which, condition, help_text)                                       \
    {                                                                                                   \
        .name = (metric_name), .unit = (unit_text), .help = (help_text), .scopes = EVERYWHERE,          \
        .kind = METRIC_OF_LATENCY, .duration = (which), .applies = (condition), .value = duration_mean, \
        .count = count_duration                                                                         \
    }
#define PERCENTILE(metric_name, unit_text, which, quantile, condition, help_text)                    \
    {                                                                                                \
        .name = (metric_name), .unit = (unit_text), .help = (help_text), .scopes = EVERYWHERE,       \
        .kind = METRIC_PERCENTILE, .duration = (which), .share = (quantile), .applies = (condition), \
        .value = duration_quantile, .count = count_duration                                          \
    }
#define POOLS(metric_name, unit_text, function, condition, help_text)                                                \
    {                                                                                                                \
        .name = (metric_name), .unit = (unit_text), .help = (help_text), .scopes = IN_POOLS, .applies = (condition), \
        .value = (function)                                                                                          \
    }
#define PEAK(metric_name, unit_text, function, condition, help_text)                                                 \
    {                                                                                                                \
        .name = (metric_name), .unit = (unit_text), .help = (help_text), .scopes = IN_POOLS, .kind = METRIC_MAXIMUM, \
        .applies = (condition), .value = (function)                                                                  \
    }
#define STATE_COST(metric_name, state, help_text)                                                       \
    {                                                                                                   \
        .name = (metric_name), .unit = "USD", .help = (help_text), .scopes = IN_POOLS, .part = (state), \
        .value = metric_money_of_state                                                                  \
    }

#define ALERT(metric_name, unit_text, level, function, metric_kind, condition, help_text)             \
    {                                                                                                 \
        .name = (metric_name), .unit = (unit_text), .help = (help_text), .scopes = 1u << SCOPE_ALERT, \
        .kind = (metric_kind), .part = (level), .applies = (condition), .value = (function)           \
    }
#define ENERGY(metric_name, end, condition, help_text)                                                \
    {                                                                                                 \
        .name = (metric_name), .unit = "kWh", .help = (help_text), .scopes = IN_POOLS, .part = (end), \
        .applies = (condition), .value = metric_watch_energy                                          \
    }

static const struct metric metrics[] = {
    REQUESTS("requests_arrived", arrived, 0, "requests that arrived in the window"),
    REQUESTS("requests_completed", outcome, OUTCOME_COMPLETED, "of these, answered"),
    REQUESTS("requests_failed", outcome, OUTCOME_FAILED, "of these, failed with their last attempt"),
    REQUESTS("requests_timed_out", outcome, OUTCOME_TIMED_OUT, "of these, given up by client or platform"),
    REQUESTS("requests_rejected", outcome, OUTCOME_REJECTED, "of these, refused on arrival"),
    REQUESTS("requests_in_flight", outcome, OUTCOME_IN_FLIGHT, "of these, still unfinished when the run ended"),
    REQUESTS("attempts", attempts, 0, "attempts to serve them, retries included"),
    {.name = "throughput_rps",
     .unit = "1/s",
     .help = "requests completed in the window / window; of a burst, count / makespan",
     .scopes = EVERYWHERE,
     .value = throughput,
     .count = count_completed},
    {.name = "success_share",
     .unit = "ratio",
     .help = "share of all requests that were answered; those in flight at the end are not",
     .scopes = EVERYWHERE,
     .value = success_share,
     .count = count_arrived},
    {.name = "slo_attainment",
     .unit = "ratio",
     .help = "share of all requests that were answered within every limit that concerns them",
     .scopes = EVERYWHERE,
     .applies = metric_has_request_limits,
     .value = slo_attainment,
     .count = count_arrived},
    {.name = "cold_request_share",
     .unit = "ratio",
     .help = "share of completed requests whose container became ready after they arrived",
     .scopes = EVERYWHERE,
     .value = cold_request_share,
     .count = count_completed},
    {.name = "makespan_s",
     .unit = "s",
     .help = "last completion - first arrival",
     .scopes = 1u << SCOPE_ALL,
     .kind = METRIC_WHOLE_RUN,
     .value = makespan},

    MEAN("latency_mean_s", "s", DURATION_LATENCY, NULL, "arrival to last byte at the client"),
    PERCENTILE("latency_p50_s", "s", DURATION_LATENCY, 0.50, NULL, "median of the latency"),
    PERCENTILE("latency_p90_s", "s", DURATION_LATENCY, 0.90, NULL, "90th percentile of the latency"),
    PERCENTILE("latency_p95_s", "s", DURATION_LATENCY, 0.95, NULL, "95th percentile of the latency"),
    PERCENTILE("latency_p99_s", "s", DURATION_LATENCY, 0.99, NULL, "99th percentile of the latency"),
    {.name = "latency_max_s",
     .unit = "s",
     .help = "longest latency in any replication",
     .scopes = EVERYWHERE,
     .kind = METRIC_MAXIMUM,
     .duration = DURATION_LATENCY,
     .value = duration_max,
     .count = count_duration},
    MEAN("wait_mean_s", "s", DURATION_WAIT, NULL, "arrival to start of service"),
    PERCENTILE("wait_p95_s", "s", DURATION_WAIT, 0.95, NULL, "95th percentile of the wait"),
    MEAN("ttft_mean_s", "s", DURATION_TTFT, metric_is_streamed, "arrival to first token or byte"),
    PERCENTILE("ttft_p50_s", "s", DURATION_TTFT, 0.50, metric_is_streamed, "median time to first token or byte"),
    PERCENTILE("ttft_p95_s", "s", DURATION_TTFT, 0.95, metric_is_streamed,
               "95th percentile of the time to first token"),
    PERCENTILE("ttft_p99_s", "s", DURATION_TTFT, 0.99, metric_is_streamed,
               "99th percentile of the time to first token"),
    MEAN("tpot_mean_s", "s", DURATION_TPOT, metric_has_token_time, "time per output token after the first"),
    PERCENTILE("tpot_p50_s", "s", DURATION_TPOT, 0.50, metric_has_token_time, "median time per output token"),
    PERCENTILE("tpot_p95_s", "s", DURATION_TPOT, 0.95, metric_has_token_time, "95th percentile of the time per token"),
    PERCENTILE("rtf_p50", "ratio", DURATION_RTF, 0.50, metric_has_audio,
               "median of latency / length of the audio made"),
    PERCENTILE("rtf_p95", "ratio", DURATION_RTF, 0.95, metric_has_audio,
               "95th percentile of latency / length of audio"),

    {.name = "turns",
     .unit = "",
     .help = "turns that sessions ended, of those that arrived in the window",
     .scopes = EVERYWHERE,
     .applies = metric_has_turns,
     .value = turns,
     .count = count_arrived},
    MEAN("turn_latency_mean_s", "s", DURATION_TURN, metric_has_turns,
         "begin of a turn to its answer, in the container"),
    PERCENTILE("turn_latency_p50_s", "s", DURATION_TURN, 0.50, metric_has_turns, "median of the turns' latency"),
    PERCENTILE("turn_latency_p95_s", "s", DURATION_TURN, 0.95, metric_has_turns,
               "95th percentile of the turns' latency"),
    PERCENTILE("turn_latency_p99_s", "s", DURATION_TURN, 0.99, metric_has_turns,
               "99th percentile of the turns' latency"),

    POOLS("containers_mean", "", containers_mean, NULL, "starting and ready containers, mean over time"),
    PEAK("containers_max", "", containers_max, metric_is_one_pool, "most starting and ready containers at once"),
    POOLS("cold_starts", "", full_starts, NULL, "containers that became ready by a full start"),
    POOLS("snapshot_restores", "", restores, NULL, "containers that became ready from a snapshot"),
    POOLS("container_starts", "", container_starts, NULL, "full starts and restores"),
    POOLS("failed_starts", "", metric_hardware_failed_starts, NULL, "starts that exceeded the startup timeout"),
    POOLS("crashes", "", metric_hardware_crashes, NULL, "ready containers that crashed"),
    POOLS("interruptions", "", metric_hardware_interruptions, metric_hardware_has_interruptions,
          "ready containers that the provider took back"),
    POOLS("lost_work_s", "s", metric_hardware_lost_work, metric_hardware_has_losses,
          "time inside containers of attempts that came to nothing, less what checkpoints kept"),
    POOLS("rule_additions", "", metric_watch_additions, metric_watch_has_rules,
          "decisions of the controller for more containers"),
    POOLS("rule_removals", "", metric_watch_removals, metric_watch_has_rules, "decisions of the controller for fewer"),
    POOLS("container_utilisation", "ratio", container_utilisation, NULL,
          "busy / (busy + idle) time; busy is at least one request inside"),
    POOLS("slot_utilisation", "ratio", slot_utilisation, NULL, "time of slots used / max_inputs x ready time"),
    POOLS("batch_mean", "", batch_mean, NULL, "requests in the main stage while there are any, mean over time"),
    POOLS("kv_utilisation_mean", "ratio", kv_utilisation_mean, metric_has_kv,
          "tokens cached / tokens that fit ready containers"),
    PEAK("kv_utilisation_max", "ratio", kv_utilisation_max, metric_has_kv,
         "highest share of its key-value memory that a container used"),
    POOLS("preemptions", "", preemptions, metric_has_kv, "requests put back for want of key-value memory"),
    POOLS("out_of_memory", "", metric_hardware_out_of_memory, metric_hardware_has_memory,
          "attempts that failed at their start for want of GPU memory"),
    PEAK("memory_max_gb", "GB", metric_hardware_memory_max, metric_hardware_has_memory,
         "most GPU memory that models and requests took in one container"),
    POOLS("memory_utilisation_mean", "ratio", metric_hardware_memory_mean, metric_hardware_has_memory,
          "GPU memory taken / GPU memory of ready containers"),
    PEAK("memory_utilisation_max", "ratio", metric_hardware_memory_share_max, metric_hardware_has_memory,
         "highest share of its GPU memory that a container took"),
    POOLS("other_gpu_share", "ratio", metric_hardware_other_gpu_share, metric_hardware_has_others,
          "share of container time on another GPU than was asked for"),
    POOLS("migrations", "", migrations, metric_has_migration, "times that new sessions began to move to another pool"),
    POOLS("queue_mean", "", queue_mean, NULL, "requests waiting for a container, mean over time"),
    PEAK("queue_max", "", queue_max, metric_is_one_pool, "most requests waiting at once"),

    POOLS("cost_usd", "USD", metric_money_cost, NULL, "bills of all containers for the window"),
    POOLS("cost_usd_per_1k_requests", "USD", metric_money_per_1k_requests, NULL, "per 1,000 requests completed in it"),
    POOLS("cost_usd_per_1m_output_tokens", "USD", metric_money_per_1m_tokens, metric_has_tokens,
          "per million tokens generated"),
    {.name = "cost_usd_per_month",
     .unit = "USD",
     .help = "cost of the window x month / window",
     .scopes = 1u << SCOPE_ALL | 1u << SCOPE_POOL,
     .value = metric_money_per_month},
    STATE_COST("cost_busy_usd", CONTAINER_BUSY, "part of the cost with at least one request inside"),
    STATE_COST("cost_idle_usd", CONTAINER_IDLE, "part of the cost of ready, empty containers"),
    STATE_COST("cost_starting_usd", CONTAINER_STARTING, "part of the cost of starting containers"),
    STATE_COST("cost_draining_usd", CONTAINER_DRAINING, "part of the cost of draining containers"),
    POOLS("cost_without_starting_usd", "USD", metric_money_without_starting, NULL,
          "the cost if starting were not billed"),
    POOLS("gpu_hours", "GPU h", gpu_hours, NULL, "time of GPUs allocated, billed or not"),
    {.name = "output_tokens_per_s",
     .unit = "1/s",
     .help = "tokens of requests completed in the window / window",
     .scopes = EVERYWHERE,
     .applies = metric_has_tokens,
     .value = output_tokens_per_s,
     .count = count_completed},

    ENERGY("energy_kwh", 1, metric_watch_has_idle_power,
           "energy of the GPUs: highest power while the main stage is at work, idle power otherwise"),
    ENERGY("energy_low_kwh", 0, metric_watch_has_idle_power, "the same if all of the time took idle power"),
    ENERGY("energy_high_kwh", 2, metric_watch_has_power, "the same if all of the time took the highest power"),

    ALERT("alert_warning_count", "", ALERT_WARNING, metric_watch_count, METRIC_MEAN, metric_watch_has_warning,
          "times that the alert became active as a warning"),
    ALERT("alert_warning_s", "s", ALERT_WARNING, metric_watch_time, METRIC_MEAN, metric_watch_has_warning,
          "time in which it was, critical times included"),
    ALERT("alert_warning_longest_s", "s", ALERT_WARNING, metric_watch_longest, METRIC_MAXIMUM, metric_watch_has_warning,
          "the longest of them in any replication"),
    ALERT("alert_warning_first_s", "s", ALERT_WARNING, metric_watch_first, METRIC_MAXIMUM, metric_watch_has_warning,
          "when the first of them began, after the start of the run, in any replication"),
    ALERT("alert_critical_count", "", ALERT_CRITICAL, metric_watch_count, METRIC_MEAN, metric_watch_has_critical,
          "times that the alert became critical"),
    ALERT("alert_critical_s", "s", ALERT_CRITICAL, metric_watch_time, METRIC_MEAN, metric_watch_has_critical,
          "time in which it was"),
    ALERT("alert_critical_longest_s", "s", ALERT_CRITICAL, metric_watch_longest, METRIC_MAXIMUM,
          metric_watch_has_critical, "the longest of them in any replication"),
    ALERT("alert_critical_first_s", "s", ALERT_CRITICAL, metric_watch_first, METRIC_MAXIMUM, metric_watch_has_critical,
          "when the first of them began, after the start of the run, in any replication"),
};

const struct metric *metric_list(size_t *count)
{
    *count = sizeof metrics / sizeof *metrics;
    return metrics;
}

bool metric_applies(const struct metric *metric, const struct world_config *config, const struct scope *scope)
{
    if (!(metric->scopes & 1u << scope->kind))
        return false;
    return !metric->applies || metric->applies(config, scope);
}

static bool is_without_unit(const char *name, const char *whole)
{
    size_t length = strlen(name);
    if (strncmp(name, whole, length) != 0)
        return false;
    const char *rest = whole + length;
    return strcmp(rest, "_s") == 0 || strcmp(rest, "_usd") == 0 || strcmp(rest, "_rps") == 0;
}

const struct metric *metric_find(const char *name)
{
    const struct metric *found = NULL;
    size_t found_count = 0;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
        if (is_without_unit(name, metrics[i].name)) {
            found = &metrics[i];
            found_count++;
        }
    }
    return found_count == 1 ? found : NULL;
}

const char *metric_nearest(const char *name)
{
    struct suggestion search = suggest_begin(name);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        suggest_offer(&search, metrics[i].name);
    return search.nearest;
}
