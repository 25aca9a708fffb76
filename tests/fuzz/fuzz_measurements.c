/* fuzz_measurements.c - any bytes as measurements: tables or a list of problems, never a crash, and always soon. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scenarios/measurements.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void name_rows(const struct measurements *measurements)
{
    char name[64];
    for (size_t i = 0; i < measurements->table_count; i++)
        for (size_t r = 0; r < measurements->tables[i].row_count; r++)
            measurements_row_name(&measurements->tables[i], &measurements->tables[i].rows[r], name, sizeof name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diagnostic_list problems;
    struct measurements *measurements;
    char path[64];
    int file = memfd_create("measurements", MFD_CLOEXEC);
    sim_assert(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    diagnostic_init(&problems);
    enum sim_status status = measurements_load(path, "1", &measurements, &problems);
    sim_assert((status == SIM_OK) == (problems.count == 0) && (status == SIM_OK) == (measurements != NULL));
    if (measurements)
        name_rows(measurements);
    FILE *nowhere = fopen("/dev/null", "w");
    diagnostic_print(&problems, nowhere);
    fclose(nowhere);
    measurements_destroy(measurements);
    diagnostic_release(&problems);
    close(file);
    return 0;
}
