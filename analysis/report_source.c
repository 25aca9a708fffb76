/* report_source.c - notes, prices, profiles, and how the intervals were made. */
#include "analysis/report_source.h"

#include <math.h>
#include <string.h>

#include "analysis/format.h"
#include "models/pricing.h"
#include "sim/histogram.h"
#include "sim/interval.h"

static void print_notes(const struct summary *summary, enum note_kind kind, const char *heading, const char *before,
                        const char *after, FILE *out)
{
    bool has_heading = false;
    for (size_t i = 0; i < summary->notes.count; i++) {
        const struct note *note = &summary->notes.items[i];
        if (note->kind != kind)
            continue;
        if (!has_heading)
            fprintf(out, "\n%s%s%s\n", before, heading, after);
        has_heading = true;
        fputs("  ", out);
        format_wrapped(note->text, 2, out);
    }
}

static void print_field(const char *label, const char *text, FILE *out)
{
    fprintf(out, "  %-13s", label);
    format_wrapped(text, 15, out);
}

static const char *or_unknown(const char *text)
{
    return text && text[0] != '\0' ? text : "not given";
}

static bool is_given(const char *text)
{
    return text && text[0] != '\0';
}

static void print_price(const struct pool_config *pool, FILE *out)
{
    char text[1000];
    const struct price_config *price = &pool->price;
    int64_t rate = pricing_container_rate(pool);
    if (rate == 0 && pool->price_count == 0) {
        (void)snprintf(text, sizeof text, "%s: none", pool->name);
        print_field("price", text, out);
        return;
    }
    struct format_text per_gpu = format_figure((double)price->gpu_pusd_per_h / 1e12, "USD", -1);
    struct format_text per_container = format_figure((double)rate / 1e12, "USD", -1);
    (void)snprintf(text, sizeof text, "%s: %s%s%s per GPU and hour (%s per container)%s%s%s%s%s%s%s%s", pool->name,
                   is_given(pool->gpu) ? pool->gpu : "", is_given(pool->gpu) ? " at " : "", per_gpu.text,
                   per_container.text, is_given(price->provider) ? ", " : "",
                   is_given(price->provider) ? price->provider : "", is_given(price->kind) ? ", " : "",
                   is_given(price->kind) ? price->kind : "", is_given(price->date) ? ", of " : "",
                   is_given(price->date) ? price->date : "", is_given(price->source) ? ", from " : "",
                   is_given(price->source) ? price->source : "");
    print_field("price", text, out);
    for (size_t i = 0; i < pool->price_count; i++) {
        struct format_text later = format_figure((double)pool->prices[i].gpu_pusd_per_h / 1e12, "USD", -1);
        (void)snprintf(text, sizeof text, "%s: %s per GPU and hour from %s on", pool->name, later.text,
                       pool->prices[i].from);
        print_field("", text, out);
    }
}

/* Other GPUs that containers get. */
static void print_served(const struct pool_config *pool, FILE *out)
{
    char text[200];
    for (size_t i = 0; i < pool->served_count; i++) {
        const struct served_config *served = &pool->served_by[i];
        struct format_text price = format_figure((double)served->gpu_pusd_per_h / 1e12, "USD", -1);
        (void)snprintf(text, sizeof text, "%s: %s for %.3g %% of containers, main stage %.3g times as fast, %s%s%s",
                       pool->name, served->gpu, 100 * served->share, served->speed,
                       served->billed_as == BILLED_AS_OWN ? "at " : "at the price of ",
                       served->billed_as == BILLED_AS_OWN ? price.text : pool->gpu,
                       served->billed_as == BILLED_AS_OWN ? " per GPU and hour" : "");
        print_field(i == 0 ? "other GPU" : "", text, out);
    }
}

static void print_profile(const struct pool_config *pool, FILE *out)
{
    char text[1000];
    const struct profile_config *profile = &pool->profile;
    (void)snprintf(text, sizeof text, "%s: %s, from %s; fit error: %s%s%s", pool->name, or_unknown(profile->name),
                   or_unknown(profile->source), or_unknown(profile->fit_error),
                   profile->slot_limit && profile->slot_limit[0] ? "; slot limit: " : "",
                   profile->slot_limit ? profile->slot_limit : "");
    print_field("profile", text, out);
}

static void describe_days(const struct summary_row *latency, size_t day_count, char *text, size_t size)
{
    double lag_1 = latency ? latency->estimate.lag_1 : NAN;
    int length = snprintf(text, size,
                          "95 %%, from the spread of %zu days as batches, after removing the expected rate and the "
                          "weekday",
                          day_count);
    if (isfinite(lag_1))
        (void)snprintf(text + length, size - (size_t)length,
                       "; correlation of neighbouring days %.2f (latency_mean_s)%s", lag_1,
                       lag_1 > SIM_INTERVAL_LAG_1_LIMIT ? ", so weeks are batches too" : "");
}

static void print_intervals(const struct summary *summary, FILE *out)
{
    char text[300];
    const struct summary_row *latency = summary_find(summary, "all", "latency_mean_s");
    if (summary->section_count < 2)
        (void)snprintf(text, sizeof text, "none: there is one replication, and it cannot be cut into batches");
    else if (!summary->is_batched)
        (void)snprintf(text, sizeof text, "95 %%, from the spread of %zu replications", summary->section_count);
    else if (summary->is_dated)
        describe_days(latency, summary->section_count, text, sizeof text);
    else if (latency && isfinite(latency->estimate.lag_1))
        (void)snprintf(text, sizeof text,
                       "95 %%, from the spread of %zu batches of one replication; correlation of neighbouring batches "
                       "%.2f (latency_mean_s)",
                       summary->section_count, latency->estimate.lag_1);
    else
        (void)snprintf(text, sizeof text, "95 %%, from the spread of %zu batches of one replication",
                       summary->section_count);
    print_field("intervals", text, out);
}

static void print_percentiles(const struct summary *summary, FILE *out)
{
    char text[200];
    if (summary->is_exact)
        (void)snprintf(text, sizeof text, "exact, type 7, from every request that completed");
    else
        (void)snprintf(text, sizeof text, "type 7, from histograms with a relative error of at most %.1f %%",
                       100 * SIM_HISTOGRAM_ERROR);
    print_field("percentiles", text, out);
}

void report_source_print(const struct summary *summary, const struct style *style, FILE *out)
{
    const struct world_config *config = summary->result->config;
    char text[200];
    print_notes(summary, NOTE_WARNING, "Warnings", style->yellow, style->plain, out);
    print_notes(summary, NOTE_FACT, "Load", style->bold, style->plain, out);
    print_notes(summary, NOTE_ASSUMED, "Assumed", style->bold, style->plain, out);
    fprintf(out, "\n%sFrom%s\n", style->bold, style->plain);
    for (size_t i = 0; i < config->pool_count; i++) {
        print_price(&config->pools[i], out);
        print_served(&config->pools[i], out);
        print_profile(&config->pools[i], out);
    }
    print_percentiles(summary, out);
    print_intervals(summary, out);
    (void)snprintf(text, sizeof text, "%s of %s", "a month", format_span(config->month_ns).text);
    print_field("per month", text, out);
    (void)snprintf(text, sizeof text, "%s, commit %s", summary->version, summary->commit);
    print_field("capsim", text, out);
}
