/* workload_draw_internal.h - a request's class, tokens and work from its random words, for workload.c.
 *
 * Each kind of arrival finds the time of a request and has it drawn here. workload_draw_request is part of the
 * innermost loop of a run: it is inlined, and what is seldom needed is kept out of it.
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

/* Marks of a class that is not plain. `second` and `third` are the request's words for them; what else is needed comes
 * from the stream.
 */
SIM_NEVER_INLINE void workload_draw_marks(const struct class_config *class, struct sim_random *stream, uint64_t second,
                                          uint64_t third, struct request_draw *draw);

/* Draws the request with that key; for those who are not drawn in blocks. */
void workload_draw_one(const struct workload *workload, uint64_t key, sim_time_ns arrival_ns,
                       struct request_draw *draw);

SIM_ALWAYS_INLINE size_t workload_draw_class(const struct workload *workload, const uint64_t *words, size_t word_count,
                                             uint64_t key)
{
    if (workload->config->class_count == 1)
        return 0;
    if (word_count == SIM_RANDOM_BLOCK_WORDS)
        return sim_alias_draw(&workload->class_choice, words[1]);
    struct sim_random_brief brief = sim_random_brief(workload->salt, key, PART_CLASS);
    return sim_alias_draw(&workload->class_choice, sim_random_brief_next(&brief));
}

/* The first words of a request are for its gap, class, output tokens or work, and input tokens; where they share a
 * block in pairs, for its gap and for whatever mark there is. What else is needed comes from the stream.
 */
SIM_ALWAYS_INLINE void workload_draw_request(const struct workload *workload, struct sim_random *stream,
                                             const uint64_t *words, size_t word_count, uint64_t key,
                                             sim_time_ns arrival_ns, struct request_draw *draw)
{
    size_t number = workload_draw_class(workload, words, word_count, key);
    const struct class_draw *class = &workload->classes[number];
    uint64_t second = words[word_count / 2];
    *draw = class->marks;
    draw->arrival_ns = arrival_ns;
    draw->key = key;
    if (class->is_plain)
        draw->work = sim_exp(class->mu + class->sigma * sim_variate_normal_word(second, stream));
    else
        workload_draw_marks(&workload->config->classes[number], stream, second, words[word_count - 1], draw);
}

#endif
