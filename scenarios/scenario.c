/* scenario.c - the steps from a file to a configuration. */
#include "scenarios/scenario.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/binding.h"
#include "scenarios/catalogue.h"
#include "scenarios/check.h"
#include "scenarios/merge.h"
#include "scenarios/reader.h"
#include "scenarios/resolved.h"
#include "scenarios/shape.h"
#include "scenarios/speed.h"
#include "sim/memory.h"

static void take_in_profile(struct node *profile, struct diagnostic_list *problems)
{
    if (profile->kind != NODE_SCALAR || node_is_null(profile))
        return;
    const char *path = source_resolve(profile->place.source, profile->text, problems->arena);
    /* Not merge_read: in a profile `base` is a time. */
    const struct node *root = reader_read_file(path, profile->place, problems);
    if (root)
        node_assign(profile, root);
    else
        profile->is_wrong = true;
}

/* Pools whose `profile` is the name of a file get what is in the file. */
static void take_in_profiles(const struct node *root, struct diagnostic_list *problems)
{
    const struct node *pools = node_member(root, "pools");
    if (!pools || pools->kind != NODE_SEQUENCE)
        return;
    for (const struct node *pool = pools->first; pool; pool = pool->next) {
        struct node *profile = node_member(pool, "profile");
        if (profile && !profile->is_wrong)
            take_in_profile(profile, problems);
    }
}

/* Quotas that hold all the time may stand without a list. */
static void take_in_quotas(const struct node *root, struct diagnostic_list *problems)
{
    struct node *quotas = node_member(root, "quotas");
    if (!quotas || quotas->kind != NODE_MAPPING)
        return;
    struct node *item = node_create(problems->arena, NODE_MAPPING, quotas->place);
    struct node *list = node_create(problems->arena, NODE_SEQUENCE, quotas->place);
    node_assign(item, quotas);
    node_append(list, item);
    node_assign(quotas, list);
}

static bool needs_catalogue(const struct world_config *config)
{
    if (config->model_count > 0 || config->sizing.gpu_count > 0 || config->sizing.provider[0] != '\0')
        return true;
    for (size_t i = 0; i < config->pool_count; i++)
        if (config->pools[i].gpu[0] != '\0' || config->pools[i].provider[0] != '\0')
            return true;
    return false;
}

static void look_up_prices(struct scenario *scenario, const struct node *root, struct diagnostic_list *problems)
{
    struct world_config *config = &scenario->config;
    struct catalogue catalogue = {0};
    if (needs_catalogue(config) && !catalogue_load(&catalogue, scenario->arena, problems))
        return;
    const struct node *pools = node_member(root, "pools");
    const struct node *node = pools ? pools->first : NULL;
    for (size_t i = 0; node && i < config->pool_count; i++, node = node->next)
        if (!node->is_wrong) {
            catalogue_fill_pool(&catalogue, &config->pools[i], config->start, node, problems);
            check_served(&catalogue, &config->pools[i], config->start, node, problems);
        }
    check_models(config, &catalogue, root, problems);
}

static const char *write_resolved(const struct node *root, struct sim_arena *arena)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out)
        resolved_write(&world_config_table, root, out);
    if (!out || fclose(out) != 0 || !text)
        sim_out_of_memory();
    const char *copy = sim_arena_text(arena, text);
    free(text);
    return copy;
}

static void fill_scenario(struct scenario *scenario, struct node *root, struct diagnostic_list *problems)
{
    binding_fill(&world_config_table, root, &scenario->config, scenario->arena, problems);
    look_up_prices(scenario, root, problems);
    speed_apply(&scenario->config, root, problems);
    shape_prepare(&scenario->config, root, scenario->arena, problems);
    check_scenario(&scenario->config, root, problems);
}

/* Paths in the settings of a variant are relative to its file, so its settings carry the name of that file. */
static void apply_variant(struct node *root, const struct reference_variant *variant, struct diagnostic_list *problems)
{
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s: variant %s", variant->place.source->name, variant->name);
    for (size_t i = 0; i < variant->setting_count; i++)
        merge_set_from(root, variant->settings[i].setting, name, problems);
}

