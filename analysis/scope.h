/* scope.h - what a metric is about: everything, one workload, one class, one pool, one alert or one month.
 *
 * Scopes are named `all`, `workload/NAME`, `class/NAME`, `pool/NAME`, `pool/NAME/YYYY-MM`, `alert/NAME` and
 * `month/YYYY-MM`. A class whose name occurs in several workloads is `class/WORKLOAD.NAME` instead: classes of one name
 * need not be alike, so they are not merged.
 */
#ifndef ANALYSIS_SCOPE_H
#define ANALYSIS_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "models/result.h"

enum scope_kind {
    SCOPE_ALL,
    SCOPE_WORKLOAD,
    SCOPE_CLASS,
    SCOPE_POOL,
    SCOPE_ALERT,      /* has neither requests nor containers */
    SCOPE_POOL_MONTH, /* containers and money of one pool in one calendar month */
    SCOPE_MONTH,      /* everything in one calendar month (models/months.h) */
    SCOPE_KIND_COUNT
};

struct scope {
    enum scope_kind kind;
    size_t index; /* of the workload, of the class through all workloads, of the pool (also in a month), the alert or
                     the month; 0 for all */
    sim_time_ns from_ns; /* the span that it covers: the window, or the month's part of it */
    sim_time_ns to_ns;
    char *name;
};

struct scope_list {
    struct scope *items; /* all first, then pools, workloads, classes, alerts, pools by month, and months */
    size_t count;
};

/* Every scope of a scenario. */
struct scope_list scope_list_create(const struct world_config *config);
void scope_list_release(struct scope_list *list);

/* Leaves out months that begin at end_ns or later, and lets the last one end there. */
void scope_list_cut_months(struct scope_list *list, sim_time_ns end_ns);

/* The scope called `name`; NULL if there is none. */
const struct scope *scope_find(const struct scope_list *list, const char *name);

/* Name of a class without "class/", to be released with free(). `class_index` counts through all workloads. */
char *scope_class_label(const struct world_config *config, size_t class_index);

/* The workload that a class belongs to. */
size_t scope_class_workload(const struct world_config *config, size_t class_index);

/* Whether the requests of a class, or the containers of a pool, belong to the scope. A pool's scope has the requests
 * that may be sent to it; workloads and classes have no containers of their own, a pool in a month no requests.
 */
bool scope_has_class(const struct scope *scope, const struct world_config *config, size_t class_index);
bool scope_has_pool(const struct scope *scope, size_t pool);

/* Whether the block lies in the scope's span. */
bool scope_has_block(const struct scope *scope, const struct result_block *block);

/* Whether requests of the scope are served by the pool. */
bool scope_uses_pool(const struct scope *scope, const struct world_config *config, size_t pool);

/* The pool that serves a class, before any migration. */
size_t scope_class_pool(const struct world_config *config, size_t class_index);

/* Whether a migration leads to the pool or away from it: some of its classes have requests in another pool too, and
 * which are where is not counted by class, so it has no figures of requests.
 */
bool scope_is_shared_pool(const struct world_config *config, size_t pool);

/* Whether output leaves a pool before a request ends, so that there is a time to the first and a time per token. */
bool scope_is_streamed_pool(const struct world_config *config, size_t pool);

/* Whether nothing but bursts arrives: such a scenario has a makespan, and no steady state. */
bool scope_is_burst_only(const struct world_config *config);

/* The configuration of a class counted through all workloads. */
const struct class_config *scope_class_config(const struct world_config *config, size_t class_index);

#endif
