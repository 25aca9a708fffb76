/* check_served.c - the GPUs that containers of a pool may get: shares, speeds, memory and prices. */
#include <string.h>

#include "scenarios/binding.h"
#include "scenarios/catalogue.h"
#include "scenarios/check.h"

#define SHARES_TOLERANCE 1e-9

static void report_unknown_gpu(const struct catalogue *catalogue, const char *name, const struct node *node,
                               struct diagnostic_list *problems)
{
    struct suggestion search = suggest_begin(name);
    for (size_t i = 0; i < catalogue->gpu_count; i++)
        suggest_offer(&search, catalogue->gpus[i].gpu);
    diagnostic_add_suggestion(problems, check_place(node, "gpu"), search.nearest,
                              "the catalogue has no GPU '%s'; containers have as many as the pool's 'gpu' says", name);
}

static void fill_price(const struct catalogue *catalogue, const struct pool_config *pool, struct served_config *item,
                       const char *day, const struct node *node, struct diagnostic_list *problems)
{
    const struct node *given = check_given(node, "price");
    if (given)
        item->gpu_pusd_per_h = item->price_pusd_per_h;
    if (given && item->billed_as == BILLED_AS_REQUESTED)
        diagnostic_add(problems, given->key_place, "'price' means nothing here: it is billed as the requested GPU");
    if (given || item->billed_as == BILLED_AS_REQUESTED)
        return;
    struct catalogue_search search = catalogue_find_price(catalogue, pool->provider, item->gpu, pool->price_kind, day);
    if (!search.best)
        diagnostic_add(problems, check_place(node, "gpu"),
                       "what '%s' costs at '%s' is not known: give 'price', or bill it as requested", item->gpu,
                       pool->provider);
    else if (search.has_several_kinds)
        diagnostic_add(problems, check_place(node, "gpu"), "'%s' has several prices of '%s': choose with 'price_kind'",
                       pool->provider, item->gpu);
    else
        item->gpu_pusd_per_h = search.best->price_pusd_per_h;
}

/* Against the GPU that the profile was measured on; 0: not known. */
static double profile_speed(const struct profile_config *profile, const char *gpu)
{
    if (!profile->gpu || !profile->gpu[0])
        return 1;
    if (strcmp(profile->gpu, gpu) == 0)
        return 1;
    for (size_t i = 0; i < profile->speed_count; i++)
        if (strcmp(profile->speeds[i].gpu, gpu) == 0)
            return profile->speeds[i].factor;
    return 0;
}

static void fill_speed(const struct pool_config *pool, struct served_config *item, const struct node *node,
                       struct diagnostic_list *problems)
{
    if (check_given(node, "speed"))
        return;
    double own = profile_speed(&pool->profile, item->gpu);
    double requested = profile_speed(&pool->profile, pool->gpu);
    item->speed = own > 0 && requested > 0 ? own / requested : 1;
    if (!(own > 0))
        diagnostic_add(problems, node->place, "profile '%s' does not know how fast '%s' is: give 'speed'",
                       pool->profile.name, item->gpu);
}

static void fill_item(const struct catalogue *catalogue, const struct pool_config *pool, struct served_config *item,
                      const char *day, const struct node *node, struct diagnostic_list *problems)
{
    if (!check_given(node, "attempt_failure"))
        item->attempt_failure = -1;
    if (!check_given(node, "gpu") || !check_is_sound(node, "gpu"))
        return;
    const struct catalogue_gpu *gpu = catalogue_find_gpu(catalogue, item->gpu);
    if (!gpu) {
        report_unknown_gpu(catalogue, item->gpu, node, problems);
        return;
    }
    item->memory_gb = gpu->memory_gb;
    fill_price(catalogue, pool, item, day, node, problems);
    fill_speed(pool, item, node, problems);
}

/* Shares as they are, or made from how often each can be had when those before cannot. */
static void fill_shares(struct pool_config *pool, const struct node *list, struct diagnostic_list *problems)
{
    double sum = 0;
    double left = 1;
    const struct node *first = list->first;
    const char *key = first && check_given(first, "available") ? "available" : "share";
    const struct node *node = first;
    for (size_t i = 0; node && i < pool->served_count; i++, node = node->next) {
        struct served_config *item = &pool->served_by[i];
        if (node->is_wrong || !check_is_sound(node, "share") || !check_is_sound(node, "available"))
            return;
        if (!check_given(node, key) || (check_given(node, "share") && check_given(node, "available"))) {
            diagnostic_add(problems, node->place,
                           "items of 'served_by' give either all a 'share' or all how often they are 'available'");
            return;
        }
        if (key[0] == 'a')
            item->share = left * item->available;
        left -= item->share;
        sum += item->share;
    }
    if (sum > 1 + SHARES_TOLERANCE)
        diagnostic_add(problems, list->place, "the shares of 'served_by' add up to %.10g%%, more than 100%%",
                       100 * sum);
}

void check_served(const struct catalogue *catalogue, struct pool_config *pool, const char *day, const struct node *node,
                  struct diagnostic_list *problems)
{
    const struct node *list = check_given(node, "served_by");
    if (!list || list->is_wrong)
        return;
    if (pool->gpu[0] == '\0') {
        diagnostic_add(problems, list->key_place, "'served_by' needs the 'gpu' that is asked for");
        return;
    }
    if (pool->served_count > SERVED_MAX) {
        diagnostic_add(problems, list->place, "'served_by' has more than %d items", SERVED_MAX);
        return;
    }
    const struct node *item = list->first;
    for (size_t i = 0; item && i < pool->served_count; i++, item = item->next)
        if (!item->is_wrong)
            fill_item(catalogue, pool, &pool->served_by[i], day, item, problems);
    fill_shares(pool, list, problems);
}
