/* breaks.c - going through the months until something is too little. */
#include "analysis/breaks.h"

#include "analysis/load.h"

#include <math.h>
#include <string.h>

static const char *const how_hour =
    "estimate: requests expected in the busiest hour x slot time of a request / target_inputs";
static const char *const how_peak = "estimate: most pending and running / target_inputs";
static const char *const how_backlog = "estimate: busy containers x arrived / answered, at least";
static const char *const how_cost = "the month's cost";

struct search {
    const struct summary *summary;
    const struct samples *samples;
    struct sim_array *breaks;
};

static void add(const struct search *search, struct break_found found)
{
    size_t place = sim_array_add(search->breaks);
    ((struct break_found *)search->breaks->items)[place] = found;
}

/* What a scope has in a month; to be destroyed. `clipped` has to live as long. */
static struct cell *cell_in_month(const struct search *search, const struct scope *scope, const struct scope *month,
                                  struct scope *clipped)
{
    const struct run_result *result = search->summary->result;
    *clipped = *scope;
    clipped->from_ns = month->from_ns;
    clipped->to_ns = month->to_ns;
    struct cell *cell = cell_create(result, search->samples, clipped);
    for (size_t r = 0; r < result->replication_count; r++)
        cell_add_replication(cell, result, r);
    return cell;
}

static const char *month_name(const struct scope *month)
{
    return month->name + strlen("month/");
}

static const struct scope *pool_scope(const struct summary *summary, size_t pool)
{
    for (size_t i = 0; i < summary->scopes.count; i++)
        if (summary->scopes.items[i].kind == SCOPE_POOL && summary->scopes.items[i].index == pool)
            return &summary->scopes.items[i];
    return NULL;
}

/* ---- what would have been enough ---- */

/* Requests per second that the rates let expect at the pool in the busiest hour of a month; 0: nothing is known. */
static double busiest_hour(const struct summary *summary, size_t pool, const struct scope *month)
{
    const struct world_config *config = summary->result->config;
    const struct replication_result *first = &summary->result->replications[0];
    double busiest = 0;
    for (size_t b = 1; b < first->block_count; b++) {
        const struct result_block *block = &first->blocks[b];
        double sum = 0;
        for (size_t i = 0;
             i < config->workload_count && block->from_ns >= month->from_ns && block->to_ns <= month->to_ns; i++)
            sum += block->expected_peak[i] * load_share(&config->workloads[i], pool);
        busiest = fmax(busiest, sum);
    }
    return busiest;
}

/* Where the busiest hour asks for more than there was, its load tells more than the worst moment, which holds whatever
 * had piled up before.
 */
static double containers_for_hour(const struct search *search, size_t pool, const struct cell *cell,
                                  const struct scope *month)
{
    const struct pool_config *config = &search->summary->result->config->pools[pool];
    double target = (double)(config->target_inputs ? config->target_inputs : config->max_inputs);
    double slot_s = cell_double(cell->pools.inputs_integral) / 1e9 / (double)cell->pools.completed;
    return ceil(busiest_hour(search->summary, pool, month) * slot_s / target);
}

static double containers_enough(const struct search *search, size_t pool, const struct scope *month, const char **how)
{
    struct scope clipped;
    struct cell *cell = cell_in_month(search, pool_scope(search->summary, pool), month, &clipped);
    const struct pool_tally *tally = &cell->pools;
    double enough = containers_for_hour(search, pool, cell, month);
    bool is_too_much = enough > (double)tally->containers_max && isfinite(enough);
    *how = is_too_much ? how_hour : how_peak;
    if (!is_too_much)
        enough = (double)tally->demand_max;
    if (!is_too_much && (summary_basis(search->summary, cell).is_saturated || tally->demand_max == 0)) {
        double busy = cell_double(tally->state_ns[CONTAINER_BUSY]) / cell_double(cell->window_ns);
        double answered = (double)cell->requests.outcomes[OUTCOME_COMPLETED];
        enough = answered > 0 ? ceil(busy * (double)cell->requests.arrived / answered) : NAN;
        *how = how_backlog;
    }
    cell_destroy(cell);
    if (!isfinite(enough))
        *how = "";
    return enough;
}

/* The one pool that a scope depends on; SIZE_MAX: there are several. */
static size_t only_pool(const struct world_config *config, const struct scope *scope)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < config->pool_count; i++) {
        if (!scope_uses_pool(scope, config, i))
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = i;
    }
    return found;
}

static bool depends_on_containers(const struct metric *metric)
{
    return metric->kind == METRIC_PERCENTILE || metric->kind == METRIC_OF_LATENCY ||
           strcmp(metric->name, "slo_attainment") == 0;
}

/* ---- limits ---- */

static bool find_slo(const struct search *search, const struct slo_config *slo, const struct metric *metric,
                     const struct scope *scope, const struct scope *month)
{
    const struct summary *summary = search->summary;
    struct scope clipped;
    struct cell *cell = cell_in_month(search, scope, month, &clipped);
    struct estimate_basis basis = summary_basis(summary, cell);
    uint64_t count = metric->count ? metric->count(metric, cell) : 0;
    struct estimate estimate = estimate_make(metric, metric->value(metric, cell), count, NULL, 0, &basis);
    cell_destroy(cell);
    if (summary_judge(slo, &estimate) != VERDICT_MISSED)
        return false;
    struct break_found found = {.kind = "slo",
                                .scope = scope->name,
                                .metric = metric->name,
                                .unit = metric->unit,
                                .month = month_name(month),
                                .value = estimate.value,
                                .limit = isnan(slo->at_most) ? slo->at_least : slo->at_most,
                                .enough = NAN,
                                .how = ""};
    size_t pool = only_pool(summary->result->config, scope);
    if (pool != SIZE_MAX && depends_on_containers(metric))
        found.enough = containers_enough(search, pool, month, &found.how);
    add(search, found);
    return true;
}

