/* csv.c - rows out of a buffer that zlib fills, fields split in place. */
#include "sim/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "sim/memory.h"
#include "sim/timestamp.h"

enum {
    ROW_BYTES_MAX = 64 * 1024,
    BUFFER_SIZE = 4 * ROW_BYTES_MAX
};

struct sim_csv {
    char *path;
    gzFile file;
    char *buffer; /* one byte more than BUFFER_SIZE, so that the last row can be ended */
    size_t begin; /* the first byte not yet taken as a row */
    size_t end;
    bool is_at_end; /* of the file: the buffer holds all that is left */
    int line;       /* of the current row */
    int next_line;
    const char *const *columns;
    size_t *places; /* of the columns among the fields */
    size_t column_count;
    char **fields; /* of the current row */
    size_t field_count;
    size_t field_capacity;
};

static enum sim_status bad_row(const struct sim_csv *csv, struct sim_error *error, const char *what)
{
    return sim_error_set(error, SIM_BAD_INPUT, csv->path, csv->line, "%s", what);
}

/* Moves what is left to the front and fills the rest. */
static enum sim_status refill(struct sim_csv *csv, struct sim_error *error)
{
    memmove(csv->buffer, csv->buffer + csv->begin, csv->end - csv->begin);
    csv->end -= csv->begin;
    csv->begin = 0;
    unsigned wanted = (unsigned)(BUFFER_SIZE - csv->end);
    int got = gzread(csv->file, csv->buffer + csv->end, wanted);
    int number = Z_OK;
    int system_number = errno;
    const char *reason = gzerror(csv->file, &number);
    if (number == Z_ERRNO)
        reason = strerror(system_number);
    /* A cut gzip file delivers what there is and mentions its end only here. */
    if (got < 0 || number != Z_OK)
        return sim_error_set(error, SIM_CANNOT_READ, csv->path, csv->next_line, "%s", reason);
    csv->end += (size_t)got;
    csv->is_at_end = (unsigned)got < wanted;
    return SIM_OK;
}

/* Finds the end of the row that starts at `begin`: the place of its line feed, or the end of the file. Counts the
 * lines on the way. A quote opens only at the start of a field, as split_fields() reads it.
 */
static enum sim_status find_row_end(struct sim_csv *csv, size_t *row_end, struct sim_error *error)
{
    bool is_quoted = false;
    bool is_field_start = true;
    for (size_t length = 0;; length++) {
        if (length > ROW_BYTES_MAX)
            return bad_row(csv, error, "is longer than 65536 bytes");
        if (csv->begin + length == csv->end && !csv->is_at_end) {
            enum sim_status status = refill(csv, error);
            if (status != SIM_OK)
                return status;
        }
        *row_end = csv->begin + length;
        if (*row_end == csv->end)
            return is_quoted ? bad_row(csv, error, "has a quote that is not closed") : SIM_OK;
        char letter = csv->buffer[*row_end];
        if (letter == '\n')
            csv->next_line++;
        if (letter == '\n' && !is_quoted)
            return SIM_OK;
        if (letter == '"' && (is_quoted || is_field_start))
            is_quoted = !is_quoted;
        /* After a closing quote, another quote belongs to the field: "" within it. */
        is_field_start = letter == ',' || (letter == '"' && !is_quoted);
    }
}

static void add_field(struct sim_csv *csv, char *field)
{
    csv->fields = sim_grow(csv->fields, &csv->field_capacity, csv->field_count + 1, sizeof *csv->fields);
    csv->fields[csv->field_count++] = field;
}

/* Takes the quotes off a field in place and ends it. Returns what follows the closing quote. */
static char *unquote(char *field)
{
    char *to = field;
    char *from = field + 1;
    while (*from && (*from != '"' || from[1] == '"')) {
        from += *from == '"';
        *to++ = *from++;
    }
    from += *from == '"';
    *to = 0;
    return from;
}

/* Splits a row that ends with a zero byte. */
static enum sim_status split_fields(struct sim_csv *csv, char *row, struct sim_error *error)
{
    csv->field_count = 0;
    for (;;) {
        char *end;
        add_field(csv, row);
        if (*row == '"') {
            end = unquote(row);
            if (*end && *end != ',')
                return bad_row(csv, error, "has text after a closing quote");
        } else {
            end = strchrnul(row, ',');
        }
        if (!*end)
            return SIM_OK;
        *end = 0;
        row = end + 1;
    }
}

