/* bytes.c - putting and getting. */
#include "sim/bytes.h"

#include <stdint.h>
#include <string.h>

void sim_bytes_put(struct sim_array *bytes, const void *data, size_t size)
{
    size_t start = bytes->count;
    sim_assert(bytes->item_size == 1);
    sim_array_resize(bytes, start + size);
    if (size)
        memcpy((char *)bytes->items + start, data, size);
}

void sim_bytes_put_array(struct sim_array *bytes, const struct sim_array *array)
{
    uint64_t count = array->count;
    sim_bytes_put(bytes, &count, sizeof count);
    sim_bytes_put(bytes, array->items, array->count * array->item_size);
}

bool sim_bytes_get(struct sim_bytes_reader *reader, void *data, size_t size)
{
    if (size > reader->left)
        return false;
    if (size)
        memcpy(data, reader->next, size);
    reader->next += size;
    reader->left -= size;
    return true;
}

bool sim_bytes_get_array(struct sim_bytes_reader *reader, struct sim_array *array)
{
    uint64_t count;
    if (!sim_bytes_get(reader, &count, sizeof count) || count > reader->left / array->item_size)
        return false;
    sim_array_resize(array, 0);
    sim_array_resize(array, count);
    return sim_bytes_get(reader, array->items, count * array->item_size);
}
