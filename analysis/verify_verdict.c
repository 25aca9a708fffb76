/* verify_verdict.c - confirmed, off or contradicted: design of the verdicts.
 *
 * Numbers are compared within the row's tolerance, by default half a unit of the last digit that was printed (10 % for
 * measurements). "8-10" is a range when ours is one number. Texts are compared word by word, but numbers in them like
 * numbers: "L4=24; A40=48" agrees with "L4=24.0; A40=48".
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/verify_internal.h"
#include "scenarios/printed.h"

/* Of measurements, as a share. */
#define MEASURED_TOLERANCE 0.1
/* Of draws that say the same. */
#define CLEAR_SHARE 0.95
/* Sums of decimal fractions are not exact in binary. */
#define ROUNDING 1e-9

static double allowed_of(const struct reference_row *row, const struct printed_number *theirs)
{
    if (!isnan(row->tolerance))
        return row->is_tolerance_share ? row->tolerance * fabs(theirs->value) : row->tolerance;
    return row->kind == REFERENCE_MEASURED ? MEASURED_TOLERANCE * fabs(theirs->value) : theirs->half_unit;
}

static bool is_within(double difference, double allowed, double scale)
{
    return fabs(difference) <= allowed + ROUNDING * fmax(fabs(scale), allowed);
}

/* ---- Text ---- */

static bool is_word(char letter)
{
    return isalnum((unsigned char)letter) || letter == '_' || letter == '.';
}

/* The number at `at`, which is in `text`; not one that belongs to a name, such as the 40 of A40. */
static bool number_at(const char *text, const char *at, struct printed_number *number, size_t *size)
{
    char before = ' ';
    if (at > text)
        before = at[-1];
    bool is_signed = *at == '-' || *at == '+';
    if (is_word(before) || (is_signed && before != ' ' && !strchr("=;,(:<>", before)))
        return false;
    return printed_begin(at, number, size);
}

static size_t blanks(const char *at)
{
    return strspn(at, " \t\r\n");
}

static bool are_texts_alike(const struct reference_row *row, const char *theirs, const char *ours)
{
    const char *a = theirs + blanks(theirs);
    const char *b = ours + blanks(ours);
    while (*a || *b) {
        struct printed_number one, other;
        size_t size_a, size_b;
        if (number_at(theirs, a, &one, &size_a) && number_at(ours, b, &other, &size_b)) {
            if (!is_within(other.value - one.value, allowed_of(row, &one), one.value))
                return false;
            a += size_a;
            b += size_b;
        } else if (blanks(a) > 0 || blanks(b) > 0) {
            bool is_end = a[blanks(a)] == '\0' || b[blanks(b)] == '\0';
            if (!is_end && (blanks(a) == 0 || blanks(b) == 0))
                return false;
            a += blanks(a);
            b += blanks(b);
        } else if (*a++ != *b++) {
            return false;
        }
    }
    return true;
}

/* ---- Numbers ---- */

/* How far `ours` is beyond what is printed, which is a number or a range; NaN where it is neither. */
static double distance(const struct reference_row *row, double ours, double *allowed)
{
    struct printed_number low, high;
    const char *theirs = row->theirs;
    *allowed = NAN;
    if (printed_parse(theirs, &low))
        high = low;
    else if (!printed_parse_range(theirs, &low, &high))
        return NAN;
    const struct printed_number *nearest = ours > high.value ? &high : &low;
    *allowed = allowed_of(row, nearest);
    if (ours >= low.value && ours <= high.value)
        return 0;
    return ours - nearest->value;
}

/* A value that is as far from every limit as `ours`: whether it agrees. */
static bool is_number_confirmed(const struct reference_row *row, double ours)
{
    double allowed;
    double difference = distance(row, ours, &allowed);
    if (!isnan(difference))
        return is_within(difference, allowed, ours);
    char text[32];
    (void)snprintf(text, sizeof text, "%.10g", ours);
    return are_texts_alike(row, row->theirs, text);
}

bool verify_verdict_agrees(const struct reference_row *row, const struct formula_value *value)
{
    switch (value->kind) {
    case FORMULA_NUMBER:
        return is_number_confirmed(row, value->number);
    case FORMULA_TEXT:
        return are_texts_alike(row, row->theirs, value->text);
    case FORMULA_TRUTH:
        break;
    }
    return value->is_true;
}

void verify_verdict_judge(struct verify_row *row, const bool *holds)
{
    const struct reference_row *reference = row->row;
    bool agrees = verify_verdict_agrees(reference, &row->ours);
    row->difference = row->allowed = NAN;
    row->is_clear = (double)row->alike >= CLEAR_SHARE * (double)row->of;
    if (row->ours.kind == FORMULA_NUMBER) {
        row->difference = distance(reference, row->ours.number, &row->allowed);
        if (!isnan(row->low))
            row->is_clear = row->is_clear && is_number_confirmed(reference, row->low) == agrees &&
                            is_number_confirmed(reference, row->high) == agrees;
    }
    bool is_refuted = (holds && !*holds) || (row->ours.kind == FORMULA_TRUTH && !agrees);
    row->verdict = is_refuted ? REFERENCE_CONTRADICTED : agrees ? REFERENCE_CONFIRMED : REFERENCE_OFF;
}
