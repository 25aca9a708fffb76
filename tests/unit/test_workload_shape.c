/* test_workload_shape.c - arrivals of a rate that changes; and going to the middle of a run. */
#include <stdio.h>
#include <unistd.h>

#include "models/workload.h"
#include "tests/shape_case.h"

static struct shape_case s;
static struct workload workload;

static void start(struct workload *made)
{
    struct sim_error error = {0};
    enum sim_status status = workload_init(made, &s.world.config, 0, 3, 1, &error);
    ck_assert_msg(status == SIM_OK, "%s", error.message);
}

static void add_everything(void)
{
    shape_add_growth(&s, GROWTH_EXPONENTIAL, 3);
    shape_add_day(&s);
    shape_add_week(&s);
    shape_add_months(&s);
    shape_add_events(&s);
    s.arrivals->shape.drift = (struct drift_config){.sd = 0.3, .correlation_ns = 2 * SIM_DAY};
}

static void check_same(struct workload *a, struct workload *b, int count)
{
    for (int i = 0; i < count; i++) {
        const struct request_draw *left = workload_peek(a), *right = workload_peek(b);
        if (!left || !right) {
            ck_assert_ptr_eq(left, right);
            return;
        }
        ck_assert_int_eq(left->arrival_ns, right->arrival_ns);
        ck_assert_uint_eq(left->key, right->key);
        ck_assert_int_eq(left->input_tokens, right->input_tokens);
        ck_assert_int_eq(left->output_tokens, right->output_tokens);
        ck_assert_uint_eq(left->class_index, right->class_index);
        ck_assert(left->work == right->work);
        workload_advance(a);
        workload_advance(b);
    }
}

enum {
    SKIPS = 12
};

/* What follows a time is the same whether everything before was drawn or skipped. */
static void check_skips(sim_time_ns span_ns)
{
    ck_assert_int_eq(sim_distribution_lognormal(&s.world.classes[0][0].output_tokens, 100, 1, NULL), SIM_OK);
    for (int i = 0; i < SKIPS; i++) {
        struct workload skipped;
        sim_time_ns time_ns = span_ns / SKIPS * i + (i % 4 == 0 ? 0 : 123456789 * (sim_time_ns)i);
        if (i % 3 == 0)
            time_ns = time_ns / SIM_HOUR * SIM_HOUR;
        start(&workload);
        for (const struct request_draw *draw; (draw = workload_peek(&workload)) && draw->arrival_ns < time_ns;)
            workload_advance(&workload);
        start(&skipped);
        workload_skip_to(&skipped, time_ns);
        const struct request_draw *next = workload_peek(&skipped);
        ck_assert(!next || next->arrival_ns >= time_ns);
        check_same(&workload, &skipped, 200);
        workload_skip_to(&skipped, time_ns); /* back, too */
        next = workload_peek(&skipped);
        ck_assert(!next || next->arrival_ns >= time_ns);
        workload_release(&skipped);
        workload_release(&workload);
    }
}

START_TEST(poisson_can_be_skipped)
{
    shape_init(&s, ARRIVAL_POISSON, 0.3);
    check_skips(20 * SIM_DAY);
    shape_init(&s, ARRIVAL_POISSON, 0.003);
    check_skips(300 * SIM_DAY);
}
END_TEST

START_TEST(shaped_poisson_can_be_skipped)
{
    shape_init(&s, ARRIVAL_POISSON, 0.02);
    add_everything();
    check_skips(365 * SIM_DAY);
}
END_TEST

START_TEST(bursts_can_be_skipped)
{
    shape_init(&s, ARRIVAL_BURST, 0);
    s.arrivals->count = 100;
    s.arrivals->at_ns = SIM_HOUR;
    check_skips(2 * SIM_HOUR);
}
END_TEST

START_TEST(traces_can_be_skipped)
{
    char path[] = "/tmp/test_workload_shape_XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    fputs("t\n", file);
    for (int i = 0; i < 500; i++)
        fprintf(file, "%d\n", i * 37 / 10);
    fclose(file);
    for (int i = 0; i < 4; i++) {
        shape_init(&s, ARRIVAL_TRACE, 0);
        s.arrivals->file = path;
        s.arrivals->time_column = "t";
        s.arrivals->keep = i % 2 ? 0.4 : 1;
        s.arrivals->repeat = i > 1;
        check_skips(i > 1 ? 3 * SIM_HOUR : SIM_HOUR);
    }
    unlink(path);
}
END_TEST