static bool find_budget(const struct search *search, const struct scope *scope, int64_t budget_pusd,
                        const struct scope *month)
{
    struct scope clipped;
    struct cell *cell = cell_in_month(search, scope, month, &clipped);
    double cost = cell_cost(cell) / cell->runs;
    cell_destroy(cell);
    double limit = (double)budget_pusd / 1e12;
    if (!(cost > limit))
        return false;
    add(search, (struct break_found){.kind = "budget",
                                     .scope = scope->name,
                                     .metric = "cost_usd",
                                     .unit = "USD",
                                     .month = month_name(month),
                                     .value = cost,
                                     .limit = limit,
                                     .enough = cost,
                                     .how = how_cost});
    return true;
}

/* ---- caps ---- */

enum cap {
    CAP_CONTAINERS,
    CAP_QUOTA
};

static bool find_cap(const struct search *search, size_t pool, enum cap cap, const struct scope *month)
{
    const struct world_config *config = search->summary->result->config;
    const struct scope *scope = pool_scope(search->summary, pool);
    struct scope clipped;
    struct cell *cell = cell_in_month(search, scope, month, &clipped);
    sim_int128 held_ns = cap == CAP_QUOTA ? cell->pools.short_ns : cell->pools.capped_ns;
    double demand = (double)cell->pools.demand_max;
    double present = (double)cell->pools.containers_max;
    cell_destroy(cell);
    if (held_ns == 0)
        return false;
    double each = cap == CAP_QUOTA ? (double)config->pools[pool].gpu_count : 1;
    const char *how;
    double enough = each * containers_enough(search, pool, month, &how);
    add(search, (struct break_found){.kind = cap == CAP_QUOTA ? "quota" : "max_containers",
                                     .scope = scope->name,
                                     .metric = cap == CAP_QUOTA ? "gpus" : "containers",
                                     .unit = "",
                                     .month = month_name(month),
                                     .value = each * demand,
                                     .limit = each * present,
                                     .enough = enough,
                                     .how = how});
    return true;
}

static bool find_saturation(const struct search *search, size_t pool, const struct scope *month)
{
    const struct run_result *result = search->summary->result;
    bool begins = false;
    for (size_t r = 0; r < result->replication_count; r++) {
        sim_time_ns since_ns = result->replications[r].saturated_ns[pool];
        begins |= since_ns >= 0 && since_ns < month->to_ns;
    }
    if (!begins)
        return false;
    struct break_found found = {.kind = "saturated",
                                .scope = pool_scope(search->summary, pool)->name,
                                .metric = "containers",
                                .unit = "",
                                .month = month_name(month),
                                .value = NAN,
                                .limit = NAN};
    found.enough = containers_enough(search, pool, month, &found.how);
    add(search, found);
    return true;
}

/* ---- all months ---- */

static bool find_pool_budget(const struct search *search, size_t pool, const struct scope *month)
{
    int64_t budget = search->summary->result->config->pools[pool].budget.per_month_pusd;
    return budget > 0 && find_budget(search, pool_scope(search->summary, pool), budget, month);
}

static bool find_max_containers(const struct search *search, size_t pool, const struct scope *month)
{
    return find_cap(search, pool, CAP_CONTAINERS, month);
}

static bool find_quota(const struct search *search, size_t pool, const struct scope *month)
{
    return find_cap(search, pool, CAP_QUOTA, month);
}

static const struct scope *first_month(const struct summary *summary)
{
    const struct scope *scope = summary->scopes.items;
    const struct scope *end = scope + summary->scopes.count;
    while (scope < end && scope->kind != SCOPE_MONTH)
        scope++;
    return scope;
}

/* The first month in which `find` finds something in a pool. */
static void search_pool(const struct search *search, size_t pool,
                        bool (*find)(const struct search *, size_t, const struct scope *))
{
    const struct summary *summary = search->summary;
    const struct scope *end = summary->scopes.items + summary->scopes.count;
    for (const struct scope *month = first_month(summary); month < end && !find(search, pool, month);)
        month++;
}

static void search_limit(const struct search *search, const struct slo_config *slo)
{
    const struct summary *summary = search->summary;
    const struct metric *metric = metric_find(slo->metric);
    const struct scope *scope = scope_find(&summary->scopes, slo->scope);
    const struct scope *end = summary->scopes.items + summary->scopes.count;
    if (!metric || !scope || !metric_applies(metric, summary->result->config, scope))
        return;
    for (const struct scope *month = first_month(summary); month < end && !find_slo(search, slo, metric, scope, month);)
        month++;
}

void breaks_find(const struct summary *summary, const struct samples *samples, struct sim_array *breaks)
{
    const struct world_config *config = summary->result->config;
    const struct search search = {summary, samples, breaks};
    const struct scope *end = summary->scopes.items + summary->scopes.count;
    sim_array_init(breaks, sizeof(struct break_found));
    for (size_t i = 0; i < config->slo_count; i++)
        search_limit(&search, &config->slos[i]);
    for (const struct scope *month = first_month(summary);
         month < end && config->budget.per_month_pusd > 0 &&
         !find_budget(&search, &summary->scopes.items[0], config->budget.per_month_pusd, month);)
        month++;
    for (size_t i = 0; i < config->pool_count; i++) {
        search_pool(&search, i, find_pool_budget);
        search_pool(&search, i, find_max_containers);
        search_pool(&search, i, find_quota);
        search_pool(&search, i, find_saturation);
    }
}
