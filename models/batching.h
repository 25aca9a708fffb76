/* batching.h - the language model server inside one container: continuous batching, step by step, without a step
 * costing anything.
 *
 * Requests join and leave at step boundaries. A step processes one token of every decoding request and prefill
 * tokens within a budget; it lasts c0(B) + c1 K + c2 P for B requests in the step, K tokens cached at its start and
 * P prefill tokens. Keys and values live in blocks of memory; when they run out, the latest admitted request is
 * preempted and computed again. What happens in a step, in this order:
 *
 *   1. Running requests, in order of admission: a decoder takes 1 token, the one request whose prompt is not done
 *      (always the latest admitted) takes what the budget leaves. Each takes the blocks that its tokens need. Where
 *      they are lacking, the latest admitted is preempted until they are not: it gives up its blocks, its prompt
 *      becomes all tokens that it has, and it goes to the front of the waiting.
 *   2. Unless one was preempted in this step: waiting requests, the first one first, until the budget, the largest
 *      batch or the memory (less the watermark, which does not count while nobody runs) forbids the first one.
 *   3. The step runs. At its end each decoder, and each request whose prompt is now done, has one more output token.
 *      Who has all of its output leaves and frees its blocks. The last token is never cached.
 *
 * Engines differ in two more things, which are options. Both are inferred: from the published scheduler of vLLM, and
 * from a request log of it whose first 25 s they reproduce to 15 ms (scenarios/measurements/README.md).
 *
 * scheduled_ahead: the processor decides about a step while the accelerator still works on the one before, so what a
 * step consists of is decided at the start of its predecessor. What is known then: every token count, for outputs
 * end at a known length, and so who completes with the step in progress and is not in the next one; not known: who
 * is submitted later than that start. So
 *   - a request that is submitted during a step is in no step before the next but one;
 *   - one that has completed, or was given up, still has its blocks and its place in the batch when the step after is
 *     decided, and can let nobody in before the next but one; it is never preempted;
 *   - where nobody would be in the step decided so, the server has run dry: the decision is made again at the end of
 *     the step in progress with all that is known by then.
 * One that is given up while it waits leaves at once all the same. `admitted_ns` is the start of the step.
 *
 * overwrites_preempted (with keeps_preempted): blocks that nobody holds are reused in the order in which they were
 * given up, those of one request from its last to its first. What a preempted request had cached lasts until then:
 * when it returns it computes what follows its first blocks that are still there and were full.
 *
 * Between changes of membership many steps are a sum in closed form, so the cost is that of arrivals, prefills,
 * preemptions and completions, not of steps. batching_step.h is the same server one step at a time; both agree
 * in every nanosecond.
 *
 * Time inside is counted in units of 2^-16 ns and never rounded; the nanosecond of an instant is its whole part.
 * Order within one nanosecond: ends of steps, then calls in the order in which they are made (submit, cancel), then
 * starts of steps. Looking (next, take, totals, digest) changes nothing that can be seen later, at any time and
 * however often.
 *
 * The profile is shared and constant. A server is one flat block of memory without pointers: a copy of the bytes is
 * a second server that goes on from there.
 *
 * Outside: who is sent here and when clients give up (the pool), network and other stages (the container).
 */
#ifndef MODELS_BATCHING_H
#define MODELS_BATCHING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"
#include "sim/integer.h"
#include "sim/state.h"
#include "sim/time.h"

#define BATCHING_BATCH_HIGHEST 4096
#define BATCHING_BLOCK_HIGHEST 256
#define BATCHING_INPUTS_HIGHEST 65534

/* Length of one step at one batch size, without the parts for cached and prefill tokens. */
struct batching_point {
    int64_t batch; /* 1 to BATCHING_BATCH_HIGHEST */
    double step_s;
};

struct batching_parameters {
    const struct batching_point *points; /* c0: batch sizes rise, lengths never fall. Linear between points; flat */
    size_t point_count;                  /* below the first; beyond the last with the slope of the last two */
    double cached_token_s;               /* c1, 0 or more */
    double prefill_token_s;              /* c2, 0 or more */
    int64_t token_budget;                /* tokens per step, max_batch to 2^30 */
    int64_t max_batch;                   /* requests per step, 1 to BATCHING_BATCH_HIGHEST */
    int64_t kv_tokens;                   /* capacity for cached tokens, 1 to 2^30; the part of a block is lost */
    int64_t kv_block;                    /* tokens per block, a power of two, 1 to BATCHING_BLOCK_HIGHEST */
    double watermark;                    /* share of the blocks that an admission leaves free, 0 to below 1 */
    bool whole_prompt;                   /* an admission takes the blocks of the whole prompt, not of its chunk */
    bool keeps_preempted;                /* what a preempted request had cached needs no prefill when it returns */
    bool overwrites_preempted;           /* and lasts only until its blocks are reused; needs keeps_preempted */
    bool scheduled_ahead;                /* a step is decided at the start of the one before */
};

/* The parameters in integers. Lengths are in units of 2^-16 ns. */
struct batching_profile {
    uint64_t cached_token;
    uint64_t prefill_token;
    uint32_t token_budget;
    uint32_t max_batch;
    uint32_t block_count;
    uint32_t block_shift; /* a block holds 2^block_shift tokens */
    uint32_t watermark;   /* blocks */
    bool whole_prompt;
    bool keeps_preempted;
    bool overwrites_preempted;
    bool scheduled_ahead;
    bool is_plain;                             /* neither of these two */
    uint64_t base[BATCHING_BATCH_HIGHEST + 1]; /* c0 by batch size, at least 1 ns; up to max_batch */
};

