/* size.c - candidates from the catalogue, their memory, number and cost. */
#include "analysis/size.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/load.h"
#include "models/rate.h"
#include "scenarios/check.h"
#include "sim/memory.h"

#define ROUNDING_GB 1e-9 /* as of check_models.c */
#define GPUS_MAX 8
#define PUSD_PER_USD 1e12
#define SETTINGS_MAX 8

struct size_context size_context_of(const struct scenario *scenario, const struct scenario_settings *settings,
                                    const struct catalogue *catalogue)
{
    int64_t gpus_max = scenario->config.sizing.gpus_max;
    return (struct size_context){.scenario = scenario,
                                 .settings = *settings,
                                 .catalogue = catalogue,
                                 .gpus_max = gpus_max > 0 ? gpus_max : GPUS_MAX};
}

double size_month_h(const struct size_context *context)
{
    return sim_time_to_s(context->scenario->config.month_ns) / 3600;
}

struct size_text size_gpu_text(const struct catalogue_gpu *gpu, int64_t count)
{
    struct size_text text;
    if (count > 1)
        snprintf(text.text, sizeof text.text, "%s x %lld", gpu->gpu, (long long)count);
    else
        snprintf(text.text, sizeof text.text, "%s", gpu->gpu);
    return text;
}

/* Memory */

static double fixed_gb(const struct size_subject *subject, int64_t gpu_count)
{
    return subject->weights_gb + subject->overhead_gb * (double)gpu_count;
}

int64_t size_inputs(const struct size_subject *subject, double memory_gb, int64_t gpu_count)
{
    double free_gb = memory_gb * (double)gpu_count - fixed_gb(subject, gpu_count) + ROUNDING_GB;
    if (free_gb < 0)
        return 0;
    return subject->input_gb > 0 ? (int64_t)floor(free_gb / subject->input_gb) : SIZE_UNLIMITED;
}

bool size_fits(const struct size_subject *subject, double memory_gb, int64_t gpu_count)
{
    return size_inputs(subject, memory_gb, gpu_count) > 0;
}

/* Fewest GPUs that hold the subject; 0: no number up to gpus_max does. */
static int64_t fewest_gpus(const struct size_context *context, const struct size_subject *subject, double memory_gb)
{
    for (int64_t count = 1; count <= context->gpus_max; count++)
        if (size_fits(subject, memory_gb, count))
            return count;
    return 0;
}

/* Load */

/* Of the busiest hour; NaN where the scenario gives no rate. */
static double peak_rps(const struct world_config *config, size_t workload)
{
    int32_t process = config->workloads[workload].arrivals.process;
    double peak = 0;
    if (process != ARRIVAL_POISSON && process != ARRIVAL_GAMMA && process != ARRIVAL_WEIBULL &&
        process != ARRIVAL_SESSIONS)
        return NAN;
    for (sim_time_ns from_ns = 0; from_ns < config->duration_ns; from_ns += SIM_HOUR) {
        sim_time_ns rest_ns = config->duration_ns - from_ns;
        sim_time_ns length_ns = rest_ns < SIM_HOUR ? rest_ns : SIM_HOUR;
        peak = fmax(peak, rate_expected(config, workload, from_ns, from_ns + length_ns) / sim_time_to_s(length_ns));
    }
    return peak;
}

static double model_load(const struct world_config *config, const struct model_config *model)
{
    if (model->rate_per_s > 0)
        return model->rate_per_s;
    if (model->workload_index < 0)
        return NAN;
    const struct workload_config *workload = &config->workloads[model->workload_index];
    double share = model->class_index < 0 ? 1 : workload->classes[model->class_index].share;
    return peak_rps(config, (size_t)model->workload_index) * share;
}

static double pool_load(const struct world_config *config, size_t pool)
{
    double sum = 0;
    for (size_t i = 0; i < config->workload_count; i++) {
        double share = load_share(&config->workloads[i], pool);
        sum += share > 0 ? share * peak_rps(config, i) : 0;
    }
    return sum;
}

/* Sessions of the model that are inside at once in the busiest hour (Little), unless the model says it itself. */
static int64_t concurrent_of(const struct world_config *config, const struct model_config *model)
{
    if (model->concurrent > 0 || model->workload_index < 0 ||
        config->workloads[model->workload_index].arrivals.process != ARRIVAL_SESSIONS)
        return model->concurrent;
    double session_s = sim_distribution_mean(&config->workloads[model->workload_index].arrivals.session_s);
    return (int64_t)ceil(model_load(config, model) * session_s * (1 - 1e-12));
}

/* Subjects */

