/* catalogue.c - reading the catalogue, and looking up what a pool names. */
#include "scenarios/catalogue.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/binding.h"
#include "scenarios/merge.h"

#define FIELD(owner, member, key, kind, unit_text, initial_text, help_text)                                     \
    {                                                                                                           \
        .name = (key), .type = SIM_FIELD_##kind, .offset = offsetof(struct owner, member), .unit = (unit_text), \
        .initial = (initial_text), .help = (help_text)                                                          \
    }
#define LIST(member, counter, item_table)                                                                     \
    {                                                                                                         \
        .name = #member, .type = SIM_FIELD_LIST, .offset = offsetof(struct catalogue, member), .unit = "",    \
        .initial = "", .help = "", .table = (item_table), .count_offset = offsetof(struct catalogue, counter) \
    }
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const struct sim_field gpu_fields[] = {
    FIELD(catalogue_gpu, gpu, "gpu", TEXT, "", NULL, "what scenarios call it"),
    FIELD(catalogue_gpu, memory_gb, "memory", DOUBLE, "GB", NULL, "memory as the vendor states it"),
    FIELD(catalogue_gpu, bandwidth_gb_per_s, "bandwidth", DOUBLE, "GB/s", NULL, "of its memory"),
    FIELD(catalogue_gpu, fp16_tflop_per_s, "fp16", DOUBLE, "TFLOP/s", "", "speed of its tensor cores in FP16"),
    FIELD(catalogue_gpu, power_w, "power", DOUBLE, "W", NULL, "highest power of the board"),
    FIELD(catalogue_gpu, idle_power_w, "idle_power", DOUBLE, "W", "", "power with a model loaded and no work"),
    FIELD(catalogue_gpu, architecture, "architecture", TEXT, "", "", "the maker's name of its generation"),
    FIELD(catalogue_gpu, cuda_cores, "cuda_cores", INT64, "", "", "CUDA cores"),
    FIELD(catalogue_gpu, tensor_cores, "tensor_cores", INT64, "", "", "tensor cores"),
    FIELD(catalogue_gpu, int8_top_per_s, "int8", DOUBLE, "TOP/s", "", "speed of its tensor cores in INT8"),
    FIELD(catalogue_gpu, pcie, "pcie", TEXT, "", "", "generation and lanes of its PCIe connection"),
    FIELD(catalogue_gpu, form_factor, "form_factor", TEXT, "", "", "slots that it takes, or its socket"),
    FIELD(catalogue_gpu, source, "source", TEXT, "", NULL, "where the figures were found"),
};
const struct sim_field_table catalogue_gpu_table = {"gpu", gpu_fields, COUNT_OF(gpu_fields),
                                                    sizeof(struct catalogue_gpu)};

static const struct sim_field price_fields[] = {
    FIELD(catalogue_price, provider, "provider", TEXT, "", NULL, "who asks this price"),
    FIELD(catalogue_price, gpu, "gpu", TEXT, "", NULL, "for one of these"),
    FIELD(catalogue_price, kind, "kind", TEXT, "", NULL, "on-demand, spot or serverless"),
    FIELD(catalogue_price, price_pusd_per_h, "price", INT64, "USD/h", NULL, "as the source states it"),
    FIELD(catalogue_price, source, "source", TEXT, "", NULL, "where it was found"),
    FIELD(catalogue_price, date, "date", TEXT, "", NULL, "when"),
};
static const struct sim_field_table price_table = {"price", price_fields, COUNT_OF(price_fields),
                                                   sizeof(struct catalogue_price)};

static const struct sim_field resource_fields[] = {
    FIELD(catalogue_resource, provider, "provider", TEXT, "", NULL, "who asks these prices"),
    FIELD(catalogue_resource, core_pusd_per_h, "core", INT64, "USD/core/h", NULL, "for a physical core"),
    FIELD(catalogue_resource, memory_pusd_per_gib_h, "memory", INT64, "USD/GiB/h", NULL, "for a GiB of memory"),
    FIELD(catalogue_resource, source, "source", TEXT, "", NULL, "where they were found"),
    FIELD(catalogue_resource, date, "date", TEXT, "", NULL, "when"),
};
static const struct sim_field_table resource_table = {"resource", resource_fields, COUNT_OF(resource_fields),
                                                      sizeof(struct catalogue_resource)};

static const struct sim_field gpu_file_fields[] = {LIST(gpus, gpu_count, &catalogue_gpu_table)};
static const struct sim_field_table gpu_file_table = {"the GPU catalogue", gpu_file_fields, COUNT_OF(gpu_file_fields),
                                                      sizeof(struct catalogue)};
static const struct sim_field price_file_fields[] = {LIST(prices, price_count, &price_table),
                                                     LIST(resources, resource_count, &resource_table)};
