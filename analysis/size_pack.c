/* size_pack.c - bins by backtracking, and the choice of who goes to the CPU. */
#include "analysis/size_pack.h"

#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

#define ROUNDING_GB 1e-9 /* as of check_models.c */
#define STEPS_MAX 1000000

double size_pack_need_gb(const struct size_context *context, size_t model)
{
    const struct model_config *config = &context->scenario->config.models[model];
    return model_fixed_gb(config, (size_t)model_find_precision(config, ""), 1) + model_input_gb(config);
}

/* Bins */

struct bin_search {
    const double *sizes;
    size_t *order; /* items, largest first */
    size_t count;
    double *free; /* of every bin */
    int64_t bins;
    int32_t *places;
    int64_t steps;
};

/* Whether a bin before this one has the same room: trying both would find the same. */
static bool is_repeated(const struct bin_search *search, int64_t bin)
{
    for (int64_t i = 0; i < bin; i++)
        if (search->free[i] == search->free[bin])
            return true;
    return false;
}

/* Places the items from `at` on. Its depth is the number of models, which a scenario bounds. */
static bool place_rest(struct bin_search *search, size_t at)
{
    if (at == search->count)
        return true;
    size_t item = search->order[at];
    for (int64_t bin = 0; bin < search->bins; bin++) {
        if (search->sizes[item] > search->free[bin] + ROUNDING_GB || is_repeated(search, bin))
            continue;
        if (++search->steps > STEPS_MAX)
            return false;
        double before = search->free[bin];
        search->free[bin] = before - search->sizes[item];
        search->places[item] = (int32_t)bin;
        if (place_rest(search, at + 1))
            return true;
        search->free[bin] = before;
    }
    return false;
}

