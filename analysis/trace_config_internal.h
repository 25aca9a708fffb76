/* trace_config_internal.h - rows and tables in which a configuration is written and read. */
#ifndef ANALYSIS_TRACE_CONFIG_INTERNAL_H
#define ANALYSIS_TRACE_CONFIG_INTERNAL_H

#include "analysis/trace_config.h"
#include "models/config.h"

/* A class with what analysis asks about its distributions. */
struct class_row {
    int32_t workload;
    int32_t pool; /* of its own; -1: the workload's */
    const char *name;
    double share;
    double prefix_hit;
    double input_tokens;
    double output_tokens;
    double work;
    double audio_s;
    double memory_gb;
};

/* A GPU that containers may get with the pool that has it. */
struct served_row {
    int32_t pool;
    struct served_config served;
};

/* A later price with the pool that has it. */
struct price_row {
    int32_t pool;
    struct price_change change;
};

/* A rule with the pool that has it. */
struct rule_row {
    int32_t pool;
    const char *name;
};

struct config_tables {
    const struct sim_field_table *scenario;
    const struct sim_field_table *pools;
    const struct sim_field_table *workloads;
    const struct sim_field_table *classes;
    const struct sim_field_table *limits;
    const struct sim_field_table *prices;
    const struct sim_field_table *served;
    const struct sim_field_table *rules;
    const struct sim_field_table *alerts;
};

/* Descriptions of all of them, in the arena. */
struct config_tables trace_config_tables(struct sim_arena *arena);

#endif
