/* reference.h - what a scenario is compared with: rows of figures and claims that others published.
 *
 * Three keys of a scenario that no run looks at: `variants` (other runs that rows may ask for), `define` (Lua that the
 * rows share) and `reference` (the rows). They stand beside world_config, which does not know them; `capsim verify`
 * evaluates them (analysis/verify.h). `base:` passes them on: variants merge by name, rows by id.
 */
#ifndef SCENARIOS_REFERENCE_H
#define SCENARIOS_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/diagnostic.h"
#include "scenarios/node.h"
#include "sim/field.h"
#include "sim/memory.h"

enum reference_kind {
    REFERENCE_ARITHMETIC, /* recomputed from other figures */
    REFERENCE_MEASURED,   /* simulated, against a measurement */
    REFERENCE_INPUT,      /* loaded */
    REFERENCE_RULE,       /* implemented */
    REFERENCE_CLAIM       /* tested */
};

/* In the order in which a row may expect them; the last one is never expected. */
enum reference_verdict {
    REFERENCE_CONFIRMED,    /* within the tolerance */
    REFERENCE_OFF,          /* beyond it, but what is concluded from it stands */
    REFERENCE_CONTRADICTED, /* a ranking, a threshold, a feasibility or a sign turns */
    REFERENCE_UNTESTABLE,   /* no program can test it */
    REFERENCE_NO_VALUE      /* the figure that it needs is withheld or missing */
};

/* A piece of Lua and where it stands. Places live as long as the list of problems given to the loader. */
struct reference_code {
    const char *text; /* "": none */
    struct place place;
};

struct reference_setting {
    const char *setting; /* PATH=VALUE */
};

struct reference_variant {
    const char *name;
    const char *scenario; /* path of another file; "": the scenario itself */
    struct reference_setting *settings;
    size_t setting_count;
    struct place place;
};

struct reference_row {
    const char *id;
    const char *where;
    int32_t kind;
    const char *claim;
    const char *theirs; /* as printed; "": a claim without a figure */
    const char *unit;
    const char *ours_text;
    const char *holds_text;
    const char *tolerance_text;
    int32_t expect;
    const char *reason;
    const char *untestable; /* why; "": it is tested */

    struct reference_code ours;
    struct reference_code holds;
    double tolerance;        /* a share of theirs or a number in the row's unit; NaN: not given */
    bool is_tolerance_share; /* as in 5% */
    bool is_inherited;       /* stands in a base, not in the scenario's own file */
    struct place place;
};

struct reference_list {
    struct reference_variant *variants;
    size_t variant_count;
    const char *define_text;
    struct reference_code define;
    struct reference_row *rows;
    size_t row_count;
};

extern const struct sim_field_table reference_table;

/* Takes the three keys out of the tree and binds them. Texts and lists belong to `arena`. */
void reference_take(struct node *root, struct reference_list *list, struct sim_arena *arena,
                    struct diagnostic_list *problems);

/* The row called `id` and the variant called `name`; NULL if there is none. */
const struct reference_row *reference_find_row(const struct reference_list *list, const char *id);
const struct reference_variant *reference_find_variant(const struct reference_list *list, const char *name);

/* "arithmetic", ...; "confirmed", ..., "no value". */
const char *reference_kind_text(int32_t kind);
const char *reference_verdict_text(int32_t verdict);

#endif
