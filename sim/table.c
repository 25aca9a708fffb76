/* table.c - the calls of HDF5: its driver for part files, types, datasets, attributes. */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"
#include "sim/table_internal.h"

/* HDF5's filter mask: bit n says that filter n was skipped. Shuffle is filter 0, deflate filter 1. */
enum {
    DEFLATE_SKIPPED = 1 << 1
};

/* Closing would wipe out the messages of the call that failed before. */
void sim_table_close_object(int64_t id)
{
    if (id < 0)
        return;
    hid_t messages = H5Eget_current_stack();
    H5Idec_ref(id);
    H5Eset_current_stack(messages);
}

/* Keeps the innermost message of the error stack, up to its first line end. */
static herr_t innermost(unsigned depth, const H5E_error2_t *entry, void *text)
{
    if (depth == 0)
        snprintf(text, sizeof(struct sim_table_reason), "%.*s", (int)strcspn(entry->desc, "\n"), entry->desc);
    return 0;
}

struct sim_table_reason sim_table_reason(void)
{
    struct sim_table_reason reason = {"HDF5 gives no reason"};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, reason.text);
    return reason;
}

/* ---- HDF5's file driver for a part file ----
 *
 * HDF5 1.10 crashes at exit when closing a file failed, and it fails when the disk is full. This driver tells HDF5
 * that all is well and leaves the first failure in the part file.
 */

struct driver_file {
    H5FD_t base; /* HDF5's own part, which must come first */
    struct sim_part_file *part;
    haddr_t allocated_end;
    haddr_t written_end;
};

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t address_max)
{
    (void)name;
    (void)flags;
    (void)address_max;
    struct sim_part_file *const *part = H5Pget_driver_info(access);
    struct driver_file *file = sim_allocate(1, sizeof *file);
    file->part = *part;
    return &file->base;
}

static herr_t driver_close(H5FD_t *file)
{
    free(file);
    return 0;
}

