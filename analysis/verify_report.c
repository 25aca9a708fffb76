/* verify_report.c - verdicts as a person reads them. */
#include "analysis/verify_report.h"

#include <math.h>
#include <string.h>

#include "analysis/style.h"

enum {
    KIND_COUNT = REFERENCE_CLAIM + 1,
    VERDICT_COUNT = REFERENCE_NO_VALUE + 1,
    WIDTH_MAX = 34
};

struct verify_text verify_report_ours(const struct verify_row *row)
{
    struct verify_text cell = {"-"};
    if (row->verdict == REFERENCE_UNTESTABLE || row->verdict == REFERENCE_NO_VALUE)
        return cell;
    if (row->ours.kind == FORMULA_NUMBER)
        (void)snprintf(cell.text, sizeof cell.text, "%.6g", row->ours.number);
    else if (row->ours.kind == FORMULA_TRUTH)
        (void)snprintf(cell.text, sizeof cell.text, "%s", row->ours.is_true ? "true" : "false");
    else
        (void)snprintf(cell.text, sizeof cell.text, "%s", row->ours.text);
    return cell;
}

struct verify_text verify_report_ours_and_interval(const struct verify_row *row)
{
    struct verify_text cell = verify_report_ours(row);
    size_t length = strlen(cell.text);
    if (isfinite(row->low) && row->ours.kind == FORMULA_NUMBER)
        (void)snprintf(cell.text + length, sizeof cell.text - length, " +- %.2g",
                       fmax(row->high - row->ours.number, row->ours.number - row->low));
    return cell;
}

static void add(struct verify_text *cell, const char *text)
{
    size_t length = strlen(cell->text);
    (void)snprintf(cell->text + length, sizeof cell->text - length, "%s%s", length > 0 ? "; " : "", text);
}

struct verify_text verify_report_remark(const struct verify_row *row)
{
    struct verify_text cell = {""};
    char text[96];
    if (row->verdict == REFERENCE_NO_VALUE)
        add(&cell, row->problem);
    if (row->verdict == REFERENCE_UNTESTABLE)
        add(&cell, row->row->untestable);
    if (isfinite(row->difference) && fabs(row->difference) > row->allowed) {
        (void)snprintf(text, sizeof text, "off by %+.4g, allowed %.3g", row->difference, row->allowed);
        add(&cell, text);
    }
    if (row->row->tolerance_text[0] != '\0') {
        (void)snprintf(text, sizeof text, "tolerance %.30s", row->row->tolerance_text);
        add(&cell, text);
    }
    if (!row->is_clear && row->alike < row->of)
        (void)snprintf(text, sizeof text, "within chance: so in %zu %% of draws", 100 * row->alike / row->of);
    else
        (void)snprintf(text, sizeof text, "within chance");
    if (!row->is_clear)
        add(&cell, text);
    if (row->row->reason[0] != '\0')
        add(&cell, row->row->reason);
    return cell;
}

/* ---- Tables ---- */

static const char *style_of_row(const struct verify_row *row, const struct style *style)
{
    if (!verify_is_expected(row))
        return style->red;
    return row->verdict == REFERENCE_CONFIRMED ? style->green : style->yellow;
}

