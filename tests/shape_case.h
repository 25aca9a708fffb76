/* shape_case.h - a workload whose rate has every kind of shape, made by hand, and the formula of that rate. */
#ifndef TESTS_SHAPE_CASE_H
#define TESTS_SHAPE_CASE_H

#include <math.h>
#include <time.h>

#include "models/rate.h"
#include "tests/world_case.h"

enum {
    SHAPE_ROWS = 1008 /* of the table: ten minutes each, a week */
};

struct shape_case {
    struct world_case world;
    struct arrival_config *arrivals;
    struct day_point daily[24];
    struct calendar_factor weekly[7];
    struct calendar_factor monthly[12];
    struct event_config events[3];
    struct growth_point points[3];
    struct rate_table_row rows[SHAPE_ROWS];
};

static const double shape_hours[24] = {0.3, 0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 0.9, 1.3, 1.6, 1.8, 1.7,
                                       1.5, 1.6, 1.7, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.0, 0.7, 0.4};
static const double shape_weekdays[7] = {1.1, 1.1, 1.2, 1.1, 1, 0.6, 0.5};
static const double shape_months[12] = {1, 0.9, 1, 1.1, 1, 1, 0, 0.7, 1, 1, 1.2, 1.4};

/* A year from Monday 5 January 2026 with the given rate, no shape yet. */
static inline void shape_init(struct shape_case *s, enum arrival_process process, double rate_per_s)
{
    *s = (struct shape_case){0};
    case_init(&s->world);
    s->world.config.start = "2026-01-05";
    s->world.config.start_ns = 1767571200 * SIM_SECOND;
    s->world.config.duration_ns = 365 * SIM_DAY;
    s->arrivals = &s->world.workloads[0].arrivals;
    s->arrivals->process = (int32_t)process;
    s->arrivals->rate_per_s = rate_per_s;
    s->arrivals->cv = 1;
}

static inline void shape_add_day(struct shape_case *s)
{
    for (int i = 0; i < 24; i++)
        s->daily[i] = (struct day_point){i * SIM_HOUR + SIM_HOUR / 2, shape_hours[i]};
    s->arrivals->shape.daily = s->daily;
    s->arrivals->shape.daily_count = 24;
}

static inline void shape_add_week(struct shape_case *s)
{
    for (int i = 0; i < 7; i++)
        s->weekly[i].factor = shape_weekdays[i];
    s->arrivals->shape.weekly = s->weekly;
    s->arrivals->shape.weekly_count = 7;
}

/* July has no traffic at all. */
static inline void shape_add_months(struct shape_case *s)
{
    for (int i = 0; i < 12; i++)
        s->monthly[i].factor = shape_months[i];
    s->arrivals->shape.monthly = s->monthly;
    s->arrivals->shape.monthly_count = 12;
}

/* A launch with ramps from day 40 to 44, within it a jump to twice as much for 90 minutes, and an outage. */
static inline void shape_add_events(struct shape_case *s)
{
    s->events[0] =
        (struct event_config){.from_ns = 40 * SIM_DAY, .to_ns = 44 * SIM_DAY, .factor = 3, .ramp_ns = 7 * SIM_HOUR};
    s->events[1] = (struct event_config){
        .from_ns = 41 * SIM_DAY + 600 * SIM_SECOND, .to_ns = 41 * SIM_DAY + 6000 * SIM_SECOND, .factor = 2};
    s->events[2] = (struct event_config){
        .from_ns = 100 * SIM_DAY + 1234567891, .to_ns = 100 * SIM_DAY + 7 * SIM_HOUR, .factor = 0};
    s->arrivals->shape.events = s->events;
    s->arrivals->shape.event_count = 3;
}

static inline void shape_add_growth(struct shape_case *s, enum growth_kind kind, double factor)
{
    s->points[0] = (struct growth_point){.at_ns = 50 * SIM_DAY, .factor = 0.5};
    s->points[1] = (struct growth_point){.at_ns = 60 * SIM_DAY, .factor = 2};
    s->points[2] = (struct growth_point){.at_ns = 200 * SIM_DAY + 1, .factor = factor};
    s->arrivals->shape.growth = (struct growth_config){.kind = (int32_t)kind,
                                                       .factor = factor,
                                                       .over_ns = 300 * SIM_DAY,
                                                       .points = s->points,
                                                       .point_count = kind == GROWTH_TABLE ? 3 : 0};
}