static herr_t driver_query(const H5FD_t *file, unsigned long *flags)
{
    (void)file;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA |
             H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t driver_allocated_end(const H5FD_t *file, H5FD_mem_t type)
{
    (void)type;
    return ((const struct driver_file *)file)->allocated_end;
}

static herr_t driver_set_allocated_end(H5FD_t *file, H5FD_mem_t type, haddr_t address)
{
    (void)type;
    ((struct driver_file *)file)->allocated_end = address;
    return 0;
}

static haddr_t driver_written_end(const H5FD_t *file, H5FD_mem_t type)
{
    (void)type;
    return ((const struct driver_file *)file)->written_end;
}

static herr_t driver_read(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *data)
{
    (void)type;
    (void)transfer;
    sim_part_file_read(((struct driver_file *)file)->part, address, data, size);
    return 0;
}

static herr_t driver_write(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                           const void *data)
{
    (void)type;
    (void)transfer;
    struct driver_file *driver = (struct driver_file *)file;
    sim_part_file_write(driver->part, address, data, size);
    if (address + size > driver->written_end)
        driver->written_end = address + size;
    return 0;
}

static herr_t driver_truncate(H5FD_t *file, hid_t transfer, hbool_t closing)
{
    (void)transfer;
    (void)closing;
    struct driver_file *driver = (struct driver_file *)file;
    if (driver->written_end != driver->allocated_end) {
        sim_part_file_resize(driver->part, driver->allocated_end);
        driver->written_end = driver->allocated_end;
    }
    return 0;
}

static hid_t driver_register(void)
{
    H5FD_class_t driver = {.name = "part",
                           .maxaddr = INT64_MAX,
                           .fc_degree = H5F_CLOSE_STRONG,
                           .fapl_size = sizeof(struct sim_part_file *),
                           .open = driver_open,
                           .close = driver_close,
                           .query = driver_query,
                           .get_eoa = driver_allocated_end,
                           .set_eoa = driver_set_allocated_end,
                           .get_eof = driver_written_end,
                           .read = driver_read,
                           .write = driver_write,
                           .truncate = driver_truncate,
                           .fl_map = H5FD_FLMAP_DICHOTOMY};
    return H5FDregister(&driver);
}

/* ---- Types ---- */

/* Text of that size in UTF-8; a negative id if it cannot be made. */
static hid_t text_type(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (H5Tset_size(type, size) >= 0 && H5Tset_strpad(type, H5T_STR_NULLTERM) >= 0 &&
        H5Tset_cset(type, H5T_CSET_UTF8) >= 0)
        return type;
    sim_table_close_object(type);
    return -1;
}

/* The type of a column in the file; to be closed. */
static hid_t column_type(const struct sim_layout_column *column)
{
    switch (column->field->type) {
    case SIM_FIELD_UINT8:
        return H5Tcopy(H5T_STD_U8LE);
    case SIM_FIELD_BOOL:
        return H5Tcopy(H5T_STD_B8LE);
    case SIM_FIELD_INT32:
        return H5Tcopy(H5T_STD_I32LE);
    case SIM_FIELD_DOUBLE:
        return H5Tcopy(H5T_IEEE_F64LE);
    case SIM_FIELD_CHOICE:
    case SIM_FIELD_TEXT:
        return text_type(column->size);
    default:
        return H5Tcopy(H5T_STD_I64LE);
    }
}

/* The type of a whole row; to be closed. Negative if it cannot be made: a column must not be missing in silence. */
static hid_t row_type(const struct sim_layout *layout)
{
    hid_t type = H5Tcreate(H5T_COMPOUND, layout->row_size);
    bool is_whole = type >= 0;
    for (size_t i = 0; i < layout->count && is_whole; i++) {
        hid_t member = column_type(&layout->columns[i]);
        is_whole = H5Tinsert(type, layout->columns[i].field->name, layout->columns[i].offset, member) >= 0;
        sim_table_close_object(member);
    }
    if (is_whole)
        return type;
    sim_table_close_object(type);
    return -1;
}

/* ---- Files ---- */

/* Bounds on the version of the format: that of HDF5 1.8, which every reader knows, and which has no mark "open for
 * writing" that would keep readers from a part left by a killed run.
 */
static bool configure_access(hid_t access, hid_t driver, struct sim_part_file *part)
{
    return H5Pset_driver(access, driver, &part) >= 0 &&
           H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
           H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0;
}

bool sim_table_create(struct sim_table_file *file, struct sim_part_file *part)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    *file = (struct sim_table_file){.id = -1, .driver = driver_register()};
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    if (configure_access(access, file->driver, part) && H5Pset_obj_track_times(creation, false) >= 0)
        file->id = H5Fcreate(part->part_path, H5F_ACC_TRUNC, creation, access);
    sim_table_close_object(creation);
    sim_table_close_object(access);
    return file->id >= 0;
}

bool sim_table_is_hdf5(const char *path)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return H5Fis_hdf5(path) > 0;
}

bool sim_table_open(struct sim_table_file *file, const char *path)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    *file = (struct sim_table_file){.id = H5Fopen(path, H5F_ACC_RDONLY, access), .driver = -1};
    sim_table_close_object(access);
    return file->id >= 0;
}

bool sim_table_flush(const struct sim_table_file *file)
{
    return H5Fflush(file->id, H5F_SCOPE_GLOBAL) >= 0;
}

bool sim_table_close(struct sim_table_file *file)
{
    bool is_closed = file->id >= 0 && H5Fclose(file->id) >= 0;
    if (file->driver >= 0)
        H5FDunregister(file->driver);
    *file = (struct sim_table_file){.id = -1, .driver = -1};
    return is_closed;
}

/* ---- Datasets ---- */

