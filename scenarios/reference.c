/* reference.c - the keys of variants and rows, and what must hold between them. */
#include "scenarios/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/binding.h"
#include "scenarios/check.h"
#include "scenarios/printed.h"
#include "sim/field_internal.h"

static const char *const kind_names[] = {"arithmetic", "measured", "input", "rule", "claim", NULL};
static const char *const expect_names[] = {"confirmed", "off", "contradicted", "untestable", NULL};

static const struct sim_field setting_fields[] = {
    ITEM(reference_setting, setting, "setting", TEXT, "", 0, 0, REQUIRED, "PATH=VALUE, as --set takes it"),
};
TABLE(setting_table, "setting", reference_setting, setting_fields);

static const struct sim_field variant_fields[] = {
    ITEM(reference_variant, name, "name", TEXT, "", 0, 0, REQUIRED, "name by which rows ask for this run"),
    ITEM(reference_variant, scenario, "scenario", TEXT, "", 0, 0, NO_DEFAULT,
         "another scenario file; without: this scenario"),
    VALUES(reference_variant, settings, setting_count, "set", &setting_table, "setting", NO_DEFAULT,
           "values that differ, as --set takes them: pools.tts.scaledown_window=300 s"),
};
TABLE(variant_table, "variant", reference_variant, variant_fields);

static const struct sim_field row_fields[] = {
    ITEM(reference_row, id, "id", TEXT, "", 0, 0, REQUIRED, "name of the row, unique in all files"),
    ITEM(reference_row, where, "where", TEXT, "", 0, 0, NO_DEFAULT, "where it was published"),
    CHOICE(reference_row, kind, "kind", kind_names, REQUIRED,
           "arithmetic: recomputed; measured: simulated against a measurement; input: loaded; rule: implemented; "
           "claim: tested"),
    ITEM(reference_row, claim, "claim", TEXT, "", 0, 0, REQUIRED, "what is said there, in one line"),
    ITEM(reference_row, theirs, "theirs", TEXT, "", 0, 0, NO_DEFAULT,
         "figure or text as printed there; its last digit gives the tolerance"),
    ITEM(reference_row, unit, "unit", TEXT, "", 0, 0, NO_DEFAULT, "unit of theirs and ours, for the reader"),
    ITEM(reference_row, ours_text, "ours", TEXT, "", 0, 0, NO_DEFAULT,
         "Lua expression from what is loaded or simulated: a number, a text, or true and false"),
    ITEM(reference_row, holds_text, "holds", TEXT, "", 0, 0, NO_DEFAULT,
         "Lua expression: whether what is concluded there stands; false makes the verdict contradicted"),
    ITEM(reference_row, tolerance_text, "tolerance", TEXT, "", 0, 0, NO_DEFAULT,
         "a share of theirs (5%) or a number in the row's unit; without: half a unit of the last printed digit, 10% "
         "for measured"),
    CHOICE(reference_row, expect, "expect", expect_names, REQUIRED,
           "the verdict that is known; another one is exit code 1"),
    ITEM(reference_row, reason, "reason", TEXT, "", 0, 0, NO_DEFAULT, "why, in one line"),
    ITEM(reference_row, untestable, "untestable", TEXT, "", 0, 0, NO_DEFAULT,
         "instead of ours: why no program can test it"),
};
TABLE(row_table, "reference row", reference_row, row_fields);

static const struct sim_field list_fields[] = {
    LIST(reference_list, variants, variant_count, "variants", &variant_table, NO_DEFAULT,
         "other runs that reference rows may ask for; not made unless one does"),
    ITEM(reference_list, define_text, "define", TEXT, "", 0, 0, NO_DEFAULT,
         "Lua 5.4: functions that the reference rows share"),
    LIST(reference_list, rows, row_count, "reference", &row_table, NO_DEFAULT,
         "published figures and claims that `capsim verify` compares with its own"),
};
const struct sim_field_table reference_table = {"what a scenario is compared with", list_fields,
                                                sizeof list_fields / sizeof *list_fields,
                                                sizeof(struct reference_list)};

const char *reference_kind_text(int32_t kind)
{
    return kind_names[kind];
}

const char *reference_verdict_text(int32_t verdict)
{
    return verdict == REFERENCE_NO_VALUE ? "no value" : expect_names[verdict];
}

/* ---- Places ---- */

/* Where the first line of a scalar's text is. Block scalars begin in the line after their sign. */
static struct place text_place(const struct node *node)
{
    size_t size;
    struct place place = node->place;
    const char *line = source_line(place, &size);
    bool is_block = place.column >= 1 && (size_t)place.column <= size &&
                    (line[place.column - 1] == '|' || line[place.column - 1] == '>');
    if (is_block)
        place = (struct place){.source = place.source, .line = place.line + 1, .column = 1};
    return place;
}

static struct reference_code code_of(const char *text, const struct node *owner, const char *key)
{
    const struct node *node = check_given(owner, key);
    return (struct reference_code){.text = text, .place = node ? text_place(node) : owner->place};
}

/* ---- Checks ---- */

