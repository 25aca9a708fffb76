/* integer.h - integers of 128 bits, for sums and products that must be exact. gcc and clang have them on every
 * 64-bit machine; ISO C does not name them.
 */
#ifndef SIM_INTEGER_H
#define SIM_INTEGER_H

__extension__ typedef __int128 sim_int128;
__extension__ typedef unsigned __int128 sim_uint128;

#endif
