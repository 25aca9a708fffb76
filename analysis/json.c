/* json.c - the parts of a summary, one function each. */
#include "analysis/json.h"

#include <math.h>

#include "analysis/breaks.h"
#include "analysis/json_part.h"
#include "analysis/sensitivity_json.h"
#include "models/pricing.h"

static json_t *metrics_array(const struct summary *summary)
{
    json_t *array = json_array();
    for (size_t i = 0; i < summary->row_count; i++) {
        json_t *object = json_object();
        json_part_set_row(object, &summary->rows[i]);
        json_part_append(array, object);
    }
    return array;
}

static json_t *limits_array(const struct summary *summary)
{
    json_t *array = json_array();
    for (size_t i = 0; i < summary->limit_count; i++) {
        const struct summary_limit *limit = &summary->limits[i];
        json_t *object = json_object();
        json_part_set(object, "scope", json_part_text(limit->slo->scope));
        json_part_set(object, "metric", json_part_text(limit->row ? limit->row->metric->name : limit->slo->metric));
        json_part_set(object, "at_most", json_part_number(limit->slo->at_most));
        json_part_set(object, "at_least", json_part_number(limit->slo->at_least));
        json_part_set(object, "value", json_part_number(limit->row ? limit->row->estimate.value : NAN));
        json_part_set(object, "verdict", json_part_text(summary_verdict_text(limit->verdict)));
        json_part_set(object, "clear", json_boolean(limit->is_clear));
        json_part_append(array, object);
    }
    return array;
}

static json_t *breaks_array(const struct summary *summary)
{
    json_t *array = json_array();
    const struct break_found *found = summary->breaks.items;
    for (size_t i = 0; i < summary->breaks.count; i++, found++) {
        json_t *object = json_object();
        json_part_set(object, "kind", json_part_text(found->kind));
        json_part_set(object, "scope", json_part_text(found->scope));
        json_part_set(object, "metric", json_part_text(found->metric));
        json_part_set(object, "month", json_part_text(found->month));
        json_part_set(object, "value", json_part_number(found->value));
        json_part_set(object, "limit", json_part_number(found->limit));
        json_part_set(object, "enough", json_part_number(found->enough));
        json_part_set(object, "how", json_part_text(found->how));
        json_part_append(array, object);
    }
    return array;
}

static json_t *notes_array(const struct summary *summary, enum note_kind kind)
{
    json_t *array = json_array();
    for (size_t i = 0; i < summary->notes.count; i++)
        if (summary->notes.items[i].kind == kind)
            json_part_append(array, json_part_text(summary->notes.items[i].text));
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
        json_part_set(object, "from", json_part_text(pool->prices[i].from));
        json_part_set(object, "gpu_usd_per_h", price(pool->prices[i].gpu_pusd_per_h));
        json_part_append(array, object);
    }
    return array;
}

static json_t *prices_array(const struct world_config *config)
{
    json_t *array = json_array();
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct pool_config *pool = &config->pools[i];
        json_t *object = json_object();
        json_part_set(object, "pool", json_part_text(pool->name));
        json_part_set(object, "gpu", json_part_text(pool->gpu));
        json_part_set(object, "gpus", json_integer(pool->gpu_count));
        json_part_set(object, "gpu_usd_per_h", price(pool->price.gpu_pusd_per_h));
        json_part_set(object, "core_usd_per_h", price(pool->price.core_pusd_per_h));
        json_part_set(object, "memory_usd_per_gib_h", price(pool->price.memory_pusd_per_gib_h));
        json_part_set(object, "container_usd_per_h", price(pricing_container_rate(pool)));
        if (pool->price_count > 0)
            json_part_set(object, "later", later_prices_array(pool));
        json_part_set(object, "provider", json_part_text(pool->price.provider));
        json_part_set(object, "kind", json_part_text(pool->price.kind));
        json_part_set(object, "date", json_part_text(pool->price.date));
        json_part_set(object, "source", json_part_text(pool->price.source));
        json_part_append(array, object);
    }
    return array;
}

static json_t *profiles_array(const struct world_config *config)
{
    json_t *array = json_array();
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct profile_config *profile = &config->pools[i].profile;
        json_t *object = json_object();
        json_part_set(object, "pool", json_part_text(config->pools[i].name));
        json_part_set(object, "name", json_part_text(profile->name));
        json_part_set(object, "source", json_part_text(profile->source));
        json_part_set(object, "fit_error", json_part_text(profile->fit_error));
        json_part_set(object, "slot_limit", json_part_text(profile->slot_limit));
        json_part_append(array, object);
    }
    return array;
}

static json_t *root_object(const struct summary *summary)
{
    const struct world_config *config = summary->result->config;
    bool is_saturated = summary->saturated_ns >= 0;
    json_t *root = json_object();
    json_part_set(root, "format", json_integer(1));
    json_part_set(root, "scenario", json_part_text(config->name));
    json_part_set(root, "seed", json_integer(config->seed));
    json_part_set(root, "replications", json_integer((json_int_t)summary->result->replication_count));
    json_part_set(root, "status", json_part_text(json_part_status(summary)));
    if (summary->result->ending != RUN_WHOLE)
        json_part_set(root, "simulated_s", json_real(sim_time_to_s(summary->simulated_ns)));
    if (is_saturated)
        json_part_set(root, "saturated_s", json_real(sim_time_to_s(summary->saturated_ns)));
    if (is_saturated && config->start[0] != '\0')
        json_part_set(root, "saturated_from", json_part_text(summary->saturated_from));
    json_part_set(root, "requests", json_integer(summary->request_count));
    json_part_set(root, "duration_s", json_real(sim_time_to_s(config->duration_ns)));
    json_part_set(root, "warm_up_s", json_real(sim_time_to_s(config->warm_up_ns)));
    json_part_set(root, "month_s", json_real(sim_time_to_s(config->month_ns)));
    json_part_set(root, "percentiles", json_part_text(summary->is_exact ? "requests" : "histograms"));
    json_part_set(root, "sections", json_part_text(summary->is_batched ? "batches" : "replications"));
    json_part_set(root, "section_count", json_integer((json_int_t)summary->section_count));
    json_part_set(root, "metrics", metrics_array(summary));
    json_part_set(root, "slo", limits_array(summary));
    if (summary->scopes.items[summary->scopes.count - 1].kind == SCOPE_MONTH)
        json_part_set(root, "breaks", breaks_array(summary));
    json_part_set(root, "warnings", notes_array(summary, NOTE_WARNING));
    json_part_set(root, "facts", notes_array(summary, NOTE_FACT));
    json_part_set(root, "assumptions", notes_array(summary, NOTE_ASSUMED));
    json_part_set(root, "prices", prices_array(config));
    json_part_set(root, "profiles", profiles_array(config));
    json_part_set(root, "version", json_part_text(summary->version));
    return root;
}

void json_print(const struct summary *summary, FILE *out)
{
    json_part_begin();
    json_part_print(root_object(summary), out);
}

void json_print_sensitivity(const struct summary *summary, const struct sensitivity_run *sensitivity, FILE *out)
{
    json_part_begin();
    json_t *root = root_object(summary);
    json_part_set(root, "sensitivity", sensitivity_json_cases(sensitivity));
    json_part_set(root, "sensitivity_band", sensitivity_json_band(sensitivity));
    json_part_set(root, "sensitivity_status", json_part_text(sensitivity->is_whole ? "ok" : "partial"));
    json_part_print(root, out);
}
