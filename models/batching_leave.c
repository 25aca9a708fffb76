/* batching_leave.c - running requests that leave before they are complete: preempted, or given up. */
#include "models/batching_wheel_internal.h"

uint64_t batching_blocks_held(const struct batching_profile *profile, const struct batching *server)
{
    uint32_t mask = batching_block_mask(profile);
    uint64_t tokens = server->cached; /* plus what is empty in the last block of each */
    for (uint32_t residue = 0; residue <= mask; residue++)
        tokens += (uint64_t)server->residues[residue] * (-(residue + (uint32_t)server->step) & mask);
    return tokens >> profile->block_shift;
}

/* Tokens of a running request that are cached at the boundary. */
static uint32_t cached_tokens(const struct batching *server, uint16_t index)
{
    const struct batching_request *request = &server->requests[index];
    return index != server->prefilling ? batching_length(server, request) : request->done;
}

static uint64_t blocks_of(const struct batching_profile *profile, const struct batching *server, uint16_t index)
{
    if (index == server->prefilling && profile->whole_prompt)
        return batching_blocks(profile, server->requests[index].prompt);
    return batching_blocks(profile, cached_tokens(server, index));
}

void batching_leave(const struct batching_profile *profile, struct batching *server, uint16_t index)
{
    uint32_t blocks = (uint32_t)blocks_of(profile, server, index);
    if (profile->scheduled_ahead) {
        server->leaving++;
        server->leaving_blocks += blocks;
    } else {
        server->returned += blocks;
    }
}

void batching_forget_leaving(struct batching *server)
{
    server->returned += server->leaving_blocks;
    server->leaving_blocks = 0;
    server->leaving = 0;
}

/* The free blocks are a queue. `returned` less their number have been taken from its front, and the blocks of the
 * request, its first one last, end at `finish`.
 */
uint32_t batching_blocks_left(const struct batching_profile *profile, const struct batching *server,
                              const struct batching_request *request, uint64_t free_blocks)
{
    uint64_t taken = server->returned + profile->block_count - free_blocks;
    uint64_t end = request->finish + profile->block_count;
    uint32_t full = request->done >> profile->block_shift;
    if (taken >= end)
        return 0;
    return end - taken < full ? (uint32_t)(end - taken) : full;
}

/* Keeps in mind what a request that is preempted had cached. */
static void keep_cached(const struct batching_profile *profile, struct batching *server, uint16_t index,
                        uint64_t blocks, uint32_t cached)
{
    struct batching_request *request = &server->requests[index];
    if (!profile->overwrites_preempted) {
        request->prefix = cached;
        return;
    }
    server->returned += blocks;
    request->finish = server->returned;
    request->done = cached;
}

/* Returns the latest admitted to the front of the waiting, and the number of blocks that it had. */
static uint64_t drop_latest(const struct batching_profile *profile, struct batching *server)
{
    uint16_t index = server->running.tail;
    struct batching_request *request = &server->requests[index];
    bool is_decoder = index != server->prefilling;
    uint32_t cached = cached_tokens(server, index);
    uint64_t blocks = blocks_of(profile, server, index);
    batching_remove_running(profile, server, index);
    if (is_decoder)
        request->prompt = cached + 1;
    if (profile->keeps_preempted)
        keep_cached(profile, server, index, blocks, cached);
    request->preemptions++;
    server->totals.preemptions++;
    request->previous = BATCHING_NONE;
    request->next = server->waiting.head;
    if (server->waiting.head == BATCHING_NONE)
        server->waiting.tail = index;
    else
        server->requests[server->waiting.head].previous = index;
    server->waiting.head = index;
    return blocks;
}

void batching_preempt(const struct batching_profile *profile, struct batching *server)
{
    uint64_t unused = profile->block_count - batching_blocks_held(profile, server) - server->leaving_blocks;
    if (server->prefilling != BATCHING_NONE)
        drop_latest(profile, server);
    while (batching_blocks_needed(profile, server) > unused)
        unused += drop_latest(profile, server);
    sim_assert(server->decoders > 0 || profile->scheduled_ahead);
}

void batching_remove_cancelled(const struct batching_profile *profile, struct batching *server)
{
    uint16_t next;
    for (uint16_t index = server->running.head; index != BATCHING_NONE; index = next) {
        next = server->requests[index].next;
        if (!server->requests[index].is_cancelled)
            continue;
        if (!profile->is_plain)
            batching_leave(profile, server, index);
        batching_remove_running(profile, server, index);
        batching_release(server, index);
        server->cancelled--;
    }
    sim_assert(server->cancelled == 0);
}

/* Index of the request in the list, or BATCHING_NONE. One that is leaving no longer counts. */
static uint16_t find(const struct batching *server, const struct batching_list *list, uint32_t request_id)
{
    uint16_t index = list->head;
    while (index != BATCHING_NONE && (server->requests[index].id != request_id || server->requests[index].is_cancelled))
        index = server->requests[index].next;
    return index;
}

bool batching_cancel(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns,
                     uint32_t request_id)
{
    batching_advance(profile, server, now_ns);
    batching_cut(server, now_ns, 0); /* one that leaves can let the first of the waiting in */
    if (server->planned && server->end_ns <= now_ns)
        batching_end_stretch(profile, server);
    uint16_t index = find(server, &server->waiting, request_id);
    if (index != BATCHING_NONE) {
        batching_unlink(server, &server->waiting, index);
        batching_release(server, index);
        return true;
    }
    index = find(server, &server->running, request_id);
    if (index == BATCHING_NONE)
        return false;
    server->requests[index].is_cancelled = true;
    server->cancelled++;
    if (!server->planned)
        batching_remove_cancelled(profile, server);
    return true;
}

static uint32_t list_ids(const struct batching *server, const struct batching_list *list, uint32_t *request_ids)
{
    uint32_t count = 0;
    for (uint16_t i = list->head; i != BATCHING_NONE; i = server->requests[i].next)
        if (!server->requests[i].is_cancelled)
            request_ids[count++] = server->requests[i].id;
    return count;
}

uint32_t batching_inside(const struct batching *server, uint32_t *request_ids)
{
    uint32_t count = list_ids(server, &server->running, request_ids);
    return count + list_ids(server, &server->waiting, request_ids + count);
}
