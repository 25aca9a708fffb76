/* import_azure.c - traces that Microsoft publishes (Azure/AzurePublicDataset, CC-BY-4.0).
 *
 * LLM inference 2023: TIMESTAMP of arrival, ContextTokens, GeneratedTokens. Functions 2021: app, func, end_timestamp
 * and duration in seconds. A function began at its end less its duration; that it arrived then is an assumption, since
 * the trace does not say how long it waited.
 */
#include "analysis/import.h"

struct reading {
    struct import *import;
    struct sim_csv *csv;
};

static enum sim_status read_file(struct import *import, const char *const *wanted, size_t count, sim_csv_take *take,
                                 struct sim_error *error)
{
    struct reading reading = {.import = import};
    enum sim_status status = sim_csv_open(import->path, wanted, count, &reading.csv, error);
    if (status != SIM_OK)
        return status;
    status = sim_csv_each(reading.csv, take, &reading, "request", error);
    sim_csv_close(reading.csv);
    return status;
}

/* ---- LLM inference ---- */

enum {
    LLM_TIME,
    LLM_INPUT,
    LLM_OUTPUT,
    LLM_COUNT
};

static const struct import_column llm_columns[LLM_COUNT] = {
    {"time_s", IMPORT_CLOCK}, {"input_tokens", IMPORT_INTEGER}, {"output_tokens", IMPORT_INTEGER}};

static enum sim_status take_llm(void *owner, struct sim_error *error)
{
    struct reading *reading = owner;
    sim_time_ns time_ns = 0;
    int64_t input = 0, output = 0;
    enum sim_status status = import_clock(reading->import, reading->csv, LLM_TIME, &time_ns, error);
    if (status == SIM_OK)
        status = import_count(reading->import, reading->csv, LLM_INPUT, &input, error);
    if (status == SIM_OK)
        status = import_count(reading->import, reading->csv, LLM_OUTPUT, &output, error);
    if (status != SIM_OK)
        return status;
    import_begin_row(reading->import);
    import_set_time(reading->import, LLM_TIME, time_ns);
    import_set_integer(reading->import, LLM_INPUT, input);
    import_set_integer(reading->import, LLM_OUTPUT, output);
    return SIM_OK;
}

static enum sim_status read_llm(struct import *import, struct sim_error *error)
{
    static const char *const wanted[LLM_COUNT] = {"TIMESTAMP", "ContextTokens", "GeneratedTokens"};
    return read_file(import, wanted, LLM_COUNT, take_llm, error);
}

const struct import_format import_azure_llm = {
    .name = "azure-llm",
    .help = "Azure LLM inference trace 2023: TIMESTAMP, ContextTokens, GeneratedTokens",
    .columns = llm_columns,
    .column_count = LLM_COUNT,
    .is_log = true,
    .read = read_llm,
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

static enum sim_status take_function(void *owner, struct sim_error *error)
{
    struct reading *reading = owner;
    sim_time_ns end_ns = 0, duration_ns = 0;
    enum sim_status status = import_clock(reading->import, reading->csv, FUNCTIONS_TIME, &end_ns, error);
    if (status == SIM_OK)
        status = import_span(reading->import, reading->csv, FUNCTIONS_DURATION, 1, &duration_ns, error);
    if (status != SIM_OK)
        return status;
    import_begin_row(reading->import);
    import_set_time(reading->import, FUNCTIONS_TIME, end_ns - duration_ns);
    import_set_time(reading->import, FUNCTIONS_DURATION, duration_ns);
    import_set_text(reading->import, FUNCTIONS_APP, sim_csv_text(reading->csv, FUNCTIONS_APP));
    import_set_text(reading->import, FUNCTIONS_FUNCTION, sim_csv_text(reading->csv, FUNCTIONS_FUNCTION));
    return SIM_OK;
}

static enum sim_status read_functions(struct import *import, struct sim_error *error)
{
    static const char *const wanted[FUNCTIONS_COUNT] = {"end_timestamp", "duration", "app", "func"};
    import_note(import, "arrivals are ends less durations: the trace does not say how long requests waited");
    return read_file(import, wanted, FUNCTIONS_COUNT, take_function, error);
}

const struct import_format import_azure_functions = {
    .name = "azure-functions",
    .help = "Azure Functions invocation trace 2021: app, func, end_timestamp, duration",
    .columns = function_columns,
    .column_count = FUNCTIONS_COUNT,
    .is_log = true,
    .read = read_functions,
};
