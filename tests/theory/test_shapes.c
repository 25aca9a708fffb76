/* test_shapes.c - arrivals of a rate that changes against the integral of that rate.
 *
 * Numbers of Poisson arrivals in disjoint times are independent and have the integral as their mean and variance; and
 * measured in operational time (the integral itself) all gaps are those of the constant process of rate 1 (Daley and
 * Vere-Jones, An Introduction to the Theory of Point Processes, 7.4). Bounds are 3 standard errors for a total, the
 * 99.9 % point for a sum of squares or a largest difference. Seeds were fixed before looking. CAPSIM_SHOW=1 prints
 * every comparison.
 */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/workload.h"
#include "tests/effort.h"
#include "tests/shape_case.h"

enum {
    PARTS_OF_DAY = 144, /* ten minutes each */
    WEEKDAYS = 7,
    DAYS = 365
};

static struct shape_case s;

/* Numbers by part of the day, weekday and day of the year. */
struct counts {
    double all;
    double parts[PARTS_OF_DAY];
    double weekdays[WEEKDAYS];
    double days[DAYS];
};

static void add(struct counts *counts, sim_time_ns at_ns, double number)
{
    counts->all += number;
    counts->parts[at_ns % SIM_DAY / (600 * SIM_SECOND)] += number;
    counts->weekdays[at_ns / SIM_DAY % WEEKDAYS] += number;
    counts->days[at_ns / SIM_DAY] += number;
}

static void start(struct workload *workload, uint64_t seed)
{
    ck_assert_int_eq(workload_init(workload, &s.world.config, 0, seed, 0, NULL), SIM_OK);
}

static void show(const char *name, double expected, double found, double errors)
{
    if (getenv("CAPSIM_SHOW"))
        printf("%-44s expected %14.2f  got %14.2f  standard errors %6.2f\n", name, expected, found, errors);
}

/* The sum of squared standard errors of independent Poisson numbers is chi-square. */
static void compare_all(const char *name, const double *expected, const double *found, size_t count)
{
    double sum = 0, degrees = 0;
    for (size_t i = 0; i < count; i++) {
        if (expected[i] < 5) { /* days without traffic */
            ck_assert_msg(expected[i] > 0 || found[i] == 0, "%s %zu: %g where none can be", name, i, found[i]);
            continue;
        }
        sum += (found[i] - expected[i]) * (found[i] - expected[i]) / expected[i];
        degrees++;
    }
    double chance = gsl_cdf_chisq_Q(sum, degrees);
    show(name, degrees, sum, (sum - degrees) / sqrt(2 * degrees));
    ck_assert_msg(chance > 0.001, "%s: chi-square %.1f with %g degrees, a chance of %.2g", name, sum, degrees, chance);
}

static void compare_year(const char *name, uint64_t seed)
{
    static struct counts expected, found;
    struct workload workload;
    expected = found = (struct counts){0};
    for (sim_time_ns at_ns = 0; at_ns < s.world.config.duration_ns; at_ns += 600 * SIM_SECOND)
        add(&expected, at_ns, rate_expected(&s.world.config, 0, at_ns, at_ns + 600 * SIM_SECOND));
    start(&workload, seed);
    for (const struct request_draw *draw; (draw = workload_peek(&workload)); workload_advance(&workload))
        if (draw->arrival_ns < s.world.config.duration_ns)
            add(&found, draw->arrival_ns, 1);
    workload_release(&workload);
    double errors = (found.all - expected.all) / sqrt(expected.all);
    show(name, expected.all, found.all, errors);
    ck_assert_msg(fabs(errors) <= 3, "%s: %.1f expected, %.0f came: %.2f standard errors", name, expected.all,
                  found.all, errors);
    compare_all("  by ten minutes of the day", expected.parts, found.parts, PARTS_OF_DAY);
    compare_all("  by weekday", expected.weekdays, found.weekdays, WEEKDAYS);
    compare_all("  by day of the year", expected.days, found.days, DAYS);
}

static double rate_per_s(void)
{
    return test_effort(1, 8, 80) * 0.05;
}

static void init_year(void)
{
    shape_init(&s, ARRIVAL_POISSON, rate_per_s());
    shape_add_day(&s);
    shape_add_week(&s);
    shape_add_months(&s);
    shape_add_events(&s);
}

