/* command_run.c - capsim run SCENARIO: simulates, writes the trace, prints the summary. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/breaks.h"
#include "analysis/command.h"
#include "analysis/format.h"
#include "analysis/interrupt.h"
#include "analysis/load.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/precision.h"
#include "analysis/progress.h"
#include "analysis/readings.h"
#include "analysis/runner.h"
#include "analysis/trace.h"
#include "analysis/version.h"
#include "analysis/warm_up.h"
#include "scenarios/scenario.h"
#include "sim/memory.h"
#include "sim/part_file.h"

/* Without --trace, a trace holds every request up to this many, and a sample of about that many beyond. */
#define FULL_TRACE_MAX 5e6
#define SAMPLE_SIZE 1e6

/* One run, from the scenario to the printed summary. */
struct run {
    struct options *options;
    struct scenario *scenario;
    const struct world_config *config;
    int32_t keep_one_in;
    struct samples *samples;
    struct trace_writer *writer; /* NULL: no trace is written, or not any more */
    struct run_result *result;
    struct precision precision; /* if it was asked for */
    struct note_list notes;
    struct sim_error error;
};

static int32_t kept_requests(const struct options *options, const struct world_config *config)
{
    double expected = load_expected_requests(config, config->replications);
    enum option_trace kind = options->trace;
    if (kind == OPTION_TRACE_DEFAULT && options->output)
        kind = expected <= FULL_TRACE_MAX ? OPTION_TRACE_FULL : OPTION_TRACE_SAMPLE;
    switch (kind) {
    case OPTION_TRACE_FULL:
        return 1;
    case OPTION_TRACE_SAMPLE:
        return (int32_t)fmax(2, fmin(ceil(expected / SAMPLE_SIZE), INT32_MAX));
    default:
        return 0;
    }
}

static enum sim_status take_requests(void *context, const struct request_row *rows, size_t count,
                                     struct sim_error *error)
{
    struct run *run = context;
    if (run->samples)
        samples_add(run->samples, rows, count);
    return run->writer ? trace_writer_requests(run->writer, rows, count, error) : SIM_OK;
}

static enum sim_status take_containers(void *context, const struct container_row *rows, size_t count,
                                       struct sim_error *error)
{
    return trace_writer_containers(((struct run *)context)->writer, rows, count, error);
}

static enum sim_status take_decisions(void *context, const struct decision_row *rows, size_t count,
                                      struct sim_error *error)
{
    return trace_writer_decisions(((struct run *)context)->writer, rows, count, error);
}

static struct samples *samples_for(const struct world_config *config)
{
    struct sim_array ends;
    runner_block_ends(config, &ends);
    struct samples *samples = samples_create(config, (size_t)config->replications, ends.items, ends.count);
    sim_array_release(&ends);
    return samples;
}

/* A cap that makes some request wait is no reason to stop: bursts do that long before anybody notices. */
static bool has_broken(const struct run_result *result)
{
    const struct summary_source source = {.version = version_number(), .commit = version_commit()};
    struct summary *summary = summary_create(result, &source);
    const struct break_found *found = summary->breaks.items;
    bool is_broken = false;
    for (size_t i = 0; i < summary->breaks.count; i++)
        is_broken |= strcmp(found[i].kind, "max_containers") != 0 && strcmp(found[i].kind, "quota") != 0;
    summary_destroy(summary);
    return is_broken;
}

static enum sim_status simulate(struct run *run)
{
    struct progress progress = progress_begin(run->config, run->options->is_quiet);
    struct runner_account account = {.threads = 0};
    const struct checkpoint checkpoint = {.path = run->options->checkpoint,
                                          .resume = run->options->resume,
                                          .identity = run->scenario->resolved,
                                          .version = version_commit()};
    bool has_trace = run->writer != NULL;
    const struct runner_options options = {
        .jobs = run->options->jobs,
        .keep_one_in = run->keep_one_in,
        .keep_series = has_trace,
        .consumer = {.context = run,
                     .requests = run->keep_one_in ? take_requests : NULL,
                     .containers = has_trace ? take_containers : NULL,
                     .decisions = has_trace ? take_decisions : NULL},
        .stop = interrupt_flag(),
        .progress = progress_show,
        .progress_context = &progress,
        .account = &account,
        .is_enough = run->config->stop_after == STOP_FIRST_BREAK ? has_broken : NULL,
        .checkpoint = run->options->checkpoint || run->options->resume ? &checkpoint : NULL,
    };
    if (run->keep_one_in == 1)
        run->samples = samples_for(run->config);
    interrupt_catch();
    enum sim_status status = run->options->precision
                                 ? precision_run(&run->precision, run->config, &options, &run->result, &run->error)
                                 : runner_run(run->config, &options, &run->result, &run->error);
    int64_t requests = 0;
    if (status == SIM_OK)
        for (size_t r = 0; r < run->result->replication_count; r++)
            for (size_t b = 0; b < run->result->replications[r].block_count; b++)
                for (size_t i = 0; i < result_class_count(run->config); i++)
                    requests += run->result->replications[r].blocks[b].requests[i].arrived;
    progress_end(&progress, requests, &account);
    if (status == SIM_OK && account.checkpoint_error.status != SIM_OK)
        (void)message_error(&account.checkpoint_error);
    return status;
}

