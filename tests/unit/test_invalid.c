/* test_invalid.c - every scenario in invalid/ is refused for exactly the reasons that its first lines name.
 *
 * Such a file begins with one line for each problem, in the order in which they are printed, and may give settings:
 *
 *     # error: 7:3: unknown key 'max_input' in pool; did you mean 'max_inputs'?
 *     # set: pools.tts.max_inputs=0
 *
 * A problem in another file than the scenario begins with that file's name in place of the bare line number.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"

#define FOLDER "tests/unit/invalid"
#define FILE_COUNT_MAX 200
#define SETTING_COUNT_MAX 8
#define TEXT_SIZE 8192

static char files[FILE_COUNT_MAX][64];
static int file_count;

static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* Files with an underscore in front are parts of others. */
static void find_files(void)
{
    DIR *folder = opendir(FOLDER);
    struct dirent *entry;
    while (folder && (entry = readdir(folder)) && file_count < FILE_COUNT_MAX) {
        size_t size = strlen(entry->d_name);
        if (size > 5 && size < sizeof files[0] && strcmp(entry->d_name + size - 5, ".yaml") == 0 &&
            entry->d_name[0] != '_')
            snprintf(files[file_count++], sizeof files[0], "%s", entry->d_name);
    }
    if (folder)
        closedir(folder);
    qsort(files, (size_t)file_count, sizeof files[0], compare_names);
}

struct expectation {
    char errors[TEXT_SIZE];
    char settings_text[SETTING_COUNT_MAX][200];
    const char *settings[SETTING_COUNT_MAX];
    size_t setting_count;
};

static void read_expectation(const char *path, struct expectation *expectation)
{
    char line[1000];
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "# error: ", 9) == 0) {
            strncat(expectation->errors, line + 9, TEXT_SIZE - strlen(expectation->errors) - 1);
        } else if (strncmp(line, "# set: ", 7) == 0 && expectation->setting_count < SETTING_COUNT_MAX) {
            char *text = expectation->settings_text[expectation->setting_count];
            snprintf(text, sizeof expectation->settings_text[0], "%.*s", (int)strcspn(line + 7, "\n"), line + 7);
            expectation->settings[expectation->setting_count++] = text;
        } else {
            break;
        }
    }
    fclose(file);
}

static void print_problem(const struct diagnostic *problem, const char *path, FILE *out)
{
    const struct source *source = problem->place.source;
    if (source && strcmp(source->name, path) != 0) {
        const char *slash = strrchr(source->name, '/');
        fprintf(out, "%s:", slash ? slash + 1 : source->name);
    }
    if (source)
        fprintf(out, "%d:%d: ", problem->place.line, problem->place.column);
    fputs(problem->message, out);
    if (problem->suggestion)
        fprintf(out, "; did you mean '%s'?", problem->suggestion);
    fputc('\n', out);
}

START_TEST(test_invalid)
{
    char path[200];
    struct expectation expectation = {0};
    struct diagnostic_list problems;
    struct scenario *scenario;
    snprintf(path, sizeof path, FOLDER "/%s", files[_i]);
    read_expectation(path, &expectation);
    diagnostic_init(&problems);
    ck_assert_msg(scenario_load(path, expectation.settings, expectation.setting_count, &scenario, &problems) ==
                      SIM_BAD_INPUT,
                  "%s was accepted", files[_i]);
    char *found;
    size_t size;
    FILE *out = open_memstream(&found, &size);
    for (size_t i = 0; i < problems.kept_count; i++)
        print_problem(&problems.kept[i], path, out);
    if (problems.count > problems.kept_count)
        fprintf(out, "and %zu more\n", problems.count - problems.kept_count);
    fclose(out);
    ck_assert_msg(strcmp(found, expectation.errors) == 0, "%s\n-- expected:\n%s-- found:\n%s", files[_i],
                  expectation.errors, found);
    free(found);
    diagnostic_release(&problems);
}
END_TEST

START_TEST(test_there_are_files)
{
    ck_assert_int_ge(file_count, 40);
}
END_TEST

int main(void)
{
    setenv("CAPSIM_CATALOGUE", "tests/unit/catalogue", 1);
    find_files();
    Suite *suite = suite_create("invalid");
    TCase *cases = tcase_create("invalid");
    tcase_add_test(cases, test_there_are_files);
    tcase_add_loop_test(cases, test_invalid, 0, file_count);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