static inline double shape_row(size_t row)
{
    return 1 + 0.8 * sin((double)(row % SHAPE_ROWS) * 1.7); /* up and down between any two rows */
}

static inline void shape_add_table(struct shape_case *s)
{
    for (size_t i = 0; i < SHAPE_ROWS; i++)
        s->rows[i] = (struct rate_table_row){(sim_time_ns)i * 600 * SIM_SECOND, shape_row(i)};
    s->arrivals->shape.table.rows = s->rows;
    s->arrivals->shape.table.row_count = SHAPE_ROWS;
    s->arrivals->shape.table.period_ns = 7 * SIM_DAY;
    s->arrivals->shape.table.repeat = true;
}

/* The same rate, written another way: with the calendar of the C library, and without spans. At a jump the later value.
 */
static inline double shape_growth_formula(const struct growth_config *growth, double days)
{
    if (growth->kind == GROWTH_TABLE) {
        double left = 0, left_factor = 1;
        for (size_t i = 0; i < growth->point_count; i++) {
            double right = (double)growth->points[i].at_ns / 86400e9;
            if (days < right)
                return left_factor + (growth->points[i].factor - left_factor) * (days - left) / (right - left);
            left = right;
            left_factor = growth->points[i].factor;
        }
        return left_factor;
    }
    double share = fmin(days * 86400e9 / (double)growth->over_ns, 1);
    if (growth->kind == GROWTH_LINEAR)
        return 1 + (growth->factor - 1) * share;
    if (growth->kind == GROWTH_EXPONENTIAL)
        return pow(growth->factor, share);
    double wide = tanh(2.5); /* the logistic function is a hyperbolic tangent */
    return growth->kind == GROWTH_LOGISTIC ? 1 + (growth->factor - 1) * (tanh(5 * (share - 0.5)) / wide + 1) / 2 : 1;
}

static inline double shape_events_formula(const struct shape_config *shape, sim_time_ns at_ns)
{
    double product = 1;
    for (size_t i = 0; i < shape->event_count; i++) {
        const struct event_config *event = &shape->events[i];
        double inside = fmin((double)(at_ns - event->from_ns), (double)(event->to_ns - at_ns));
        if (at_ns < event->from_ns || at_ns >= event->to_ns)
            continue;
        double share = event->ramp_ns > 0 ? fmin(inside / (double)event->ramp_ns, 1) : 1;
        product *= 1 + (event->factor - 1) * share;
    }
    return product;
}

static inline double shape_formula(const struct shape_case *s, sim_time_ns at_ns)
{
    const struct shape_config *shape = &s->arrivals->shape;
    time_t second = (time_t)(1767571200 + at_ns / SIM_SECOND);
    struct tm date;
    gmtime_r(&second, &date);
    double rate = s->arrivals->rate_per_s;
    if (shape->daily_count > 0) {
        double hours = (double)(at_ns % SIM_DAY) / 3600e9 + 23.5;
        int left = (int)hours;
        rate *= shape_hours[left % 24] + (shape_hours[(left + 1) % 24] - shape_hours[left % 24]) * (hours - left);
    }
    if (shape->weekly_count > 0)
        rate *= shape_weekdays[(date.tm_wday + 6) % 7];
    if (shape->monthly_count > 0)
        rate *= shape_months[date.tm_mon];
    if (shape->table.row_count > 0) {
        double rows = (double)(at_ns % (7 * SIM_DAY)) / 600e9;
        size_t left = (size_t)rows;
        rate *= shape_row(left) + (shape_row(left + 1) - shape_row(left)) * (rows - (double)left);
    }
    return rate * shape_growth_formula(&shape->growth, (double)at_ns / 86400e9) * shape_events_formula(shape, at_ns);
}

#endif
