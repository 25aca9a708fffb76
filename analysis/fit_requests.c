/* fit_requests.c - the search for the coefficients, and how far they can be trusted. */
#include "analysis/fit_requests.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fit_requests_internal.h"
#include "sim/memory.h"
#include "sim/random.h"
#include "sim/variate.h"

enum {
    LEAST_SEEN = 10,
    POINTS = 512, /* of a low-discrepancy sequence, of which the best are where the search begins */
    PLACES = 40,  /* so many */
    GENERATIONS = 200,
    NEAR_PLACES = 20, /* in a sample of the bootstrap */
    NEAR_GENERATIONS = 60,
    ITERATIONS = 150, /* of the simplex at the end */
    BLOCKS = 20
};

#define AT_BOUND 1e-3
#define NEAR 0.05
#define RANDOM_PURPOSE 0x66726571 /* "freq" */

/* A fit in the making. Searches walk in a unit cube, one axis for each parameter that is not known. */
struct search {
    const struct fit_requests_problem *problem;
    struct fit_requests_server server;
    struct fit_requests_times *times;
    double highest[FIT_REQUESTS_PARAMETERS]; /* the lowest are 0 */
    enum fit_requests_parameter axes[FIT_REQUESTS_PARAMETERS];
    size_t axis_count;
    double *weights; /* of the requests */
    double token_s;  /* of a step that does little but decode; 0: no request had two tokens */
    double scale_s;  /* of the differences: one step */
    double best[FIT_REQUESTS_PARAMETERS];
};

/* Of a time in the log, as far as the fit may see it. */
static double difference(const struct search *search, double theirs_s, double ours_s)
{
    double until_s = search->problem->until_s;
    return theirs_s <= until_s ? ours_s - theirs_s : fmin(ours_s - until_s, 0);
}

static double cost_of(const struct search *search, double theirs_s, double ours_s)
{
    double share = difference(search, theirs_s, ours_s) / search->scale_s;
    return isfinite(theirs_s) ? log1p(share * share) : 0;
}

static double cost(struct search *search, const double *parameters)
{
    double sum = 0;
    if (fit_requests_server_set(&search->server, parameters, NULL) != SIM_OK)
        return INFINITY;
    fit_requests_server_run(&search->server, parameters[FIT_REQUESTS_DELAY], search->times, NULL, 0);
    for (size_t i = 0; i < search->problem->count; i++) {
        const struct fit_request *request = &search->problem->requests[i];
        if (search->weights[i] > 0)
            sum += search->weights[i] * (cost_of(search, request->first_s, search->times[i].first_s) +
                                         cost_of(search, request->last_s, search->times[i].last_s));
    }
    return sum;
}

static double within(double share)
{
    return fmin(fmax(share, 0), 1);
}

/* Parameters at a point of the cube; outside of it, those of the nearest point inside. */
static void parameters_at(const struct search *search, const gsl_vector *point, double *parameters)
{
    memset(parameters, 0, FIT_REQUESTS_PARAMETERS * sizeof *parameters);
    for (size_t i = 0; i < search->axis_count; i++)
        parameters[search->axes[i]] = within(gsl_vector_get(point, i)) * search->highest[search->axes[i]];
}

/* What is outside costs more the farther it is. */
static double cost_at(const gsl_vector *point, void *context)
{
    struct search *search = context;
    double parameters[FIT_REQUESTS_PARAMETERS], outside = 0;
    parameters_at(search, point, parameters);
    for (size_t i = 0; i < search->axis_count; i++)
        outside += fabs(gsl_vector_get(point, i) - within(gsl_vector_get(point, i)));
    return cost(search, parameters) * (1 + outside) + outside;
}

/* Walks `point` downhill by the simplex of Nelder and Mead (Computer Journal 7, 1965). */
static void walk(struct search *search, gsl_vector *point, double size)
{
    gsl_multimin_function function = {cost_at, search->axis_count, search};
    gsl_multimin_fminimizer *simplex =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, search->axis_count);
    gsl_vector *steps = gsl_vector_alloc(search->axis_count);
    sim_assert(simplex && steps);
    gsl_vector_set_all(steps, size);
    bool is_fine = gsl_multimin_fminimizer_set(simplex, &function, point, steps) == GSL_SUCCESS;
    for (int i = 0; is_fine && i < ITERATIONS && gsl_multimin_fminimizer_size(simplex) > size * 1e-5; i++)
        is_fine = gsl_multimin_fminimizer_iterate(simplex) == GSL_SUCCESS;
    if (gsl_multimin_fminimizer_minimum(simplex) <= cost_at(point, search))
        gsl_vector_memcpy(point, gsl_multimin_fminimizer_x(simplex));
    gsl_vector_free(steps);
    gsl_multimin_fminimizer_free(simplex);
}