static enum sim_status write_trace(struct run *run, const struct summary *summary)
{
    const struct trace_content content = {.summary = summary,
                                          .notes = &run->notes,
                                          .scenario = run->scenario->text,
                                          .resolved = run->scenario->resolved,
                                          .rows_complete = run->samples != NULL};
    struct trace_writer *writer = run->writer;
    run->writer = NULL;
    return trace_writer_finish(writer, &content, &run->error);
}

static void say_where(const struct run *run)
{
    struct stat file;
    double megabytes = stat(run->options->output, &file) == 0 ? (double)file.st_size / 1e6 : 0;
    if (!run->options->is_quiet)
        fprintf(stderr, "trace: %s (%.3g MB)\n", run->options->output, megabytes);
}

/* Rows of requests that the result does not count are among them. */
static void forget_samples(struct run *run)
{
    samples_destroy(run->samples);
    run->samples = NULL;
}

/* Returns the exit code: that of the run itself, unless a reading fails. */
static int compare_readings(struct run *run, const struct summary *summary, int code)
{
    const struct readings_request request = {.scenario = run->scenario,
                                             .settings = (const char *const *)run->options->settings,
                                             .setting_count = run->options->setting_count,
                                             .jobs = run->options->jobs,
                                             .stop = interrupt_flag()};
    if (readings_print(&request, summary, stdout, &run->error) != SIM_OK)
        return message_error(&run->error);
    return message_output_is_written() ? code : EXIT_RUN_FAILED;
}

/* The readings are run before anything is printed; those that a stop left out are missing. */
static int finish_sensitivity(struct run *run, const struct summary *summary)
{
    struct sensitivity_run sensitivity;
    const struct sensitivity_request request = {
        .subject = {.path = run->scenario->path,
                    .settings = {.settings = (const char *const *)run->options->settings,
                                 .setting_count = run->options->setting_count}},
        .base = summary,
        .jobs = run->options->jobs,
        .stop = interrupt_flag(),
        .is_quiet = run->options->is_quiet};
    int code = EXIT_INTERRUPTED;
    if (sensitivity_run_create(&sensitivity, &request, &run->error) != SIM_OK)
        code = message_error(&run->error);
    else if (options_print_summary(run->options, summary, &sensitivity) == EXIT_RUN_FAILED)
        code = EXIT_RUN_FAILED;
    else if (sensitivity.is_whole)
        code = run->options->is_asserted && summary_is_missed(summary) ? EXIT_MISSED : EXIT_DONE;
    sensitivity_run_release(&sensitivity);
    return code;
}

static int finish(struct run *run)
{
    if (run->result->ending == RUN_INTERRUPTED)
        forget_samples(run);
    if (run->options->precision)
        precision_note(&run->precision, &run->notes);
    const struct summary_source source = {
        .samples = run->samples, .notes = &run->notes, .version = version_number(), .commit = version_commit()};
    struct summary *summary = summary_create(run->result, &source);
    bool has_trace = run->writer != NULL;
    int code;
    if (has_trace && write_trace(run, summary) != SIM_OK)
        code = message_error(&run->error);
    else if (run->options->has_sensitivity && run->result->ending == RUN_WHOLE)
        code = finish_sensitivity(run, summary);
    else
        code = options_print_summary(run->options, summary, NULL);
    if (has_trace && run->error.status == SIM_OK)
        say_where(run);
    if (run->result->ending == RUN_INTERRUPTED && run->error.status == SIM_OK)
        code = EXIT_INTERRUPTED;
    else if (run->options->has_readings && (code == EXIT_DONE || code == EXIT_MISSED))
        code = compare_readings(run, summary, code);
    summary_destroy(summary);
    return code;
}

