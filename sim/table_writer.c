/* table_writer.c - collects rows into chunks, has them compressed, and writes them in the order of submission. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/chunk.h"
#include "sim/layout.h"
#include "sim/memory.h"
#include "sim/part_file.h"
#include "sim/table.h"
#include "sim/table_internal.h"

enum {
    CHUNK_BYTES = 1024 * 1024, /* the cache that HDF5 gives a reader by default: chunks must fit it */
    CHUNK_ROWS_MAX = 65536,
    CHUNK_ROWS_MIN = 16,
    CHUNKS_PER_FLUSH = 64
};

struct written_table {
    int64_t dataset;
    struct sim_layout layout;
    size_t chunk_rows;
    void *items; /* the chunk being filled */
    size_t items_size;
    size_t count;       /* structs in it */
    uint64_t first_row; /* place of its first struct in the table */
};

struct sim_table_writer {
    struct sim_part_file part;
    struct sim_table_file file;
    struct sim_chunk_queue *queue;
    struct written_table **tables; /* each stays in place: the workers look at its layout */
    size_t count;
    size_t capacity;
    uint64_t chunks_written;
    struct sim_error failure; /* the first one */
};

/* Every step reports here: whether HDF5 was content; the disk is asked as well. Returns the writer's state, which
 * never gets better again. `what` says what was being written.
 */
static enum sim_status note(struct sim_table_writer *writer, bool succeeded, const char *what, struct sim_error *error)
{
    int number = writer->part.error_number;
    if (writer->failure.status == SIM_OK && number)
        sim_error_set(&writer->failure, SIM_CANNOT_WRITE, writer->part.path, 0, "%s", strerror(number));
    else if (writer->failure.status == SIM_OK && !succeeded)
        sim_error_set(&writer->failure, SIM_CANNOT_WRITE, writer->part.path, 0, "%s: %s", what,
                      sim_table_reason().text);
    if (writer->failure.status != SIM_OK && error)
        *error = writer->failure;
    return writer->failure.status;
}

static enum sim_status state_of(struct sim_table_writer *writer, struct sim_error *error)
{
    return note(writer, true, "", error);
}

enum sim_status sim_table_writer_open(const char *path, unsigned worker_count, struct sim_table_writer **writer,
                                      struct sim_error *error)
{
    *writer = NULL;
    struct sim_table_writer *opened = sim_allocate(1, sizeof *opened);
    enum sim_status status = sim_part_file_open(&opened->part, path, error);
    if (status != SIM_OK) {
        free(opened);
        return status;
    }
    opened->queue = sim_chunk_queue_create(worker_count);
    bool is_created = sim_table_create(&opened->file, &opened->part);
    bool is_marked = is_created && sim_table_write_int64(&opened->file, "", "complete", 0);
    status = note(opened, is_marked, "a new file", error);
    if (status == SIM_OK)
        *writer = opened;
    else
        sim_table_writer_abandon(opened);
    return status;
}

enum sim_status sim_table_writer_int64(struct sim_table_writer *writer, const char *object, const char *name,
                                       int64_t value, struct sim_error *error)
{
    bool is_written = !writer->failure.status && sim_table_write_int64(&writer->file, object, name, value);
    return note(writer, is_written, name, error);
}

enum sim_status sim_table_writer_double(struct sim_table_writer *writer, const char *object, const char *name,
                                        double value, struct sim_error *error)
{
    bool is_written = !writer->failure.status && sim_table_write_double(&writer->file, object, name, value);
    return note(writer, is_written, name, error);
}

enum sim_status sim_table_writer_text(struct sim_table_writer *writer, const char *object, const char *name,
                                      const char *text, struct sim_error *error)
{
    bool is_written = !writer->failure.status && sim_table_write_text(&writer->file, object, name, text);
    return note(writer, is_written, name, error);
}

static enum sim_status describe_columns(struct sim_table_writer *writer, const char *table,
                                        const struct sim_layout *layout, struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < layout->count && status == SIM_OK; i++) {
        const struct sim_field *field = layout->columns[i].field;
        char name[256];
        snprintf(name, sizeof name, "unit_%s", field->name);
        status = sim_table_writer_text(writer, table, name, sim_layout_unit(field), error);
        snprintf(name, sizeof name, "help_%s", field->name);
        if (status == SIM_OK)
            status = sim_table_writer_text(writer, table, name, field->help ? field->help : "", error);
    }
    return status;
}

static size_t rows_per_chunk(size_t row_size)
{
    size_t rows = CHUNK_ROWS_MAX;
    while (rows > CHUNK_ROWS_MIN && rows * row_size > CHUNK_BYTES)
        rows /= 2;
    return rows;
}

