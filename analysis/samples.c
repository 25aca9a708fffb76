/* samples.c - sorting rows into sections and classes. */
#include "analysis/samples.h"

#include <stdlib.h>
#include <string.h>

#include "sim/error.h"
#include "sim/memory.h"

struct samples {
    size_t replication_count;
    size_t block_count;
    size_t class_count;
    sim_time_ns *block_ends;
    struct sim_array *values; /* int64_t; by section, class, duration */
};

static size_t place(const struct samples *samples, size_t section, size_t class_index, enum tally_duration duration)
{
    return (section * samples->class_count + class_index) * DURATION_COUNT + (size_t)duration;
}

struct samples *samples_create(const struct world_config *config, size_t replication_count,
                               const sim_time_ns *block_ends, size_t block_count)
{
    struct samples *samples = sim_allocate(1, sizeof *samples);
    samples->replication_count = replication_count;
    samples->block_count = block_count;
    samples->class_count = result_class_count(config);
    samples->block_ends = sim_allocate(block_count, sizeof *samples->block_ends);
    memcpy(samples->block_ends, block_ends, block_count * sizeof *block_ends);
    size_t count = place(samples, samples_section_count(samples), 0, 0);
    samples->values = sim_allocate(count, sizeof *samples->values);
    for (size_t i = 0; i < count; i++)
        sim_array_init(&samples->values[i], sizeof(int64_t));
    return samples;
}

void samples_destroy(struct samples *samples)
{
    if (!samples)
        return;
    for (size_t i = 0; i < place(samples, samples_section_count(samples), 0, 0); i++)
        sim_array_release(&samples->values[i]);
    free(samples->values);
    free(samples->block_ends);
    free(samples);
}

int64_t samples_duration(const struct request_row *row, enum tally_duration duration)
{
    switch (duration) {
    case DURATION_LATENCY:
        return row->end_ns - row->arrival_ns;
    case DURATION_WAIT:
        return row->start_ns < 0 ? -1 : row->start_ns - row->arrival_ns;
    case DURATION_TTFT:
        return row->first_ns < 0 ? -1 : row->first_ns - row->arrival_ns;
    case DURATION_TPOT:
        if (row->first_ns < 0 || row->output_tokens < 2)
            return -1;
        return (row->end_ns - row->first_ns) / (row->output_tokens - 1);
    default:
        return -1;
    }
}

static size_t block_of(const struct samples *samples, sim_time_ns arrival_ns)
{
    size_t block = 0;
    while (block + 1 < samples->block_count && arrival_ns >= samples->block_ends[block])
        block++;
    return block;
}

void samples_add(struct samples *samples, const struct request_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct request_row *row = &rows[i];
        if (!row->is_counted || row->outcome != OUTCOME_COMPLETED)
            continue;
        sim_assert((size_t)row->replication < samples->replication_count);
        sim_assert((size_t)row->class_index < samples->class_count);
        size_t section = (size_t)row->replication * samples->block_count + block_of(samples, row->arrival_ns);
        for (enum tally_duration duration = 0; duration < DURATION_COUNT; duration++) {
            int64_t value = samples_duration(row, duration);
            if (value < 0)
                continue;
            struct sim_array *values = &samples->values[place(samples, section, (size_t)row->class_index, duration)];
            size_t index = sim_array_add(values);
            ((int64_t *)values->items)[index] = value;
        }
    }
}

size_t samples_section_count(const struct samples *samples)
{
    return samples->replication_count * samples->block_count;
}

const struct sim_array *samples_values(const struct samples *samples, size_t section, size_t class_index,
                                       enum tally_duration duration)
{
    sim_assert(section < samples_section_count(samples) && class_index < samples->class_count);
    return &samples->values[place(samples, section, class_index, duration)];
}
