/* formula.c - a Lua state with bounds. What allows loops that the bound on instructions does not see (patterns,
 * pcall, coroutines, table.move) is left out.
 */
#include "analysis/formula.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"

enum {
    HOOK_INTERVAL = 10000
};

struct formula {
    lua_State *lua;
    void *host;
    size_t memory;
    long left; /* instructions */
};

/* Names in the registry. */
static const char base_key[] = "capsim.base"; /* what every formula sees */
static const char environment_key[] = "capsim.environment";

/* ---- Bounds ---- */

static void *allocate(void *context, void *old, size_t old_size, size_t size)
{
    struct formula *formula = context;
    size_t before = old ? old_size : 0;
    if (size == 0) {
        free(old);
        formula->memory -= before;
        return NULL;
    }
    if (formula->memory - before + size > FORMULA_MEMORY_MAX)
        return NULL;
    void *block = realloc(old, size);
    if (!block)
        sim_out_of_memory();
    formula->memory += size - before;
    return block;
}

static struct formula *formula_of(lua_State *lua)
{
    void *context;
    (void)lua_getallocf(lua, &context);
    return context;
}

void *formula_host(lua_State *lua)
{
    return formula_of(lua)->host;
}

static void count_instructions(lua_State *lua, lua_Debug *event)
{
    struct formula *formula = formula_of(lua);
    (void)event;
    formula->left -= HOOK_INTERVAL;
    if (formula->left > 0)
        return;
    luaL_where(lua, 0);
    lua_pushfstring(lua, "more than %d million instructions: does it end?", FORMULA_INSTRUCTION_MAX / 1000000);
    lua_concat(lua, 2);
    (void)lua_error(lua);
}

/* ---- What is seen ---- */

static void copy_members(lua_State *lua, const char *library, const char *const *names)
{
    bool is_base = strcmp(library, LUA_GNAME) == 0;
    if (!is_base)
        lua_newtable(lua);
    lua_getglobal(lua, library);
    for (; *names; names++) {
        lua_getfield(lua, -1, *names);
        sim_assert(!lua_isnil(lua, -1));
        lua_setfield(lua, -3, *names);
    }
    lua_pop(lua, 1);
    if (!is_base)
        lua_setfield(lua, -2, library);
}

/* Methods of texts, as in ("x"):rep(3), are those of the table that formulas see. */
static void restrict_methods(lua_State *lua)
{
    lua_pushliteral(lua, "");
    sim_assert(lua_getmetatable(lua, -1));
    lua_getfield(lua, -3, "string");
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 2);
}

static int open_libraries(lua_State *lua)
{
    static const char *const base[] = {"assert", "error",    "ipairs",   "next", "pairs",
                                       "select", "tonumber", "tostring", "type", NULL};
    static const char *const math[] = {"abs",  "ceil", "exp",  "floor",      "fmod", "huge",      "log", "max", "min",
                                       "modf", "pi",   "sqrt", "maxinteger", "type", "tointeger", "ult", NULL};
    static const char *const string[] = {"format", "len", "lower", "rep", "sub", "upper", NULL};
    static const char *const table[] = {"concat", "insert", "pack", "remove", "sort", "unpack", NULL};
    luaL_requiref(lua, LUA_GNAME, luaopen_base, 1);
    luaL_requiref(lua, LUA_MATHLIBNAME, luaopen_math, 1);
    luaL_requiref(lua, LUA_STRLIBNAME, luaopen_string, 1);
    luaL_requiref(lua, LUA_TABLIBNAME, luaopen_table, 1);
    lua_settop(lua, 0);
    lua_newtable(lua);
    copy_members(lua, LUA_GNAME, base);
    copy_members(lua, LUA_MATHLIBNAME, math);
    copy_members(lua, LUA_STRLIBNAME, string);
    copy_members(lua, LUA_TABLIBNAME, table);
    restrict_methods(lua);
    lua_setfield(lua, LUA_REGISTRYINDEX, base_key);
    return 0;
}

