/* ledger.c - adding spans up, and the finished run checked against itself. */
#include "models/ledger.h"

#include <stdlib.h>

#include "models/pricing.h"
#include "sim/memory.h"

struct ledger_lives *ledger_lives_create(const struct world_config *config)
{
    struct ledger_lives *lives = sim_allocate(config->pool_count, sizeof *lives);
    for (size_t i = 0; i < config->pool_count; i++) {
        sim_array_init(&lives[i].open, sizeof(struct life_part));
        sim_array_init(&lives[i].ended, sizeof(struct life_part));
        lives[i].price_ns = sim_allocate(pricing_rate_count(&config->pools[i]), sizeof *lives[i].price_ns);
    }
    return lives;
}

void ledger_lives_destroy(struct ledger_lives *lives, const struct world_config *config)
{
    for (size_t i = 0; lives && i < config->pool_count; i++) {
        sim_array_release(&lives[i].open);
        sim_array_release(&lives[i].ended);
        free(lives[i].price_ns);
    }
    free(lives);
}

void ledger_release(struct ledger *ledger, const struct world_config *config)
{
    ledger_lives_destroy(ledger->lives, config);
    replication_result_release(&ledger->result);
    *ledger = (struct ledger){.lives = NULL};
}

/* A queue that was full was saturated from then on. */
static void judge_saturation(struct replication_result *result, const struct world_config *config)
{
    sim_time_ns window_ns = saturation_window_ns(config->duration_ns);
    for (size_t i = 0; i < config->pool_count; i++) {
        sim_time_ns full_ns = result->saturated_ns[i];
        sim_time_ns since_ns =
            saturation_since_ns(result->windows + i, result->window_count, config->pool_count, window_ns);
        result->saturated_ns[i] = full_ns < 0 || (since_ns >= 0 && since_ns < full_ns) ? since_ns : full_ns;
    }
}

struct replication_result ledger_close(struct ledger *ledger, const struct world_config *config)
{
    struct replication_result result = ledger->result;
    ledger->result = (struct replication_result){0};
    judge_saturation(&result, config);
    replication_result_sort_alerts(&result);
    ledger_release(ledger, config);
    return result;
}

/* ---- lives ---- */

static sim_int128 life_ns(const struct life_part *life)
{
    sim_int128 sum_ns = 0;
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
        sum_ns += life->state_ns[i];
    return sum_ns;
}

static uint32_t add_part(struct sim_array *parts, const struct life_part *life)
{
    size_t place = sim_array_add(parts);
    ((struct life_part *)parts->items)[place] = *life;
    return (uint32_t)place;
}

void ledger_end_life(struct ledger_lives *lives, const struct life_part *life)
{
    if (life->origin != LEDGER_NEW_LIFE) {
        add_part(&lives->ended, life);
        return;
    }
    lives->bill_nusd += pricing_sum_nusd(life->cost);
    lives->life_ns += life_ns(life);
    lives->count++;
}

uint32_t ledger_leave_open(struct ledger_lives *lives, const struct life_part *life)
{
    return add_part(&lives->open, life);
}

/* The life up to the end of the later span. */
static struct life_part joined(const struct ledger_lives *before, const struct life_part *after)
{
    struct life_part life = *after;
    if (after->origin == LEDGER_NEW_LIFE)
        return life;
    sim_assert(after->origin < before->open.count);
    const struct life_part *past = (const struct life_part *)before->open.items + after->origin;
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
        life.state_ns[i] += past->state_ns[i];
    life.unbilled_ns += past->unbilled_ns;
    life.cost += past->cost;
    life.origin = past->origin;
    return life;
}

static void append_lives(struct ledger_lives *lives, const struct pool_config *pool, struct ledger_lives *next)
{
    lives->bill_nusd += next->bill_nusd;
    lives->count += next->count;
    lives->life_ns += next->life_ns;
    for (size_t i = 0; i < pricing_rate_count(pool); i++)
        lives->price_ns[i] += next->price_ns[i];
    const struct life_part *ended = next->ended.items;
    for (size_t i = 0; i < next->ended.count; i++) {
        struct life_part life = joined(lives, &ended[i]);
        ledger_end_life(lives, &life);
    }
    struct life_part *open = next->open.items;
    for (size_t i = 0; i < next->open.count; i++)
        open[i] = joined(lives, &open[i]);
    struct sim_array old = lives->open;
    lives->open = next->open;
    next->open = old;
}

