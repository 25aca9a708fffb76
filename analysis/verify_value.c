/* verify_value.c - what formulas can ask about what was loaded: values of scenarios, and the catalogue.
 *
 * As in verify_function.c, nothing that has to be released is held where Lua may leave by a jump.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/verify_internal.h"
#include "scenarios/distribution_text.h"
#include "scenarios/quantity.h"
#include "scenarios/suggest.h"

enum {
    PART_SIZE = 128
};

/* ---- Values of the scenario ---- */

static const struct node *child_of(const struct node *node, const char *part)
{
    char *end;
    if (node->kind == NODE_MAPPING)
        return node_member(node, part);
    const struct node *item = node_item(node, part);
    unsigned long index = strtoul(part, &end, 10);
    if (item || node->kind != NODE_SEQUENCE || *end != '\0' || end == part)
        return item;
    for (item = node->first; item && index > 0; index--)
        item = item->next;
    return item;
}

/* The next part of a dotted path, which *rest moves behind; NULL after the last. */
static void take_part(lua_State *lua, const char **rest, char *part)
{
    size_t length = strcspn(*rest, ".");
    if (length >= PART_SIZE)
        (void)luaL_error(lua, "a part of the path is too long: '%s'", *rest);
    memcpy(part, *rest, length);
    part[length] = '\0';
    *rest = (*rest)[length] == '.' ? *rest + length + 1 : NULL;
}

static const struct node *node_at(lua_State *lua, const struct node *node, const char *path)
{
    char part[PART_SIZE];
    for (const char *rest = path; rest;) {
        take_part(lua, &rest, part);
        const struct node *child = child_of(node, part);
        if (!child) {
            struct suggestion search = suggest_begin(part);
            node_offer_names(node, &search);
            (void)luaL_error(
                lua, search.nearest ? "there is no '%s' in '%s'; did you mean '%s'?" : "there is no '%s' in '%s'", part,
                path, search.nearest);
        }
        node = child;
    }
    return node;
}

/* A quantity, or the mean of a distribution, in the unit. */
static double quantity_of(lua_State *lua, struct verify_work *work, const char *text, const char *unit)
{
    double value;
    struct sim_error error = {0};
    struct sim_error other = {0};
    struct sim_distribution distribution;
    const struct distribution_context context = {.unit = unit, .arena = work->file->arena};
    if (quantity_parse(text, unit, &value, &error) == SIM_OK)
        return value;
    if (strchr(text, '(') && distribution_text_parse(text, &context, &distribution, &other) == SIM_OK)
        return sim_distribution_mean(&distribution);
    (void)luaL_error(lua, "'%s': %s", text, error.message);
    return NAN;
}

static int value(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const char *path = luaL_checkstring(lua, 1);
    const char *unit = luaL_optstring(lua, 2, NULL);
    const struct verify_run *run = verify_function_run(lua, work, 3);
    const struct node *node = node_at(lua, run->values, path);
    if (node->kind != NODE_SCALAR)
        return luaL_error(lua, "'%s' is %s, not a value", path, node_kind_text(node));
    if (unit)
        lua_pushnumber(lua, quantity_of(lua, work, node->text, unit));
    else
        lua_pushstring(lua, node->text);
    return 1;
}

/* Whether the resolved scenario has such a key. */
static int has(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const char *path = luaL_checkstring(lua, 1);
    const struct node *node = verify_function_run(lua, work, 2)->values;
    char part[PART_SIZE];
    for (const char *rest = path; rest && node;) {
        take_part(lua, &rest, part);
        node = child_of(node, part);
    }
    lua_pushboolean(lua, node != NULL);
    return 1;
}

