/* relay.c - which segments are true. */
#include "analysis/relay.h"

#include <math.h>
#include <stdlib.h>

#include "models/rate.h"
#include "sim/memory.h"

enum {
    RECENT = 8,     /* judgements that are remembered */
    RECENT_BAD = 6, /* as many wrong ones among them, and guessing does not pay */
    TRY_AGAIN = 16  /* segments after which one is guessed all the same */
};

/* Requests that are expected in the segment; a little for the containers, so that quiet times count too. */
static double work_of(const struct world_config *config, const struct segment *segment)
{
    double work = sim_time_to_s(segment->to_ns - segment->from_ns) / 100;
    for (size_t i = 0; i < config->workload_count; i++) {
        double expected = rate_expected(config, i, segment->from_ns, segment->to_ns);
        work += isfinite(expected) ? expected : 0;
    }
    return work;
}

void relay_init(struct relay *relay, const struct world_config *config, const sim_time_ns *joints, size_t joint_count)
{
    *relay = (struct relay){.config = config, .segment_count = joint_count + 1};
    relay->segments = sim_allocate(relay->segment_count, sizeof *relay->segments);
    double work = 0;
    for (size_t i = 0; i < relay->segment_count; i++) {
        struct segment *segment = &relay->segments[i];
        segment->from_ns = i ? joints[i - 1] : 0;
        segment->to_ns = i < joint_count ? joints[i] : config->duration_ns;
        segment->weight = work_of(config, segment);
        work += segment->weight;
        sim_array_init(&segment->end_state, 1);
    }
    for (size_t i = 0; i < relay->segment_count; i++)
        relay->segments[i].weight /= work;
}

static void forget(struct relay *relay, struct segment *segment)
{
    ledger_release(&segment->ledger, relay->config);
    sim_array_release(&segment->end_state);
    sim_array_init(&segment->end_state, 1);
    segment->phase = SEGMENT_OPEN;
    segment->now_ns = 0;
    segment->requests = 0;
    segment->is_true = segment->is_void = segment->has_start = false;
}

void relay_release(struct relay *relay)
{
    for (size_t i = 0; i < relay->segment_count; i++) {
        forget(relay, &relay->segments[i]);
        sim_array_release(&relay->segments[i].end_state);
    }
    free(relay->segments);
    ledger_release(&relay->total, relay->config);
    ledger_release(&relay->rest, relay->config);
}

bool relay_is_over(const struct relay *relay)
{
    return relay->settled == relay->segment_count;
}

/* ---- who does what ---- */

static bool guessing_pays(const struct relay *relay)
{
    int wrong = __builtin_popcount(relay->recent & ((1u << RECENT) - 1));
    return wrong < RECENT_BAD || relay->settled % TRY_AGAIN == 0;
}

enum relay_claim relay_take(struct relay *relay, size_t ahead, size_t *segment)
{
    size_t limit = relay->settled + 1 + (guessing_pays(relay) ? ahead : 0);
    if (relay->is_closed)
        return RELAY_NOTHING;
    for (size_t i = relay->settled; i < relay->segment_count && i < limit; i++) {
        struct segment *candidate = &relay->segments[i];
        if (candidate->phase != SEGMENT_OPEN)
            continue;
        candidate->phase = SEGMENT_RUNNING;
        candidate->is_true = i == relay->settled;
        *segment = i;
        return candidate->is_true ? RELAY_TRUTH : RELAY_GUESS;
    }
    return RELAY_NOTHING;
}

/* ---- what is true ---- */

static bool is_equal(struct sim_digest a, struct sim_digest b)
{
    return a.low == b.low && a.high == b.high;
}

/* The segment before is settled, and the guess has shown itself. */
static void judge(struct relay *relay, size_t index)
{
    struct segment *segment = &relay->segments[index];
    segment->is_true = is_equal(relay->segments[index - 1].end, segment->start);
    relay->guessed++;
    relay->wrong += !segment->is_true;
    relay->recent = relay->recent << 1 | !segment->is_true;
    if (segment->is_true)
        return;
    if (segment->phase == SEGMENT_DONE)
        forget(relay, segment);
    else
        segment->is_void = true;
}

static void add_to_total(struct relay *relay, struct ledger *ledger)
{
    if (relay->settled == 0) {
        relay->total = *ledger;
        *ledger = (struct ledger){.lives = NULL};
    } else {
        ledger_append(&relay->total, relay->config, ledger);
        ledger_release(ledger, relay->config);
    }
}