/* Creates the groups that a name goes through. HDF5 could do so by itself, but would note the time. */
static bool create_groups(hid_t file, const char *name)
{
    hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    bool is_good = H5Pset_obj_track_times(creation, false) >= 0;
    char *path = memcpy(sim_allocate(strlen(name) + 1, 1), name, strlen(name));
    for (char *slash = strchr(path, '/'); slash && is_good; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (H5Lexists(file, path, H5P_DEFAULT) == 0) {
            hid_t group = H5Gcreate2(file, path, H5P_DEFAULT, creation, H5P_DEFAULT);
            is_good = group >= 0;
            sim_table_close_object(group);
        }
        *slash = '/';
    }
    free(path);
    sim_table_close_object(creation);
    return is_good;
}

static bool configure_dataset(hid_t creation, hsize_t chunk_rows)
{
    return H5Pset_chunk(creation, 1, &chunk_rows) >= 0 && H5Pset_shuffle(creation) >= 0 &&
           H5Pset_deflate(creation, 1) >= 0 && H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER) >= 0 &&
           H5Pset_obj_track_times(creation, false) >= 0;
}

int64_t sim_table_create_dataset(const struct sim_table_file *file, const char *name, const struct sim_layout *layout,
                                 size_t chunk_rows)
{
    hsize_t rows = 0;
    hsize_t rows_max = H5S_UNLIMITED;
    hid_t type = row_type(layout);
    hid_t space = H5Screate_simple(1, &rows, &rows_max);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    hid_t dataset = -1;
    if (create_groups(file->id, name) && configure_dataset(creation, chunk_rows))
        dataset = H5Dcreate2(file->id, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    sim_table_close_object(creation);
    sim_table_close_object(space);
    sim_table_close_object(type);
    return dataset;
}

bool sim_table_write_chunk(int64_t dataset, const struct sim_chunk *chunk)
{
    hsize_t first = chunk->first_row;
    hsize_t rows = chunk->first_row + chunk->count;
    uint32_t mask = chunk->is_deflated ? 0 : DEFLATE_SKIPPED;
    return H5Dset_extent(dataset, &rows) >= 0 &&
           H5Dwrite_chunk(dataset, H5P_DEFAULT, mask, &first, chunk->size, chunk->bytes) >= 0;
}

bool sim_table_has(const struct sim_table_file *file, const char *name)
{
    bool exists = true;
    char *path = memcpy(sim_allocate(strlen(name) + 1, 1), name, strlen(name));
    for (char *slash = strchr(path, '/'); slash && exists; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        exists = H5Lexists(file->id, path, H5P_DEFAULT) > 0;
        *slash = '/';
    }
    exists = exists && H5Lexists(file->id, path, H5P_DEFAULT) > 0;
    free(path);
    return exists;
}

struct type_words {
    char text[64];
};

/* "8-byte integer", "12-byte text": what a type is, for messages. */
static struct type_words type_in_words(hid_t type)
{
    struct type_words words;
    H5T_class_t class = H5Tget_class(type);
    const char *noun = class == H5T_INTEGER    ? H5Tget_sign(type) == H5T_SGN_NONE ? "unsigned integer" : "integer"
                       : class == H5T_FLOAT    ? "floating point number"
                       : class == H5T_BITFIELD ? "bit field"
                       : class == H5T_STRING   ? "text"
                       : class == H5T_ENUM     ? "enumeration"
                                               : "value of another kind";
    bool is_big = H5Tget_order(type) == H5T_ORDER_BE;
    snprintf(words.text, sizeof words.text, "%zu-byte %s%s", H5Tget_size(type), is_big ? "big-endian " : "", noun);
    return words;
}

static bool is_fixed_text(hid_t type)
{
    return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
}

/* Finds one column in the file's type and takes over its place and width. */
static bool match_column(hid_t type, struct sim_layout_column *column, struct sim_table_reason *reason)
{
    const char *name = column->field->name;
    int member = H5Tget_member_index(type, name);
    if (member < 0) {
        snprintf(reason->text, sizeof reason->text, "has no column '%s'", name);
        return false;
    }
    hid_t found = H5Tget_member_type(type, (unsigned)member);
    hid_t wanted = column_type(column);
    bool is_match = is_fixed_text(wanted) ? is_fixed_text(found) : H5Tequal(found, wanted) > 0;
    if (is_match) {
        column->offset = H5Tget_member_offset(type, (unsigned)member);
        column->size = H5Tget_size(found);
    } else {
        snprintf(reason->text, sizeof reason->text, "has a column '%s' that is a %s, not a %s", name,
                 type_in_words(found).text, type_in_words(wanted).text);
    }
    sim_table_close_object(wanted);
    sim_table_close_object(found);
    return is_match;
}

static bool match_columns(hid_t type, struct sim_layout *layout, struct sim_table_reason *reason)
{
    const size_t row_size_max = 1 << 20;
    layout->row_size = H5Tget_size(type);
    /* Rows are read as they lie in the file; what they refer to elsewhere would have to be freed. */
    if (H5Tget_class(type) != H5T_COMPOUND || layout->row_size > row_size_max || H5Tdetect_class(type, H5T_VLEN) != 0 ||
        H5Tdetect_class(type, H5T_REFERENCE) != 0) {
        snprintf(reason->text, sizeof reason->text, "is not a table of rows of fixed size");
        return false;
    }
    for (size_t i = 0; i < layout->count; i++)
        if (!match_column(type, &layout->columns[i], reason))
            return false;
    return true;
}

/* A row count that cannot be true would make a reader ask for absurd memory; deflate shrinks by 1,032 at most. */
static bool can_hold(hid_t dataset, size_t row_size, uint64_t rows)
{
    const uint64_t ratio_max = 1100;
    return rows / ratio_max <= H5Dget_storage_size(dataset) / row_size;
}

static bool count_rows(hid_t dataset, size_t row_size, uint64_t *row_count, struct sim_table_reason *reason)
{
    hsize_t rows = 0;
    hid_t space = H5Dget_space(dataset);
    bool is_list = H5Sget_simple_extent_ndims(space) == 1 && H5Sget_simple_extent_dims(space, &rows, NULL) == 1;
    sim_table_close_object(space);
    *row_count = rows;
    if (!is_list)
        snprintf(reason->text, sizeof reason->text, "is not a list of rows");
    else if (!can_hold(dataset, row_size, rows))
        snprintf(reason->text, sizeof reason->text, "claims more rows than it can hold");
    else
        return true;
    return false;
}

int64_t sim_table_open_dataset(const struct sim_table_file *file, const char *name, struct sim_layout *layout,
                               uint64_t *row_count, struct sim_table_reason *reason)
{
    if (!sim_table_has(file, name)) {
        snprintf(reason->text, sizeof reason->text, "is not in the file");
        return -1;
    }
    hid_t dataset = H5Dopen2(file->id, name, H5P_DEFAULT);
    if (dataset < 0) {
        snprintf(reason->text, sizeof reason->text, "is not a table");
        return -1;
    }
    hid_t type = H5Dget_type(dataset);
    bool is_good = match_columns(type, layout, reason) && count_rows(dataset, layout->row_size, row_count, reason);
    sim_table_close_object(type);
    if (is_good)
        return dataset;
    sim_table_close_object(dataset);
    return -1;
}

bool sim_table_read_rows(int64_t dataset, uint64_t first, size_t count, void *rows)
{
    hsize_t start = first;
    hsize_t extent = count;
    hid_t type = H5Dget_type(dataset);
    hid_t file_space = H5Dget_space(dataset);
    hid_t memory_space = H5Screate_simple(1, &extent, NULL);
    bool is_read = H5Sselect_hyperslab(file_space, H5S_SELECT_SET, &start, NULL, &extent, NULL) >= 0 &&
                   H5Dread(dataset, type, memory_space, file_space, H5P_DEFAULT, rows) >= 0;
    sim_table_close_object(memory_space);
    sim_table_close_object(file_space);
    sim_table_close_object(type);
    return is_read;
}

/* ---- Attributes ---- */

static const char *object_name(const char *object)
{
    return *object ? object : "/";
}

static hid_t create_attribute(hid_t owner, const char *name, hid_t type)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(owner, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    sim_table_close_object(space);
    return attribute;
}

static bool write_attribute(hid_t file, const char *object, const char *name, hid_t file_type, hid_t memory_type,
                            const void *value)
{
    hid_t owner = H5Oopen(file, object_name(object), H5P_DEFAULT);
    if (owner < 0)
        return false;
    hid_t attribute =
        H5Aexists(owner, name) > 0 ? H5Aopen(owner, name, H5P_DEFAULT) : create_attribute(owner, name, file_type);
    bool is_written = attribute >= 0 && H5Awrite(attribute, memory_type, value) >= 0;
    sim_table_close_object(attribute);
    sim_table_close_object(owner);
    return is_written;
}

bool sim_table_write_int64(const struct sim_table_file *file, const char *object, const char *name, int64_t value)
{
    return write_attribute(file->id, object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

bool sim_table_write_double(const struct sim_table_file *file, const char *object, const char *name, double value)
{
    return write_attribute(file->id, object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

bool sim_table_write_text(const struct sim_table_file *file, const char *object, const char *name, const char *text)
{
    hid_t type = text_type(H5T_VARIABLE);
    bool is_written = write_attribute(file->id, object, name, type, type, &text);
    sim_table_close_object(type);
    return is_written;
}

/* Opens an attribute that holds a single value of this class; negative when there is none. */
static hid_t open_attribute(const struct sim_table_file *file, const char *object, const char *name, H5T_class_t class)
{
    if (*object && !sim_table_has(file, object))
        return -1;
    hid_t attribute = H5Aopen_by_name(file->id, object_name(object), name, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0)
        return -1;
    hid_t type = H5Aget_type(attribute);
    hid_t space = H5Aget_space(attribute);
    bool is_wanted = H5Tget_class(type) == class && H5Sget_simple_extent_npoints(space) == 1;
    sim_table_close_object(space);
    sim_table_close_object(type);
    if (is_wanted)
        return attribute;
    sim_table_close_object(attribute);
    return -1;
}

bool sim_table_read_int64(const struct sim_table_file *file, const char *object, const char *name, int64_t *value)
{
    hid_t attribute = open_attribute(file, object, name, H5T_INTEGER);
    bool is_read = attribute >= 0 && H5Aread(attribute, H5T_NATIVE_INT64, value) >= 0;
    sim_table_close_object(attribute);
    return is_read;
}

bool sim_table_read_double(const struct sim_table_file *file, const char *object, const char *name, double *value)
{
    hid_t attribute = open_attribute(file, object, name, H5T_FLOAT);
    bool is_read = attribute >= 0 && H5Aread(attribute, H5T_NATIVE_DOUBLE, value) >= 0;
    sim_table_close_object(attribute);
    return is_read;
}

static const char *read_variable_text(hid_t attribute, struct sim_arena *arena)
{
    char *text = NULL;
    hid_t type = H5Aget_type(attribute); /* with the character set of the file: HDF5 does not convert these */
    const char *copy = NULL;
    if (H5Aread(attribute, type, &text) >= 0)
        copy = sim_arena_text(arena, text ? text : "");
    if (text)
        H5free_memory(text);
    sim_table_close_object(type);
    return copy;
}

static const char *read_fixed_text(hid_t attribute, size_t size, struct sim_arena *arena)
{
    char *text = sim_arena_allocate(arena, size + 1, 1);
    hid_t type = H5Aget_type(attribute);
    bool is_read = H5Aread(attribute, type, text) >= 0;
    sim_table_close_object(type);
    return is_read ? text : NULL;
}

const char *sim_table_read_text(const struct sim_table_file *file, const char *object, const char *name,
                                struct sim_arena *arena)
{
    hid_t attribute = open_attribute(file, object, name, H5T_STRING);
    if (attribute < 0)
        return NULL;
    hid_t type = H5Aget_type(attribute);
    const char *text = H5Tis_variable_str(type) > 0 ? read_variable_text(attribute, arena)
                                                    : read_fixed_text(attribute, H5Tget_size(type), arena);
    sim_table_close_object(type);
    sim_table_close_object(attribute);
    return text;
}
