/* report_watch.c - how often alerts were active, and the energy of the GPUs. */
#include "analysis/report_watch.h"

#include <math.h>
#include <string.h>

#include "analysis/format.h"
#include "models/gauge.h"
#include "models/months.h"

/* ---- Alerts ---- */

/* The figure of a level: alert_LEVEL_KIND. NaN where the alert has no such level. */
static double figure(const struct summary *summary, const char *scope, int level, const char *kind)
{
    char metric[64];
    (void)snprintf(metric, sizeof metric, "alert_%s_%s", alert_level_names[level], kind);
    return summary_value(summary, scope, metric);
}

/* A time after the start of the run: its date where the run has one. */
static void print_moment(const struct world_config *config, double time_s, FILE *out)
{
    sim_time_ns time_ns = sim_time_from_s(time_s);
    if (!config->start || config->start[0] == '\0') {
        fprintf(out, "after %s", format_span(time_ns).text);
        return;
    }
    struct sim_calendar_date date = months_date(config, time_ns);
    fprintf(out, "%04d-%02d-%02d %02d:%02d:%02d", date.year, date.month, date.day, date.hour, date.minute,
            (int)(time_ns / SIM_SECOND % 60));
}

static void print_level(const struct summary *summary, const struct scope *scope, int level, const struct style *style,
                        FILE *out)
{
    const struct world_config *config = summary->result->config;
    double count = figure(summary, scope->name, level, "count");
    double first_s = figure(summary, scope->name, level, "first_s");
    double active_s = figure(summary, scope->name, level, "s");
    double window_s = sim_time_to_s(scope->to_ns - scope->from_ns);
    if (isnan(count))
        return;
    bool is_critical = level == ALERT_CRITICAL;
    fprintf(out, "  %-26s%s%-10s%s", config->alerts[scope->index].name,
            count > 0 && is_critical ? style->red : style->plain, alert_level_names[level], style->plain);
    if (!(active_s > 0)) {
        fputs("never\n", out);
        return;
    }
    fprintf(out, "%s times, %s s in all (%s), longest %s s, first ", format_figure(count, "", count < 100 ? 1 : 0).text,
            format_figure(active_s, "", 0).text, format_figure(active_s / window_s, "ratio", 2).text,
            format_figure(figure(summary, scope->name, level, "longest_s"), "", 0).text);
    print_moment(config, first_s, out);
    fputc('\n', out);
}

static void print_alerts(const struct summary *summary, const struct style *style, FILE *out)
{
    const struct run_result *result = summary->result;
    if (result->config->alert_count == 0)
        return;
    fprintf(out, "\n%sAlerts%s%s\n", style->bold, style->plain,
            result->replication_count > 1 ? " (means over the replications; longest and first of all)" : "");
    for (size_t i = 0; i < summary->scopes.count; i++) {
        const struct scope *scope = &summary->scopes.items[i];
        for (int level = 0; scope->kind == SCOPE_ALERT && level < ALERT_LEVEL_COUNT; level++)
            print_level(summary, scope, level, style, out);
    }
}

/* ---- Energy ---- */

static void print_energy_of(const struct summary *summary, const struct scope *scope, FILE *out)
{
    double low = summary_value(summary, scope->name, "energy_low_kwh");
    double between = summary_value(summary, scope->name, "energy_kwh");
    double high = summary_value(summary, scope->name, "energy_high_kwh");
    fprintf(out, "  %-26s", scope->name);
    if (isnan(between))
        fprintf(out, "at most %s\n", format_figure(high, "kWh", -1).text);
    else
        fprintf(out, "%s   %s .. %s\n", format_figure(between, "kWh", -1).text, format_figure(low, "", -1).text,
                format_figure(high, "", -1).text);
}

/* One pool is everything, and a pool has months in which it is not there. */
static bool has_energy(const struct summary *summary, const struct scope *scope)
{
    double high = summary_value(summary, scope->name, "energy_high_kwh");
    if (scope->kind == SCOPE_ALL && summary->result->config->pool_count == 1)
        return false;
    return high > 0;
}

static void print_energy(const struct summary *summary, const struct style *style, FILE *out)
{
    bool has_headings = false;
    bool is_idle_unknown = false;
    for (size_t i = 0; i < summary->scopes.count; i++) {
        const struct scope *scope = &summary->scopes.items[i];
        if (!has_energy(summary, scope))
            continue;
        if (!has_headings)
            fprintf(out,
                    "\n%sEnergy of the GPUs%s (from idle power to the highest, by the time at work; the ends are "
                    "all of the time at one of them)\n",
                    style->bold, style->plain);
        has_headings = true;
        is_idle_unknown = is_idle_unknown || isnan(summary_value(summary, scope->name, "energy_kwh"));
        print_energy_of(summary, scope, out);
    }
    if (is_idle_unknown)
        fputs("  At most: the power of an idle GPU is not known; `idle_power` of a pool gives it\n", out);
}

void report_watch_print(const struct summary *summary, const struct style *style, FILE *out)
{
    print_alerts(summary, style, out);
    print_energy(summary, style, out);
}
