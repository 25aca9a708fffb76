/* interrupt.h - Ctrl-C ends a command in good order. */
#ifndef ANALYSIS_INTERRUPT_H
#define ANALYSIS_INTERRUPT_H

#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM sets the flag; a second one ends the program at once. */
void interrupt_catch(void);

/* The flag. */
const volatile bool *interrupt_flag(void);

#endif
