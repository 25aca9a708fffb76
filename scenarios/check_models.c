/* check_models.c - models and the memory of pools: references, and whether what a pool holds fits its containers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/check.h"

#define BYTES_PER_GB 1e9
#define BYTES_PER_GIB 1073741824.0
#define INPUTS_MAX 4096
#define ROUNDING_GB 1e-9 /* sums of decimal figures may miss a limit by that much */

static const struct node *first_of(const struct node *node, const char *key)
{
    const struct node *list = node_member(node, key);
    return list ? list->first : NULL;
}

/* References of a model */

static int32_t find_workload(const struct world_config *config, const char *name)
{
    for (size_t i = 0; i < config->workload_count; i++)
        if (strcmp(config->workloads[i].name, name) == 0)
            return (int32_t)i;
    return -1;
}

static int32_t find_class(const struct workload_config *workload, const char *name)
{
    for (size_t i = 0; i < workload->class_count; i++)
        if (strcmp(workload->classes[i].name, name) == 0)
            return (int32_t)i;
    return -1;
}

static void check_workload_of(const struct world_config *config, struct model_config *model, const struct node *node,
                              struct diagnostic_list *problems)
{
    model->workload_index = model->workload[0] ? find_workload(config, model->workload) : -1;
    model->class_index = -1;
    if (model->workload[0] && model->workload_index < 0)
        diagnostic_add(problems, check_place(node, "workload"), "there is no workload '%s'", model->workload);
    if (!model->class[0])
        return;
    if (!model->workload[0])
        diagnostic_add(problems, check_place(node, "class"), "'class' needs 'workload' beside it");
    if (model->workload_index < 0)
        return;
    model->class_index = find_class(&config->workloads[model->workload_index], model->class);
    if (model->class_index < 0)
        diagnostic_add(problems, check_place(node, "class"), "the workload '%s' has no class '%s'", model->workload,
                       model->class);
}

static void check_gpu(const struct catalogue *catalogue, const char *text, const struct node *node,
                      struct diagnostic_list *problems)
{
    char name[64];
    int64_t count;
    if (!text[0])
        return;
    if (!catalogue_split_gpu(text, name, sizeof name, &count)) {
        diagnostic_add(problems, check_place(node, "gpu"), "expected a GPU such as 'L40S' or 'A100-80GB x 2', not '%s'",
                       text);
        return;
    }
    if (catalogue_find_gpu(catalogue, name))
        return;
    struct suggestion search = suggest_begin(name);
    for (size_t i = 0; i < catalogue->gpu_count; i++)
        suggest_offer(&search, catalogue->gpus[i].gpu);
    diagnostic_add_suggestion(problems, check_place(node, "gpu"), search.nearest, "the catalogue has no GPU '%s'",
                              name);
}

static void check_precision(const struct model_config *model, const char *name, const struct node *node,
                            struct diagnostic_list *problems)
{
    const char *wanted = name[0] ? name : model->precision;
    struct suggestion search = suggest_begin(wanted);
    if (model_find_precision(model, name) >= 0)
        return;
    for (size_t i = 0; i < model->precision_count; i++)
        suggest_offer(&search, model->precisions[i].name);
    diagnostic_add_suggestion(problems, check_place(node, "precision"), search.nearest,
                              "the model '%s' has no precision '%s'", model->name, wanted);
}

static void check_weights(const struct model_config *model, const struct node *node, struct diagnostic_list *problems)
{
    const struct node *item = first_of(node, "precisions");
    if (check_given(node, "memory") && model->precision_count > 0)
        diagnostic_add(problems, check_place(node, "memory"),
                       "'memory' is that of a model without 'precisions': give one of them");
    if (!check_is_sound(node, "memory") || !check_is_sound(node, "precisions") || !check_is_sound(node, "parameters"))
        return;
    if (model->precision_count == 0 && !(model_weights_gb(model, 0) > 0))
        diagnostic_add(problems, node->place, "the model '%s' needs 'memory', 'precisions' or 'parameters'",
                       model->name);
    for (size_t i = 0; item && i < model->precision_count; i++, item = item->next)
        if (!item->is_wrong && check_is_sound(item, "memory") && !(model_weights_gb(model, i) > 0))
            diagnostic_add(problems, item->place,
                           "the precision '%s' needs 'memory', or 'parameters' of the model and bytes for each",
                           model->precisions[i].name);
}

