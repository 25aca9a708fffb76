/* test_world_limits.c - which slo rows concern which class, and as what. */
#include <math.h>

#include "models/world_internal.h"
#include "tests/world_case.h"

static struct world_case c;

static struct class_limits limits_of(size_t class_index, struct slo_config first, struct slo_config second)
{
    case_init(&c);
    c.config.workload_count = 2;
    c.workloads[0].class_count = 2;
    c.workloads[1].pool = "p1";
    c.slos[0] = first;
    c.slos[1] = second;
    c.config.slo_count = 2;
    struct class_limits *limits = world_limits(&c.config);
    struct class_limits mine = limits[class_index];
    free(limits);
    return mine;
}

static const struct slo_config none = {"all", "latency_p95_s", NAN, 0.5};

static sim_time_ns latency_limit(size_t class_index, const char *scope)
{
    return limits_of(class_index, (struct slo_config){scope, "latency_p95_s", 2, NAN}, none).latency_ns;
}

START_TEST(scopes)
{
    for (size_t i = 0; i < 3; i++)
        assert_at(latency_limit(i, "all"), 2);
    assert_at(latency_limit(0, "workload/w0"), 2);
    assert_at(latency_limit(1, "workload/w0"), 2);
    ck_assert_int_eq(latency_limit(2, "workload/w0"), SIM_TIME_NEVER);
    assert_at(latency_limit(0, "class/first"), 2);
    ck_assert_int_eq(latency_limit(1, "class/first"), SIM_TIME_NEVER);
    assert_at(latency_limit(2, "class/first"), 2);
    ck_assert_int_eq(latency_limit(0, "pool/p1"), SIM_TIME_NEVER);
    assert_at(latency_limit(2, "pool/p1"), 2);
    ck_assert_int_eq(latency_limit(0, "somewhere"), SIM_TIME_NEVER);
}
END_TEST

START_TEST(metrics)
{
    struct class_limits limits = limits_of(0, (struct slo_config){"all", "wait_mean_s", 1, NAN},
                                           (struct slo_config){"all", "ttft_p99_s", 0.25, NAN});
    assert_at(limits.wait_ns, 1);
    assert_at(limits.ttft_ns, 0.25);
    ck_assert_int_eq(limits.latency_ns, SIM_TIME_NEVER);
    limits = limits_of(0, (struct slo_config){"all", "tpot_p50_s", 0.1, NAN},
                       (struct slo_config){"all", "cost_per_month_usd", 100, NAN});
    assert_at(limits.tpot_ns, 0.1);
    ck_assert_int_eq(limits.latency_ns, SIM_TIME_NEVER);
}
END_TEST

START_TEST(the_strictest_holds)
{
    struct class_limits limits = limits_of(0, (struct slo_config){"all", "latency_p95_s", 3, NAN},
                                           (struct slo_config){"class/first", "latency_p50_s", 1, NAN});
    assert_at(limits.latency_ns, 1);
    limits = limits_of(0, none, none); /* lower limits concern no single request */
    ck_assert_int_eq(limits.latency_ns, SIM_TIME_NEVER);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {scopes, metrics, the_strictest_holds};
    return case_main("limits", tests, sizeof tests / sizeof *tests);
}
