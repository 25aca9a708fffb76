/* model.h - machine-learning models: the memory that they take and where they may run.
 *
 * A pool's containers hold the models that it names. Memory is counted as planners count it: weights and overhead of
 * every model, and what each request inside adds. A GPU has the gigabytes (10^9 bytes) that its maker states; what the
 * driver keeps for itself belongs to the overhead. Several GPUs of a container hold what their memories add up to:
 * weights divide evenly, and every GPU has the overhead once. A run counts it too (service_memory.c): what models take
 * is reserved, and a request of a class takes what the model of that class says.
 */
#ifndef MODELS_MODEL_H
#define MODELS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/field.h"

enum model_place {
    MODEL_ON_GPU,
    MODEL_ON_CPU
};

/* One form of a model's weights: fp16, int4; or a use that needs other memory, as training. */
struct model_precision {
    const char *name;
    double memory_gb;           /* of the weights; 0: from the parameters */
    double bytes_per_parameter; /* 0: known by the name */
};

/* What a GPU was found to serve. */
struct model_throughput {
    const char *gpu;
    const char *precision; /* "": any */
    double rate_per_s;
};

struct model_config {
    const char *name;
    double parameters; /* 0: not known */
    double memory_gb;  /* of the weights of a model without precisions; 0: from the parameters, at 2 bytes */
    struct model_precision *precisions;
    size_t precision_count;
    double overhead_gb;     /* beside the weights, once for each GPU */
    double per_input_gb;    /* for each request inside */
    double kv_gb_per_token; /* key-value cache */
    double tokens;          /* that a request holds there */
    int32_t runs_on;        /* bits 1 << enum model_place */
    int64_t priority;       /* higher ones are placed first */
    const char *workload;   /* whose load it serves; "": none */
    const char *class;      /* of that workload; "": all */
    int32_t workload_index; /* -1: none; set by the loader */
    int32_t class_index;    /* within the workload; -1: all; set by the loader */
    double rate_per_s;      /* load in place of a workload's */
    int64_t concurrent;     /* requests, or sessions, that are inside at once at that load */
    struct model_throughput *throughput;
    size_t throughput_count;
    const char *gpu;       /* that was chosen for it; "": none */
    const char *precision; /* that was chosen; "": the first */
};

/* A model in the containers of a pool. */
struct model_use {
    const char *model;
    const char *precision; /* "": the model's own choice */
    int32_t model_index;   /* in world_config.models; the last two are set by the loader */
    int32_t precision_index;
};

/* A GPU that is looked at. */
struct sizing_gpu {
    const char *gpu;
};

/* What `capsim size` may choose from. */
struct sizing_config {
    const char *provider;    /* "": every provider */
    const char *price_kind;  /* "": every kind */
    struct sizing_gpu *gpus; /* none: every GPU of the catalogue */
    size_t gpu_count;
    int64_t gpus_max;     /* of one container; 0: 8 */
    double cpu_memory_gb; /* of the machine, for models that may run on its CPU; 0: none do */
    bool together;        /* the models are wanted at once, on GPUs of one kind */
};

extern const struct sim_field_table model_config_table;
extern const struct sim_field_table model_use_table;
extern const struct sim_field_table sizing_config_table;

/* Forms that a model can be held in, at least 1: one that names no precisions has a single one. */
size_t model_precision_count(const struct model_config *model);

/* "" of a model that names none. */
const char *model_precision_name(const struct model_config *model, size_t index);

/* The precision called `name`; of "" the chosen one; -1: there is none. */
int32_t model_find_precision(const struct model_config *model, const char *name);

/* GB of the weights; 0 where the scenario does not say. */
double model_weights_gb(const struct model_config *model, size_t index);

/* GB of weights and overhead on `gpu_count` GPUs together. */
double model_fixed_gb(const struct model_config *model, size_t index, int64_t gpu_count);

/* GB that one request inside adds, its key-value cache included. */
double model_input_gb(const struct model_config *model);

bool model_runs_on(const struct model_config *model, enum model_place place);

#endif