static void check_model(const struct world_config *config, const struct catalogue *catalogue,
                        struct model_config *model, const struct node *node, struct diagnostic_list *problems)
{
    const struct node *item = first_of(node, "throughput");
    check_workload_of(config, model, node, problems);
    check_weights(model, node, problems);
    check_gpu(catalogue, model->gpu, node, problems);
    check_precision(model, "", node, problems);
    if (check_given(node, "kv_per_token") && !(model->tokens > 0))
        diagnostic_add(problems, check_place(node, "kv_per_token"), "'kv_per_token' needs 'tokens' beside it");
    for (size_t i = 0; item && i < model->throughput_count; i++, item = item->next) {
        check_gpu(catalogue, model->throughput[i].gpu, item, problems);
        check_precision(model, model->throughput[i].precision, item, problems);
    }
}

static void check_list(const struct sizing_config *sizing, const struct catalogue *catalogue, const struct node *node,
                       struct diagnostic_list *problems)
{
    struct suggestion search = suggest_begin(sizing->provider);
    bool has_provider = sizing->provider[0] == '\0';
    bool has_kind = false;
    for (size_t i = 0; i < catalogue->price_count; i++) {
        const struct catalogue_price *price = &catalogue->prices[i];
        bool is_provider = sizing->provider[0] == '\0' || strcmp(price->provider, sizing->provider) == 0;
        suggest_offer(&search, price->provider);
        has_provider = has_provider || is_provider;
        has_kind = has_kind ||
                   (is_provider && (sizing->price_kind[0] == '\0' || strcmp(price->kind, sizing->price_kind) == 0));
    }
    if (!has_provider)
        diagnostic_add_suggestion(problems, check_place(node, "provider"), search.nearest,
                                  "the catalogue has no prices of '%s'", sizing->provider);
    else if (!has_kind)
        diagnostic_add(problems, check_place(node, "price_kind"), "the catalogue has no %s prices there",
                       sizing->price_kind);
}

static void check_sizing(const struct sizing_config *sizing, const struct catalogue *catalogue, const struct node *node,
                         struct diagnostic_list *problems)
{
    check_list(sizing, catalogue, node, problems);
    const struct node *item = first_of(node, "gpus");
    for (size_t i = 0; item && i < sizing->gpu_count; i++, item = item->next)
        if (!item->is_wrong)
            check_gpu(catalogue, sizing->gpus[i].gpu, item, problems);
}

/* What a pool holds */

static int32_t find_model(const struct world_config *config, const char *name)
{
    for (size_t i = 0; i < config->model_count; i++)
        if (strcmp(config->models[i].name, name) == 0)
            return (int32_t)i;
    return -1;
}

static bool check_use(const struct world_config *config, const struct pool_config *pool, struct model_use *use,
                      const struct node *node, struct diagnostic_list *problems)
{
    use->model_index = find_model(config, use->model);
    if (use->model_index < 0) {
        struct suggestion search = suggest_begin(use->model);
        for (size_t i = 0; i < config->model_count; i++)
            suggest_offer(&search, config->models[i].name);
        diagnostic_add_suggestion(problems, check_place(node, "model"), search.nearest, "there is no model '%s'",
                                  use->model);
        return false;
    }
    const struct model_config *model = &config->models[use->model_index];
    size_t before = problems->count;
    if (use->precision[0])
        check_precision(model, use->precision, node, problems);
    use->precision_index = model_find_precision(model, use->precision);
    enum model_place place = pool->gpu_count > 0 ? MODEL_ON_GPU : MODEL_ON_CPU;
    if (!model_runs_on(model, place) && (pool->gpu[0] || place == MODEL_ON_CPU))
        diagnostic_add(problems, check_place(node, "model"), "the model '%s' does not run on a %s ('runs_on')",
                       use->model, place == MODEL_ON_GPU ? "GPU" : "CPU");
    return problems->count == before && use->precision_index >= 0;
}

double check_pool_input_gb(const struct world_config *config, const struct pool_config *pool)
{
    double most = 0;
    for (size_t i = 0; i < pool->model_count; i++)
        most = fmax(most, model_input_gb(&config->models[pool->models[i].model_index]));
    return most;
}

