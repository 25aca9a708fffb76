/* catalogue.c - the keys of the catalogue's files, and the choice of a price. */
#include "scenarios/catalogue.h"

#include <stdbool.h>
#include <string.h>

#define ITEM(owner, member, key, kind, unit_text, initial_text, help_text)                                      \
    {                                                                                                           \
        .name = (key), .type = SIM_FIELD_##kind, .offset = offsetof(struct owner, member), .unit = (unit_text), \
        .initial = (initial_text), .help = (help_text)                                                          \
    }
#define AMOUNT(owner, member, key, unit_text, high, initial_text, help_text)                                    \
    {                                                                                                           \
        .name = (key), .type = SIM_FIELD_DOUBLE, .offset = offsetof(struct owner, member), .unit = (unit_text), \
        .lowest = 0, .highest = (high), .initial = (initial_text), .help = (help_text)                          \
    }
#define LIST(member, counter, item_table, initial_text, help_text)                                         \
    {                                                                                                      \
        .name = #member, .type = SIM_FIELD_LIST, .offset = offsetof(struct catalogue, member), .unit = "", \
        .initial = (initial_text), .help = (help_text), .table = (item_table),                             \
        .count_offset = offsetof(struct catalogue, counter)                                                \
    }
#define COUNT(fields) (sizeof(fields) / sizeof *(fields))

#define REQUIRED NULL

static const struct sim_field gpu_fields[] = {
    ITEM(catalogue_gpu, gpu, "gpu", TEXT, "", REQUIRED, "what scenarios call it"),
    AMOUNT(catalogue_gpu, memory_gb, "memory", "GB", 1e6, REQUIRED, "memory"),
    AMOUNT(catalogue_gpu, bandwidth_gb_per_s, "bandwidth", "GB/s", 1e6, REQUIRED, "bandwidth of its memory"),
    AMOUNT(catalogue_gpu, fp16_tflop_per_s, "fp16", "TFLOP/s", 1e6, "0 TFLOP/s",
           "speed of its tensor cores in FP16 without sparsity; 0: not known"),
    AMOUNT(catalogue_gpu, power_w, "power", "W", 1e5, REQUIRED, "power at full load"),
    AMOUNT(catalogue_gpu, idle_power_w, "idle_power", "W", 1e5, "0 W",
           "power with a model loaded and no work; 0: not known"),
    ITEM(catalogue_gpu, source, "source", TEXT, "", REQUIRED, "where the figures come from"),
};
static const struct sim_field_table gpu_table = {"gpu", gpu_fields, COUNT(gpu_fields), sizeof(struct catalogue_gpu)};

static const struct sim_field price_fields[] = {
    ITEM(catalogue_price, provider, "provider", TEXT, "", REQUIRED, "whose price it is"),
    ITEM(catalogue_price, gpu, "gpu", TEXT, "", REQUIRED, "name of the GPU in gpus.yaml"),
    ITEM(catalogue_price, kind, "kind", TEXT, "", REQUIRED, "on-demand, spot or serverless"),
    ITEM(catalogue_price, price_pusd_per_h, "price", INT64, "USD/h", REQUIRED, "price of one GPU"),
    ITEM(catalogue_price, date, "date", TEXT, "", REQUIRED, "date of the source: 2025, 2025-02 or 2025-12-26"),
    ITEM(catalogue_price, source, "source", TEXT, "", REQUIRED, "where the price was read"),
};
static const struct sim_field_table price_table = {"price", price_fields, COUNT(price_fields),
                                                   sizeof(struct catalogue_price)};

static const struct sim_field resource_fields[] = {
    ITEM(catalogue_resource, provider, "provider", TEXT, "", REQUIRED, "whose price it is"),
    ITEM(catalogue_resource, core_pusd_per_h, "core", INT64, "USD/core/h", REQUIRED, "price of a physical core"),
    ITEM(catalogue_resource, memory_pusd_per_gib_h, "memory", INT64, "USD/GiB/h", REQUIRED, "price of memory"),
    ITEM(catalogue_resource, date, "date", TEXT, "", REQUIRED, "date of the source: 2025, 2025-02 or 2025-12-26"),
    ITEM(catalogue_resource, source, "source", TEXT, "", REQUIRED, "where the price was read"),
};
static const struct sim_field_table resource_table = {"resource", resource_fields, COUNT(resource_fields),
                                                      sizeof(struct catalogue_resource)};

static const struct sim_field gpus_fields[] = {
    LIST(gpus, gpu_count, &gpu_table, REQUIRED, "GPUs that scenarios may name"),
};
const struct sim_field_table catalogue_gpus_table = {"GPU list", gpus_fields, COUNT(gpus_fields),
                                                     sizeof(struct catalogue)};

static const struct sim_field prices_fields[] = {
    LIST(prices, price_count, &price_table, REQUIRED, "prices of GPUs"),
    LIST(resources, resource_count, &resource_table, "", "prices of cores and memory"),
};
const struct sim_field_table catalogue_prices_table = {"price list", prices_fields, COUNT(prices_fields),
                                                       sizeof(struct catalogue)};

const struct catalogue_gpu *catalogue_find_gpu(const struct catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->gpu_count; i++)
        if (strcmp(catalogue->gpus[i].gpu, name) == 0)
            return &catalogue->gpus[i];
    return NULL;
}

/* Whether a row of date `date` goes before one of date `best`. A date without month or day begins the year or month:
 * it compares lower than every longer date that it begins, which is what text comparison says.
 */
static bool is_preferred(const char *date, const char *best, const char *day)
{
    bool is_late = *day != '\0' && strcmp(date, day) > 0;
    bool is_best_late = *day != '\0' && strcmp(best, day) > 0;
    if (is_late != is_best_late)
        return is_best_late;
    return is_late ? strcmp(date, best) < 0 : strcmp(date, best) > 0;
}

static bool is_price_of(const struct catalogue_price *price, const char *provider, const char *gpu, const char *kind)
{
    return strcmp(price->provider, provider) == 0 && strcmp(price->gpu, gpu) == 0 &&
           (*kind == '\0' || strcmp(price->kind, kind) == 0);
}

enum sim_status catalogue_price_find(const struct catalogue *catalogue, const char *provider, const char *gpu,
                                     const char *kind, const char *day, const struct catalogue_price **price,
                                     struct sim_error *error)
{
    const struct catalogue_price *best = NULL;
    for (size_t i = 0; i < catalogue->price_count; i++) {
        const struct catalogue_price *row = &catalogue->prices[i];
        if (!is_price_of(row, provider, gpu, kind))
            continue;
        if (best && strcmp(best->kind, row->kind) != 0)
            return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                                 "provider '%s' has several kinds of price for %s: say 'price_kind: %s' or '%s'",
                                 provider, gpu, best->kind, row->kind);
        if (!best || is_preferred(row->date, best->date, day))
            best = row;
    }
    if (!best)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "the catalogue has no %s%sprice of provider '%s' for %s",
                             kind, *kind ? " " : "", provider, gpu);
    *price = best;
    return SIM_OK;
}

const struct catalogue_resource *catalogue_find_resource(const struct catalogue *catalogue, const char *provider,
                                                         const char *day)
{
    const struct catalogue_resource *best = NULL;
    for (size_t i = 0; i < catalogue->resource_count; i++) {
        const struct catalogue_resource *row = &catalogue->resources[i];
        if (strcmp(row->provider, provider) == 0 && (!best || is_preferred(row->date, best->date, day)))
            best = row;
    }
    return best;
}
