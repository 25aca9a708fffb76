/* model.c - the keys of models, and the arithmetic of their memory. */
#include "models/model.h"

#include <string.h>

#include "sim/field_internal.h"

#define BYTES_PER_GB 1e9
#define HALF_PRECISION_BYTES 2

static const struct sim_field precision_fields[] = {
    ITEM(model_precision, name, "name", TEXT, "", 0, 0, REQUIRED, "as fp16, int8, int4; or a use, as training"),
    ITEM(model_precision, memory_gb, "memory", DOUBLE, "GB", 0, 1e9, NO_DEFAULT,
         "memory of the weights; without: parameters x bytes"),
    ITEM(model_precision, bytes_per_parameter, "bytes_per_parameter", DOUBLE, "", 0, 1024, NO_DEFAULT,
         "bytes of a parameter; without: 4 of fp32, 2 of fp16 and bf16, 1 of fp8 and int8, 0.5 of int4"),
};
TABLE(precision_table, "precision", model_precision, precision_fields);

static const struct sim_field throughput_fields[] = {
    ITEM(model_throughput, gpu, "gpu", TEXT, "", 0, 0, REQUIRED, "one of these"),
    ITEM(model_throughput, precision, "precision", TEXT, "", 0, 0, NO_DEFAULT, "in this precision; without: in any"),
    ITEM(model_throughput, rate_per_s, "rate", DOUBLE, "1/s", 0, 1e9, REQUIRED, "requests that it serves"),
};
TABLE(throughput_table, "throughput", model_throughput, throughput_fields);

static const char *const place_names[] = {"gpu", "cpu", NULL};

