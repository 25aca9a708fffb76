/* test_binding.c - a small table of every kind of field, filled from text. */
#include "scenarios/binding.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/reader.h"
#include "sim/distribution.h"
#include "sim/time.h"

struct part {
    const char *name;
    int64_t count;
};

struct inner {
    double rate;
    const char *note;
};

struct whole {
    uint8_t small;
    int32_t medium;
    int64_t large;
    int64_t price;
    double share;
    double limit;
    sim_time_ns span_ns;
    bool is_on;
    int32_t colour;
    const char *file;
    struct sim_distribution size;
    struct inner inner;
    struct part *parts;
    size_t part_count;
};

static const struct sim_field part_fields[] = {
    {.name = "name", .type = SIM_FIELD_TEXT, .offset = offsetof(struct part, name), .unit = ""},
    {.name = "count",
     .type = SIM_FIELD_INT64,
     .offset = offsetof(struct part, count),
     .unit = "",
     .lowest = 1,
     .highest = 9,
     .initial = "3"},
};
static const struct sim_field_table part_table = {"part", part_fields, 2, sizeof(struct part)};

static const struct sim_field inner_fields[] = {
    {.name = "rate", .type = SIM_FIELD_DOUBLE, .offset = offsetof(struct inner, rate), .unit = "1/s", .initial = "2/s"},
    {.name = "note", .type = SIM_FIELD_TEXT, .offset = offsetof(struct inner, note), .unit = "", .initial = ""},
};
static const struct sim_field_table inner_table = {"inner", inner_fields, 2, sizeof(struct inner)};

static const char *const colours[] = {"red", "green", "blue", NULL};

#define WHOLE(member, key, kind, unit_text, initial_text)                                                       \
    {                                                                                                           \
        .name = (key), .type = SIM_FIELD_##kind, .offset = offsetof(struct whole, member), .unit = (unit_text), \
        .initial = (initial_text), .choices = colours                                                           \
    }
static const struct sim_field whole_fields[] = {
    WHOLE(small, "small", UINT8, "", "7"),
    WHOLE(medium, "medium", INT32, "", "8"),
    WHOLE(large, "large", INT64, "", "9"),
    WHOLE(price, "price", INT64, "USD/h", ""),
    {.name = "share",
     .type = SIM_FIELD_DOUBLE,
     .offset = offsetof(struct whole, share),
     .unit = "ratio",
     .lowest = 0,
     .highest = 1,
     .initial = "50%"},
    WHOLE(limit, "limit", DOUBLE, "any", ""),
    WHOLE(span_ns, "span", TIME, "s", NULL),
    WHOLE(is_on, "on", BOOL, "", "true"),
    WHOLE(colour, "colour", CHOICE, "", "green"),
    WHOLE(file, "file", TEXT, "", ""),
    WHOLE(size, "size", DISTRIBUTION, "token", "fixed(5)"),
    {.name = "inner",
     .type = SIM_FIELD_RECORD,
     .offset = offsetof(struct whole, inner),
     .unit = "",
     .initial = "",
     .table = &inner_table},
    {.name = "parts",
     .type = SIM_FIELD_LIST,
     .offset = offsetof(struct whole, parts),
     .unit = "",
     .table = &part_table,
     .count_offset = offsetof(struct whole, part_count)},
};
static const struct sim_field_table whole_table = {"whole", whole_fields, sizeof whole_fields / sizeof *whole_fields,
                                                   sizeof(struct whole)};

static struct diagnostic_list problems;
static struct whole whole;

static void setup(void)
{
    diagnostic_init(&problems);
    whole = (struct whole){0};
}

static void teardown(void)
{
    diagnostic_release(&problems);
}

static void fill(const char *text)
{
    struct node *root = reader_read_text("dir/t.yaml", text, strlen(text), &problems);
    ck_assert_ptr_nonnull(root);
    binding_fill(&whole_table, root, &whole, problems.arena, &problems);
}

START_TEST(test_defaults)
{
    fill("span: 1 s\nparts: [{name: a}]\nlarge: null\n");
    ck_assert_uint_eq(problems.count, 0);
    ck_assert(whole.small == 7 && whole.medium == 8 && whole.large == 9 && whole.price == 0);
    ck_assert(whole.share == 0.5 && isnan(whole.limit) && whole.span_ns == SIM_SECOND && whole.is_on);
    ck_assert_int_eq(whole.colour, 1);
    ck_assert_str_eq(whole.file, "");
    ck_assert(sim_distribution_mean(&whole.size) == 5);
    ck_assert(whole.inner.rate == 2);
    ck_assert_str_eq(whole.inner.note, "");
    ck_assert_uint_eq(whole.part_count, 1);
    ck_assert(strcmp(whole.parts[0].name, "a") == 0 && whole.parts[0].count == 3);
}
END_TEST

START_TEST(test_given)
{
    fill("small: 255\nmedium: -5\nlarge: 9007199254740993\nprice: $0.000542/s\nshare: 0.25\nlimit: 3 min\n"
         "span: never\non: false\ncolour: blue\nfile: x.csv\nsize: exponential(400 tokens)\n"
         "inner: {rate: 60 req/min, note: 'null'}\nparts:\n- {name: a, count: 9}\n- {name: b-2}\n");
    ck_assert_uint_eq(problems.count, 0);
    ck_assert(whole.small == 255 && whole.medium == -5 && whole.large == INT64_C(9007199254740993));
    ck_assert(whole.price == INT64_C(1951200000000) && whole.share == 0.25 && whole.limit == 180);
    ck_assert(whole.span_ns == SIM_TIME_NEVER && !whole.is_on && whole.colour == 2);
    ck_assert_str_eq(whole.file, "dir/x.csv");
    ck_assert(sim_distribution_mean(&whole.size) == 400);
    ck_assert(whole.inner.rate == 1);
    ck_assert_str_eq(whole.inner.note, "null");
    ck_assert_uint_eq(whole.part_count, 2);
    ck_assert(whole.parts[0].count == 9 && strcmp(whole.parts[1].name, "b-2") == 0);
}
END_TEST

