/* verify_claims.c - matching a list of claims with the rows that answer them. */
#include "analysis/verify_claims.h"

#include <stdlib.h>
#include <string.h>

#include "sim/csv.h"
#include "sim/memory.h"

enum column {
    COLUMN_ID,
    COLUMN_DOCUMENT,
    COLUMN_SECTION,
    COLUMN_SUBJECT,
    COLUMN_EXPECTED,
    COLUMN_VALUE,
    COLUMN_KIND,
    COLUMN_COUNT,
    COLUMN_NEEDED = COLUMN_VALUE
};

static const char *const column_names[] = {"id", "file", "section", "subject", "expected", "value", "kind"};

void verify_claims_init(struct verify_claims *claims)
{
    *claims = (struct verify_claims){0};
    diagnostic_init(&claims->problems);
}

void verify_claims_release(struct verify_claims *claims)
{
    diagnostic_release(&claims->problems);
    free(claims->items);
}

/* ---- Reading ---- */

static const char *text_of(struct verify_claims *claims, const struct sim_csv *csv, enum column column)
{
    if (!sim_csv_has(csv, column))
        return NULL;
    return sim_arena_text(claims->problems.arena, sim_csv_text(csv, column));
}

static void add_claim(struct verify_claims *claims, const struct sim_csv *csv, const struct source *source)
{
    claims->items = sim_grow(claims->items, &claims->capacity, claims->count + 1, sizeof *claims->items);
    claims->items[claims->count++] = (struct verify_claim){
        .id = text_of(claims, csv, COLUMN_ID),
        .document = text_of(claims, csv, COLUMN_DOCUMENT),
        .section = text_of(claims, csv, COLUMN_SECTION),
        .subject = text_of(claims, csv, COLUMN_SUBJECT),
        .expected = text_of(claims, csv, COLUMN_EXPECTED),
        .theirs = text_of(claims, csv, COLUMN_VALUE),
        .kind = text_of(claims, csv, COLUMN_KIND),
        .place = {.source = source, .line = sim_csv_line(csv), .column = 1},
    };
}

static enum sim_status check_columns(const struct sim_csv *csv, const char *path, struct sim_error *error)
{
    for (size_t i = 0; i < COLUMN_NEEDED; i++)
        if (!sim_csv_has(csv, i))
            return sim_error_set(error, SIM_BAD_INPUT, path, 1, "there is no column '%s'", column_names[i]);
    return SIM_OK;
}

enum sim_status verify_claims_load(struct verify_claims *claims, const char *path, struct sim_error *error)
{
    struct sim_csv *csv = NULL;
    bool has_row = true;
    struct source *source = sim_arena_allocate(claims->problems.arena, 1, sizeof *source);
    *source = (struct source){.name = path, .text = "", .number = claims->problems.source_count++};
    enum sim_status status = sim_csv_open_choice(path, column_names, COLUMN_COUNT, &csv, error);
    if (status == SIM_OK)
        status = check_columns(csv, path, error);
    while (status == SIM_OK && has_row) {
        status = sim_csv_next(csv, &has_row, error);
        if (status == SIM_OK && has_row)
            add_claim(claims, csv, source);
    }
    sim_csv_close(csv);
    return status;
}

/* ---- Matching ---- */

static void find_row(struct verify_claim *claim, const struct verify_file *files, size_t count)
{
    for (size_t f = 0; f < count; f++)
        for (size_t i = 0; i < files[f].row_count; i++)
            if (files[f].rows[i].is_selected && strcmp(files[f].rows[i].row->id, claim->id) == 0) {
                claim->file = &files[f];
                claim->row = &files[f].rows[i];
                return;
            }
}

static void check_claim(struct verify_claims *claims, const struct verify_claim *claim)
{
    if (!claim->row) {
        diagnostic_add(&claims->problems, claim->place, "no row answers '%s'", claim->id);
        return;
    }
    const struct reference_row *row = claim->row->row;
    if (claim->theirs && strcmp(claim->theirs, row->theirs) != 0)
        diagnostic_add(&claims->problems, claim->place, "'%s' has theirs '%s' here, but '%s' in %s:%d", claim->id,
                       claim->theirs, row->theirs, row->place.source->name, row->place.line);
    if (claim->kind && strcmp(claim->kind, reference_kind_text(row->kind)) != 0)
        diagnostic_add(&claims->problems, claim->place, "'%s' has the kind '%s' here, but '%s' in %s:%d", claim->id,
                       claim->kind, reference_kind_text(row->kind), row->place.source->name, row->place.line);
}

static int compare_ids(const void *left, const void *right)
{
    const struct verify_claim *a = *(const struct verify_claim *const *)left;
    const struct verify_claim *b = *(const struct verify_claim *const *)right;
    int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a > b) - (a < b);
}

static void check_ids(struct verify_claims *claims)
{
    const struct verify_claim **sorted = sim_allocate(claims->count, sizeof *sorted);
    for (size_t i = 0; i < claims->count; i++)
        sorted[i] = &claims->items[i];
    if (claims->count > 1)
        qsort(sorted, claims->count, sizeof *sorted, compare_ids);
    for (size_t i = 1; i < claims->count; i++)
        if (strcmp(sorted[i - 1]->id, sorted[i]->id) == 0)
            diagnostic_add(&claims->problems, sorted[i]->place, "the id '%s' is there twice", sorted[i]->id);
    free(sorted);
}

bool verify_claims_match(struct verify_claims *claims, const struct verify_file *files, size_t count,
                         const char *prefix)
{
    size_t kept = 0;
    for (size_t i = 0; i < claims->count; i++)
        if (!prefix || strncmp(claims->items[i].id, prefix, strlen(prefix)) == 0)
            claims->items[kept++] = claims->items[i];
    claims->count = kept;
    check_ids(claims);
    for (size_t i = 0; i < kept; i++) {
        find_row(&claims->items[i], files, count);
        check_claim(claims, &claims->items[i]);
    }
    return claims->problems.count == 0;
}

static bool begins_with(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

bool verify_claims_agree(const struct verify_claim *claim)
{
    int32_t verdict = claim->row->verdict;
    if (begins_with(claim->expected, "confirmed") || begins_with(claim->expected, "input"))
        return verdict == REFERENCE_CONFIRMED;
    if (begins_with(claim->expected, "off"))
        return verdict == REFERENCE_OFF || verdict == REFERENCE_CONTRADICTED;
    if (begins_with(claim->expected, "not testable"))
        return verdict == REFERENCE_UNTESTABLE;
    return verdict != REFERENCE_NO_VALUE;
}