/* A point of the cube and what it costs. */
struct place {
    double cost;
    double shares[FIT_REQUESTS_PARAMETERS];
};

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    return (a->cost > b->cost) - (a->cost < b->cost);
}

/* One generation of differential evolution (Storn, Price, Journal of Global Optimization 11, 1997): a place gives way
 * to a cheaper one that is made of three others. Steps so get as long as the places are apart, in every direction.
 */
static void evolve(struct search *search, struct place *places, size_t count, struct sim_random *random)
{
    for (size_t i = 0; i < count; i++) {
        struct place next = places[i];
        const struct place *a = &places[sim_random_next(random) % count], *b = &places[sim_random_next(random) % count];
        const struct place *from = &places[sim_random_next(random) % count];
        double factor = 0.5 + 0.5 * sim_variate_uniform(random);
        for (size_t k = 0; k < search->axis_count; k++)
            if (sim_variate_uniform(random) < 0.9)
                next.shares[k] = within(from->shares[k] + factor * (a->shares[k] - b->shares[k]));
        gsl_vector_view point = gsl_vector_view_array(next.shares, search->axis_count);
        next.cost = cost_at(&point.vector, search);
        if (next.cost < places[i].cost)
            places[i] = next;
    }
}

/* The points of Sobol's sequence, the cheapest first. */
static void try_points(struct search *search, struct place *places)
{
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)search->axis_count);
    sim_assert(sequence);
    for (int i = 0; i < POINTS; i++) {
        gsl_qrng_get(sequence, places[i].shares);
        gsl_vector_view point = gsl_vector_view_array(places[i].shares, search->axis_count);
        places[i].cost = cost_at(&point.vector, search);
    }
    qsort(places, POINTS, sizeof *places, compare_places);
    gsl_qrng_free(sequence);
}

/* Lets the places come together and writes the parameters at the best. */
static void settle(struct search *search, struct place *places, size_t count, int generations,
                   struct sim_random *random, double *parameters)
{
    for (int i = 0; i < generations; i++)
        evolve(search, places, count, random);
    qsort(places, count, sizeof *places, compare_places);
    gsl_vector_view point = gsl_vector_view_array(places[0].shares, search->axis_count);
    walk(search, &point.vector, 0.001);
    parameters_at(search, &point.vector, parameters);
}

static void find_best(struct search *search)
{
    struct place *places = sim_allocate(POINTS, sizeof *places);
    struct sim_random random;
    sim_random_init(&random, search->problem->seed, 0, RANDOM_PURPOSE, 1, 0);
    try_points(search, places);
    settle(search, places, PLACES, GENERATIONS, &random, search->best);
    free(places);
}

/* The best parameters for other weights, sought about those that are best as it is. */
static void find_near(struct search *search, struct sim_random *random, double *parameters)
{
    struct place places[NEAR_PLACES];
    for (int i = 0; i < NEAR_PLACES; i++) {
        for (size_t k = 0; k < search->axis_count; k++) {
            double share = search->best[search->axes[k]] / search->highest[search->axes[k]];
            double away = i == 0 ? 0 : NEAR * (2 * sim_variate_uniform(random) - 1);
            places[i].shares[k] = within(share + away);
        }
        gsl_vector_view point = gsl_vector_view_array(places[i].shares, search->axis_count);
        places[i].cost = cost_at(&point.vector, search);
    }
    settle(search, places, NEAR_PLACES, NEAR_GENERATIONS, random, parameters);
}

/* ---- Intervals ---- */

/* Weights of a bootstrap sample: blocks of neighbours among the requests that the fit may see. */
static void draw_weights(const struct search *search, struct sim_random *random, const size_t *seen, size_t count)
{
    size_t length = (count + BLOCKS - 1) / BLOCKS;
    memset(search->weights, 0, search->problem->count * sizeof *search->weights);
    for (size_t drawn = 0; drawn < count; drawn += length) {
        size_t first = sim_random_next(random) % (count - length + 1);
        for (size_t i = 0; i < length && drawn + i < count; i++)
            search->weights[seen[first + i]] += 1;
    }
}

