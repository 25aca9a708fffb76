/* table_reader.c - opens finished files, checks that they are what is asked for, and reads rows in blocks. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/layout.h"
#include "sim/memory.h"
#include "sim/table.h"
#include "sim/table_internal.h"

enum {
    BLOCK_BYTES = 512 * 1024
};

struct read_table {
    int64_t dataset;
    char *name;
    struct sim_layout layout;
    uint64_t row_count;
};

struct sim_table_reader {
    struct sim_table_file file;
    struct sim_arena *arena;     /* the path, names, attributes */
    struct sim_text_pool *texts; /* from columns */
    const char *path;
    struct read_table *tables;
    size_t count;
    size_t capacity;
    unsigned char *block; /* rows as they lie in the file */
    size_t block_size;
};

/* Opens the file the plain way first: the system's reasons are better than HDF5's. */
static enum sim_status check_file(const char *path, struct sim_error *error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_open = fd >= 0 && fstat(fd, &status) == 0;
    int number = errno;
    if (fd >= 0)
        close(fd);
    if (!is_open)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "%s", strerror(number));
    if (S_ISDIR(status.st_mode))
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "%s", strerror(EISDIR));
    if (!S_ISREG(status.st_mode) || !sim_table_is_hdf5(path))
        return sim_error_set(error, SIM_NOT_A_TRACE, path, 0, "is not an HDF5 file");
    return SIM_OK;
}

static enum sim_status check_complete(const struct sim_table_reader *reader, struct sim_error *error)
{
    int64_t complete;
    if (!sim_table_read_int64(&reader->file, "", "complete", &complete))
        return sim_error_set(error, SIM_NOT_A_TRACE, reader->path, 0,
                             "has no attribute 'complete', so it is of another origin");
    if (complete != 1)
        return sim_error_set(error, SIM_NOT_A_TRACE, reader->path, 0,
                             "is not complete: what wrote it did not come to its end");
    return SIM_OK;
}

enum sim_status sim_table_reader_open(const char *path, struct sim_table_reader **reader, struct sim_error *error)
{
    *reader = NULL;
    enum sim_status status = check_file(path, error);
    if (status != SIM_OK)
        return status;
    struct sim_table_file file;
    if (!sim_table_open(&file, path))
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "HDF5 says: %s", sim_table_reason().text);
    struct sim_table_reader *opened = sim_allocate(1, sizeof *opened);
    opened->file = file;
    opened->arena = sim_arena_create();
    opened->texts = sim_text_pool_create();
    opened->path = sim_arena_text(opened->arena, path);
    status = check_complete(opened, error);
    if (status == SIM_OK)
        *reader = opened;
    else
        sim_table_reader_close(opened);
    return status;
}

void sim_table_reader_close(struct sim_table_reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < reader->count; i++) {
        sim_table_close_object(reader->tables[i].dataset);
        sim_layout_release(&reader->tables[i].layout);
    }
    sim_table_close(&reader->file);
    sim_text_pool_destroy(reader->texts);
    sim_arena_destroy(reader->arena);
    free(reader->tables);
    free(reader->block);
    free(reader);
}

bool sim_table_reader_has(struct sim_table_reader *reader, const char *name)
{
    return sim_table_has(&reader->file, name);
}

enum sim_status sim_table_reader_find(struct sim_table_reader *reader, const char *name,
                                      const struct sim_field_table *fields, size_t *table, struct sim_error *error)
{
    struct read_table found = {0};
    struct sim_table_reason reason;
    sim_layout_init(&found.layout, fields);
    found.dataset = sim_table_open_dataset(&reader->file, name, &found.layout, &found.row_count, &reason);
    if (found.dataset < 0) {
        sim_layout_release(&found.layout);
        return sim_error_set(error, SIM_NOT_A_TRACE, reader->path, 0, "table '%s' %s", name, reason.text);
    }
    found.name = sim_arena_text(reader->arena, name);
    reader->tables = sim_grow(reader->tables, &reader->capacity, reader->count + 1, sizeof *reader->tables);
    *table = reader->count;
    reader->tables[reader->count++] = found;
    return SIM_OK;
}

