/* rate.c - factors on the rate: where they have corners, and what they are between. */
#include "models/rate.h"

#include <math.h>

#include "models/workload.h"
#include "sim/calendar.h"
#include "sim/elementary.h"
#include "sim/random.h"
#include "sim/variate.h"

#define MIDDLE_OF_HOUR (SIM_HOUR / 2)
/* Steepness of the S-shaped curve: it has 1.3 % of its height at a twentieth of its length. */
#define LOGISTIC_STEEPNESS 10.0
#define DRIFT_STEPS 16 /* in one correlation time */

static bool has_rate(const struct arrival_config *arrivals)
{
    return arrivals->process == ARRIVAL_POISSON || arrivals->process == ARRIVAL_GAMMA ||
           arrivals->process == ARRIVAL_WEIBULL || arrivals->process == ARRIVAL_SESSIONS;
}

bool rate_is_shaped(const struct arrival_config *arrivals)
{
    const struct shape_config *shape = &arrivals->shape;
    return has_rate(arrivals) &&
           (shape->growth.kind != GROWTH_NONE || shape->daily_count > 0 || shape->weekly_count > 0 ||
            shape->monthly_count > 0 || shape->event_count > 0 || shape->drift.sd > 0 || shape->table.row_count > 0);
}

struct rate rate_of(const struct world_config *config, size_t workload)
{
    return (struct rate){.arrivals = &config->workloads[workload].arrivals, .start_ns = config->start_ns};
}

/* ---- Building a span ---- */

static void end_by(struct rate_span *span, sim_time_ns to_ns)
{
    if (to_ns > span->from_ns && to_ns < span->to_ns)
        span->to_ns = to_ns;
}

/* A straight line through two points, of which the first is not after the span's begin and the second after it. */
static void add_line(struct rate_span *span, sim_time_ns left_ns, double left, sim_time_ns right_ns, double right)
{
    end_by(span, right_ns);
    if (left == right) {
        span->constant *= left;
        return;
    }
    sim_assert(span->line_count < RATE_LINES_MAX && left_ns <= span->from_ns && span->from_ns < right_ns);
    double slope = (right - left) / (double)(right_ns - left_ns);
    double *line = span->lines[span->line_count++];
    line[0] = left + slope * (double)(span->from_ns - left_ns);
    line[1] = slope;
}

static void add_growth_points(struct rate_span *span, const struct growth_config *growth)
{
    const struct growth_point *points = growth->points;
    size_t next = 0;
    while (next < growth->point_count && points[next].at_ns <= span->from_ns)
        next++;
    if (next == growth->point_count)
        span->constant *= points[next - 1].factor;
    else if (next > 0)
        add_line(span, points[next - 1].at_ns, points[next - 1].factor, points[next].at_ns, points[next].factor);
    else /* from 1 at time 0 to the first point */
        add_line(span, 0, 1, points[0].at_ns, points[0].factor);
}

static void add_growth(struct rate_span *span)
{
    const struct growth_config *growth = &span->rate->arrivals->shape.growth;
    if (growth->kind == GROWTH_NONE)
        return;
    if (growth->kind == GROWTH_TABLE)
        add_growth_points(span, growth);
    else if (span->from_ns >= growth->over_ns)
        span->constant *= growth->factor;
    else if (growth->kind == GROWTH_LINEAR)
        add_line(span, 0, 1, growth->over_ns, growth->factor);
    else {
        end_by(span, growth->over_ns);
        span->is_curved = true;
    }
}

static sim_time_ns day_start(sim_time_ns date_ns)
{
    sim_time_ns clock_ns = date_ns % SIM_DAY;
    return date_ns - (clock_ns < 0 ? clock_ns + SIM_DAY : clock_ns);
}

static void add_daily(struct rate_span *span)
{
    const struct day_point *points = span->rate->arrivals->shape.daily;
    size_t count = span->rate->arrivals->shape.daily_count;
    sim_time_ns midnight_ns = day_start(span->from_ns + span->rate->start_ns) - span->rate->start_ns;
    sim_time_ns clock_ns = span->from_ns - midnight_ns;
    size_t next = 0;
    if (count == 0)
        return;
    while (next < count && points[next].at_ns <= clock_ns)
        next++;
    const struct day_point *left = &points[next > 0 ? next - 1 : count - 1];
    const struct day_point *right = &points[next < count ? next : 0];
    add_line(span, midnight_ns + left->at_ns - (next > 0 ? 0 : SIM_DAY), left->factor,
             midnight_ns + right->at_ns + (next < count ? 0 : SIM_DAY), right->factor);
}

