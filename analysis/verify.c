/* verify.c - the rows of one file: loading, evaluating, and what each rests on. */
#include "analysis/verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/verify_internal.h"
#include "sim/memory.h"

/* ---- Loading ---- */

static struct place place_in(const struct reference_code *code, int line)
{
    struct place place = code->place;
    if (line > 1)
        place = (struct place){.source = place.source, .line = place.line + line - 1, .column = 1};
    return place;
}

static void name_code(char *name, size_t size, const char *what, const char *id)
{
    (void)snprintf(name, size, "%s %.40s", what, id);
}

/* The code that an error names: `define`, or ours or holds of some row; NULL for a function of the library. */
static const struct reference_code *code_called(const struct reference_list *list, const char *name)
{
    char other[64];
    if (strcmp(name, "define") == 0)
        return &list->define;
    for (size_t i = 0; i < list->row_count; i++) {
        name_code(other, sizeof other, "ours", list->rows[i].id);
        if (strcmp(other, name) == 0)
            return &list->rows[i].ours;
        name_code(other, sizeof other, "holds", list->rows[i].id);
        if (strcmp(other, name) == 0)
            return &list->rows[i].holds;
    }
    return NULL;
}

/* Adds the problem where it arose, and names the row for which that was evaluated. */
static void report(struct verify_file *file, const struct reference_code *code, const char *id,
                   const struct formula_error *error)
{
    const struct reference_code *found = code_called(&file->scenario->references, error->name);
    struct place place = found ? place_in(found, error->line) : code->place;
    if (id)
        diagnostic_add(&file->problems, place, "row '%s': %s", id, error->message);
    else
        diagnostic_add(&file->problems, place, "%s", error->message);
}

static void check_code(struct verify_file *file, struct formula *formula, const struct reference_code *code,
                       const char *what, const char *id)
{
    char name[64];
    struct formula_error error;
    name_code(name, sizeof name, what, id ? id : "");
    const struct formula_code checked = {.name = id ? name : what, .text = code->text};
    if (code->text[0] != '\0' && !formula_check(formula, &checked, !id, &error))
        report(file, code, id, &error);
}

static void check_syntax(struct verify_file *file)
{
    const struct reference_list *list = &file->scenario->references;
    struct formula *formula = formula_create(NULL);
    check_code(file, formula, &list->define, "define", NULL);
    for (size_t i = 0; i < list->row_count; i++) {
        check_code(file, formula, &list->rows[i].ours, "ours", list->rows[i].id);
        check_code(file, formula, &list->rows[i].holds, "holds", list->rows[i].id);
    }
    formula_destroy(formula);
}

bool verify_load(struct verify_file *file, const char *path, const struct scenario_settings *settings)
{
    *file = (struct verify_file){.path = path, .arena = sim_arena_create()};
    diagnostic_init(&file->problems);
    if (scenario_load_with(path, settings, &file->scenario, &file->problems) != SIM_OK)
        return false;
    const struct reference_list *list = &file->scenario->references;
    file->row_count = list->row_count;
    file->rows = sim_allocate(list->row_count, sizeof *file->rows);
    for (size_t i = 0; i < list->row_count; i++) {
        file->rows[i] =
            (struct verify_row){.row = &list->rows[i], .low = NAN, .high = NAN, .interval = "", .is_clear = true};
        sim_array_init(&file->rows[i].on, sizeof(size_t));
    }
    check_syntax(file);
    return file->problems.count == 0;
}

void verify_release(struct verify_file *file)
{
    for (size_t i = 0; i < file->row_count; i++)
        sim_array_release(&file->rows[i].on);
    free(file->rows);
    scenario_destroy(file->scenario);
    diagnostic_release(&file->problems);
    sim_arena_destroy(file->arena);
}

size_t verify_choose(struct verify_file *file, const struct verify_choice *choice)
{
    size_t count = 0;
    for (size_t i = 0; i < file->row_count; i++) {
        struct verify_row *row = &file->rows[i];
        bool has_prefix = !choice->prefix || strncmp(row->row->id, choice->prefix, strlen(choice->prefix)) == 0;
        row->is_selected = has_prefix && (choice->includes_inherited || !row->row->is_inherited);
        count += row->is_selected;
    }
    return count;
}

/* ---- Evaluating ---- */

bool verify_evaluate(struct verify_work *work, const struct verify_row *row, const struct reference_code *code,
                     const char *what, struct formula_value *value)
{
    char name[64];
    struct formula_error error;
    const struct reference_list *list = &work->file->scenario->references;
    const struct formula_code define = {.name = "define", .text = list->define.text};
    name_code(name, sizeof name, what, row->row->id);
    const struct formula_code formula = {.name = name, .text = code->text};
    work->no_value = NULL;
    work->depth = 0;
    if (formula_evaluate(work->formula, define.text[0] != '\0' ? &define : NULL, &formula, &work->is_defining,
                         work->file->arena, value, &error))
        return true;
    if (!work->no_value && work->status == SIM_OK && work->view != VERIFY_ALTERED)
        report(work->file, code, row->row->id, &error);
    return false;
}

static void evaluate_ours(struct verify_work *work, struct verify_row *row)
{
    struct verify_row *outer = work->row;
    row->is_evaluated = true;
    if (row->row->ours.text[0] == '\0')
        return;
    work->row = row;
    work->view = VERIFY_POOLED;
    work->keeps_uses = true;
    sim_array_resize(&work->uses, 0);
    if (verify_evaluate(work, row, &row->row->ours, "ours", &row->ours)) {
        if (row->is_selected)
            verify_interval_fill(work, row);
        row->is_answered = true;
    } else if (work->no_value) {
        row->problem = work->no_value;
    }
    work->row = outer;
}