enum sim_status sim_table_writer_add(struct sim_table_writer *writer, const char *name,
                                     const struct sim_field_table *fields, size_t *table, struct sim_error *error)
{
    struct written_table *added = sim_allocate(1, sizeof *added);
    writer->tables = sim_grow(writer->tables, &writer->capacity, writer->count + 1, sizeof *writer->tables);
    *table = writer->count;
    writer->tables[writer->count++] = added;
    sim_layout_init(&added->layout, fields);
    added->chunk_rows = rows_per_chunk(added->layout.row_size);
    added->dataset = -1;
    if (writer->failure.status == SIM_OK)
        added->dataset = sim_table_create_dataset(&writer->file, name, &added->layout, added->chunk_rows);
    enum sim_status status = note(writer, added->dataset >= 0, name, error);
    return status == SIM_OK ? describe_columns(writer, name, &added->layout, error) : status;
}

/* Hands the oldest chunk to HDF5; false when there is none or writing failed. */
static bool write_oldest(struct sim_table_writer *writer)
{
    const struct sim_chunk *chunk = sim_chunk_queue_take(writer->queue);
    if (!chunk)
        return false;
    bool is_written = sim_table_write_chunk(writer->tables[chunk->table]->dataset, chunk);
    sim_chunk_queue_release(writer->queue);
    if (is_written && ++writer->chunks_written % CHUNKS_PER_FLUSH == 0)
        is_written = sim_table_flush(&writer->file);
    return note(writer, is_written, "rows", NULL) == SIM_OK;
}

/* Sends the chunk being filled to be compressed; its table gets the buffer that the place in the ring had. */
static enum sim_status submit(struct sim_table_writer *writer, size_t number, struct sim_error *error)
{
    struct written_table *table = writer->tables[number];
    struct sim_chunk *place = sim_chunk_queue_place(writer->queue);
    if (!place) {
        if (!write_oldest(writer))
            return state_of(writer, error);
        place = sim_chunk_queue_place(writer->queue);
    }
    void *spare = place->items;
    size_t spare_size = place->items_size;
    place->layout = &table->layout;
    place->table = number;
    place->first_row = table->first_row;
    place->items = table->items;
    place->items_size = table->items_size;
    place->count = table->count;
    place->chunk_rows = table->chunk_rows;
    sim_chunk_queue_submit(writer->queue);
    table->first_row += table->count;
    table->items = spare;
    table->items_size = spare_size;
    table->count = 0;
    return SIM_OK;
}

enum sim_status sim_table_writer_append(struct sim_table_writer *writer, size_t table, const void *items, size_t count,
                                        struct sim_error *error)
{
    sim_assert(table < writer->count);
    struct written_table *to = writer->tables[table];
    const char *from = items;
    size_t item_size = to->layout.item_size;
    enum sim_status status = state_of(writer, error);
    while (count > 0 && status == SIM_OK) {
        size_t room = to->chunk_rows - to->count;
        size_t taken = count < room ? count : room;
        to->items = sim_grow(to->items, &to->items_size, (to->count + taken) * item_size, 1);
        memcpy((char *)to->items + to->count * item_size, from, taken * item_size);
        to->count += taken;
        from += taken * item_size;
        count -= taken;
        if (to->count == to->chunk_rows)
            status = submit(writer, table, error);
    }
    return status;
}

/* The file's driver survives any failure, so HDF5 can be closed even on a full disk. */
static bool close_file(struct sim_table_writer *writer)
{
    for (size_t i = 0; i < writer->count; i++)
        sim_table_close_object(writer->tables[i]->dataset);
    return sim_table_close(&writer->file);
}

static void release(struct sim_table_writer *writer)
{
    sim_chunk_queue_destroy(writer->queue);
    for (size_t i = 0; i < writer->count; i++) {
        sim_layout_release(&writer->tables[i]->layout);
        free(writer->tables[i]->items);
        free(writer->tables[i]);
    }
    free(writer->tables);
    free(writer);
}

static enum sim_status write_rest(struct sim_table_writer *writer, struct sim_error *error)
{
    enum sim_status status = state_of(writer, error);
    for (size_t i = 0; i < writer->count && status == SIM_OK; i++)
        if (writer->tables[i]->count > 0)
            status = submit(writer, i, error);
    while (status == SIM_OK && write_oldest(writer))
        continue;
    return state_of(writer, error);
}

enum sim_status sim_table_writer_finish(struct sim_table_writer *writer, struct sim_error *error)
{
    enum sim_status status = write_rest(writer, error);
    if (status == SIM_OK)
        status = sim_table_writer_int64(writer, "", "complete", 1, error);
    bool is_closed = close_file(writer);
    enum sim_status state = note(writer, is_closed, "the end of the file", error);
    if (status == SIM_OK)
        status = state;
    if (status == SIM_OK)
        status = sim_part_file_finish(&writer->part, error);
    else
        sim_part_file_abandon(&writer->part);
    release(writer);
    return status;
}

void sim_table_writer_abandon(struct sim_table_writer *writer)
{
    if (!writer)
        return;
    close_file(writer);
    sim_part_file_abandon(&writer->part);
    release(writer);
}
