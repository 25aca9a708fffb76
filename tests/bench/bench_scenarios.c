/* bench_scenarios.c - whole scenarios, statistics on, trace off: requests per second of processor time.
 *
 *   bench_scenarios [share]     of the simulated time, for a quick look; 1 by default
 *
 * Runs the program itself, so that what is measured is what users have. Three tables: the work for which goals are
 * set; a year, from a shorter run; and how the cost of a request depends on the number of containers and the rate,
 * where it may grow with the logarithm of the containers. Each figure is the best of several runs. On a machine that
 * others use too, wall time says how many they are; only the year, which takes two processors, is given in both.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    RUNS = 5,
    SETTINGS = 8
};

#define YEAR_S (365 * 86400.0)

/* One run of the program: a scenario and what is set in it. */
struct task {
    const char *scenario;
    const char *jobs;
    char settings[SETTINGS][64]; /* PATH=VALUE; the first empty one ends the list */
};

struct cost {
    double cpu_s; /* of all threads */
    double wall_s;
    double peak_mb;
};

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

static void execute(const char *program, const struct task *task)
{
    char *arguments[9 + 2 * SETTINGS] = {
        (char *)program, "run", (char *)task->scenario, "--replications", "1", "--jobs", (char *)task->jobs, "--quiet"};
    int count = 8;
    for (int i = 0; i < SETTINGS && task->settings[i][0]; i++) {
        arguments[count++] = "--set";
        arguments[count++] = (char *)task->settings[i];
    }
    if (freopen("/dev/null", "w", stdout))
        execv(program, arguments);
    _exit(3);
}

static struct cost run_once(const struct task *task)
{
    const char *given = getenv("CAPSIM");
    const char *program = given ? given : "build/capsim";
    double start_s = now_s();
    fflush(stdout); /* or the child would print it again */
    pid_t child = fork();
    if (child == 0)
        execute(program, task);
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        fprintf(stderr, "%s run %s failed\n", program, task->scenario);
        exit(3);
    }
    return (struct cost){
        .cpu_s = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
        .wall_s = now_s() - start_s,
        .peak_mb = (double)usage.ru_maxrss / 1024,
    };
}

/* The shortest times and the highest peak. */
static struct cost run_several(const struct task *task, int runs)
{
    struct cost best = {INFINITY, INFINITY, 0};
    for (int i = 0; i < runs; i++) {
        struct cost cost = run_once(task);
        best = (struct cost){fmin(best.cpu_s, cost.cpu_s), fmin(best.wall_s, cost.wall_s),
                             fmax(best.peak_mb, cost.peak_mb)};
    }
    return best;
}

/* ---- goals ---- */

struct goal {
    const char *work;
    const char *scenario;
    double rate_per_s; /* requests per simulated second */
    double simulated_s;
    double must; /* million requests per second */
    double aim;
};

static const struct goal goals[] = {
    {"processor sharing, 100 req/s, autoscaled", "scenarios/bench-sharing.yaml", 100, 40000, 8, 25},
    {"continuous batching, 512 + 256 tokens", "scenarios/bench-batching.yaml", 40, 40000, 4, 10},
    {"M/M/1 at 0.9, through the program", "scenarios/mm1.yaml", 0.9, 4e6, 0, 0},
};

static void print_goals(double share)
{
    printf("%-44s %10s %8s %6s %6s %8s\n", "work, one thread", "M req/s", "ns/req", "must", "aim", "peak MB");
    for (size_t i = 0; i < sizeof goals / sizeof *goals; i++) {
        struct task task = {.scenario = goals[i].scenario, .jobs = "1"};
        double simulated_s = goals[i].simulated_s * share;
        snprintf(task.settings[0], sizeof task.settings[0], "duration=%.0f s", simulated_s);
        struct cost cost = run_several(&task, RUNS);
        double requests = goals[i].rate_per_s * simulated_s;
        printf("%-44s %10.2f %8.0f %6.0f %6.0f %8.1f\n", goals[i].work, requests / cost.cpu_s / 1e6,
               cost.cpu_s / requests * 1e9, goals[i].must, goals[i].aim, cost.peak_mb);
    }
}

/* The time of a year at 100 req/s follows from a run of some days: it grows with the requests, memory does not. */
static void print_year(double share)
{
    double simulated_s = 400000 * share;
    struct task task = {.scenario = "scenarios/bench-sharing.yaml", .jobs = "2"};
    snprintf(task.settings[0], sizeof task.settings[0], "duration=%.0f s", simulated_s);
    struct cost cost = run_several(&task, 2);
    double minutes = YEAR_S / simulated_s / 60;
    printf("\na year at 100 req/s, two threads: %.1f min (must 4, aim 1), %.1f if nobody else computes; peak %.1f MB "
           "(must "
           "64, aim 32); from %.1f days\n",
           cost.wall_s * minutes, cost.cpu_s / 2 * minutes, cost.peak_mb, simulated_s / 86400);
}

/* ---- containers and rate ---- */

/* As many containers as given, each with 6.4 of its 12 inputs taken on average: the time of a request is chosen so. */
static struct task scaled_task(int containers, double rate_per_s, double requests)
{
    double time_s = 6.4 * containers / rate_per_s;
    struct task task = {.scenario = "scenarios/bench-sharing.yaml", .jobs = "1"};
    const struct {
        const char *format;
        double value;
    } settings[] = {
        {"duration=%.0f s", requests / rate_per_s},
        {"warm_up=%.0f s", requests / rate_per_s / 10},
        {"workloads.callers.arrivals.rate=%.0f req/s", rate_per_s},
        {"pools.sharing.min_containers=%.0f", containers},
        {"pools.sharing.max_containers=%.0f", containers},
        {"pools.sharing.profile.base_time=%.9f s", 0.75 * time_s},
        {"pools.sharing.profile.per_running=%.9f s", 0.25 / 8 * time_s},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        snprintf(task.settings[i], sizeof task.settings[i], settings[i].format, settings[i].value);
    return task;
}

static void print_scaling(double share)
{
    static const int containers[] = {8, 40, 200, 1000};
    static const double rates_per_s[] = {10, 100, 1000, 10000};
    const double requests = 2e6 * share;
    double smallest_ns = 0;
    printf("\nprocessor sharing: ns per request, and as a multiple of the smallest system's\n%-12s", "containers");
    for (int r = 0; r < 4; r++)
        printf("%10.0f req/s", rates_per_s[r]);
    printf("\n");
    for (int c = 0; c < 4; c++) {
        printf("%-12d", containers[c]);
        for (int r = 0; r < 4; r++) {
            struct task task = scaled_task(containers[c], rates_per_s[r], requests);
            double ns = run_several(&task, 3).cpu_s / requests * 1e9;
            smallest_ns = c + r == 0 ? ns : smallest_ns;
            printf("%8.0f (%4.2f)", ns, ns / smallest_ns);
        }
        printf("\n");
    }
}

int main(int count, char **arguments)
{
    double share = count > 1 ? strtod(arguments[1], NULL) : 1;
    print_goals(share);
    print_year(share);
    print_scaling(share);
    return 0;
}
