/* sessions.c - users who stay: they hold an input of a container for a time, and may take turns in it.
 *
 * A session lasts from the begin of its service for a time of its own. With turns it goes through the stages of the
 * container again and again, with a pause between an answer and the next turn; when its time is over it leaves, from
 * a pause at once, from a turn with the answer. Without turns it only holds its input. An attempt that ends early, by a
 * crash or a timeout, begins anew, like any request's. A pause is time in the lane before the main stage, and the last
 * one, or a session without turns, time in the lane behind it (timeline.h), so it costs no event of its own.
 */
#include "models/timeline_internal.h"
#include "models/world_internal.h"

static struct session *session_of(const struct world *world, uint32_t request)
{
    return (struct session *)world->sessions.items + request;
}

static const struct workload *workload_of(const struct world *world, uint32_t request)
{
    return &world->workloads[request_at(&world->requests, request)->draw.workload];
}

static void stay(struct world *world, struct pool *pool, uint32_t request)
{
    struct request *r = request_at(&world->requests, request);
    session_of(world, request)->is_leaving = true;
    timeline_stay(pool->plans, pool_inside(pool, r->container), request, session_of(world, request)->end_ns);
}

/* What the turn asks for: the first is what was drawn with the request. One that no container could serve is as the
 * first.
 */
static struct request draw_turn(const struct world *world, const struct pool *pool, uint32_t request)
{
    struct request turn = *request_at(&world->requests, request);
    if (session_of(world, request)->turn == 0)
        return turn;
    workload_draw_turn(workload_of(world, request), session_of(world, request)->turn, &turn.draw);
    if (!stage_fits(&pool->plans[0].stage, &turn.draw)) {
        const struct request_draw *first = &request_at(&world->requests, request)->draw;
        turn.draw.input_tokens = first->input_tokens;
        turn.draw.output_tokens = first->output_tokens;
    }
    return turn;
}

static void begin_turn(struct world *world, struct pool *pool, uint32_t request, sim_time_ns pause_ns)
{
    struct session *session = session_of(world, request);
    struct request turn = draw_turn(world, pool, request);
    session->turn_ns = now_ns(world) + pause_ns;
    session->input_tokens = turn.draw.input_tokens;
    session->output_tokens = turn.draw.output_tokens;
    request_at(&world->requests, request)->after_ns = arrivals_stage_ns(world, pool, SIDE_AFTER_INSIDE, &turn);
    timeline_enter(pool->plans, pool_inside(pool, turn.container), &world->requests, now_ns(world),
                   pause_ns + arrivals_stage_ns(world, pool, SIDE_BEFORE_INSIDE, &turn), request,
                   service_need(world, pool, &turn));
}

bool sessions_begin(struct world *world, struct pool *pool, uint32_t request)
{
    const struct workload *workload = workload_of(world, request);
    const struct request *r = request_at(&world->requests, request);
    if (!workload->is_sessions)
        return false;
    arrivals_served(world, request);
    if (world->sessions.count <= request)
        sim_array_resize(&world->sessions, world->requests.items.count);
    *session_of(world, request) =
        (struct session){.end_ns = timeline_later(now_ns(world), workload_session_ns(workload, r->draw.key))};
    container_inputs_change(world, pool, r->container, 1);
    if (workload->config->arrivals.takes_turns)
        begin_turn(world, pool, request, 0);
    else
        stay(world, pool, request);
    return true;
}

/* Tokens of the first turn are those of the request, which are counted when it completes. */
static void book_turn(struct world *world, struct pool *pool, uint32_t request)
{
    const struct session *session = session_of(world, request);
    const struct request_draw *draw = &request_at(&world->requests, request)->draw;
    size_t block = books_block_of(world, draw);
    struct request_tally *tally = &world->result.blocks[block].requests[draw->class_index];
    struct sim_histogram *durations = open_blocks_durations(&world->open, &world->result, block, draw->class_index);
    tally->turns++;
    sim_histogram_add(&durations[DURATION_TURN], now_ns(world) - session->turn_ns);
    if (session->turn == 0)
        return;
    tally->input_tokens += session->input_tokens;
    tally->output_tokens += session->output_tokens;
    books_pool(world, pool)->output_tokens += session->output_tokens;
}

/* A pause takes a nanosecond at least, or a stage without time would turn for ever. */
static sim_time_ns draw_pause_ns(const struct world *world, uint32_t request)
{
    sim_time_ns pause_ns = workload_pause_ns(workload_of(world, request), session_of(world, request)->turn,
                                             request_at(&world->requests, request)->draw.key);
    return pause_ns > 0 ? pause_ns : 1;
}

bool sessions_go_on(struct world *world, struct pool *pool, uint32_t request)
{
    struct session *session = NULL;
    if (!workload_of(world, request)->is_sessions)
        return false;
    session = session_of(world, request);
    if (!session->is_leaving)
        book_turn(world, pool, request);
    if (session->is_leaving || now_ns(world) >= session->end_ns) {
        request_at(&world->requests, request)->first_ns = -1; /* a session has no first output: its turns have */
        return false;
    }
    sim_time_ns pause_ns = draw_pause_ns(world, request);
    session->turn++;
    if (pause_ns < session->end_ns - now_ns(world))
        begin_turn(world, pool, request, pause_ns);
    else
        stay(world, pool, request);
    return true;
}

void sessions_digest(const struct world *world, uint32_t request, struct sim_digest *digest)
{
    const struct request *r = request_at(&world->requests, request);
    if (!workload_of(world, request)->is_sessions || r->place != PLACE_INSIDE)
        return;
    const struct session *session = session_of(world, request);
    sim_digest_add(digest, (uint64_t)session->end_ns);
    sim_digest_add(digest, (uint64_t)session->turn_ns);
    sim_digest_add(digest, (uint64_t)session->turn << 1 | session->is_leaving);
}
