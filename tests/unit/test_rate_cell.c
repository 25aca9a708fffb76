/* test_rate_cell.c - the lines of an hour against the rate, and inverting their integral. */
#include "models/rate_cell.h"
#include "tests/shape_case.h"
#include "tests/splitmix.h"

static struct shape_case s;
static struct rate rate;
static struct rate_cell cell;

static void release(void)
{
    free(cell.pieces);
    cell = (struct rate_cell){0};
}

static double line_at(double time_ns)
{
    const struct rate_piece *piece = cell.pieces;
    while (piece + 1 < cell.pieces + cell.count && piece[1].from_ns <= time_ns)
        piece++;
    return (piece->per_ns + piece->twice_slope / 2 * (time_ns - piece->from_ns)) * 1e9;
}

/* 2,000 times in the hour: within 1e-6 of the largest rate nearby, which is that of the same ten minutes. */
static void check_lines(uint64_t hour, struct splitmix *random)
{
    rate_cell_fill(&cell, &rate, hour);
    double largest = 0;
    for (int i = 0; i <= 3600; i++)
        largest = fmax(largest, shape_formula(&s, (sim_time_ns)hour * SIM_HOUR + i * (SIM_SECOND - 1)));
    for (int i = 0; i < 2000; i++) {
        sim_time_ns inside_ns = splitmix_below(random, SIM_HOUR);
        double expected = shape_formula(&s, (sim_time_ns)hour * SIM_HOUR + inside_ns);
        double near = fmax(expected, largest / 10);
        if (!(fabs(line_at((double)inside_ns) - expected) <= 1e-6 * near))
            ck_abort_msg("hour %d + %lld ns: %.12g, not %.12g", (int)hour, (long long)inside_ns,
                         line_at((double)inside_ns), expected);
    }
    double exact = rate_expected(&s.world.config, 0, (sim_time_ns)hour * SIM_HOUR, (sim_time_ns)(hour + 1) * SIM_HOUR);
    ck_assert(fabs(cell.total - exact) <= 1e-6 * exact);
}

/* Arrivals in operational time, back and forth. */
static void check_inverse(struct splitmix *random)
{
    double reached = 0, before_ns = 0;
    while (cell.total > 0) {
        reached += cell.total * (double)splitmix_below(random, 1000) / 300000;
        if (reached >= cell.total)
            break;
        double time_ns = rate_cell_time(&cell, reached);
        const struct rate_piece *piece = &cell.pieces[cell.at];
        double inside_ns = time_ns - piece->from_ns;
        double sum = piece->before + piece->per_ns * inside_ns + piece->twice_slope / 4 * inside_ns * inside_ns;
        bool is_in_order = time_ns >= before_ns && time_ns <= (double)SIM_HOUR;
        if (!is_in_order || !(fabs(sum - reached) <= 1e-11 * cell.total))
            ck_abort_msg("%.15g arrivals at %.15g ns, which has %.15g", reached, time_ns, sum);
        before_ns = time_ns;
    }
}

static void check_hours(uint64_t seed)
{
    struct splitmix random = {seed};
    rate = rate_of(&s.world.config, 0);
    release();
    for (int i = 0; i < 60; i++) {
        check_lines(i < 30 ? (uint64_t)(950 + 4 * i) : (uint64_t)splitmix_below(&random, 8760), &random);
        check_inverse(&random);
    }
}

START_TEST(lines_follow_the_rate)
{
    for (int kind = GROWTH_NONE; kind <= GROWTH_TABLE; kind++) {
        shape_init(&s, ARRIVAL_POISSON, 5);
        shape_add_growth(&s, (enum growth_kind)kind, 6);
        shape_add_day(&s);
        shape_add_events(&s);
        check_hours((uint64_t)kind);
        shape_add_week(&s);
        shape_add_months(&s);
        shape_add_table(&s);
        check_hours((uint64_t)kind);
    }
    release();
}
END_TEST

/* A growth that is over in two hours bends as much as any can. */
START_TEST(fast_growth)
{
    for (int kind = GROWTH_LINEAR; kind <= GROWTH_LOGISTIC; kind++) {
        struct splitmix random = {(uint64_t)kind};
        shape_init(&s, ARRIVAL_POISSON, 5);
        shape_add_growth(&s, (enum growth_kind)kind, 1000);
        s.arrivals->shape.growth.over_ns = 2 * SIM_HOUR;
        shape_add_table(&s);
        rate = rate_of(&s.world.config, 0);
        release();
        for (uint64_t hour = 0; hour < 3; hour++) {
            check_lines(hour, &random);
            check_inverse(&random);
        }
    }
    release();
}
END_TEST

/* From 0 to 2 and back in an hour: arrivals at a quarter, a half and nearly all are known. */
START_TEST(a_triangle_by_hand)
{
    shape_init(&s, ARRIVAL_POISSON, 2);
    struct day_point points[] = {{0, 0}, {SIM_HOUR / 2, 1}, {SIM_HOUR, 0}};
    s.arrivals->shape.daily = points;
    s.arrivals->shape.daily_count = 3;
    rate = rate_of(&s.world.config, 0);
    rate_cell_fill(&cell, &rate, 0);
    ck_assert_double_eq_tol(cell.total, 3600, 1e-9);
    ck_assert_double_eq(rate_cell_time(&cell, 0), 0);
    ck_assert_double_eq_tol(rate_cell_time(&cell, 450), 900e9, 1);
    ck_assert_double_eq_tol(rate_cell_time(&cell, 1800), 1800e9, 1);
    ck_assert_double_eq_tol(rate_cell_time(&cell, 3150), 2700e9, 1);
    ck_assert_double_le(rate_cell_time(&cell, nextafter(cell.total, 0)), 3600e9);
    rate_cell_fill(&cell, &rate, 1);
    ck_assert_double_eq(cell.total, 0);
    release();
}
END_TEST

/* Where the rate is 0 nothing arrives, and nothing is divided by it. */
START_TEST(gaps_in_an_hour)
{
    shape_init(&s, ARRIVAL_POISSON, 1);
    struct event_config closed[] = {{.from_ns = 0, .to_ns = 600 * SIM_SECOND},
                                    {.from_ns = 1200 * SIM_SECOND, .to_ns = 3000 * SIM_SECOND}};
    s.arrivals->shape.events = closed;
    s.arrivals->shape.event_count = 2;
    rate = rate_of(&s.world.config, 0);
    rate_cell_fill(&cell, &rate, 0);
    ck_assert_double_eq_tol(cell.total, 1200, 1e-9);
    ck_assert_double_eq_tol(rate_cell_time(&cell, 0), 600e9, 1e-3);
    ck_assert_double_eq_tol(rate_cell_time(&cell, 599), 1199e9, 1);
    ck_assert_double_eq_tol(rate_cell_time(&cell, 600), 3000e9, 1);
    ck_assert_double_eq_tol(rate_cell_time(&cell, 601), 3001e9, 1);
    release();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {lines_follow_the_rate, fast_growth, a_triangle_by_hand, gaps_in_an_hour, NULL};
    return case_main("rate_cell", tests);
}