/* Takes the next row that is not empty; without one, *row is NULL. */
static enum sim_status take_row(struct sim_csv *csv, char **row, struct sim_error *error)
{
    size_t length = 0;
    while (length == 0) {
        size_t row_end;
        csv->line = csv->next_line;
        *row = NULL;
        enum sim_status status = find_row_end(csv, &row_end, error);
        if (status != SIM_OK)
            return status;
        if (csv->begin == csv->end)
            return SIM_OK;
        *row = csv->buffer + csv->begin;
        length = row_end - csv->begin;
        csv->begin = row_end < csv->end ? row_end + 1 : row_end;
        if (memchr(*row, 0, length))
            return bad_row(csv, error, "holds a zero byte");
        if (length > 0 && (*row)[length - 1] == '\r')
            length--;
        (*row)[length] = 0;
    }
    return SIM_OK;
}

static char *without_blanks(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    text[length] = 0;
    return text;
}

/* "there are a, b, c", cut where it gets long. */
static enum sim_status no_column(const struct sim_csv *csv, const char *name, struct sim_error *error)
{
    char list[400] = "";
    size_t used = 0;
    for (size_t i = 0; i < csv->field_count && used < sizeof list; i++) {
        int length = snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", csv->fields[i]);
        used += (size_t)length;
    }
    return sim_error_set(error, SIM_BAD_INPUT, csv->path, csv->line, "has no column '%s'; there are %s", name, list);
}

static enum sim_status find_columns(struct sim_csv *csv, bool is_choice, struct sim_error *error)
{
    for (size_t i = 0; i < csv->field_count; i++)
        csv->fields[i] = without_blanks(csv->fields[i]);
    for (size_t c = 0; c < csv->column_count; c++) {
        size_t found = 0;
        csv->places[c] = SIZE_MAX;
        for (size_t i = 0; i < csv->field_count; i++) {
            if (strcmp(csv->fields[i], csv->columns[c]) != 0)
                continue;
            csv->places[c] = i;
            found++;
        }
        if (found == 0 && !is_choice)
            return no_column(csv, csv->columns[c], error);
        if (found > 1)
            return sim_error_set(error, SIM_BAD_INPUT, csv->path, csv->line, "has more than one column '%s'",
                                 csv->columns[c]);
    }
    return SIM_OK;
}

static enum sim_status read_header(struct sim_csv *csv, bool is_choice, struct sim_error *error)
{
    static const unsigned char xz_mark[] = {0xFD, '7', 'z', 'X', 'Z', 0};
    enum sim_status status = refill(csv, error);
    if (status != SIM_OK)
        return status;
    if (csv->end >= 3 && memcmp(csv->buffer, "\xEF\xBB\xBF", 3) == 0)
        csv->begin = 3;
    if (csv->end >= sizeof xz_mark && memcmp(csv->buffer, xz_mark, sizeof xz_mark) == 0)
        return sim_error_set(error, SIM_BAD_INPUT, csv->path, 0, "is compressed with xz; unpack it first (xz -d)");
    char *row;
    status = take_row(csv, &row, error);
    if (status == SIM_OK && !row)
        return sim_error_set(error, SIM_BAD_INPUT, csv->path, 0, "is empty");
    if (status == SIM_OK)
        status = split_fields(csv, row, error);
    return status == SIM_OK ? find_columns(csv, is_choice, error) : status;
}

static enum sim_status open_file(const char *path, gzFile *file, struct sim_error *error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int number = fd < 0 || fstat(fd, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? EISDIR : 0;
    if (number) {
        if (fd >= 0)
            close(fd);
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "%s", strerror(number));
    }
    *file = gzdopen(fd, "rb");
    sim_assert(*file); /* only memory can be lacking */
    gzbuffer(*file, 128 * 1024);
    return SIM_OK;
}

static enum sim_status open_columns(const char *path, const char *const *columns, size_t count, bool is_choice,
                                    struct sim_csv **csv, struct sim_error *error)
{
    *csv = NULL;
    gzFile file = NULL;
    enum sim_status status = open_file(path, &file, error);
    if (status != SIM_OK)
        return status;
    struct sim_csv *opened = sim_allocate(1, sizeof *opened);
    opened->path = memcpy(sim_allocate(strlen(path) + 1, 1), path, strlen(path));
    opened->file = file;
    opened->buffer = sim_allocate(BUFFER_SIZE + 1, 1);
    opened->next_line = 1;
    opened->columns = columns;
    opened->column_count = count;
    opened->places = sim_allocate(count, sizeof *opened->places);
    status = read_header(opened, is_choice, error);
    if (status == SIM_OK)
        *csv = opened;
    else
        sim_csv_close(opened);
    return status;
}

