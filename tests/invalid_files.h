/* invalid_files.h - files that must be refused for exactly the reasons that their first lines name.
 *
 * Such a file begins with one line for each problem, in the order in which they are printed, and may give settings:
 *
 *     # error: 7:3: unknown key 'max_input' in pool; did you mean 'max_inputs'?
 *     # set: pools.tts.max_inputs=0
 *
 * A problem in another file begins with that file's name in place of the bare line number.
 */
#ifndef TESTS_INVALID_FILES_H
#define TESTS_INVALID_FILES_H

#include <stddef.h>

#include "scenarios/diagnostic.h"

enum {
    INVALID_FILES_MAX = 200,
    INVALID_SETTINGS_MAX = 8,
    INVALID_TEXT_SIZE = 8192
};

struct invalid_files {
    const char *folder;
    char names[INVALID_FILES_MAX][64]; /* in order; files with an underscore in front are parts of others */
    int count;
};

struct invalid_expectation {
    char path[200];
    char errors[INVALID_TEXT_SIZE];
    char settings_text[INVALID_SETTINGS_MAX][200];
    const char *settings[INVALID_SETTINGS_MAX];
    size_t setting_count;
};

void invalid_files_find(struct invalid_files *files, const char *folder);

/* Reads what the first lines of a file expect. */
void invalid_files_expect(const struct invalid_files *files, int index, struct invalid_expectation *expectation);

/* Fails the test unless the problems are the expected ones. */
void invalid_files_compare(const struct invalid_expectation *expectation, const struct diagnostic_list *problems);

#endif
