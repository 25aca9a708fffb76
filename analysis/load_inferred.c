/* load_inferred.c - the rules of the policies' lists that decide something here. */
#include "analysis/load_inferred.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/autoscaler.h"
#include "sim/memory.h"

/* Whether the rules are a platform's: of the others whoever rents the pods knows them. */
static bool is_of_platform(const struct autoscaler_policy *policy)
{
    return policy != &autoscaler_fixed && policy != &autoscaler_target;
}

/* Keys, and what has none in words. */
static void print_rules(const struct pool_config *pool, FILE *out)
{
    const char *separator = "";
    for (const struct inferred_rule *rule = autoscaler_of(pool)->inferred; rule->rule; rule++) {
        if (!inferred_matters(rule, pool))
            continue;
        fprintf(out, "%s%s", separator, rule->key ? rule->key : rule->rule);
        separator = ", ";
    }
}

/* A text that is printed to, to be released with free(). */
struct printed {
    FILE *out;
    char *text;
    size_t size;
};

static void begin(struct printed *printed)
{
    printed->out = open_memstream(&printed->text, &printed->size);
    if (!printed->out)
        sim_out_of_memory();
}

static char *end(struct printed *printed)
{
    if (fclose(printed->out) != 0)
        sim_out_of_memory();
    return printed->text;
}

char *load_inferred_text(const struct world_config *config)
{
    struct printed printed = {.text = NULL};
    const char *separator = "";
    begin(&printed);
    for (size_t i = 0; i < config->pool_count; i++) {
        if (!is_of_platform(autoscaler_of(&config->pools[i])))
            continue;
        fprintf(printed.out, "%s%s: ", separator, config->pools[i].name);
        print_rules(&config->pools[i], printed.out);
        separator = "; ";
    }
    return end(&printed);
}

static void note_schedule(const struct pool_config *pool, struct note_list *notes)
{
    if (pool->schedule_count > 0)
        note_add(notes, NOTE_ASSUMED,
                 "%s, schedule: not published by any platform, and read as: where it lowers the number of containers, "
                 "idle ones beyond it end at once and busy ones take no more requests and end when they are empty; "
                 "where it changes target_inputs, containers that are ready take at once what a poll would allow",
                 pool->name);
}

void load_inferred_notes(const struct pool_config *pool, struct note_list *notes)
{
    const struct autoscaler_policy *policy = autoscaler_of(pool);
    struct printed printed = {.text = NULL};
    note_schedule(pool, notes);
    if (!is_of_platform(policy))
        return;
    begin(&printed);
    print_rules(pool, printed.out);
    char *text = end(&printed);
    note_add(notes, NOTE_ASSUMED,
             "%s, policy %s %d: not published by the platform, and read as `capsim explain` says (--sensitivity: what "
             "hangs on it): %s",
             pool->name, policy->name, policy->version, text);
    free(text);
    if (pool->platform == PLATFORM_MODAL_FUNCTION)
        note_add(notes, NOTE_ASSUMED, "%s: %s", pool->name,
                 pool->bill_starting ? "starts are billed" : "starts are not billed");
}
