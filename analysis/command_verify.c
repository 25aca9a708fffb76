/* command_verify.c - capsim verify SCENARIO...: what others published, against what comes out here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/command.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/verify.h"
#include "analysis/verify_claims.h"
#include "analysis/verify_markdown.h"
#include "analysis/verify_report.h"
#include "sim/memory.h"
#include "sim/part_file.h"

struct verification {
    const struct options *options;
    struct verify_file *files;
    size_t count;
    struct verify_runs *runs;
    struct verify_claims claims;
};

/* Loads all files, so that a mistake in the last one shows before anything runs. */
static bool load_all(struct verification *all)
{
    const struct options *options = all->options;
    const struct scenario_settings settings = {.settings = (const char *const *)options->settings,
                                               .setting_count = options->setting_count};
    bool is_good = true;
    all->files = sim_allocate(options->argument_count, sizeof *all->files);
    all->count = options->argument_count;
    for (size_t i = 0; i < all->count; i++)
        is_good = verify_load(&all->files[i], options->arguments[i], &settings) && is_good;
    return is_good;
}

static const struct verify_row *row_before(const struct verification *all, size_t file, const char *id)
{
    for (size_t f = 0; f < file; f++)
        for (size_t i = 0; i < all->files[f].row_count; i++)
            if (all->files[f].rows[i].is_selected && strcmp(all->files[f].rows[i].row->id, id) == 0)
                return &all->files[f].rows[i];
    return NULL;
}

/* An id names one row among all files. */
static bool check_ids(const struct verification *all)
{
    bool is_good = true;
    for (size_t f = 1; f < all->count; f++)
        for (size_t i = 0; i < all->files[f].row_count; i++) {
            const struct verify_row *row = &all->files[f].rows[i];
            const struct verify_row *other = row->is_selected ? row_before(all, f, row->row->id) : NULL;
            if (!other)
                continue;
            diagnostic_add(&all->files[f].problems, row->row->place, "the id '%s' is also that of %s:%d", row->row->id,
                           other->row->place.source->name, other->row->place.line);
            is_good = false;
        }
    return is_good;
}

static bool choose_all(const struct verification *all)
{
    const struct options *options = all->options;
    const struct verify_choice choice = {.prefix = options->only, .includes_inherited = options->is_inherited};
    size_t chosen = 0;
    for (size_t i = 0; i < all->count; i++)
        chosen += verify_choose(&all->files[i], &choice);
    if (chosen == 0) {
        struct sim_error error;
        sim_error_set(&error, SIM_BAD_INPUT, NULL, 0,
                      options->only ? "no row has an id that begins with '%s'" : "there are no reference rows",
                      options->only);
        (void)message_error(&error);
    }
    return chosen > 0 && check_ids(all);
}

static bool match_claims(struct verification *all)
{
    const struct options *options = all->options;
    struct sim_error error;
    for (size_t i = 0; i < options->claims_count; i++)
        if (verify_claims_load(&all->claims, options->claims[i], &error) != SIM_OK) {
            (void)message_error(&error);
            return false;
        }
    return verify_claims_match(&all->claims, all->files, all->count, options->only);
}

/* One line on a terminal that says how far it has come; `file` is the count at the end, which removes it. */
static void show_progress(const struct verification *all, size_t file)
{
    if (all->options->is_quiet || !isatty(STDERR_FILENO))
        return;
    fputs("\r\033[K", stderr);
    if (file < all->count)
        fprintf(stderr, "%zu of %zu: %s", file + 1, all->count, all->files[file].path);
}

static int answer_all(const struct verification *all)
{
    struct sim_error error;
    int code = EXIT_DONE;
    for (size_t i = 0; i < all->count; i++) {
        show_progress(all, i);
        enum sim_status status = verify_answer(&all->files[i], all->runs, &error);
        if (status != SIM_OK && all->files[i].problems.count == 0) {
            show_progress(all, all->count);
            return message_error(&error);
        }
        if (status != SIM_OK)
            code = EXIT_BAD_INPUT;
    }
    show_progress(all, all->count);
    return code;
}

static int print_all(const struct verification *all)
{
    if (all->options->is_json)
        verify_report_json(all->files, all->count, stdout);
    else if (all->options->is_csv)
        verify_report_csv(all->files, all->count, stdout);
    else
        verify_report_print(all->files, all->count, all->options->is_quiet, all->options->has_color, stdout);
    if (!message_output_is_written())
        return EXIT_RUN_FAILED;
    for (size_t f = 0; f < all->count; f++)
        for (size_t i = 0; i < all->files[f].row_count; i++)
            if (all->files[f].rows[i].is_selected && !verify_is_expected(&all->files[f].rows[i]))
                return EXIT_MISSED;
    return EXIT_DONE;
}

static int write_page(const struct verification *all)
{
    struct sim_error error;
    const char *path = all->options->markdown;
    if (!path || verify_markdown_write(path, &all->claims, all->files, all->count, &error) == SIM_OK)
        return EXIT_DONE;
    return message_error(&error);
}

/* A path that cannot be written is a mistake on the command line, and shows before the runs. */
static bool can_write_page(const struct verification *all)
{
    struct sim_part_file file;
    struct sim_error error;
    if (!all->options->markdown)
        return true;
    if (sim_part_file_open(&file, all->options->markdown, &error) != SIM_OK) {
        (void)message_error(&error);
        return false;
    }
    sim_part_file_abandon(&file);
    return true;
}

static int verify(struct verification *all)
{
    bool is_good = load_all(all) && choose_all(all) && match_claims(all) && can_write_page(all);
    int code = is_good ? answer_all(all) : EXIT_BAD_INPUT;
    if (code == EXIT_DONE)
        code = write_page(all);
    if (code == EXIT_DONE)
        return print_all(all);
    diagnostic_print(&all->claims.problems, stderr);
    for (size_t i = 0; i < all->count; i++)
        diagnostic_print(&all->files[i].problems, stderr);
    return code;
}

int command_verify(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "SCENARIO...",
        .help =
            "Compare scenarios with the figures and claims of their `reference` rows, one verdict a row: confirmed, "
            "off, contradicted or untestable. Exit code 1 if a verdict is not the one that its row expects."
            "\v"
            "A row says what others published (theirs) and how it is found here (ours), a Lua expression over what "
            "is loaded or simulated:\n\n"
            "  reference:\n"
            "    - id: 003-app-02\n"
            "      kind: measured\n"
            "      claim: \"median latency of 10 requests at once\"\n"
            "      theirs: \"845\"\n"
            "      unit: ms\n"
            "      ours: 1000 * metric(\"latency_p50_s\")\n"
            "      expect: confirmed\n\n"
            "`capsim explain reference` lists the keys of rows, `capsim explain variants` how rows ask for other "
            "runs.",
        .groups = OPTIONS_SCENARIO | OPTIONS_VERIFY,
        .argument_min = 1,
        .argument_max = OPTION_ARGUMENTS_MAX,
    };
    struct options options;
    options_parse(argc, argv, &syntax, &options);
    struct verification all = {.options = &options};
    all.runs = verify_runs_create((const char *const *)options.settings, options.setting_count, options.jobs, NULL);
    verify_claims_init(&all.claims);
    int code = verify(&all);
    verify_claims_release(&all.claims);
    for (size_t i = 0; i < all.count; i++)
        verify_release(&all.files[i]);
    free(all.files);
    verify_runs_destroy(all.runs);
    options_release(&options);
    return code;
}
