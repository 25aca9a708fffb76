/* served.h - which GPU a container really gets, where that may be another one than was asked for.
 *
 * A platform may serve a request for one GPU with another (Modal documents upgrades of A100 and H100, and a list of
 * GPUs to fall back on, https://modal.com/docs/guide/gpu), or a scenario may try cheaper ones first. Which one it is is
 * drawn for every container from a stream of its own, so what callers do does not change. The GPUs of one container
 * are alike, and as many as were asked for.
 *
 * A container's GPU has a number: 0 is the one that was asked for, i the i-th item of `served_by`.
 */
#ifndef MODELS_SERVED_H
#define MODELS_SERVED_H

#include <stddef.h>
#include <stdint.h>

#include "sim/field.h"

enum {
    SERVED_MAX = 4 /* items of `served_by` */
};

enum billed_as {
    BILLED_AS_REQUESTED, /* at the price of the GPU that was asked for */
    BILLED_AS_OWN
};

struct served_config {
    const char *gpu;  /* name in the catalogue */
    double share;     /* of containers; all of a pool add up to 1 at most */
    double available; /* in place of it; the loader makes shares of it. 0: not given */
    double speed;     /* of the main stage against that on the requested GPU; 2: takes half the time */
    int32_t billed_as;
    double attempt_failure;   /* share of attempts that fail at their end; below 0: the pool's */
    int64_t price_pusd_per_h; /* 0: taken from the catalogue */
    /* Set by the loader: */
    double memory_gb;       /* of one GPU */
    int64_t gpu_pusd_per_h; /* price of one, where it is billed as its own */
};

struct pool_config;
struct world_config;

/* The GPU of a container by `luck`, equally likely in [0, 1). */
uint32_t served_choose(const struct pool_config *pool, double luck);

/* Speed of the main stage, share of attempts that fail, and memory of a container in bytes (0: not known). */
double served_speed(const struct pool_config *pool, uint32_t gpu);
double served_failure(const struct pool_config *pool, uint32_t gpu);
int64_t served_memory_bytes(const struct pool_config *pool, uint32_t gpu);

/* Name of a container's GPU, "none" where it has none, into `name` of `size` bytes, and a number for it that is the
 * same for equal names of all pools; below SERVED_MAX + 1 times the number of pools.
 */
void served_name(const struct pool_config *pool, uint32_t gpu, char *name, size_t size);
int32_t served_name_number(const struct world_config *config, size_t pool, uint32_t gpu);

extern const struct sim_field_table served_config_table;

#endif
