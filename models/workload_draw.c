/* workload_draw.c - what is made ready for drawing requests, and the draws that are not in the inner loop. */
#include "models/workload_draw_internal.h"

#include <math.h>

static bool is_drawn(const struct sim_distribution *distribution)
{
    return distribution->kind != SIM_DISTRIBUTION_NONE && distribution->kind != SIM_DISTRIBUTION_FIXED;
}

static struct class_draw class_draw_of(const struct workload *workload, size_t number)
{
    const struct class_config *class = &workload->config->classes[number];
    bool has_tokens =
        class->output_tokens.kind != SIM_DISTRIBUTION_NONE || class->input_tokens.kind != SIM_DISTRIBUTION_NONE;
    struct class_draw draw = {
        .marks = {.work = 1,
                  .class_index = workload->class_base + (uint32_t)number,
                  .workload = workload->number,
                  .pool = (uint32_t)workload_config_class_pool(workload->config, number)},
        .is_plain = class->work.kind == SIM_DISTRIBUTION_LOGNORMAL && !has_tokens && !is_drawn(&class->audio_s),
    };
    if (class->audio_s.kind == SIM_DISTRIBUTION_FIXED)
        draw.marks.audio_s = class->audio_s.of.fixed.value;
    if (draw.is_plain) {
        draw.mu = class->work.of.lognormal.mu;
        draw.sigma = class->work.of.lognormal.sigma;
    }
    return draw;
}

enum sim_status workload_draw_init(struct workload *workload, struct sim_error *error)
{
    const struct workload_config *config = workload->config;
    double *shares = sim_arena_allocate(workload->arena, config->class_count, sizeof *shares);
    for (size_t i = 0; i < config->class_count; i++)
        shares[i] = config->classes[i].share;
    workload->classes = sim_arena_allocate(workload->arena, config->class_count, sizeof *workload->classes);
    for (size_t i = 0; i < config->class_count; i++)
        workload->classes[i] = class_draw_of(workload, i);
    return sim_alias_init(&workload->class_choice, workload->arena, shares, config->class_count, error);
}

/* A whole number of tokens, at least 1 where the class has a distribution. */
static int32_t draw_tokens(const struct sim_distribution *distribution, uint64_t word, struct sim_random *stream)
{
    if (distribution->kind == SIM_DISTRIBUTION_NONE)
        return 0;
    double tokens = floor(sim_distribution_sample_word(distribution, word, stream) + 0.5);
    return tokens < 1 ? 1 : tokens > 1e9 ? 1000000000 : (int32_t)tokens;
}

static struct sim_random keyed_stream(const struct workload *workload, enum random_purpose purpose, uint64_t entity,
                                      uint64_t key)
{
    struct sim_random stream;
    sim_random_init(&stream, workload->random.key[0], (uint32_t)(workload->random.key[1] >> 32), purpose, entity, key);
    return stream;
}

static struct sim_random turn_stream(const struct workload *workload, uint64_t turn, uint64_t key)
{
    return keyed_stream(workload, PURPOSE_TURN, turn << 32 | workload->number, key);
}

void workload_draw_marks(const struct class_config *class, struct sim_random *stream, uint64_t mark,
                         struct sim_random_brief *words, struct request_draw *draw)
{
    draw->output_tokens = draw_tokens(&class->output_tokens, mark, stream);
    draw->input_tokens = draw_tokens(&class->input_tokens, sim_random_brief_next(words), stream);
    if (class->work.kind != SIM_DISTRIBUTION_NONE)
        draw->work = class->output_tokens.kind == SIM_DISTRIBUTION_NONE
                         ? sim_distribution_sample_word(&class->work, mark, stream)
                         : sim_distribution_sample(&class->work, stream);
    if (is_drawn(&class->audio_s)) /* a fixed one is there already: it is the last, and nobody misses the word */
        draw->audio_s = sim_distribution_sample(&class->audio_s, stream);
}

void workload_draw_turn(const struct workload *workload, uint64_t turn, struct request_draw *draw)
{
    struct sim_random stream = turn_stream(workload, turn, draw->key);
    struct sim_random_brief words = sim_random_brief(workload->salt, draw->key, WORKLOAD_PART_TURN + turn);
    uint64_t mark = sim_random_brief_next(&words);
    workload_draw_marks(&workload->config->classes[draw->class_index - workload->class_base], &stream, mark, &words,
                        draw);
    draw->key += turn * UINT64_C(0x9E3779B97F4A7C15); /* far from the key of any other request or turn */
}

sim_time_ns workload_pause_ns(const struct workload *workload, uint64_t turn, uint64_t key)
{
    struct sim_random stream = turn_stream(workload, turn, ~key);
    return sim_time_from_s(sim_distribution_sample(&workload->config->arrivals.think_s, &stream));
}

sim_time_ns workload_session_ns(const struct workload *workload, uint64_t key)
{
    struct sim_random stream = keyed_stream(workload, PURPOSE_SESSION, workload->number, key);
    return sim_time_from_s(sim_distribution_sample(&workload->config->arrivals.session_s, &stream));
}

double workload_migration_luck(const struct workload *workload, uint64_t key)
{
    struct sim_random stream = keyed_stream(workload, PURPOSE_MIGRATION, workload->number, key);
    return sim_variate_uniform(&stream);
}

void workload_draw_one(const struct workload *workload, uint64_t key, sim_time_ns arrival_ns, struct request_draw *draw)
{
    struct sim_random stream = workload->random;
    struct sim_random_brief words = workload_words(workload, key);
    sim_random_move(&stream, key);
    sim_random_brief_next(&words); /* that of the gap */
    workload_draw_request(workload, &stream, &words, key, arrival_ns, draw);
}
