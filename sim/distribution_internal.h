/* distribution_internal.h - shared by the two sources of distribution.h. */
#ifndef SIM_DISTRIBUTION_INTERNAL_H
#define SIM_DISTRIBUTION_INTERNAL_H

/* log of E[X^2] / E[X]^2 of a Weibull distribution: 0 at inverse_shape 0, and grows with it. */
double sim_distribution_weibull_log_ratio(double inverse_shape);

#endif
