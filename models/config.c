/* config.c - every key of a scenario, described once. */
#include "models/config.h"

#include "sim/field_internal.h"

static const struct sim_field stage_fields[] = {
    ITEM(stage_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the stage"),
    ITEM(stage_config, time_s, "time", DISTRIBUTION, "s", 0, 1e6, REQUIRED, "how long it takes"),
    ITEM(stage_config, holds_slot, "holds_slot", BOOL, "", 0, 0, "true",
         "whether it happens inside the container and holds one of its inputs"),
};
TABLE(stage_table, "stage", stage_config, stage_fields);

static const struct sim_field phase_fields[] = {
    ITEM(phase_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the phase"),
    ITEM(phase_config, time_s, "time", DISTRIBUTION, "s", 0, 1e6, REQUIRED, "how long it takes"),
    ITEM(phase_config, removed_by_snapshot, "removed_by_snapshot", BOOL, "", 0, 0, "false",
         "whether a restored container skips it"),
    ITEM(phase_config, billed, "billed", BOOL, "", 0, 0, "true", "whether the platform bills it"),
};
TABLE(phase_table, "phase", phase_config, phase_fields);

static const struct sim_field curve_fields[] = {
    ITEM(curve_point, running, "running", INT64, "", 1, 4096, REQUIRED, "requests in progress"),
    ITEM(curve_point, time_s, "time", DOUBLE, "s", 1e-9, 1e6, REQUIRED,
         "time of one step, or of one unit of work, at that number"),
};
TABLE(curve_table, "point", curve_point, curve_fields);

static const struct sim_field share_fields[] = {
    ITEM(share_point, running, "running", INT64, "", 1, 4096, REQUIRED, "requests in progress"),
    ITEM(share_point, share, "share", DOUBLE, "ratio", 0, 1, REQUIRED, "share of the work until the first output"),
};
TABLE(share_table, "point", share_point, share_fields);

static const struct sim_field slowdown_fields[] = {
    ITEM(slowdown_point, busy, "busy", INT64, "", 1, 64, REQUIRED, "instances at work at once"),
    ITEM(slowdown_point, factor, "factor", DOUBLE, "", 0.01, 1000, REQUIRED,
         "how many times longer a batch takes then than alone"),
};
TABLE(slowdown_table, "point", slowdown_point, slowdown_fields);

static const struct sim_field speed_fields[] = {
    ITEM(speed_config, gpu, "gpu", TEXT, "", 0, 0, REQUIRED, "GPU as a pool names it"),
    ITEM(speed_config, factor, "factor", DOUBLE, "", 0.001, 1000, REQUIRED,
         "how many times faster than the profile's GPU; 2: takes half the time"),
};
TABLE(speed_table, "speed", speed_config, speed_fields);

static const char *const stage_names[] = {"continuous-batching", "processor-sharing", "independent", "dynamic-batching",
                                          NULL};

static const struct sim_field profile_fields[] = {
    ITEM(profile_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the profile"),
    ITEM(profile_config, source, "source", TEXT, "", 0, 0, NO_DEFAULT, "where its figures come from"),
    ITEM(profile_config, fit_error, "fit_error", TEXT, "", 0, 0, NO_DEFAULT, "what the fit leaves unexplained"),
    ITEM(profile_config, slot_limit, "slot_limit", TEXT, "", 0, 0, NO_DEFAULT,
         "whether the limit of slots is the engine's or the container's"),
    CHOICE(profile_config, stage, "stage", stage_names, REQUIRED, "how requests share the container"),
    ITEM(profile_config, base_s, "base_time", DOUBLE, "s", 0, 1e6, NO_DEFAULT,
         "processor-sharing: a of the time a + b k of one unit of work with k running; dynamic-batching: of a batch of "
         "k"),
    ITEM(profile_config, per_running_s, "per_running", DOUBLE, "s", 0, 1e6, "0 s",
         "processor-sharing: b of the time a + b k of one unit of work with k running; dynamic-batching: of a batch of "
         "k"),
    LIST(profile_config, curve, curve_count, "curve", &curve_table, NO_DEFAULT,
         "processor-sharing: measured time of one unit of work by number running, in place of base_time and "
         "per_running; dynamic-batching: of a batch by its size"),
    ITEM(profile_config, slots, "slots", INT64, "", 0, 4096, "0",
         "processor-sharing: most requests in progress inside the engine; 0 is no limit"),
    ITEM(profile_config, tokens_per_work, "tokens_per_work", DOUBLE, "token", 0, 1e9, "0 tokens",
         "processor-sharing: output tokens in one unit of work; 0: the class gives `work`"),
    ITEM(profile_config, first_output, "first_output", DOUBLE, "ratio", 0, 1, "100%",
         "processor-sharing, independent: share of the work after which the first output leaves"),
    LIST(profile_config, first_output_curve, first_output_count, "first_output_curve", &share_table, NO_DEFAULT,
         "processor-sharing: measured first_output by number running when a request begins, beside the mean in "
         "first_output"),
    ITEM(profile_config, service_s, "service_time", DISTRIBUTION, "s", 0, 1e9, NO_DEFAULT,
         "independent: time of one request of work 1, whatever else runs"),
    ITEM(profile_config, max_batch_size, "max_batch_size", INT64, "", 1, 4096, NO_DEFAULT,
         "dynamic-batching: most requests in one batch"),
    ITEM(profile_config, wait_ns, "wait", TIME, "s", 0, 0, "0 s",
         "dynamic-batching: how long the oldest request waits for a fuller batch; 0: a free instance takes what is "
         "there"),
    ITEM(profile_config, instances, "instances", INT64, "", 1, 64, "1",
         "dynamic-batching: instances of the model in one container, each with a batch of its own"),
    LIST(profile_config, slowdown, slowdown_count, "slowdown", &slowdown_table, NO_DEFAULT,
         "dynamic-batching: how much longer a batch takes by number of instances at work; without: no longer"),
    ITEM(profile_config, handover_s, "handover", DOUBLE, "s", 0, 1e3, "0 s",
         "dynamic-batching: what each request adds to its batch afterwards, without slowing other instances"),
    ITEM(profile_config, batch_spread, "batch_spread", DOUBLE, "ratio", 0, 3, "0%",
         "dynamic-batching: coefficient of variation of a batch's time, without its handover"),
    LIST(profile_config, step_curve, step_curve_count, "step", &curve_table, NO_DEFAULT,
         "continuous-batching: measured time of a decoding step by batch size"),
    ITEM(profile_config, per_cached_token_s, "per_cached_token", DOUBLE, "s", 0, 1, "0 s",
         "continuous-batching: what one cached token adds to a step"),
    ITEM(profile_config, per_prefill_token_s, "per_prefill_token", DOUBLE, "s", 0, 1, "0 s",
         "continuous-batching: what one token of a prompt adds to a step"),
    ITEM(profile_config, token_budget, "token_budget", INT64, "token", 1, 1048576, "2048 tokens",
         "continuous-batching: most tokens that one step processes"),
    ITEM(profile_config, max_batch, "max_batch", INT64, "", 1, 4096, "256",
         "continuous-batching: most requests in the engine's batch; more wait inside"),
    ITEM(profile_config, kv_tokens, "kv_tokens", INT64, "token", 1, 1e9, NO_DEFAULT,
         "continuous-batching: tokens that fit the key-value memory"),
    ITEM(profile_config, kv_block, "kv_block", INT64, "token", 1, 1024, "16 tokens",
         "continuous-batching: tokens in one block of key-value memory"),
    ITEM(profile_config, kv_watermark, "kv_watermark", DOUBLE, "ratio", 0, 0.5, "1%",
         "continuous-batching: share of the blocks kept free when a request is admitted"),
    ITEM(profile_config, whole_prompt, "whole_prompt", BOOL, "", 0, 0, "false",
         "continuous-batching: reserve the blocks of a whole prompt when its request is admitted"),
    ITEM(profile_config, keeps_preempted, "keeps_preempted", BOOL, "", 0, 0, "false",
         "continuous-batching: what a preempted request had cached needs no prefill when it returns"),
    ITEM(profile_config, overwrites_preempted, "overwrites_preempted", BOOL, "", 0, 0, "false",
         "continuous-batching: with keeps_preempted, and only as far as its blocks have not been reused (inferred)"),
    ITEM(profile_config, scheduled_ahead, "scheduled_ahead", BOOL, "", 0, 0, "false",
         "continuous-batching: a step is decided at the start of the one before; who comes or goes counts a step "
         "later (inferred)"),
    ITEM(profile_config, gpu, "gpu", TEXT, "", 0, 0, NO_DEFAULT,
         "GPU that it was measured on, as pools name it; without: not said, and pools of every GPU may use it"),
    LIST(profile_config, speeds, speed_count, "speeds", &speed_table, NO_DEFAULT,
         "how fast the main stage is on other GPUs; pools of a GPU that is not listed are refused. Memory, start and "
         "fixed stages stay as they are"),
    ITEM(profile_config, calibrated_running, "calibrated_running", INT64, "", 0, 1e6, "0",
         "most requests in progress that were measured; results beyond are flagged; 0: not known"),
    LIST(profile_config, before, before_count, "before", &stage_table, NO_DEFAULT, "fixed stages before the main one"),
    LIST(profile_config, after, after_count, "after", &stage_table, NO_DEFAULT, "fixed stages after the main one"),
    LIST(profile_config, startup, startup_count, "startup", &phase_table, NO_DEFAULT,
         "phases of a container's start, in order"),
    ITEM(profile_config, snapshot_create_s, "snapshot_create", DISTRIBUTION, "s", 0, 1e6, "fixed(0 s)",
         "time to create a snapshot, before the container that creates it is ready"),
    ITEM(profile_config, snapshot_restore_s, "snapshot_restore", DISTRIBUTION, "s", 0, 1e6, "fixed(0 s)",
         "time to restore a snapshot, in place of the phases that it removes"),
    RECORD(profile_config, calibrated, "calibrated", &calibrated_config_table, NO_DEFAULT,
           "how the profile was fitted, for the reader: changes nothing"),
    VALUES(profile_config, readings, reading_count, "readings", &reading_config_table, "file", NO_DEFAULT,
           "profiles that fit the same measurements about as well: `capsim run --readings` compares them"),
};
const struct sim_field_table profile_config_table = {
    "profile", profile_fields, sizeof profile_fields / sizeof *profile_fields, sizeof(struct profile_config)};

static const char *const platform_names[] = {"fixed", "modal-function", NULL};
static const char *const order_names[] = {"fullest", "longest-waiting", "least-loaded", "random", NULL};
static const char *const poll_share_names[] = {"ready", "alive", NULL};
static const char *const autoscaler_names[] = {"platform", "fixed", "target", NULL};
static const char *const start_names[] = {"warm", "cold", NULL};

static const struct sim_field budget_fields[] = {
    ITEM(budget_config, per_month_pusd, "per_month", INT64, "USD", 0, 0, NO_DEFAULT,
         "most that a month may cost; the report says when it is exceeded"),
};
TABLE(budget_table, "budget", budget_config, budget_fields);

static const struct sim_field price_change_fields[] = {
    ITEM(price_change, from, "from", TEXT, "", 0, 0, REQUIRED, "date from which it holds, UTC, as 2026-07-01"),
    ITEM(price_change, gpu_pusd_per_h, "price", INT64, "USD/h", 0, 0, REQUIRED, "price of one GPU"),
};
TABLE(price_change_table, "price", price_change, price_change_fields);

static const struct sim_field setting_fields[] = {
    ITEM(setting_config, min_containers, "min_containers", INT64, "", 0, 100000, NO_DEFAULT,
         "containers kept when idle; of a fixed pool, its containers"),
    ITEM(setting_config, max_containers, "max_containers", INT64, "", 0, 100000, NO_DEFAULT,
         "most containers; 0 is no limit"),
    ITEM(setting_config, buffer_containers, "buffer_containers", INT64, "", 0, 100000, NO_DEFAULT,
         "containers wanted beyond the need while the pool is active"),
    ITEM(setting_config, scaledown_window_ns, "scaledown_window", TIME, "s", 0, 0, NO_DEFAULT,
         "how long a container may idle before it is retired"),
    ITEM(setting_config, target_inputs, "target_inputs", INT64, "", 0, 4096, NO_DEFAULT,
         "requests inside a container that the autoscaler aims at; 0: as max_inputs"),
    ITEM(setting_config, max_inputs, "max_inputs", INT64, "", 1, 4096, NO_DEFAULT,
         "cannot be scheduled: containers keep what they were made with; target_inputs can"),
};
TABLE(setting_table, "set", setting_config, setting_fields);

static const char *const weekday_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

static const struct sim_field schedule_fields[] = {
    ITEM(schedule_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the entry"),
    CHOICES(schedule_config, days, "days", weekday_names, NO_DEFAULT,
            "days of the week on which its hours begin; without: every day"),
    ITEM(schedule_config, hours, "hours", TEXT, "", 0, 0, NO_DEFAULT,
         "time of day, UTC, as \"08:00-18:00\", or \"20:00-07:00\" until the next day; without: all day"),
    ITEM(schedule_config, from, "from", TEXT, "", 0, 0, NO_DEFAULT, "date from which it holds, UTC, as 2026-03-01"),
    ITEM(schedule_config, to, "to", TEXT, "", 0, 0, NO_DEFAULT, "date from which it holds no longer"),
    RECORD(schedule_config, set, "set", &setting_table, REQUIRED, "settings that hold then"),
};
TABLE(schedule_table, "schedule entry", schedule_config, schedule_fields);

static const struct sim_field pool_fields[] = {
    ITEM(pool_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the pool"),
    CHOICE(pool_config, platform, "platform", platform_names, REQUIRED,
           "whose rules hold: fixed keeps min_containers for ever, modal-function scales"),
    CHOICE(pool_config, autoscaler, "autoscaler", autoscaler_names, "platform",
           "the platform's own; fixed: min_containers for ever; target: as many as the requests present need at "
           "target_inputs each, and buffer_containers, as with rented pods that are ordered when needed"),
    ITEM(pool_config, provider, "provider", TEXT, "", 0, 0, NO_DEFAULT, "whose prices apply"),
    ITEM(pool_config, gpu, "gpu", TEXT, "", 0, 0, NO_DEFAULT, "GPU of a container, as L40S or A100-80GB x 2"),
    VALUES(pool_config, models, model_count, "models", &model_use_table, "model", NO_DEFAULT,
           "models that each container holds: they and max_inputs must fit its memory"),
    LIST(pool_config, served_by, served_count, "served_by", &served_config_table, NO_DEFAULT,
         "other GPUs that containers get in place of the requested one: upgrades, or a list to fall back on"),
    ITEM(pool_config, price_kind, "price_kind", TEXT, "", 0, 0, NO_DEFAULT,
         "on-demand, spot or serverless, where the provider has several prices"),
    ITEM(pool_config, price_pusd_per_h, "price", INT64, "USD/h", 0, 0, NO_DEFAULT,
         "price of one GPU in place of the catalogue's"),
    LIST(pool_config, prices, price_count, "prices", &price_change_table, NO_DEFAULT,
         "prices of one GPU from dates on, in order; before the first the price above holds"),
    ITEM(pool_config, cpu_cores, "cpu_cores", DOUBLE, "", 0, 1024, "0",
         "physical cores of a container that are billed"),
    ITEM(pool_config, memory_gib, "memory", DOUBLE, "GiB", 0, 65536, "0 GiB", "memory of a container that is billed"),
    ITEM(pool_config, power_w, "power", DOUBLE, "W", 0, 1e5, "0 W", "highest power of one GPU; 0: the catalogue's"),
    ITEM(pool_config, idle_power_w, "idle_power", DOUBLE, "W", 0, 1e5, "0 W",
         "power of one GPU with a model loaded and no work; 0: the catalogue's, if that is known"),
    ITEM(pool_config, min_containers, "min_containers", INT64, "", 0, 100000, "0", "containers kept when idle"),
    ITEM(pool_config, max_containers, "max_containers", INT64, "", 0, 100000, "0", "most containers; 0 is no limit"),
    ITEM(pool_config, buffer_containers, "buffer_containers", INT64, "", 0, 100000, "0",
         "containers wanted beyond the need while the pool is active"),
    ITEM(pool_config, scaledown_window_ns, "scaledown_window", TIME, "s", 0, 0, "60 s",
         "how long a container may idle before it is retired"),
    ITEM(pool_config, max_inputs, "max_inputs", INT64, "", 1, 4096, "1",
         "most requests inside a container; with models that say what a request takes, left out: what memory allows"),
    ITEM(pool_config, target_inputs, "target_inputs", INT64, "", 0, 4096, "0",
         "requests inside a container that the autoscaler aims at; 0: as max_inputs"),
    ITEM(pool_config, timeout_ns, "timeout", TIME, "s", 0, 0, "300 s",
         "longest execution of an attempt; waiting does not count"),
    ITEM(pool_config, startup_timeout_ns, "startup_timeout", TIME, "s", 0, 0, "0 s",
         "longest start of a container; 0: as timeout"),
    ITEM(pool_config, retries, "retries", INT64, "", 0, 100, "0", "attempts after a failed or timed-out one"),
    ITEM(pool_config, retry_delay_ns, "retry_delay", TIME, "s", 0, 0, "1 s", "wait before the first retry"),
    ITEM(pool_config, retry_backoff, "retry_backoff", DOUBLE, "", 1, 10, "1", "factor on the wait with each retry"),
    ITEM(pool_config, retry_delay_max_ns, "retry_delay_max", TIME, "s", 0, 0, "60 s", "longest wait before a retry"),
    ITEM(pool_config, admission_limit, "admission_limit", INT64, "", 0, 1e8, "0",
         "most requests waiting and running; who comes beyond is rejected (Modal documents 25000); 0 is no limit"),
    ITEM(pool_config, queue_limit, "queue_limit", INT64, "", 1, 1e8, "1000000",
         "queue length from which the pool counts as saturated"),
    CHOICE(pool_config, start_state, "start_state", start_names, "warm",
           "whether min_containers are ready at time 0 or have to boot"),
    CHOICE(pool_config, dispatch_order, "dispatch_order", order_names, "fullest",
           "which container with room gets the next request (inferred)"),
    ITEM(pool_config, tick_ns, "tick", TIME, "s", 0, 0, "1 s", "period of the autoscaler (inferred)"),
    ITEM(pool_config, poll_ns, "poll", TIME, "s", 0, 0, "3 s",
         "period in which a container asks how many inputs it may take"),
    ITEM(pool_config, active_hold_ns, "active_hold", TIME, "s", 0, 0, "0 s",
         "how long the pool counts as active after an arrival (inferred); 0: as scaledown_window"),
    ITEM(pool_config, over_factor, "over_factor", DOUBLE, "", 0, 1e6, "0",
         "surplus, in units of the want, beyond which containers go before their window ends (inferred); 0: never"),
    ITEM(pool_config, early_min_ns, "early_min", TIME, "s", 0, 0, "2 s",
         "shortest idleness of a container that goes before its window ends (inferred)"),
    ITEM(pool_config, start_limit, "start_limit", INT64, "", 0, 100000, "0",
         "most containers that the autoscaler begins when it looks (inferred); 0: as many as it wants"),
    ITEM(pool_config, pending_weight, "pending_weight", DOUBLE, "ratio", 0.01, 1, "100%",
         "share of the waiting requests for which the autoscaler provides, beside all that are inside (inferred)"),
    ITEM(pool_config, cancel_starting, "cancel_starting", BOOL, "", 0, 0, "false",
         "whether starting containers end, the newest first, when they are not wanted any more (inferred)"),
    CHOICE(pool_config, poll_share, "poll_share", poll_share_names, "ready",
           "among which containers a poll divides the requests present: those that are ready, or all alive (inferred)"),
    ITEM(pool_config, fetch_latency_ns, "fetch_latency", TIME, "s", 0, 60, "0 s",
         "how long a container takes to fetch a request, in its slot (inferred)"),
    ITEM(pool_config, bill_starting, "bill_starting", BOOL, "", 0, 0, "true",
         "whether the start of a container is billed (inferred for Modal)"),
    ITEM(pool_config, allocation_s, "allocation", DISTRIBUTION, "s", 0, 1e7, "fixed(0 s)",
         "wait for a GPU before a start begins: not billed, not alive"),
    ITEM(pool_config, snapshots, "snapshots", BOOL, "", 0, 0, "false", "whether starts create and restore snapshots"),
    ITEM(pool_config, worker_types, "worker_types", INT64, "", 1, 64, "3",
         "kinds of worker machines, each with a snapshot of its own (inferred)"),
    ITEM(pool_config, snapshot_miss, "snapshot_miss", DOUBLE, "ratio", 0, 1, "0%",
         "share of starts that find no snapshot though there is one"),
    ITEM(pool_config, snapshot_failure, "snapshot_failure", DOUBLE, "ratio", 0, 1, "0%",
         "share of restores that fail and fall back to a full start"),
    ITEM(pool_config, attempt_failure, "attempt_failure", DOUBLE, "ratio", 0, 1, "0%",
         "share of attempts that fail at their end"),
    ITEM(pool_config, crash_rate_per_s, "crash_rate", DOUBLE, "1/s", 0, 1e3, "0 /h", "crashes of a ready container"),
    ITEM(pool_config, interruption_rate_per_s, "interruption_rate", DOUBLE, "1/s", 0, 1e3, "0 /h",
         "interruptions of a ready container by the provider, as spot prices allow"),
    ITEM(pool_config, interruption_notice_ns, "interruption_notice", TIME, "s", 0, 1e6, "0 s",
         "how long before an interruption the container knows of it: it takes no more requests, and who is inside goes "
         "on; jobs lose nothing if it is enough to write a checkpoint"),
    ITEM(pool_config, reserved_memory_gb, "reserved_memory", DOUBLE, "GB", 0, 1e6, "0 GB",
         "memory of a container's GPUs that models take"),
    ITEM(pool_config, single_use, "single_use", BOOL, "", 0, 0, "false",
         "whether a container ends after its first request (Modal: single_use_containers)"),
    RECORD(pool_config, budget, "budget", &budget_table, NO_DEFAULT, "what the pool may cost"),
    LIST(pool_config, schedule, schedule_count, "schedule", &schedule_table, NO_DEFAULT,
         "settings that change with time of day, weekday or date; the last entry that holds wins"),
    RECORD(pool_config, controller, "controller", &controller_config_table, NO_DEFAULT,
           "rules by which somebody outside the platform sets min_containers, up to max_containers (on Modal "
           "update_autoscaler); of a fixed pool, orders and returns its containers"),
    RECORD(pool_config, profile, "profile", &profile_config_table, REQUIRED,
           "latency and start-up profile: a file, or the keys in place"),
};
TABLE(pool_table, "pool", pool_config, pool_fields);

static const struct sim_field quota_fields[] = {
    ITEM(quota_config, gpus, "gpus", INT64, "", 0, 1e6, "0", "most GPUs of all pools together; 0 is no limit"),
    ITEM(quota_config, until, "until", TEXT, "", 0, 0, NO_DEFAULT,
         "date, UTC, from which the next item of the list holds; the last one has none"),
};
TABLE(quota_table, "quotas", quota_config, quota_fields);

static const struct sim_field slo_fields[] = {
    ITEM(slo_config, scope, "scope", TEXT, "", 0, 0, "all",
         "what is measured: all, workload/NAME, class/NAME, pool/NAME"),
    ITEM(slo_config, metric, "metric", TEXT, "", 0, 0, REQUIRED, "name of the metric"),
    ITEM(slo_config, at_most, "at_most", DOUBLE, "any", 0, 0, NO_DEFAULT, "highest value allowed"),
    ITEM(slo_config, at_least, "at_least", DOUBLE, "any", 0, 0, NO_DEFAULT, "lowest value allowed"),
};
TABLE(slo_table, "slo", slo_config, slo_fields);

static const char *const warm_up_names[] = {"auto", NULL};
static const char *const stop_names[] = {"never", "first-break", NULL};

static const struct sim_field world_fields[] = {
    ITEM(world_config, format, "capsim", INT64, "", 1, 1, REQUIRED, "version of the scenario format"),
    ITEM(world_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the scenario"),
    ITEM(world_config, start, "start", TEXT, "", 0, 0, NO_DEFAULT, "date of time 0, UTC, as 2026-01-05"),
    ITEM(world_config, duration_ns, "duration", TIME, "s", 0, 0, REQUIRED, "length of the run"),
    TIME_OR(world_config, warm_up_ns, "warm_up", warm_up_names, "0 s",
            "beginning that metrics leave out; auto: found by a pilot, with MSER-5, where rates are constant"),
    ITEM(world_config, drain_ns, "drain", TIME, "s", 0, 0, "10 min",
         "how long what arrived may still finish after the end"),
    ITEM(world_config, month_ns, "month", TIME, "s", 0, 0, "730 h", "length of the month of cost per month"),
    ITEM(world_config, seed, "seed", INT64, "", 0, 9e15, "1", "seed of all chance"),
    ITEM(world_config, replications, "replications", INT64, "", 1, 100000, "1", "independent repetitions"),
    CHOICE(
        world_config, stop_after, "stop_after", stop_names, "never",
        "whether a run told by month, of one replication, ends soon after the first month in which a limit, a cap or "
        "the budget breaks"),
    LIST(world_config, workloads, workload_count, "workloads", &config_workload_table, REQUIRED, "who sends requests"),
    LIST(world_config, pools, pool_count, "pools", &pool_table, REQUIRED, "who serves them"),
    LIST(world_config, quotas, quota_count, "quotas", &quota_table, NO_DEFAULT,
         "limits shared by all pools: keys, or a list of them one after another"),
    RECORD(world_config, budget, "budget", &budget_table, NO_DEFAULT, "what all pools together may cost"),
    LIST(world_config, slos, slo_count, "slo", &slo_table, NO_DEFAULT, "limits that the results should keep"),
    LIST(world_config, models, model_count, "models", &model_config_table, NO_DEFAULT,
         "models with the memory they need, for pools and `capsim size`"),
    RECORD(world_config, sizing, "sizing", &sizing_config_table, NO_DEFAULT, "what `capsim size` chooses from"),
    LIST(world_config, alerts, alert_count, "alerts", &alert_config_table, NO_DEFAULT,
         "what a monitor would report while the service runs; they change nothing"),
};
const struct sim_field_table world_config_table = {"scenario", world_fields, sizeof world_fields / sizeof *world_fields,
                                                   sizeof(struct world_config)};
