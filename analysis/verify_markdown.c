/* verify_markdown.c - tables in Markdown. Claims stand in the order of their lists, so by document and section. */
#include "analysis/verify_markdown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/verify_report.h"
#include "sim/memory.h"
#include "sim/part_file.h"

enum {
    KIND_COUNT = REFERENCE_CLAIM + 1,
    VERDICT_COUNT = REFERENCE_NO_VALUE + 1
};

struct page {
    FILE *out;
    const char *path;
    const struct verify_claims *claims;
    const struct verify_file *files;
    size_t file_count;
};

/* Characters that mean something in a table stay what they are. */
static void print_text(const char *text, FILE *out)
{
    for (; *text; text++) {
        if (*text == '|' || *text == '*' || *text == '`' || *text == '\\')
            fputc('\\', out);
        if (*text == '<')
            fputs("&lt;", out);
        else
            fputc(*text == '\n' ? ' ' : *text, out);
    }
}

/* The file as the page links to it: relative where it stands below the page's folder. */
static const char *link_to(const struct page *page, const char *path)
{
    const char *slash = strrchr(page->path, '/');
    size_t folder = slash ? (size_t)(slash - page->path) + 1 : 0;
    return strncmp(path, page->path, folder) == 0 ? path + folder : path;
}

static void print_quantity(const char *text, const char *unit, FILE *out)
{
    bool has_unit = unit[0] != '\0' && text[0] != '\0' && strcmp(text, "-") != 0;
    print_text(text, out);
    if (has_unit)
        fputc(' ', out);
    if (has_unit)
        print_text(unit, out);
}

static void print_ours(const struct verify_row *row, FILE *out)
{
    print_quantity(verify_report_ours_and_interval(row).text, row->ours.kind == FORMULA_TRUTH ? "" : row->row->unit,
                   out);
}

static void print_verdict(const struct verify_row *row, FILE *out)
{
    fputs(reference_verdict_text(row->verdict), out);
    if (!verify_is_expected(row))
        fprintf(out, " (**expected %s**)", reference_verdict_text(row->row->expect));
}

static void print_row(const struct page *page, const struct verify_file *file, const struct verify_row *row)
{
    FILE *out = page->out;
    const struct verify_text remark = verify_report_remark(row);
    fprintf(out, "| [%s](%s) | ", row->row->id, link_to(page, file->path));
    print_text(row->row->claim, out);
    fprintf(out, " | %s | ", reference_kind_text(row->row->kind));
    print_quantity(row->row->theirs, row->row->unit, out);
    fputs(" | ", out);
    print_ours(row, out);
    fputs(" | ", out);
    print_verdict(row, out);
    fputs(" | ", out);
    print_text(remark.text, out);
    fputs(" |\n", out);
}

static void print_row_heading(FILE *out)
{
    fputs("| row | claim | kind | theirs | ours | verdict | why |\n| --- | --- | --- | --- | --- | --- | --- |\n", out);
}

/* ---- Counts ---- */

struct counts {
    size_t of[KIND_COUNT][VERDICT_COUNT];
};

static void print_counts(const char *document, const char *kind, const size_t *counts, FILE *out)
{
    size_t all = 0;
    fprintf(out, "| %s | %s |", document, kind);
    for (int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
        fprintf(out, " %zu |", counts[verdict]);
        all += counts[verdict];
    }
    fprintf(out, " %zu |\n", all);
}

static void print_document_counts(const struct page *page, const char *document, size_t *totals)
{
    struct counts counts = {0};
    size_t sums[VERDICT_COUNT] = {0};
    for (size_t i = 0; i < page->claims->count; i++) {
        const struct verify_claim *claim = &page->claims->items[i];
        if (strcmp(claim->document, document) != 0)
            continue;
        counts.of[claim->row->row->kind][claim->row->verdict]++;
        sums[claim->row->verdict]++;
        totals[claim->row->verdict]++;
    }
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        size_t all = 0;
        for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
            all += counts.of[kind][verdict];
        if (all > 0)
            print_counts(document, reference_kind_text(kind), counts.of[kind], page->out);
    }
    print_counts(document, "**all**", sums, page->out);
}

static bool is_new_document(const struct verify_claims *claims, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(claims->items[i].document, claims->items[index].document) == 0)
            return false;
    return true;
}

static void print_summary(const struct page *page)
{
    FILE *out = page->out;
    size_t totals[VERDICT_COUNT] = {0};
    fputs("## How many\n\n| document | kind |", out);
    for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
        fprintf(out, " %s |", reference_verdict_text(verdict));
    fputs(" rows |\n| --- | --- |", out);
    for (int verdict = 0; verdict <= VERDICT_COUNT; verdict++)
        fputs(" ---: |", out);
    fputc('\n', out);
    for (size_t i = 0; i < page->claims->count; i++)
        if (is_new_document(page->claims, i))
            print_document_counts(page, page->claims->items[i].document, totals);
    print_counts("**all**", "", totals, out);
}

