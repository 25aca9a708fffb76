/* catalogue.h - which GPUs there are, and what they cost, from the files in scenarios/catalogue.
 *
 * The folder is the one that the environment variable CAPSIM_CATALOGUE names; without it, going up from the program's
 * own folder, the first `scenarios/catalogue` (a checkout) or `share/capsim/catalogue` (an installation).
 */
#ifndef SCENARIOS_CATALOGUE_H
#define SCENARIOS_CATALOGUE_H

#include <stdint.h>

#include "models/config.h"
#include "scenarios/diagnostic.h"
#include "scenarios/node.h"

struct catalogue_gpu {
    const char *gpu;
    double memory_gb;
    double bandwidth_gb_per_s;
    double fp16_tflop_per_s;  /* of its tensor cores, without sparsity; 0: not known */
    double power_w;           /* highest of the whole board */
    double idle_power_w;      /* with a model loaded and no work; 0: not known */
    const char *architecture; /* the last six describe it for the reader; "" and 0: not known */
    int64_t cuda_cores;
    int64_t tensor_cores;
    double int8_top_per_s; /* of its tensor cores, without sparsity */
    const char *pcie;
    const char *form_factor;
    const char *source;
};

struct catalogue_price {
    const char *provider;
    const char *gpu;
    const char *kind; /* on-demand, spot, serverless */
    int64_t price_pusd_per_h;
    const char *source;
    const char *date; /* 2026-08-20, or as much of it as is known; later ones compare greater as text */
};

struct catalogue_resource {
    const char *provider;
    int64_t core_pusd_per_h;
    int64_t memory_pusd_per_gib_h;
    const char *source;
    const char *date;
};

struct catalogue {
    struct catalogue_gpu *gpus;
    size_t gpu_count;
    struct catalogue_price *prices;
    size_t price_count;
    struct catalogue_resource *resources;
    size_t resource_count;
};

/* The columns of a GPU. */
extern const struct sim_field_table catalogue_gpu_table;

/* Reads the catalogue into `arena`. False after problems, among them that there is no folder. */
bool catalogue_load(struct catalogue *catalogue, struct sim_arena *arena, struct diagnostic_list *problems);

/* The GPU called `name`; NULL if there is none. */
const struct catalogue_gpu *catalogue_find_gpu(const struct catalogue *catalogue, const char *name);

/* Which prices a pool may mean. */
struct catalogue_search {
    const struct catalogue_price *best; /* NULL: none */
    bool is_provider_known;
    bool has_several_kinds; /* and none was chosen: `best` is then only one of them */
};

/* Searches the prices of a provider for a GPU; `kind` may be "" for any. Sources disagree and prices change, so the
 * rule is: the newest that is not after `day`; if all are after it, the oldest; of equal dates, the first row. `day` is
 * a date, with or without a time of day; "" is later than any.
 */
struct catalogue_search catalogue_find_price(const struct catalogue *catalogue, const char *provider, const char *gpu,
                                             const char *kind, const char *day);

/* What the provider bills for cores and memory, chosen by date in the same way; NULL if it bills none. */
const struct catalogue_resource *catalogue_find_resource(const struct catalogue *catalogue, const char *provider,
                                                         const char *day);

/* Takes `text`, such as "L40S" or "A100-80GB x 2", apart. `name` has room for `size` bytes. False when it has another
 * form or the number is not from 1 to 64.
 */
bool catalogue_split_gpu(const char *text, char *name, size_t size, int64_t *count);

/* Fills what a pool gets from the catalogue: gpu_count, gpu_memory_gb, power and price. `node` is the pool's in the
 * tree; a price that stands there goes before the catalogue's, and without a GPU is that of the whole container, which
 * then counts as one GPU. Problems: unknown GPU or provider, no price, several kinds of price and none chosen.
 */
void catalogue_fill_pool(const struct catalogue *catalogue, struct pool_config *pool, const char *day,
                         const struct node *node, struct diagnostic_list *problems);

#endif
