/* progress.c - redrawing one line. */
#include "analysis/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
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
static void print_time(const struct progress *progress, sim_time_ns now_ns, FILE *out)
{
    if (!progress->has_date) {
        fprintf(out, "  at %s", format_figure(sim_time_to_s(now_ns), "s", -1).text);
        return;
    }
    struct sim_calendar_date date = sim_calendar_split(progress->epoch_ns + now_ns);
    fprintf(out, "  %04d-%02d-%02d %02d:%02d", date.year, date.month, date.day, date.hour, date.minute);
}

static void print_line(const struct progress *progress, const struct runner_progress *now, double seconds, FILE *out)
{
    fprintf(out, "%5.1f %%", 100 * now->share);
    if (now->share > 0.01)
        fprintf(out, "  %.0f s left", seconds * (1 - now->share) / now->share);
    if (now->replication_count > 1)
        fprintf(out, "  replication %zu of %zu", now->finished + (now->finished < now->replication_count),
                now->replication_count);
    print_time(progress, now->now_ns, out);
    fprintf(out, "  %.3g M requests  %.3g M/s", (double)now->requests / 1e6, (double)now->requests / seconds / 1e6);
    if (now->latency_half_s > 0)
        fprintf(out, "  latency %.4g ± %.2g s", now->latency_mean_s, now->latency_half_s);
}

static int terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* A line that is wider than the terminal would be left behind when it is drawn anew. */
void progress_show(void *context, const struct runner_progress *now)
{
    const struct progress *progress = context;
    double seconds = elapsed_s(progress);
    char line[256] = "";
    if (!progress->is_shown || seconds < 0.5)
        return;
    FILE *out = fmemopen(line, sizeof line, "w");
    if (!out)
        return;
    print_line(progress, now, seconds, out);
    (void)fclose(out);
    line[sizeof line - 1] = '\0';
    fprintf(stderr, "\r%.*s\033[K", terminal_width() - 1, line);
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

struct progress_count progress_count_begin(const char *what, size_t count, bool is_quiet)
{
    return (struct progress_count){.what = what, .count = count, .is_shown = !is_quiet && isatty(STDERR_FILENO)};
}

void progress_count_show(struct progress_count *progress, size_t done)
{
    progress->done = done;
    if (progress->is_shown)
        fprintf(stderr, "\r%zu of %zu %s", done, progress->count, progress->what);
}

void progress_count_end(const struct progress_count *progress)
{
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
}
