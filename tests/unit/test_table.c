/* test_table.c - tables in HDF5 files: what is written is read, other readers agree, failures leave no trace. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/table.h"
#include "sim/time.h"

struct item {
    int64_t number;
    sim_time_ns start_ns;
    double weight;
    const char *note;
    int32_t small;
    int32_t outcome;
    uint8_t tries;
    bool is_cold;
    char untouched; /* no field: the reader leaves it alone */
};

static const char *const outcomes[] = {"completed", "failed", "timed-out", NULL};

static const struct sim_field item_fields[] = {
    {.name = "number", .type = SIM_FIELD_INT64, .offset = offsetof(struct item, number), .help = "running number"},
    {.name = "start_ns", .type = SIM_FIELD_TIME, .offset = offsetof(struct item, start_ns), .unit = "s"},
    {.name = "weight", .type = SIM_FIELD_DOUBLE, .offset = offsetof(struct item, weight), .unit = "GB"},
    {.name = "note", .type = SIM_FIELD_TEXT, .offset = offsetof(struct item, note), .highest = 12},
    {.name = "small", .type = SIM_FIELD_INT32, .offset = offsetof(struct item, small)},
    {.name = "outcome", .type = SIM_FIELD_CHOICE, .offset = offsetof(struct item, outcome), .choices = outcomes},
    {.name = "tries", .type = SIM_FIELD_UINT8, .offset = offsetof(struct item, tries)},
    {.name = "is_cold", .type = SIM_FIELD_BOOL, .offset = offsetof(struct item, is_cold)},
};

static const struct sim_field_table items_table = {"item", item_fields, 8, sizeof(struct item)};

static const char *const notes[] = {"", "short", "exactly12byt", "gr\xc3\xbc\xc3\x9f"};

/* Values from a multiplicative hash: the low bytes look random, the high ones repeat. */
static struct item item_at(uint64_t i)
{
    uint64_t hash = (i + 1) * 0x9E3779B97F4A7C15;
    return (struct item){.number = (int64_t)i - 5,
                         .start_ns = (int64_t)(i * 10000000 + hash % 9000000),
                         .weight = (double)(hash >> 40) / 1024,
                         .note = notes[hash >> 20 & 3],
                         .small = (int32_t)(hash >> 50) - 8000,
                         .outcome = (int32_t)((hash >> 33) % 3),
                         .tries = (uint8_t)(hash >> 56),
                         .is_cold = (hash >> 30) % 7 == 0};
}

static char folder[64];
static char path[128];
static char part_path[160];

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/test_table.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.h5", folder);
    snprintf(part_path, sizeof part_path, "%s.part", path);
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static bool exists(const char *name)
{
    return access(name, F_OK) == 0;
}

static void must(enum sim_status status, const struct sim_error *error)
{
    ck_assert_msg(status == SIM_OK, "%s: %s", error->file, error->message);
}

/* Long enough for dense storage and global heap objects beyond 64 kB. */
static char *long_text(size_t length)
{
    char *text = malloc(length + 1);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(i % 60 == 59 ? '\n' : 'a' + i % 26);
    text[length] = 0;
    return text;
}

static struct sim_table_writer *open_writer(const char *name, unsigned workers)
{
    struct sim_error error = {0};
    struct sim_table_writer *writer;
    must(sim_table_writer_open(name, workers, &writer, &error), &error);
    return writer;
}

static size_t add_table(struct sim_table_writer *writer, const char *name)
{
    struct sim_error error = {0};
    size_t table;
    must(sim_table_writer_add(writer, name, &items_table, &table, &error), &error);
    return table;
}

/* Rows in blocks of changing size. */
static enum sim_status append_items(struct sim_table_writer *writer, size_t table, uint64_t count,
                                    struct sim_error *error)
{
    struct item block[1000];
    enum sim_status status = SIM_OK;
    for (uint64_t first = 0; first < count && status == SIM_OK;) {
        uint64_t rows = 1 + first * 7 % 1000;
        if (rows > count - first)
            rows = count - first;
        for (uint64_t i = 0; i < rows; i++)
            block[i] = item_at(first + i);
        status = sim_table_writer_append(writer, table, block, rows, error);
        first += rows;
    }
    return status;
}

