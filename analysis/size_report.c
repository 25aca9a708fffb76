/* size_report.c - the answer of `capsim size` as tables. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analysis/format.h"
#include "analysis/size_answer.h"
#include "scenarios/check.h"

enum {
    ROWS_MAX = 12, /* of a table; the chosen GPU is shown beside them */
    SOURCES_MAX = 64
};

/* Sources of prices, numbered as they occur. */
struct sources {
    const char *texts[SOURCES_MAX];
    size_t count;
};

static size_t number_of(struct sources *sources, const char *text)
{
    size_t i = 0;
    while (i < sources->count && strcmp(sources->texts[i], text) != 0)
        i++;
    if (i == sources->count && i < SOURCES_MAX)
        sources->texts[sources->count++] = text;
    return i + 1;
}

static struct size_text price_origin(const struct catalogue_price *price, struct sources *sources)
{
    struct size_text origin;
    snprintf(origin.text, sizeof origin.text, "%s %s %s [%zu]", price->provider, price->kind, price->date,
             number_of(sources, price->source));
    return origin;
}

static void print_sources(const struct sources *sources, FILE *out)
{
    fputs("\nPrices\n", out);
    for (size_t i = 0; i < sources->count; i++)
        fprintf(out, "  [%zu] %s\n", i + 1, sources->texts[i]);
}

static struct format_text inputs_text(int64_t inputs)
{
    struct format_text unlimited = {"not stated"};
    return inputs == SIZE_UNLIMITED ? unlimited : format_count(inputs);
}

static const char *capacity_mark(enum size_capacity capacity)
{
    return capacity == SIZE_CAPACITY_ANY_GPU ? "*" : " ";
}

static void print_candidate(const struct size_candidate *candidate, struct sources *sources, FILE *out)
{
    char rate[48];
    if (candidate->capacity == SIZE_CAPACITY_UNKNOWN)
        snprintf(rate, sizeof rate, "not known");
    else
        snprintf(rate, sizeof rate, "%.4g", candidate->container_rps);
    fprintf(out, "  %-20s %7.4g %8.4g %11s %10s%s %10" PRId64 " %9s %10s %8s  %s%s\n",
            size_gpu_text(candidate->gpu, candidate->gpu_count).text, candidate->memory_gb,
            candidate->memory_gb - candidate->fixed_gb, inputs_text(candidate->inputs).text, rate,
            capacity_mark(candidate->capacity), candidate->containers,
            format_figure(candidate->usd_per_h, "USD", 2).text, format_figure(candidate->usd_per_month, "USD", 0).text,
            format_figure(candidate->waste, "ratio", 0).text, price_origin(candidate->price, sources).text,
            candidate->is_chosen ? "  <- chosen" : "");
}

static void print_subject(const struct size_answer *answer, const struct size_list *list, FILE *out)
{
    const struct size_subject *subject = &list->subject;
    fprintf(out, "\n%s: %.4g GB", size_answer_title(answer, list).text, subject->weights_gb + subject->overhead_gb);
    if (subject->input_gb > 0)
        fprintf(out, " and %.4g GB for each request inside", subject->input_gb);
    if (subject->load_rps > 0)
        fprintf(out, "; %.4g req/s in the busiest hour", subject->load_rps);
    if (subject->concurrent > 0)
        fprintf(out, "; %" PRId64 " inside at once", subject->concurrent);
    if (!(subject->load_rps > 0) && subject->concurrent == 0)
        fputs("; no load is stated: one container, by memory", out);
    fputc('\n', out);
}

