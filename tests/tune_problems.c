/* tune_problems.c - searches whose best setting is known. */
#include "tests/tune_problems.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>

/* Mean time in an M/M/c queue (Erlang's C formula), arrival rate a, service rate m. */
static double erlang_latency(size_t servers, double a, double m)
{
    double load = a / m;
    double sum = 0;
    for (unsigned k = 0; k < servers; k++)
        sum += pow(load, k) / gsl_sf_fact(k);
    double last =
        pow(load, (double)servers) / gsl_sf_fact((unsigned)servers) * (double)servers / ((double)servers - load);
    return 1 / m + last / (sum + last) / ((double)servers * m - a);
}

static double latency_from_5(size_t point)
{
    return erlang_latency(5 + point, 4.5, 1);
}

static double weighted_from_5(size_t point)
{
    return 730 * (double)(5 + point) + 5000 * latency_from_5(point);
}

/* 5 to 8 servers with 4.5 of 6 customers, 4 to 8 slow ones with 1.5. */
static double latency_of_two(size_t point)
{
    return 0.75 * erlang_latency(5 + point / 5, 4.5, 1) + 0.25 * erlang_latency(4 + point % 5, 1.5, 0.5);
}

/* See test_keep_alive.c: windows of 2, 3, ... ticks of 1 s. */
static double cold_share_from_2(size_t point)
{
    return exp(-0.3 * (double)(2 + point)) * (1 - exp(-0.3)) / 0.3;
}

#define SERVERS_5_TO_12 "pools.servers.min_containers=[5, 6, 7, 8, 9, 10, 11, 12]"
#define WINDOWS "pools.kept.scaledown_window=[2 s, 3 s, 4 s, 5 s, 6 s, 7 s, 8 s, 9 s, 10 s, 11 s, 12 s]"
#define COST "cost_usd_per_month"

const struct problem tune_problems[] = {
    {
        .name = "staffing-mean",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12},
        .minimise = COST,
        .limits = {"latency_mean_s<1.2 s"},
        .formula = latency_from_5,
    },
    {
        .name = "staffing-p95",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12},
        .minimise = COST,
        .limits = {"latency_p95_s<3.3 s"},
    },
    {
        .name = "staffing-at-the-limit",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12},
        .minimise = COST,
        .limits = {"latency_mean_s<1.087 s"},
        .formula = latency_from_5,
    },
    {
        .name = "staffing-just-beyond",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12},
        .minimise = COST,
        .limits = {"latency_mean_s<1.265 s"},
        .formula = latency_from_5,
    },
    {
        .name = "staffing-two-limits",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12},
        .minimise = COST,
        .limits = {"wait_p95_s<0.8 s", "latency_mean_s<1.15 s"},
        .formula = latency_from_5,
    },
    {
        .name = "staffing-infeasible",
        .scenario = "servers",
        .vary = {"pools.servers.min_containers=[5, 6]"},
        .minimise = COST,
        .limits = {"latency_mean_s<1.2 s"},
        .formula = latency_from_5,
    },
    {
        .name = "fastest-for-money",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12},
        .minimise = "latency_mean_s",
        .limits = {"cost_usd_per_month<6000 USD"},
    },
    {
        .name = "weighted",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12},
        .minimise = "1*cost_usd_per_month + 5000*latency_mean_s",
        .formula = weighted_from_5,
    },
    {
        .name = "weighted-near-tie",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12},
        .minimise = "1*cost_usd_per_month + 3760*latency_mean_s",
    },
    {
        .name = "weighted-second-just-worse",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12},
        .minimise = "1*cost_usd_per_month + 4300*latency_mean_s",
    },
    {
        .name = "equal-settings",
        .scenario = "servers",
        .vary = {SERVERS_5_TO_12, "pools.servers.scaledown_window=[10 s, 20 s, 30 s]"},
        .minimise = COST,
        .limits = {"latency_mean_s<1.2 s"},
    },
    {
        .name = "two-pools",
        .scenario = "two",
        .vary = {"pools.servers.min_containers=[5, 6, 7, 8]", "pools.slow.min_containers=[4, 5, 6, 7, 8]"},
        .minimise = COST,
        .limits = {"latency_mean_s<1.45 s"},
        .formula = latency_of_two,
    },
    {
        .name = "two-pools-weighted",
        .scenario = "two",
        .vary = {"pools.servers.min_containers=[5, 6, 7, 8]", "pools.slow.min_containers=[4, 5, 6, 7, 8]"},
        .minimise = "1*cost_usd_per_month + 2000*latency_mean_s",
    },
    {
        .name = "keep-alive",
        .scenario = "keep",
        .vary = {WINDOWS},
        .minimise = COST,
        .limits = {"cold_request_share<10%"},
        .formula = cold_share_from_2,
    },
    {
        .name = "keep-alive-all-alike",
        .scenario = "keep",
        .vary = {WINDOWS},
        .minimise = "1*cost_usd_per_month + 740*cold_request_share",
    },
    {
        .name = "shared-inputs",
        .scenario = "sharing",
        .setting = "workloads.callers.arrivals.rate=14 req/s",
        .vary = {"pools.sharing.max_inputs=[1, 2, 3, 4, 6, 8, 12, 16]"},
        .minimise = "latency_p95_s",
    },
    {
        .name = "shared-inputs-and-containers",
        .scenario = "sharing",
        .vary = {"pools.sharing.min_containers=[2, 3, 4, 5]", "pools.sharing.max_inputs=[2, 4, 8]"},
        .minimise = COST,
        .limits = {"latency_p95_s<1.3 s"},
    },
    {
        .name = "cold-starts",
        .scenario = "elastic",
        .vary = {"pools.elastic.scaledown_window=[10 s, 20 s, 30 s, 60 s, 120 s]",
                 "pools.elastic.min_containers=[1, 2, 3]"},
        .minimise = COST,
        .limits = {"latency_p95_s<1.72 s"},
    },
    {
        .name = "target-and-buffer",
        .scenario = "elastic",
        .vary = {"pools.elastic.target_inputs=[1, 2, 3, 4]", "pools.elastic.buffer_containers=[0, 1, 2]"},
        .minimise = COST,
        .limits = {"latency_p95_s<1.55 s"},
    },
    {
        .name = "rush-hour",
        .scenario = "changing",
        .vary = {"pools.servers.min_containers=[8, 9, 10, 11, 12, 13, 14, 15]"},
        .minimise = COST,
        .limits = {"latency_p95_s<3.6 s"},
    },
    {
        .name = "short-runs",
        .scenario = "servers",
        .setting = "duration=6100 s",
        .vary = {SERVERS_5_TO_12},
        .minimise = COST,
        .limits = {"latency_mean_s<1.2 s"},
        .formula = latency_from_5,
    },
    {
        .name = "short-runs-keep-alive",
        .scenario = "keep",
        .setting = "duration=24100 s",
        .vary = {WINDOWS},
        .minimise = COST,
        .limits = {"cold_request_share<10%"},
        .formula = cold_share_from_2,
    },
};
const size_t tune_problem_count = sizeof tune_problems / sizeof tune_problems[0];