void ledger_append(struct ledger *ledger, const struct world_config *config, struct ledger *next)
{
    replication_result_merge(&ledger->result, &next->result, config);
    ledger->audit.in_system_ns += next->audit.in_system_ns;
    ledger->audit.sojourn_ns += next->audit.sojourn_ns;
    ledger->audit.arrived += next->audit.arrived;
    ledger->audit.left += next->audit.left;
    ledger->audit.remaining = next->audit.remaining;
    for (size_t i = 0; i < config->pool_count; i++) {
        append_lives(&ledger->lives[i], &config->pools[i], &next->lives[i]);
        ledger->result.bill_nusd[i] = ledger->lives[i].bill_nusd;
    }
}

/* ---- to bytes and back ---- */

void ledger_save(const struct ledger *ledger, const struct world_config *config, struct sim_array *bytes)
{
    struct sim_array result;
    sim_array_init(&result, 1);
    replication_result_save(&ledger->result, config, &result);
    sim_bytes_put_array(bytes, &result);
    sim_array_release(&result);
    sim_bytes_put(bytes, &ledger->audit, sizeof ledger->audit);
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct ledger_lives *lives = &ledger->lives[i];
        sim_bytes_put_array(bytes, &lives->open);
        sim_bytes_put_array(bytes, &lives->ended);
        sim_bytes_put(bytes, &lives->bill_nusd, sizeof lives->bill_nusd);
        sim_bytes_put(bytes, &lives->count, sizeof lives->count);
        sim_bytes_put(bytes, &lives->life_ns, sizeof lives->life_ns);
        sim_bytes_put(bytes, lives->price_ns, pricing_rate_count(&config->pools[i]) * sizeof *lives->price_ns);
    }
}

static bool load_lives(struct ledger_lives *lives, const struct pool_config *pool, struct sim_bytes_reader *reader)
{
    return sim_bytes_get_array(reader, &lives->open) && sim_bytes_get_array(reader, &lives->ended) &&
           sim_bytes_get(reader, &lives->bill_nusd, sizeof lives->bill_nusd) &&
           sim_bytes_get(reader, &lives->count, sizeof lives->count) &&
           sim_bytes_get(reader, &lives->life_ns, sizeof lives->life_ns) &&
           sim_bytes_get(reader, lives->price_ns, pricing_rate_count(pool) * sizeof *lives->price_ns);
}

enum sim_status ledger_load(struct ledger *ledger, const struct world_config *config, struct sim_bytes_reader *reader,
                            struct sim_error *error)
{
    struct sim_array bytes;
    *ledger = (struct ledger){.lives = NULL};
    sim_array_init(&bytes, 1);
    bool is_good = sim_bytes_get_array(reader, &bytes) &&
                   replication_result_load(&ledger->result, config, bytes.items, bytes.count, error) == SIM_OK;
    sim_array_release(&bytes);
    ledger->lives = ledger_lives_create(config);
    is_good = is_good && sim_bytes_get(reader, &ledger->audit, sizeof ledger->audit);
    for (size_t i = 0; i < config->pool_count && is_good; i++)
        is_good = load_lives(&ledger->lives[i], &config->pools[i], reader);
    if (is_good)
        return SIM_OK;
    ledger_release(ledger, config);
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "what was counted is cut or of another kind");
}

/* ---- audit ---- */

static enum sim_status contradiction(struct sim_error *error, const char *what, sim_int128 one, sim_int128 other)
{
    return sim_error_set(error, SIM_AUDIT_FAILED, NULL, 0, "%s: %.17g against %.17g", what, (double)one, (double)other);
}

