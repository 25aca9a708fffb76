/* style.h - colours of a terminal. */
#ifndef ANALYSIS_STYLE_H
#define ANALYSIS_STYLE_H

#include <stdbool.h>

/* Sequences that switch a style on, and `plain` that ends it; all empty without colour. */
struct style {
    const char *bold;
    const char *red;
    const char *green;
    const char *yellow;
    const char *plain;
};

struct style style_of(bool use_color);

#endif
