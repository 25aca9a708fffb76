/* size_json.c - the answer of `capsim size` for programs. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/size_answer.h"
#include "analysis/version.h"
#include "sim/error.h"
#include "sim/memory.h"

enum {
    REAL_DIGITS = 17 /* enough for every double to come back as it was */
};

static const char *const capacity_names[] = {"unknown", "profile", "profile of no GPU", "stated"};
static const char *const verdict_names[] = {"feasible", "missed", "not simulated"};

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

static void set_text(json_t *object, const char *key, const char *text)
{
    json_t *value = json_string(text);
    set(object, key, value ? value : json_null());
}

static json_t *price_object(const struct catalogue_price *price)
{
    json_t *object = json_object();
    set_text(object, "provider", price->provider);
    set_text(object, "kind", price->kind);
    set(object, "usd_per_h", json_real((double)price->price_pusd_per_h / 1e12));
    set_text(object, "date", price->date);
    set_text(object, "source", price->source);
    return object;
}

static json_t *candidate_object(const struct size_candidate *candidate)
{
    json_t *object = json_object();
    set_text(object, "gpu", candidate->gpu->gpu);
    set(object, "gpus", json_integer(candidate->gpu_count));
    set(object, "memory_gb", json_real(candidate->memory_gb));
    set(object, "free_gb", json_real(candidate->memory_gb - candidate->fixed_gb));
    set(object, "inputs", candidate->inputs == SIZE_UNLIMITED ? json_null() : json_integer(candidate->inputs));
    set(object, "container_rps", number_or_null(candidate->container_rps));
    set_text(object, "capacity", capacity_names[candidate->capacity]);
    set(object, "containers", json_integer(candidate->containers));
    set(object, "usd_per_h", json_real(candidate->usd_per_h));
    set(object, "usd_per_month", json_real(candidate->usd_per_month));
    set(object, "waste", number_or_null(candidate->waste));
    set(object, "chosen", json_boolean(candidate->is_chosen));
    set(object, "price", price_object(candidate->price));
    return object;
}

static json_t *trial_object(const struct size_trial *trial, bool is_best)
{
    json_t *object = json_object();
    json_t *values = json_array();
    set_text(object, "gpu", trial->candidate->gpu->gpu);
    set(object, "gpus", json_integer(trial->candidate->gpu_count));
    set_text(object, "provider", trial->candidate->price->provider);
    set_text(object, "kind", trial->candidate->price->kind);
    set(object, "containers", trial->containers > 0 ? json_integer(trial->containers) : json_null());
    set_text(object, "verdict", verdict_names[trial->verdict]);
    set(object, "clear", json_boolean(trial->is_clear));
    set(object, "usd_per_month", number_or_null(trial->usd_per_month));
    for (size_t i = 0; i < trial->value_count; i++)
        append(values, number_or_null(trial->values[i]));
    set(object, "values", values);
    set(object, "cheapest", json_boolean(is_best));
    return object;
}

static json_t *list_object(const struct size_answer *answer, size_t index)
{
    const struct world_config *config = &answer->context->scenario->config;
    const struct size_list *list = &answer->lists[index];
    const struct size_subject *subject = &list->subject;
    const struct size_trial_list *trials = &answer->trials[index];
    json_t *object = json_object();
    json_t *candidates = json_array();
    json_t *simulated = json_array();
    set_text(object, "kind", subject->is_pool ? "pool" : "model");
    set_text(object, "name",
             subject->is_pool ? config->pools[subject->index].name : config->models[subject->index].name);
    if (!subject->is_pool)
        set_text(object, "precision", model_precision_name(&config->models[subject->index], subject->precision));
    set(object, "weights_gb", json_real(subject->weights_gb));
    set(object, "overhead_gb", json_real(subject->overhead_gb));
    set(object, "input_gb", json_real(subject->input_gb));
    set(object, "load_rps", number_or_null(subject->load_rps));
    set(object, "concurrent", json_integer(subject->concurrent));
    set(object, "chosen_too_small", json_boolean(list->is_chosen_too_small));
    for (size_t i = 0; i < list->count; i++)
        append(candidates, candidate_object(&list->items[i]));
    for (size_t i = 0; i < trials->count; i++)
        append(simulated, trial_object(&trials->items[i], i == trials->best));
    set(object, "candidates", candidates);
    set(object, "simulated", simulated);
    return object;
}

