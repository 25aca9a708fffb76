/* import_vllm.c - a log of vLLM requests: one row each, times in seconds on one clock.
 *
 * Columns of the runs published with LLMServingSim (casys-kaist/LLMServingSim, bench/examples): queued_s when the
 * engine got it, scheduled_s when it was first taken into a batch, first_token_s and last_token_s.
 */
#include "analysis/import.h"

enum {
    IN_REQUEST,
    IN_INPUT,
    IN_OUTPUT,
    IN_QUEUED,
    IN_SCHEDULED,
    IN_FIRST,
    IN_LAST,
    IN_COUNT
};

static const char *const wanted[IN_COUNT] = {"request_id",  "input_toks",    "output_toks", "queued_s",
                                             "scheduled_s", "first_token_s", "last_token_s"};

enum {
    OUT_TIME,
    OUT_INPUT,
    OUT_OUTPUT,
    OUT_SCHEDULED,
    OUT_FIRST,
    OUT_LAST,
    OUT_TO_FIRST,
    OUT_LATENCY,
    OUT_REQUEST,
    OUT_COUNT
};

static const struct import_column columns[OUT_COUNT] = {
    {"time_s", IMPORT_CLOCK},        {"input_tokens", IMPORT_INTEGER}, {"output_tokens", IMPORT_INTEGER},
    {"scheduled_s", IMPORT_CLOCK},   {"first_token_s", IMPORT_CLOCK},  {"last_token_s", IMPORT_CLOCK},
    {"first_output_s", IMPORT_SPAN}, {"latency_s", IMPORT_SPAN},       {"request", IMPORT_TEXT}};

static enum sim_status take_row(struct import *import, struct sim_error *error)
{
    int64_t tokens[2] = {0};
    sim_time_ns times_ns[4] = {0}; /* queued, scheduled, first, last */
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < 2 && status == SIM_OK; i++)
        status = import_count(import, IN_INPUT + i, &tokens[i], error);
    for (size_t i = 0; i < 4 && status == SIM_OK; i++) {
        status = import_clock(import, IN_QUEUED + i, &times_ns[i], error);
        if (status == SIM_OK && i > 0 && times_ns[i] < times_ns[i - 1])
            return import_refuse(import, error,
                                 "the times are not in order: queued, scheduled, first token, last token");
    }
    if (status != SIM_OK)
        return status;
    import_begin_row(import);
    import_set_integer(import, OUT_INPUT, tokens[0]);
    import_set_integer(import, OUT_OUTPUT, tokens[1]);
    import_set_time(import, OUT_TIME, times_ns[0]);
    for (size_t i = 1; i < 4; i++)
        import_set_time(import, OUT_SCHEDULED + i - 1, times_ns[i]);
    import_set_time(import, OUT_TO_FIRST, times_ns[2] - times_ns[0]);
    import_set_time(import, OUT_LATENCY, times_ns[3] - times_ns[0]);
    import_set_text(import, OUT_REQUEST, sim_csv_text(import->csv, IN_REQUEST));
    return SIM_OK;
}

const struct import_format import_vllm = {
    .name = "vllm",
    .help = "requests of a vLLM run: request_id, input_toks, output_toks, queued_s, ...",
    .columns = columns,
    .column_count = OUT_COUNT,
    .is_log = true,
    .wanted = wanted,
    .wanted_count = IN_COUNT,
    .row_name = "request",
    .take = take_row,
};
