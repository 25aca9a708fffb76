/* progress.c - redrawing one line. */
#include "analysis/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "analysis/format.h"

static double elapsed_s(const struct progress *progress)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - progress->start.tv_sec) + (double)(now.tv_nsec - progress->start.tv_nsec) / 1e9;
}

struct progress progress_begin(bool is_quiet)
{
    struct progress progress = {.is_shown = !is_quiet && isatty(STDERR_FILENO)};
    clock_gettime(CLOCK_MONOTONIC, &progress.start);
    return progress;
}

void progress_show(void *context, const struct runner_progress *now)
{
    const struct progress *progress = context;
    double seconds = elapsed_s(progress);
    if (!progress->is_shown || seconds < 0.5)
        return;
    fprintf(stderr, "\r%5.1f %%  %s requests, %s per second", 100 * now->share,
            format_count((int64_t)now->requests).text, format_count((int64_t)((double)now->requests / seconds)).text);
    if (now->share > 0.01)
        fprintf(stderr, ", %.0f s left", seconds * (1 - now->share) / now->share);
    fputs("\033[K", stderr);
}

void progress_end(const struct progress *progress, int64_t requests)
{
    if (!progress->is_shown)
        return;
    double seconds = elapsed_s(progress);
    fputs("\r\033[K", stderr);
    if (requests > 0 && seconds > 0)
        fprintf(stderr, "%s requests in %.3g s, %s per second\n", format_count(requests).text, seconds,
                format_count((int64_t)((double)requests / seconds)).text);
}