/* Nobody begins from the end of a segment once the next one is settled. */
static void settle(struct relay *relay)
{
    while (relay->settled < relay->segment_count && !relay->is_closed) {
        struct segment *segment = &relay->segments[relay->settled];
        if (segment->phase != SEGMENT_DONE || !segment->is_true)
            return;
        add_to_total(relay, &segment->ledger);
        if (relay->settled > 0)
            sim_array_release(&relay->segments[relay->settled - 1].end_state);
        relay->settled++;
        if (relay->is_enough && relay->settled < relay->segment_count && relay->is_enough(relay->context, relay)) {
            relay->is_closed = true;
            return;
        }
        if (relay->settled < relay->segment_count && relay->segments[relay->settled].has_start)
            judge(relay, relay->settled);
    }
}

bool relay_start(struct relay *relay, size_t index, struct sim_digest start)
{
    struct segment *segment = &relay->segments[index];
    segment->has_start = true;
    segment->start = start;
    if (relay->settled == index)
        judge(relay, index);
    if (!segment->is_void)
        return true;
    forget(relay, segment);
    return false;
}

void relay_end(struct relay *relay, size_t index, struct sim_digest end, struct ledger *ledger,
               struct sim_array *end_state)
{
    struct segment *segment = &relay->segments[index];
    segment->end = end;
    segment->ledger = *ledger;
    sim_array_release(&segment->end_state);
    segment->end_state = *end_state;
    *ledger = (struct ledger){.lives = NULL};
    sim_array_init(end_state, 1);
    if (segment->is_void) {
        forget(relay, segment);
        return;
    }
    segment->phase = SEGMENT_DONE;
    settle(relay);
}

void relay_give_up(struct relay *relay, size_t index)
{
    forget(relay, &relay->segments[index]);
}

void relay_cut(struct relay *relay, struct ledger *ledger, sim_time_ns at_ns)
{
    relay->rest = *ledger;
    *ledger = (struct ledger){.lives = NULL};
    relay->is_cut = true;
    relay->cut_ns = at_ns;
}

struct ledger relay_take_total(struct relay *relay)
{
    if (relay->is_cut)
        add_to_total(relay, &relay->rest);
    struct ledger total = relay->total;
    relay->total = (struct ledger){.lives = NULL};
    return total;
}

void relay_save(const struct relay *relay, struct sim_array *bytes)
{
    uint64_t counts[] = {relay->segment_count, relay->settled};
    sim_bytes_put(bytes, counts, sizeof counts);
    if (relay->settled == 0)
        return;
    const struct segment *last = &relay->segments[relay->settled - 1];
    sim_bytes_put(bytes, &last->end, sizeof last->end);
    sim_bytes_put_array(bytes, &last->end_state);
    ledger_save(&relay->total, relay->config, bytes);
}

enum sim_status relay_load(struct relay *relay, struct sim_bytes_reader *reader, struct sim_error *error)
{
    uint64_t counts[2];
    if (!sim_bytes_get(reader, counts, sizeof counts) || counts[0] != relay->segment_count || counts[1] > counts[0])
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "belongs to a run with other segments");
    if (counts[1] == 0)
        return SIM_OK;
    struct segment *last = &relay->segments[counts[1] - 1];
    if (!sim_bytes_get(reader, &last->end, sizeof last->end) || !sim_bytes_get_array(reader, &last->end_state))
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "is cut");
    enum sim_status status = ledger_load(&relay->total, relay->config, reader, error);
    if (status != SIM_OK)
        return status;
    relay->settled = counts[1];
    for (size_t i = 0; i < relay->settled; i++) {
        relay->segments[i].phase = SEGMENT_DONE;
        relay->segments[i].is_true = true;
        relay->segments[i].now_ns = relay->segments[i].to_ns;
    }
    return SIM_OK;
}

struct relay_progress relay_progress(const struct relay *relay)
{
    struct relay_progress progress = {.share = relay_is_over(relay)};
    double share = 0;
    for (size_t i = 0; i < relay->segment_count; i++) {
        const struct segment *segment = &relay->segments[i];
        sim_time_ns span_ns = segment->to_ns - segment->from_ns;
        sim_time_ns done_ns = segment->now_ns > segment->from_ns ? segment->now_ns - segment->from_ns : 0;
        share += segment->weight * (double)done_ns / (double)span_ns;
        progress.requests += segment->requests;
        if (i <= relay->settled && segment->now_ns > progress.now_ns)
            progress.now_ns = segment->now_ns;
    }
    if (progress.share < 1)
        progress.share = share < 1 ? share : 1;
    return progress;
}