/* SIM_BAD_INPUT with the message in `error` (which may be NULL) if a value is out of the range given above, if the
 * curve falls, or if the longest step possible, c0(max_batch) + c1 kv_tokens + c2 token_budget, is not below 2^50
 * units (17 s). The parameters are not kept.
 */
SIM_MUST_USE enum sim_status batching_profile_init(struct batching_profile *profile,
                                                   const struct batching_parameters *parameters,
                                                   struct sim_error *error);

/* Whether such a request can ever complete: it has a prompt and an output, and both, less the last token, fit into
 * the memory when it is alone. One that does not must not be submitted.
 */
bool batching_fits(const struct batching_profile *profile, uint32_t prompt_tokens, uint32_t output_tokens);

/* One server. Made by batching_init in memory of the caller, who releases it; the alignment of malloc is needed. */
struct batching;

/* Bytes of a server that holds at most max_inputs requests (1 to BATCHING_INPUTS_HIGHEST). A multiple of 64. */
size_t batching_size(uint32_t max_inputs);

/* An empty server. */
void batching_init(struct batching *server, uint32_t max_inputs);

/* A request enters at now_ns, which is not before the time of any earlier call (nor is that of any call below).
 *
 * request_id: free to choose, differs from those of all requests inside. cached_prefix_tokens: tokens of the prompt
 * that need no prefill but do fill memory; one token is computed even if all are cached. batching_fits holds, and
 * fewer than max_inputs are inside: submitted, and neither taken nor gone after a cancel.
 * Cost: constant, and what happened since the last call.
 */
void batching_submit(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns,
                     uint32_t request_id, uint32_t prompt_tokens, uint32_t cached_prefix_tokens,
                     uint32_t output_tokens);

/* A request is given up. While it waits it leaves at once; while it runs, at the end of the step in progress, and is
 * not reported even if it is complete then. Returns whether it was there; false if it has completed by now_ns.
 * Cost: the number of requests inside.
 */
bool batching_cancel(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns,
                     uint32_t request_id);

/* Writes the ids of all requests inside that are neither complete nor given up, running ones first, and returns how
 * many: at most max_inputs.
 */
uint32_t batching_inside(const struct batching *server, uint32_t *request_ids);

/* When the next request completes if nothing else is submitted; SIM_TIME_NEVER if none is inside.
 *
 * May be earlier than that, and is then a time at which batching_take finds nothing and this function knows more:
 * where the memory may run out first, where a prefill takes very many steps, where a cancelled request has yet to
 * leave, where steps are scheduled ahead. It is always later than the latest call unless completions wait to be taken.
 * Cost: constant, and the prefill steps before that completion.
 */
sim_time_ns batching_next(const struct batching_profile *profile, const struct batching *server);

struct batching_completion {
    uint32_t request_id;
    uint32_t preemptions;     /* how often it was preempted */
    sim_time_ns admitted_ns;  /* start of the first step that it was in */
    sim_time_ns first_ns;     /* first output token */
    sim_time_ns completed_ns; /* last output token */
};

/* Writes the requests completed by now_ns and not yet taken to `completions`, at most `capacity`, and returns how
 * many. Order: time of completion, then order of (latest) admission. Cost: constant each, and what happened since
 * the last call.
 */
size_t batching_take(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns,
                     struct batching_completion *completions, size_t capacity);

/* Sums since batching_init. Times are in units of 2^-16 ns and weigh the steps; a step that ends within the
 * nanosecond now_ns counts whole. Shares: batch_time / busy_time is the mean batch, cached_time / busy_time the mean
 * of cached tokens.
 */
struct batching_totals {
    sim_uint128 busy_time;   /* in a step */
    sim_uint128 batch_time;  /* x requests in the step */
    sim_uint128 cached_time; /* x tokens cached at the start of the step */
    uint64_t cached_max;     /* most tokens cached at the end of a step, before those who are complete leave */
    uint64_t steps;          /* that have ended */
    uint64_t output_tokens;  /* produced by them */
    uint64_t prefill_tokens; /* computed by them, repeated ones included */
    uint64_t preemptions;
};

/* The sums up to now_ns. */
struct batching_totals batching_totals(const struct batching_profile *profile, struct batching *server,
                                       sim_time_ns now_ns);

/* The sums count from now_ns on. */
void batching_forget_totals(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns);

/* Who is inside. */
struct batching_load {
    uint32_t running; /* in the step in progress, or at the boundary before the next is decided */
    uint32_t waiting;
    uint64_t blocks; /* of memory that the running ones hold */
};

/* At now_ns. Cost: the number of requests inside. */
struct batching_load batching_load(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns);

/* What a request is to the owner: replaces request ids in a digest. */
typedef uint64_t batching_name_function(void *context, uint32_t request_id);

/* Feeds all that decides about the future after now_ns, as seen from now_ns: servers that answer alike from now on,
 * except for totals since the start, feed alike, whatever their past, their time of day and their ids. Requests come
 * in the order running (by admission), waiting (by turn), completed and not taken; the name of each from `name`,
 * or none if that is NULL.
 */
void batching_digest(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns,
                     batching_name_function *name, void *context, struct sim_digest *digest);

#endif
