/* samples.c - sorting rows into sections and classes. */
#include "analysis/samples.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/scope.h"
#include "sim/error.h"
#include "sim/memory.h"

struct samples {
    size_t replication_count;
    size_t block_count;
    size_t class_count;
    sim_time_ns *block_ends;
    bool *is_streamed;        /* by class: output leaves before the end */
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
    samples->is_streamed = sim_allocate(samples->class_count, sizeof *samples->is_streamed);
    for (size_t i = 0; i < samples->class_count; i++)
        samples->is_streamed[i] = scope_is_streamed_pool(config, scope_class_pool(config, i));
    size_t count = place(samples, samples_section_count(samples), 0, 0);
    samples->values = sim_allocate(count, sizeof *samples->values);
    for (size_t i = 0; i < count; i++)
        sim_array_init(&samples->values[i], sizeof(int64_t));
    return samples;
}

struct samples *samples_create_for(const struct run_result *result)
{
    const struct replication_result *first = &result->replications[0];
    sim_time_ns *ends = sim_allocate(first->block_count - 1, sizeof *ends);
    for (size_t i = 1; i < first->block_count; i++)
        ends[i - 1] = first->blocks[i].to_ns;
    struct samples *samples = samples_create(result->config, result->replication_count, ends, first->block_count - 1);
    free(ends);
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
    free(samples->is_streamed);
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
    size_t low = 0;
    size_t high = samples->block_count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (arrival_ns >= samples->block_ends[middle])
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_row(struct samples *samples, const struct request_row *row)
{
    size_t class_index = (size_t)row->class_index;
    sim_assert((size_t)row->replication < samples->replication_count && class_index < samples->class_count);
    size_t section = (size_t)row->replication * samples->block_count + block_of(samples, row->arrival_ns);
    for (enum tally_duration duration = 0; duration < DURATION_COUNT; duration++) {
        int64_t value = samples_duration(row, duration);
        bool is_of_stream = duration == DURATION_TTFT || duration == DURATION_TPOT;
        if (value < 0 || (is_of_stream && !samples->is_streamed[class_index]))
            continue;
        struct sim_array *values = &samples->values[place(samples, section, class_index, duration)];
        size_t index = sim_array_add(values);
        ((int64_t *)values->items)[index] = value;
    }
}

void samples_add(struct samples *samples, const struct request_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].is_counted && rows[i].outcome == OUTCOME_COMPLETED)
            add_row(samples, &rows[i]);
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

bool samples_agree(const struct samples *samples, const struct run_result *result)
{
    for (size_t section = 0; section < samples_section_count(samples); section++) {
        const struct replication_result *replication = &result->replications[section / samples->block_count];
        const struct result_block *block = &replication->blocks[1 + section % samples->block_count];
        for (size_t i = 0; i < samples->class_count; i++)
            for (enum tally_duration duration = 0; duration < DURATION_RTF; duration++)
                if (samples_values(samples, section, i, duration)->count != block->durations[i][duration].count)
                    return false;
    }
    return true;
}