START_TEST(a_year_of_growth)
{
    init_year();
    shape_add_growth(&s, GROWTH_EXPONENTIAL, 3);
    compare_year("day, week, months, events, exponential growth", 31);
    shape_add_growth(&s, GROWTH_LOGISTIC, 3);
    compare_year("the same, logistic growth", 32);
    shape_add_growth(&s, GROWTH_TABLE, 1);
    compare_year("the same, growth by points", 33);
}
END_TEST

START_TEST(a_year_of_a_measured_week)
{
    shape_init(&s, ARRIVAL_POISSON, rate_per_s());
    shape_add_table(&s);
    shape_add_growth(&s, GROWTH_LINEAR, 0.2);
    compare_year("a table of a week, linear decline", 34);
}
END_TEST

/* A step up, and a step down to nothing, within an hour. */
START_TEST(jumps)
{
    struct event_config steps[2] = {
        {.from_ns = 1200 * SIM_SECOND, .to_ns = 2400 * SIM_SECOND, .factor = 5},
        {.from_ns = 3000 * SIM_SECOND, .to_ns = 4200 * SIM_SECOND, .factor = 0},
    };
    struct workload workload;
    double expected[8] = {0}, found[8] = {0};
    shape_init(&s, ARRIVAL_POISSON, test_effort(1, 10, 100) * 10);
    s.arrivals->shape.events = steps;
    s.arrivals->shape.event_count = 2;
    start(&workload, 35);
    for (int i = 0; i < 8; i++)
        expected[i] = s.arrivals->rate_per_s * 600 * (i == 2 || i == 3 ? 5 : i == 5 || i == 6 ? 0 : 1);
    for (const struct request_draw *draw; (draw = workload_peek(&workload)); workload_advance(&workload)) {
        if (draw->arrival_ns >= 4800 * SIM_SECOND)
            break;
        found[draw->arrival_ns / (600 * SIM_SECOND)]++;
    }
    workload_release(&workload);
    compare_all("jumps, by ten minutes", expected, found, 8);
}
END_TEST

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Kolmogorov and Smirnov against the exponential distribution of mean 1; 1.95 is its 99.9 % point (Smirnov 1948). */
static void compare_exponential(const char *name, double *gaps, size_t count)
{
    double most = 0;
    qsort(gaps, count, sizeof *gaps, compare_doubles);
    for (size_t i = 0; i < count; i++) {
        double below = 1 - exp(-gaps[i]);
        most = fmax(most, fmax(below - (double)i / (double)count, (double)(i + 1) / (double)count - below));
    }
    double scaled = most * sqrt((double)count);
    show(name, 0.87, scaled, (scaled - 0.87) / 0.26);
    ck_assert_msg(scaled < 1.95, "%s: %g", name, scaled);
}

/* Gaps in operational time: the integral of the rate between arrivals. */
static size_t draw_gaps(uint64_t seed, double *gaps, size_t count)
{
    struct workload workload;
    sim_time_ns before_ns = 0;
    size_t drawn = 0;
    start(&workload, seed);
    for (const struct request_draw *draw; drawn < count && (draw = workload_peek(&workload)); drawn++) {
        gaps[drawn] = rate_expected(&s.world.config, 0, before_ns, draw->arrival_ns);
        before_ns = draw->arrival_ns;
        workload_advance(&workload);
    }
    workload_release(&workload);
    return drawn;
}

START_TEST(gaps_in_operational_time)
{
    size_t count = (size_t)100000 * test_effort(1, 4, 40);
    double *gaps = sim_allocate(count, sizeof *gaps);
    init_year();
    shape_add_growth(&s, GROWTH_EXPONENTIAL, 3);
    compare_exponential("Poisson gaps in operational time, KS", gaps, draw_gaps(36, gaps, count));
    shape_init(&s, ARRIVAL_POISSON, rate_per_s());
    shape_add_table(&s);
    compare_exponential("the same, measured week, KS", gaps, draw_gaps(37, gaps, count));
    free(gaps);
}
END_TEST

