/* test_rate.c - rates against the same formula written another way, integrals against sums, and edges by hand. */
#include "tests/shape_case.h"
#include "tests/splitmix.h"

static struct shape_case s;

static double at(sim_time_ns time_ns)
{
    return rate_at(&s.world.config, 0, time_ns);
}

static double between(sim_time_ns from_ns, sim_time_ns to_ns)
{
    return rate_expected(&s.world.config, 0, from_ns, to_ns);
}

/* At random times, whole hours and their neighbours. */
static void check_formula(uint64_t seed)
{
    struct splitmix random = {seed};
    for (int i = 0; i < 30000; i++) {
        sim_time_ns time_ns = splitmix_below(&random, 365 * SIM_DAY);
        if (i % 2)
            time_ns = time_ns / SIM_HOUR * SIM_HOUR + splitmix_below(&random, 3) - 1;
        if (time_ns < 0)
            continue;
        double expected = shape_formula(&s, time_ns);
        if (!(fabs(at(time_ns) - expected) <= 1e-9 * expected))
            ck_abort_msg("seed %d, %lld ns: %.12g, not %.12g", (int)seed, (long long)time_ns, at(time_ns), expected);
    }
}

START_TEST(every_part_follows_its_formula)
{
    static void (*const parts[])(struct shape_case *) = {shape_add_day, shape_add_week, shape_add_months,
                                                         shape_add_events, shape_add_table};
    for (uint64_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        shape_init(&s, ARRIVAL_POISSON, 7);
        parts[i](&s);
        check_formula(i);
    }
    for (int kind = GROWTH_LINEAR; kind <= GROWTH_TABLE; kind++)
        for (int i = 0; i < 3; i++) {
            static const double factors[] = {0.1, 1, 12};
            shape_init(&s, ARRIVAL_GAMMA, 7);
            shape_add_growth(&s, (enum growth_kind)kind, factors[i]);
            check_formula((uint64_t)kind);
        }
}
END_TEST

static void add_everything(void)
{
    shape_init(&s, ARRIVAL_POISSON, 7);
    shape_add_growth(&s, GROWTH_LOGISTIC, 4);
    shape_add_day(&s);
    shape_add_week(&s);
    shape_add_months(&s);
    shape_add_events(&s);
    shape_add_table(&s);
}

START_TEST(parts_are_multiplied)
{
    add_everything();
    check_formula(11);
}
END_TEST

/* The integral against the midpoints of short steps. */
static void check_integral(sim_time_ns from_ns, sim_time_ns to_ns, double tolerance)
{
    const sim_time_ns step_ns = SIM_SECOND;
    double sum = 0;
    for (sim_time_ns time_ns = from_ns; time_ns < to_ns; time_ns += step_ns)
        sum += shape_formula(&s, time_ns + step_ns / 2);
    double found = between(from_ns, to_ns);
    ck_assert_msg(fabs(found - sum) <= tolerance * sum, "%.10g, not %.10g", found, sum);
}

START_TEST(the_integral_is_that_of_the_rate)
{
    add_everything();
    check_integral(39 * SIM_DAY + 7 * SIM_SECOND, 45 * SIM_DAY, 1e-6);
    check_integral(170 * SIM_DAY, 180 * SIM_DAY, 1e-6); /* into the month without traffic */
    ck_assert_double_eq(between(180 * SIM_DAY, 200 * SIM_DAY), 0);
    double whole = between(0, 365 * SIM_DAY);
    double pieces = 0;
    struct splitmix random = {5};
    for (sim_time_ns from_ns = 0; from_ns < 365 * SIM_DAY;) {
        sim_time_ns to_ns = from_ns + 1 + splitmix_below(&random, 20 * SIM_HOUR);
        to_ns = to_ns < 365 * SIM_DAY ? to_ns : 365 * SIM_DAY;
        pieces += between(from_ns, to_ns);
        from_ns = to_ns;
    }
    ck_assert_double_eq_tol(pieces / whole, 1, 1e-11);
    ck_assert_double_eq(between(5, 5), 0);
}
END_TEST