static const struct sim_field_table price_file_table = {"the price catalogue", price_file_fields,
                                                        COUNT_OF(price_file_fields), sizeof(struct catalogue)};

/* Finding the folder */

static bool is_catalogue(const char *folder)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/gpus.yaml", folder);
    return size > 0 && (size_t)size < sizeof path && access(path, R_OK) == 0;
}

static bool is_catalogue_below(char *folder, size_t size, const char *above)
{
    static const char *const places[] = {"scenarios/catalogue", "share/capsim/catalogue"};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        int length = snprintf(folder, size, "%s/%s", above, places[i]);
        if (length > 0 && (size_t)length < size && is_catalogue(folder))
            return true;
    }
    return false;
}

static bool find_folder(char *folder, size_t size)
{
    const char *chosen = getenv("CAPSIM_CATALOGUE");
    if (chosen && *chosen) {
        int length = snprintf(folder, size, "%s", chosen);
        return length > 0 && (size_t)length < size;
    }
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0)
        return false;
    program[length] = '\0';
    for (char *slash = strrchr(program, '/'); slash; slash = strrchr(program, '/')) {
        *slash = '\0';
        if (is_catalogue_below(folder, size, program))
            return true;
    }
    return false;
}

static bool load_file(const char *folder, const char *name, const struct sim_field_table *table,
                      struct catalogue *catalogue, struct sim_arena *arena, struct diagnostic_list *problems)
{
    char path[PATH_MAX];
    size_t before = problems->count;
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    sim_assert(length > 0 && (size_t)length < sizeof path + 16);
    struct node *root = merge_read(path, (struct place){0}, problems);
    if (root)
        binding_fill(table, root, catalogue, arena, problems);
    return problems->count == before;
}

bool catalogue_load(struct catalogue *catalogue, struct sim_arena *arena, struct diagnostic_list *problems)
{
    char folder[PATH_MAX - 16];
    *catalogue = (struct catalogue){0};
    if (!find_folder(folder, sizeof folder)) {
        diagnostic_add(problems, (struct place){0},
                       "the catalogue of GPUs and prices was not found; CAPSIM_CATALOGUE may name its folder");
        return false;
    }
    return load_file(folder, "gpus.yaml", &gpu_file_table, catalogue, arena, problems) &&
           load_file(folder, "prices.yaml", &price_file_table, catalogue, arena, problems);
}

/* Looking up */

const struct catalogue_gpu *catalogue_find_gpu(const struct catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->gpu_count; i++)
        if (strcmp(catalogue->gpus[i].gpu, name) == 0)
            return &catalogue->gpus[i];
    return NULL;
}

bool catalogue_split_gpu(const char *text, char *name, size_t size, int64_t *count)
{
    size_t length = strcspn(text, " ");
    if (length == 0 || length >= size)
        return false;
    memcpy(name, text, length);
    name[length] = '\0';
    *count = 1;
    if (text[length] == '\0')
        return true;
    const char *number = text + length + 3;
    if (strncmp(text + length, " x ", 3) != 0 || *number < '1' || *number > '9' || strlen(number) > 2 ||
        number[strspn(number, "0123456789")] != '\0')
        return false;
    *count = strtol(number, NULL, 10);
    return *count <= 64;
}

static struct place place_of(const struct node *node, const char *key)
{
    const struct node *member = node_member(node, key);
    return member ? member->place : node->place;
}

/* Whether a row of `date` goes before one of date `best`. Dates compare as text: one without month or day is that of
 * the beginning of its year or month.
 */
static bool is_preferred(const char *date, const char *best, const char *day)
{
    bool is_late = day[0] && strcmp(date, day) > 0;
    bool is_best_late = day[0] && strcmp(best, day) > 0;
    if (is_late != is_best_late)
        return is_best_late;
    return is_late ? strcmp(date, best) < 0 : strcmp(date, best) > 0;
}

struct catalogue_search catalogue_find_price(const struct catalogue *catalogue, const char *provider, const char *gpu,
                                             const char *kind, const char *day)
{
    struct catalogue_search search = {0};
    for (size_t i = 0; i < catalogue->price_count; i++) {
        const struct catalogue_price *price = &catalogue->prices[i];
        if (strcmp(price->provider, provider) != 0)
            continue;
        search.is_provider_known = true;
        if (strcmp(price->gpu, gpu) != 0 || (kind[0] && strcmp(price->kind, kind) != 0))
            continue;
        if (search.best && strcmp(search.best->kind, price->kind) != 0)
            search.has_several_kinds = true;
        if (!search.best || is_preferred(price->date, search.best->date, day))
            search.best = price;
    }
    return search;
}

