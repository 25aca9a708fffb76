/* fuzz_scenario.c - any bytes as a scenario: a configuration or a list of problems, never a crash, and always soon.
 *
 * What follows a line `%%` are settings, one in a line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scenarios/scenario.h"

#define SETTING_COUNT_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cuts the settings off the text, which ends with a NUL, and returns how many there are. */
static size_t take_settings(char *text, const char **settings)
{
    char *mark = strstr(text, "\n%%\n");
    size_t count = 0;
    if (!mark)
        return 0;
    mark[1] = '\0';
    for (char *line = strtok(mark + 4, "\n"); line && count < SETTING_COUNT_MAX; line = strtok(NULL, "\n"))
        settings[count++] = line;
    return count;
}

static void load(const char *path, const char *const *settings, size_t setting_count)
{
    struct diagnostic_list problems;
    struct scenario *scenario;
    const struct scenario_settings all = {.settings = settings, .setting_count = setting_count};
    diagnostic_init(&problems);
    enum sim_status status = scenario_load_with(path, &all, &scenario, &problems);
    sim_assert((status == SIM_OK) == (problems.count == 0) && (status == SIM_OK) == (scenario != NULL));
    FILE *nowhere = fopen("/dev/null", "w");
    diagnostic_print(&problems, nowhere);
    fclose(nowhere);
    scenario_destroy(scenario);
    diagnostic_release(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *settings[SETTING_COUNT_MAX];
    char *text = calloc(size + 1, 1);
    memcpy(text, data, size);
    size_t setting_count = take_settings(text, settings);
    size_t text_size = setting_count > 0 ? strlen(text) : size;
    char path[64];
    int file = memfd_create("scenario", MFD_CLOEXEC);
    sim_assert(file >= 0 && write(file, text, text_size) == (ssize_t)text_size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    load(path, settings, setting_count);
    close(file);
    free(text);
    return 0;
}