START_TEST(a_week_by_hand)
{
    shape_init(&s, ARRIVAL_POISSON, 2);
    shape_add_week(&s);
    ck_assert_double_eq_tol(between(0, 7 * SIM_DAY), 2 * 86400 * (1.1 * 3 + 1.2 + 1 + 0.6 + 0.5), 1e-6);
    ck_assert_double_eq(at(5 * SIM_DAY - 1), 2);
    ck_assert_double_eq(at(5 * SIM_DAY), 1.2);
}
END_TEST

START_TEST(without_a_date_a_day_begins_at_the_start)
{
    shape_init(&s, ARRIVAL_POISSON, 1);
    shape_add_day(&s);
    double dated = at(10 * SIM_HOUR);
    s.world.config.start_ns = 0;
    ck_assert_double_eq(at(10 * SIM_HOUR), dated);
    s.world.config.start_ns = 1767605400 * SIM_SECOND; /* 2026-01-05 09:30 */
    ck_assert_double_eq(at(SIM_HOUR / 2), dated);
    s.arrivals->shape.daily_count = 1; /* one point: the same all day */
    ck_assert_double_eq(at(10 * SIM_HOUR), 0.3);
}
END_TEST

START_TEST(constant_rates_and_others)
{
    shape_init(&s, ARRIVAL_POISSON, 7);
    ck_assert(!rate_is_shaped(s.arrivals));
    ck_assert_double_eq(at(SIM_DAY), 7);
    ck_assert_double_eq(between(SIM_DAY, SIM_DAY + SIM_SECOND), 7);
    s.arrivals->process = ARRIVAL_BURST;
    s.arrivals->count = 5;
    s.arrivals->at_ns = 100;
    ck_assert_double_eq(between(0, 100), 0);
    ck_assert_double_eq(between(100, 101), 5);
    ck_assert(isnan(at(0)));
    s.arrivals->process = ARRIVAL_TRACE;
    ck_assert(isnan(between(0, 100)));
}
END_TEST

/* Over 400 replications of 300 steps: mean 1 and the standard deviation asked for; correlations of neighbours. */
START_TEST(drift_has_its_mean_deviation_and_memory)
{
    enum {
        PATHS = 400,
        STEPS = 300
    };
    double sum = 0, squares = 0, products = 0, first = 0;
    shape_init(&s, ARRIVAL_POISSON, 1);
    s.arrivals->shape.drift = (struct drift_config){.sd = 0.3, .correlation_ns = 2 * SIM_DAY};
    for (uint32_t replication = 0; replication < PATHS; replication++) {
        struct sim_arena *arena = sim_arena_create();
        struct rate_drift path = rate_draw_drift(&s.world.config, 0, 1, replication, arena);
        ck_assert_int_eq(path.step_ns, 3 * SIM_HOUR);
        ck_assert_uint_ge((path.count - 1) * (size_t)path.step_ns, 365 * SIM_DAY + SIM_HOUR);
        first += path.factors[0];
        for (size_t i = 0; i < STEPS; i++) {
            double deviation = path.factors[i] - 1;
            sum += deviation;
            squares += deviation * deviation;
            products += deviation * (path.factors[i + 16] - 1);
        }
        sim_arena_destroy(arena);
    }
    double count = PATHS * STEPS;
    /* Steps of one correlation time count as independent: some 7,500. */
    ck_assert_double_eq_tol(sum / count, 0, 4 * 0.3 / sqrt(count / 32));
    ck_assert_double_eq_tol(first / PATHS, 1, 4 * 0.3 / sqrt(PATHS));
    ck_assert_double_eq_tol(sqrt(squares / count), 0.3, 0.02);
    /* The covariance of the factors is e^(v r) - 1 for logarithms of variance v and correlation r. */
    double variance = log(1 + 0.09);
    ck_assert_double_eq_tol(products / count, exp(variance * exp(-1)) - 1, 0.006);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_part_follows_its_formula,           parts_are_multiplied,
                                  the_integral_is_that_of_the_rate,         a_week_by_hand,
                                  without_a_date_a_day_begins_at_the_start, constant_rates_and_others,
                                  drift_has_its_mean_deviation_and_memory,  NULL};
    return case_main("rate", tests);
}