static void take_tolerance(struct reference_row *row, const struct node *node, struct diagnostic_list *problems)
{
    char digits[64] = "";
    size_t length = strlen(row->tolerance_text);
    struct printed_number number;
    row->tolerance = NAN;
    if (length == 0)
        return;
    row->is_tolerance_share = row->tolerance_text[length - 1] == '%';
    if (length < sizeof digits)
        memcpy(digits, row->tolerance_text, length - row->is_tolerance_share);
    if (printed_parse(digits, &number) && number.value >= 0)
        row->tolerance = row->is_tolerance_share ? number.value / 100 : number.value;
    else
        diagnostic_add(problems, check_place(node, "tolerance"),
                       "'tolerance' is a share of theirs, such as 5%%, or a number in the row's unit, such as 0.5, not "
                       "'%s'",
                       row->tolerance_text);
}

static bool is_given(const char *text)
{
    return text && text[0] != '\0';
}

static void check_row(struct reference_row *row, const struct node *node, struct diagnostic_list *problems)
{
    struct printed_number number;
    take_tolerance(row, node, problems);
    if (!is_given(row->ours_text) && !is_given(row->untestable))
        diagnostic_add(problems, node->place, "row '%s' has neither 'ours' nor 'untestable'", row->id);
    if (is_given(row->ours_text) && is_given(row->untestable))
        diagnostic_add(problems, check_place(node, "untestable"), "row '%s' has both 'ours' and 'untestable'", row->id);
    if (is_given(row->untestable) && is_given(row->holds_text))
        diagnostic_add(problems, check_place(node, "holds"), "row '%s' is untestable: nothing can hold", row->id);
    if (row->is_tolerance_share && is_given(row->theirs) && !printed_parse(row->theirs, &number))
        diagnostic_add(problems, check_place(node, "tolerance"), "a share of '%s' is no number", row->theirs);
}

static int compare_rows(const void *left, const void *right)
{
    const struct reference_row *a = *(const struct reference_row *const *)left;
    const struct reference_row *b = *(const struct reference_row *const *)right;
    int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->place.line > b->place.line) - (a->place.line < b->place.line);
}

static void check_ids(const struct reference_list *list, struct diagnostic_list *problems)
{
    const struct reference_row **sorted = sim_allocate(list->row_count, sizeof *sorted);
    for (size_t i = 0; i < list->row_count; i++)
        sorted[i] = &list->rows[i];
    if (list->row_count > 1)
        qsort(sorted, list->row_count, sizeof *sorted, compare_rows);
    for (size_t i = 1; i < list->row_count; i++)
        if (is_given(sorted[i]->id) && strcmp(sorted[i - 1]->id, sorted[i]->id) == 0)
            diagnostic_add(problems, sorted[i]->place, "two rows have the id '%s': the other is in line %d",
                           sorted[i]->id, sorted[i - 1]->place.line);
    free(sorted);
}

/* ---- Loading ---- */

static void complete_variants(struct reference_list *list, const struct node *items, struct sim_arena *arena,
                              struct diagnostic_list *problems)
{
    const struct node *node = items ? items->first : NULL;
    for (size_t i = 0; node && i < list->variant_count; i++, node = node->next) {
        struct reference_variant *variant = &list->variants[i];
        variant->place = node->place;
        if (is_given(variant->scenario))
            variant->scenario = source_resolve(check_place(node, "scenario").source, variant->scenario, arena);
        else if (variant->setting_count == 0 && !node->is_wrong)
            diagnostic_add(problems, node->place, "variant '%s' has neither 'scenario' nor 'set'", variant->name);
    }
}

static void complete_rows(struct reference_list *list, const struct node *items, const struct source *own,
                          struct diagnostic_list *problems)
{
    const struct node *node = items ? items->first : NULL;
    for (size_t i = 0; node && i < list->row_count; i++, node = node->next) {
        struct reference_row *row = &list->rows[i];
        row->place = node->place;
        row->is_inherited = node->place.source != own;
        row->ours = code_of(row->ours_text, node, "ours");
        row->holds = code_of(row->holds_text, node, "holds");
        if (node->kind == NODE_MAPPING && !node->is_wrong)
            check_row(row, node, problems);
    }
}

void reference_take(struct node *root, struct reference_list *list, struct sim_arena *arena,
                    struct diagnostic_list *problems)
{
    struct node *taken = node_create(problems->arena, NODE_MAPPING, root->place);
    for (size_t i = 0; i < reference_table.count; i++) {
        struct node *member = node_member(root, reference_table.fields[i].name);
        if (!member)
            continue;
        node_remove(root, member);
        member->next = NULL;
        node_append(taken, member);
    }
    size_t before = problems->count;
    binding_fill(&reference_table, taken, list, arena, problems);
    list->define = code_of(list->define_text, taken, "define");
    complete_variants(list, node_member(taken, "variants"), arena, problems);
    complete_rows(list, node_member(taken, "reference"), root->place.source, problems);
    if (problems->count == before)
        check_ids(list, problems);
}

const struct reference_row *reference_find_row(const struct reference_list *list, const char *id)
{
    for (size_t i = 0; i < list->row_count; i++)
        if (strcmp(list->rows[i].id, id) == 0)
            return &list->rows[i];
    return NULL;
}

const struct reference_variant *reference_find_variant(const struct reference_list *list, const char *name)
{
    for (size_t i = 0; i < list->variant_count; i++)
        if (strcmp(list->variants[i].name, name) == 0)
            return &list->variants[i];
    return NULL;
}
