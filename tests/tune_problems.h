/* tune_problems.h - searches whose best setting is known. */
#ifndef TESTS_TUNE_PROBLEMS_H
#define TESTS_TUNE_PROBLEMS_H

#include <stddef.h>

enum {
    PROBLEM_VARY_MAX = 2,
    PROBLEM_LIMITS_MAX = 2
};

struct problem {
    const char *name;
    const char *scenario; /* tests/theory/tune/SCENARIO.yaml */
    const char *setting;  /* PATH=VALUE; NULL: none */
    const char *vary[PROBLEM_VARY_MAX];
    const char *minimise;
    const char *limits[PROBLEM_LIMITS_MAX];
    double (*formula)(
        size_t point); /* of the last limited figure, without limits of the objective; NULL: none is known */
};

extern const struct problem tune_problems[];
extern const size_t tune_problem_count;

#endif
