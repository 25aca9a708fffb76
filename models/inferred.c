/* inferred.c - looks through the policies' lists. */
#include "models/inferred.h"

#include <string.h>

#include "models/autoscaler.h"

const struct inferred_rule *inferred_find(const char *key)
{
    for (size_t i = 0; autoscaler_policies[i]; i++)
        for (const struct inferred_rule *rule = autoscaler_policies[i]->inferred; rule->rule; rule++)
            if (rule->key && strcmp(rule->key, key) == 0)
                return rule;
    return NULL;
}
