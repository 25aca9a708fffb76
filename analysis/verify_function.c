/* verify_function.c - what formulas can ask for: figures of runs, and other rows; values and the catalogue
 * are in verify_value.c, models in verify_size.c.
 *
 * These are called by Lua, which leaves them by a jump when something is wrong: nothing that has to be released may be
 * held then.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/verify_internal.h"
#include "scenarios/printed.h"
#include "scenarios/suggest.h"
#include "sim/error.h"

enum {
    DEPTH_MAX = 32
};

/* The work, after noting that data were asked for. */
struct verify_work *verify_function_access(lua_State *lua)
{
    struct verify_work *work = formula_host(lua);
    if (work->is_defining)
        (void)luaL_error(lua, "inside `define` figures can be asked for in functions only, which rows then call");
    work->row->accesses++;
    return work;
}

/* ---- Runs ---- */

/* The run that the argument names: a variant, or the scenario of the file. */
struct verify_run *verify_function_run(lua_State *lua, struct verify_work *work, int argument)
{
    const char *name = luaL_optstring(lua, argument, NULL);
    const struct scenario *scenario = work->file->scenario;
    const struct reference_variant *variant = name ? reference_find_variant(&scenario->references, name) : NULL;
    struct sim_error error = {0};
    if (name && !variant) {
        struct suggestion search = suggest_begin(name);
        for (size_t i = 0; i < scenario->references.variant_count; i++)
            suggest_offer(&search, scenario->references.variants[i].name);
        (void)luaL_error(lua,
                         search.nearest ? "there is no variant '%s'; did you mean '%s'?" : "there is no variant '%s'",
                         name, search.nearest);
    }
    if (!variant && !scenario->has_world)
        (void)luaL_error(lua, "this file is a list of claims: name a variant");
    struct verify_run *run = verify_runs_load(work->runs, work->file->path, variant, &error);
    if (!run)
        (void)luaL_error(lua, "%s", error.message);
    return run;
}

static struct verify_run *simulated_run_of(lua_State *lua, struct verify_work *work, int argument)
{
    struct verify_run *run = verify_function_run(lua, work, argument);
    work->status = verify_runs_simulate(work->runs, run, work->error);
    if (work->status != SIM_OK)
        (void)luaL_error(lua, "%s", work->error->message);
    return run;
}

static const struct summary_row *find_row(lua_State *lua, const struct verify_run *run, const char *name,
                                          const char *scope)
{
    const struct metric *metric = metric_find(name);
    const struct summary_row *row = metric ? summary_find(run->summary, scope, metric->name) : NULL;
    if (row)
        return row;
    if (metric && !scope_find(&run->summary->scopes, scope))
        (void)luaL_error(lua, "'%s' has no scope '%s'", run->scenario->config.name, scope);
    if (metric)
        (void)luaL_error(lua, "there is no metric '%s' in the scope '%s' of '%s'", name, scope,
                         run->scenario->config.name);
    const char *nearest = metric_nearest(name);
    (void)luaL_error(lua, nearest ? "there is no metric '%s'; did you mean '%s'?" : "there is no metric '%s'", name,
                     nearest);
    return NULL;
}

static size_t note_use(struct verify_work *work, struct verify_run *run, size_t figure)
{
    const struct verify_use *uses = work->uses.items;
    for (size_t i = 0; i < work->uses.count; i++)
        if (uses[i].run == run && uses[i].figure == figure)
            return i;
    if (!work->keeps_uses)
        return SIZE_MAX;
    size_t place = sim_array_add(&work->uses);
    ((struct verify_use *)work->uses.items)[place] = (struct verify_use){.run = run, .figure = figure};
    return place;
}

/* How far the sections that were drawn move a figure. */
static double weighted_sum(const struct verify_work *work, const double *values)
{
    double sum = 0;
    for (size_t i = 0; i < work->weight_count; i++)
        sum += work->weights[i] * values[i];
    return sum;
}

static double look_at(struct verify_work *work, struct verify_run *run, const struct summary_row *row)
{
    size_t figure = figure_list_find(&run->figures, row);
    size_t use = note_use(work, run, figure);
    const double *values = run->figures.items[figure].values;
    if (work->view == VERIFY_SECTION && values && work->section < run->summary->section_count)
        return values[work->section];
    if (work->view == VERIFY_DRAWN && values && work->weight_count == run->summary->section_count)
        return row->estimate.value + weighted_sum(work, values);
    if (work->view == VERIFY_SHIFTED && use == work->shifted)
        return row->estimate.value + work->shift;
    return row->estimate.value;
}

/* The figure named by the arguments from `first` on: metric, scope, variant. NaN where it is withheld or missing; the
 * row that it would stand in says why.
 */
static double figure_of(lua_State *lua, struct verify_work *work, int first, const struct summary_row **row)
{
    const char *name = luaL_checkstring(lua, first);
    const char *scope = luaL_optstring(lua, first + 1, "all");
    struct verify_run *run = simulated_run_of(lua, work, first + 2);
    *row = find_row(lua, run, name, scope);
    return isfinite((*row)->estimate.value) ? look_at(work, run, *row) : NAN;
}