/* The pool that holds this model in this precision and nothing else. */
static size_t own_pool(const struct world_config *config, size_t model, size_t precision)
{
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct pool_config *pool = &config->pools[i];
        if (pool->model_count == 1 && (size_t)pool->models[0].model_index == model &&
            (size_t)pool->models[0].precision_index == precision)
            return i;
    }
    return SIZE_NONE;
}

struct size_subject size_subject_of_model(const struct world_config *config, size_t index, size_t precision)
{
    const struct model_config *model = &config->models[index];
    bool is_chosen = (int32_t)precision == model_find_precision(model, "");
    return (struct size_subject){.index = index,
                                 .precision = precision,
                                 .pool = own_pool(config, index, precision),
                                 .weights_gb = model_weights_gb(model, precision),
                                 .overhead_gb = model->overhead_gb,
                                 .input_gb = model_input_gb(model),
                                 .load_rps = model_load(config, model),
                                 .concurrent = concurrent_of(config, model),
                                 .chosen = is_chosen ? model->gpu : "",
                                 .provider = config->sizing.provider,
                                 .price_kind = config->sizing.price_kind};
}

static struct size_subject pool_subject(const struct world_config *config, size_t index)
{
    const struct pool_config *pool = &config->pools[index];
    bool has_choice = config->sizing.provider[0] != '\0';
    struct size_subject subject = {.is_pool = true,
                                   .index = index,
                                   .pool = index,
                                   .input_gb = check_pool_input_gb(config, pool),
                                   .load_rps = pool_load(config, index),
                                   .chosen = pool->gpu,
                                   .provider = has_choice ? config->sizing.provider : pool->provider,
                                   .price_kind = has_choice ? config->sizing.price_kind : pool->price_kind};
    for (size_t i = 0; i < pool->model_count; i++) {
        const struct model_config *model = &config->models[pool->models[i].model_index];
        subject.weights_gb += model_weights_gb(model, (size_t)pool->models[i].precision_index);
        subject.overhead_gb += model->overhead_gb;
        subject.concurrent += model->concurrent;
    }
    return subject;
}

/* The pool elsewhere */

struct setting_list {
    char text[SETTINGS_MAX][160];
    size_t count;
};

__attribute__((format(printf, 3, 4))) static void add_setting(struct setting_list *list, const char *pool,
                                                              const char *format, ...)
{
    va_list arguments;
    char *text = list->text[list->count++];
    int length = snprintf(text, sizeof list->text[0], "pools.%s.", pool);
    va_start(arguments, format);
    vsnprintf(text + length, sizeof list->text[0] - (size_t)length, format, arguments);
    va_end(arguments);
}

/* Where the key-value memory of a profile is one model's, it is what the new GPU leaves beside the rest. */
static void set_cache(const struct size_context *context, const struct pool_config *pool,
                      const struct size_candidate *candidate, struct setting_list *list)
{
    const struct model_config *model = &context->scenario->config.models[pool->models[0].model_index];
    if (pool->profile.stage != STAGE_CONTINUOUS_BATCHING || pool->model_count != 1 || !(model->kv_gb_per_token > 0))
        return;
    double free_gb = candidate->memory_gb - candidate->fixed_gb - model->per_input_gb * (double)pool->max_inputs;
    double tokens = floor(free_gb / model->kv_gb_per_token);
    if (tokens >= 1)
        add_setting(list, pool->name, "profile.kv_tokens=%.0f tokens", tokens);
}

static void list_settings(const struct size_context *context, const struct pool_config *pool,
                          const struct size_candidate *candidate, int64_t containers, struct setting_list *list)
{
    bool has_cache = check_pool_cache_gb(&context->scenario->config, pool) > 0; /* which limits what is inside */
    add_setting(list, pool->name, "gpu=%s", size_gpu_text(candidate->gpu, candidate->gpu_count).text);
    add_setting(list, pool->name, "provider=%s", candidate->price->provider);
    add_setting(list, pool->name, "price_kind=%s", candidate->price->kind);
    if (pool->price_pusd_per_h > 0)
        add_setting(list, pool->name, "price=null");
    if (!has_cache && candidate->inputs < pool->max_inputs)
        add_setting(list, pool->name, "max_inputs=%lld", (long long)candidate->inputs);
    if (!has_cache && candidate->inputs < pool->target_inputs)
        add_setting(list, pool->name, "target_inputs=%lld", (long long)candidate->inputs);
    if (containers > 0)
        add_setting(list, pool->name, "min_containers=%lld", (long long)containers);
    set_cache(context, pool, candidate, list);
}

