/* pack_values.h - packs of histograms with given values, for tests. */
#ifndef TESTS_PACK_VALUES_H
#define TESTS_PACK_VALUES_H

#include <stdlib.h>

#include "sim/histogram_pack.h"
#include "sim/memory.h"

static inline void pack_value(struct sim_histogram_pack *pack, int64_t value)
{
    struct sim_histogram *one = sim_allocate(1, sizeof *one);
    sim_histogram_add(one, value);
    sim_histogram_pack_take(pack, one);
    free(one);
}

#endif