double check_pool_cache_gb(const struct world_config *config, const struct pool_config *pool)
{
    double most = 0;
    if (pool->profile.stage != STAGE_CONTINUOUS_BATCHING)
        return 0;
    for (size_t i = 0; i < pool->model_count; i++)
        most = fmax(most, config->models[pool->models[i].model_index].kv_gb_per_token);
    return most * (double)pool->profile.kv_tokens;
}

static double input_without_cache_gb(const struct world_config *config, const struct pool_config *pool)
{
    double most = 0;
    for (size_t i = 0; i < pool->model_count; i++)
        most = fmax(most, config->models[pool->models[i].model_index].per_input_gb);
    return most;
}

/* "llm 6 GB + tts 4.5 GB + cache 2 GB" */
static void write_sum(const struct world_config *config, const struct pool_config *pool, char *text, size_t size)
{
    size_t used = 0;
    double cache_gb = check_pool_cache_gb(config, pool);
    text[0] = '\0';
    for (size_t i = 0; i < pool->model_count && used + 1 < size; i++) {
        const struct model_use *use = &pool->models[i];
        const struct model_config *model = &config->models[use->model_index];
        int length =
            snprintf(text + used, size - used, "%s%s %.4g GB", i > 0 ? " + " : "", model->name,
                     model_fixed_gb(model, (size_t)use->precision_index, pool->gpu_count > 0 ? pool->gpu_count : 1));
        used += length > 0 ? (size_t)length : 0;
    }
    if (cache_gb > 0 && used + 1 < size)
        snprintf(text + used, size - used, " + cache %.4g GB", cache_gb);
}

static void check_memory(const struct world_config *config, const struct pool_config *pool, const struct node *node,
                         struct diagnostic_list *problems)
{
    double cache_gb = check_pool_cache_gb(config, pool);
    double input_gb = cache_gb > 0 ? input_without_cache_gb(config, pool) : check_pool_input_gb(config, pool);
    double need_gb = pool->models_gb + cache_gb + (double)pool->max_inputs * input_gb;
    char sum[256];
    char room[96] = "";
    if (!(pool->container_gb > 0) || need_gb <= pool->container_gb + ROUNDING_GB)
        return;
    write_sum(config, pool, sum, sizeof sum);
    double fitting =
        input_gb > 0 ? floor((pool->container_gb - pool->models_gb - cache_gb + ROUNDING_GB) / input_gb) : 0;
    if (fitting >= 1)
        snprintf(room, sizeof room, "; %.0f fit", fitting);
    if (input_gb > 0)
        diagnostic_add(problems, check_place(node, "models"),
                       "the models of '%s' do not fit: %s + max_inputs %lld x %.4g GB = %.4g GB, and %s has %.4g GB%s",
                       pool->name, sum, (long long)pool->max_inputs, input_gb, need_gb,
                       pool->gpu[0] ? pool->gpu : "its memory", pool->container_gb, room);
    else
        diagnostic_add(problems, check_place(node, "models"),
                       "the models of '%s' do not fit: %s = %.4g GB, and %s has %.4g GB", pool->name, sum, need_gb,
                       pool->gpu[0] ? pool->gpu : "its memory", pool->container_gb);
}

/* max_inputs that was left out becomes what memory allows, in the tree too, so that the resolved text says it. */
static void fill_inputs(const struct world_config *config, struct pool_config *pool, struct node *node,
                        struct sim_arena *arena)
{
    double input_gb = check_pool_input_gb(config, pool);
    char text[32];
    if (check_given(node, "max_inputs") || !(input_gb > 0) || !(pool->container_gb > 0))
        return;
    double inputs = floor((pool->container_gb - pool->models_gb + ROUNDING_GB) / input_gb);
    pool->max_inputs = (int64_t)fmin(fmax(inputs, 1), INPUTS_MAX);
    struct node *given = node_member(node, "max_inputs");
    snprintf(text, sizeof text, "%lld", (long long)pool->max_inputs);
    struct node *value = node_create_scalar(arena, text, node->place);
    value->key = "max_inputs";
    value->key_place = node->place;
    if (given)
        node_assign(given, value);
    else
        node_append(node, value);
}

