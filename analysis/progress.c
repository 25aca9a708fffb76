/* progress.c - redrawing one line. */
#include "analysis/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "analysis/format.h"
#include "sim/calendar.h"
#include "sim/timestamp.h"

static double elapsed_s(const struct progress *progress)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - progress->start.tv_sec) + (double)(now.tv_nsec - progress->start.tv_nsec) / 1e9;
}

struct progress progress_begin(const struct world_config *config, bool is_quiet)
{
    struct progress progress = {.is_quiet = is_quiet, .is_shown = !is_quiet && isatty(STDERR_FILENO)};
    progress.has_date = config->start[0] && sim_timestamp_parse(config->start, &progress.epoch_ns);
    clock_gettime(CLOCK_MONOTONIC, &progress.start);
    return progress;
}

/* Simulated time: as a date where the scenario has one. */
static void show_time(const struct progress *progress, sim_time_ns now_ns)
{
    if (!progress->has_date) {
        fprintf(stderr, ", at %s", format_figure(sim_time_to_s(now_ns), "s", -1).text);
        return;
    }
    struct sim_calendar_date date = sim_calendar_split(progress->epoch_ns + now_ns);
    fprintf(stderr, ", at %04d-%02d-%02d %02d:%02d", date.year, date.month, date.day, date.hour, date.minute);
}

void progress_show(void *context, const struct runner_progress *now)
{
    const struct progress *progress = context;
    double seconds = elapsed_s(progress);
    if (!progress->is_shown || seconds < 0.5)
        return;
    fprintf(stderr, "\r%5.1f %%", 100 * now->share);
    if (now->replication_count > 1)
        fprintf(stderr, ", replication %zu of %zu", now->finished + (now->finished < now->replication_count),
                now->replication_count);
    show_time(progress, now->now_ns);
    fprintf(stderr, ", %s requests, %s per second", format_count((int64_t)now->requests).text,
            format_count((int64_t)((double)now->requests / seconds)).text);
    if (now->latency_half_s > 0)
        fprintf(stderr, ", mean latency %s ± %s", format_figure(now->latency_mean_s, "s", -1).text,
                format_figure(now->latency_half_s, "s", -1).text);
    if (now->share > 0.01)
        fprintf(stderr, ", %.0f s left", seconds * (1 - now->share) / now->share);
    fputs("\033[K", stderr);
}

void progress_end(const struct progress *progress, int64_t requests, const struct runner_account *account)
{
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
    double seconds = elapsed_s(progress);
    if (progress->is_quiet || requests == 0)
        return;
    if (progress->is_shown || seconds > 10)
        fprintf(stderr, "%s requests in %.3g s, %s per second\n", format_count(requests).text, seconds,
                format_count((int64_t)((double)requests / seconds)).text);
    if (account->guessed)
        fprintf(stderr,
                "%zu segments on %zu threads, %zu of them begun without the past, %zu of these (%.1f %%) run again\n",
                account->segments, account->threads, account->guessed, account->again,
                100 * (double)account->again / (double)account->guessed);
}
