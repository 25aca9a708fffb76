/* verify_size.c - what formulas can ask about models and the GPUs that hold them (analysis/size.h).
 *
 *     size(model [, precision [, variant]])    candidates, cheapest first: {gpu, count, provider, kind, price, date,
 *                                              source, memory, free, inputs, rate, containers, cost_h, cost, waste,
 *                                              chosen, rough}; GB, USD per hour and month
 *     size_pool(pool [, variant])              the same for what a pool holds
 *     fits(model, precision, gpu [, variant])  whether memory holds it: fits("llm", "fp16", "A100-80GB x 2")
 *     weights(model [, precision [, variant]]) GB;  input_memory(model [, variant])  GB of one request
 *     pack(gpu, {models} [, variant])          GPUs of that kind that hold these models, none divided; inf: never
 *     pool_memory(pool [, variant])            {total, models, free, input, inputs}: GB, and max_inputs
 *
 * The precision "" is the chosen one. As in verify_function.c, nothing is held where Lua may leave by a jump: lists are
 * copied to Lua and released before anything else is asked of it, and Lua only fails here when its memory is full.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/size.h"
#include "analysis/size_pack.h"
#include "analysis/verify_internal.h"
#include "scenarios/check.h"

enum {
    PACK_MAX = 64
};

static size_t model_of(lua_State *lua, const struct world_config *config, const char *name)
{
    struct suggestion search = suggest_begin(name);
    for (size_t i = 0; i < config->model_count; i++) {
        if (strcmp(config->models[i].name, name) == 0)
            return i;
        suggest_offer(&search, config->models[i].name);
    }
    (void)luaL_error(lua, search.nearest ? "there is no model '%s'; did you mean '%s'?" : "there is no model '%s'",
                     name, search.nearest);
    return 0;
}

static size_t precision_of(lua_State *lua, const struct model_config *model, const char *name)
{
    int32_t index = model_find_precision(model, name);
    if (index < 0)
        (void)luaL_error(lua, "the model '%s' has no precision '%s'", model->name, name);
    return (size_t)index;
}

static size_t pool_of(lua_State *lua, const struct world_config *config, const char *name)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (strcmp(config->pools[i].name, name) == 0 && config->pools[i].model_count > 0)
            return i;
    (void)luaL_error(lua, "there is no pool '%s' that holds models", name);
    return 0;
}

static struct size_context context_of(lua_State *lua, struct verify_work *work, int argument)
{
    const struct verify_run *run = verify_function_run(lua, work, argument);
    const char *name = luaL_optstring(lua, argument, NULL);
    const struct reference_variant *variant =
        name ? reference_find_variant(&work->file->scenario->references, name) : NULL;
    const struct scenario_settings settings = verify_runs_settings(work->runs, variant);
    return size_context_of(run->scenario, &settings, verify_function_catalogue(lua, work));
}

static void set_number(lua_State *lua, const char *key, double value)
{
    lua_pushnumber(lua, value);
    lua_setfield(lua, -2, key);
}

static void set_text(lua_State *lua, const char *key, const char *value)
{
    lua_pushstring(lua, value);
    lua_setfield(lua, -2, key);
}

static void set_truth(lua_State *lua, const char *key, bool value)
{
    lua_pushboolean(lua, value);
    lua_setfield(lua, -2, key);
}

static void push_candidate(lua_State *lua, const struct size_candidate *candidate)
{
    lua_newtable(lua);
    set_text(lua, "gpu", candidate->gpu->gpu);
    set_number(lua, "count", (double)candidate->gpu_count);
    set_text(lua, "provider", candidate->price->provider);
    set_text(lua, "kind", candidate->price->kind);
    set_number(lua, "price", (double)candidate->price->price_pusd_per_h / 1e12);
    set_text(lua, "date", candidate->price->date);
    set_text(lua, "source", candidate->price->source);
    set_number(lua, "memory", candidate->memory_gb);
    set_number(lua, "free", candidate->memory_gb - candidate->fixed_gb);
    set_number(lua, "inputs", candidate->inputs == SIZE_UNLIMITED ? INFINITY : (double)candidate->inputs);
    if (isfinite(candidate->container_rps))
        set_number(lua, "rate", candidate->container_rps);
    set_number(lua, "containers", (double)candidate->containers);
    set_number(lua, "cost_h", candidate->usd_per_h);
    set_number(lua, "cost", candidate->usd_per_month);
    if (isfinite(candidate->waste))
        set_number(lua, "waste", candidate->waste);
    set_truth(lua, "chosen", candidate->is_chosen);
    set_truth(lua, "rough", candidate->is_rough);
}

static int push_list(lua_State *lua, struct size_list *list)
{
    lua_createtable(lua, (int)list->count, 0);
    for (size_t i = 0; i < list->count; i++) {
        push_candidate(lua, &list->items[i]);
        lua_seti(lua, -2, (lua_Integer)i + 1);
    }
    size_list_release(list);
    return 1;
}

static int size(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const struct size_context context = context_of(lua, work, 3);
    const struct world_config *config = &context.scenario->config;
    size_t model = model_of(lua, config, luaL_checkstring(lua, 1));
    size_t precision = precision_of(lua, &config->models[model], luaL_optstring(lua, 2, ""));
    struct size_list list = size_model(&context, model, precision);
    return push_list(lua, &list);
}

static int size_of_pool(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const struct size_context context = context_of(lua, work, 2);
    size_t pool = pool_of(lua, &context.scenario->config, luaL_checkstring(lua, 1));
    struct size_list list = size_pool(&context, pool);
    return push_list(lua, &list);
}

static const struct catalogue_gpu *gpu_of(lua_State *lua, const struct size_context *context, const char *text,
                                          int64_t *count)
{
    char name[64];
    const struct catalogue_gpu *gpu = NULL;
    if (catalogue_split_gpu(text, name, sizeof name, count))
        gpu = catalogue_find_gpu(context->catalogue, name);
    if (!gpu)
        (void)luaL_error(lua, "the catalogue has no GPU '%s'", text);
    return gpu;
}

static int fits(lua_State *lua)
{
    int64_t count;
    struct verify_work *work = verify_function_access(lua);
    const struct size_context context = context_of(lua, work, 4);
    const struct world_config *config = &context.scenario->config;
    size_t model = model_of(lua, config, luaL_checkstring(lua, 1));
    size_t precision = precision_of(lua, &config->models[model], luaL_checkstring(lua, 2));
    const struct catalogue_gpu *gpu = gpu_of(lua, &context, luaL_checkstring(lua, 3), &count);
    const struct size_subject subject = size_subject_of_model(config, model, precision);
    lua_pushboolean(lua, size_fits(&subject, gpu->memory_gb, count));
    return 1;
}

static int weights(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const struct world_config *config = &verify_function_run(lua, work, 3)->scenario->config;
    const struct model_config *model = &config->models[model_of(lua, config, luaL_checkstring(lua, 1))];
    lua_pushnumber(lua, model_weights_gb(model, precision_of(lua, model, luaL_optstring(lua, 2, ""))));
    return 1;
}

static int input_memory(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const struct world_config *config = &verify_function_run(lua, work, 2)->scenario->config;
    lua_pushnumber(lua, model_input_gb(&config->models[model_of(lua, config, luaL_checkstring(lua, 1))]));
    return 1;
}

static int pack(lua_State *lua)
{
    double sizes[PACK_MAX];
    int32_t places[PACK_MAX];
    int64_t one;
    struct verify_work *work = verify_function_access(lua);
    const struct size_context context = context_of(lua, work, 3);
    const struct catalogue_gpu *gpu = gpu_of(lua, &context, luaL_checkstring(lua, 1), &one);
    luaL_checktype(lua, 2, LUA_TTABLE);
    lua_Unsigned count = lua_rawlen(lua, 2);
    luaL_argcheck(lua, count <= PACK_MAX, 2, "more than 64 models");
    for (lua_Unsigned i = 0; i < count; i++) {
        lua_geti(lua, 2, (lua_Integer)i + 1);
        sizes[i] = size_pack_need_gb(&context, model_of(lua, &context.scenario->config, luaL_checkstring(lua, -1)));
        lua_pop(lua, 1);
    }
    int64_t bins = size_pack_bins(sizes, (size_t)count, gpu->memory_gb, PACK_MAX, places);
    lua_pushnumber(lua, bins > 0 || count == 0 ? (double)bins : INFINITY);
    return 1;
}

static int pool_memory(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const struct world_config *config = &verify_function_run(lua, work, 2)->scenario->config;
    const struct pool_config *pool = &config->pools[pool_of(lua, config, luaL_checkstring(lua, 1))];
    lua_newtable(lua);
    set_number(lua, "total", pool->container_gb);
    set_number(lua, "models", pool->models_gb);
    set_number(lua, "free", pool->container_gb - pool->models_gb);
    set_number(lua, "input", check_pool_input_gb(config, pool));
    set_number(lua, "inputs", (double)pool->max_inputs);
    return 1;
}

void verify_size_add_all(struct verify_work *work)
{
    static const struct {
        const char *name;
        lua_CFunction function;
    } functions[] = {
        {"size", size},
        {"size_pool", size_of_pool},
        {"fits", fits},
        {"weights", weights},
        {"pack", pack},
        {"input_memory", input_memory},
        {"pool_memory", pool_memory},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        verify_alter_add(work, functions[i].name, functions[i].function);
}