static void add_calendar(struct rate_span *span)
{
    const struct shape_config *shape = &span->rate->arrivals->shape;
    if (shape->weekly_count == 0 && shape->monthly_count == 0)
        return;
    sim_time_ns date_ns = span->from_ns + span->rate->start_ns;
    struct sim_calendar_date date = sim_calendar_split(date_ns);
    if (shape->weekly_count > 0)
        span->constant *= shape->weekly[date.weekday].factor;
    if (shape->monthly_count > 0)
        span->constant *= shape->monthly[date.month - 1].factor;
    end_by(span, day_start(date_ns) + SIM_DAY - span->rate->start_ns);
}

static void add_events(struct rate_span *span)
{
    const struct shape_config *shape = &span->rate->arrivals->shape;
    for (size_t i = 0; i < shape->event_count; i++) {
        const struct event_config *event = &shape->events[i];
        end_by(span, event->from_ns);
        end_by(span, event->to_ns);
        end_by(span, event->from_ns + event->ramp_ns);
        end_by(span, event->to_ns - event->ramp_ns);
        if (span->from_ns < event->from_ns || span->from_ns >= event->to_ns)
            continue;
        if (span->from_ns >= event->from_ns + event->ramp_ns && span->from_ns < event->to_ns - event->ramp_ns)
            span->constant *= event->factor;
        else
            span->has_ramps = true;
    }
}

static void add_drift(struct rate_span *span)
{
    const struct rate_drift *drift = &span->rate->drift;
    if (!drift->factors)
        return;
    size_t left = (size_t)(span->from_ns / drift->step_ns);
    if (left > drift->count - 2)
        left = drift->count - 2;
    sim_time_ns left_ns = (sim_time_ns)left * drift->step_ns;
    add_line(span, left_ns, drift->factors[left], left_ns + drift->step_ns, drift->factors[left + 1]);
}

static void add_table(struct rate_span *span)
{
    const struct rate_table_config *table = &span->rate->arrivals->shape.table;
    if (table->row_count == 0)
        return;
    sim_time_ns into_ns = span->from_ns % table->period_ns;
    sim_time_ns begin_ns = span->from_ns - into_ns;
    size_t low = 0, high = table->row_count; /* rows[low] is not after into_ns, rows[high] is */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (table->rows[middle].at_ns <= into_ns)
            low = middle;
        else
            high = middle;
    }
    bool is_last = high == table->row_count;
    const struct rate_table_row *right = &table->rows[is_last ? 0 : high];
    add_line(span, begin_ns + table->rows[low].at_ns, table->rows[low].factor,
             begin_ns + (is_last ? table->period_ns : right->at_ns), right->factor);
}

struct rate_span rate_span_at(const struct rate *rate, sim_time_ns from_ns, sim_time_ns limit_ns)
{
    struct rate_span span = {
        .rate = rate, .from_ns = from_ns, .to_ns = limit_ns, .constant = rate->arrivals->rate_per_s};
    add_growth(&span);
    add_daily(&span);
    add_calendar(&span);
    add_events(&span);
    add_drift(&span);
    add_table(&span);
    return span;
}

/* ---- Values ---- */

/* 1 at time 0 and the factor at the end; the S-shaped curve is the logistic function from -5 to 5, stretched. */
static double curve_at(const struct growth_config *growth, double time_ns)
{
    double share = time_ns / (double)growth->over_ns;
    if (growth->kind == GROWTH_EXPONENTIAL)
        return sim_pow(growth->factor, share);
    double low = 1 / (1 + sim_exp(LOGISTIC_STEEPNESS / 2));
    double here = 1 / (1 + sim_exp(LOGISTIC_STEEPNESS * (0.5 - share)));
    return 1 + (growth->factor - 1) * (here - low) / (1 - 2 * low);
}

static double ramps_at(const struct rate_span *span, double after_ns)
{
    const struct shape_config *shape = &span->rate->arrivals->shape;
    double product = 1;
    for (size_t i = 0; i < shape->event_count; i++) {
        const struct event_config *event = &shape->events[i];
        bool is_rising = span->from_ns < event->from_ns + event->ramp_ns;
        bool is_falling = span->from_ns >= event->to_ns - event->ramp_ns;
        if (span->from_ns < event->from_ns || span->from_ns >= event->to_ns || !(is_rising || is_falling))
            continue;
        double inside_ns = is_rising ? (double)(span->from_ns - event->from_ns) + after_ns
                                     : (double)(event->to_ns - span->from_ns) - after_ns;
        product *= 1 + (event->factor - 1) * inside_ns / (double)event->ramp_ns;
    }
    return product;
}