/* Whether what the row answers comes from data: directly, or by printed figures of rows of which that is true. */
static bool has_data(struct verify_work *work, struct verify_row *row, bool *is_seen)
{
    size_t index = (size_t)(row - work->file->rows);
    if (is_seen[index])
        return false;
    is_seen[index] = true;
    if (!row->is_evaluated && work->status == SIM_OK)
        evaluate_ours(work, row);
    row->has_data = row->has_data || row->accesses > 0;
    for (size_t i = 0; i < row->on.count && !row->has_data; i++)
        row->has_data = has_data(work, &work->file->rows[((const size_t *)row->on.items)[i]], is_seen);
    return row->has_data;
}

static void refuse_constant(struct verify_work *work, struct verify_row *row)
{
    bool *is_seen = sim_allocate(work->file->row_count, sizeof *is_seen);
    bool rests_on_data = !row->is_answered || has_data(work, row, is_seen);
    free(is_seen);
    if (!rests_on_data)
        diagnostic_add(&work->file->problems, row->row->ours.place,
                       "row '%s': ours depends on nothing that was loaded or simulated", row->row->id);
    else if (row->is_answered && row->verdict != REFERENCE_NO_VALUE && !verify_alter_changes(work, row))
        diagnostic_add(&work->file->problems, row->row->ours.place,
                       "row '%s': ours is the same whatever is loaded and simulated", row->row->id);
}

/* What cannot be compared is a mistake in the row. */
static void check_comparison(struct verify_work *work, const struct verify_row *row)
{
    if (row->row->theirs[0] == '\0' && row->ours.kind != FORMULA_TRUTH)
        diagnostic_add(&work->file->problems, row->row->ours.place,
                       "row '%s': without theirs, ours must be true or false: there is nothing to compare it with",
                       row->row->id);
    if (row->ours.kind == FORMULA_NUMBER && !isfinite(row->ours.number))
        diagnostic_add(&work->file->problems, row->row->ours.place, "row '%s': ours is no finite number", row->row->id);
}

/* False if it has no value or is wrong. */
static bool find_out_whether_it_holds(struct verify_work *work, struct verify_row *row, bool *holds)
{
    struct formula_value value;
    bool is_done = verify_evaluate(work, row, &row->row->holds, "holds", &value);
    if (is_done && value.kind != FORMULA_TRUTH) {
        diagnostic_add(&work->file->problems, row->row->holds.place, "row '%s': 'holds' must be true or false",
                       row->row->id);
        return false;
    }
    if (!is_done && work->no_value)
        row->problem = work->no_value;
    *holds = is_done && value.is_true;
    return is_done;
}

static void judge(struct verify_work *work, struct verify_row *row)
{
    bool holds = true;
    bool has_holds = row->row->holds.text[0] != '\0';
    size_t accesses = row->accesses;
    size_t on = row->on.count;
    work->row = row;
    work->keeps_uses = true; /* beside those of ours */
    if (has_holds && !find_out_whether_it_holds(work, row, &holds)) {
        row->verdict = REFERENCE_NO_VALUE;
        return;
    }
    verify_interval_draw(work, row, has_holds ? &holds : NULL);
    row->accesses = accesses; /* what holds asks for is no support of ours */
    sim_array_resize(&row->on, on);
    verify_verdict_judge(row, has_holds ? &holds : NULL);
}

static void answer(struct verify_work *work, struct verify_row *row)
{
    if (row->row->untestable[0] != '\0') {
        row->verdict = REFERENCE_UNTESTABLE;
        row->is_answered = row->is_evaluated = true;
        return;
    }
    size_t before = work->file->problems.count;
    if (!row->is_evaluated)
        evaluate_ours(work, row);
    if (work->status != SIM_OK)
        return;
    if (row->problem) {
        row->verdict = REFERENCE_NO_VALUE;
        row->is_answered = true;
        return;
    }
    if (row->is_answered)
        check_comparison(work, row);
    if (work->file->problems.count == before && row->is_answered)
        judge(work, row);
}

enum sim_status verify_answer(struct verify_file *file, struct verify_runs *runs, struct sim_error *error)
{
    struct verify_work work = {.file = file, .runs = runs, .error = error};
    size_t before = verify_runs_count(runs);
    sim_array_init(&work.uses, sizeof(struct verify_use));
    work.formula = formula_create(&work);
    verify_function_add_all(&work);
    for (size_t i = 0; i < file->row_count && work.status == SIM_OK; i++)
        if (file->rows[i].is_selected)
            answer(&work, &file->rows[i]);
    for (size_t i = 0; i < file->row_count && work.status == SIM_OK; i++)
        if (file->rows[i].is_selected && file->rows[i].row->untestable[0] == '\0')
            refuse_constant(&work, &file->rows[i]);
    formula_destroy(work.formula);
    sim_array_release(&work.uses);
    file->run_count = verify_runs_count(runs) - before;
    if (work.status != SIM_OK)
        return work.status;
    return file->problems.count > 0 ? SIM_BAD_INPUT : SIM_OK;
}

bool verify_is_expected(const struct verify_row *row)
{
    return row->verdict == row->row->expect;
}