/* One wrong thing at a time in an otherwise valid text; the message and its place. */
static const struct {
    const char *line;
    const char *message;
    int column;
    const char *suggestion;
} wrong[] = {
    {"small: 256", "'small': '256' is out of range", 8, NULL},
    {"small: -1", "'small': '-1' is out of range", 8, NULL},
    {"medium: 3e9", "'medium': '3e9' is out of range", 9, NULL},
    {"large: 1.5", "'large': expected a whole number, not '1.5'", 8, NULL},
    {"large: [1]", "'large' needs a value, not a list", 8, NULL},
    {"price: 1.95", "'price': expected a price such as '$1.95/h' or '$0.000542/s', not '1.95'", 8, NULL},
    {"price: -1 USD/h", "'price': must be 0 USD/h or more, not -1 USD/h", 8, NULL},
    {"share: 101%", "'share': must be from 0 to 1, not 101%", 8, NULL},
    {"limit: 5 parsec", "'limit': expected a number or a quantity such as '2 s' or '70%', not '5 parsec'", 8, NULL},
    {"on: yes", "'on': expected true or false, not 'yes'", 5, NULL},
    {"colour: grene", "'colour': expected one of red, green, blue, not 'grene'", 9, "green"},
    {"size: exponential(400 s)", "'size': expected a number of tokens such as '400' or '400 tokens', not '400 s'", 19,
     NULL},
    {"size: 'fixed(x)'", "'size': expected a number of tokens such as '400' or '400 tokens', not 'x'", 14, NULL},
    {"inner: 5", "expected the keys of inner, not a value", 8, NULL},
    {"inner: {rat: 5}", "unknown key 'rat' in inner", 9, "rate"},
    {"coluor: red", "unknown key 'coluor' in whole", 1, "colour"},
    {"unrelated: 1", "unknown key 'unrelated' in whole", 1, NULL},
};

START_TEST(test_wrong)
{
    char text[200];
    snprintf(text, sizeof text, "span: 1 s\n%s\nparts: [{name: a}]\n", wrong[_i].line);
    fill(text);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(problems.kept[0].message, wrong[_i].message);
    ck_assert_int_eq(problems.kept[0].place.line, 2);
    ck_assert_int_eq(problems.kept[0].place.column, wrong[_i].column);
    ck_assert_pstr_eq(problems.kept[0].suggestion, wrong[_i].suggestion);
}
END_TEST

static const struct {
    const char *text;
    const char *message;
} wrong_texts[] = {
    {"parts: [{name: a}]", "the required key 'span' is missing in whole"},
    {"span: ~\nparts: [{name: a}]", "the required key 'span' of whole has no value"},
    {"span: -1 s\nparts: [{name: a}]", "'span': must be 0 s or more, not -1 s"},
    {"span: 1 s\nparts: []", "'parts' needs at least one item"},
    {"span: 1 s\nparts: {name: a}", "'parts' needs a list, not a mapping"},
    {"span: 1 s\nparts: [a]", "expected the keys of part, not a value"},
    {"span: 1 s\nparts: [{count: 1}]", "the required key 'name' is missing in part"},
    {"span: 1 s\nparts: [{name: ''}]", "'name': expected a name (a to z, then a to z, 0 to 9 or '-'), not ''"},
    {"span: 1 s\nparts: [{name: Ab}]", "'name': expected a name (a to z, then a to z, 0 to 9 or '-'), not 'Ab'"},
    {"span: 1 s\nparts: [{name: a, count: 10}]", "'count': must be from 1 to 9, not 10"},
    {"span: 1 s\nparts: [{name: a}, {name: b}, {name: a}]", "two items of 'parts' are called 'a'"},
    {"span: 1 s\nparts: &p [{name: a}, *p]", "alias '*p' stands inside the value that it names"},
    {"[1]", "expected the keys of whole, not a list"},
};

START_TEST(test_wrong_texts)
{
    fill(wrong_texts[_i].text);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(problems.kept[0].message, wrong_texts[_i].message);
}
END_TEST

START_TEST(test_all_at_once)
{
    fill("small: x\nmedium: y\nshare: z\nparts: [{name: B}, {nme: c}]\nzzz: 1\n");
    ck_assert_uint_eq(problems.count, 8);
    ck_assert_int_eq(problems.kept[7].place.line, 5);
    /* What was wrong has its default, and no text is a null pointer. */
    ck_assert(whole.small == 7);
    ck_assert_str_eq(whole.parts[0].name, "");
    ck_assert_str_eq(whole.file, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("binding");
    TCase *cases = tcase_create("binding");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, test_defaults);
    tcase_add_test(cases, test_given);
    tcase_add_loop_test(cases, test_wrong, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_loop_test(cases, test_wrong_texts, 0, (int)(sizeof wrong_texts / sizeof *wrong_texts));
    tcase_add_test(cases, test_all_at_once);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