uint64_t sim_table_reader_count(const struct sim_table_reader *reader, size_t table)
{
    sim_assert(table < reader->count);
    return reader->tables[table].row_count;
}

static enum sim_status read_block(struct sim_table_reader *reader, const struct read_table *table, uint64_t first,
                                  size_t count, void *items, struct sim_error *error)
{
    if (!sim_table_read_rows(table->dataset, first, count, reader->block))
        return sim_error_set(error, SIM_CANNOT_READ, reader->path, 0, "table '%s' cannot be read: %s", table->name,
                             sim_table_reason().text);
    const struct sim_layout_column *column = NULL;
    size_t good = sim_layout_unpack(&table->layout, reader->block, count, items, reader->texts, &column);
    if (good == count)
        return SIM_OK;
    return sim_error_set(
        error, SIM_NOT_A_TRACE, reader->path, 0, "table '%s', row %zu: '%.*s' is not a value of column '%s'",
        table->name, (size_t)first + good, column->field->type == SIM_FIELD_CHOICE ? (int)column->size : 0,
        (const char *)reader->block + good * table->layout.row_size + column->offset, column->field->name);
}

enum sim_status sim_table_reader_rows(struct sim_table_reader *reader, size_t table, uint64_t first, size_t count,
                                      void *items, struct sim_error *error)
{
    sim_assert(table < reader->count);
    const struct read_table *from = &reader->tables[table];
    sim_assert(first <= from->row_count && count <= from->row_count - first);
    size_t block_rows = from->layout.row_size < BLOCK_BYTES ? BLOCK_BYTES / from->layout.row_size : 1;
    reader->block = sim_grow(reader->block, &reader->block_size, block_rows * from->layout.row_size, 1);
    char *to = items;
    enum sim_status status = SIM_OK;
    while (count > 0 && status == SIM_OK) {
        size_t rows = count < block_rows ? count : block_rows;
        status = read_block(reader, from, first, rows, to, error);
        to += rows * from->layout.item_size;
        first += rows;
        count -= rows;
    }
    return status;
}

enum sim_status sim_table_reader_load(struct sim_table_reader *reader, const char *name,
                                      const struct sim_field_table *fields, struct sim_array *items,
                                      struct sim_error *error)
{
    sim_assert(items->item_size == fields->item_size);
    size_t table = 0;
    enum sim_status status = sim_table_reader_find(reader, name, fields, &table, error);
    if (status != SIM_OK)
        return status;
    sim_array_resize(items, sim_table_reader_count(reader, table));
    return sim_table_reader_rows(reader, table, 0, items->count, items->items, error);
}

static enum sim_status no_attribute(const struct sim_table_reader *reader, const char *object, const char *name,
                                    const char *kind, struct sim_error *error)
{
    return sim_error_set(error, SIM_NOT_A_TRACE, reader->path, 0, "%s%s%s has no attribute '%s' that is %s",
                         *object ? "'" : "", *object ? object : "the file", *object ? "'" : "", name, kind);
}

enum sim_status sim_table_reader_int64(struct sim_table_reader *reader, const char *object, const char *name,
                                       int64_t *value, struct sim_error *error)
{
    if (!sim_table_read_int64(&reader->file, object, name, value))
        return no_attribute(reader, object, name, "an integer", error);
    return SIM_OK;
}

enum sim_status sim_table_reader_double(struct sim_table_reader *reader, const char *object, const char *name,
                                        double *value, struct sim_error *error)
{
    if (!sim_table_read_double(&reader->file, object, name, value))
        return no_attribute(reader, object, name, "a floating point number", error);
    return SIM_OK;
}

enum sim_status sim_table_reader_text(struct sim_table_reader *reader, const char *object, const char *name,
                                      const char **text, struct sim_error *error)
{
    *text = sim_table_read_text(&reader->file, object, name, reader->arena);
    return *text ? SIM_OK : no_attribute(reader, object, name, "a text", error);
}