static void write_file(const char *name, unsigned workers, uint64_t count)
{
    struct sim_error error = {0};
    struct sim_table_writer *writer = open_writer(name, workers);
    char *text = long_text(200000);
    must(sim_table_writer_text(writer, "", "scenario", text, &error), &error);
    must(sim_table_writer_text(writer, "", "empty", "", &error), &error);
    must(sim_table_writer_int64(writer, "", "seed", INT64_MIN, &error), &error);
    must(sim_table_writer_double(writer, "", "fit", 0.1, &error), &error);
    size_t requests = add_table(writer, "requests");
    size_t series = add_table(writer, "series/pools/tts");
    add_table(writer, "series/nothing");
    must(sim_table_writer_int64(writer, "series", "interval", 60, &error), &error);
    must(append_items(writer, requests, count / 2, &error), &error);
    must(append_items(writer, series, 3, &error), &error);
    for (uint64_t i = count / 2; i < count; i++) {
        struct item item = item_at(i);
        must(sim_table_writer_append(writer, requests, &item, 1, &error), &error);
    }
    must(sim_table_writer_finish(writer, &error), &error);
    free(text);
}

static struct sim_table_reader *open_reader(const char *name)
{
    struct sim_error error = {0};
    struct sim_table_reader *reader;
    must(sim_table_reader_open(name, &reader, &error), &error);
    return reader;
}

static void check_item(const struct item *item, uint64_t i)
{
    struct item expected = item_at(i);
    ck_assert_int_eq(item->number, expected.number);
    ck_assert_int_eq(item->start_ns, expected.start_ns);
    ck_assert_double_eq(item->weight, expected.weight);
    ck_assert_str_eq(item->note, expected.note);
    ck_assert_int_eq(item->small, expected.small);
    ck_assert_int_eq(item->outcome, expected.outcome);
    ck_assert_int_eq(item->tries, expected.tries);
    ck_assert_int_eq(item->is_cold, expected.is_cold);
}

static void check_table(struct sim_table_reader *reader, const char *name, uint64_t count)
{
    struct sim_error error = {0};
    struct sim_array items;
    sim_array_init(&items, sizeof(struct item));
    must(sim_table_reader_load(reader, name, &items_table, &items, &error), &error);
    ck_assert_uint_eq(items.count, count);
    for (size_t i = 0; i < items.count; i++)
        check_item((struct item *)items.items + i, i);
    sim_array_release(&items);
}

START_TEST(what_is_written_is_read)
{
    const uint64_t counts[] = {0, 1, 3, 8192, 100001};
    for (size_t c = 0; c < 5; c++) {
        write_file(path, 1, counts[c]);
        ck_assert(!exists(part_path));
        struct sim_table_reader *reader = open_reader(path);
        struct sim_error error = {0};
        struct sim_array items;
        sim_array_init(&items, sizeof(struct item));
        must(sim_table_reader_load(reader, "requests", &items_table, &items, &error), &error);
        ck_assert_uint_eq(items.count, counts[c]);
        for (size_t i = 0; i < items.count; i++)
            check_item((struct item *)items.items + i, i);
        sim_array_release(&items);
        check_table(reader, "series/pools/tts", 3);
        check_table(reader, "series/nothing", 0);
        sim_table_reader_close(reader);
    }
}
END_TEST

START_TEST(rows_are_read_in_blocks)
{
    write_file(path, 0, 50000);
    struct sim_table_reader *reader = open_reader(path);
    struct sim_error error = {0};
    size_t table;
    must(sim_table_reader_find(reader, "requests", &items_table, &table, &error), &error);
    ck_assert_uint_eq(sim_table_reader_count(reader, table), 50000);
    static struct item block[20001];
    memset(block, 'x', sizeof block);
    must(sim_table_reader_rows(reader, table, 24999, 20000, block, &error), &error);
    for (size_t i = 0; i < 20000; i++) {
        check_item(&block[i], 24999 + i);
        ck_assert_int_eq(block[i].untouched, 'x');
    }
    ck_assert_int_eq(block[20000].tries, 'x');
    must(sim_table_reader_rows(reader, table, 50000, 0, block, &error), &error);
    sim_table_reader_close(reader);
}
END_TEST

