/* world_served.h - warm containers that serve, and when a request was served and how it ended. */
#ifndef TESTS_UNIT_WORLD_SERVED_H
#define TESTS_UNIT_WORLD_SERVED_H

#include "tests/world_case.h"

/* `count` warm containers that take `inputs` requests each; a request takes base_s, however many there are. */
static inline void init_fixed(struct world_case *c, int64_t count, int64_t inputs, double base_s)
{
    case_init(c);
    case_fix(c, count);
    case_serve(c, base_s);
    c->pools[0].max_inputs = inputs;
}

static inline void expect(const struct request_row *row, double start_s, double end_s, enum request_outcome outcome)
{
    assert_at(row->start_ns, start_s);
    assert_at(row->end_ns, end_s);
    ck_assert_str_eq(outcome_names[row->outcome], outcome_names[outcome]);
}

#endif