/* Mean, deviation and independence of a renewal's gaps; numbers in windows of 500 vary by cv^2 of their mean. */
static void compare_renewal(enum arrival_process process, double cv, uint64_t seed)
{
    const double window = 500;
    size_t count = (size_t)100000 * test_effort(1, 4, 40);
    double *gaps = sim_allocate(count, sizeof *gaps);
    init_year();
    s.arrivals->process = (int32_t)process;
    s.arrivals->rate_per_s = 0.03; /* a hundred an hour: gaps across the ends of cells matter */
    s.arrivals->cv = cv;
    count = draw_gaps(seed, gaps, count);
    double sum = 0, squares = 0, products = 0, in_window = 0, windows = 0, counts = 0, count_squares = 0, at = 0;
    for (size_t i = 0; i < count; i++) {
        sum += gaps[i];
        squares += (gaps[i] - 1) * (gaps[i] - 1);
        products += i > 0 ? (gaps[i] - 1) * (gaps[i - 1] - 1) : 0;
        at += gaps[i];
        while (at >= window) {
            at -= window;
            windows++;
            counts += in_window;
            count_squares += (in_window - window) * (in_window - window);
            in_window = 0;
        }
        in_window++;
    }
    double n = (double)count;
    double errors = (sum / n - 1) / (cv / sqrt(n));
    double correlation = products / squares * sqrt(n);
    double ratio = count_squares / windows / window / (cv * cv);
    show("renewal: sum of gaps in operational time", n, sum, errors);
    show("  correlation of neighbours x sqrt(n)", 0, correlation, correlation);
    show("  numbers in windows: mean", window, counts / windows,
         (counts / windows - window) / cv / sqrt(window / windows));
    show("  variance of these / mean / cv^2", 1, ratio, (ratio - 1) / sqrt(2 / windows));
    ck_assert_msg(fabs(errors) <= 3, "mean of the gaps: %.2f standard errors", errors);
    ck_assert_double_eq_tol(sqrt(squares / n), cv, 0.03 * cv);
    ck_assert_msg(fabs(correlation) <= 3, "correlation of neighbours: %.2f standard errors", correlation);
    ck_assert_double_eq_tol(counts / windows, window, 3 * cv * sqrt(window / windows));
    ck_assert_double_eq_tol(ratio, 1, 4 * sqrt(2 / windows) + 0.02);
    free(gaps);
}

START_TEST(renewals_in_operational_time)
{
    compare_renewal(ARRIVAL_GAMMA, 0.5, 38);
    compare_renewal(ARRIVAL_GAMMA, 2, 39);
    compare_renewal(ARRIVAL_WEIBULL, 1.5, 40);
}
END_TEST

/* Over replications the drift leaves the mean alone. */
START_TEST(drift_keeps_the_mean)
{
    enum {
        REPLICATIONS = 60
    };
    double sum = 0, squares = 0;
    shape_init(&s, ARRIVAL_POISSON, 0.01);
    s.arrivals->shape.drift = (struct drift_config){.sd = 0.5, .correlation_ns = 5 * SIM_DAY};
    double expected = rate_expected(&s.world.config, 0, 0, s.world.config.duration_ns);
    for (uint32_t i = 0; i < REPLICATIONS; i++) {
        struct workload workload;
        ck_assert_int_eq(workload_init(&workload, &s.world.config, 0, 41, i, NULL), SIM_OK);
        double count = 0;
        for (const struct request_draw *draw;
             (draw = workload_peek(&workload)) && draw->arrival_ns < s.world.config.duration_ns;) {
            workload_advance(&workload);
            count++;
        }
        workload_release(&workload);
        sum += count - expected;
        squares += (count - expected) * (count - expected);
    }
    double mean = sum / REPLICATIONS;
    double error = sqrt((squares / REPLICATIONS - mean * mean) / (REPLICATIONS - 1));
    show("drift: mean of 60 years", expected, expected + mean, mean / error);
    ck_assert_msg(fabs(mean) <= 3 * error, "%g expected, %g more came; standard error %g", expected, mean, error);
    ck_assert_double_gt(error * sqrt(REPLICATIONS), 5 * sqrt(expected)); /* it does something */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_year_of_growth,
                                  a_year_of_a_measured_week,
                                  jumps,
                                  gaps_in_operational_time,
                                  renewals_in_operational_time,
                                  drift_keeps_the_mean,
                                  NULL};
    return case_main("shapes", tests);
}
