/* runner_one.c - one small replication, without threads. */
#include "analysis/runner.h"
#include "models/world.h"

struct rows {
    const struct runner_consumer *consumer;
    enum sim_status status;
    struct sim_error *error;
};

static void pass_requests(void *context, const struct request_row *rows, size_t count)
{
    struct rows *passed = context;
    if (passed->status == SIM_OK)
        passed->status = passed->consumer->requests(passed->consumer->context, rows, count, passed->error);
}

enum sim_status runner_run_one(const struct world_config *config, uint32_t replication,
                               const struct runner_consumer *consumer, struct replication_result *result,
                               struct sim_error *error)
{
    struct rows rows = {.consumer = consumer, .error = error};
    const struct world_options options = {
        .seed = (uint64_t)config->seed,
        .replication = replication,
        .block_count = 1,
        .keep_one_in = consumer->requests ? 1 : 0,
        .sink = {.context = &rows, .requests = consumer->requests ? pass_requests : NULL}};
    struct world *world;
    struct ledger ledger;
    enum sim_status status = world_create(config, &options, &world, error);
    if (status != SIM_OK)
        return status;
    world_finish(world);
    world_take(world, &ledger);
    world_destroy(world);
    status = rows.status == SIM_OK ? ledger_audit(&ledger, config, error) : rows.status;
    *result = ledger_close(&ledger, config);
    if (status != SIM_OK)
        replication_result_release(result);
    return status;
}
