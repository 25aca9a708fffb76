/* inline.h - for the few functions that every event passes through. Compilers judge by size, not by how often a
 * function runs, and call what is big; saving and restoring registers then costs more than such a function does.
 */
#ifndef SIM_INLINE_H
#define SIM_INLINE_H

#define SIM_ALWAYS_INLINE __attribute__((always_inline)) static inline

#endif
