/* formula.h - expressions in Lua 5.4 that a file brings along, evaluated where they can do no harm.
 *
 * A formula sees numbers, texts, tables, a few functions of the language (ipairs, pairs, select, tonumber, tostring,
 * type, error, assert; string without patterns; table.concat, insert, remove, sort, unpack) and what the host adds: no
 * files, no programs, no clock, no other code. Instructions and memory are bounded. Each evaluation starts from
 * nothing: what one leaves behind no other sees, so results do not depend on the order.
 */
#ifndef ANALYSIS_FORMULA_H
#define ANALYSIS_FORMULA_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "sim/memory.h"

#define FORMULA_MEMORY_MAX ((size_t)64 << 20)
#define FORMULA_INSTRUCTION_MAX 50000000

/* Code and what it is called in errors. */
struct formula_code {
    const char *name;
    const char *text;
};

enum formula_kind {
    FORMULA_NUMBER,
    FORMULA_TEXT,
    FORMULA_TRUTH
};

struct formula_value {
    enum formula_kind kind;
    double number;
    bool is_true;
    const char *text;
};

/* What went wrong, and in which line of which code. */
struct formula_error {
    char name[64];
    int line; /* from 1; 0: not known */
    char message[400];
};

struct formula;

/* `host` is handed to the functions that the host adds (formula_host). Borrowed. */
struct formula *formula_create(void *host);
void formula_destroy(struct formula *formula);

/* A function of the host, or functions written in Lua, that every formula sees. Trusted. `around`: called in place of
 * the function, with the name and the function as its upvalues; NULL: the function itself.
 */
void formula_add_function(struct formula *formula, const char *name, lua_CFunction around, lua_CFunction function);
void formula_add_library(struct formula *formula, const char *text);

/* The host of a running formula. */
void *formula_host(lua_State *lua);

/* Whether the text is Lua: an expression, or for a body, statements (is_body) that may return a value. */
bool formula_check(struct formula *formula, const struct formula_code *code, bool is_body, struct formula_error *error);

/* Runs the statements of `define`, then evaluates `code`; texts belong to `arena`. False after an error, which is also
 * that the value is no number, text or truth value. `is_defining` is true while `define` runs: what the host's
 * functions may refuse then; NULL: nobody asks.
 */
bool formula_evaluate(struct formula *formula, const struct formula_code *define, const struct formula_code *code,
                      bool *is_defining, struct sim_arena *arena, struct formula_value *value,
                      struct formula_error *error);

/* For a function of the host: evaluates other code as part of the formula that runs and leaves its value on the stack.
 */
void formula_evaluate_inside(lua_State *lua, const struct formula_code *code);

#endif