struct formula *formula_create(void *host)
{
    struct formula *formula = sim_allocate(1, sizeof *formula);
    formula->host = host;
    formula->lua = lua_newstate(allocate, formula);
    if (!formula->lua)
        sim_out_of_memory();
    lua_pushcfunction(formula->lua, open_libraries);
    if (lua_pcall(formula->lua, 0, 0, 0) != LUA_OK)
        sim_out_of_memory();
    lua_sethook(formula->lua, count_instructions, LUA_MASKCOUNT, HOOK_INTERVAL);
    formula->left = FORMULA_INSTRUCTION_MAX;
    return formula;
}

void formula_destroy(struct formula *formula)
{
    if (!formula)
        return;
    lua_close(formula->lua);
    free(formula);
}

void formula_add_function(struct formula *formula, const char *name, lua_CFunction around, lua_CFunction function)
{
    lua_getfield(formula->lua, LUA_REGISTRYINDEX, base_key);
    if (around) {
        lua_pushstring(formula->lua, name);
        lua_pushcfunction(formula->lua, function);
        lua_pushcclosure(formula->lua, around, 2);
    } else {
        lua_pushcfunction(formula->lua, function);
    }
    lua_setfield(formula->lua, -2, name);
    lua_pop(formula->lua, 1);
}

/* The environment of the chunk on the top of the stack becomes the value below the top, which is taken off. */
static void set_environment(lua_State *lua, int environment)
{
    lua_pushvalue(lua, environment);
    const char *name = lua_setupvalue(lua, -2, 1);
    sim_assert(name);
}

void formula_add_library(struct formula *formula, const char *text)
{
    lua_State *lua = formula->lua;
    lua_getfield(lua, LUA_REGISTRYINDEX, base_key);
    bool is_loaded = luaL_loadbufferx(lua, text, strlen(text), "=library", "t") == LUA_OK;
    sim_assert(is_loaded);
    set_environment(lua, lua_gettop(lua) - 1);
    bool is_run = lua_pcall(lua, 0, 0, 0) == LUA_OK;
    sim_assert(is_run);
    lua_pop(lua, 1);
}

/* ---- Errors ---- */

/* Takes "NAME:LINE: message" apart. */
static void describe(const char *message, const char *name, struct formula_error *error)
{
    const char *colon = strchr(message, ':');
    char *end = NULL;
    long line = colon ? strtol(colon + 1, &end, 10) : 0;
    bool has_place = colon && end > colon + 1 && *end == ':' && (size_t)(colon - message) < sizeof error->name;
    snprintf(error->name, sizeof error->name, "%s", name);
    error->line = has_place ? (int)line : 0;
    if (has_place)
        snprintf(error->name, sizeof error->name, "%.*s", (int)(colon - message), message);
    const char *rest = has_place ? end + 1 : message;
    snprintf(error->message, sizeof error->message, "%s", rest + strspn(rest, " "));
}

/* The message on the top of the stack. */
static bool fail(lua_State *lua, const char *name, struct formula_error *error)
{
    const char *message = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "an error without a text";
    describe(message, name, error);
    lua_settop(lua, 0);
    return false;
}

/* ---- Evaluating ---- */

/* Leaves the code as a function, or a message, on the stack. An expression that has no value may be a body that
 * returns one; then the message is that of the expression unless it begins with a word of statements.
 */
static int load_code(lua_State *lua, const struct formula_code *code, bool is_body)
{
    const char *chunk = lua_pushfstring(lua, "=%s", code->name);
    int status = LUA_ERRSYNTAX;
    if (!is_body) {
        const char *expression = lua_pushfstring(lua, "return %s", code->text);
        status = luaL_loadbufferx(lua, expression, strlen(expression), chunk, "t");
        lua_remove(lua, -2);
    }
    if (status == LUA_ERRSYNTAX && (is_body || strstr(code->text, "return"))) {
        if (!is_body)
            lua_pop(lua, 1);
        status = luaL_loadbufferx(lua, code->text, strlen(code->text), chunk, "t");
    }
    lua_remove(lua, -2);
    return status;
}

/* Functions that call load_code raise errors of memory, so they run as calls of Lua. */
struct evaluation {
    const struct formula_code *define; /* NULL: none */
    const struct formula_code *code;
    bool is_body; /* only checked */
    bool *is_defining;
};

