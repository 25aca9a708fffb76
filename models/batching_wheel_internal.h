/* batching_wheel_internal.h - running requests by the step at which they complete, in order of entry within a step.
 *
 * One slot per step modulo BATCHING_SLOTS, each a ring of requests, and a bit per slot that is in use. A request
 * whose step is rounds away shares its slot with others and is passed over until its round has come.
 */
#ifndef MODELS_BATCHING_WHEEL_INTERNAL_H
#define MODELS_BATCHING_WHEEL_INTERNAL_H

#include "models/batching_internal.h"

static inline uint16_t *batching_wheel_slot(struct batching *server, uint64_t step)
{
    return &server->slots[step % BATCHING_SLOTS];
}

static inline void batching_wheel_add(struct batching *server, uint16_t index)
{
    struct batching_request *request = &server->requests[index];
    uint16_t *head = batching_wheel_slot(server, request->finish);
    if (request->finish < server->earliest)
        server->earliest = request->finish;
    if (*head != BATCHING_NONE) {
        struct batching_request *first = &server->requests[*head];
        request->finish_next = *head;
        request->finish_previous = first->finish_previous;
        server->requests[first->finish_previous].finish_next = index;
        first->finish_previous = index;
        return;
    }
    uint32_t slot = request->finish % BATCHING_SLOTS;
    request->finish_next = index;
    request->finish_previous = index;
    *head = index;
    server->used_slots[slot / 64] |= (uint64_t)1 << slot % 64;
    server->used_words |= (uint64_t)1 << slot / 64;
}

/* First slot in use from `slot` on, round the wheel; BATCHING_SLOTS if there is none. */
static inline uint32_t batching_wheel_used_from(const struct batching *server, uint32_t slot)
{
    uint32_t word = slot / 64;
    uint64_t bits = server->used_slots[word] & (~(uint64_t)0 << slot % 64);
    if (bits)
        return word * 64 + (uint32_t)__builtin_ctzll(bits);
    if (!server->used_words)
        return BATCHING_SLOTS;
    uint64_t later = server->used_words & ~(((uint64_t)2 << word) - 1);
    word = (uint32_t)__builtin_ctzll(later ? later : server->used_words);
    return word * 64 + (uint32_t)__builtin_ctzll(server->used_slots[word]);
}

/* The smallest step of completion, `from` being one that none is before. */
static inline uint64_t batching_wheel_earliest(const struct batching *server, uint64_t from)
{
    uint64_t earliest = UINT64_MAX;
    uint32_t start = from % BATCHING_SLOTS, passed = 0;
    for (;;) {
        uint32_t slot = batching_wheel_used_from(server, (start + passed) % BATCHING_SLOTS);
        if (slot == BATCHING_SLOTS)
            return earliest;
        uint32_t distance = (slot - start) % BATCHING_SLOTS;
        if (distance < passed)
            return earliest;
        uint16_t index = server->slots[slot];
        do {
            uint64_t finish = server->requests[index].finish;
            if (finish == from + distance)
                return finish;
            earliest = finish < earliest ? finish : earliest;
            index = server->requests[index].finish_next;
        } while (index != server->slots[slot]);
        passed = distance + 1;
        if (passed == BATCHING_SLOTS)
            return earliest;
    }
}

static inline void batching_wheel_remove(struct batching *server, uint16_t index)
{
    const struct batching_request *request = &server->requests[index];
    uint16_t *head = batching_wheel_slot(server, request->finish);
    if (request->finish_next == index) {
        uint32_t slot = request->finish % BATCHING_SLOTS;
        *head = BATCHING_NONE;
        server->used_slots[slot / 64] &= ~((uint64_t)1 << slot % 64);
        if (!server->used_slots[slot / 64])
            server->used_words &= ~((uint64_t)1 << slot / 64);
    } else {
        server->requests[request->finish_next].finish_previous = request->finish_previous;
        server->requests[request->finish_previous].finish_next = request->finish_next;
        if (*head == index)
            *head = request->finish_next;
    }
    if (request->finish == server->earliest)
        server->earliest = batching_wheel_earliest(server, request->finish);
}

/* Takes a running request out of the running, the wheel, and the counts of decoders. Its memory is free then. */
static inline void batching_remove_running(const struct batching_profile *profile, struct batching *server,
                                           uint16_t index)
{
    const struct batching_request *request = &server->requests[index];
    batching_unlink(server, &server->running, index);
    server->running_count--;
    if (index == server->prefilling) {
        server->prefilling = BATCHING_NONE;
        return;
    }
    server->decoders--;
    server->cached -= batching_length(server, request);
    server->residues[batching_residue(profile, request)]--;
    batching_wheel_remove(server, index);
}

#endif
