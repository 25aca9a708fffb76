/* import_azure.c - traces that Microsoft publishes (Azure/AzurePublicDataset, CC-BY-4.0).
 *
 * LLM inference 2023: TIMESTAMP of arrival, ContextTokens, GeneratedTokens. Functions 2021: app, func, end_timestamp
 * and duration in seconds. A function began at its end less its duration; that it arrived then is an assumption, since
 * the trace does not say how long it waited.
 */
#include "analysis/import.h"

/* ---- LLM inference ---- */

enum {
    LLM_TIME,
    LLM_INPUT,
    LLM_OUTPUT,
    LLM_COUNT
};

static const struct import_column llm_columns[LLM_COUNT] = {
    {"time_s", IMPORT_CLOCK}, {"input_tokens", IMPORT_INTEGER}, {"output_tokens", IMPORT_INTEGER}};

static enum sim_status take_llm(struct import *import, struct sim_error *error)
{
    sim_time_ns time_ns = 0;
    int64_t input = 0, output = 0;
    enum sim_status status = import_clock(import, LLM_TIME, &time_ns, error);
    if (status == SIM_OK)
        status = import_count(import, LLM_INPUT, &input, error);
    if (status == SIM_OK)
        status = import_count(import, LLM_OUTPUT, &output, error);
    if (status != SIM_OK)
        return status;
    import_begin_row(import);
    import_set_time(import, LLM_TIME, time_ns);
    import_set_integer(import, LLM_INPUT, input);
    import_set_integer(import, LLM_OUTPUT, output);
    return SIM_OK;
}

static const char *const llm_wanted[LLM_COUNT] = {"TIMESTAMP", "ContextTokens", "GeneratedTokens"};

const struct import_format import_azure_llm = {
    .name = "azure-llm",
    .help = "Azure LLM inference trace 2023: TIMESTAMP, ContextTokens, GeneratedTokens",
    .columns = llm_columns,
    .column_count = LLM_COUNT,
    .is_log = true,
    .wanted = llm_wanted,
    .wanted_count = LLM_COUNT,
    .row_name = "request",
    .take = take_llm,
};

/* ---- Functions ---- */

enum {
    FUNCTIONS_TIME,
    FUNCTIONS_DURATION,
    FUNCTIONS_APP,
    FUNCTIONS_FUNCTION,
    FUNCTIONS_COUNT
};

static const struct import_column function_columns[FUNCTIONS_COUNT] = {
    {"time_s", IMPORT_CLOCK}, {"service_s", IMPORT_SPAN}, {"app", IMPORT_TEXT}, {"function", IMPORT_TEXT}};

static enum sim_status take_function(struct import *import, struct sim_error *error)
{
    sim_time_ns end_ns = 0, duration_ns = 0;
    enum sim_status status = import_clock(import, FUNCTIONS_TIME, &end_ns, error);
    if (status == SIM_OK)
        status = import_span(import, FUNCTIONS_DURATION, 1, &duration_ns, error);
    if (status != SIM_OK)
        return status;
    import_begin_row(import);
    import_set_time(import, FUNCTIONS_TIME, end_ns - duration_ns);
    import_set_time(import, FUNCTIONS_DURATION, duration_ns);
    import_set_text(import, FUNCTIONS_APP, sim_csv_text(import->csv, FUNCTIONS_APP));
    import_set_text(import, FUNCTIONS_FUNCTION, sim_csv_text(import->csv, FUNCTIONS_FUNCTION));
    return SIM_OK;
}

static const char *const function_wanted[FUNCTIONS_COUNT] = {"end_timestamp", "duration", "app", "func"};

static enum sim_status say_what_is_assumed(struct import *import, struct sim_error *error)
{
    (void)error;
    import_note(import, "arrivals are ends less durations: the trace does not say how long requests waited");
    return SIM_OK;
}

const struct import_format import_azure_functions = {
    .name = "azure-functions",
    .help = "Azure Functions invocation trace 2021: app, func, end_timestamp, duration",
    .columns = function_columns,
    .column_count = FUNCTIONS_COUNT,
    .is_log = true,
    .wanted = function_wanted,
    .wanted_count = FUNCTIONS_COUNT,
    .row_name = "request",
    .begin = say_what_is_assumed,
    .take = take_function,
};