/* What runs count of it (`reserved_memory`). */
static void reserve(const struct world_config *config, struct pool_config *pool, const struct node *node,
                    struct diagnostic_list *problems)
{
    if (pool->reserved_memory_gb > 0)
        diagnostic_add(problems, check_place(node, "reserved_memory"),
                       "'reserved_memory' is what 'models' take: give one of them");
    else if (pool->gpu[0])
        pool->reserved_memory_gb = pool->models_gb + check_pool_cache_gb(config, pool);
}

/* The pool of that name; NULL: there is none. */
static const struct pool_config *find_pool(const struct world_config *config, const char *name)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (strcmp(config->pools[i].name, name) == 0)
            return &config->pools[i];
    return NULL;
}

static bool holds(const struct pool_config *pool, int32_t model)
{
    for (size_t i = 0; pool && pool->gpu[0] && i < pool->model_count; i++)
        if (pool->models[i].model_index == model)
            return true;
    return false;
}

/* A request takes what its model says. A cache that is reserved is not its own. */
static void fill_class(const struct world_config *config, int32_t workload, int32_t number, struct class_config *class,
                       const struct pool_config *pool)
{
    bool has_cache = pool && check_pool_cache_gb(config, pool) > 0;
    for (size_t i = 0; i < config->model_count && class->memory_gb == 0; i++) {
        const struct model_config *model = &config->models[i];
        if (model->workload_index == workload && (model->class_index < 0 || model->class_index == number) &&
            holds(pool, (int32_t)i))
            class->memory_gb = has_cache ? model->per_input_gb : model_input_gb(model);
    }
}

/* Classes that say themselves what they take keep it. */
static void fill_classes(struct world_config *config)
{
    for (size_t i = 0; i < config->workload_count; i++) {
        struct workload_config *workload = &config->workloads[i];
        const struct pool_config *usual = find_pool(config, workload->pool);
        for (size_t k = 0; k < workload->class_count; k++) {
            struct class_config *class = &workload->classes[k];
            fill_class(config, (int32_t)i, (int32_t)k, class,
                       class->pool && class->pool[0] ? find_pool(config, class->pool) : usual);
        }
    }
}

static void check_pool(const struct world_config *config, struct pool_config *pool, struct node *node,
                       struct diagnostic_list *problems)
{
    const struct node *item = first_of(node, "models");
    bool is_sound = item != NULL;
    pool->container_gb =
        pool->gpu[0] ? pool->gpu_memory_gb * (double)pool->gpu_count : pool->memory_gib * BYTES_PER_GIB / BYTES_PER_GB;
    for (size_t i = 0; item && i < pool->model_count; i++, item = item->next)
        if (item->is_wrong || !check_use(config, pool, &pool->models[i], item, problems))
            is_sound = false;
    if (!is_sound)
        return;
    for (size_t i = 0; i < pool->model_count; i++)
        pool->models_gb +=
            model_fixed_gb(&config->models[pool->models[i].model_index], (size_t)pool->models[i].precision_index,
                           pool->gpu_count > 0 ? pool->gpu_count : 1);
    reserve(config, pool, node, problems);
    fill_inputs(config, pool, node, problems->arena);
    if (check_is_sound(node, "max_inputs") && check_is_sound(node, "gpu"))
        check_memory(config, pool, node, problems);
}

void check_models(struct world_config *config, const struct catalogue *catalogue, const struct node *root,
                  struct diagnostic_list *problems)
{
    const struct node *node = first_of(root, "models");
    const struct node *sizing = node_member(root, "sizing");
    size_t before = problems->count;
    for (size_t i = 0; node && i < config->model_count; i++, node = node->next)
        if (!node->is_wrong)
            check_model(config, catalogue, &config->models[i], node, problems);
    if (sizing && !sizing->is_wrong)
        check_sizing(&config->sizing, catalogue, sizing, problems);
    if (problems->count > before)
        return;
    const struct node *pools = node_member(root, "pools");
    struct node *pool = pools ? pools->first : NULL;
    for (size_t i = 0; pool && i < config->pool_count; i++, pool = pool->next)
        if (!pool->is_wrong)
            check_pool(config, &config->pools[i], pool, problems);
    if (problems->count == before && config->model_count > 0)
        fill_classes(config);
}
