/* command_sweep.c - capsim sweep SCENARIO --vary ... -o DIR: simulates every point of a grid. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/command.h"
#include "analysis/interrupt.h"
#include "analysis/json_part.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/sweep_options.h"
#include "analysis/sweep_table.h"

static enum sim_status run_one(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    const struct sweep *sweep = context;
    return sweep_run_point(sweep, sweep->wanted[index], jobs, interrupt_flag(), error);
}

static void say_what_is_there(const struct sweep *sweep, size_t done, const struct options *options,
                              enum sim_status status)
{
    if (options->is_quiet)
        return;
    fprintf(stderr, "%zu of %zu points%s are in %s", sweep->finished_count + done,
            sweep->finished_count + sweep->wanted_count, options->shard_count > 1 ? " of this shard" : "",
            sweep->folder);
    if (status != SIM_OK)
        fputs("; --resume goes on from there\n", stderr);
    else if (options->shard_count > 1)
        fputs("\n", stderr);
    else
        fprintf(stderr, "; capsim merge %s makes a table of them\n", sweep->folder);
}

static int run_all(struct sweep *sweep, const struct options *options)
{
    struct sim_error error;
    struct progress_count progress = progress_count_begin("points", sweep->wanted_count, options->is_quiet);
    const struct points_work work = {.count = sweep->wanted_count,
                                     .jobs = options->jobs,
                                     .stop = interrupt_flag(),
                                     .context = sweep,
                                     .each = run_one,
                                     .progress = &progress};
    json_part_begin();
    interrupt_catch();
    enum sim_status status = points_do(&work, &error);
    if (options->output)
        say_what_is_there(sweep, progress.done, options, status);
    return status == SIM_OK ? EXIT_DONE : message_error(&error);
}

static int show_table(const struct sweep *sweep, const struct options *options)
{
    struct sweep_merge merge;
    struct sim_error error;
    enum sim_status status = sweep_merge_create(&merge, &sweep->folder, 1, &error);
    if (status == SIM_OK)
        status = sweep_table_show(&merge, options->is_json, options->is_csv, stdout, &error);
    sweep_merge_release(&merge);
    if (status != SIM_OK)
        return message_error(&error);
    return message_output_is_written() ? EXIT_DONE : EXIT_RUN_FAILED;
}

static int load_and_run(const struct options *options, const char *folder, struct diagnostic_list *problems)
{
    struct sweep sweep;
    struct sim_error error;
    int code = sweep_options_create(options, folder, problems, &sweep);
    const struct sweep_share share = sweep_options_share(options);
    if (code == EXIT_DONE)
        code = sweep_want(&sweep, &share, &error) == SIM_OK ? run_all(&sweep, options) : message_error(&error);
    if (code == EXIT_DONE && (!options->output || options->is_json || options->is_csv))
        code = show_table(&sweep, options);
    if (!options->output && sweep.folder)
        sweep_remove(&sweep);
    sweep_release(&sweep);
    return code;
}

/* Who wants no files gets them in a folder of its own, which is removed again. */
static int run_in_passing(const struct options *options, struct diagnostic_list *problems)
{
    const char *parent = getenv("TMPDIR");
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s/capsim-sweep-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(folder)) {
        struct sim_error error;
        (void)sim_error_set(&error, SIM_CANNOT_WRITE, folder, 0, "cannot be made: %s", strerror(errno));
        return message_error(&error);
    }
    int code = load_and_run(options, folder, problems);
    (void)rmdir(folder);
    return code;
}

int command_sweep(int argc, char **argv)
{
    struct options options;
    struct diagnostic_list problems;
    sweep_options_parse(argc, argv, &options);
    diagnostic_init(&problems);
    bool is_part = options.shard_count > 1;
    int code;
    if (is_part && (options.is_json || options.is_csv)) {
        struct sim_error error;
        (void)sim_error_set(&error, SIM_BAD_INPUT, NULL, 0,
                            "--shard makes a part of the points: capsim merge prints the table when all are there");
        code = message_error(&error);
    } else if (options.output || is_part || options.may_resume) {
        code = load_and_run(&options, options.output, &problems);
    } else {
        code = run_in_passing(&options, &problems);
    }
    diagnostic_release(&problems);
    options_release(&options);
    return code;
}