static void print_list(const struct size_answer *answer, const struct size_list *list, struct sources *sources,
                       FILE *out)
{
    bool has_mark = false;
    bool is_unknown = false;
    print_subject(answer, list, out);
    if (list->is_chosen_too_small)
        fprintf(out, "  The chosen %s does not hold it.\n", list->subject.chosen);
    else if (list->subject.chosen[0] && list->chosen == SIZE_NONE)
        fprintf(out, "  The chosen %s has no price among those compared.\n", list->subject.chosen);
    if (list->count == 0) {
        fputs("  Fits no GPU that may be chosen.\n", out);
        return;
    }
    fprintf(out, "  %-20s %7s %8s %11s %10s  %10s %9s %10s %8s  %s\n", "GPU", "GB", "GB free", "requests", "req/s",
            "containers", "USD/h", "per month", "waste", "price");
    for (size_t i = 0; i < list->count; i++) {
        has_mark = has_mark || list->items[i].capacity == SIZE_CAPACITY_ANY_GPU;
        is_unknown = is_unknown || list->items[i].capacity == SIZE_CAPACITY_UNKNOWN;
        if (i < ROWS_MAX || i == list->chosen)
            print_candidate(&list->items[i], sources, out);
    }
    if (list->count > ROWS_MAX)
        fprintf(out, "  %zu candidates; --csv has all\n", list->count);
    if (has_mark)
        fputs("  * the profile names no GPU: the same speed on each\n", out);
    if (list->items[list->count - 1].is_rough)
        fputs(
            "  Where what a GPU serves is not known, one container stands there, by memory alone, and is not ranked.\n",
            out);
    else if (is_unknown && list->subject.load_rps > 0)
        fputs(list->subject.concurrent > 0
                  ? "  What a GPU serves is not known: containers for those inside, by memory.\n"
                  : "  What a GPU serves is not known: one container each, by memory.\n",
              out);
}

/* How far requests may grow in number or in tokens before a pool's memory is full. */
static void print_room(const struct world_config *config, const struct pool_config *pool, FILE *out)
{
    double input_gb = check_pool_input_gb(config, pool);
    double free_gb = pool->container_gb - pool->models_gb;
    fprintf(out, "  %-16s %-16s %8.4g %8.4g %8.4g", pool->name, pool->gpu[0] ? pool->gpu : "CPU", pool->container_gb,
            pool->models_gb, free_gb);
    double cache_gb = check_pool_cache_gb(config, pool);
    if (cache_gb > 0)
        fprintf(out, "  %.4g GB of it a cache for %" PRId64 " tokens", cache_gb, pool->profile.kv_tokens);
    else if (input_gb > 0)
        fprintf(out, "  %" PRId64 " of %.0f requests; each may grow to %.3g times its memory", pool->max_inputs,
                floor(free_gb / input_gb + 1e-9), free_gb / ((double)pool->max_inputs * input_gb));
    else
        fputs("  what a request takes is not stated", out);
    fputc('\n', out);
}

static void print_pools(const struct world_config *config, FILE *out)
{
    bool is_first = true;
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct pool_config *pool = &config->pools[i];
        if (pool->model_count == 0 || !(pool->container_gb > 0))
            continue;
        if (is_first)
            fprintf(out, "\nPools as they are\n  %-16s %-16s %8s %8s %8s  room\n", "pool", "on", "GB", "models",
                    "GB free");
        is_first = false;
        print_room(config, pool, out);
    }
}

static void print_place(const struct size_answer *answer, const struct size_pack *pack, int32_t place,
                        const char *title, FILE *out)
{
    const struct world_config *config = &answer->context->scenario->config;
    bool is_first = true;
    for (size_t i = 0; i < config->model_count; i++) {
        if (pack->places[i] != place)
            continue;
        fprintf(out, "%s%s", is_first ? title : "+", config->models[i].name);
        is_first = false;
    }
}

static void print_pack(const struct size_answer *answer, const struct size_pack *pack, struct sources *sources,
                       FILE *out)
{
    char title[64];
    fprintf(out, "  %-20s %9s %10s  %s\n", size_gpu_text(pack->gpu, pack->gpu_count).text,
            format_figure(pack->usd_per_h, "USD", 2).text, format_figure(pack->usd_per_month, "USD", 0).text,
            price_origin(pack->price, sources).text);
    fputs("    ", out);
    for (int64_t i = 0; i < pack->gpu_count; i++) {
        snprintf(title, sizeof title, "%s %.4g GB free beside ", i > 0 ? ";" : "", pack->free_gb[i]);
        print_place(answer, pack, (int32_t)i, title, out);
    }
    print_place(answer, pack, SIZE_ON_CPU, "; on the CPU ", out);
    print_place(answer, pack, SIZE_LEFT_OUT, "; no room for ", out);
    fputc('\n', out);
}

