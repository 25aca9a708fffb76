/* size.h - which GPUs hold a model, or everything that a pool holds, and what they cost at the stated load.
 *
 * Memory decides whether a GPU is a candidate (models/model.h): the smallest number of equal GPUs that holds weights,
 * overheads and one request. How many containers the load needs comes from what one serves: by the pool's profile and
 * its speeds, or by a stated throughput; where neither says it, one container stands there and memory alone was asked.
 * That number is a lower bound: queues need more. Prices are those rows of the catalogue that hold at the scenario's
 * start, so every figure has a row with source and date.
 */
#ifndef ANALYSIS_SIZE_H
#define ANALYSIS_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/catalogue.h"
#include "scenarios/scenario.h"

#define SIZE_UNLIMITED INT64_MAX
#define SIZE_NONE SIZE_MAX

enum size_capacity {
    SIZE_CAPACITY_UNKNOWN,
    SIZE_CAPACITY_PROFILE, /* of the pool's profile, measured on this GPU or by the speed of it */
    SIZE_CAPACITY_ANY_GPU, /* of a profile that names no GPU: the same everywhere */
    SIZE_CAPACITY_STATED   /* the model's `throughput` */
};

/* What is to be held. */
struct size_subject {
    bool is_pool;
    size_t index;     /* of the pool, or of the model */
    size_t precision; /* of a model */
    size_t pool;      /* whose profile says what is served; SIZE_NONE: no pool */
    double weights_gb;
    double overhead_gb;   /* on each GPU */
    double input_gb;      /* that a request adds; 0: not said */
    double load_rps;      /* of the busiest hour; NaN: not known, or none */
    int64_t concurrent;   /* requests inside at once; 0: not said */
    const char *chosen;   /* GPU that the scenario names for it; "": none */
    const char *provider; /* whose prices are compared; "": everybody's */
    const char *price_kind;
};

struct size_candidate {
    const struct catalogue_gpu *gpu;
    const struct catalogue_price *price;
    int64_t gpu_count; /* of one container */
    double memory_gb;  /* of them together */
    double fixed_gb;   /* weights and overheads there */
    int64_t inputs;    /* requests that a container holds; SIZE_UNLIMITED: what they take is not said */
    enum size_capacity capacity;
    double container_rps; /* most that one container serves; NaN: not known */
    int64_t containers;   /* at the load, at least 1 */
    double usd_per_h;     /* of all of them */
    double usd_per_month;
    double waste;  /* share of that cost beyond the cheapest candidate's; NaN of a rough one */
    bool is_rough; /* what it serves is not known, but that of others is: its cost is that of one container */
    bool is_chosen;
};

struct size_list {
    struct size_subject subject;
    struct size_candidate *items; /* cheapest first, rough ones last */
    size_t count;
    size_t chosen; /* number of the cheapest candidate that is the chosen GPU; SIZE_NONE: none is */
    bool is_chosen_too_small;
    const struct catalogue_gpu *nearest; /* where nothing fits: the GPU of which gpus_max hold most; NULL: no GPU */
};

struct size_context {
    const struct scenario *scenario;
    struct scenario_settings settings; /* with which it was loaded: they hold on every GPU */
    const struct catalogue *catalogue;
    int64_t gpus_max; /* of one container */
};

/* Borrows everything. */
struct size_context size_context_of(const struct scenario *scenario, const struct scenario_settings *settings,
                                    const struct catalogue *catalogue);

/* The candidates for a model in one precision, or for what a pool holds (`models` of the pool are not empty). Cost: for
 * a pool, or a model that is alone in one, a scenario is loaded for each GPU.
 */
struct size_list size_model(const struct size_context *context, size_t model, size_t precision);
struct size_list size_pool(const struct size_context *context, size_t pool);
void size_list_release(struct size_list *list);

/* What such a list would be about. */
struct size_subject size_subject_of_model(const struct world_config *config, size_t index, size_t precision);

/* Whether weights, overheads and one request fit `gpu_count` GPUs of `memory_gb` each. */
bool size_fits(const struct size_subject *subject, double memory_gb, int64_t gpu_count);

/* Requests that such a container holds; 0: it does not even hold one. */
int64_t size_inputs(const struct size_subject *subject, double memory_gb, int64_t gpu_count);

/* Whether a price row is one of those that are compared: of the GPU, the provider and the kind ("": any), and the one
 * that holds on the scenario's day.
 */
bool size_is_price(const struct size_context *context, const struct catalogue_price *price, const char *provider,
                   const char *kind);

/* Hours of the scenario's month. */
double size_month_h(const struct size_context *context);

/* "A100-80GB x 2" */
struct size_text {
    char text[96];
};
struct size_text size_gpu_text(const struct catalogue_gpu *gpu, int64_t count);

/* Loads the scenario with the pool on another GPU, at a price of that row, with no more inputs than it holds and, of a
 * fixed pool, that many containers (0: as it is). NULL where it cannot be: its profile has no speed for the GPU. To be
 * destroyed by the caller.
 */
struct scenario *size_load(const struct size_context *context, size_t pool, const struct size_candidate *candidate,
                           int64_t containers);

#endif
