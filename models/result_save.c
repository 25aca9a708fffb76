/* result_save.c - replications to bytes and back. Nothing in the bytes is believed: a checkpoint may be cut. */
#include <stdlib.h>
#include <string.h>

#include "models/result.h"
#include "sim/bytes.h"
#include "sim/memory.h"

struct header {
    char magic[8];
    uint64_t block_count;
    uint64_t class_count;
    uint64_t pool_count;
    uint64_t series_count;
    uint64_t tally_sizes; /* tells versions apart whose tallies differ */
    sim_time_ns first_arrival_ns;
    sim_time_ns last_completion_ns;
    uint64_t event_count;
    uint64_t interrupted;
};

static const char magic[8] = "capsim-r";

enum {
    TALLY_SIZES = sizeof(struct request_tally) * 65536 + sizeof(struct pool_tally)
};

/* What stands before the bytes of a histogram. */
struct pack_header {
    sim_uint128 sum;
    int64_t minimum;
    int64_t maximum;
    uint64_t count;
    uint64_t size;
};

/* ---- saving ---- */

static void put_pack(struct sim_array *bytes, const struct sim_histogram_pack *pack)
{
    struct pack_header header = {.sum = pack->sum,
                                 .minimum = sim_histogram_pack_minimum(pack),
                                 .maximum = sim_histogram_pack_maximum(pack),
                                 .count = pack->count,
                                 .size = pack->size};
    sim_bytes_put(bytes, &header, sizeof header);
    sim_bytes_put(bytes, pack->bytes, pack->size);
}

static void put_block(struct sim_array *bytes, const struct result_block *block, const struct world_config *config)
{
    size_t class_count = result_class_count(config);
    sim_bytes_put(bytes, &block->from_ns, sizeof block->from_ns);
    sim_bytes_put(bytes, &block->to_ns, sizeof block->to_ns);
    sim_bytes_put(bytes, block->requests, class_count * sizeof *block->requests);
    sim_bytes_put(bytes, block->pools, config->pool_count * sizeof *block->pools);
    sim_bytes_put(bytes, block->expected, config->workload_count * sizeof *block->expected);
    sim_bytes_put(bytes, block->expected_peak, config->workload_count * sizeof *block->expected_peak);
    for (size_t i = 0; i < class_count; i++)
        for (int k = 0; k < DURATION_COUNT; k++)
            put_pack(bytes, &block->durations[i][k]);
}

void replication_result_save(const struct replication_result *replication, const struct world_config *config,
                             struct sim_array *bytes)
{
    sim_assert(bytes->item_size == 1);
    struct header header = {.block_count = replication->block_count,
                            .class_count = replication->class_count,
                            .pool_count = config->pool_count,
                            .series_count = replication->series_count,
                            .tally_sizes = TALLY_SIZES,
                            .first_arrival_ns = replication->first_arrival_ns,
                            .last_completion_ns = replication->last_completion_ns,
                            .event_count = replication->event_count,
                            .interrupted = replication->interrupted};
    memcpy(header.magic, magic, sizeof magic);
    sim_bytes_put(bytes, &header, sizeof header);
    for (size_t i = 0; i < replication->block_count; i++)
        put_block(bytes, &replication->blocks[i], config);
    sim_bytes_put(bytes, replication->series, replication->series_count * sizeof *replication->series);
    sim_bytes_put(bytes, replication->bill_nusd, config->pool_count * sizeof *replication->bill_nusd);
    sim_bytes_put(bytes, replication->saturated_ns, config->pool_count * sizeof *replication->saturated_ns);
    sim_bytes_put(bytes, replication->windows,
                  replication->window_count * config->pool_count * sizeof *replication->windows);
    sim_bytes_put_array(bytes, &replication->alerts);
}

/* ---- loading ---- */

struct source {
    struct sim_bytes_reader bytes;
    struct sim_histogram *scratch;
};

static bool get(struct source *from, void *data, size_t size)
{
    return sim_bytes_get(&from->bytes, data, size);
}

static bool get_pack(struct source *from, struct sim_histogram_pack *pack)
{
    struct pack_header header;
    if (!get(from, &header, sizeof header) || header.size > from->bytes.left)
        return false;
    const unsigned char *bytes = (const unsigned char *)from->bytes.next;
    from->bytes.next += header.size;
    from->bytes.left -= header.size;
    return sim_histogram_pack_load(pack, bytes, header.size, header.sum, header.minimum, header.maximum,
                                   from->scratch) == SIM_OK &&
           pack->count == header.count;
}

static bool get_block(struct source *from, struct result_block *block, const struct world_config *config)
{
    size_t class_count = result_class_count(config);
    if (!get(from, &block->from_ns, sizeof block->from_ns) || !get(from, &block->to_ns, sizeof block->to_ns) ||
        !get(from, block->requests, class_count * sizeof *block->requests) ||
        !get(from, block->pools, config->pool_count * sizeof *block->pools) ||
        !get(from, block->expected, config->workload_count * sizeof *block->expected) ||
        !get(from, block->expected_peak, config->workload_count * sizeof *block->expected_peak))
        return false;
    for (size_t i = 0; i < class_count; i++)
        for (int k = 0; k < DURATION_COUNT; k++)
            if (!get_pack(from, &block->durations[i][k]))
                return false;
    return true;
}

static bool fits(const struct header *header, const struct world_config *config, size_t left)
{
    return memcmp(header->magic, magic, sizeof magic) == 0 && header->tally_sizes == TALLY_SIZES &&
           header->class_count == result_class_count(config) && header->pool_count == config->pool_count &&
           header->block_count <= left && header->series_count <= left / sizeof(struct series_row);
}

static bool get_replication(struct source *from, struct replication_result *replication,
                            const struct world_config *config)
{
    struct header header;
    if (!get(from, &header, sizeof header) || !fits(&header, config, from->bytes.left))
        return false;
    replication_result_init(replication, config, header.block_count);
    replication->first_arrival_ns = header.first_arrival_ns;
    replication->last_completion_ns = header.last_completion_ns;
    replication->event_count = header.event_count;
    replication->interrupted = header.interrupted != 0;
    replication->series_count = header.series_count;
    replication->series = sim_allocate(header.series_count, sizeof *replication->series);
    for (size_t i = 0; i < replication->block_count; i++)
        if (!get_block(from, &replication->blocks[i], config))
            return false;
    return get(from, replication->series, replication->series_count * sizeof *replication->series) &&
           get(from, replication->bill_nusd, config->pool_count * sizeof *replication->bill_nusd) &&
           get(from, replication->saturated_ns, config->pool_count * sizeof *replication->saturated_ns) &&
           get(from, replication->windows,
               replication->window_count * config->pool_count * sizeof *replication->windows) &&
           sim_bytes_get_array(&from->bytes, &replication->alerts) && from->bytes.left == 0;
}

enum sim_status replication_result_load(struct replication_result *replication, const struct world_config *config,
                                        const void *bytes, size_t size, struct sim_error *error)
{
    struct source from = {.bytes = {bytes, size}, .scratch = sim_allocate(1, sizeof *from.scratch)};
    *replication = (struct replication_result){0};
    bool is_good = get_replication(&from, replication, config);
    free(from.scratch);
    if (is_good)
        return SIM_OK;
    replication_result_release(replication);
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "saved counts of a run are cut, damaged or of another kind");
}