static int check_inside(lua_State *lua)
{
    const struct evaluation *evaluation = lua_touserdata(lua, 1);
    if (load_code(lua, evaluation->code, evaluation->is_body) != LUA_OK)
        return lua_error(lua);
    return 0;
}

bool formula_check(struct formula *formula, const struct formula_code *code, bool is_body, struct formula_error *error)
{
    lua_State *lua = formula->lua;
    struct evaluation evaluation = {.code = code, .is_body = is_body};
    formula->left = FORMULA_INSTRUCTION_MAX;
    lua_pushcfunction(lua, check_inside);
    lua_pushlightuserdata(lua, &evaluation);
    if (lua_pcall(lua, 1, 0, 0) != LUA_OK)
        return fail(lua, code->name, error);
    return true;
}

/* A new environment that sees the base: on the stack, and where inner evaluations find it. */
static void push_environment(lua_State *lua)
{
    lua_newtable(lua);
    lua_newtable(lua);
    lua_getfield(lua, LUA_REGISTRYINDEX, base_key);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
    lua_pushvalue(lua, -1);
    lua_setfield(lua, LUA_REGISTRYINDEX, environment_key);
}

static void call(lua_State *lua, const struct formula_code *code, bool is_body, int environment)
{
    if (load_code(lua, code, is_body) != LUA_OK)
        (void)lua_error(lua);
    set_environment(lua, environment);
    lua_call(lua, 0, is_body ? 0 : 1);
}

static int evaluate(lua_State *lua)
{
    const struct evaluation *evaluation = lua_touserdata(lua, 1);
    push_environment(lua);
    int environment = lua_gettop(lua);
    if (evaluation->is_defining)
        *evaluation->is_defining = true;
    if (evaluation->define)
        call(lua, evaluation->define, true, environment);
    if (evaluation->is_defining)
        *evaluation->is_defining = false;
    call(lua, evaluation->code, false, environment);
    return 1;
}

void formula_evaluate_inside(lua_State *lua, const struct formula_code *code)
{
    luaL_checkstack(lua, 8, NULL);
    lua_getfield(lua, LUA_REGISTRYINDEX, environment_key);
    call(lua, code, false, lua_gettop(lua));
    lua_remove(lua, -2);
}

static bool take_value(lua_State *lua, const struct formula_code *code, struct sim_arena *arena,
                       struct formula_value *value, struct formula_error *error)
{
    *value = (struct formula_value){.text = ""};
    switch (lua_type(lua, -1)) {
    case LUA_TNUMBER:
        value->kind = FORMULA_NUMBER;
        value->number = lua_tonumber(lua, -1);
        break;
    case LUA_TSTRING:
        value->kind = FORMULA_TEXT;
        value->text = sim_arena_text(arena, lua_tostring(lua, -1));
        break;
    case LUA_TBOOLEAN:
        value->kind = FORMULA_TRUTH;
        value->is_true = lua_toboolean(lua, -1);
        break;
    default:
        *error = (struct formula_error){0};
        snprintf(error->name, sizeof error->name, "%s", code->name);
        snprintf(error->message, sizeof error->message, "expected a number, a text, true or false, but it is %s",
                 lua_type(lua, -1) == LUA_TNIL ? "nil" : lua_typename(lua, lua_type(lua, -1)));
        lua_settop(lua, 0);
        return false;
    }
    lua_settop(lua, 0);
    return true;
}

bool formula_evaluate(struct formula *formula, const struct formula_code *define, const struct formula_code *code,
                      bool *is_defining, struct sim_arena *arena, struct formula_value *value,
                      struct formula_error *error)
{
    lua_State *lua = formula->lua;
    struct evaluation evaluation = {.define = define, .code = code, .is_defining = is_defining};
    formula->left = FORMULA_INSTRUCTION_MAX;
    lua_pushcfunction(lua, evaluate);
    lua_pushlightuserdata(lua, &evaluation);
    bool is_done = lua_pcall(lua, 1, 1, 0) == LUA_OK;
    if (is_defining)
        *is_defining = false;
    return is_done ? take_value(lua, code, arena, value, error) : fail(lua, code->name, error);
}