static struct node *read_tree(const char *path, const struct scenario_settings *settings,
                              struct diagnostic_list *problems)
{
    struct node *root = merge_read(path, (struct place){0}, problems);
    if (!root)
        return NULL;
    take_in_profiles(root, problems);
    if (settings->variant)
        apply_variant(root, settings->variant, problems);
    for (size_t i = 0; i < settings->setting_count; i++)
        merge_set(root, settings->settings[i], problems);
    for (size_t i = 0; i < settings->varied_count; i++)
        merge_set_from(root, settings->varied[i], "--vary", problems);
    if (settings->variant || settings->setting_count > 0 || settings->varied_count > 0)
        take_in_profiles(root, problems);
    take_in_quotas(root, problems);
    return root;
}

/* A list of claims says what it is called, and nothing that could be run. */
static bool is_list_of_claims(const struct node *root)
{
    for (const struct node *member = root->first; member; member = member->next)
        if (strcmp(member->key, "capsim") != 0 && strcmp(member->key, "name") != 0)
            return false;
    return true;
}

/* Whether there is a world to fill: also where it is wrong, so that this is reported. */
static void fill(struct scenario *scenario, struct node *root, bool may_lack_world, struct diagnostic_list *problems)
{
    reference_take(root, &scenario->references, scenario->arena, problems);
    scenario->has_world = !(may_lack_world && scenario->references.row_count > 0 && is_list_of_claims(root));
    if (scenario->has_world)
        fill_scenario(scenario, root, problems);
}

static enum sim_status load(const char *path, const struct scenario_settings *settings, bool may_lack_world,
                            struct scenario **scenario, struct diagnostic_list *problems)
{
    *scenario = NULL;
    struct node *root = read_tree(path, settings, problems);
    if (!root)
        return SIM_BAD_INPUT;
    struct sim_arena *arena = sim_arena_create();
    struct scenario *loaded = sim_arena_allocate(arena, 1, sizeof *loaded);
    loaded->arena = arena;
    fill(loaded, root, may_lack_world, problems);
    if (problems->count > 0) {
        sim_arena_destroy(arena);
        return SIM_BAD_INPUT;
    }
    loaded->path = sim_arena_text(arena, path);
    loaded->text = sim_arena_text(arena, root->place.source->text);
    loaded->resolved = loaded->has_world ? write_resolved(root, arena) : "";
    *scenario = loaded;
    return SIM_OK;
}

enum sim_status scenario_load(const char *path, const char *const *settings, size_t setting_count,
                              struct scenario **scenario, struct diagnostic_list *problems)
{
    const struct scenario_settings all = {.settings = settings, .setting_count = setting_count};
    return load(path, &all, false, scenario, problems);
}

enum sim_status scenario_load_with(const char *path, const struct scenario_settings *settings,
                                   struct scenario **scenario, struct diagnostic_list *problems)
{
    return load(path, settings, true, scenario, problems);
}

enum sim_status scenario_check_settings(const char *path, const struct scenario_settings *settings,
                                        struct diagnostic_list *problems)
{
    struct sim_arena *arena = sim_arena_create();
    struct world_config config = {0};
    struct node *root = read_tree(path, settings, problems);
    if (root) {
        struct reference_list references = {0};
        reference_take(root, &references, arena, problems);
        binding_fill(&world_config_table, root, &config, arena, problems);
    }
    sim_arena_destroy(arena);
    return problems->count > 0 ? SIM_BAD_INPUT : SIM_OK;
}

/* A key of the whole scenario stands at the begin of a line, and nothing else does. */
void scenario_set_warm_up(struct scenario *scenario, sim_time_ns warm_up_ns)
{
    static const char open[] = "\nwarm_up: auto\n";
    const char *place = strstr(scenario->resolved, open);
    sim_assert(scenario->config.warm_up_ns == WORLD_WARM_UP_AUTO && place);
    size_t size = strlen(scenario->resolved) + 64;
    char *resolved = sim_arena_allocate(scenario->arena, 1, size);
    bool is_whole = warm_up_ns % SIM_SECOND == 0;
    (void)snprintf(resolved, size, "%.*s\nwarm_up: %lld %s\n%s", (int)(place - scenario->resolved), scenario->resolved,
                   (long long)(is_whole ? warm_up_ns / SIM_SECOND : warm_up_ns), is_whole ? "s" : "ns",
                   place + sizeof open - 1);
    scenario->resolved = resolved;
    scenario->config.warm_up_ns = warm_up_ns;
}

void scenario_destroy(struct scenario *scenario)
{
    if (scenario)
        sim_arena_destroy(scenario->arena);
}
