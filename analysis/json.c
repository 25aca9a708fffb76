/* json.c - built with jansson, written with a fixed number of digits. */
#include "analysis/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/breaks.h"
#include "models/pricing.h"
#include "sim/error.h"
#include "sim/memory.h"

enum {
    REAL_DIGITS = 17 /* enough for every double to come back as it was */
};

/* Text from a scenario is checked to be UTF-8 when it is read; a result made by hand may hold anything. */
static json_t *text_or_null(const char *text)
{
    json_t *value = text ? json_string(text) : NULL;
    return value ? value : json_null();
}

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static void set(json_t *object, const char *key, json_t *value)
{
    sim_assert(json_object_set_new(object, key, value) == 0);
}

static void append(json_t *array, json_t *value)
{
    sim_assert(json_array_append_new(array, value) == 0);
}

static json_t *row_object(const struct summary_row *row)
{
    const struct estimate *estimate = &row->estimate;
    json_t *object = json_object();
    set(object, "scope", text_or_null(row->scope->name));
    set(object, "metric", text_or_null(row->metric->name));
    set(object, "unit", text_or_null(row->metric->unit));
    set(object, "value", number_or_null(estimate->value));
    set(object, "low", number_or_null(estimate->low));
    set(object, "high", number_or_null(estimate->high));
    set(object, "count", json_integer((json_int_t)estimate->count));
    if (estimate->reason[0] != '\0')
        set(object, "reason", text_or_null(estimate->reason));
    if (isfinite(estimate->lag_1))
        set(object, "lag_1", number_or_null(estimate->lag_1));
    return object;
}

static json_t *metrics_array(const struct summary *summary)
{
    json_t *array = json_array();
    for (size_t i = 0; i < summary->row_count; i++)
        append(array, row_object(&summary->rows[i]));
    return array;
}

static json_t *limits_array(const struct summary *summary)
{
    json_t *array = json_array();
    for (size_t i = 0; i < summary->limit_count; i++) {
        const struct summary_limit *limit = &summary->limits[i];
        json_t *object = json_object();
        set(object, "scope", text_or_null(limit->slo->scope));
        set(object, "metric", text_or_null(limit->row ? limit->row->metric->name : limit->slo->metric));
        set(object, "at_most", number_or_null(limit->slo->at_most));
        set(object, "at_least", number_or_null(limit->slo->at_least));
        set(object, "value", number_or_null(limit->row ? limit->row->estimate.value : NAN));
        set(object, "verdict", text_or_null(summary_verdict_text(limit->verdict)));
        set(object, "clear", json_boolean(limit->is_clear));
        append(array, object);
    }
    return array;
}

static json_t *breaks_array(const struct summary *summary)
{
    json_t *array = json_array();
    const struct break_found *found = summary->breaks.items;
    for (size_t i = 0; i < summary->breaks.count; i++, found++) {
        json_t *object = json_object();
        set(object, "kind", text_or_null(found->kind));
        set(object, "scope", text_or_null(found->scope));
        set(object, "metric", text_or_null(found->metric));
        set(object, "month", text_or_null(found->month));
        set(object, "value", number_or_null(found->value));
        set(object, "limit", number_or_null(found->limit));
        set(object, "enough", number_or_null(found->enough));
        set(object, "how", text_or_null(found->how));
        append(array, object);
    }
    return array;
}

static json_t *notes_array(const struct summary *summary, enum note_kind kind)
{
    json_t *array = json_array();
    for (size_t i = 0; i < summary->notes.count; i++)
        if (summary->notes.items[i].kind == kind)
            append(array, text_or_null(summary->notes.items[i].text));
    return array;
}

/* Picodollars per hour in dollars per hour. */
static json_t *price(int64_t pusd_per_h)
{
    return json_real((double)pusd_per_h / 1e12);
}

static json_t *later_prices_array(const struct pool_config *pool)
{
    json_t *array = json_array();
    for (size_t i = 0; i < pool->price_count; i++) {
        json_t *object = json_object();
        set(object, "from", text_or_null(pool->prices[i].from));
        set(object, "gpu_usd_per_h", price(pool->prices[i].gpu_pusd_per_h));
        append(array, object);
    }
    return array;
}

