/* test_merge.c - bases, removals and settings. Files are written into a folder of their own. */
#include "scenarios/merge.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/reader.h"

static struct diagnostic_list problems;
static char folder[] = "/tmp/capsim-test-XXXXXX";

static void setup(void)
{
    diagnostic_init(&problems);
    strcpy(folder, "/tmp/capsim-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static const char *path_of(const char *name)
{
    static char path[100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *const names[] = {"a.yaml", "b.yaml", "c.yaml", "sub/d.yaml", NULL};

static void teardown(void)
{
    for (size_t i = 0; names[i]; i++)
        unlink(path_of(names[i]));
    rmdir(path_of("sub"));
    rmdir(folder);
    diagnostic_release(&problems);
}

static void write_file(const char *name, const char *text)
{
    if (strncmp(name, "sub/", 4) == 0)
        mkdir(path_of("sub"), 0700);
    FILE *file = fopen(path_of(name), "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void print_node(const struct node *node, FILE *out)
{
    if (node->kind == NODE_SCALAR) {
        fputs(node->text, out);
        return;
    }
    fputc(node->kind == NODE_MAPPING ? '{' : '[', out);
    for (const struct node *child = node->first; child; child = child->next) {
        if (child->key)
            fprintf(out, "%s:", child->key);
        print_node(child, out);
        if (child->next)
            fputc(',', out);
    }
    fputc(node->kind == NODE_MAPPING ? '}' : ']', out);
}

static void expect_tree(const struct node *root, const char *expected)
{
    ck_assert_ptr_nonnull(root);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    print_node(root, out);
    fclose(out);
    ck_assert_str_eq(text, expected);
    free(text);
}

static struct node *read_file(const char *name)
{
    return merge_read(path_of(name), (struct place){0}, &problems);
}

static void expect_problem(const char *message)
{
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_msg(strstr(problems.kept[0].message, message), "%s", problems.kept[0].message);
}

START_TEST(test_merging)
{
    write_file("a.yaml", "x: 1\nm: {p: 1, q: {r: 2}}\nl: [1, 2]\n"
                         "n:\n- {name: u, v: 1, w: 1}\n- {name: t, v: 2}\nmixed: [{name: a}, 5]\nk: {z: 1}\n");
    write_file("b.yaml", "base: a.yaml\ny: 2\nm: {q: {s: 3}, p: ~}\nl: [3]\n"
                         "n:\n- {name: t, w: 5}\n- {name: new}\nmixed: [{name: a}]\nk: text\n");
    struct node *root = read_file("b.yaml");
    ck_assert_uint_eq(problems.count, 0);
    expect_tree(root, "{x:1,m:{p:~,q:{r:2,s:3}},l:[3],n:[{name:u,v:1,w:1},{name:t,v:2,w:5},{name:new}],"
                      "mixed:[{name:a}],k:text,y:2}");
    ck_assert_ptr_nonnull(strstr(node_member(root, "y")->place.source->name, "b.yaml"));
    ck_assert_ptr_nonnull(strstr(node_member(root, "x")->place.source->name, "a.yaml"));
}
END_TEST

START_TEST(test_chain_of_folders)
{
    write_file("a.yaml", "x: 1\ny: 1\n");
    write_file("sub/d.yaml", "base: ../a.yaml\ny: 2\nz: 2\n");
    write_file("b.yaml", "base: sub/d.yaml\nz: 3\n");
    expect_tree(read_file("b.yaml"), "{x:1,y:2,z:3}");
}
END_TEST

START_TEST(test_removing)
{
    write_file("a.yaml", "x: 1\nm: {p: 1, q: 2}\nn: [{name: u, v: 1}, {name: t, v: 2}]\no: [{name: s}]\n");
    write_file("b.yaml", "base: a.yaml\nremove: [x, t, n.u.v]\nm: {remove: [q]}\no: {remove: [s]}\n"
                         "n: [{name: t, again: 1}]\n");
    expect_tree(read_file("b.yaml"), "{m:{p:1},n:[{name:u},{name:t,again:1}],o:[]}");
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

static const struct {
    const char *text;
    const char *message;
    const char *suggestion;
} wrong[] = {
    {"base: b.yaml\n", "b.yaml' is based on itself", NULL},
    {"base: c.yaml\n", "b.yaml' is based on itself", NULL},
    {"base: ./sub/../b.yaml\n", "b.yaml' is based on itself", NULL},
    {"base: none.yaml\n", "none.yaml': No such file or directory", NULL},
    {"base: [a.yaml]\n", "'base' needs the name of one file", NULL},
    {"base:\n", "'base' needs the name of one file", NULL},
    {"remove: [x]\n", "there is no 'base' to remove from", NULL},
    {"base: a.yaml\nremove: x\n", "'remove' needs a list of names, not a value", NULL},
    {"base: a.yaml\nremove: [[x]]\n", "expected a name to remove, not a list", NULL},
    {"base: a.yaml\nremove: [caller]\n", "the base has no 'caller' to remove", "callers"},
    {"base: a.yaml\nremove: [n.callers.w]\n", "the base has no 'n.callers.w' to remove", NULL},
    {"base: a.yaml\nremove: [both]\n", "several lists have a 'both'; write LIST.both", NULL},
    {"- base: a.yaml\n", "expected a mapping of keys to values, not a list", NULL},
};

START_TEST(test_wrong)
{
    write_file("a.yaml", "x: 1\nn: [{name: callers, v: 1}, {name: both}]\no: [{name: both}]\n");
    write_file("sub/d.yaml", "x: 1\n");
    write_file("b.yaml", wrong[_i].text);
    write_file("c.yaml", "base: b.yaml\n");
    read_file("b.yaml");
    expect_problem(wrong[_i].message);
    ck_assert_pstr_eq(problems.kept[0].suggestion, wrong[_i].suggestion);
}
END_TEST

static const char text[] =
    "seed: 1\npools: [{name: tts, max_inputs: 5, profile: {slots: 1}}, {name: chat}]\nl: [1, 2]\n";

static const struct {
    const char *setting;
    const char *expected;
} settings[] = {
    {"seed=2", "{seed:2,pools:[{name:tts,max_inputs:5,profile:{slots:1}},{name:chat}],l:[1,2]}"},
    {"pools.tts.max_inputs=20", "{seed:1,pools:[{name:tts,max_inputs:20,profile:{slots:1}},{name:chat}],l:[1,2]}"},
    {"pools.1.x=15 req/s", "{seed:1,pools:[{name:tts,max_inputs:5,profile:{slots:1}},{name:chat,x:15 req/s}],l:[1,2]}"},
    {"pools.tts.profile={a: [1, 2]}", "{seed:1,pools:[{name:tts,max_inputs:5,profile:{a:[1,2]}},{name:chat}],l:[1,2]}"},
    {"quotas.gpus=7", "{seed:1,pools:[{name:tts,max_inputs:5,profile:{slots:1}},{name:chat}],l:[1,2],quotas:{gpus:7}}"},
    {"l.1=x=y", "{seed:1,pools:[{name:tts,max_inputs:5,profile:{slots:1}},{name:chat}],l:[1,x=y]}"},
    {"pools.tts.d=lognormal(55, 0.3)",
     "{seed:1,pools:[{name:tts,max_inputs:5,profile:{slots:1},d:lognormal(55, 0.3)},{name:chat}],l:[1,2]}"},
};

START_TEST(test_settings)
{
    struct node *root = reader_read_text("t.yaml", text, strlen(text), &problems);
    merge_set(root, settings[_i].setting, &problems);
    ck_assert_uint_eq(problems.count, 0);
    expect_tree(root, settings[_i].expected);
}
END_TEST

static const struct {
    const char *setting;
    int column;
    const char *message;
    const char *suggestion;
} wrong_settings[] = {
    {"seed", 1, "expected PATH=VALUE, as in pools.tts.max_inputs=20", NULL},
    {"=1", 1, "a part of the path is empty", NULL},
    {"pools..x=1", 7, "a part of the path is empty", NULL},
    {"pools.tss.max_inputs=1", 7, "the list has no item 'tss'", "tts"},
    {"pools.2.max_inputs=1", 7, "the list has no item '2'", NULL},
    {"pools.-1.max_inputs=1", 7, "the list has no item '-1'", NULL},
    {"seed.x=1", 6, "there is no 'x' within the value '1'", NULL},
    {"seed=[1, 2", 6, "this is not YAML: did not find expected ',' or ']' while parsing a flow sequence", NULL},
    {"seed=", 6, "there is nothing in it", NULL},
    {"seed=\xFF", 1, "the text is not UTF-8", NULL},
};

START_TEST(test_wrong_settings)
{
    struct node *root = reader_read_text("t.yaml", text, strlen(text), &problems);
    merge_set(root, wrong_settings[_i].setting, &problems);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(problems.kept[0].message, wrong_settings[_i].message);
    ck_assert_str_eq(problems.kept[0].place.source->name, "--set");
    ck_assert_int_eq(problems.kept[0].place.column, wrong_settings[_i].column);
    ck_assert_pstr_eq(problems.kept[0].suggestion, wrong_settings[_i].suggestion);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge");
    TCase *cases = tcase_create("merge");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, test_merging);
    tcase_add_test(cases, test_chain_of_folders);
    tcase_add_test(cases, test_removing);
    tcase_add_loop_test(cases, test_wrong, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_loop_test(cases, test_settings, 0, (int)(sizeof settings / sizeof *settings));
    tcase_add_loop_test(cases, test_wrong_settings, 0, (int)(sizeof wrong_settings / sizeof *wrong_settings));
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
