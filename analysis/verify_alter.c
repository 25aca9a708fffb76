/* verify_alter.c - whether an answer depends on the data that its formula asks for.
 *
 * The formula is evaluated again with other data: every figure that a function of the host returns is replaced by
 * another one, chosen by chance from the function, its arguments and the number of the trial, so that what is asked for
 * twice stays the same. An answer that never changes was not computed from them.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/verify_internal.h"
#include "scenarios/printed.h"

enum {
    TRIAL_COUNT = 24, /* a comparison of two figures turns in half of them */
    DEPTH_MAX = 4
};

/* Sebastiano Vigna's splitmix64. */
uint64_t verify_alter_mix(uint64_t value)
{
    value += UINT64_C(0x9E3779B97F4A7C15);
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

static uint64_t add_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = verify_alter_mix(hash ^ (unsigned char)*text);
    return verify_alter_mix(hash);
}

/* Zero or anything from a thousandth to a thousand times as much. */
static double other_number(double value, uint64_t chance)
{
    double share = (double)(verify_alter_mix(chance) >> 11) * 0x1p-53;
    double factor = chance % 8 == 0 ? 0 : pow(10, 6 * share - 3);
    return value == 0 ? factor - 1 : value * factor;
}

/* The numbers in it are others; a text without any has something added. */
static void push_other_text(lua_State *lua, const char *text, uint64_t chance)
{
    luaL_Buffer buffer;
    struct printed_number number;
    char digits[32];
    bool has_number = false;
    luaL_buffinit(lua, &buffer);
    for (size_t size; *text; text += size) {
        bool is_number = *text >= '0' && *text <= '9' && printed_begin(text, &number, &size);
        if (is_number) {
            (void)snprintf(digits, sizeof digits, "%.9g", other_number(number.value, chance++));
            luaL_addstring(&buffer, digits);
        } else {
            size = 1;
            luaL_addchar(&buffer, *text);
        }
        has_number = has_number || is_number;
    }
    if (!has_number)
        luaL_addstring(&buffer, " other");
    luaL_pushresult(&buffer);
}

static void alter_value(lua_State *lua, int index, uint64_t chance, int depth);

static void alter_table(lua_State *lua, int table, uint64_t chance, int depth)
{
    lua_Unsigned length = lua_rawlen(lua, table);
    luaL_checkstack(lua, 8, NULL);
    lua_pushnil(lua);
    while (lua_next(lua, table)) {
        lua_pushvalue(lua, -2);
        uint64_t own = add_text(chance, luaL_tolstring(lua, -1, NULL));
        lua_pop(lua, 2);
        alter_value(lua, lua_gettop(lua), own, depth + 1);
        lua_pushvalue(lua, -2);
        lua_insert(lua, -2);
        lua_settable(lua, table); /* of a key that is there: allowed while going through the table */
    }
    if (length > 0 && verify_alter_mix(chance) % 2) {
        lua_pushnil(lua);
        lua_seti(lua, table, (lua_Integer)length);
    }
}

/* Replaces the value at `index`. */
static void alter_value(lua_State *lua, int index, uint64_t chance, int depth)
{
    switch (lua_type(lua, index)) {
    case LUA_TNUMBER:
        lua_pushnumber(lua, other_number(lua_tonumber(lua, index), chance));
        lua_replace(lua, index);
        break;
    case LUA_TBOOLEAN:
        lua_pushboolean(lua, lua_toboolean(lua, index) != (int)(verify_alter_mix(chance) % 2));
        lua_replace(lua, index);
        break;
    case LUA_TSTRING:
        if (verify_alter_mix(chance) % 2) {
            push_other_text(lua, lua_tostring(lua, index), chance);
            lua_replace(lua, index);
        }
        break;
    case LUA_TTABLE:
        if (depth < DEPTH_MAX)
            alter_table(lua, index, chance, depth);
        break;
    default:
        break;
    }
}

/* What the answer of a function is altered by: its name and its arguments. */
static uint64_t chance_of(lua_State *lua, const struct verify_work *work)
{
    uint64_t chance = add_text(verify_alter_mix(work->trial), lua_tostring(lua, lua_upvalueindex(1)));
    int count = lua_gettop(lua);
    for (int i = 1; i <= count; i++) {
        chance = add_text(chance, luaL_tolstring(lua, i, NULL));
        lua_pop(lua, 1);
    }
    return chance;
}

/* A function of the host, called in place so that its errors name the line of the formula. */
static int observe(lua_State *lua)
{
    struct verify_work *work = formula_host(lua);
    lua_CFunction function = lua_tocfunction(lua, lua_upvalueindex(2));
    bool is_altered = work->view == VERIFY_ALTERED;
    uint64_t chance = is_altered ? chance_of(lua, work) : 0;
    work->is_kept = false;
    int count = function(lua);
    for (int i = 0; i < count && is_altered && !work->is_kept; i++)
        alter_value(lua, lua_gettop(lua) - i, chance + (uint64_t)i, 0);
    return count;
}

void verify_alter_add(struct verify_work *work, const char *name, lua_CFunction function)
{
    formula_add_function(work->formula, name, observe, function);
}

static bool is_same(const struct formula_value *one, const struct formula_value *other)
{
    if (one->kind != other->kind)
        return false;
    if (one->kind == FORMULA_TEXT)
        return strcmp(one->text, other->text) == 0;
    return fabs(one->number - other->number) <= 1e-12 * fabs(one->number);
}

bool verify_alter_changes(struct verify_work *work, struct verify_row *row)
{
    bool is_changed = row->ours.kind == FORMULA_TRUTH;
    work->row = row;
    work->keeps_uses = false;
    work->view = VERIFY_ALTERED;
    for (work->trial = 1; work->trial <= TRIAL_COUNT && !is_changed && work->status == SIM_OK; work->trial++) {
        struct formula_value value;
        is_changed = !verify_evaluate(work, row, &row->row->ours, "ours", &value) || !is_same(&row->ours, &value);
    }
    work->no_value = NULL;
    work->view = VERIFY_POOLED;
    return is_changed;
}