/* Columns count characters, of which UTF-8 may need several bytes each. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void print_cell(const char *text, int width, FILE *out)
{
    int left = width - width_of(text);
    fprintf(out, "%s%*s", text, left > 2 ? left : 2, "");
}

struct widths {
    int id, theirs, ours;
};

static int wider(int width, const char *text)
{
    int other = width_of(text) < WIDTH_MAX ? width_of(text) : WIDTH_MAX;
    return other > width ? other : width;
}

static bool is_shown(const struct verify_row *row, bool is_brief)
{
    return row->is_selected && !(is_brief && verify_is_expected(row));
}

static struct widths widths_of(const struct verify_file *file, bool is_brief)
{
    struct widths widths = {.id = 2, .theirs = 6, .ours = 4};
    for (size_t i = 0; i < file->row_count; i++) {
        const struct verify_row *row = &file->rows[i];
        if (!is_shown(row, is_brief))
            continue;
        widths.id = wider(widths.id, row->row->id);
        widths.theirs = wider(widths.theirs, row->row->theirs);
        widths.ours = wider(widths.ours, verify_report_ours_and_interval(row).text);
    }
    return widths;
}

static void print_row(const struct verify_row *row, const struct widths *widths, const struct style *style, FILE *out)
{
    fputs("  ", out);
    print_cell(row->row->id, widths->id + 2, out);
    print_cell(row->row->theirs, widths->theirs + 2, out);
    print_cell(verify_report_ours_and_interval(row).text, widths->ours + 2, out);
    fprintf(out, "%s%-12s%s", style_of_row(row, style), reference_verdict_text(row->verdict), style->plain);
    if (!verify_is_expected(row))
        fprintf(out, "  %sEXPECTED %s%s", style->red, reference_verdict_text(row->row->expect), style->plain);
    const struct verify_text remark = verify_report_remark(row);
    fprintf(out, "%s%s\n", remark.text[0] != '\0' ? "  " : "", remark.text);
}

static void print_file(const struct verify_file *file, bool is_brief, const struct style *style, FILE *out)
{
    const struct widths widths = widths_of(file, is_brief);
    size_t count = 0;
    for (size_t i = 0; i < file->row_count; i++)
        count += is_shown(&file->rows[i], is_brief);
    if (count == 0)
        return;
    fprintf(out, "%s%s%s\n", style->bold, file->path, style->plain);
    fprintf(out, "  %-*s%-*s%-*s%s\n", widths.id + 2, "id", widths.theirs + 2, "theirs", widths.ours + 2, "ours",
            "verdict");
    for (size_t i = 0; i < file->row_count; i++)
        if (is_shown(&file->rows[i], is_brief))
            print_row(&file->rows[i], &widths, style, out);
    fputc('\n', out);
}

/* ---- Counts ---- */

struct counts {
    size_t of[KIND_COUNT + 1][VERDICT_COUNT]; /* the last kind: all of them */
    size_t rows[KIND_COUNT + 1];
    size_t unexpected;
    size_t runs;
};

static struct counts count(const struct verify_file *files, size_t file_count)
{
    struct counts counts = {0};
    for (size_t f = 0; f < file_count; f++) {
        counts.runs += files[f].run_count;
        for (size_t i = 0; i < files[f].row_count; i++) {
            const struct verify_row *row = &files[f].rows[i];
            if (!row->is_selected)
                continue;
            counts.of[row->row->kind][row->verdict]++;
            counts.of[KIND_COUNT][row->verdict]++;
            counts.rows[row->row->kind]++;
            counts.rows[KIND_COUNT]++;
            counts.unexpected += !verify_is_expected(row);
        }
    }
    return counts;
}

static void print_counts(const struct counts *counts, FILE *out)
{
    fprintf(out, "%-12s", "");
    for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
        if (verdict != REFERENCE_NO_VALUE || counts->of[KIND_COUNT][verdict] > 0)
            fprintf(out, "%14s", reference_verdict_text(verdict));
    fputs("          rows\n", out);
    for (int kind = 0; kind <= KIND_COUNT; kind++) {
        if (counts->rows[kind] == 0)
            continue;
        fprintf(out, "%-12s", kind == KIND_COUNT ? "all" : reference_kind_text(kind));
        for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
            if (verdict != REFERENCE_NO_VALUE || counts->of[KIND_COUNT][verdict] > 0)
                fprintf(out, "%14zu", counts->of[kind][verdict]);
        fprintf(out, "%14zu\n", counts->rows[kind]);
    }
}

void verify_report_print(const struct verify_file *files, size_t file_count, bool is_brief, bool use_color, FILE *out)
{
    const struct style style = style_of(use_color);
    const struct counts counts = count(files, file_count);
    for (size_t i = 0; i < file_count; i++)
        print_file(&files[i], is_brief, &style, out);
    print_counts(&counts, out);
    size_t rows = counts.rows[KIND_COUNT];
    fprintf(out, "\n%zu %s, %zu %s: ", rows, rows == 1 ? "row" : "rows", counts.runs,
            counts.runs == 1 ? "run" : "runs");
    if (counts.unexpected == 0)
        fprintf(out, "%severy verdict is the expected one%s\n", style.green, style.plain);
    else
        fprintf(out, "%s%zu %s not the expected one%s\n", style.red, counts.unexpected,
                counts.unexpected == 1 ? "verdict is" : "verdicts are", style.plain);
}