struct scenario *size_load(const struct size_context *context, size_t pool, const struct size_candidate *candidate,
                           int64_t containers)
{
    struct setting_list list = {.count = 0};
    struct diagnostic_list problems;
    struct scenario *scenario = NULL;
    const char **settings = sim_allocate(context->settings.setting_count + SETTINGS_MAX, sizeof *settings);
    list_settings(context, &context->scenario->config.pools[pool], candidate, containers, &list);
    for (size_t i = 0; i < context->settings.setting_count; i++)
        settings[i] = context->settings.settings[i];
    for (size_t i = 0; i < list.count; i++)
        settings[context->settings.setting_count + i] = list.text[i];
    diagnostic_init(&problems);
    const struct scenario_settings all = {.variant = context->settings.variant,
                                          .settings = settings,
                                          .setting_count = context->settings.setting_count + list.count};
    if (scenario_load_with(context->scenario->path, &all, &scenario, &problems) != SIM_OK)
        scenario = NULL;
    diagnostic_release(&problems);
    free(settings);
    return scenario;
}

/* Candidates */

static void take_profile(const struct size_context *context, size_t pool, struct size_candidate *candidate)
{
    struct scenario *scenario = size_load(context, pool, candidate, 0);
    if (!scenario)
        return;
    candidate->container_rps = load_container_capacity(&scenario->config, pool);
    if (isfinite(candidate->container_rps))
        candidate->capacity =
            scenario->config.pools[pool].profile.gpu[0] ? SIZE_CAPACITY_PROFILE : SIZE_CAPACITY_ANY_GPU;
    scenario_destroy(scenario);
}

static void take_stated(const struct model_config *model, size_t precision, struct size_candidate *candidate)
{
    struct size_text name = size_gpu_text(candidate->gpu, candidate->gpu_count);
    for (size_t i = 0; i < model->throughput_count; i++) {
        const struct model_throughput *throughput = &model->throughput[i];
        if (strcmp(throughput->gpu, name.text) != 0 ||
            (throughput->precision[0] && strcmp(throughput->precision, model_precision_name(model, precision)) != 0))
            continue;
        candidate->container_rps = throughput->rate_per_s;
        candidate->capacity = SIZE_CAPACITY_STATED;
    }
}

/* What one container serves, in this order: the model's statement, then a profile. */
static void find_capacity(const struct size_context *context, const struct size_subject *subject,
                          struct size_candidate *candidate)
{
    candidate->container_rps = NAN;
    candidate->capacity = SIZE_CAPACITY_UNKNOWN;
    if (!subject->is_pool)
        take_stated(&context->scenario->config.models[subject->index], subject->precision, candidate);
    if (candidate->capacity == SIZE_CAPACITY_UNKNOWN && subject->pool != SIZE_NONE)
        take_profile(context, subject->pool, candidate);
}

static void count_containers(const struct size_subject *subject, struct size_candidate *candidate)
{
    double by_load = 1;
    double by_inputs = 1;
    if (candidate->container_rps > 0 && subject->load_rps > 0)
        by_load = ceil(subject->load_rps / candidate->container_rps * (1 - 1e-12));
    if (candidate->inputs != SIZE_UNLIMITED && subject->concurrent > 0)
        by_inputs = ceil((double)subject->concurrent / (double)candidate->inputs);
    candidate->containers = (int64_t)fmax(fmax(by_load, by_inputs), 1);
}

bool size_is_price(const struct size_context *context, const struct catalogue_price *price, const char *provider,
                   const char *kind)
{
    if ((provider[0] && strcmp(price->provider, provider) != 0) || (kind[0] && strcmp(price->kind, kind) != 0))
        return false;
    return catalogue_find_price(context->catalogue, price->provider, price->gpu, price->kind,
                                context->scenario->config.start)
               .best == price;
}

static bool is_considered(const struct size_context *context, const char *gpu)
{
    const struct sizing_config *sizing = &context->scenario->config.sizing;
    for (size_t i = 0; i < sizing->gpu_count; i++)
        if (strcmp(sizing->gpus[i].gpu, gpu) == 0)
            return true;
    return sizing->gpu_count == 0;
}

/* The list and the room of its array. */
struct growing_list {
    struct size_list *list;
    size_t capacity;
};

