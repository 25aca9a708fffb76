/* variate_table.h - the layers of the two ziggurats of variate.h (Marsaglia and Tsang, "The ziggurat method for
 * generating random variables", Journal of Statistical Software 5(8), 2000).
 *
 * 256 layers of equal area cover the density f, e^-x or e^(-x^2/2). Layer i > 0 is a rectangle from 0 to edge x(i);
 * x(1) is where the tail begins, x(256) = 0. Layer 0 is the tail and the rectangle below f(x(1)); x(0) is the width
 * of a rectangle of that height and the common area. The values were computed with 40 decimal digits and rounded
 * once; the unit test of variate.c checks them against what is said here.
 */
#ifndef SIM_VARIATE_TABLE_H
#define SIM_VARIATE_TABLE_H

#define SIM_VARIATE_TABLE_LAYERS 256

/* Both numbers of a draw lie side by side: one line of the cache per draw. */
struct sim_variate_table_layer {
    double scale; /* x(i) / 2^53 */
    double inner; /* x(i + 1): left of it the rectangle lies wholly below the density */
};

#define SIM_VARIATE_TABLE_EXPONENTIAL_TAIL 0x1.ec9d9297ebb83p2 /* 7.697 */
#define SIM_VARIATE_TABLE_NORMAL_TAIL 0x1.d3bb48209ad33p1      /* 3.654 */

extern const struct sim_variate_table_layer sim_variate_table_exponential[SIM_VARIATE_TABLE_LAYERS];
extern const struct sim_variate_table_layer sim_variate_table_normal[SIM_VARIATE_TABLE_LAYERS];

/* f(x(i)) for i = 1 to 256; element 0 is the height of nothing. */
extern const double sim_variate_table_exponential_heights[SIM_VARIATE_TABLE_LAYERS + 1];
extern const double sim_variate_table_normal_heights[SIM_VARIATE_TABLE_LAYERS + 1];

#endif