static json_t *pack_object(const struct size_answer *answer, const struct size_pack *pack)
{
    const struct world_config *config = &answer->context->scenario->config;
    json_t *object = json_object();
    json_t *places = json_object();
    json_t *free_gb = json_array();
    set_text(object, "gpu", pack->gpu->gpu);
    set(object, "gpus", json_integer(pack->gpu_count));
    set(object, "complete", json_boolean(pack->is_complete));
    for (size_t i = 0; i < config->model_count; i++)
        set(places, config->models[i].name,
            pack->places[i] >= 0 ? json_integer(pack->places[i])
                                 : json_string(pack->places[i] == SIZE_ON_CPU ? "cpu" : "left out"));
    for (int64_t i = 0; i < pack->gpu_count; i++)
        append(free_gb, json_real(pack->free_gb[i]));
    set(object, "places", places);
    set(object, "free_gb", free_gb);
    set(object, "usd_per_h", json_real(pack->usd_per_h));
    set(object, "usd_per_month", json_real(pack->usd_per_month));
    set(object, "price", price_object(pack->price));
    return object;
}

/* Memory for jansson, which never fails. */
static void *allocate(size_t size)
{
    return sim_allocate(size, 1);
}

void size_answer_print_json(const struct size_answer *answer, FILE *out)
{
    const struct world_config *config = &answer->context->scenario->config;
    json_set_alloc_funcs(allocate, free);
    json_t *root = json_object();
    json_t *lists = json_array();
    json_t *packs = json_array();
    set(root, "format", json_integer(1));
    set_text(root, "scenario", config->name);
    set(root, "month_s", json_real(sim_time_to_s(config->month_ns)));
    for (size_t i = 0; i < answer->count; i++)
        append(lists, list_object(answer, i));
    for (size_t i = 0; i < answer->packs.count; i++)
        append(packs, pack_object(answer, &answer->packs.items[i]));
    set(root, "lists", lists);
    set(root, "together", packs);
    set_text(root, "version", version_number());
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS));
    sim_assert(text);
    fputs(text, out);
    fputc('\n', out);
    free(text);
    json_decref(root);
}

/* A field in quotes: sources contain commas. */
static void print_quoted(const char *text, FILE *out)
{
    fputs(",\"", out);
    for (; *text; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', out);
}

static void print_number(double value, FILE *out)
{
    if (isfinite(value))
        fprintf(out, ",%.15g", value);
    else
        fputc(',', out);
}

static void print_csv_row(const struct size_answer *answer, const struct size_list *list,
                          const struct size_candidate *candidate, FILE *out)
{
    const struct world_config *config = &answer->context->scenario->config;
    const struct size_subject *subject = &list->subject;
    if (subject->is_pool)
        fprintf(out, "pool,%s,", config->pools[subject->index].name);
    else
        fprintf(out, "model,%s,%s", config->models[subject->index].name,
                model_precision_name(&config->models[subject->index], subject->precision));
    fprintf(out, ",%s,%" PRId64, candidate->gpu->gpu, candidate->gpu_count);
    print_number(candidate->memory_gb, out);
    print_number(candidate->memory_gb - candidate->fixed_gb, out);
    print_number(candidate->inputs == SIZE_UNLIMITED ? NAN : (double)candidate->inputs, out);
    print_number(candidate->container_rps, out);
    fprintf(out, ",%s,%" PRId64, capacity_names[candidate->capacity], candidate->containers);
    print_number(candidate->usd_per_h, out);
    print_number(candidate->usd_per_month, out);
    print_number(candidate->waste, out);
    fprintf(out, ",%s", candidate->is_chosen ? "true" : "false");
    print_quoted(candidate->price->provider, out);
    print_quoted(candidate->price->kind, out);
    print_number((double)candidate->price->price_pusd_per_h / 1e12, out);
    print_quoted(candidate->price->date, out);
    print_quoted(candidate->price->source, out);
    fputc('\n', out);
}

void size_answer_print_csv(const struct size_answer *answer, FILE *out)
{
    fputs("kind,name,precision,gpu,gpus,memory_gb,free_gb,inputs,container_rps,capacity,containers,usd_per_h,"
          "usd_per_month,waste,chosen,provider,price_kind,price_usd_per_h,date,source\n",
          out);
    for (size_t i = 0; i < answer->count; i++)
        for (size_t k = 0; k < answer->lists[i].count; k++)
            print_csv_row(answer, &answer->lists[i], &answer->lists[i].items[k], out);
}
