/* batching_step.h - the server of batching.h one step at a time: the plain form that the fast one is held against.
 *
 * Every step is carried out, every request is visited in it, and every count is kept where it arises. Same profile,
 * same calls, same answers to the nanosecond; the rules are in batching.h. The cost is steps times requests.
 */
#ifndef MODELS_BATCHING_STEP_H
#define MODELS_BATCHING_STEP_H

#include "models/batching.h"

struct batching_step;

/* An empty server; it borrows the profile. */
struct batching_step *batching_step_create(const struct batching_profile *profile);
void batching_step_destroy(struct batching_step *server);

/* A second server that goes on from where the first one is. */
struct batching_step *batching_step_copy(const struct batching_step *server);

/* As batching_submit, batching_cancel, batching_take, batching_totals and batching_load. */
void batching_step_submit(struct batching_step *server, sim_time_ns now_ns, uint32_t request_id, uint32_t prompt_tokens,
                          uint32_t cached_prefix_tokens, uint32_t output_tokens);
bool batching_step_cancel(struct batching_step *server, sim_time_ns now_ns, uint32_t request_id);
size_t batching_step_take(struct batching_step *server, sim_time_ns now_ns, struct batching_completion *completions,
                          size_t capacity);
struct batching_totals batching_step_totals(struct batching_step *server, sim_time_ns now_ns);
struct batching_load batching_step_load(struct batching_step *server, sim_time_ns now_ns);

/* End of the step in progress after all that happens before now_ns; now_ns itself if a step may start then;
 * SIM_TIME_NEVER if nobody is inside.
 */
sim_time_ns batching_step_boundary(struct batching_step *server, sim_time_ns now_ns);

#endif
