/* readings.c - loading a scenario again with another profile, running it, and the table of both. */
#include "analysis/readings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/format.h"
#include "analysis/runner.h"
#include "sim/memory.h"

static const struct {
    const char *metric;
    const char *title;
    const char *unit;
} columns[] = {
    {"cost_usd_per_month", "cost per month", "USD"},
    {"latency_p50_s", "latency p50", "s"},
    {"latency_p95_s", "latency p95", "s"},
    {"containers_mean", "containers", ""},
};

enum {
    COLUMN_COUNT = sizeof columns / sizeof *columns,
    NAME_WIDTH = 34,
    COLUMN_WIDTH = 16
};

struct band {
    double low[COLUMN_COUNT];
    double high[COLUMN_COUNT];
};

static void print_cell(double value, size_t column, FILE *out)
{
    fprintf(out, "%*s", COLUMN_WIDTH, format_figure(value, columns[column].unit, -1).text);
}

/* One line of the table; widens the band. */
static void print_figures(const char *name, const struct summary *summary, struct band *band, FILE *out)
{
    fprintf(out, "  %-*s", NAME_WIDTH, name);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        double value = summary_value(summary, "all", columns[i].metric);
        band->low[i] = fmin(band->low[i], value);
        band->high[i] = fmax(band->high[i], value);
        print_cell(value, i, out);
    }
    fputc('\n', out);
}

static void print_title(FILE *out)
{
    fprintf(out, "\n%-*s", NAME_WIDTH + 2, "Readings that fit the measurements");
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, "%*s", COLUMN_WIDTH, columns[i].title);
    fputc('\n', out);
}

static void print_band(const struct band *band, FILE *out)
{
    static const char *const names[] = {"lowest", "highest"};
    for (size_t side = 0; side < 2; side++) {
        fprintf(out, "  %-*s", NAME_WIDTH, names[side]);
        for (size_t i = 0; i < COLUMN_COUNT; i++)
            print_cell(side == 0 ? band->low[i] : band->high[i], i, out);
        fputc('\n', out);
    }
}

static enum sim_status load(const struct readings_request *request, const char *setting, struct scenario **scenario,
                            struct sim_error *error)
{
    struct diagnostic_list problems;
    const char **settings = sim_allocate(request->setting_count + 1, sizeof *settings);
    if (request->setting_count > 0)
        memcpy(settings, request->settings, request->setting_count * sizeof *settings);
    settings[request->setting_count] = setting;
    diagnostic_init(&problems);
    enum sim_status status =
        scenario_load(request->scenario->path, settings, request->setting_count + 1, scenario, &problems);
    if (status != SIM_OK) {
        diagnostic_print(&problems, stderr);
        (void)sim_error_set(error, status, NULL, 0, "the reading '%s' cannot be used", setting);
    }
    diagnostic_release(&problems);
    free(settings);
    return status;
}

static enum sim_status run_reading(const struct readings_request *request, const struct pool_config *pool,
                                   const char *file, struct band *band, FILE *out, struct sim_error *error)
{
    char setting[1024];
    struct scenario *scenario;
    struct run_result *result;
    snprintf(setting, sizeof setting, "pools.%s.profile=%s", pool->name, file);
    enum sim_status status = load(request, setting, &scenario, error);
    if (status != SIM_OK)
        return status;
    const struct runner_options options = {.jobs = request->jobs, .stop = request->stop};
    status = runner_run(&scenario->config, &options, &result, error);
    if (status == SIM_OK) {
        const struct summary_source source = {.version = "", .commit = ""};
        struct summary *summary = summary_create(result, &source);
        for (size_t i = 0; i < scenario->config.pool_count; i++)
            if (strcmp(scenario->config.pools[i].name, pool->name) == 0)
                print_figures(scenario->config.pools[i].profile.name, summary, band, out);
        summary_destroy(summary);
        run_result_destroy(result);
    }
    scenario_destroy(scenario);
    return status;
}

enum sim_status readings_print(const struct readings_request *request, const struct summary *summary, FILE *out,
                               struct sim_error *error)
{
    const struct world_config *config = &request->scenario->config;
    struct band band;
    enum sim_status status = SIM_OK;
    size_t count = 0;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        band.low[i] = INFINITY;
        band.high[i] = -INFINITY;
    }
    for (size_t i = 0; i < config->pool_count; i++)
        count += config->pools[i].profile.reading_count;
    if (count == 0) {
        fputs("\nNo profile of this scenario has other readings\n", out);
        return SIM_OK;
    }
    print_title(out);
    print_figures("as chosen", summary, &band, out);
    for (size_t i = 0; i < config->pool_count; i++)
        for (size_t k = 0; k < config->pools[i].profile.reading_count && status == SIM_OK; k++)
            status =
                run_reading(request, &config->pools[i], config->pools[i].profile.readings[k].file, &band, out, error);
    if (status == SIM_OK)
        print_band(&band, out);
    return status;
}
