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

/* Returns the latest admitted to the front of the waiting, and the number of blocks that it had. */
static uint64_t drop_latest(const struct batching_profile *profile, struct batching *server)
{
    uint16_t index = server->running.tail;
    struct batching_request *request = &server->requests[index];
    bool is_decoder = index != server->prefilling;
    uint32_t cached = is_decoder ? batching_length(server, request) : request->done;
    uint32_t reserved = !is_decoder && profile->whole_prompt ? request->prompt : cached;
    batching_remove_running(profile, server, index);
    if (is_decoder)
        request->prompt = cached + 1;
    if (profile->keeps_preempted)
        request->prefix = cached;
    request->preemptions++;
    server->totals.preemptions++;
    request->previous = BATCHING_NONE;
    request->next = server->waiting.head;
    if (server->waiting.head == BATCHING_NONE)
        server->waiting.tail = index;
    else
        server->requests[server->waiting.head].previous = index;
    server->waiting.head = index;
    return batching_blocks(profile, reserved);
}

void batching_preempt(const struct batching_profile *profile, struct batching *server)
{
    uint64_t unused = profile->block_count - batching_blocks_held(profile, server);
    if (server->prefilling != BATCHING_NONE)
        drop_latest(profile, server);
    while (batching_blocks_needed(profile, server) > unused)
        unused += drop_latest(profile, server);
    sim_assert(server->decoders > 0);
}

void batching_remove_cancelled(const struct batching_profile *profile, struct batching *server)
{
    uint16_t next;
    for (uint16_t index = server->running.head; index != BATCHING_NONE; index = next) {
        next = server->requests[index].next;
        if (!server->requests[index].is_cancelled)
            continue;
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
    batching_cut(server, now_ns); /* one that leaves can let the first of the waiting in */
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
