/* command_sweep.c - capsim sweep SCENARIO --vary ... -o DIR: simulates every point of a grid. */
#include <stdio.h>

#include "analysis/command.h"
#include "analysis/interrupt.h"
#include "analysis/json_part.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/sweep_options.h"

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
    say_what_is_there(sweep, progress.done, options, status);
    return status == SIM_OK ? EXIT_DONE : message_error(&error);
}

static int load_and_run(const struct options *options, struct diagnostic_list *problems)
{
    struct sweep sweep;
    struct sim_error error;
    int code = sweep_options_create(options, problems, &sweep);
    const struct sweep_share share = sweep_options_share(options);
    if (code == EXIT_DONE)
        code = sweep_want(&sweep, &share, &error) == SIM_OK ? run_all(&sweep, options) : message_error(&error);
    sweep_release(&sweep);
    return code;
}

int command_sweep(int argc, char **argv)
{
    struct options options;
    struct diagnostic_list problems;
    sweep_options_parse(argc, argv, &options);
    diagnostic_init(&problems);
    int code = load_and_run(&options, &problems);
    diagnostic_release(&problems);
    options_release(&options);
    return code;
}