/* Every request that arrived has one outcome, or is in flight. */
static enum sim_status audit_requests(const struct ledger *ledger, const struct world_config *config,
                                      struct sim_error *error)
{
    int64_t arrived = 0;
    int64_t settled = 0;
    int64_t completed = 0;
    int64_t latencies = 0;
    for (size_t b = 0; b < ledger->result.block_count; b++) {
        for (size_t i = 0; i < result_class_count(config); i++) {
            const struct request_tally *tally = &ledger->result.blocks[b].requests[i];
            arrived += tally->arrived;
            for (int k = 0; k < OUTCOME_COUNT; k++)
                settled += tally->outcomes[k];
            completed += tally->outcomes[OUTCOME_COMPLETED];
            latencies += (int64_t)ledger->result.blocks[b].durations[i][DURATION_LATENCY].count;
        }
    }
    if (arrived != settled)
        return contradiction(error, "requests arrived and requests accounted for", arrived, settled);
    if (completed != latencies)
        return contradiction(error, "requests completed and latencies measured", completed, latencies);
    const struct audit_sums *sums = &ledger->audit;
    if (sums->arrived != sums->left + sums->remaining)
        return contradiction(error, "requests stored and requests that left or remain", sums->arrived,
                             sums->left + sums->remaining);
    return SIM_OK;
}

/* Little's law, as an identity of integers: the number in the system over time is the sum of the times in it. */
static enum sim_status audit_little(const struct ledger *ledger, struct sim_error *error)
{
    const struct audit_sums *sums = &ledger->audit;
    if (sums->in_system_ns != sums->sojourn_ns)
        return contradiction(error, "Little's law in ns", sums->in_system_ns, sums->sojourn_ns);
    return SIM_OK;
}

/* Time at every price x that price, once from the numbers in each state and once from the bills of the lives. */
static enum sim_status audit_bills(const struct ledger_lives *lives, const struct pool_config *pool,
                                   sim_int128 billed_ns, sim_int128 cost, struct sim_error *error)
{
    sim_int128 sum_ns = 0;
    sim_int128 product = 0;
    for (size_t period = 0; period <= pool->price_count; period++)
        for (uint32_t gpu = 0; gpu <= pool->served_count; gpu++) {
            sim_int128 price_ns = lives->price_ns[pricing_rate_number(pool, period, gpu)];
            sum_ns += price_ns;
            product += price_ns * pricing_served_rate(pool, period, gpu);
        }
    if (billed_ns != sum_ns)
        return contradiction(error, "billed time by state and by price in ns", billed_ns, sum_ns);
    if (cost != product)
        return contradiction(error, "cost by state and by price in 1e-12 USD/h x ns", cost, product);
    int64_t bill_nusd = pricing_sum_nusd(product);
    int64_t difference = bill_nusd - lives->bill_nusd;
    int64_t rounding = lives->count / 2 + 1;
    if (difference > rounding || difference < -rounding)
        return contradiction(error, "container time x price and the sum of bills in 1e-9 USD", bill_nusd,
                             lives->bill_nusd);
    return SIM_OK;
}

/* Container time by state, once from the numbers in each state and once from the lives of the containers. */
static enum sim_status audit_containers(const struct ledger *ledger, const struct pool_config *pool, size_t number,
                                        struct sim_error *error)
{
    sim_int128 states_ns = 0;
    sim_int128 billed_ns = 0;
    sim_int128 cost = 0;
    for (size_t b = 1; b < ledger->result.block_count; b++) {
        const struct pool_tally *tally = &ledger->result.blocks[b].pools[number];
        for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
            states_ns += tally->state_ns[i];
        for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
            cost += tally->cost[i];
        billed_ns -= pool->bill_starting ? tally->unbilled_ns : tally->state_ns[CONTAINER_STARTING];
    }
    billed_ns += states_ns;
    const struct ledger_lives *lives = &ledger->lives[number];
    if (lives->open.count || lives->ended.count)
        return contradiction(error, "containers left open, and none",
                             (sim_int128)lives->open.count + (sim_int128)lives->ended.count, 0);
    if (states_ns != lives->life_ns)
        return contradiction(error, "container time by state and by life in ns", states_ns, lives->life_ns);
    return audit_bills(lives, pool, billed_ns, cost, error);
}

enum sim_status ledger_audit(const struct ledger *ledger, const struct world_config *config, struct sim_error *error)
{
    enum sim_status status = audit_requests(ledger, config, error);
    if (status == SIM_OK)
        status = audit_little(ledger, error);
    for (size_t i = 0; i < config->pool_count && status == SIM_OK; i++)
        status = audit_containers(ledger, &config->pools[i], i, error);
    return status;
}
