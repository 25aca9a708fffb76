/* inferred.h - rules that no platform publishes, so that ours is one reading of several.
 *
 * Each stands once, with the policy that goes by it: the key that holds it, the other readings that fit what is
 * published, and what somebody who has the platform could measure to tell them apart. `capsim explain`, the notes of
 * every summary and `--sensitivity` go by these lists.
 */
#ifndef MODELS_INFERRED_H
#define MODELS_INFERRED_H

#include <stdbool.h>
#include <stddef.h>

#include "models/config.h"

enum {
    INFERRED_VALUES_MAX = 4 /* besides the default */
};

struct inferred_rule {
    const char *key;  /* of a pool; NULL: a rule without another reading here */
    const char *rule; /* what it decides, a few words; NULL and no key: the end of the list */
    const char *values[INFERRED_VALUES_MAX + 1]; /* other readings than the default, as in a scenario; ended by NULL */
    const char *measure;                         /* what would tell them apart on the real platform, a sentence */
    bool (*matters)(const struct pool_config *pool); /* whether the pool comes to where it decides; NULL: always */
};

/* The rule that a pool's key holds, of whichever policy; NULL: it holds none. */
const struct inferred_rule *inferred_find(const char *key);

/* Whether the rule decides something for the pool. */
static inline bool inferred_matters(const struct inferred_rule *rule, const struct pool_config *pool)
{
    return !rule->matters || rule->matters(pool);
}

#endif