static bool is_same_file(const char *one, const char *other)
{
    struct stat a;
    struct stat b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* A path that cannot be written is a mistake on the command line, and shows before the run. */
static int open_trace(struct run *run)
{
    const char *path = run->options->output;
    if (!path)
        return EXIT_DONE;
    if (is_same_file(path, run->scenario->path)) {
        sim_error_set(&run->error, SIM_BAD_INPUT, path, 0, "is the scenario; a trace would overwrite it");
        return message_error(&run->error);
    }
    if (trace_writer_open(path, run->config, &run->writer, &run->error) == SIM_OK)
        return EXIT_DONE;
    (void)message_error(&run->error);
    return EXIT_BAD_INPUT;
}

/* What is wrong with the load is said at once, not after an hour of ever longer queues. */
static void warn(struct run *run)
{
    load_notes(run->config, &run->notes);
    for (size_t i = 0; i < run->notes.count && !run->options->is_quiet; i++)
        if (run->notes.items[i].kind == NOTE_WARNING)
            fprintf(stderr, "capsim: warning: %s\n", run->notes.items[i].text);
}

/* A run that keeps rows is not looked at before its end. */
static int refuse_stop(const struct run *run)
{
    struct sim_error error;
    if (run->config->stop_after != STOP_NEVER && run->options->has_sensitivity) {
        sim_error_set(&error, SIM_BAD_INPUT, run->scenario->path, 0,
                      "--sensitivity compares runs of the same length: --set stop_after=never");
        return message_error(&error);
    }
    if (run->config->stop_after == STOP_NEVER || (run->config->replications == 1 && !run->options->output))
        return EXIT_DONE;
    sim_error_set(&error, SIM_BAD_INPUT, run->scenario->path, 0,
                  "stop_after needs one replication, and no trace: leave out -o, or --set stop_after=never");
    return message_error(&error);
}

/* What --precision asks for has to be right before anything runs. */
static int parse_precision(struct run *run)
{
    const struct options *options = run->options;
    size_t most = options->replication_max > 0 ? options->replication_max : PRECISION_REPLICATIONS_MAX;
    if (!options->precision)
        return EXIT_DONE;
    if (run->config->stop_after != STOP_NEVER)
        sim_error_set(&run->error, SIM_BAD_INPUT, run->scenario->path, 0,
                      "--precision adds replications and stop_after needs one: --set stop_after=never");
    else if (precision_parse(&run->precision, options->precision, most, &run->error) == SIM_OK)
        return EXIT_DONE;
    return message_error(&run->error);
}

/* Like that of a trace, a path that cannot be written is a mistake on the command line. */
static int try_checkpoint(const struct run *run)
{
    struct sim_part_file file;
    struct sim_error error;
    if (!run->options->checkpoint)
        return EXIT_DONE;
    if (sim_part_file_open(&file, run->options->checkpoint, &error) != SIM_OK) {
        (void)message_error(&error);
        return EXIT_BAD_INPUT;
    }
    sim_part_file_abandon(&file);
    return EXIT_DONE;
}

/* Other readings of the scenario have the same window. */
static int find_warm_up(struct run *run)
{
    char setting[64];
    const struct warm_up_options options = {.jobs = run->options->jobs, .stop = interrupt_flag()};
    if (!warm_up_is_open(run->config))
        return EXIT_DONE;
    interrupt_catch();
    if (warm_up_resolve(run->scenario, &options, &run->notes, &run->error) != SIM_OK)
        return message_error(&run->error);
    snprintf(setting, sizeof setting, "warm_up=%lld ns", (long long)run->config->warm_up_ns);
    options_add_setting(run->options, setting);
    return EXIT_DONE;
}

static int run_scenario(struct options *options, struct scenario *scenario)
{
    struct run run = {.options = options, .scenario = scenario, .config = &scenario->config};
    run.keep_one_in = kept_requests(options, run.config);
    int code = refuse_stop(&run);
    if (code == EXIT_DONE)
        code = parse_precision(&run);
    if (code == EXIT_DONE)
        code = try_checkpoint(&run);
    if (code == EXIT_DONE)
        code = find_warm_up(&run);
    if (code == EXIT_DONE)
        code = open_trace(&run);
    if (code == EXIT_DONE)
        warn(&run);
    if (code == EXIT_DONE)
        code = simulate(&run) == SIM_OK ? finish(&run) : message_error(&run.error);
    trace_writer_abandon(run.writer);
    run_result_destroy(run.result);
    samples_destroy(run.samples);
    note_list_release(&run.notes);
    return code;
}

int command_run(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "SCENARIO",
        .help = "Simulate a scenario and print what comes out: cost, latency, containers, with 95 % intervals.",
        .groups = OPTIONS_SCENARIO | OPTIONS_RUN | OPTIONS_RESULT,
        .argument_min = 1,
        .argument_max = 1,
    };
    struct options options;
    options_parse(argc, argv, &syntax, &options);
    struct diagnostic_list problems;
    struct scenario *scenario;
    diagnostic_init(&problems);
    int code = EXIT_BAD_INPUT;
    if (scenario_load(options.arguments[0], (const char *const *)options.settings, options.setting_count, &scenario,
                      &problems) == SIM_OK) {
        code = run_scenario(&options, scenario);
        scenario_destroy(scenario);
    } else {
        diagnostic_print(&problems, stderr);
    }
    diagnostic_release(&problems);
    options_release(&options);
    return code;
}
