/* anytime.h - confidence limits of a mean that hold at every number of observations at once.
 *
 * An ordinary 95 % interval is right in 95 % of the cases at a number of observations that was fixed beforehand.
 * Whoever looks after every observation and stops when he likes what he sees needs limits that are right at all times
 * together. These are, for independent observations from a normal distribution whose variance is unknown:
 *
 *     mean +- sqrt(u Q / n),   u = (A - 1) / (1 - A k),   A = ((1 / e + 1) / 2 * sqrt(1 + n / c))^(2 / n),   k = c / (n
 * + c)
 *
 * with n observations, Q the sum of their squared deviations from their mean, and e the error: the probability that the
 * lower (or the upper) limit is ever on the wrong side of the true mean is at most e. Infinite while A k >= 1.
 *
 * It is the inverse of Student's t test made sequential (Rushton, Biometrika 37, 1950; Lai, Annals of Statistics 4,
 * 1976; Wang & Ramdas, Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance,
 * Sequential Analysis 44, 2025): B = (1 + n / c)^(-1/2) ((1 + u) / (1 + k u))^(n/2) with u = n mean^2 / Q is the ratio
 * of the densities of the observations up to scale, with mean / deviation from a normal distribution of variance 1 / c
 * and with mean 0. It has expectation 1 at all n if the mean is 0, so it ever exceeds 1 / e with probability e at most
 * (Ville). For one side the normal distribution is halved: that ratio is at least 2 B - 1 where the mean of the
 * observations is on this side, for the other half adds no more than 1/2 there. Hence (1 / e + 1) / 2.
 *
 * Between 5 and 300 normal observations an error of 5 % comes to 1.4 % (test_select.c). Observations that are not
 * normal cost more: of exponential values, turned round, the lower limit is wrong in 13 % of the cases, not in 5 %.
 * Means and percentiles of thousands of requests are far closer to normal than these.
 */
#ifndef ANALYSIS_ANYTIME_H
#define ANALYSIS_ANYTIME_H

#include <stddef.h>

/* The c above: means are expected within a few deviations of the point that they are compared to. The half width
 * depends little on it: from 0.03 to 0.3 by a twentieth at 20 or more observations; small values help few observations.
 */
#define ANYTIME_SPREAD 0.05

/* Distance of either limit from the mean of `count` observations whose squared deviations from it add up to `squares`
 * (>= 0). error: 0 < error < 1, of one limit. Infinity if there are too few observations to say anything (fewer than 2;
 * about 5 at an error of 1e-4, 3 at 0.01); 0 if they are all equal.
 */
double anytime_half_width(size_t count, double squares, double error);

#endif
