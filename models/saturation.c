/* saturation.c - walking over the windows. */
#include "models/saturation.h"

#include <stdbool.h>

enum {
    WINDOWS_MIN = 60,
    STREAK = 10
};

sim_time_ns saturation_window_ns(sim_time_ns duration_ns)
{
    static const int64_t steps_s[] = {86400, 43200, 21600, 10800, 7200, 3600, 1800, 900, 600,
                                      300,   120,   60,    30,    15,   10,   5,    2,   1};
    size_t count = sizeof steps_s / sizeof *steps_s;
    size_t step = 0;
    while (step + 1 < count && duration_ns / WINDOWS_MIN < steps_s[step] * SIM_SECOND)
        step++;
    return steps_s[step] * SIM_SECOND;
}

size_t saturation_window_count(sim_time_ns duration_ns)
{
    sim_time_ns window_ns = saturation_window_ns(duration_ns);
    return duration_ns > window_ns ? (size_t)((duration_ns - 1) / window_ns) + 1 : 1;
}

static bool is_short(const struct saturation_window *window)
{
    return window->queue <= window->arrived / 20;
}

static bool is_starving(const struct saturation_window *window)
{
    return window->given_up > 0 && window->given_up >= window->arrived / 20 && window->slot_integral > 0 &&
           window->inputs_integral >= window->slot_integral / 20 * 19;
}

/* Whether the queue has grown over the windows first .. end - 1, and goes on growing. */
static bool has_grown(const struct saturation_window *windows, size_t stride, size_t first, size_t end)
{
    int64_t arrived = 0;
    for (size_t i = first; i < end; i++)
        arrived += windows[i * stride].arrived;
    int64_t before = first > 0 ? windows[(first - 1) * stride].queue : 0;
    int64_t after = windows[(end - 1) * stride].queue;
    return after - before >= arrived / 20 && after > windows[((first + end) / 2 - 1) * stride].queue;
}

sim_time_ns saturation_since_ns(const struct saturation_window *windows, size_t count, size_t stride,
                                sim_time_ns window_ns)
{
    size_t end = 0;
    size_t queueing = 0; /* first window of the queue that lasts */
    size_t starving = 0; /* first window of those in a row that starve */
    for (; end < count && windows[end * stride].is_over; end++) {
        if (is_short(&windows[end * stride]))
            queueing = end + 1;
        if (!is_starving(&windows[end * stride]))
            starving = end + 1;
    }
    bool is_growing = end - queueing >= STREAK && has_grown(windows, stride, queueing, end);
    bool is_starved = end - starving >= STREAK;
    if (is_growing && (!is_starved || queueing < starving))
        return (sim_time_ns)queueing * window_ns;
    return is_starved ? (sim_time_ns)starving * window_ns : -1;
}
