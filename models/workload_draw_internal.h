/* workload_draw_internal.h - a request's class, tokens and work from its random words, for workload.c.
 *
 * Each kind of arrival finds the time of a request and has it drawn here. workload_draw_request is part of the
 * innermost loop of a run: it is inlined, and what is seldom needed is kept out of it.
 *
 * The words of a request are brief ones (sim/random.h): for its gap, its mark (work or output tokens), its class where
 * there are several, and its input tokens. What else is needed comes from the request's stream.
 */
#ifndef MODELS_WORKLOAD_DRAW_INTERNAL_H
#define MODELS_WORKLOAD_DRAW_INTERNAL_H

#include "models/workload.h"
#include "sim/elementary.h"
#include "sim/inline.h"
#include "sim/variate.h"

/* Makes the classes ready; the arena, configuration and numbers of the workload are there already. Errors:
 * SIM_BAD_INPUT where the shares are no distribution.
 */
SIM_MUST_USE enum sim_status workload_draw_init(struct workload *workload, struct sim_error *error);

/* Marks of a class that is not plain; `mark` is the request's word for them. */
SIM_NEVER_INLINE void workload_draw_marks(const struct class_config *class, struct sim_random *stream, uint64_t mark,
                                          struct sim_random_brief *words, struct request_draw *draw);

/* Draws the request with that key, whose time is known without its gap. */
void workload_draw_one(const struct workload *workload, uint64_t key, sim_time_ns arrival_ns,
                       struct request_draw *draw);

SIM_ALWAYS_INLINE struct sim_random_brief workload_words(const struct workload *workload, uint64_t key)
{
    return sim_random_brief(workload->salt, key, PART_REQUEST);
}

/* The rest of a request whose gap has been drawn. */
SIM_ALWAYS_INLINE void workload_draw_request(const struct workload *workload, struct sim_random *stream,
                                             struct sim_random_brief *words, uint64_t key, sim_time_ns arrival_ns,
                                             struct request_draw *draw)
{
    uint64_t mark = sim_random_brief_next(words);
    size_t number = 0;
    if (workload->config->class_count > 1)
        number = sim_alias_draw(&workload->class_choice, sim_random_brief_next(words));
    const struct class_draw *class = &workload->classes[number];
    *draw = class->marks;
    draw->arrival_ns = arrival_ns;
    draw->key = key;
    if (class->is_plain)
        draw->work = sim_exp(class->mu + class->sigma * sim_variate_normal_word(mark, stream));
    else
        workload_draw_marks(&workload->config->classes[number], stream, mark, words, draw);
}

#endif
