/* catalogue.h - what GPUs there are and what they cost, with the source and date of every price.
 *
 * The files scenarios/catalogue/gpus.yaml and prices.yaml are bound to one struct catalogue by the two tables below.
 * Sources disagree and prices change, so a provider may have several rows for one GPU; the rule at
 * catalogue_price_find says which one a scenario gets.
 *
 * Prices are picodollars per hour, which holds every published price per second or hour exactly. Dates are text as
 * 2025, 2025-02 or 2025-12-26: as exact as the source, compared from the left.
 */
#ifndef SCENARIOS_CATALOGUE_H
#define SCENARIOS_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"
#include "sim/field.h"

struct catalogue_gpu {
    const char *gpu;
    double memory_gb;
    double bandwidth_gb_per_s; /* of its memory */
    double fp16_tflop_per_s;   /* dense, tensor cores; 0: not known */
    double power_w;
    double idle_power_w; /* 0: not known */
    const char *source;
};

struct catalogue_price {
    const char *provider;
    const char *gpu;
    const char *kind; /* on-demand, spot or serverless */
    int64_t price_pusd_per_h;
    const char *date;
    const char *source;
};

/* What a provider bills beside the GPU. */
struct catalogue_resource {
    const char *provider;
    int64_t core_pusd_per_h;       /* one physical core */
    int64_t memory_pusd_per_gib_h; /* one GiB */
    const char *date;
    const char *source;
};

struct catalogue {
    struct catalogue_gpu *gpus;
    size_t gpu_count;
    struct catalogue_price *prices;
    size_t price_count;
    struct catalogue_resource *resources;
    size_t resource_count;
};

extern const struct sim_field_table catalogue_gpus_table;   /* gpus.yaml, a struct catalogue */
extern const struct sim_field_table catalogue_prices_table; /* prices.yaml, the same struct catalogue */

/* The GPU of that name; NULL if there is none. Linear in the number of GPUs. */
const struct catalogue_gpu *catalogue_find_gpu(const struct catalogue *catalogue, const char *name);

/* The price that holds for a scenario: of its provider and GPU, the row with the newest date that is not after `day`;
 * if all are after it, the oldest. Of rows with one date, the first. `day` is a date, with or without a time of
 * day; "" is later than any. `kind` may be "" where the provider has one kind of price for the GPU.
 * SIM_BAD_INPUT, with *price untouched: there is no such price, or `kind` is "" and there are several kinds.
 * Linear in the number of prices.
 */
SIM_MUST_USE enum sim_status catalogue_price_find(const struct catalogue *catalogue, const char *provider,
                                                  const char *gpu, const char *kind, const char *day,
                                                  const struct catalogue_price **price, struct sim_error *error);

/* What the provider bills for cores and memory, chosen by date as above; NULL if it bills none. */
const struct catalogue_resource *catalogue_find_resource(const struct catalogue *catalogue, const char *provider,
                                                         const char *day);

#endif
