/* size_pack.h - all models of a scenario together on GPUs of one kind, none of them divided.
 *
 * Each model takes its weights, its overhead and one request; what is left of a GPU is room for more requests and
 * longer ones. Models that may run on the CPU go there, those of lowest priority first, as far as its memory reaches.
 * For every price the fewest GPUs are found that hold the rest; where gpus_max do not, models are placed in the order
 * of their priority and the others are left out.
 */
#ifndef ANALYSIS_SIZE_PACK_H
#define ANALYSIS_SIZE_PACK_H

#include "analysis/size.h"

enum size_place {
    SIZE_ON_CPU = -1,
    SIZE_LEFT_OUT = -2
};

struct size_pack {
    const struct catalogue_gpu *gpu;
    const struct catalogue_price *price;
    int64_t gpu_count;
    int32_t *places;  /* of every model of the scenario: its GPU, from 0, or an enum size_place */
    double *free_gb;  /* of every GPU */
    bool is_complete; /* nothing is left out */
    double usd_per_h;
    double usd_per_month;
};

struct size_pack_list {
    struct size_pack *items; /* complete ones first, then by cost */
    size_t count;
    size_t model_count;
    double cpu_free_gb;
};

/* Every model in its chosen precision, on each GPU that has a price. */
struct size_pack_list size_pack_all(const struct size_context *context);
void size_pack_release(struct size_pack_list *list);

/* Fewest bins of one size that hold items of these sizes, at most `bins_max`; 0: more are needed. Writes the bin of
 * every item. Exact up to a million steps of search; beyond, the best that was found.
 */
int64_t size_pack_bins(const double *sizes, size_t count, double bin, int64_t bins_max, int32_t *places);

/* GB that a model takes when it is placed: weights, one overhead, one request. */
double size_pack_need_gb(const struct size_context *context, size_t model);

#endif
