/* select.h - the best of many simulated points, with a stated probability of being right.
 *
 * A point is a setting of something; observation r of it are its figures in replication r: the objective, of which
 * less is better, and figures that have limits. Whoever runs replications asks which are wanted, observes them, and
 * lets judge, until an answer is there:
 *
 *     select_enter(...) for every point
 *     while ((count = select_wanted(select, wants)) > 0) {
 *         run the replications; select_observe(...) each, those of a point in order
 *         select_judge(select);
 *     }
 *     switch (select_answer(select)) ...
 *
 * WHAT IS PROMISED. A point is desirable if the mean of every limited figure is at most limit - tolerance, and
 * unacceptable if that of one is limit + tolerance or more; between, it lies on the limit and may be taken for either.
 * With probability 1 - error the procedure does not give a wrong answer. Wrong is: a best point that is unacceptable,
 * or whose mean objective is more than the indifference above that of a desirable point; `infeasible` although there is
 * a desirable point. Undecided is not wrong. The observations are taken to be normal, with any variances; those of
 * different replications independent; those of one replication may depend on each other in any way, so all points
 * should meet the same random numbers: what is compared are differences, and these vary less then.
 *
 * HOW. Every comparison is a confidence limit that holds at all times together (anytime.h). A figure is declared within
 * its limit once its upper confidence limit is below limit + tolerance, and beyond it once the lower one is above
 * limit - tolerance. The candidate is the point within all limits with the lowest mean. It is the answer when for each
 * other point not declared beyond a limit the mean of (objective of that point - objective of the candidate), over the
 * replications that both have, has its lower confidence limit at -indifference or above. Nothing is ever thrown away: a
 * point that the candidate passes in this sense rests, and if the candidate changes it is compared with the new one.
 *
 * WHY. Let b be the best desirable point. What must go right is: no limit of b is judged wrongly (limit_count cases);
 * for each unacceptable point, one limit that it fails (one case each); for each other point, its comparison with b
 * (one case each: the answer j has passed b, so either mean j <= mean b + indifference or that confidence limit was
 * wrong). Each case gets the error / (points - 1 + limit_count): no event is counted twice, and other pairs do not
 * matter. Since the limits hold at all times it does not matter when, how often or how unequally points are observed,
 * which is the candidate, or that the candidate was chosen by looking: the case of a pair is about all n at once.
 * Points may come late, and catch up from their replication 0. Points rejected from outside before the first
 * observation do not count.
 *
 * It is Kim & Nelson's problem (A fully sequential procedure for indifference-zone selection in simulation, ACM TOMACS
 * 11, 2001) with limits as in Andradottir & Kim (Fully sequential procedures for comparing constrained systems via
 * simulation, Naval Research Logistics 57, 2010). Their triangles have a size fixed by the variance of the first n0
 * observations and by the indifference; limits at all times use the variance of all observations, end sooner the
 * larger the differences are, are as wide at the triangle's tip from 15 observations on, and promise that the answer is
 * within the indifference however the means lie (as Ma & Henderson, An efficient fully sequential selection procedure
 * guaranteeing probably approximately correct selection, Winter Simulation Conference 2017), not only if no other point
 * is. Waiting for strict differences is not needed, so points that are alike cost no more than points at the
 * indifference.
 *
 * Cost: each judgement takes points x observations additions; memory points x observations x figures.
 */
#ifndef ANALYSIS_SELECT_H
#define ANALYSIS_SELECT_H

#include <stdbool.h>
#include <stddef.h>

struct select_plan {
    size_t count;              /* points, numbered from 0; at least 1 */
    size_t limit_count;        /* limited figures of each; 0 or more */
    const double *limits;      /* of each: figure < limit; for `>` the caller negates both. Copied */
    const double *tolerances;  /* of each, >= 0, in the unit of the figure. Copied */
    double indifference;       /* in the unit of the objective, >= 0 ... */
    double indifference_share; /* ... plus this share of |mean objective of the candidate|, >= 0. One may be 0 */
    double error;              /* probability of a wrong answer, 0 to 1 excluded */
    double bound_error;        /* of select_upper_limit ever being wrong, 0 to 1 excluded */
    size_t first;              /* observations of a point before it is judged; at least 2, better 8 or more */
    size_t most;               /* observations of a point; at least `first` */
};

/* Where a point stands, with what a person reads. */
#define SELECT_STATE_LIST(ITEM)                                          \
    ITEM(SELECT_WAITING, "not begun")                                    \
    ITEM(SELECT_IN_PLAY, "undecided")                                    \
    ITEM(SELECT_BEST, "best")                                            \
    ITEM(SELECT_LEVEL, "as good within the indifference")                \
    ITEM(SELECT_PASSED, "worse, and better by the indifference at most") \
    ITEM(SELECT_BEATEN, "worse")                                         \
    ITEM(SELECT_INFEASIBLE, "beyond a limit")                            \
    ITEM(SELECT_REJECTED, "rejected")

