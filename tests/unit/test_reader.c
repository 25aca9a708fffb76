/* test_reader.c - YAML to trees, and texts that must not get through. */
#include "scenarios/reader.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct diagnostic_list problems;

static void setup(void)
{
    diagnostic_init(&problems);
}

static void teardown(void)
{
    diagnostic_release(&problems);
}

static struct node *read_text(const char *text)
{
    return reader_read_text("t.yaml", text, strlen(text), &problems);
}

static void expect_problem(size_t index, int line, int column, const char *message)
{
    ck_assert_uint_gt(problems.kept_count, index);
    ck_assert_str_eq(problems.kept[index].message, message);
    ck_assert_int_eq(problems.kept[index].place.line, line);
    ck_assert_int_eq(problems.kept[index].place.column, column);
}

START_TEST(test_places)
{
    struct node *root = read_text("a: 1\nlist:\n  - {name: x, v: 'q'}\n  - [2, ~]\n");
    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_int_eq(root->kind, NODE_MAPPING);
    struct node *list = node_member(root, "list");
    ck_assert_uint_eq(list->count, 2);
    ck_assert_int_eq(list->key_place.line, 2);
    struct node *value = node_member(node_item(list, "x"), "v");
    ck_assert_int_eq(value->place.line, 3);
    ck_assert_int_eq(value->place.column, 18);
    ck_assert_int_eq(value->key_place.column, 15);
    ck_assert(value->is_quoted && strcmp(value->text, "q") == 0);
    ck_assert(node_is_null(list->last->last));
    ck_assert(!node_is_named_list(list));
    ck_assert_ptr_null(node_member(root, "b"));
    ck_assert_ptr_null(node_item(list, "y"));
}
END_TEST

START_TEST(test_json_and_marks)
{
    struct node *root = read_text("\xEF\xBB\xBF{\"a\": {\"b\": [1, 2.5, \"x\", null, true]}}\r\n");
    ck_assert_uint_eq(problems.count, 0);
    struct node *list = node_member(node_member(root, "a"), "b");
    ck_assert_uint_eq(list->count, 5);
    ck_assert_int_eq(root->place.column, 1);
}
END_TEST

START_TEST(test_aliases_are_copies)
{
    struct node *root = read_text("a: &x {k: 1}\nb: *x\nc: [*x, *x]\n");
    ck_assert_uint_eq(problems.count, 0);
    struct node *b = node_member(root, "b");
    ck_assert_ptr_ne(b, node_member(root, "a"));
    ck_assert_str_eq(node_member(b, "k")->text, "1");
    ck_assert_int_eq(b->key_place.line, 2);
    ck_assert_int_eq(node_member(b, "k")->place.line, 1);
}
END_TEST

START_TEST(test_alias_of_itself)
{
    read_text("a: &x [*x]\nb: &y {k: {l: *y}}\nc: *z\n");
    ck_assert_uint_eq(problems.count, 3);
    expect_problem(0, 1, 8, "alias '*x' stands inside the value that it names");
    expect_problem(1, 2, 15, "alias '*y' stands inside the value that it names");
    expect_problem(2, 3, 4, "alias '*z' has no anchor '&z' before it");
}
END_TEST

static void append(char *text, size_t room, const char *more)
{
    size_t size = strlen(text);
    snprintf(text + size, room - size, "%s", more);
}

START_TEST(test_alias_bomb)
{
    char text[2000] = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; i++) {
        char line[200];
        snprintf(line, sizeof line, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
        append(text, sizeof text, line);
    }
    ck_assert_ptr_null(read_text(text));
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(problems.kept[0].message, "more than 100,000 keys and values, aliases included");
}
END_TEST

/* Through aliases the nesting grows without any deep bracket in the text. */
START_TEST(test_alias_nesting)
{
    char text[4000] = "a: &a0 x\n";
    for (int i = 1; i < 60; i++) {
        char line[60];
        snprintf(line, sizeof line, "a%d: &a%d [*a%d]\n", i, i, i - 1);
        append(text, sizeof text, line);
    }
    ck_assert_ptr_null(read_text(text));
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(problems.kept[0].message, "nested more than 32 deep");
}
END_TEST

static void expect_fast_refusal(const char *unit, size_t count, const char *message)
{
    size_t size = strlen(unit);
    char *text = malloc(size * count + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * size, unit, size + 1);
    clock_t begin = clock();
    ck_assert_ptr_null(read_text(text));
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    ck_assert_str_eq(problems.kept[0].message, message);
    ck_assert_msg(seconds < 2, "%s...: %g s", unit, seconds);
    free(text);
}

START_TEST(test_nesting_bombs)
{
    static const char *const units[] = {"[", "{a: ", "- ", "[\n", "[[{a: ["};
    expect_fast_refusal(units[_i], 100000, "nested more than 32 deep");
}
END_TEST

START_TEST(test_many_directives)
{
    expect_fast_refusal("%TAG !a! tag:x,\n", 100000, "more than 16 lines begin with '%'");
}
END_TEST

START_TEST(test_keys_within_keys)
{
    expect_fast_refusal(_i ? "{?" : "? ", 100000, "a key must be a name, not a mapping or a list");
}
END_TEST

