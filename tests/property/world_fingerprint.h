/* world_fingerprint.h - all that came out of a random world in one number, to tell whether two runs were the same. */
#ifndef TESTS_PROPERTY_WORLD_FINGERPRINT_H
#define TESTS_PROPERTY_WORLD_FINGERPRINT_H

#include "sim/state.h"
#include "tests/property/world_random.h"

static inline size_t field_size(const struct sim_field *field)
{
    switch (field->type) {
    case SIM_FIELD_UINT8:
        return 1;
    case SIM_FIELD_INT32:
    case SIM_FIELD_CHOICE:
        return 4;
    default:
        return 8;
    }
}

/* By column, because rows have gaps between their members. */
static inline void feed_rows(struct sim_digest *digest, const struct sim_field_table *table, const void *rows,
                             size_t count)
{
    sim_digest_add(digest, count);
    for (size_t i = 0; i < count; i++) {
        for (size_t f = 0; f < table->count; f++) {
            uint64_t value = 0;
            memcpy(&value, (const char *)rows + i * table->item_size + table->fields[f].offset,
                   field_size(&table->fields[f]));
            sim_digest_add(digest, value);
        }
    }
}

static inline void feed_words(struct sim_digest *digest, const void *memory, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word;
        memcpy(&word, (const char *)memory + i, 8);
        sim_digest_add(digest, word);
    }
}

static inline void feed_durations(struct sim_digest *digest, const struct sim_histogram_pack *packs)
{
    for (int i = 0; i < DURATION_COUNT; i++) {
        sim_digest_add(digest, (uint64_t)packs[i].sum);
        sim_digest_add(digest, packs[i].size);
        for (size_t k = 0; k < packs[i].size; k++)
            sim_digest_add(digest, packs[i].bytes[k]);
    }
}

static inline void feed_result(struct sim_digest *digest, const struct world_case *c)
{
    const struct replication_result *result = &c->result;
    for (size_t b = 0; b < result->block_count; b++) {
        for (size_t i = 0; i < result_class_count(&c->config); i++) {
            feed_words(digest, &result->blocks[b].requests[i], sizeof(struct request_tally));
            feed_durations(digest, result->blocks[b].durations[i]);
        }
        for (size_t i = 0; i < c->config.pool_count; i++)
            feed_words(digest, &result->blocks[b].pools[i], sizeof(struct pool_tally));
    }
    feed_rows(digest, &series_row_table, result->series, result->series_count);
    feed_rows(digest, &alert_row_table, result->alerts.items, result->alerts.count);
    for (size_t i = 0; i < c->config.pool_count; i++) {
        sim_digest_add(digest, (uint64_t)result->bill_nusd[i]);
        sim_digest_add(digest, (uint64_t)result->saturated_ns[i]);
    }
    sim_digest_add(digest, (uint64_t)result->first_arrival_ns);
    sim_digest_add(digest, (uint64_t)result->last_completion_ns);
    sim_digest_add(digest, result->event_count);
}

static inline void feed_all_rows(struct sim_digest *digest, const struct case_rows *rows)
{
    feed_rows(digest, &request_row_table, rows->requests, rows->request_count);
    feed_rows(digest, &container_row_table, rows->containers, rows->container_count);
    feed_rows(digest, &decision_row_table, rows->decisions, rows->decision_count);
}

static inline struct sim_digest fingerprint(const struct world_case *c, bool with_rows)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    feed_result(&digest, c);
    if (with_rows)
        feed_all_rows(&digest, &c->rows);
    return digest;
}

static inline bool same(struct sim_digest a, struct sim_digest b)
{
    return a.low == b.low && a.high == b.high;
}

#endif