/* Keys of a mapping, names of the items of a list, or the items themselves where they are plain values. */
static int names(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const char *path = luaL_checkstring(lua, 1);
    const struct node *node = node_at(lua, verify_function_run(lua, work, 2)->values, path);
    lua_Integer place = 0;
    lua_newtable(lua);
    for (const struct node *child = node->first; child; child = child->next) {
        const char *name = child->key ? child->key : child->kind == NODE_SCALAR ? child->text : node_item_name(child);
        if (name)
            lua_pushstring(lua, name);
        else
            lua_pushinteger(lua, place);
        lua_seti(lua, -2, ++place);
    }
    return 1;
}

/* ---- Catalogue ---- */

/* Columns that are not known are left out. */
static void push_column(lua_State *lua, const struct sim_field *field, const void *item)
{
    const char *place = (const char *)item + field->offset;
    const char *text;
    double number = 0;
    int64_t count = 0;
    switch (field->type) {
    case SIM_FIELD_TEXT:
        memcpy(&text, place, sizeof text);
        if (!text || text[0] == '\0')
            return;
        lua_pushstring(lua, text);
        break;
    case SIM_FIELD_DOUBLE:
        memcpy(&number, place, sizeof number);
        if (number == 0 || isnan(number))
            return;
        lua_pushnumber(lua, number);
        break;
    case SIM_FIELD_INT64:
        memcpy(&count, place, sizeof count);
        if (count == 0)
            return;
        lua_pushnumber(lua, (double)count);
        break;
    default:
        return;
    }
    lua_setfield(lua, -2, field->name);
}

static int gpu(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const char *name = luaL_checkstring(lua, 1);
    const struct catalogue *catalogue = verify_function_catalogue(lua, work);
    const struct catalogue_gpu *found = catalogue_find_gpu(catalogue, name);
    if (!found) {
        struct suggestion search = suggest_begin(name);
        for (size_t i = 0; i < catalogue->gpu_count; i++)
            suggest_offer(&search, catalogue->gpus[i].gpu);
        return luaL_error(
            lua, search.nearest ? "the catalogue has no GPU '%s'; did you mean '%s'?" : "the catalogue has no GPU '%s'",
            name, search.nearest);
    }
    lua_newtable(lua);
    for (size_t i = 0; i < catalogue_gpu_table.count; i++)
        push_column(lua, &catalogue_gpu_table.fields[i], found);
    return 1;
}

/* The date may be any part of it, as "2025-02". Of several rows the newest counts, of one date the first. */
static bool is_price(const struct catalogue_price *row, const char *provider, const char *name, const char *kind,
                     const char *date, const char *source)
{
    return strcmp(row->provider, provider) == 0 && strcmp(row->gpu, name) == 0 && strcmp(row->kind, kind) == 0 &&
           strncmp(row->date, date, strlen(date)) == 0 && strstr(row->source, source) != NULL;
}

static int price(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const char *provider = luaL_checkstring(lua, 1);
    const char *name = luaL_checkstring(lua, 2);
    const char *kind = luaL_checkstring(lua, 3);
    const char *date = luaL_optstring(lua, 4, "");
    const char *source = luaL_optstring(lua, 5, "");
    const struct catalogue *catalogue = verify_function_catalogue(lua, work);
    const struct catalogue_price *best = NULL;
    for (size_t i = 0; i < catalogue->price_count; i++) {
        const struct catalogue_price *row = &catalogue->prices[i];
        if (is_price(row, provider, name, kind, date, source) && (!best || strcmp(row->date, best->date) > 0))
            best = row;
    }
    if (!best)
        return luaL_error(lua,
                          "the catalogue has no price of provider '%s', GPU '%s', kind '%s', date '%s', source '%s'",
                          provider, name, kind, date, source);
    lua_pushnumber(lua, (double)best->price_pusd_per_h / 1e12);
    return 1;
}

void verify_value_add_all(struct verify_work *work)
{
    static const struct {
        const char *name;
        lua_CFunction function;
    } functions[] = {
        {"value", value}, {"has", has}, {"names", names}, {"gpu", gpu}, {"price", price},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        verify_alter_add(work, functions[i].name, functions[i].function);
}