START_TEST(test_depth_of_32_is_accepted)
{
    char text[100] = "";
    for (int i = 0; i < 32; i++)
        append(text, sizeof text, "[");
    for (int i = 0; i < 32; i++)
        append(text, sizeof text, "]");
    ck_assert_ptr_nonnull(read_text(text));
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(test_many_values)
{
    expect_fast_refusal("- x\n", 200000, "more than 100,000 keys and values, aliases included");
}
END_TEST

START_TEST(test_duplicate_keys)
{
    struct node *root = read_text("a: 1\nb: {c: 1, c: 2, c: 3}\na: 2\n");
    ck_assert_uint_eq(problems.count, 3);
    expect_problem(0, 2, 11, "key 'c' occurs twice; the first is in line 2");
    expect_problem(1, 2, 17, "key 'c' occurs twice; the first is in line 2");
    expect_problem(2, 3, 1, "key 'a' occurs twice; the first is in line 1");
    ck_assert_uint_eq(root->count, 2);
    ck_assert_str_eq(node_member(root, "a")->text, "1");
}
END_TEST

static const struct {
    const char *text;
    const char *message;
} refused[] = {
    {"", "there is nothing in it"},
    {"# only a remark\n", "there is nothing in it"},
    {"a: 1\n---\nb: 2\n", "a second document begins; a scenario is one document"},
    {"a: b: c\n", "this is not YAML: mapping values are not allowed in this context"},
    {"a: [1, 2\n", "this is not YAML: did not find expected ',' or ']' while parsing a flow sequence"},
    {"a: !!python/object:os.system x\n",
     "tags ('tag:yaml.org,2002:python/object:os.system') are not used in scenarios"},
    {"{a: 1}: 2\n", "a key must be a name, not a mapping or a list"},
    {"? [a]\n: 2\n", "a key must be a name, not a mapping or a list"},
    {"x: &a {k: 1}\n*a : 2\n", "a key must be a name, not a mapping or a list"},
    {"b: &b {k: 1}\na: {<<: *b}\n", "merge keys ('<<') are not known here; write the members out, or use 'base: FILE'"},
    {"a: \"x\\0y\"\n", "the text contains a NUL byte"},
    {"a: \xC3\x28\n", "the text is not UTF-8"},
    {"a: \xED\xA0\x80\n", "the text is not UTF-8"},
    {"a: \xC0\x80\n", "the text is not UTF-8"},
    {"a: \xF4\x90\x80\x80\n", "the text is not UTF-8"},
    {"a: \xE2\x82", "the text is not UTF-8"},
    {"\xFF\xFE"
     "a",
     "the text is not UTF-8"},
    {"a: \x01\n", "this is not YAML: control characters are not allowed"},
    {"%YAML 2.0\n---\na: 1\n", "this is not YAML: found incompatible YAML document"},
    {"a:\n\t- x\n", "this is not YAML: found character that cannot start any token while scanning for the next token"},
};

START_TEST(test_refused)
{
    read_text(refused[_i].text);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(problems.kept[0].message, refused[_i].message);
}
END_TEST

START_TEST(test_nul_byte)
{
    ck_assert_ptr_null(reader_read_text("t.yaml", "a: 1\nb: \0\n", 10, &problems));
    expect_problem(0, 2, 1, "the text contains a NUL byte");
}
END_TEST

START_TEST(test_unreadable_files)
{
    char path[] = "/tmp/capsim-test-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(ftruncate(file, ((off_t)4 << 20) + 1), 0);
    close(file);
    ck_assert_ptr_null(reader_read_file(path, (struct place){0}, &problems));
    unlink(path);
    ck_assert_ptr_null(reader_read_file("/nowhere/x.yaml", (struct place){0}, &problems));
    ck_assert_ptr_null(reader_read_file("/tmp", (struct place){0}, &problems));
    ck_assert_ptr_null(reader_read_file("/dev/null", (struct place){0}, &problems));
    ck_assert_uint_eq(problems.count, 4);
    ck_assert_ptr_nonnull(strstr(problems.kept[0].message, "the file is larger than 4 MiB"));
    ck_assert_str_eq(problems.kept[1].message, "cannot read '/nowhere/x.yaml': No such file or directory");
    ck_assert_str_eq(problems.kept[2].message, "cannot read '/tmp': this is a folder, not a file");
    ck_assert_str_eq(problems.kept[3].message, "cannot read '/dev/null': this is not a regular file");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reader");
    TCase *cases = tcase_create("reader");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_set_timeout(cases, 20);
    tcase_add_test(cases, test_places);
    tcase_add_test(cases, test_json_and_marks);
    tcase_add_test(cases, test_aliases_are_copies);
    tcase_add_test(cases, test_alias_of_itself);
    tcase_add_test(cases, test_alias_bomb);
    tcase_add_test(cases, test_alias_nesting);
    tcase_add_loop_test(cases, test_nesting_bombs, 0, 5);
    tcase_add_loop_test(cases, test_keys_within_keys, 0, 2);
    tcase_add_test(cases, test_depth_of_32_is_accepted);
    tcase_add_test(cases, test_many_directives);
    tcase_add_test(cases, test_many_values);
    tcase_add_test(cases, test_duplicate_keys);
    tcase_add_loop_test(cases, test_refused, 0, (int)(sizeof refused / sizeof *refused));
    tcase_add_test(cases, test_nul_byte);
    tcase_add_test(cases, test_unreadable_files);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