static double typical_step(const struct fit_requests *fit, const double *parameters)
{
    return parameters[FIT_REQUESTS_STEP] + parameters[FIT_REQUESTS_CACHED] * fit->typical_cached;
}

/* Sums over replicates. */
struct spread {
    double sum;
    double squares;
};

static void add_to(struct spread *spread, double value)
{
    spread->sum += value;
    spread->squares += value * value;
}

/* Student's interval. Of the blocks, as many degrees of freedom are left as parameters leave over. */
static void set_interval(struct fit_requests_value *value, const struct spread *spread, size_t replicates,
                         size_t parameter_count)
{
    double n = (double)replicates, mean = spread->sum / n, degrees = BLOCKS - (double)parameter_count;
    double deviation = sqrt(fmax(spread->squares / n - mean * mean, 0) * n / (n - 1));
    double half = gsl_cdf_tdist_Pinv(0.975, degrees) * deviation * sqrt(BLOCKS / degrees);
    value->low = fmax(value->value - half, 0);
    value->high = value->value + half;
}

/* The fit again for samples of the requests, each from where the first ended. */
static void find_intervals(struct search *search, struct fit_requests *fit)
{
    const struct fit_requests_problem *problem = search->problem;
    struct spread spreads[FIT_REQUESTS_PARAMETERS] = {{0}}, typical = {0};
    size_t *seen = sim_allocate(problem->count, sizeof *seen), count = 0;
    for (size_t i = 0; i < problem->count; i++)
        if (problem->requests[i].is_fitted)
            seen[count++] = i;
    for (size_t i = 0; i < problem->replicates && !(problem->stop && *problem->stop); i++) {
        struct sim_random random;
        double parameters[FIT_REQUESTS_PARAMETERS];
        sim_random_init(&random, problem->seed, (uint32_t)i, RANDOM_PURPOSE, 0, 0);
        draw_weights(search, &random, seen, count);
        find_near(search, &random, parameters);
        for (size_t k = 0; k < search->axis_count; k++)
            add_to(&spreads[search->axes[k]], parameters[search->axes[k]]);
        add_to(&typical, typical_step(fit, parameters));
        fit->replicates = i + 1;
    }
    for (size_t k = 0; k < search->axis_count && fit->replicates > 1; k++)
        set_interval(&fit->parameters[search->axes[k]], &spreads[search->axes[k]], fit->replicates, search->axis_count);
    if (fit->replicates > 1)
        set_interval(&fit->typical, &typical, fit->replicates, search->axis_count);
    free(seen);
}

/* ---- The fit ---- */