static int metric(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const struct summary_row *row;
    double value = figure_of(lua, work, 1, &row);
    if (!isfinite(value)) {
        const char *reason = row->estimate.reason[0] != '\0' ? row->estimate.reason : "a section has none";
        lua_pushfstring(lua, "%s of %s: %s", row->metric->name, row->scope->name, reason);
        work->no_value = sim_arena_text(work->file->arena, lua_tostring(lua, -1));
        return lua_error(lua);
    }
    lua_pushnumber(lua, value);
    return 1;
}

/* metric_or(otherwise, metric, ...): a value in place of a figure that is withheld or missing. */
static int metric_or(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const struct summary_row *row;
    double otherwise = luaL_checknumber(lua, 1);
    double value = figure_of(lua, work, 2, &row);
    lua_pushnumber(lua, isfinite(value) ? value : otherwise);
    return 1;
}

static int is_saturated(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    lua_pushboolean(lua, simulated_run_of(lua, work, 1)->summary->saturated_ns >= 0);
    return 1;
}

static int slo_met(lua_State *lua)
{
    struct verify_work *work = verify_function_access(lua);
    const struct summary *summary = simulated_run_of(lua, work, 1)->summary;
    bool is_met = true;
    for (size_t i = 0; i < summary->limit_count; i++)
        is_met = is_met && summary->limits[i].verdict == VERDICT_MET;
    if (summary->limit_count == 0)
        return luaL_error(lua, "the scenario has no limits (slo)");
    lua_pushboolean(lua, is_met);
    return 1;
}

const struct catalogue *verify_function_catalogue(lua_State *lua, struct verify_work *work)
{
    const struct catalogue *catalogue = verify_runs_catalogue(work->runs);
    if (!catalogue)
        (void)luaL_error(lua, "the catalogue cannot be read: see above");
    return catalogue;
}

/* ---- Other rows ---- */

static const struct reference_row *row_of(lua_State *lua, struct verify_work *work, size_t *index)
{
    const char *id = luaL_checkstring(lua, 1);
    const struct reference_list *list = &work->file->scenario->references;
    const struct reference_row *row = reference_find_row(list, id);
    if (work->is_defining)
        (void)luaL_error(lua, "inside `define` rows can be asked for in functions only");
    if (!row) {
        struct suggestion search = suggest_begin(id);
        for (size_t i = 0; i < list->row_count; i++)
            suggest_offer(&search, list->rows[i].id);
        (void)luaL_error(lua,
                         search.nearest ? "this file has no row '%s'; did you mean '%s'?" : "this file has no row '%s'",
                         id, search.nearest);
    }
    *index = (size_t)(row - list->rows);
    return row;
}

static void note_row(struct sim_array *rows, size_t index)
{
    const size_t *items = rows->items;
    for (size_t i = 0; i < rows->count; i++)
        if (items[i] == index)
            return;
    size_t place = sim_array_add(rows);
    ((size_t *)rows->items)[place] = index;
}

/* Their figure is data if the row in which it stands is itself checked against data: verify.c. */
static int theirs(lua_State *lua)
{
    struct verify_work *work = formula_host(lua);
    size_t index;
    struct printed_number number;
    const struct reference_row *row = row_of(lua, work, &index);
    note_row(&work->row->on, index);
    work->is_kept = !work->file->rows[index].has_data || &work->file->rows[index] == work->row;
    if (printed_parse(row->theirs, &number))
        lua_pushnumber(lua, number.value);
    else
        lua_pushstring(lua, row->theirs);
    return 1;
}

static int ours(lua_State *lua)
{
    struct verify_work *work = formula_host(lua);
    size_t index;
    const struct reference_row *row = row_of(lua, work, &index);
    char name[64];
    if (row->ours.text[0] == '\0')
        return luaL_error(lua, "the row '%s' is untestable", row->id);
    if (work->depth == DEPTH_MAX)
        return luaL_error(lua, "the row '%s' depends on itself", row->id);
    (void)snprintf(name, sizeof name, "ours %s", row->id);
    const struct formula_code code = {.name = name, .text = row->ours.text};
    work->depth++;
    formula_evaluate_inside(lua, &code);
    work->depth--;
    return 1;
}

void verify_function_add_all(struct verify_work *work)
{
    static const struct {
        const char *name;
        lua_CFunction function;
    } functions[] = {
        {"metric", metric},   {"metric_or", metric_or}, {"is_saturated", is_saturated},
        {"slo_met", slo_met}, {"theirs", theirs},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        verify_alter_add(work, functions[i].name, functions[i].function);
    formula_add_function(work->formula, "ours", NULL, ours);
    verify_value_add_all(work);
    verify_size_add_all(work);
    formula_add_library(work->formula, verify_library);
}