static void order_by_size(const double *sizes, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 && sizes[order[at - 1]] < sizes[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

int64_t size_pack_bins(const double *sizes, size_t count, double bin, int64_t bins_max, int32_t *places)
{
    struct bin_search search = {.sizes = sizes, .count = count};
    search.places = sim_allocate(count, sizeof *search.places);
    search.order = sim_allocate(count, sizeof *search.order);
    search.free = sim_allocate((size_t)bins_max, sizeof *search.free);
    order_by_size(sizes, search.order, count);
    int64_t found = 0;
    for (int64_t bins = 1; bins <= bins_max && found == 0; bins++) {
        search.bins = bins;
        search.steps = 0;
        for (int64_t i = 0; i < bins; i++)
            search.free[i] = bin;
        if (place_rest(&search, 0))
            found = bins;
    }
    if (count > 0)
        memcpy(places, search.places, count * sizeof *places);
    free(search.places);
    free(search.order);
    free(search.free);
    return found;
}

/* Who goes where */

static int64_t priority_of(const struct size_context *context, size_t model)
{
    return context->scenario->config.models[model].priority;
}

static bool runs_on(const struct size_context *context, size_t model, enum model_place place)
{
    return model_runs_on(&context->scenario->config.models[model], place);
}

/* Of those that `wants` a CPU and are not placed, the one of lowest priority; SIZE_NONE: there is none. */
static size_t next_for_cpu(const struct size_context *context, const int32_t *places, bool only_cpu, const bool *tried)
{
    size_t best = SIZE_NONE;
    for (size_t i = 0; i < context->scenario->config.model_count; i++) {
        if (places[i] == SIZE_ON_CPU || tried[i] || !runs_on(context, i, MODEL_ON_CPU) ||
            (only_cpu && runs_on(context, i, MODEL_ON_GPU)))
            continue;
        if (best == SIZE_NONE || priority_of(context, i) < priority_of(context, best))
            best = i;
    }
    return best;
}

/* Those that run nowhere else go first. Returns what is left of the CPU's memory. */
static double place_on_cpu(const struct size_context *context, int32_t *places)
{
    size_t count = context->scenario->config.model_count;
    double free_gb = context->scenario->config.sizing.cpu_memory_gb;
    bool *tried = sim_allocate(count, sizeof *tried);
    for (size_t i = 0; i < count; i++)
        places[i] = SIZE_LEFT_OUT;
    for (int only_cpu = 1; only_cpu >= 0; only_cpu--)
        for (;;) {
            size_t model = next_for_cpu(context, places, only_cpu == 1, tried);
            if (model == SIZE_NONE)
                break;
            tried[model] = true;
            double need_gb = size_pack_need_gb(context, model);
            if (need_gb > free_gb + ROUNDING_GB)
                continue;
            places[model] = SIZE_ON_CPU;
            free_gb -= need_gb;
        }
    free(tried);
    return free_gb;
}

/* One kind of GPU */

/* The models that have to go on GPUs. */
struct group {
    size_t *models;
    double *sizes;
    int32_t *places;
    size_t count;
};

/* First those of high priority, of equal ones the larger, each on the first GPU with room. Returns the GPUs in use. */
static int64_t place_by_priority(const struct size_context *context, struct group *group, double memory_gb,
                                 int64_t gpus)
{
    double *free_gb = sim_allocate((size_t)gpus, sizeof *free_gb);
    bool *done = sim_allocate(group->count, sizeof *done);
    int64_t used = 1;
    for (int64_t i = 0; i < gpus; i++)
        free_gb[i] = memory_gb;
    for (size_t turn = 0; turn < group->count; turn++) {
        size_t best = SIZE_NONE;
        for (size_t i = 0; i < group->count; i++) {
            int64_t priority = priority_of(context, group->models[i]);
            int64_t of_best = best == SIZE_NONE ? 0 : priority_of(context, group->models[best]);
            if (!done[i] && (best == SIZE_NONE || priority > of_best ||
                             (priority == of_best && group->sizes[i] > group->sizes[best])))
                best = i;
        }
        done[best] = true;
        group->places[best] = SIZE_LEFT_OUT;
        for (int64_t gpu = 0; gpu < gpus && group->places[best] == SIZE_LEFT_OUT; gpu++)
            if (group->sizes[best] <= free_gb[gpu] + ROUNDING_GB) {
                group->places[best] = (int32_t)gpu;
                free_gb[gpu] -= group->sizes[best];
                used = gpu >= used ? gpu + 1 : used;
            }
    }
    free(free_gb);
    free(done);
    return used;
}

static void fill_pack(const struct size_context *context, struct group *group, const int32_t *cpu_places,
                      struct size_pack *pack)
{
    size_t count = context->scenario->config.model_count;
    double memory_gb = pack->gpu->memory_gb;
    int64_t bins = size_pack_bins(group->sizes, group->count, memory_gb, context->gpus_max, group->places);
    pack->is_complete = bins > 0 || group->count == 0;
    pack->gpu_count = bins > 0 ? bins : context->gpus_max;
    if (!pack->is_complete)
        pack->gpu_count = place_by_priority(context, group, memory_gb, pack->gpu_count);
    pack->places = sim_allocate(count, sizeof *pack->places);
    pack->free_gb = sim_allocate((size_t)pack->gpu_count, sizeof *pack->free_gb);
    memcpy(pack->places, cpu_places, count * sizeof *pack->places);
    for (int64_t i = 0; i < pack->gpu_count; i++)
        pack->free_gb[i] = memory_gb;
    for (size_t i = 0; i < group->count; i++) {
        pack->places[group->models[i]] = group->places[i];
        if (group->places[i] >= 0)
            pack->free_gb[group->places[i]] -= group->sizes[i];
    }
    for (size_t i = 0; i < count; i++)
        pack->is_complete = pack->is_complete && pack->places[i] != SIZE_LEFT_OUT;
    pack->usd_per_h = (double)pack->gpu_count * ((double)pack->price->price_pusd_per_h / 1e12);
    pack->usd_per_month = pack->usd_per_h * size_month_h(context);
}

static int compare_packs(const void *left, const void *right)
{
    const struct size_pack *a = left;
    const struct size_pack *b = right;
    if (a->is_complete != b->is_complete)
        return a->is_complete ? -1 : 1;
    if (a->usd_per_h != b->usd_per_h)
        return a->usd_per_h < b->usd_per_h ? -1 : 1;
    return (a->price > b->price) - (a->price < b->price);
}

static bool is_considered(const struct size_context *context, const struct catalogue_price *price)
{
    const struct sizing_config *sizing = &context->scenario->config.sizing;
    bool is_named = sizing->gpu_count == 0;
    for (size_t i = 0; i < sizing->gpu_count; i++)
        is_named = is_named || strcmp(sizing->gpus[i].gpu, price->gpu) == 0;
    return is_named && size_is_price(context, price, sizing->provider, sizing->price_kind);
}

static void add_packs(const struct size_context *context, struct group *group, const int32_t *cpu_places,
                      struct size_pack_list *list)
{
    list->items = sim_allocate(context->catalogue->price_count, sizeof *list->items);
    for (size_t i = 0; i < context->catalogue->price_count; i++) {
        const struct catalogue_price *price = &context->catalogue->prices[i];
        const struct catalogue_gpu *gpu = catalogue_find_gpu(context->catalogue, price->gpu);
        if (!gpu || !is_considered(context, price))
            continue;
        struct size_pack *pack = &list->items[list->count++];
        *pack = (struct size_pack){.gpu = gpu, .price = price};
        fill_pack(context, group, cpu_places, pack);
    }
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, compare_packs);
}

struct size_pack_list size_pack_all(const struct size_context *context)
{
    size_t count = context->scenario->config.model_count;
    struct size_pack_list list = {.model_count = count};
    int32_t *cpu_places = sim_allocate(count, sizeof *cpu_places);
    struct group group = {.models = sim_allocate(count, sizeof *group.models),
                          .sizes = sim_allocate(count, sizeof *group.sizes),
                          .places = sim_allocate(count, sizeof *group.places)};
    list.cpu_free_gb = place_on_cpu(context, cpu_places);
    for (size_t i = 0; i < count; i++)
        if (cpu_places[i] != SIZE_ON_CPU && runs_on(context, i, MODEL_ON_GPU)) {
            group.models[group.count] = i;
            group.sizes[group.count++] = size_pack_need_gb(context, i);
        }
    add_packs(context, &group, cpu_places, &list);
    free(cpu_places);
    free(group.models);
    free(group.sizes);
    free(group.places);
    return list;
}

void size_pack_release(struct size_pack_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].places);
        free(list->items[i].free_gb);
    }
    free(list->items);
}
