/* layout.c - structs to planes of bytes for the file, packed rows of the file to structs. */
#include "sim/layout.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"
#include "sim/memory.h"
#include "sim/text_pool.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "rows are copied in memory order, which must be little-endian"
#endif

enum {
    TEXT_LENGTH_DEFAULT = 64
};

static void collect_names(struct sim_layout_column *column)
{
    const char *const *choices = column->field->choices;
    sim_assert(choices && choices[0]);
    column->name_size = 1;
    for (; choices[column->name_count]; column->name_count++) {
        size_t length = strlen(choices[column->name_count]);
        if (length > column->name_size)
            column->name_size = length;
    }
    column->names = sim_allocate(column->name_count, column->name_size);
    for (size_t i = 0; i < column->name_count; i++)
        memcpy(column->names + i * column->name_size, choices[i], strlen(choices[i]));
}

static size_t column_size(const struct sim_layout_column *column)
{
    switch (column->field->type) {
    case SIM_FIELD_UINT8:
    case SIM_FIELD_BOOL:
        return 1;
    case SIM_FIELD_INT32:
        return 4;
    case SIM_FIELD_INT64:
    case SIM_FIELD_DOUBLE:
    case SIM_FIELD_TIME:
        return 8;
    case SIM_FIELD_CHOICE:
        return column->name_size + 1;
    case SIM_FIELD_TEXT:
        return (column->field->highest > 0 ? (size_t)column->field->highest : TEXT_LENGTH_DEFAULT) + 1;
    case SIM_FIELD_CHOICES:
    case SIM_FIELD_DISTRIBUTION:
    case SIM_FIELD_RECORD:
    case SIM_FIELD_LIST:
        break;
    }
    const bool has_column = false; /* fields that only a scenario can hold */
    sim_assert(has_column);
    return 0;
}

void sim_layout_init(struct sim_layout *layout, const struct sim_field_table *fields)
{
    sim_assert(fields->count > 0);
    *layout = (struct sim_layout){.count = fields->count, .item_size = fields->item_size};
    layout->columns = sim_allocate(fields->count, sizeof *layout->columns);
    for (size_t i = 0; i < fields->count; i++) {
        struct sim_layout_column *column = &layout->columns[i];
        column->field = &fields->fields[i];
        if (column->field->type == SIM_FIELD_CHOICE)
            collect_names(column);
        column->offset = layout->row_size;
        column->size = column_size(column);
        layout->row_size += column->size;
    }
}

void sim_layout_release(struct sim_layout *layout)
{
    for (size_t i = 0; i < layout->count; i++)
        free(layout->columns[i].names);
    free(layout->columns);
    *layout = (struct sim_layout){0};
}

const char *sim_layout_unit(const struct sim_field *field)
{
    return field->type == SIM_FIELD_TIME ? "ns" : field->unit ? field->unit : "";
}

/* The first byte of a column in each plane: plane + k * plane_size + i is byte k of row i. */
struct target {
    unsigned char *plane;
    size_t plane_size;
};

static void shuffle_bytes(const char *member, size_t step, size_t count, struct target to)
{
    for (size_t i = 0; i < count; i++)
        to.plane[i] = (unsigned char)member[i * step];
}

static void shuffle_int32(const char *member, size_t step, size_t count, struct target to)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t value;
        memcpy(&value, member + i * step, sizeof value);
        for (size_t k = 0; k < sizeof value; k++)
            to.plane[k * to.plane_size + i] = (unsigned char)(value >> 8 * k);
    }
}

static void shuffle_int64(const char *member, size_t step, size_t count, struct target to)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value;
        memcpy(&value, member + i * step, sizeof value);
        for (size_t k = 0; k < sizeof value; k++)
            to.plane[k * to.plane_size + i] = (unsigned char)(value >> 8 * k);
    }
}

static void shuffle_choices(const struct sim_layout_column *column, const char *member, size_t step, size_t count,
                            struct target to)
{
    for (size_t i = 0; i < count; i++) {
        int32_t choice;
        memcpy(&choice, member + i * step, sizeof choice);
        sim_assert(choice >= 0 && (size_t)choice < column->name_count);
        const char *name = column->names + (size_t)choice * column->name_size;
        for (size_t k = 0; k < column->name_size; k++)
            to.plane[k * to.plane_size + i] = (unsigned char)name[k];
        to.plane[column->name_size * to.plane_size + i] = 0;
    }
}

/* How many bytes of `text` fit into `size` without cutting a UTF-8 character. */
static size_t fitting_length(const char *text, size_t size)
{
    size_t length = strnlen(text, size + 1);
    if (length <= size)
        return length;
    length = size;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    return length;
}

