/* command_report.c - capsim report F.h5: the summary of an old run, computed anew from its trace. */
#include "analysis/command.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/trace.h"

static int print_trace(const struct options *options, const struct trace *trace)
{
    const struct summary_source source = {
        .samples = trace->samples, .notes = &trace->notes, .version = trace->version, .commit = trace->commit};
    struct summary *summary = summary_create(trace->result, &source);
    int code = options_print_summary(options, summary, NULL);
    summary_destroy(summary);
    return code;
}

int command_report(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "TRACE",
        .help = "Print the summary of a run from the trace that `capsim run -o` wrote.",
        .groups = OPTIONS_RESULT,
        .argument_min = 1,
        .argument_max = 1,
    };
    struct options options;
    options_parse(argc, argv, &syntax, &options);
    struct sim_error error = {0};
    struct trace *trace;
    int code;
    if (trace_load(options.arguments[0], &trace, &error) == SIM_OK)
        code = print_trace(&options, trace);
    else
        code = message_error(&error);
    trace_destroy(trace);
    options_release(&options);
    return code;
}