START_TEST(others_cannot)
{
    static const enum arrival_process processes[] = {ARRIVAL_GAMMA, ARRIVAL_WEIBULL, ARRIVAL_CLOSED};
    for (int i = 0; i < 3; i++) {
        shape_init(&s, processes[i], 0.1);
        s.arrivals->cv = 2;
        s.arrivals->clients = 3;
        start(&workload);
        workload_skip_to(&workload, SIM_DAY + 5);
        const struct request_draw *next = workload_peek(&workload);
        ck_assert(processes[i] == ARRIVAL_CLOSED ? !next : next->arrival_ns >= SIM_DAY + 5);
        workload_release(&workload);
    }
}
END_TEST

/* In order, unique keys, none where the rate is 0, and an end. */
static void check_year(enum arrival_process process)
{
    uint64_t last_cell = 0, last_index = 0, count = 0;
    sim_time_ns before_ns = 0;
    shape_init(&s, process, 0.02);
    s.arrivals->cv = 1.5;
    add_everything();
    start(&workload);
    for (const struct request_draw *draw; (draw = workload_peek(&workload)); workload_advance(&workload), count++) {
        bool is_in_order = draw->arrival_ns >= before_ns;
        before_ns = draw->arrival_ns;
        uint64_t cell = draw->key >> 40, index = draw->key & ((UINT64_C(1) << 40) - 1);
        bool is_fresh = count == 0 || cell > last_cell || (cell == last_cell && index == last_index + 1);
        bool is_in_cell = process != ARRIVAL_POISSON || cell == (uint64_t)(before_ns / SIM_HOUR);
        if (!is_in_order || !is_fresh || !is_in_cell || !(shape_formula(&s, before_ns) > 0))
            ck_abort_msg("request %d, key %llx at %lld ns", (int)count, (unsigned long long)draw->key,
                         (long long)before_ns);
        last_cell = cell;
        last_index = index;
    }
    ck_assert_int_lt(before_ns, 365 * SIM_DAY);
    ck_assert_uint_gt(count, 100000);
    ck_assert_ptr_null(workload_peek(&workload));
    ck_assert_double_eq_tol(workload_offered_rate(&workload) * 365 * 86400,
                            rate_expected(&s.world.config, 0, 0, 365 * SIM_DAY), 1e-3);
    workload_release(&workload);
}

START_TEST(a_year_with_a_month_of_nothing)
{
    check_year(ARRIVAL_POISSON);
    check_year(ARRIVAL_GAMMA);
    check_year(ARRIVAL_WEIBULL);
}
END_TEST

START_TEST(nothing_at_all)
{
    static const enum arrival_process processes[] = {ARRIVAL_POISSON, ARRIVAL_GAMMA};
    for (int i = 0; i < 2; i++) {
        shape_init(&s, processes[i], 5);
        struct event_config closed = {.from_ns = 0, .to_ns = 365 * SIM_DAY, .factor = 0};
        s.arrivals->shape.events = &closed;
        s.arrivals->shape.event_count = 1;
        start(&workload);
        ck_assert_ptr_null(workload_peek(&workload));
        workload_release(&workload);
    }
}
END_TEST

/* A shape that says nothing: the requests of the constant rate, at the same times within the rounding of sums. */
START_TEST(a_shape_of_ones_is_the_constant_rate)
{
    struct workload constant;
    struct event_config nothing = {.from_ns = 0, .to_ns = SIM_DAY, .factor = 1};
    shape_init(&s, ARRIVAL_POISSON, 5);
    start(&constant);
    s.arrivals->shape.events = &nothing;
    s.arrivals->shape.event_count = 1;
    start(&workload);
    for (int i = 0; i < 100000; i++) {
        const struct request_draw *a = workload_peek(&constant), *b = workload_peek(&workload);
        if (a->key != b->key || llabs(a->arrival_ns - b->arrival_ns) > 20000)
            ck_abort_msg("request %d at %lld and %lld ns", i, (long long)a->arrival_ns, (long long)b->arrival_ns);
        workload_advance(&constant);
        workload_advance(&workload);
    }
    workload_release(&workload);
    workload_release(&constant);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {poisson_can_be_skipped,
                                  shaped_poisson_can_be_skipped,
                                  bursts_can_be_skipped,
                                  traces_can_be_skipped,
                                  others_cannot,
                                  a_year_with_a_month_of_nothing,
                                  nothing_at_all,
                                  a_shape_of_ones_is_the_constant_rate,
                                  NULL};
    return case_main("workload_shape", tests);
}