double rate_in_span(const struct rate_span *span, double after_ns)
{
    double value = span->constant;
    for (size_t i = 0; i < span->line_count; i++)
        value *= span->lines[i][0] + span->lines[i][1] * after_ns;
    if (span->is_curved)
        value *= curve_at(&span->rate->arrivals->shape.growth, (double)span->from_ns + after_ns);
    if (span->has_ramps)
        value *= ramps_at(span, after_ns);
    return value > 0 ? value : 0; /* lines that end at 0 may miss it by a rounding */
}

/* ---- For those who ask beforehand ---- */

double rate_at(const struct world_config *config, size_t workload, sim_time_ns time_ns)
{
    const struct arrival_config *arrivals = &config->workloads[workload].arrivals;
    if (!has_rate(arrivals))
        return NAN;
    if (!rate_is_shaped(arrivals))
        return arrivals->rate_per_s;
    struct rate rate = rate_of(config, workload);
    struct rate_span span = rate_span_at(&rate, time_ns, time_ns + 1);
    return rate_in_span(&span, 0);
}

/* Gauss and Legendre with four points: exact for seven lines multiplied, and for curves of an hour as good as exact. */
static double integrate(const struct rate_span *span)
{
    static const double points[2] = {0.33998104358485626, 0.86113631159405258};
    static const double weights[2] = {0.65214515486254614, 0.34785484513745386};
    double half_ns = (double)(span->to_ns - span->from_ns) / 2;
    double sum = 0;
    for (int i = 0; i < 2; i++)
        sum += weights[i] *
               (rate_in_span(span, half_ns * (1 - points[i])) + rate_in_span(span, half_ns * (1 + points[i])));
    return sum * half_ns * 1e-9;
}

double rate_expected(const struct world_config *config, size_t workload, sim_time_ns from_ns, sim_time_ns to_ns)
{
    const struct arrival_config *arrivals = &config->workloads[workload].arrivals;
    if (arrivals->process == ARRIVAL_BURST)
        return arrivals->at_ns >= from_ns && arrivals->at_ns < to_ns ? (double)arrivals->count : 0;
    if (!has_rate(arrivals))
        return NAN;
    if (!rate_is_shaped(arrivals))
        return arrivals->rate_per_s * sim_time_to_s(to_ns - from_ns);
    struct rate rate = rate_of(config, workload);
    double sum = 0;
    while (from_ns < to_ns) {
        sim_time_ns limit_ns = to_ns - from_ns < SIM_HOUR ? to_ns : from_ns + SIM_HOUR;
        struct rate_span span = rate_span_at(&rate, from_ns, limit_ns);
        sum += integrate(&span);
        from_ns = span.to_ns;
    }
    return sum;
}

/* An autoregressive path: its logarithm is normal with the mean that makes the factor's mean 1. */
struct rate_drift rate_draw_drift(const struct world_config *config, size_t workload, uint64_t seed,
                                  uint32_t replication, struct sim_arena *arena)
{
    const struct drift_config *drift = &config->workloads[workload].arrivals.shape.drift;
    struct rate_drift path = {0};
    if (!(drift->sd > 0))
        return path;
    path.step_ns = drift->correlation_ns / DRIFT_STEPS;
    path.count = (size_t)((config->duration_ns + SIM_HOUR) / path.step_ns) + 3; /* to the end of the last cell */
    path.factors = sim_arena_allocate(arena, path.count, sizeof *path.factors);
    double variance = sim_log1p(drift->sd * drift->sd);
    double kept = sim_exp(-1.0 / DRIFT_STEPS);
    double normal = 0;
    for (size_t i = 0; i < path.count; i++) {
        struct sim_random stream;
        sim_random_init(&stream, seed, replication, PURPOSE_DRIFT, workload, i);
        double fresh = sim_variate_normal(&stream);
        normal = i == 0 ? fresh : kept * normal + sqrt(1 - kept * kept) * fresh;
        path.factors[i] = sim_exp(sqrt(variance) * normal - variance / 2);
    }
    return path;
}
