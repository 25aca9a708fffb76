/* elementary_internal.h - the tables behind sim_exp and sim_log. The values were computed with 60 decimal digits and
 * rounded once; the unit test of elementary.c computes them anew in long double.
 */
#ifndef SIM_ELEMENTARY_INTERNAL_H
#define SIM_ELEMENTARY_INTERNAL_H

#define SIM_ELEMENTARY_TABLE_BITS 7
#define SIM_ELEMENTARY_TABLE_SIZE (1 << SIM_ELEMENTARY_TABLE_BITS)

/* 2^(i/128) = power * (1 + tail), for i = 0 to 127. */
struct sim_elementary_table_power {
    double power;
    double tail;
};

/* The interval i of the reduced argument z (see SIM_ELEMENTARY_LOG_LOWEST): a number of at most 11 bits near 1/z, and
 * minus its logarithm as a multiple of 2^-42 plus the rest.
 */
struct sim_elementary_table_logarithm {
    double inverse;
    double high;
    double low;
};

/* z runs from here to twice this: 76 intervals of 1/256 below 1 and 52 of 1/128 above. */
#define SIM_ELEMENTARY_LOG_LOWEST 0x1.68p-1

extern const struct sim_elementary_table_power sim_elementary_table_powers[SIM_ELEMENTARY_TABLE_SIZE];
extern const struct sim_elementary_table_logarithm sim_elementary_table_logarithms[SIM_ELEMENTARY_TABLE_SIZE];

#endif
