/* inline.h - for the few functions that every event passes through. Compilers judge by size, not by how often a
 * function runs, and call what is big; saving and restoring registers then costs more than such a function does.
 * Where the ordinary way is straight, rare ones are moved out of it and may not claim its registers.
 */
#ifndef SIM_INLINE_H
#define SIM_INLINE_H

#define SIM_ALWAYS_INLINE __attribute__((always_inline)) static inline

/* Kept out of its only caller, which would have to save registers for it on every other way. */
#define SIM_NEVER_INLINE __attribute__((noinline))

/* The claim, which mostly does not hold. */
#define SIM_RARELY(claim) __builtin_expect((claim) != 0, 0)

#endif