const struct catalogue_resource *catalogue_find_resource(const struct catalogue *catalogue, const char *provider,
                                                         const char *day)
{
    const struct catalogue_resource *best = NULL;
    for (size_t i = 0; i < catalogue->resource_count; i++) {
        const struct catalogue_resource *resource = &catalogue->resources[i];
        if (strcmp(resource->provider, provider) == 0 && (!best || is_preferred(resource->date, best->date, day)))
            best = resource;
    }
    return best;
}

static void report_unknown_provider(const struct catalogue *catalogue, const struct pool_config *pool,
                                    const struct node *node, struct diagnostic_list *problems)
{
    struct suggestion search = suggest_begin(pool->provider);
    for (size_t i = 0; i < catalogue->price_count; i++)
        suggest_offer(&search, catalogue->prices[i].provider);
    diagnostic_add_suggestion(problems, place_of(node, "provider"), search.nearest,
                              "the catalogue has no prices of '%s'; 'price' can give one", pool->provider);
}

static void take_price(const struct catalogue *catalogue, struct pool_config *pool, const char *gpu, const char *day,
                       const struct node *node, struct diagnostic_list *problems)
{
    struct place place = place_of(node, "gpu");
    struct catalogue_search search = catalogue_find_price(catalogue, pool->provider, gpu, pool->price_kind, day);
    if (pool->provider[0] == '\0')
        diagnostic_add(problems, place, "what '%s' costs is not known: give 'provider' or 'price'", gpu);
    else if (!search.is_provider_known)
        report_unknown_provider(catalogue, pool, node, problems);
    else if (!search.best)
        diagnostic_add(problems, place, "the catalogue has no %s%sprice of '%s' at '%s'; 'price' can give one",
                       pool->price_kind, pool->price_kind[0] ? " " : "", gpu, pool->provider);
    else if (search.has_several_kinds)
        diagnostic_add(problems, place, "'%s' has several prices of '%s': choose with 'price_kind'", pool->provider,
                       gpu);
    else
        pool->price = (struct price_config){.provider = search.best->provider,
                                            .kind = search.best->kind,
                                            .source = search.best->source,
                                            .date = search.best->date,
                                            .gpu_pusd_per_h = search.best->price_pusd_per_h};
}

static bool fill_gpu(const struct catalogue *catalogue, struct pool_config *pool, const struct node *node, char *name,
                     size_t size, struct diagnostic_list *problems)
{
    if (!catalogue_split_gpu(pool->gpu, name, size, &pool->gpu_count)) {
        diagnostic_add(problems, place_of(node, "gpu"), "expected a GPU such as 'L40S' or 'A100-80GB x 2', not '%s'",
                       pool->gpu);
        return false;
    }
    const struct catalogue_gpu *gpu = catalogue_find_gpu(catalogue, name);
    if (gpu) {
        pool->gpu_memory_gb = gpu->memory_gb;
        pool->power_w = pool->power_w > 0 ? pool->power_w : gpu->power_w;
        pool->idle_power_w = pool->idle_power_w > 0 ? pool->idle_power_w : gpu->idle_power_w;
        return true;
    }
    struct suggestion search = suggest_begin(name);
    for (size_t i = 0; i < catalogue->gpu_count; i++)
        suggest_offer(&search, catalogue->gpus[i].gpu);
    diagnostic_add_suggestion(problems, place_of(node, "gpu"), search.nearest, "the catalogue has no GPU '%s'", name);
    return false;
}

static void fill_resources(const struct catalogue *catalogue, struct pool_config *pool, const char *day)
{
    const struct catalogue_resource *resource = catalogue_find_resource(catalogue, pool->provider, day);
    if (!resource)
        return;
    pool->price.core_pusd_per_h = resource->core_pusd_per_h;
    pool->price.memory_pusd_per_gib_h = resource->memory_pusd_per_gib_h;
}

void catalogue_fill_pool(const struct catalogue *catalogue, struct pool_config *pool, const char *day,
                         const struct node *node, struct diagnostic_list *problems)
{
    char name[64];
    const struct node *given = node_member(node, "price");
    pool->price = (struct price_config){.provider = pool->provider, .kind = pool->price_kind, .source = "", .date = ""};
    bool has_gpu = pool->gpu[0] != '\0' && fill_gpu(catalogue, pool, node, name, sizeof name, problems);
    if (given && !node_is_null(given)) {
        pool->price.gpu_pusd_per_h = pool->price_pusd_per_h;
        pool->price.source = "the scenario";
    } else if (has_gpu) {
        take_price(catalogue, pool, name, day, node, problems);
    }
    if (pool->gpu[0] == '\0' && ((given && !node_is_null(given)) || pool->price_count > 0))
        pool->gpu_count = 1;
    fill_resources(catalogue, pool, day);
}