static void add_candidate(const struct size_context *context, struct growing_list *growing,
                          const struct catalogue_gpu *gpu, const struct catalogue_price *price, int64_t gpu_count)
{
    struct size_list *list = growing->list;
    const struct size_subject *subject = &list->subject;
    const struct size_candidate *last = list->count > 0 ? &list->items[list->count - 1] : NULL;
    struct size_candidate candidate = {.gpu = gpu,
                                       .price = price,
                                       .gpu_count = gpu_count,
                                       .memory_gb = gpu->memory_gb * (double)gpu_count,
                                       .fixed_gb = fixed_gb(subject, gpu_count),
                                       .inputs = size_inputs(subject, gpu->memory_gb, gpu_count)};
    if (last && last->gpu == gpu && last->gpu_count == gpu_count) {
        candidate.capacity = last->capacity;
        candidate.container_rps = last->container_rps;
    } else {
        find_capacity(context, subject, &candidate);
    }
    count_containers(subject, &candidate);
    candidate.usd_per_h = (double)(candidate.containers * gpu_count) * ((double)price->price_pusd_per_h / PUSD_PER_USD);
    candidate.usd_per_month = candidate.usd_per_h * size_month_h(context);
    candidate.is_chosen = strcmp(subject->chosen, size_gpu_text(gpu, gpu_count).text) == 0;
    list->items = sim_grow(list->items, &growing->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = candidate;
}

/* Adds a GPU in the smallest number that holds the subject, and in the chosen one where that is larger. */
static void add_gpu(const struct size_context *context, struct growing_list *growing, const struct catalogue_gpu *gpu)
{
    struct size_list *list = growing->list;
    char name[64];
    int64_t chosen = 0;
    int64_t fewest = fewest_gpus(context, &list->subject, gpu->memory_gb);
    if (!list->subject.chosen[0] || !catalogue_split_gpu(list->subject.chosen, name, sizeof name, &chosen) ||
        strcmp(name, gpu->gpu) != 0)
        chosen = 0;
    if (chosen > 0 && (fewest == 0 || chosen < fewest))
        list->is_chosen_too_small = true;
    for (size_t i = 0; i < context->catalogue->price_count; i++) {
        const struct catalogue_price *price = &context->catalogue->prices[i];
        if (strcmp(price->gpu, gpu->gpu) != 0 ||
            !size_is_price(context, price, list->subject.provider, list->subject.price_kind))
            continue;
        if (!list->nearest || gpu->memory_gb > list->nearest->memory_gb)
            list->nearest = gpu;
        if (fewest > 0)
            add_candidate(context, growing, gpu, price, fewest);
        if (fewest > 0 && chosen > fewest)
            add_candidate(context, growing, gpu, price, chosen);
    }
}

static int compare_numbers(double left, double right)
{
    return (left > right) - (left < right);
}

/* Rough ones last, then by cost; of equal ones the one with more memory, then in the order of the catalogue. */
static int compare_candidates(const void *left, const void *right)
{
    const struct size_candidate *a = left;
    const struct size_candidate *b = right;
    int order = compare_numbers(a->is_rough, b->is_rough);
    if (order == 0)
        order = compare_numbers(a->usd_per_h, b->usd_per_h);
    if (order == 0)
        order = -compare_numbers(a->memory_gb, b->memory_gb);
    return order != 0 ? order : (a->price > b->price) - (a->price < b->price);
}

static void mark_rough(struct size_list *list)
{
    bool is_known = false;
    for (size_t i = 0; i < list->count; i++)
        is_known = is_known || list->items[i].capacity != SIZE_CAPACITY_UNKNOWN;
    for (size_t i = 0; i < list->count; i++)
        list->items[i].is_rough =
            is_known && list->subject.load_rps > 0 && list->items[i].capacity == SIZE_CAPACITY_UNKNOWN;
}

static struct size_list list_candidates(const struct size_context *context, struct size_subject subject)
{
    struct size_list list = {.subject = subject, .chosen = SIZE_NONE};
    struct growing_list growing = {.list = &list};
    for (size_t i = 0; i < context->catalogue->gpu_count; i++)
        if (is_considered(context, context->catalogue->gpus[i].gpu))
            add_gpu(context, &growing, &context->catalogue->gpus[i]);
    mark_rough(&list);
    if (list.count > 0)
        qsort(list.items, list.count, sizeof *list.items, compare_candidates);
    for (size_t i = 0; i < list.count; i++) {
        list.items[i].waste = list.items[i].is_rough ? NAN : 1 - list.items[0].usd_per_h / list.items[i].usd_per_h;
        if (list.items[i].is_chosen && list.chosen == SIZE_NONE)
            list.chosen = i;
    }
    return list;
}

struct size_list size_model(const struct size_context *context, size_t model, size_t precision)
{
    return list_candidates(context, size_subject_of_model(&context->scenario->config, model, precision));
}

struct size_list size_pool(const struct size_context *context, size_t pool)
{
    return list_candidates(context, pool_subject(&context->scenario->config, pool));
}

void size_list_release(struct size_list *list)
{
    free(list->items);
}
