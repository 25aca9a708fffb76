/* state.c - growable arrays, the register of a state, and its fingerprint. */
#include "sim/state.h"

#include <stdlib.h>
#include <string.h>

#include "sim/integer.h"
#include "sim/memory.h"

void sim_array_init(struct sim_array *array, size_t item_size)
{
    sim_assert(item_size > 0);
    *array = (struct sim_array){.item_size = item_size};
}

void sim_array_release(struct sim_array *array)
{
    free(array->items);
    *array = (struct sim_array){.item_size = array->item_size};
}

void sim_array_resize(struct sim_array *array, size_t count)
{
    if (count < array->count)
        memset((char *)array->items + count * array->item_size, 0, (array->count - count) * array->item_size);
    array->items = sim_grow(array->items, &array->capacity, count, array->item_size);
    array->count = count;
}

size_t sim_array_add(struct sim_array *array)
{
    sim_array_resize(array, array->count + 1);
    return array->count - 1;
}

void sim_state_init(struct sim_state *state)
{
    *state = (struct sim_state){0};
}

void sim_state_release(struct sim_state *state)
{
    free(state->entries);
    *state = (struct sim_state){0};
}

static void enter(struct sim_state *state, struct sim_state_entry entry)
{
    state->entries = sim_grow(state->entries, &state->capacity, state->count + 1, sizeof *state->entries);
    state->entries[state->count++] = entry;
}

void sim_state_enter(struct sim_state *state, const char *name, struct sim_array *array)
{
    enter(state, (struct sim_state_entry){.name = name, .array = array});
}

void sim_state_enter_block(struct sim_state *state, const char *name, void *block, size_t size)
{
    sim_assert(size > 0);
    enter(state, (struct sim_state_entry){.name = name, .block = block, .block_size = size});
}

static size_t entry_item_size(const struct sim_state_entry *entry)
{
    return entry->array ? entry->array->item_size : entry->block_size;
}

static size_t entry_count(const struct sim_state_entry *entry)
{
    return entry->array ? entry->array->count : 1;
}

static void *entry_items(const struct sim_state_entry *entry)
{
    return entry->array ? entry->array->items : entry->block;
}

/* Overwrites an entry with `count` items at `items`; a struct always has one. */
static void entry_fill(struct sim_state_entry *entry, const void *items, size_t count)
{
    if (entry->array)
        sim_array_resize(entry->array, count);
    if (count)
        memcpy(entry_items(entry), items, count * entry_item_size(entry));
}

void sim_state_copy(struct sim_state *to, const struct sim_state *from)
{
    sim_assert(to->count == from->count);
    for (size_t i = 0; i < from->count; i++) {
        const struct sim_state_entry *source = &from->entries[i];
        sim_assert(strcmp(to->entries[i].name, source->name) == 0);
        sim_assert(entry_item_size(&to->entries[i]) == entry_item_size(source));
        entry_fill(&to->entries[i], entry_items(source), entry_count(source));
    }
}

static void append(struct sim_array *bytes, const void *data, size_t size)
{
    size_t start = bytes->count;
    sim_array_resize(bytes, start + size);
    if (size)
        memcpy((char *)bytes->items + start, data, size);
}

/* What stands before the items of an array; the name guards against a state of another kind. */
struct entry_header {
    char name[48];
    uint64_t item_size;
    uint64_t count;
};

static struct entry_header header_of(const struct sim_state_entry *entry)
{
    struct entry_header header = {.item_size = entry_item_size(entry), .count = entry_count(entry)};
    strncpy(header.name, entry->name, sizeof header.name - 1);
    return header;
}

void sim_state_save(const struct sim_state *state, struct sim_array *bytes)
{
    sim_assert(bytes->item_size == 1);
    for (size_t i = 0; i < state->count; i++) {
        struct entry_header header = header_of(&state->entries[i]);
        append(bytes, &header, sizeof header);
        append(bytes, entry_items(&state->entries[i]), header.count * header.item_size);
    }
}

/* Walks the saved bytes; fills the arrays only if `apply`. Returns 0 if the bytes do not fit the register. */
static int walk_saved(struct sim_state *state, const char *bytes, size_t size, int apply)
{
    size_t at = 0;
    for (size_t i = 0; i < state->count; i++) {
        struct sim_state_entry *entry = &state->entries[i];
        struct entry_header expected = header_of(entry);
        struct entry_header header;
        if (size - at < sizeof header)
            return 0;
        memcpy(&header, bytes + at, sizeof header);
        at += sizeof header;
        if (memcmp(header.name, expected.name, sizeof header.name) != 0 || header.item_size != expected.item_size ||
            header.count > (size - at) / header.item_size || (!entry->array && header.count != 1))
            return 0;
        if (apply)
            entry_fill(entry, bytes + at, header.count);
        at += header.count * header.item_size;
    }
    return at == size;
}

enum sim_status sim_state_load(struct sim_state *state, const void *bytes, size_t size)
{
    if (!walk_saved(state, bytes, size, 0))
        return SIM_BAD_INPUT;
    walk_saved(state, bytes, size, 1);
    return SIM_OK;
}

void sim_digest_init(struct sim_digest *digest)
{
    *digest = (struct sim_digest){0x243F6A8885A308D3, 0x13198A2E03707344};
}

/* Two independent multiply-and-fold lanes; the constants are odd and taken from the digits of pi. */
void sim_digest_add(struct sim_digest *digest, uint64_t value)
{
    sim_uint128 low = (sim_uint128)(digest->low ^ value) * 0xA4093822299F31D1;
    sim_uint128 high = (sim_uint128)(digest->high + value) * 0x082EFA98EC4E6C89;
    digest->low = (uint64_t)low ^ (uint64_t)(low >> 64);
    digest->high = (uint64_t)high ^ (uint64_t)(high >> 64) ^ digest->low;
}