static const struct sim_field model_fields[] = {
    ITEM(model_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the model"),
    ITEM(model_config, parameters, "parameters", DOUBLE, "", 0, 1e15, NO_DEFAULT, "parameters, as 7e9"),
    ITEM(model_config, memory_gb, "memory", DOUBLE, "GB", 0, 1e9, NO_DEFAULT,
         "memory of its weights; without memory and precisions: 2 bytes for each parameter"),
    LIST(model_config, precisions, precision_count, "precisions", &precision_table, NO_DEFAULT,
         "forms in which it may be held, each with its memory"),
    ITEM(model_config, overhead_gb, "overhead", DOUBLE, "GB", 0, 1e6, NO_DEFAULT,
         "memory beside the weights, once for each GPU: context of the driver, buffers"),
    ITEM(model_config, per_input_gb, "per_input", DOUBLE, "GB", 0, 1e6, NO_DEFAULT,
         "memory that each request inside adds"),
    ITEM(model_config, kv_gb_per_token, "kv_per_token", DOUBLE, "GB/token", 0, 1e3, NO_DEFAULT,
         "key-value memory of a token"),
    ITEM(model_config, tokens, "tokens", DOUBLE, "token", 0, 1e9, NO_DEFAULT,
         "tokens that a request holds in key-value memory"),
    CHOICES(model_config, runs_on, "runs_on", place_names, "gpu", "gpu, cpu, or both"),
    ITEM(model_config, priority, "priority", INT64, "", -1000, 1000, "0",
         "where there is no room for all, higher ones are placed first"),
    ITEM(model_config, workload, "workload", TEXT, "", 0, 0, NO_DEFAULT, "workload whose requests it serves"),
    ITEM(model_config, class, "class", TEXT, "", 0, 0, NO_DEFAULT, "class of that workload; without: all"),
    ITEM(model_config, rate_per_s, "rate", DOUBLE, "1/s", 0, 1e9, NO_DEFAULT, "its load, in place of a workload"),
    ITEM(model_config, concurrent, "concurrent", INT64, "", 0, 1e9, NO_DEFAULT,
         "requests or sessions that are inside at once at its load"),
    LIST(model_config, throughput, throughput_count, "throughput", &throughput_table, NO_DEFAULT,
         "what GPUs serve of it, where no pool's profile says it"),
    ITEM(model_config, gpu, "gpu", TEXT, "", 0, 0, NO_DEFAULT, "GPU that was chosen for it, as L40S or A100-80GB x 2"),
    ITEM(model_config, precision, "precision", TEXT, "", 0, 0, NO_DEFAULT,
         "precision that was chosen; without: the first"),
};
const struct sim_field_table model_config_table = {"model", model_fields, sizeof model_fields / sizeof *model_fields,
                                                   sizeof(struct model_config)};

static const struct sim_field use_fields[] = {
    ITEM(model_use, model, "model", TEXT, "", 0, 0, REQUIRED, "name of a model"),
    ITEM(model_use, precision, "precision", TEXT, "", 0, 0, NO_DEFAULT, "in this precision; without: as chosen there"),
};
const struct sim_field_table model_use_table = {"model of a pool", use_fields, sizeof use_fields / sizeof *use_fields,
                                                sizeof(struct model_use)};

static const struct sim_field sizing_gpu_fields[] = {
    ITEM(sizing_gpu, gpu, "gpu", TEXT, "", 0, 0, REQUIRED, "name in the catalogue"),
};
TABLE(sizing_gpu_table, "GPU", sizing_gpu, sizing_gpu_fields);

static const struct sim_field sizing_fields[] = {
    ITEM(sizing_config, provider, "provider", TEXT, "", 0, 0, NO_DEFAULT,
         "whose prices `capsim size` compares; without: those of every provider"),
    ITEM(sizing_config, price_kind, "price_kind", TEXT, "", 0, 0, NO_DEFAULT,
         "on-demand, spot or serverless; without: all of them"),
    VALUES(sizing_config, gpus, gpu_count, "gpus", &sizing_gpu_table, "gpu", NO_DEFAULT,
           "GPUs that it compares; without: all that have a price"),
    ITEM(sizing_config, gpus_max, "gpus_max", INT64, "", 0, 64, NO_DEFAULT, "most GPUs of one container; without: 8"),
    ITEM(sizing_config, cpu_memory_gb, "cpu_memory", DOUBLE, "GB", 0, 1e6, NO_DEFAULT,
         "memory of the machine, for models that may run on its CPU; without: all go on GPUs"),
    ITEM(sizing_config, together, "together", BOOL, "", 0, 0, NO_DEFAULT,
         "whether all models are wanted at once, on GPUs of one kind; without: no"),
};
const struct sim_field_table sizing_config_table = {
    "sizing", sizing_fields, sizeof sizing_fields / sizeof *sizing_fields, sizeof(struct sizing_config)};

/* Memory */

static double bytes_of(const char *precision)
{
    static const struct {
        const char *name;
        double bytes;
    } known[] = {{"fp32", 4}, {"fp16", 2}, {"bf16", 2}, {"fp8", 1}, {"int8", 1}, {"int4", 0.5}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, precision) == 0)
            return known[i].bytes;
    return 0;
}

size_t model_precision_count(const struct model_config *model)
{
    return model->precision_count > 0 ? model->precision_count : 1;
}

const char *model_precision_name(const struct model_config *model, size_t index)
{
    return index < model->precision_count ? model->precisions[index].name : "";
}

int32_t model_find_precision(const struct model_config *model, const char *name)
{
    const char *wanted = name[0] ? name : model->precision;
    if (!wanted[0])
        return 0;
    for (size_t i = 0; i < model->precision_count; i++)
        if (strcmp(model->precisions[i].name, wanted) == 0)
            return (int32_t)i;
    return -1;
}

double model_weights_gb(const struct model_config *model, size_t index)
{
    if (index >= model->precision_count)
        return model->memory_gb > 0 ? model->memory_gb : model->parameters * HALF_PRECISION_BYTES / BYTES_PER_GB;
    const struct model_precision *precision = &model->precisions[index];
    if (precision->memory_gb > 0)
        return precision->memory_gb;
    double bytes = precision->bytes_per_parameter > 0 ? precision->bytes_per_parameter : bytes_of(precision->name);
    return model->parameters * bytes / BYTES_PER_GB;
}

double model_fixed_gb(const struct model_config *model, size_t index, int64_t gpu_count)
{
    return model_weights_gb(model, index) + model->overhead_gb * (double)gpu_count;
}

double model_input_gb(const struct model_config *model)
{
    return model->per_input_gb + model->kv_gb_per_token * model->tokens;
}

bool model_runs_on(const struct model_config *model, enum model_place place)
{
    return (model->runs_on >> place) & 1;
}
