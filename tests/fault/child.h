/* child.h - the program in a child process in which something fails, and what came of it.
 *
 * Children work in a folder of their own, with a small scenario, small.yaml, in it.
 */
#ifndef TESTS_FAULT_CHILD_H
#define TESTS_FAULT_CHILD_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CHILD_TEXT_MAX = 1 << 20
};

/* A row about small.yaml, for capsim verify. */
static const char child_claims[] =
    "capsim: 1\nname: claims\nvariants: [{name: small, scenario: small.yaml}]\nreference:\n"
    "  - {id: a, kind: claim, claim: c, theirs: '100', ours: \"metric('latency_mean_s', 'all', 'small')\", expect: "
    "off}\n";

struct fault {
    const char *preload; /* preload_X.so brings it about; NULL: none */
    long at;             /* number of the call that fails, from 1 */
    bool lasts;          /* and all after it */
};

struct child {
    int code;     /* exit code; 128 and the signal for one that was killed */
    bool was_met; /* the fault */
    size_t output_size;
    char output[CHILD_TEXT_MAX];
    char errors[CHILD_TEXT_MAX];
};

static char child_folder[64];
static char child_program[4096];
static char child_build[4096];

/* Reads a file of the folder, with a zero after it. Returns its size; 0 also where there is none. */
static inline size_t child_read(const char *name, char *text)
{
    FILE *file = fopen(name, "rb");
    size_t size = file ? fread(text, 1, CHILD_TEXT_MAX - 1, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    return size;
}

static inline void child_write(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static inline bool child_has(const char *name)
{
    return access(name, F_OK) == 0;
}

/* Paths are made absolute, because the children work in another folder. */
static inline void child_set_up(void)
{
    static const char scenario[] = "capsim: 1\n"
                                   "name: small\n"
                                   "duration: 30 min\n"
                                   "warm_up: 1 min\n"
                                   "replications: 2\n"
                                   "workloads:\n"
                                   "  - name: callers\n"
                                   "    pool: tts\n"
                                   "    arrivals: {process: poisson, rate: 0.05 req/s}\n"
                                   "    classes: [{name: text, work: exponential(1)}]\n"
                                   "pools:\n"
                                   "  - name: tts\n"
                                   "    platform: modal-function\n"
                                   "    price: $1.95/h\n"
                                   "    max_containers: 5\n"
                                   "    max_inputs: 4\n"
                                   "    profile: {name: p, stage: processor-sharing, base_time: 0.1 s}\n";
    const char *program = getenv("CAPSIM");
    const char *build = getenv("BUILD");
    ck_assert_ptr_nonnull(realpath(program ? program : "build/capsim", child_program));
    ck_assert_ptr_nonnull(realpath(build ? build : "build/release", child_build));
    snprintf(child_folder, sizeof child_folder, "/tmp/fault.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(child_folder));
    ck_assert_int_eq(chdir(child_folder), 0);
    child_write("small.yaml", scenario, sizeof scenario - 1);
}

static inline void child_tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", child_folder);
    ck_assert_int_eq(system(command), 0);
}

static inline void child_execute(const struct fault *fault, char *const *arguments)
{
    char number[32];
    char library[8192];
    if (fault->preload) {
        snprintf(library, sizeof library, "%s/tests/fault/%s.so", child_build, fault->preload);
        snprintf(number, sizeof number, "%ld", fault->at);
        setenv("LD_PRELOAD", library, 1);
        setenv("CAPSIM_FAULT_AT", number, 1);
        if (fault->lasts)
            setenv("CAPSIM_FAULT_LASTS", "1", 1);
    }
    if (freopen("output", "w", stdout) && freopen("errors", "w", stderr))
        execv(child_program, arguments);
    _exit(99);
}

/* Runs `capsim ARGUMENTS`, words parted by one space each. */
static inline void child_run(struct child *child, struct fault fault, const char *arguments)
{
    char words[256];
    char *list[32] = {"capsim"};
    int count = 1;
    snprintf(words, sizeof words, "%s", arguments);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        list[count++] = word;
    fflush(NULL);
    pid_t id = fork();
    if (id == 0)
        child_execute(&fault, list);
    int status;
    ck_assert_int_eq(waitpid(id, &status, 0), id);
    child->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    child->output_size = child_read("output", child->output);
    child_read("errors", child->errors);
    child->was_met = strstr(child->errors, "the fault was met\n") != NULL;
    ck_assert_int_ne(child->code, 99);
}

static inline bool child_said(const struct child *child, const char *text)
{
    return strstr(child->errors, text) != NULL;
}

static inline bool child_has_same_output(const struct child *a, const struct child *b)
{
    return a->output_size == b->output_size && memcmp(a->output, b->output, a->output_size) == 0;
}

/* Tests from a list that ends with NULL, each in a folder of its own; the exit code of the program. */
static inline int child_main(const char *name, const TTest *const *tests)
{
    Suite *suite = suite_create(name);
    TCase *group = tcase_create(name);
    tcase_set_timeout(group, 300);
    tcase_add_checked_fixture(group, child_set_up, child_tear_down);
    for (; *tests; tests++)
        tcase_add_test(group, *tests);
    suite_add_tcase(suite, group);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