/* SELECT_BEST: the candidate. Against the candidate, by the differences over common replications:
 * SELECT_LEVEL: shown to be better by the indifference at most, and the means differ by no more than it;
 * SELECT_PASSED: shown to be better by the indifference at most, and its mean is worse by more than it;
 * SELECT_BEATEN: shown to be worse. */
enum select_state {
#define SELECT_STATE_MEMBER(name, text) name,
    SELECT_STATE_LIST(SELECT_STATE_MEMBER)
#undef SELECT_STATE_MEMBER
};

enum select_feasibility {
    SELECT_OPEN,   /* not declared yet */
    SELECT_WITHIN, /* all limits (of a point), or this limit */
    SELECT_BEYOND  /* at least one limit, or this limit */
};

enum select_answer {
    SELECT_GOING_ON,     /* replications are wanted */
    SELECT_DECIDED,      /* select_best is the answer; those in state SELECT_LEVEL cannot be told apart from it */
    SELECT_UNDECIDED,    /* points have `most` observations; in play are those that are left besides the candidate */
    SELECT_NONE_FEASIBLE /* all points are beyond a limit or rejected; select_nearest */
};

/* Replications `from` to from + count - 1 of a point. */
struct select_want {
    size_t point;
    size_t from;
    size_t count;
};

/* A mean with the limits that hold at all times, each at the error of one case (select_case_error). low and high are
 * infinite while there are too few observations, the mean is NaN without any.
 */
struct select_interval {
    double mean;
    double low;
    double high;
    size_t count;
};

#define SELECT_NOBODY ((size_t)-1)

struct select;

struct select *select_create(const struct select_plan *plan);
void select_destroy(struct select *select);

/* Brings a waiting point into play. At any time; in an order that does not depend on what was observed, or does. */
void select_enter(struct select *select, size_t point);

/* Takes a point out of play because the caller knows better. A point rejected after observations counts as answered:
 * the caller must be sure of it (say with select_upper_limit).
 */
void select_reject(struct select *select, size_t point);

/* The observations that are wanted now, at most one entry a point, into `wants` (room for plan.count), by number of the
 * point. Returns how many entries; 0 when the points in play are settled or at their `most`. At first `first`
 * observations of each point, later a few (a tenth of those it has, at least 1) before the next judgement.
 */
size_t select_wanted(const struct select *select, struct select_want *wants);

/* The next observation of a point in play. objective and plan.limit_count figures, all finite: a point that has none is
 * for the caller to reject.
 */
void select_observe(struct select *select, size_t point, double objective, const double *figures);

/* Declares limits kept or failed, chooses the candidate, compares. After all that was wanted was observed, or rejected.
 */
void select_judge(struct select *select);

/* The answer about the points that have entered, as of the last judgement. What waits is not part of it. */
enum select_answer select_answer(const struct select *select);

/* The candidate: a feasible point with the lowest mean; SELECT_NOBODY while no point is declared feasible. */
size_t select_best(const struct select *select);

/* Among the points that were observed and not rejected, the one that misses its limits least: the smallest of the
 * largest excess (select_excess). SELECT_NOBODY if no point was observed.
 */
size_t select_nearest(const struct select *select);

/* Largest (mean - limit) / |limit| over the limits of a point, the absolute excess where the limit is 0; negative if
 * all means are below. *limit: which (may be NULL). -infinity without limits.
 */
double select_excess(const struct select *select, size_t point, size_t *limit);

enum select_state select_state(const struct select *select, size_t point);
const char *select_state_text(enum select_state state);
enum select_feasibility select_feasibility(const struct select *select, size_t point);

/* Whether a limited figure lies on the limit as far as is known: its interval contains the limit. */
bool select_is_on_limit(const struct select *select, size_t point, size_t limit);

size_t select_count(const struct select *select, size_t point); /* observations so far */
struct select_interval select_objective(const struct select *select, size_t point);
struct select_interval select_figure(const struct select *select, size_t point, size_t limit);

/* Objective of a - objective of b, over the replications that both have. */
struct select_interval select_difference(const struct select *select, size_t a, size_t b);

/* Upper confidence limit of the mean objective of the candidate, right at all times and for every candidate together
 * with probability 1 - bound_error. Infinity without a candidate. A waiting point that is known not to be below it,
 * less the indifference, need not enter; this must still hold when the answer is given, so ask again at the end.
 */
double select_upper_limit(const struct select *select);

/* What the indifference is at present, in the unit of the objective: with a share, that of the candidate. */
double select_indifference(const struct select *select);

/* How much better than the candidate any point that is not infeasible may be, at most: the optimality gap. 0 or more;
 * at most the indifference once decided; infinity without a candidate or for points not compared yet.
 */
double select_gap(const struct select *select);

size_t select_case_count(const struct select *select); /* points - 1 + limit_count */
double select_case_error(const struct select *select); /* error of each */

#endif