static void print_packs(const struct size_answer *answer, struct sources *sources, FILE *out)
{
    const struct size_pack_list *packs = &answer->packs;
    double cpu_gb = answer->context->scenario->config.sizing.cpu_memory_gb;
    if (packs->count == 0)
        return;
    fputs("\nAll models at once, none divided", out);
    if (cpu_gb > 0)
        fprintf(out, "; %.4g of %.4g GB of the CPU's memory stay free", packs->cpu_free_gb, cpu_gb);
    fputc('\n', out);
    for (size_t i = 0; i < packs->count && i < ROWS_MAX; i++)
        print_pack(answer, &packs->items[i], sources, out);
    if (packs->count > ROWS_MAX)
        fprintf(out, "  %zu GPUs; --json has all\n", packs->count);
}

static void print_trial(const struct size_trial *trial, bool is_best, FILE *out)
{
    static const char *const verdicts[] = {"keeps all limits", "misses", "not simulated: no speed for this GPU"};
    fprintf(out, "  %-16s", size_gpu_text(trial->candidate->gpu, trial->candidate->gpu_count).text);
    if (trial->containers > 0)
        fprintf(out, " x%-4" PRId64, trial->containers);
    fprintf(out, " %10s a month  %s%s", format_figure(trial->usd_per_month, "USD", 0).text, verdicts[trial->verdict],
            trial->verdict == SIZE_TRIAL_FEASIBLE && !trial->is_clear ? ", not clearly" : "");
    for (size_t i = 0; i < trial->value_count; i++)
        fprintf(out, isfinite(trial->values[i]) ? "%s%.4g" : "%swithheld", i == 0 ? ": " : ", ", trial->values[i]);
    fprintf(out, "%s\n", is_best ? "  <- cheapest" : "");
}

static void print_limit(const struct slo_config *slo, FILE *out)
{
    fprintf(out, " [%s of %s", slo->metric, slo->scope);
    if (isfinite(slo->at_least))
        fprintf(out, ", at least %.4g", slo->at_least);
    if (isfinite(slo->at_most))
        fprintf(out, ", at most %.4g", slo->at_most);
    fputc(']', out);
}

static void print_trials(const struct size_answer *answer, size_t index, FILE *out)
{
    const struct size_trial_list *trials = &answer->trials[index];
    const struct world_config *config = &answer->context->scenario->config;
    struct size_text title = size_answer_title(answer, &answer->lists[index]);
    if (trials->count == 0)
        return;
    fprintf(out, "\nSimulated for %s, cheapest first: %zu run%s\n", title.text, trials->simulated,
            trials->simulated == 1 ? "" : "s");
    fputs("  limits:", out);
    for (size_t i = 0; i < config->slo_count; i++)
        if (size_trial_concerns(config, &config->slos[i], answer->lists[index].subject.pool))
            print_limit(&config->slos[i], out);
    fputc('\n', out);
    for (size_t i = 0; i < trials->count; i++)
        print_trial(&trials->items[i], i == trials->best, out);
    if (trials->best == SIZE_NONE)
        fputs("  None of these keeps the limits.\n", out);
    if (trials->is_cut)
        fprintf(out, "  The search ended after %d trials.\n", SIZE_TRIALS_MAX);
}

void size_answer_print(const struct size_answer *answer, FILE *out)
{
    const struct world_config *config = &answer->context->scenario->config;
    fprintf(out, "%s: what holds its models, and what that costs in a month of %s\n", config->name,
            format_span(config->month_ns).text);
    fputs("Numbers of containers are what the load needs at full use: a lower bound, not a plan.\n", out);
    struct sources sources = {.count = 0};
    print_pools(config, out);
    for (size_t i = 0; i < answer->count; i++)
        if (answer->lists[i].subject.is_pool || answer->lists[i].subject.pool == SIZE_NONE)
            print_list(answer, &answer->lists[i], &sources, out);
    print_packs(answer, &sources, out);
    for (size_t i = 0; i < answer->count; i++)
        print_trials(answer, i, out);
    print_sources(&sources, out);
}