static bool is_seen(const struct fit_requests_problem *problem, double time_s)
{
    return isfinite(time_s) && time_s <= problem->until_s;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The time between two tokens of a request where it was short, and so made of steps that did little else: the first
 * decile. 0 where no request had two.
 */
static double token_time(const struct fit_requests_problem *problem)
{
    double *times = sim_allocate(problem->count, sizeof *times), decile = 0;
    size_t count = 0;
    for (size_t i = 0; i < problem->count; i++) {
        const struct fit_request *request = &problem->requests[i];
        if (is_seen(problem, request->first_s) && is_seen(problem, request->last_s) && request->output > 1)
            times[count++] = (request->last_s - request->first_s) / (request->output - 1);
    }
    if (count > 0) {
        qsort(times, count, sizeof *times, compare_doubles);
        decile = times[count / 10];
    }
    free(times);
    return decile;
}

/* The highest values: each would explain about the whole log alone. */
static void set_ranges(struct search *search)
{
    const struct fit_requests_problem *problem = search->problem;
    double end_s = problem->requests[0].arrival_s, begin_s = INFINITY, prompts = 0;
    for (size_t i = 0; i < problem->count; i++) {
        const struct fit_request *request = &problem->requests[i];
        if (is_seen(problem, request->last_s))
            end_s = fmax(end_s, request->last_s);
        if (!is_seen(problem, request->first_s))
            continue;
        end_s = fmax(end_s, request->first_s);
        begin_s = fmin(begin_s, request->first_s);
        prompts += request->input;
    }
    double token_s = search->token_s, span_s = end_s - problem->requests[0].arrival_s;
    double cached = (double)problem->server.kv_tokens;
    search->highest[FIT_REQUESTS_STEP] = token_s > 0 ? 3 * token_s : span_s;
    search->highest[FIT_REQUESTS_CACHED] = 3 * search->highest[FIT_REQUESTS_STEP] / cached;
    search->highest[FIT_REQUESTS_PREFILL] = span_s / fmax(prompts, 1);
    search->highest[FIT_REQUESTS_DELAY] = isfinite(begin_s) ? begin_s - problem->requests[0].arrival_s : 0;
    for (int i = 0; i < FIT_REQUESTS_PARAMETERS; i++)
        if (!problem->is_known[i] && search->highest[i] > 0)
            search->axes[search->axis_count++] = (enum fit_requests_parameter)i;
}

/* Weights, scale and number of what the fit may see. */
static void look_at(struct search *search, struct fit_requests *fit)
{
    const struct fit_requests_problem *problem = search->problem;
    for (size_t i = 0; i < problem->count; i++) {
        const struct fit_request *request = &problem->requests[i];
        search->weights[i] = request->is_fitted;
        if (request->is_fitted)
            fit->seen += (size_t)is_seen(problem, request->first_s) + (size_t)is_seen(problem, request->last_s);
    }
    search->token_s = token_time(problem);
    search->scale_s = search->token_s > 0 ? search->token_s : 1e-3;
}

static enum sim_status check(const struct search *search, const struct fit_requests *fit, struct sim_error *error)
{
    const struct fit_requests_problem *problem = search->problem;
    if (fit->seen < LEAST_SEEN)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "a fit needs at least %d first and last tokens, not %zu",
                             LEAST_SEEN, fit->seen);
    for (size_t i = 0; i < problem->count; i++)
        if (!batching_fits(&search->server.profile, problem->requests[i].input, problem->requests[i].output))
            return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                                 "request %zu of the log, %u and %u tokens, does not fit into %lld tokens of memory",
                                 i + 1, problem->requests[i].input, problem->requests[i].output,
                                 (long long)problem->server.kv_tokens);
    return SIM_OK;
}

/* What the fit leaves, and the load that it was made at. */
static void judge(struct search *search, struct fit_requests *fit)
{
    const struct fit_requests_problem *problem = search->problem;
    double squares = 0;
    cost(search, search->best);
    for (size_t i = 0; i < problem->count; i++) {
        const struct fit_request *request = &problem->requests[i];
        const double theirs_s[] = {request->first_s, request->last_s};
        const double ours_s[] = {search->times[i].first_s, search->times[i].last_s};
        for (int k = 0; k < 2 && request->is_fitted; k++)
            if (is_seen(problem, theirs_s[k]))
                squares += (ours_s[k] - theirs_s[k]) * (ours_s[k] - theirs_s[k]);
    }
    fit->rms_s = sqrt(squares / (double)fit->seen);
    const struct batching_totals *totals = &search->server.totals;
    fit->typical_running = (double)totals->batch_time / (double)totals->busy_time;
    fit->typical_cached = (double)totals->cached_time / (double)totals->busy_time;
    fit->typical.value = typical_step(fit, search->best);
    fit->typical.low = fit->typical.high = NAN;
    for (int i = 0; i < FIT_REQUESTS_PARAMETERS; i++) {
        double share = search->best[i] / search->highest[i];
        fit->parameters[i] = (struct fit_requests_value){search->best[i], NAN, NAN, false};
        fit->parameters[i].is_at_bound =
            !problem->is_known[i] && i != FIT_REQUESTS_DELAY && (share < AT_BOUND || share > 1 - AT_BOUND);
    }
}

enum sim_status fit_requests_run(const struct fit_requests_problem *problem, struct fit_requests *fit,
                                 struct sim_error *error)
{
    struct search search = {.problem = problem};
    *fit = (struct fit_requests){0};
    fit_requests_server_init(&search.server, problem);
    search.times = sim_allocate(problem->count, sizeof *search.times);
    search.weights = sim_allocate(problem->count, sizeof *search.weights);
    look_at(&search, fit);
    enum sim_status status = fit_requests_server_set(&search.server, search.best, error);
    if (status == SIM_OK)
        status = check(&search, fit, error);
    if (status == SIM_OK) {
        set_ranges(&search);
        if (search.axis_count > 0)
            find_best(&search);
        judge(&search, fit);
        if (search.axis_count > 0)
            find_intervals(&search, fit);
    }
    free(search.weights);
    free(search.times);
    fit_requests_server_release(&search.server);
    return status;
}
