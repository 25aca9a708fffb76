/* test_memory.c - what if allocation N fails? A child for N = 1, 2, ... until one does not meet the fault.
 *
 * Whoever has no memory says so and ends with exit code 3; or does without it, and says what was to be said. Normally
 * only every few N are tried.
 */
#include "tests/effort.h"
#include "tests/fault/child.h"

static struct child expected;
static struct child child;

static struct fault memory_fault(long at, bool lasts)
{
    return (struct fault){"preload_memory", at, lasts};
}

/* `step` is odd, so that alternate N are failures that last. */
static void check_all(const char *arguments, int code, long step)
{
    long at = 1;
    child_run(&expected, (struct fault){0}, arguments);
    ck_assert_int_eq(expected.code, code);
    for (;; at += step) {
        child_run(&child, memory_fault(at, at % 2 == 0), arguments);
        if (!child.was_met)
            break;
        bool has_ended = child.code == 3 && child_said(&child, "out of memory") && child.output_size == 0;
        bool does_without = child.code == code && child_has_same_output(&child, &expected);
        ck_assert_msg(has_ended || does_without, "capsim %s, allocation %ld: exit code %d, %s", arguments, at,
                      child.code, child.errors);
    }
    ck_assert_int_eq(child.code, code);
    ck_assert(child_has_same_output(&child, &expected));
    ck_assert_int_gt(at, 300);
}

START_TEST(a_run)
{
    check_all("run small.yaml --jobs 1 --json", 0, test_effort(41, 29, 1));
}
END_TEST

START_TEST(a_scenario_with_mistakes)
{
    check_all("run small.yaml --set pools.tts.max_inptus=3 --set duration=never --set warm_up=3", 2,
              test_effort(41, 29, 1));
}
END_TEST

START_TEST(answers)
{
    child_write("claims.yaml", child_claims, sizeof child_claims - 1);
    check_all("verify claims.yaml --jobs 1 --json", 0, test_effort(41, 29, 1));
}
END_TEST

START_TEST(sizes)
{
    static const char models[] = "base: small.yaml\nmodels: [{name: m, memory: 1 GB, per_input: 1 GB}]\n"
                                 "sizing: {provider: modal, together: true}\n";
    child_write("models.yaml", models, sizeof models - 1);
    check_all("size models.yaml --jobs 1 --json", 0, test_effort(41, 29, 1));
}
END_TEST

START_TEST(comparisons)
{
    check_all("compare small.yaml --vary pools.tts.max_inputs=[3,4] --jobs 1", 0, test_effort(61, 41, 1));
}
END_TEST

/* HDF5 ends the process, or breaks, when it has no memory. No file may be left that looks whole and is not. */
START_TEST(a_trace)
{
    static char whole[CHILD_TEXT_MAX];
    static char found[CHILD_TEXT_MAX];
    static const char arguments[] = "run small.yaml --jobs 1 -o run.h5";
    child_run(&expected, (struct fault){0}, arguments);
    ck_assert_int_eq(expected.code, 0);
    size_t size = child_read("run.h5", whole);
    ck_assert_uint_lt(size, CHILD_TEXT_MAX - 1);
    long step = test_effort(1999, 399, 1);
    do {
        static long at = 1;
        unlink("run.h5");
        child_run(&child, memory_fault(at, at % 2 == 0), arguments);
        bool is_whole = child_read("run.h5", found) == size && memcmp(found, whole, size) == 0;
        ck_assert_msg(child_has("run.h5") ? is_whole : child.code != 0, "allocation %ld: exit code %d, %s", at,
                      child.code, child.errors);
        at += step;
    } while (child.was_met);
    ck_assert_int_eq(child.code, 0);
}
END_TEST

int main(void)
{
#ifdef __SANITIZE_ADDRESS__
    fputs("test_memory: the sanitizer has an allocator of its own; not tested\n", stderr);
    return EXIT_SUCCESS;
#else
    const TTest *const tests[] = {a_run, a_scenario_with_mistakes, answers, sizes, comparisons, a_trace, NULL};
    return child_main("no memory", tests);
#endif
}
