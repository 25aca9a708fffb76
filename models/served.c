/* served.c - looking up what belongs to a container's GPU. */
#include "models/served.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/config.h"
#include "sim/error.h"
#include "sim/field_internal.h"

#define BYTES_PER_GB 1e9

enum {
    NAME_SIZE = 64
};

static const char *const billed_names[] = {"requested", "own", NULL};

static const struct sim_field served_fields[] = {
    ITEM(served_config, gpu, "gpu", TEXT, "", 0, 0, REQUIRED, "GPU that containers really get, as A100-80GB"),
    ITEM(served_config, share, "share", DOUBLE, "ratio", 0, 1, NO_DEFAULT,
         "share of containers; the rest gets the requested GPU"),
    ITEM(served_config, available, "available", DOUBLE, "ratio", 0, 1, NO_DEFAULT,
         "in place of shares: how often it can be had; the items are tried in order, the requested GPU comes last"),
    ITEM(served_config, speed, "speed", DOUBLE, "", 0.001, 1000, NO_DEFAULT,
         "how many times faster the main stage is than on the requested GPU; without: as the profile's speeds say, or "
         "1"),
    CHOICE(served_config, billed_as, "billed_as", billed_names, "requested", "whose price is paid"),
    ITEM(served_config, price_pusd_per_h, "price", INT64, "USD/h", 0, 0, NO_DEFAULT,
         "its own price in place of the catalogue's"),
    ITEM(served_config, attempt_failure, "attempt_failure", DOUBLE, "ratio", 0, 1, NO_DEFAULT,
         "share of attempts that fail on it at their end; without: as in the pool"),
};
const struct sim_field_table served_config_table = {
    "item of served_by", served_fields, sizeof served_fields / sizeof *served_fields, sizeof(struct served_config)};

/* NULL: the requested GPU. */
static const struct served_config *item_of(const struct pool_config *pool, uint32_t gpu)
{
    sim_assert(gpu <= pool->served_count);
    return gpu ? &pool->served_by[gpu - 1] : NULL;
}

uint32_t served_choose(const struct pool_config *pool, double luck)
{
    double sum = 0;
    for (size_t i = 0; i < pool->served_count; i++) {
        sum += pool->served_by[i].share;
        if (luck < sum)
            return (uint32_t)i + 1;
    }
    return 0;
}

double served_speed(const struct pool_config *pool, uint32_t gpu)
{
    const struct served_config *item = item_of(pool, gpu);
    return item ? item->speed : 1;
}

double served_failure(const struct pool_config *pool, uint32_t gpu)
{
    const struct served_config *item = item_of(pool, gpu);
    return item && item->attempt_failure >= 0 ? item->attempt_failure : pool->attempt_failure;
}

int64_t served_memory_bytes(const struct pool_config *pool, uint32_t gpu)
{
    const struct served_config *item = item_of(pool, gpu);
    double memory_gb = item ? item->memory_gb : pool->gpu_memory_gb;
    return (int64_t)llround(memory_gb * BYTES_PER_GB) * pool->gpu_count;
}

/* ---- names ---- */

void served_name(const struct pool_config *pool, uint32_t gpu, char *name, size_t size)
{
    const struct served_config *item = item_of(pool, gpu);
    const char *text = item ? item->gpu : pool->gpu;
    int length = text ? (int)strcspn(text, " ") : 0;
    (void)snprintf(name, size, "%.*s", length ? length : 4, length ? text : "none");
}

int32_t served_name_number(const struct world_config *config, size_t pool, uint32_t gpu)
{
    char name[NAME_SIZE];
    char other[NAME_SIZE];
    served_name(&config->pools[pool], gpu, name, sizeof name);
    int32_t number = 0;
    for (size_t i = 0; i < config->pool_count; i++)
        for (uint32_t k = 0; k <= config->pools[i].served_count; k++, number++) {
            served_name(&config->pools[i], k, other, sizeof other);
            if (strcmp(name, other) == 0)
                return number;
        }
    sim_assert_failed("the name is one of the list", __FILE__, __LINE__);
    return -1;
}
