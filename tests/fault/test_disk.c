/* test_disk.c - what if step N of writing a file fails, and what if a file was cut? A child for each N.
 *
 * The run ends with exit code 3 and the reason. What had the file's name before is still there, or the new file is
 * there and whole; nothing half written stays behind.
 */
#include "tests/effort.h"
#include "tests/fault/child.h"

static struct child child;
static char whole[CHILD_TEXT_MAX];
static char found[CHILD_TEXT_MAX];

static bool says_why(const struct child *one)
{
    return child_said(one, strerror(28)) || child_said(one, strerror(5)) || child_said(one, strerror(13));
}

START_TEST(a_trace)
{
    static const char arguments[] = "run small.yaml --jobs 1 -o run.h5";
    child_run(&child, (struct fault){0}, arguments);
    ck_assert_int_eq(child.code, 0);
    size_t size = child_read("run.h5", whole);
    long at = 0;
    do {
        child_write("run.h5", "old", 3);
        at++;
        child_run(&child, (struct fault){"preload_disk", at, at % 2 == 0}, arguments);
        ck_assert_msg(!child_has("run.h5.part"), "step %ld: %s", at, child.errors);
        size_t found_size = child_read("run.h5", found);
        bool is_whole = found_size == size && memcmp(found, whole, size) == 0;
        ck_assert_msg(is_whole || strcmp(found, "old") == 0, "step %ld: %zu bytes", at, found_size);
        ck_assert_msg(!child.was_met || (child.code == 3 && says_why(&child)) || (at == 1 && child.code == 2),
                      "step %ld: exit code %d, %s", at, child.code, child.errors);
    } while (child.was_met);
    ck_assert_int_eq(child.code, 0);
    ck_assert_int_gt(at, 50);
}
END_TEST

START_TEST(a_page)
{
    static const char arguments[] = "verify claims.yaml --jobs 1 --markdown page.md";
    child_write("claims.yaml", child_claims, sizeof child_claims - 1);
    child_run(&child, (struct fault){0}, arguments);
    ck_assert_int_eq(child.code, 0);
    size_t size = child_read("page.md", whole);
    long at = 0;
    do {
        child_write("page.md", "old", 3);
        at++;
        child_run(&child, (struct fault){"preload_disk", at, at % 2 == 0}, arguments);
        ck_assert_msg(!child_has("page.md.part"), "step %ld: %s", at, child.errors);
        size_t found_size = child_read("page.md", found);
        bool is_whole = found_size == size && memcmp(found, whole, size) == 0;
        ck_assert_msg(is_whole || strcmp(found, "old") == 0, "step %ld: %zu bytes", at, found_size);
        ck_assert_msg(!child.was_met || (child.code > 1 && says_why(&child)), "step %ld: exit code %d, %s", at,
                      child.code, child.errors);
    } while (child.was_met);
    ck_assert_int_eq(child.code, 0);
    ck_assert_int_gt(at, 3);
}
END_TEST

/* There is an older one, or one to go on from; whether or not the run goes on without. */
START_TEST(a_checkpoint)
{
    static const char arguments[] = "run small.yaml --replications 1 --jobs 1 --json --checkpoint run.checkpoint";
    static struct child expected;
    static struct child resumed;
    child_run(&expected, (struct fault){0}, arguments);
    ck_assert_int_eq(expected.code, 0);
    long at = 0;
    do {
        child_write("run.checkpoint", "old", 3);
        at++;
        child_run(&child, (struct fault){"preload_disk", at, at % 2 == 0}, arguments);
        ck_assert_msg(!child_has("run.checkpoint.part"), "step %ld: %s", at, child.errors);
        bool has_ended = child.code != 0 && child.output_size == 0;
        bool goes_on = child.code == 0 && child_has_same_output(&child, &expected);
        ck_assert_msg(!child.was_met || ((has_ended || goes_on) && says_why(&child)), "step %ld: exit code %d, %s", at,
                      child.code, child.errors);
        child_read("run.checkpoint", found);
        if (strcmp(found, "old") == 0)
            continue;
        child_run(&resumed, (struct fault){0}, "run small.yaml --replications 1 --json --resume run.checkpoint");
        ck_assert_msg(child_has_same_output(&resumed, &expected), "step %ld: %s", at, resumed.errors);
    } while (child.was_met);
    ck_assert_int_eq(child.code, 0);
    ck_assert_int_gt(at, 4);
}
END_TEST

/* Every length that a file can be cut to, or some. */
static void check_cuts(const char *name, const char *arguments, size_t tries)
{
    size_t size = child_read(name, whole);
    ck_assert_uint_gt(size, 100);
    for (size_t i = 0; i < tries; i++) {
        size_t length = i * (size - 1) / (tries - 1);
        child_write(name, whole, length);
        child_run(&child, (struct fault){0}, arguments);
        ck_assert_msg(child.code == 2 && child_said(&child, "error: ") && child.output_size == 0,
                      "cut to %zu of %zu bytes: exit code %d, %s", length, size, child.code, child.errors);
    }
}

START_TEST(a_trace_that_was_cut)
{
    child_run(&child, (struct fault){0}, "run small.yaml --jobs 1 -o run.h5");
    check_cuts("run.h5", "report run.h5", test_effort(20, 30, 2000));
}
END_TEST

START_TEST(a_checkpoint_that_was_cut_or_changed)
{
    static const char resume[] = "run small.yaml --replications 1 --jobs 1 --resume run.checkpoint";
    child_run(&child, (struct fault){0}, "run small.yaml --replications 1 --jobs 1 --checkpoint run.checkpoint");
    size_t size = child_read("run.checkpoint", whole);
    check_cuts("run.checkpoint", resume, test_effort(20, 30, 2000));
    size_t tries = test_effort(20, 30, 2000);
    for (size_t i = 0; i < tries; i++) {
        size_t place = i * (size - 1) / (tries - 1);
        whole[place] ^= 1;
        child_write("run.checkpoint", whole, size);
        child_run(&child, (struct fault){0}, resume);
        ck_assert_msg(child.code == 2 && child_said(&child, "error: ") && child.output_size == 0,
                      "byte %zu changed: exit code %d, %s", place, child.code, child.errors);
        whole[place] ^= 1;
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_trace, a_page, a_checkpoint, a_trace_that_was_cut, a_checkpoint_that_was_cut_or_changed, NULL};
    return child_main("disk", tests);
}