START_TEST(attributes_come_back)
{
    write_file(path, 0, 1);
    struct sim_table_reader *reader = open_reader(path);
    struct sim_error error = {0};
    const char *text;
    int64_t number;
    double value;
    char *expected = long_text(200000);
    must(sim_table_reader_text(reader, "", "scenario", &text, &error), &error);
    ck_assert_str_eq(text, expected);
    free(expected);
    must(sim_table_reader_text(reader, "", "empty", &text, &error), &error);
    ck_assert_str_eq(text, "");
    must(sim_table_reader_int64(reader, "", "seed", &number, &error), &error);
    ck_assert_int_eq(number, INT64_MIN);
    must(sim_table_reader_double(reader, "", "fit", &value, &error), &error);
    ck_assert_double_eq(value, 0.1);
    must(sim_table_reader_int64(reader, "series", "interval", &number, &error), &error);
    ck_assert_int_eq(number, 60);
    must(sim_table_reader_text(reader, "requests", "unit_start_ns", &text, &error), &error);
    ck_assert_str_eq(text, "ns");
    must(sim_table_reader_text(reader, "requests", "unit_weight", &text, &error), &error);
    ck_assert_str_eq(text, "GB");
    must(sim_table_reader_text(reader, "requests", "help_number", &text, &error), &error);
    ck_assert_str_eq(text, "running number");
    ck_assert_int_eq(sim_table_reader_int64(reader, "", "scenario", &number, &error), SIM_NOT_A_TRACE);
    ck_assert_str_eq(error.message, "the file has no attribute 'scenario' that is an integer");
    ck_assert_int_eq(sim_table_reader_text(reader, "nowhere", "a", &text, &error), SIM_NOT_A_TRACE);
    ck_assert(sim_table_reader_has(reader, "series/pools/tts"));
    ck_assert(sim_table_reader_has(reader, "series"));
    ck_assert(!sim_table_reader_has(reader, "series/audio/tts"));
    sim_table_reader_close(reader);
}
END_TEST

