/* size_answer.c - collecting the lists of a scenario. */
#include "analysis/size_answer.h"

#include <stdlib.h>

#include "sim/memory.h"

static size_t count_lists(const struct world_config *config)
{
    size_t count = 0;
    for (size_t i = 0; i < config->model_count; i++)
        count += model_precision_count(&config->models[i]);
    for (size_t i = 0; i < config->pool_count; i++)
        count += config->pools[i].model_count > 0;
    return count;
}

/* A CPU holds what it holds: there is no GPU to choose for it. */
static bool is_sized(const struct pool_config *pool)
{
    return pool->model_count > 0 && pool->gpu_count > 0;
}

void size_answer_create(struct size_answer *answer, const struct size_context *context)
{
    const struct world_config *config = &context->scenario->config;
    size_t count = count_lists(config);
    *answer = (struct size_answer){.context = context};
    answer->lists = sim_allocate(count, sizeof *answer->lists);
    answer->trials = sim_allocate(count, sizeof *answer->trials);
    for (size_t i = 0; i < config->model_count; i++)
        for (size_t k = 0; k < model_precision_count(&config->models[i]); k++)
            if (model_runs_on(&config->models[i], MODEL_ON_GPU))
                answer->lists[answer->count++] = size_model(context, i, k);
    for (size_t i = 0; i < config->pool_count; i++)
        if (is_sized(&config->pools[i]))
            answer->lists[answer->count++] = size_pool(context, i);
    if (config->sizing.together)
        answer->packs = size_pack_all(context);
}

void size_answer_release(struct size_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        size_list_release(&answer->lists[i]);
        size_trial_release(&answer->trials[i]);
    }
    size_pack_release(&answer->packs);
    free(answer->lists);
    free(answer->trials);
}

enum sim_status size_answer_simulate(struct size_answer *answer, unsigned jobs, const volatile bool *stop,
                                     struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < answer->count && status == SIM_OK; i++) {
        const struct size_list *list = &answer->lists[i];
        if (list->subject.is_pool && list->count > 0 &&
            size_trial_has_limits(&answer->context->scenario->config, list->subject.pool))
            status = size_trial_run(answer->context, list, jobs, stop, &answer->trials[i], error);
    }
    return status;
}

struct size_text size_answer_title(const struct size_answer *answer, const struct size_list *list)
{
    const struct world_config *config = &answer->context->scenario->config;
    struct size_text title;
    if (list->subject.is_pool) {
        snprintf(title.text, sizeof title.text, "pool %s", config->pools[list->subject.index].name);
        return title;
    }
    const struct model_config *model = &config->models[list->subject.index];
    const char *precision = model_precision_name(model, list->subject.precision);
    snprintf(title.text, sizeof title.text, "%s%s%s", model->name, precision[0] ? ", " : "", precision);
    return title;
}

static void report_misfit(const struct size_answer *answer, const struct size_list *list)
{
    const struct size_subject *subject = &list->subject;
    struct size_text title = size_answer_title(answer, list);
    int64_t count = answer->context->gpus_max;
    if (!list->nearest) {
        fprintf(stderr, "capsim: error: %s: no GPU that may be chosen has a price\n", title.text);
        return;
    }
    double memory_gb = list->nearest->memory_gb * (double)count;
    double need_gb = subject->weights_gb + subject->overhead_gb * (double)count + subject->input_gb;
    fprintf(stderr, "capsim: error: %s needs %.4g GB and fits no GPU: the nearest is %s, %.4g GB, %.4g too few\n",
            title.text, need_gb, size_gpu_text(list->nearest, count).text, memory_gb, need_gb - memory_gb);
}

static bool is_chosen_form(const struct size_answer *answer, const struct size_list *list)
{
    const struct world_config *config = &answer->context->scenario->config;
    return list->subject.is_pool ||
           (int32_t)list->subject.precision == model_find_precision(&config->models[list->subject.index], "");
}

/* A model that fits in one precision need not fit in the others; of one that fits in none, the chosen one is named. */
size_t size_answer_report_misfits(const struct size_answer *answer)
{
    size_t misfits = 0;
    for (size_t i = 0; i < answer->count; i++) {
        const struct size_list *list = &answer->lists[i];
        bool fits_otherwise = false;
        for (size_t k = 0; k < answer->count; k++)
            fits_otherwise = fits_otherwise ||
                             (answer->lists[k].count > 0 && answer->lists[k].subject.index == list->subject.index &&
                              answer->lists[k].subject.is_pool == list->subject.is_pool);
        if (list->count > 0 || fits_otherwise || !is_chosen_form(answer, list))
            continue;
        report_misfit(answer, list);
        misfits++;
    }
    return misfits;
}
