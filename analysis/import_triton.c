/* import_triton.c - tables of Triton's perf_analyzer: one row per concurrency or batch.
 *
 * Two forms: the CSV that perf_analyzer -f writes ("Concurrency", "Inferences/Second", "p50 latency" in us; "Avg
 * latency" only with --verbose-csv), and tables retyped from the readmes of NVIDIA/DeepLearningExamples (concurrency,
 * inferences_per_s, p50_ms). Inferences are items: a request has `batch` of them.
 */
#include "analysis/import.h"

/* Times of the output in the order of both lists of inputs. */
enum {
    OUT_SUITE,
    OUT_GPU,
    OUT_PRECISION,
    OUT_BACKEND,
    OUT_MODE,
    OUT_CONCURRENCY,
    OUT_BATCH,
    OUT_REQUESTS,
    OUT_ITEMS,
    OUT_QUEUE,
    OUT_MEAN,
    OUT_P50,
    OUT_P90,
    OUT_P95,
    OUT_P99,
    OUT_COUNT
};

static const struct import_column columns[OUT_COUNT] = {
    {"suite", IMPORT_TEXT},          {"gpu", IMPORT_TEXT},        {"precision", IMPORT_TEXT},
    {"backend", IMPORT_TEXT},        {"mode", IMPORT_TEXT},       {"concurrency", IMPORT_INTEGER},
    {"batch", IMPORT_INTEGER},       {"rate_rps", IMPORT_NUMBER}, {"items_per_s", IMPORT_NUMBER},
    {"server_queue_s", IMPORT_SPAN}, {"mean_s", IMPORT_SPAN},     {"p50_s", IMPORT_SPAN},
    {"p90_s", IMPORT_SPAN},          {"p95_s", IMPORT_SPAN},      {"p99_s", IMPORT_SPAN}};

/* What a table may have, in the order of the columns above; requests have none of their own. */
enum {
    IN_OTHER_BATCH = OUT_COUNT,
    IN_ANALYZER_CONCURRENCY,
    IN_ANALYZER_ITEMS,
    IN_ANALYZER_QUEUE,
    IN_ANALYZER_MEAN,
    IN_ANALYZER_P50,
    IN_ANALYZER_P90,
    IN_ANALYZER_P95,
    IN_ANALYZER_P99,
    IN_COUNT
};

static const char *const wanted[IN_COUNT] = {"suite",
                                             "gpu",
                                             "precision",
                                             "backend",
                                             "mode",
                                             "concurrency",
                                             "batch",
                                             "requests_per_s",
                                             "inferences_per_s",
                                             "server_queue_ms",
                                             "avg_ms",
                                             "p50_ms",
                                             "p90_ms",
                                             "p95_ms",
                                             "p99_ms",
                                             "client_batch",
                                             "Concurrency",
                                             "Inferences/Second",
                                             "Server Queue",
                                             "Avg latency",
                                             "p50 latency",
                                             "p90 latency",
                                             "p95 latency",
                                             "p99 latency"};

/* The input of an output column: of the table, or of perf_analyzer. */
static size_t input_of(const struct import *import, size_t column)
{
    if (column == OUT_BATCH)
        return sim_csv_has(import->csv, OUT_BATCH) ? OUT_BATCH : IN_OTHER_BATCH;
    if (!import->is_other)
        return column;
    return column == OUT_CONCURRENCY ? IN_ANALYZER_CONCURRENCY : IN_ANALYZER_ITEMS + column - OUT_ITEMS;
}

/* A count that must be at least 1, and is 1 where the table does not have it. */
static enum sim_status take_count(struct import *import, size_t column, int64_t *value, struct sim_error *error)
{
    size_t input = input_of(import, column);
    *value = 1;
    if (sim_csv_has(import->csv, input)) {
        enum sim_status status = sim_csv_int64(import->csv, input, value, error);
        if (status != SIM_OK)
            return status;
    }
    if (*value < 1)
        return import_refuse(import, error, "concurrency and batch are at least 1");
    import_set_integer(import, column, *value);
    return SIM_OK;
}

static enum sim_status take_times(struct import *import, struct sim_error *error)
{
    sim_time_ns below_ns = 0;
    double unit_s = import->is_other ? 1e-6 : 1e-3;
    for (size_t column = OUT_QUEUE; column <= OUT_P99; column++) {
        size_t input = input_of(import, column);
        sim_time_ns span_ns = 0;
        if (!sim_csv_has(import->csv, input))
            continue;
        enum sim_status status = import_span(import, input, unit_s, &span_ns, error);
        if (status != SIM_OK)
            return status;
        bool is_percentile = column >= OUT_P50;
        if (span_ns == 0 && column != OUT_QUEUE)
            return import_refuse(import, error, "a latency of 0");
        if (is_percentile && span_ns < below_ns)
            return import_refuse(import, error, "percentiles that fall where they must rise");
        below_ns = is_percentile ? span_ns : 0;
        import_set_time(import, column, span_ns);
    }
    return SIM_OK;
}

static enum sim_status take_row(struct import *import, struct sim_error *error)
{
    int64_t concurrency = 0, batch = 0;
    double items = 0;
    import_begin_row(import);
    for (size_t column = OUT_SUITE; column <= OUT_MODE; column++)
        if (sim_csv_has(import->csv, column))
            import_set_text(import, column, sim_csv_text(import->csv, column));
    enum sim_status status = take_count(import, OUT_CONCURRENCY, &concurrency, error);
    if (status == SIM_OK)
        status = take_count(import, OUT_BATCH, &batch, error);
    if (status == SIM_OK)
        status = sim_csv_double(import->csv, input_of(import, OUT_ITEMS), &items, error);
    if (status == SIM_OK && !(items > 0))
        return import_refuse(import, error, "a throughput that is not above 0");
    if (status != SIM_OK)
        return status;
    import_set_number(import, OUT_ITEMS, items);
    import_set_number(import, OUT_REQUESTS, items / (double)batch);
    return take_times(import, error);
}

static enum sim_status begin(struct import *import, struct sim_error *error)
{
    import->is_other = sim_csv_has(import->csv, IN_ANALYZER_ITEMS);
    const size_t required[] = {input_of(import, OUT_ITEMS), input_of(import, OUT_P95)};
    if (!sim_csv_has(import->csv, input_of(import, OUT_CONCURRENCY)))
        import_note(import, "no column says the concurrency: 1 is assumed");
    if (!sim_csv_has(import->csv, input_of(import, OUT_BATCH)))
        import_note(import, "no column says the batch of a request: 1 is assumed");
    return import_require(import, required, 2, error);
}

const struct import_format import_triton = {
    .name = "triton",
    .help = "Triton perf_analyzer: its CSV (us), or a table with inferences_per_s, p50_ms, ...",
    .columns = columns,
    .column_count = OUT_COUNT,
    .wanted = wanted,
    .wanted_count = IN_COUNT,
    .is_choice = true,
    .row_name = "row",
    .begin = begin,
    .take = take_row,
};