static char *slurp(const char *name, size_t *size)
{
    FILE *file = fopen(name, "rb");
    ck_assert_ptr_nonnull(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    ck_assert_uint_eq(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

START_TEST(equal_runs_give_equal_bytes)
{
    char other[160];
    snprintf(other, sizeof other, "%s/other.h5", folder);
    size_t size;
    write_file(path, 0, 300000);
    char *bytes = slurp(path, &size);
    for (unsigned workers = 0; workers < 4; workers++) {
        if (workers == 0)
            sleep(1); /* a time stored in seconds would differ now */
        size_t other_size;
        write_file(other, workers, 300000);
        char *other_bytes = slurp(other, &other_size);
        ck_assert_uint_eq(other_size, size);
        ck_assert_msg(memcmp(bytes, other_bytes, size) == 0, "%u workers", workers);
        free(other_bytes);
    }
    free(bytes);
}
END_TEST

START_TEST(text_too_long_is_cut_between_characters)
{
    struct sim_error error = {0};
    struct sim_table_writer *writer = open_writer(path, 0);
    size_t table = add_table(writer, "requests");
    /* 12 bytes fit; the two-byte character at byte 11 does not. */
    struct item item = {.note = "12345678901\xc3\xbc and more"};
    must(sim_table_writer_append(writer, table, &item, 1, &error), &error);
    item.note = NULL;
    must(sim_table_writer_append(writer, table, &item, 1, &error), &error);
    must(sim_table_writer_finish(writer, &error), &error);
    struct sim_table_reader *reader = open_reader(path);
    struct item items[2];
    must(sim_table_reader_find(reader, "requests", &items_table, &table, &error), &error);
    must(sim_table_reader_rows(reader, table, 0, 2, items, &error), &error);
    ck_assert_str_eq(items[0].note, "12345678901");
    ck_assert_str_eq(items[1].note, "");
    sim_table_reader_close(reader);
}
END_TEST

/* Writes and reads one column of `count` integers; returns the size of the file. */
static off_t size_of_column(const int64_t *values, size_t count)
{
    const struct sim_field field = {.name = "value", .type = SIM_FIELD_INT64};
    const struct sim_field_table fields = {"value", &field, 1, sizeof *values};
    struct sim_error error = {0};
    struct sim_table_writer *writer = open_writer(path, 1);
    size_t table;
    must(sim_table_writer_add(writer, "values", &fields, &table, &error), &error);
    must(sim_table_writer_append(writer, table, values, count, &error), &error);
    must(sim_table_writer_finish(writer, &error), &error);
    struct sim_table_reader *reader = open_reader(path);
    struct sim_array items;
    sim_array_init(&items, sizeof *values);
    must(sim_table_reader_load(reader, "values", &fields, &items, &error), &error);
    sim_table_reader_close(reader);
    ck_assert_uint_eq(items.count, count);
    ck_assert_int_eq(memcmp(items.items, values, count * sizeof *values), 0);
    sim_array_release(&items);
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    return status.st_size;
}

/* The four ways of deflating, and the fifth case: no gain at all. */
START_TEST(every_kind_of_bytes)
{
    enum {
        COUNT = 4 * 65536
    };
    static int64_t values[COUNT];
    const off_t overhead = 16 * 1024;
    uint64_t state = 1;
    for (size_t i = 0; i < COUNT; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        /* splitmix64's finish: the low bytes of the generator itself are periodic. */
        uint64_t mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9;
        values[i] = (int64_t)(mixed ^ mixed >> 31);
    }
    off_t noise = size_of_column(values, COUNT);
    ck_assert_int_ge(noise, 8 * COUNT);
    ck_assert_int_le(noise, 8 * COUNT + overhead);
    for (size_t i = 0; i < COUNT; i++)
        values[i] = values[i] < 0; /* one bit each, in one plane of eight */
    off_t bits = size_of_column(values, COUNT);
    ck_assert_int_ge(bits, COUNT / 8);
    ck_assert_int_le(bits, COUNT / 8 + COUNT / 16 + overhead);
    for (size_t i = 0; i < COUNT; i++)
        values[i] = (int64_t)i;
    ck_assert_int_le(size_of_column(values, COUNT), COUNT / 16 + overhead);
    memset(values, 0, sizeof values);
    ck_assert_int_le(size_of_column(values, COUNT), COUNT / 64 + overhead);
}
END_TEST

/* Writes `size` bytes to a file of this name. */
static void put_file(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void check_open_fails(const char *name, enum sim_status status, const char *message)
{
    struct sim_error error = {0};
    struct sim_table_reader *reader = (void *)1;
    ck_assert_int_eq(sim_table_reader_open(name, &reader, &error), status);
    ck_assert_ptr_null(reader);
    ck_assert_str_eq(error.file, name);
    ck_assert_msg(strstr(error.message, message), "'%s' is not in '%s'", message, error.message);
}

START_TEST(files_that_are_none)
{
    check_open_fails(path, SIM_CANNOT_READ, "No such file or directory");
    check_open_fails(folder, SIM_CANNOT_READ, "Is a directory");
    put_file(path, "", 0);
    check_open_fails(path, SIM_NOT_A_TRACE, "is not an HDF5 file");
    put_file(path, "a,b\n1,2\n", 8);
    check_open_fails(path, SIM_NOT_A_TRACE, "is not an HDF5 file");
    check_open_fails("/dev/null", SIM_NOT_A_TRACE, "is not an HDF5 file");
    write_file(path, 0, 20000);
    size_t size;
    char *bytes = slurp(path, &size);
    put_file(path, bytes, size / 2);
    check_open_fails(path, SIM_CANNOT_READ, "truncated file");
    free(bytes);
}
END_TEST

/* The part that a killed process leaves. */
START_TEST(a_killed_writer_leaves_an_incomplete_part)
{
    pid_t child = fork();
    if (child == 0) {
        struct sim_error error;
        struct sim_table_writer *writer = open_writer(path, 1);
        size_t table = add_table(writer, "requests");
        /* Beyond 64 chunks of 16,384 rows, so that there was a flush. */
        if (append_items(writer, table, 1300000, &error) != SIM_OK)
            _exit(1);
        raise(SIGKILL);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    ck_assert(!exists(path));
    ck_assert(exists(part_path));
    check_open_fails(part_path, SIM_NOT_A_TRACE, "is not complete");
    write_file(path, 1, 10);
    ck_assert(!exists(part_path));
}
END_TEST

static struct sim_field_table changed_table(struct sim_field *field, const char *name, enum sim_field_type type)
{
    *field = (struct sim_field){.name = name, .type = type, .choices = outcomes};
    return (struct sim_field_table){"changed", field, 1, 64};
}

static void check_find_fails(struct sim_table_reader *reader, const char *table, const char *name,
                             enum sim_field_type type, const char *message)
{
    struct sim_error error = {0};
    struct sim_field field;
    const struct sim_field_table fields = changed_table(&field, name, type);
    size_t number;
    ck_assert_int_eq(sim_table_reader_find(reader, table, &fields, &number, &error), SIM_NOT_A_TRACE);
    ck_assert_str_eq(error.file, path);
    ck_assert_str_eq(error.message, message);
}

START_TEST(tables_that_do_not_fit)
{
    write_file(path, 0, 10);
    struct sim_table_reader *reader = open_reader(path);
    check_find_fails(reader, "request", "number", SIM_FIELD_INT64, "table 'request' is not in the file");
    check_find_fails(reader, "series", "number", SIM_FIELD_INT64, "table 'series' is not a table");
    check_find_fails(reader, "requests", "numbers", SIM_FIELD_INT64, "table 'requests' has no column 'numbers'");
    check_find_fails(reader, "requests", "number", SIM_FIELD_INT32,
                     "table 'requests' has a column 'number' that is a 8-byte integer, not a 4-byte integer");
    check_find_fails(reader, "requests", "weight", SIM_FIELD_INT64,
                     "table 'requests' has a column 'weight' that is a 8-byte floating point number, not a 8-byte "
                     "integer");
    check_find_fails(reader, "requests", "tries", SIM_FIELD_BOOL,
                     "table 'requests' has a column 'tries' that is a 1-byte unsigned integer, not a 1-byte bit "
                     "field");
    check_find_fails(reader, "requests", "tries", SIM_FIELD_CHOICE,
                     "table 'requests' has a column 'tries' that is a 1-byte unsigned integer, not a 10-byte text");
    sim_table_reader_close(reader);
}
END_TEST

START_TEST(a_choice_that_is_none)
{
    write_file(path, 0, 100);
    struct sim_table_reader *reader = open_reader(path);
    struct sim_error error = {0};
    const char *const fewer[] = {"failed", "timed-out", NULL};
    struct sim_field field = {.name = "outcome", .type = SIM_FIELD_CHOICE, .choices = fewer};
    const struct sim_field_table fields = {"fewer", &field, 1, sizeof(int32_t)};
    uint64_t first = 0;
    while (item_at(first).outcome != 0)
        first++;
    char message[128];
    snprintf(message, sizeof message, "table 'requests', row %d: 'completed' is not a value of column 'outcome'",
             (int)first);
    int32_t values[100];
    size_t table;
    must(sim_table_reader_find(reader, "requests", &fields, &table, &error), &error);
    ck_assert_int_eq(sim_table_reader_rows(reader, table, 0, 100, values, &error), SIM_NOT_A_TRACE);
    ck_assert_str_eq(error.message, message);
    sim_table_reader_close(reader);
}
END_TEST

static void check_writing_fails(const char *name, const char *message)
{
    struct sim_error error = {0};
    struct sim_table_writer *writer = (void *)1;
    ck_assert_int_eq(sim_table_writer_open(name, 1, &writer, &error), SIM_CANNOT_WRITE);
    ck_assert_ptr_null(writer);
    ck_assert_str_eq(error.file, name);
    ck_assert_str_eq(error.message, message);
}

START_TEST(places_where_no_file_can_be)
{
    char missing[160];
    snprintf(missing, sizeof missing, "%s/none/a.h5", folder);
    check_writing_fails(missing, "No such file or directory");
    check_writing_fails(folder, "is there and is not a regular file");
    check_writing_fails("/dev/null", "is there and is not a regular file");
    struct sim_table_writer *writer = open_writer(path, 0);
    check_writing_fails(path, "another process is writing it");
    sim_table_writer_abandon(writer);
    ck_assert(!exists(path));
    ck_assert(!exists(part_path));
    sim_table_writer_abandon(NULL);
}
END_TEST

START_TEST(a_mistaken_name_spoils_the_file)
{
    struct sim_error error = {0};
    struct sim_table_writer *writer = open_writer(path, 0);
    size_t table = add_table(writer, "requests");
    struct item item = item_at(0);
    size_t again;
    ck_assert_int_eq(sim_table_writer_add(writer, "requests", &items_table, &again, &error), SIM_CANNOT_WRITE);
    ck_assert_str_eq(error.message, "requests: name already exists");
    ck_assert_int_eq(sim_table_writer_append(writer, table, &item, 1, NULL), SIM_CANNOT_WRITE);
    ck_assert_int_eq(sim_table_writer_int64(writer, "", "seed", 1, NULL), SIM_CANNOT_WRITE);
    ck_assert_int_eq(sim_table_writer_finish(writer, &error), SIM_CANNOT_WRITE);
    ck_assert(!exists(path));
    ck_assert(!exists(part_path));
}
END_TEST

/* Writes with at most `limit` bytes per file. An older file of the name stays; the process ends in order. */
static void check_full_disk(rlim_t limit, unsigned workers)
{
    put_file(path, "old", 3);
    pid_t child = fork();
    if (child == 0) {
        struct sim_error error = {0};
        struct rlimit file_size = {limit, limit};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &file_size);
        struct sim_table_writer *writer = NULL;
        enum sim_status status = sim_table_writer_open(path, workers, &writer, &error);
        size_t table = 0;
        if (status == SIM_OK)
            status = sim_table_writer_add(writer, "requests", &items_table, &table, &error);
        if (status == SIM_OK)
            status = append_items(writer, table, 200000, &error);
        if (writer)
            status = sim_table_writer_finish(writer, &error);
        exit(status == SIM_CANNOT_WRITE && strcmp(error.message, strerror(EFBIG)) == 0 ? 0 : status == SIM_OK ? 7 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "limit %ld: signal %d", (long)limit, WTERMSIG(status));
    ck_assert_msg(WEXITSTATUS(status) == 0, "limit %ld: exit %d", (long)limit, WEXITSTATUS(status));
    ck_assert(!exists(part_path));
    size_t size;
    char *bytes = slurp(path, &size);
    ck_assert_uint_eq(size, 3);
    free(bytes);
}

START_TEST(a_full_disk_leaves_the_old_file)
{
    write_file(path, 0, 0);
    struct stat status;
    struct sim_error error = {0};
    struct sim_table_writer *writer = open_writer(path, 0);
    must(append_items(writer, add_table(writer, "requests"), 200000, &error), &error);
    must(sim_table_writer_finish(writer, &error), &error);
    ck_assert_int_eq(stat(path, &status), 0);
    /* From nothing to all but the last byte, so that every phase of writing meets the limit. */
    for (int i = 0; i < 20; i++)
        check_full_disk((rlim_t)(status.st_size - 1) * (rlim_t)i / 19, (unsigned)i % 3);
    for (rlim_t limit = 0; limit < 12000; limit += 700)
        check_full_disk(limit, 0);
    for (rlim_t less = 1; less < 6000; less += 400)
        check_full_disk((rlim_t)status.st_size - less, 1);
}
END_TEST

/* pandas and h5py must agree with what was written; tests/python/test_table.py compares with the same formulas. */
START_TEST(python_reads_it)
{
    if (system("/usr/bin/python3 -c 'import h5py, pandas, tables' 2>/dev/null") != 0) {
        fprintf(stderr, "test_table: python3 has no h5py, pandas and tables; not compared\n");
        return;
    }
    write_file(path, 1, 100001);
    char command[256];
    snprintf(command, sizeof command, "/usr/bin/python3 tests/python/test_table.py %s 100001", path);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *tests = tcase_create("table");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, what_is_written_is_read);
    tcase_add_test(tests, rows_are_read_in_blocks);
    tcase_add_test(tests, attributes_come_back);
    tcase_add_test(tests, equal_runs_give_equal_bytes);
    tcase_add_test(tests, every_kind_of_bytes);
    tcase_add_test(tests, text_too_long_is_cut_between_characters);
    tcase_add_test(tests, files_that_are_none);
    tcase_add_test(tests, a_killed_writer_leaves_an_incomplete_part);
    tcase_add_test(tests, tables_that_do_not_fit);
    tcase_add_test(tests, a_choice_that_is_none);
    tcase_add_test(tests, places_where_no_file_can_be);
    tcase_add_test(tests, a_mistaken_name_spoils_the_file);
    tcase_add_test(tests, a_full_disk_leaves_the_old_file);
    tcase_add_test(tests, python_reads_it);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
