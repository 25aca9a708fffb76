/* verify_report_json.c - answered rows for programs. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/verify_report.h"
#include "scenarios/printed.h"
#include "sim/error.h"
#include "sim/memory.h"

enum {
    REAL_DIGITS = 17
};

static void set(json_t *object, const char *key, json_t *value)
{
    sim_assert(json_object_set_new(object, key, value) == 0);
}

static json_t *text_or_null(const char *text)
{
    json_t *value = text && text[0] != '\0' ? json_string(text) : NULL;
    return value ? value : json_null();
}

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static bool has_ours(const struct verify_row *row)
{
    return row->verdict != REFERENCE_UNTESTABLE && row->verdict != REFERENCE_NO_VALUE;
}

static json_t *ours_of(const struct verify_row *row)
{
    if (!has_ours(row))
        return json_null();
    switch (row->ours.kind) {
    case FORMULA_NUMBER:
        return number_or_null(row->ours.number);
    case FORMULA_TRUTH:
        return json_boolean(row->ours.is_true);
    case FORMULA_TEXT:
        break;
    }
    return text_or_null(row->ours.text);
}

static json_t *theirs_of(const struct verify_row *row)
{
    struct printed_number number;
    return printed_parse(row->row->theirs, &number) ? json_real(number.value) : text_or_null(row->row->theirs);
}

static json_t *row_object(const struct verify_row *row)
{
    json_t *object = json_object();
    const char *why = row->problem ? row->problem : row->row->untestable;
    set(object, "id", text_or_null(row->row->id));
    set(object, "claim", text_or_null(row->row->claim));
    set(object, "theirs", theirs_of(row));
    set(object, "ours", ours_of(row));
    set(object, "low", number_or_null(has_ours(row) ? row->low : NAN));
    set(object, "high", number_or_null(has_ours(row) ? row->high : NAN));
    set(object, "verdict", text_or_null(reference_verdict_text(row->verdict)));
    set(object, "expect", text_or_null(reference_verdict_text(row->row->expect)));
    set(object, "where", text_or_null(row->row->where));
    set(object, "kind", text_or_null(reference_kind_text(row->row->kind)));
    set(object, "unit", text_or_null(row->row->unit));
    set(object, "difference", number_or_null(has_ours(row) ? row->difference : NAN));
    set(object, "allowed", number_or_null(has_ours(row) ? row->allowed : NAN));
    set(object, "clear", json_boolean(!has_ours(row) || row->is_clear));
    set(object, "alike", row->of > 0 ? json_integer((json_int_t)row->alike) : json_null());
    set(object, "draws", row->of > 0 ? json_integer((json_int_t)row->of) : json_null());
    set(object, "interval", text_or_null(row->interval));
    set(object, "reason", text_or_null(row->row->reason));
    set(object, "missing", text_or_null(why));
    return object;
}

static json_t *rows_array(const struct verify_file *files, size_t count)
{
    json_t *array = json_array();
    for (size_t f = 0; f < count; f++)
        for (size_t i = 0; i < files[f].row_count; i++) {
            if (!files[f].rows[i].is_selected)
                continue;
            json_t *object = row_object(&files[f].rows[i]);
            set(object, "file", text_or_null(files[f].path));
            sim_assert(json_array_append_new(array, object) == 0);
        }
    return array;
}

/* Memory for jansson, which never fails. */
static void *allocate(size_t size)
{
    return sim_allocate(size, 1);
}

void verify_report_json(const struct verify_file *files, size_t count, FILE *out)
{
    json_set_alloc_funcs(allocate, free);
    json_t *root = json_object();
    set(root, "format", json_integer(1));
    set(root, "scenario", count == 1 ? text_or_null(files[0].path) : json_null());
    set(root, "rows", rows_array(files, count));
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS));
    sim_assert(text);
    fputs(text, out);
    fputc('\n', out);
    free(text);
    json_decref(root);
}

/* ---- CSV ---- */

/* A text in quotes, those in it doubled. */
static void print_text(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void print_number(double value, FILE *out)
{
    if (isfinite(value))
        fprintf(out, "%.17g", value);
}

static void print_row(const struct verify_row *row, FILE *out)
{
    print_text(row->row->id, out);
    fputc(',', out);
    print_text(row->row->claim, out);
    fputc(',', out);
    print_text(row->row->theirs, out);
    fputc(',', out);
    if (has_ours(row) && row->ours.kind == FORMULA_NUMBER)
        print_number(row->ours.number, out);
    else if (has_ours(row))
        print_text(verify_report_ours(row).text, out);
    fputc(',', out);
    print_number(has_ours(row) ? row->low : NAN, out);
    fputc(',', out);
    print_number(has_ours(row) ? row->high : NAN, out);
    fprintf(out, ",%s,%s\n", reference_verdict_text(row->verdict), reference_verdict_text(row->row->expect));
}

void verify_report_csv(const struct verify_file *files, size_t count, FILE *out)
{
    fputs("id,claim,theirs,ours,low,high,verdict,expect\n", out);
    for (size_t f = 0; f < count; f++)
        for (size_t i = 0; i < files[f].row_count; i++)
            if (files[f].rows[i].is_selected)
                print_row(&files[f].rows[i], out);
}