static void shuffle_texts(const struct sim_layout_column *column, const char *member, size_t step, size_t count,
                          struct target to)
{
    for (size_t i = 0; i < count; i++) {
        const char *text;
        memcpy(&text, member + i * step, sizeof text);
        size_t length = text ? fitting_length(text, column->size - 1) : 0;
        for (size_t k = 0; k < column->size; k++)
            to.plane[k * to.plane_size + i] = k < length ? (unsigned char)text[k] : 0;
    }
}

static void shuffle_column(const struct sim_layout_column *column, const char *member, size_t step, size_t count,
                           struct target to)
{
    if (column->field->type == SIM_FIELD_CHOICE)
        shuffle_choices(column, member, step, count, to);
    else if (column->field->type == SIM_FIELD_TEXT)
        shuffle_texts(column, member, step, count, to);
    else if (column->size == 8)
        shuffle_int64(member, step, count, to);
    else if (column->size == 4)
        shuffle_int32(member, step, count, to);
    else
        shuffle_bytes(member, step, count, to);
}

void sim_layout_shuffle(const struct sim_layout *layout, const void *items, size_t count, size_t plane_size,
                        unsigned char *planes)
{
    /* Few enough structs at a time to stay in the first-level cache while column after column is taken. */
    const size_t tile = 128;
    for (size_t first = 0; first < count; first += tile) {
        size_t rows = count - first < tile ? count - first : tile;
        const char *item = (const char *)items + first * layout->item_size;
        for (size_t c = 0; c < layout->count; c++) {
            const struct sim_layout_column *column = &layout->columns[c];
            struct target to = {.plane_size = plane_size};
            to.plane = planes + column->offset * plane_size + first;
            shuffle_column(column, item + column->field->offset, layout->item_size, rows, to);
        }
    }
}

/* Index of the choice that bears this name, -1 for none. `guess` is tried first: neighbours are often equal. */
static int32_t choice_of(const struct sim_layout_column *column, const char *name, size_t length, int32_t guess)
{
    const char *const *choices = column->field->choices;
    if (strncmp(choices[guess], name, length) == 0 && !choices[guess][length])
        return guess;
    for (size_t i = 0; i < column->name_count; i++)
        if (strncmp(choices[i], name, length) == 0 && !choices[i][length])
            return (int32_t)i;
    return -1;
}

static size_t unpack_choices(const struct sim_layout_column *column, const unsigned char *cell, size_t row_size,
                             size_t count, char *member, size_t step)
{
    int32_t choice = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = (const char *)cell + i * row_size;
        int32_t found = choice_of(column, name, strnlen(name, column->size), choice);
        if (found < 0)
            return i;
        choice = found;
        memcpy(member + i * step, &choice, sizeof choice);
    }
    return count;
}

static void unpack_texts(const struct sim_layout_column *column, const unsigned char *cell, size_t row_size,
                         size_t count, char *member, size_t step, struct sim_text_pool *texts)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = (const char *)cell + i * row_size;
        const char *kept = sim_text_pool_keep(texts, text, strnlen(text, column->size));
        memcpy(member + i * step, &kept, sizeof kept);
    }
}

static size_t unpack_truths(const unsigned char *cell, size_t row_size, size_t count, char *member, size_t step)
{
    for (size_t i = 0; i < count; i++) {
        if (cell[i * row_size] > 1)
            return i;
        bool truth = cell[i * row_size] == 1;
        memcpy(member + i * step, &truth, sizeof truth);
    }
    return count;
}

static size_t unpack_column(const struct sim_layout_column *column, const unsigned char *cell, size_t row_size,
                            size_t count, char *member, size_t step, struct sim_text_pool *texts)
{
    if (column->field->type == SIM_FIELD_CHOICE)
        return unpack_choices(column, cell, row_size, count, member, step);
    if (column->field->type == SIM_FIELD_BOOL)
        return unpack_truths(cell, row_size, count, member, step);
    if (column->field->type == SIM_FIELD_TEXT)
        unpack_texts(column, cell, row_size, count, member, step, texts);
    else
        for (size_t i = 0; i < count; i++)
            memcpy(member + i * step, cell + i * row_size, column->size);
    return count;
}

size_t sim_layout_unpack(const struct sim_layout *layout, const unsigned char *rows, size_t count, void *items,
                         struct sim_text_pool *texts, const struct sim_layout_column **column)
{
    size_t good = count;
    for (size_t c = 0; c < layout->count; c++) {
        const struct sim_layout_column *here = &layout->columns[c];
        size_t unpacked = unpack_column(here, rows + here->offset, layout->row_size, count,
                                        (char *)items + here->field->offset, layout->item_size, texts);
        if (unpacked < good) {
            good = unpacked;
            *column = here;
        }
    }
    return good;
}