enum sim_status sim_csv_open(const char *path, const char *const *columns, size_t count, struct sim_csv **csv,
                             struct sim_error *error)
{
    return open_columns(path, columns, count, false, csv, error);
}

enum sim_status sim_csv_open_choice(const char *path, const char *const *columns, size_t count, struct sim_csv **csv,
                                    struct sim_error *error)
{
    return open_columns(path, columns, count, true, csv, error);
}

bool sim_csv_has(const struct sim_csv *csv, size_t column)
{
    sim_assert(column < csv->column_count);
    return csv->places[column] != SIZE_MAX;
}

void sim_csv_close(struct sim_csv *csv)
{
    if (!csv)
        return;
    gzclose(csv->file);
    free(csv->path);
    free(csv->buffer);
    free(csv->places);
    free(csv->fields);
    free(csv);
}

enum sim_status sim_csv_next(struct sim_csv *csv, bool *has_row, struct sim_error *error)
{
    char *row;
    size_t header_count = csv->field_count;
    *has_row = false;
    enum sim_status status = take_row(csv, &row, error);
    if (status != SIM_OK || !row)
        return status;
    status = split_fields(csv, row, error);
    if (status != SIM_OK)
        return status;
    if (csv->field_count != header_count)
        return sim_error_set(error, SIM_BAD_INPUT, csv->path, csv->line, "has %zu fields, the header has %zu",
                             csv->field_count, header_count);
    *has_row = true;
    return SIM_OK;
}

enum sim_status sim_csv_each(struct sim_csv *csv, sim_csv_take *take, void *owner, const char *what,
                             struct sim_error *error)
{
    bool has_row;
    size_t count = 0;
    enum sim_status status = sim_csv_next(csv, &has_row, error);
    while (status == SIM_OK && has_row) {
        status = take(owner, error);
        count++;
        if (status == SIM_OK)
            status = sim_csv_next(csv, &has_row, error);
    }
    if (status == SIM_OK && count == 0)
        return sim_error_set(error, SIM_BAD_INPUT, csv->path, 0, "no rows; expected at least one %s", what);
    return status;
}

int sim_csv_line(const struct sim_csv *csv)
{
    return csv->line;
}

const char *sim_csv_text(const struct sim_csv *csv, size_t column)
{
    sim_assert(column < csv->column_count && csv->places[column] != SIZE_MAX);
    return csv->fields[csv->places[column]];
}

static enum sim_status bad_field(const struct sim_csv *csv, size_t column, const char *wanted, struct sim_error *error)
{
    return sim_error_set(error, SIM_BAD_INPUT, csv->path, csv->line, "column '%s': '%.100s' is not %s",
                         csv->columns[column], sim_csv_text(csv, column), wanted);
}

/* Whether a number ended where its text ends, but for blanks. */
static bool is_whole(const char *text, const char *end)
{
    return end != text && end[strspn(end, " \t")] == 0;
}

enum sim_status sim_csv_double(const struct sim_csv *csv, size_t column, double *value, struct sim_error *error)
{
    const char *text = sim_csv_text(csv, column);
    char *end;
    double number = strtod(text, &end);
    /* strtod also takes hexadecimal, infinities and NaN, which no table of measurements means. */
    bool is_decimal = text[strspn(text, "0123456789+-.eE \t")] == 0;
    if (!is_whole(text, end) || !is_decimal || !isfinite(number))
        return bad_field(csv, column, "a number", error);
    *value = number;
    return SIM_OK;
}

enum sim_status sim_csv_int64(const struct sim_csv *csv, size_t column, int64_t *value, struct sim_error *error)
{
    const char *text = sim_csv_text(csv, column);
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (!is_whole(text, end) || errno != 0)
        return bad_field(csv, column, "a whole number", error);
    *value = number;
    return SIM_OK;
}

enum sim_status sim_csv_time(const struct sim_csv *csv, size_t column, sim_time_ns *time_ns, struct sim_error *error)
{
    if (!sim_timestamp_parse(sim_csv_text(csv, column), time_ns))
        return bad_field(csv, column, "a time in seconds or like 2023-11-16 18:15:46.68", error);
    return SIM_OK;
}

void sim_csv_write_text(FILE *file, const char *text)
{
    if (!text[strcspn(text, ",\"\r\n")]) {
        fputs(text, file);
        return;
    }
    putc('"', file);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', file);
        putc(*text, file);
    }
    putc('"', file);
}
