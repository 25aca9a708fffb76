/* command_sweep.c - capsim sweep SCENARIO --vary ... -o DIR: simulates every point of a grid. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "analysis/command.h"
#include "analysis/interrupt.h"
#include "analysis/json_part.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/sweep_options.h"
#include "sim/memory.h"

struct sweeping {
    const struct sweep *sweep;
    bool is_shown; /* how far it has come */
    pthread_mutex_t lock;
    size_t finished;
};

static void show(const struct sweeping *sweeping)
{
    if (sweeping->is_shown)
        fprintf(stderr, "\r%zu of %zu points", sweeping->finished, sweeping->sweep->wanted_count);
}

static enum sim_status run_one(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    struct sweeping *sweeping = context;
    enum sim_status status =
        sweep_run_point(sweeping->sweep, sweeping->sweep->wanted[index], jobs, interrupt_flag(), error);
    pthread_mutex_lock(&sweeping->lock);
    sweeping->finished += status == SIM_OK;
    show(sweeping);
    pthread_mutex_unlock(&sweeping->lock);
    return status;
}

static void say_what_is_there(const struct sweeping *sweeping, const struct options *options, enum sim_status status)
{
    const struct sweep *sweep = sweeping->sweep;
    size_t there = sweep->finished_count + sweeping->finished;
    size_t all = sweep->finished_count + sweep->wanted_count;
    if (sweeping->is_shown)
        fputs("\r\33[K", stderr);
    if (options->is_quiet)
        return;
    fprintf(stderr, "%zu of %zu points%s are in %s", there, all, options->shard_count > 1 ? " of this shard" : "",
            sweep->folder);
    if (status != SIM_OK)
        fputs("; --resume goes on from there\n", stderr);
    else if (options->shard_count > 1)
        fputs("\n", stderr);
    else
        fprintf(stderr, "; capsim merge %s makes a table of them\n", sweep->folder);
}

static int run_all(const struct sweep *sweep, const struct options *options)
{
    struct sim_error error;
    struct sweeping sweeping = {.sweep = sweep, .is_shown = !options->is_quiet && isatty(STDERR_FILENO)};
    const struct points_work work = {.count = sweep->wanted_count,
                                     .jobs = options->jobs,
                                     .stop = interrupt_flag(),
                                     .context = &sweeping,
                                     .each = run_one};
    if (pthread_mutex_init(&sweeping.lock, NULL) != 0)
        sim_out_of_memory();
    json_part_begin();
    interrupt_catch();
    show(&sweeping);
    enum sim_status status = points_do(&work, &error);
    (void)pthread_mutex_destroy(&sweeping.lock);
    say_what_is_there(&sweeping, options, status);
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