/* ---- Differences ---- */

static void print_differences(const struct page *page)
{
    FILE *out = page->out;
    size_t count = 0;
    for (size_t i = 0; i < page->claims->count; i++)
        count += !verify_claims_agree(&page->claims->items[i]);
    fprintf(out, "\n## Where the audit by hand has another opinion: %zu rows\n", count);
    if (count == 0)
        return;
    fputs("\n| row | by hand | theirs | ours | verdict | why |\n| --- | --- | --- | --- | --- | --- |\n", out);
    for (size_t i = 0; i < page->claims->count; i++) {
        const struct verify_claim *claim = &page->claims->items[i];
        const struct verify_row *row = claim->row;
        if (verify_claims_agree(claim))
            continue;
        fprintf(out, "| [%s](%s) | ", claim->id, link_to(page, claim->file->path));
        print_text(claim->expected, out);
        fputs(" | ", out);
        print_quantity(row->row->theirs, row->row->unit, out);
        fputs(" | ", out);
        print_ours(row, out);
        fputs(" | ", out);
        print_verdict(row, out);
        fputs(" | ", out);
        print_text(verify_report_remark(row).text, out);
        fputs(" |\n", out);
    }
}

/* ---- Rows ---- */

static void print_documents(const struct page *page)
{
    const struct verify_claims *claims = page->claims;
    const struct verify_claim *before = NULL;
    for (size_t i = 0; i < claims->count; i++) {
        const struct verify_claim *claim = &claims->items[i];
        bool is_new = !before || strcmp(before->document, claim->document) != 0;
        if (is_new)
            fprintf(page->out, "\n## %s%s\n", claim->document[0] >= '0' && claim->document[0] <= '9' ? "Document " : "",
                    claim->document);
        if (is_new || strcmp(before->section, claim->section) != 0) {
            fprintf(page->out, "\n### %s: %s\n\n", claim->document, claim->section);
            print_row_heading(page->out);
        }
        print_row(page, claim->file, claim->row);
        before = claim;
    }
}

static bool is_listed(const struct verify_claims *claims, const struct verify_row *row)
{
    for (size_t i = 0; i < claims->count; i++)
        if (claims->items[i].row == row)
            return true;
    return false;
}

static void print_others(const struct page *page)
{
    bool is_first = true;
    for (size_t f = 0; f < page->file_count; f++)
        for (size_t i = 0; i < page->files[f].row_count; i++) {
            const struct verify_row *row = &page->files[f].rows[i];
            if (!row->is_selected || is_listed(page->claims, row))
                continue;
            if (is_first) {
                fputs(page->claims->count > 0 ? "\n## Other rows\n\n" : "\n## Rows\n\n", page->out);
                print_row_heading(page->out);
            }
            is_first = false;
            print_row(page, &page->files[f], row);
        }
}

static void print_page(const struct page *page)
{
    fputs("# What others published, checked\n\n"
          "Written by `capsim verify`; not edited by hand. *theirs* is what is printed there, *ours* what this program "
          "loads, computes or simulates, with the half width of its 95 % interval.\n\n"
          "- *confirmed*: within the tolerance of the row, by default half a unit of the last digit that is printed, "
          "and 10 % for measurements.\n"
          "- *off*: beyond it, but what is concluded from it stands.\n"
          "- *contradicted*: a ranking, a threshold, a feasibility or a sign turns.\n"
          "- *untestable*: no program can test it; the row says why.\n"
          "- *within chance*: the interval of ours holds another verdict too.\n\n",
          page->out);
    if (page->claims->count > 0) {
        print_summary(page);
        print_differences(page);
        print_documents(page);
    }
    print_others(page);
}

enum sim_status verify_markdown_write(const char *path, const struct verify_claims *claims,
                                      const struct verify_file *files, size_t count, struct sim_error *error)
{
    char *text = NULL;
    size_t size = 0;
    struct sim_part_file file;
    struct page page = {.path = path, .claims = claims, .files = files, .file_count = count};
    page.out = open_memstream(&text, &size);
    if (!page.out)
        sim_out_of_memory();
    print_page(&page);
    if (fclose(page.out) != 0 || !text)
        sim_out_of_memory();
    enum sim_status status = sim_part_file_open(&file, path, error);
    if (status == SIM_OK) {
        sim_part_file_write(&file, 0, text, size);
        status = sim_part_file_finish(&file, error);
    }
    free(text);
    return status;
}