static json_t *prices_array(const struct world_config *config)
{
    json_t *array = json_array();
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct pool_config *pool = &config->pools[i];
        json_t *object = json_object();
        set(object, "pool", text_or_null(pool->name));
        set(object, "gpu", text_or_null(pool->gpu));
        set(object, "gpus", json_integer(pool->gpu_count));
        set(object, "gpu_usd_per_h", price(pool->price.gpu_pusd_per_h));
        set(object, "core_usd_per_h", price(pool->price.core_pusd_per_h));
        set(object, "memory_usd_per_gib_h", price(pool->price.memory_pusd_per_gib_h));
        set(object, "container_usd_per_h", price(pricing_container_rate(pool)));
        if (pool->price_count > 0)
            set(object, "later", later_prices_array(pool));
        set(object, "provider", text_or_null(pool->price.provider));
        set(object, "kind", text_or_null(pool->price.kind));
        set(object, "date", text_or_null(pool->price.date));
        set(object, "source", text_or_null(pool->price.source));
        append(array, object);
    }
    return array;
}

static json_t *profiles_array(const struct world_config *config)
{
    json_t *array = json_array();
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct profile_config *profile = &config->pools[i].profile;
        json_t *object = json_object();
        set(object, "pool", text_or_null(config->pools[i].name));
        set(object, "name", text_or_null(profile->name));
        set(object, "source", text_or_null(profile->source));
        set(object, "fit_error", text_or_null(profile->fit_error));
        set(object, "slot_limit", text_or_null(profile->slot_limit));
        append(array, object);
    }
    return array;
}

static const char *status_of(const struct summary *summary)
{
    if (summary->result->ending != RUN_WHOLE)
        return summary->result->ending == RUN_STOPPED ? "stopped" : "partial";
    return summary->saturated_ns >= 0 ? "saturated" : "ok";
}

static json_t *root_object(const struct summary *summary)
{
    const struct world_config *config = summary->result->config;
    bool is_saturated = summary->saturated_ns >= 0;
    json_t *root = json_object();
    set(root, "format", json_integer(1));
    set(root, "scenario", text_or_null(config->name));
    set(root, "seed", json_integer(config->seed));
    set(root, "replications", json_integer((json_int_t)summary->result->replication_count));
    set(root, "status", text_or_null(status_of(summary)));
    if (summary->result->ending != RUN_WHOLE)
        set(root, "simulated_s", json_real(sim_time_to_s(summary->simulated_ns)));
    if (is_saturated)
        set(root, "saturated_s", json_real(sim_time_to_s(summary->saturated_ns)));
    if (is_saturated && config->start[0] != '\0')
        set(root, "saturated_from", text_or_null(summary->saturated_from));
    set(root, "requests", json_integer(summary->request_count));
    set(root, "duration_s", json_real(sim_time_to_s(config->duration_ns)));
    set(root, "warm_up_s", json_real(sim_time_to_s(config->warm_up_ns)));
    set(root, "month_s", json_real(sim_time_to_s(config->month_ns)));
    set(root, "percentiles", text_or_null(summary->is_exact ? "requests" : "histograms"));
    set(root, "sections", text_or_null(summary->is_batched ? "batches" : "replications"));
    set(root, "section_count", json_integer((json_int_t)summary->section_count));
    set(root, "metrics", metrics_array(summary));
    set(root, "slo", limits_array(summary));
    if (summary->scopes.items[summary->scopes.count - 1].kind == SCOPE_MONTH)
        set(root, "breaks", breaks_array(summary));
    set(root, "warnings", notes_array(summary, NOTE_WARNING));
    set(root, "facts", notes_array(summary, NOTE_FACT));
    set(root, "assumptions", notes_array(summary, NOTE_ASSUMED));
    set(root, "prices", prices_array(config));
    set(root, "profiles", profiles_array(config));
    set(root, "version", text_or_null(summary->version));
    return root;
}

/* Memory for jansson, which never fails. */
static void *allocate(size_t size)
{
    return sim_allocate(size, 1);
}

void json_print(const struct summary *summary, FILE *out)
{
    json_set_alloc_funcs(allocate, free);
    json_t *root = root_object(summary);
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS));
    sim_assert(text);
    fputs(text, out);
    fputc('\n', out);
    free(text);
    json_decref(root);
}
