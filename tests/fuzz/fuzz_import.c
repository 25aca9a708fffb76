/* fuzz_import.c - any bytes as a file of each format: rows that are written and read again, or an error, never a crash.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum sim_status count_row(void *owner, struct sim_error *error)
{
    (void)error;
    (*(size_t *)owner)++;
    return SIM_OK;
}

/* What was written has the columns of the format and as many rows as were read. */
static void read_again(const struct import *import, const char *path)
{
    const char *first = import->format->columns[0].name;
    struct sim_csv *csv;
    struct sim_error error = {0};
    size_t count = 0;
    sim_assert(sim_csv_open(path, &first, 1, &csv, &error) == SIM_OK);
    sim_assert(sim_csv_each(csv, count_row, &count, "row", &error) == SIM_OK);
    sim_assert(count == import->row_count);
    sim_csv_close(csv);
}

static void read_as(const struct import_format *format, const char *path)
{
    struct import import;
    struct sim_error error = {0};
    char written[64];
    snprintf(written, sizeof written, "/tmp/fuzz_import.%d", (int)getpid());
    enum sim_status status = import_read(&import, format, path, &error);
    sim_assert((status == SIM_OK) == (error.message[0] == '\0'));
    if (status == SIM_OK) {
        sim_assert(import.row_count > 0);
        sim_assert(import_write(&import, written, &error) == SIM_OK);
        read_again(&import, written);
        unlink(written);
    }
    import_release(&import);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct import_format *const *formats = import_formats();
    char path[64];
    int file = memfd_create("import", MFD_CLOEXEC);
    sim_assert(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    for (size_t i = 0; formats[i]; i++)
        read_as(formats[i], path);
    close(file);
    return 0;
}
