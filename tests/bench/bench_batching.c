/* bench_batching.c - simulated requests per second of the batching servers alone: four of them, Poisson arrivals of 40
 * requests per second in all and in turn, 512 tokens in, 256 out, on something like an A100.
 *
 * Usage: bench_batching [requests [kv_tokens]]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "models/batching.h"
#include "sim/memory.h"

enum {
    SERVERS = 4,
    GAPS = 1 << 16,
    MAX_INPUTS = 256,
    TAKEN = 64
};

/* Gaps between arrivals, drawn before the clock starts and used in a ring. */
static sim_time_ns *draw_gaps(double rate)
{
    sim_time_ns *gaps = sim_allocate(GAPS, sizeof *gaps);
    uint64_t state = 1;
    for (int i = 0; i < GAPS; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        double uniform = ((double)(state >> 11) + 0.5) * 0x1p-53;
        gaps[i] = sim_time_from_s(-log(uniform) / rate);
    }
    return gaps;
}

struct cluster {
    struct batching_profile profile;
    struct batching *servers[SERVERS];
    sim_time_ns next_ns[SERVERS];
    uint32_t inside[SERVERS];
    uint64_t completed;
    uint64_t looks;
    sim_time_ns latency_ns; /* sum from admission to the last token: keeps the work from being optimised away */
};

static void cluster_init(struct cluster *cluster, int64_t kv_tokens)
{
    const struct batching_point points[] = {{1, 0.012}, {16, 0.012}, {64, 0.020}, {256, 0.045}};
    struct batching_parameters parameters = {
        .points = points,
        .point_count = sizeof points / sizeof points[0],
        .cached_token_s = 40e-9,
        .prefill_token_s = 40e-6,
        .token_budget = 2048,
        .max_batch = 256,
        .kv_tokens = kv_tokens,
        .kv_block = 16,
    };
    struct sim_error error;
    if (batching_profile_init(&cluster->profile, &parameters, &error) != SIM_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(EXIT_FAILURE);
    }
    for (int i = 0; i < SERVERS; i++) {
        cluster->servers[i] = sim_allocate(1, batching_size(MAX_INPUTS));
        batching_init(cluster->servers[i], MAX_INPUTS);
        cluster->next_ns[i] = SIM_TIME_NEVER;
    }
}

static int first_due(const struct cluster *cluster)
{
    const sim_time_ns *next_ns = cluster->next_ns;
    int low = next_ns[1] < next_ns[0], high = 2 + (next_ns[3] < next_ns[2]);
    return next_ns[high] < next_ns[low] ? high : low;
}

static void take(struct cluster *cluster, int i)
{
    struct batching_completion completions[TAKEN];
    size_t count = batching_take(&cluster->profile, cluster->servers[i], cluster->next_ns[i], completions, TAKEN);
    for (size_t k = 0; k < count; k++)
        cluster->latency_ns += completions[k].completed_ns - completions[k].admitted_ns;
    cluster->looks++;
    cluster->completed += count;
    cluster->inside[i] -= (uint32_t)count;
    cluster->next_ns[i] = batching_next(&cluster->profile, cluster->servers[i]);
}

static void run(struct cluster *cluster, const sim_time_ns *gaps, uint64_t requests)
{
    sim_time_ns now_ns = 0;
    for (uint64_t k = 0; k < requests; k++) {
        now_ns += gaps[k % GAPS];
        for (int i = first_due(cluster); cluster->next_ns[i] <= now_ns; i = first_due(cluster))
            take(cluster, i);
        int i = (int)(k % SERVERS);
        if (cluster->inside[i] == MAX_INPUTS)
            continue;
        batching_submit(&cluster->profile, cluster->servers[i], now_ns, (uint32_t)k, 512, 0, 256);
        cluster->inside[i]++;
        cluster->next_ns[i] = batching_next(&cluster->profile, cluster->servers[i]);
    }
    for (int i = first_due(cluster); cluster->next_ns[i] != SIM_TIME_NEVER; i = first_due(cluster))
        take(cluster, i);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    uint64_t requests = argc > 1 ? strtoull(argv[1], NULL, 10) : 4000000;
    int64_t kv_tokens = argc > 2 ? strtoll(argv[2], NULL, 10) : 400000;
    struct cluster *cluster = sim_allocate(1, sizeof *cluster);
    cluster_init(cluster, kv_tokens);
    sim_time_ns *gaps = draw_gaps(40);
    double start_s = seconds_now();
    run(cluster, gaps, requests);
    double spent_s = seconds_now() - start_s;
    struct batching_totals totals = batching_totals(&cluster->profile, cluster->servers[0], SIM_TIME_NEVER - 1);
    printf("%.2f M requests/s  (%.0f ns each, %.2f looks each; mean batch %.1f, mean service %.2f s, %llu preempted)\n",
           (double)cluster->completed / spent_s * 1e-6, spent_s / (double)cluster->completed * 1e9,
           (double)cluster->looks / (double)cluster->completed, (double)totals.batch_time / (double)totals.busy_time,
           (double)cluster->latency_ns / (double)cluster->completed * 1e-9, (unsigned long long)totals.preemptions);
    printf("%zu bytes a server, state for %d inputs\n", batching_size(MAX_INPUTS), MAX_INPUTS);
    for (int i = 0; i < SERVERS; i++)
        free(cluster->servers[i]);
    free(cluster);
    free(gaps);
    return 0;
}
