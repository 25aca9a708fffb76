/* bench_scenarios.c - whole scenarios on one thread, statistics on, trace off: requests per second of wall time.
 *
 *   bench_scenarios [seconds of simulated time]
 *
 * Runs the program itself, so that what is measured is what users have. Each figure is the best of several runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    RUNS = 5
};

struct row {
    const char *work;
    const char *scenario;
    double rate_per_s; /* requests per simulated second */
    double simulated_s;
    double must; /* million requests per second */
    double aim;
};

static const struct row rows[] = {
    {"processor sharing, 100 req/s, autoscaled", "scenarios/bench-sharing.yaml", 100, 40000, 5, 25},
    {"continuous batching, 512 + 256 tokens", "scenarios/bench-batching.yaml", 40, 40000, 2, 10},
    {"M/M/1 at 0.9, through the program", "scenarios/mm1.yaml", 0.9, 4e6, 0, 0},
};

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Wall seconds of one run; the child's peak memory goes to *peak_mb. */
static double run_once(const char *scenario, double simulated_s, double *peak_mb)
{
    const char *program = getenv("CAPSIM") ? getenv("CAPSIM") : "build/capsim";
    char duration[64];
    snprintf(duration, sizeof duration, "duration=%.0f s", simulated_s);
    double start_s = now_s();
    fflush(stdout); /* or the child would print it again */
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(3);
        execl(program, program, "run", scenario, "--set", duration, "--replications", "1", "--jobs", "1", "--quiet",
              (char *)NULL);
        _exit(3);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        fprintf(stderr, "%s run %s failed\n", program, scenario);
        exit(3);
    }
    *peak_mb = (double)usage.ru_maxrss / 1024;
    return now_s() - start_s;
}

int main(int count, char **arguments)
{
    printf("%-44s %10s %8s %6s %6s %8s\n", "work", "M req/s", "ns/req", "must", "aim", "peak MB");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double simulated_s = count > 1 ? atof(arguments[1]) : rows[i].simulated_s;
        double best_s = 1e300;
        double peak_mb = 0;
        for (int run = 0; run < RUNS; run++) {
            double wall_s = run_once(rows[i].scenario, simulated_s, &peak_mb);
            best_s = wall_s < best_s ? wall_s : best_s;
        }
        double requests = rows[i].rate_per_s * simulated_s;
        printf("%-44s %10.2f %8.0f %6.0f %6.0f %8.1f\n", rows[i].work, requests / best_s / 1e6, best_s / requests * 1e9,
               rows[i].must, rows[i].aim, peak_mb);
    }
    return 0;
}
