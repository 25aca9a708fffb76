/* test_csv.c - rows and errors of CSV files, plain and gzipped. */
#include <check.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "sim/csv.h"

static char folder[64];
static char path[128];

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/test_csv.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.csv", folder);
}

static void tear_down(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void put_file(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void put_text(const char *text)
{
    put_file(text, strlen(text));
}

static void put_gzip(const void *bytes, size_t size)
{
    gzFile file = gzopen(path, "wb9");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzwrite(file, bytes, (unsigned)size), (int)size);
    gzclose(file);
}

static const char *const columns[] = {"b", "a"};

static struct sim_csv *open_csv(void)
{
    struct sim_error error = {0};
    struct sim_csv *csv;
    enum sim_status status = sim_csv_open(path, columns, 2, &csv, &error);
    ck_assert_msg(status == SIM_OK, "%s", error.message);
    return csv;
}

/* The next row is at `line` and has these fields; NULL: there is none. */
static void check_row(struct sim_csv *csv, int line, const char *a, const char *b)
{
    struct sim_error error = {0};
    bool has_row;
    enum sim_status status = sim_csv_next(csv, &has_row, &error);
    ck_assert_msg(status == SIM_OK, "%s:%d: %s", error.file, error.line, error.message);
    ck_assert_int_eq(has_row, a != NULL);
    if (!a)
        return;
    ck_assert_int_eq(sim_csv_line(csv), line);
    ck_assert_str_eq(sim_csv_text(csv, 1), a);
    ck_assert_str_eq(sim_csv_text(csv, 0), b);
}

static void check_two_rows(void)
{
    struct sim_csv *csv = open_csv();
    check_row(csv, 2, "1", "2");
    check_row(csv, 3, "3", "");
    check_row(csv, 0, NULL, NULL);
    check_row(csv, 0, NULL, NULL);
    sim_csv_close(csv);
}

START_TEST(the_same_rows_in_all_forms)
{
    const char *const forms[] = {"a,other,b\n1,x,2\n3,x,\n", "a,other,b\r\n1,x,2\r\n3,x,\r\n", "a,other,b\n1,x,2\n3,x,",
                                 "\xEF\xBB\xBF\"a\", other , b\n\"1\",\"x,\ty\",2\n3,,\"\"",
                                 "b,a,other\n2,1,\"\"\"\"\n,3,x\n\n\r\n\n"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        put_text(forms[i]);
        check_two_rows();
        put_gzip(forms[i], strlen(forms[i]));
        check_two_rows();
    }
}
END_TEST

START_TEST(quotes_and_lines)
{
    put_text("a,b\n"
             "\"x \"\"y\"\" z\",\"1,2\"\n"
             "\n"
             "\"two\r\nlines\",in \"the\" middle\n"
             "\"\",\"\"\"\"\r\n"
             "last,");
    struct sim_csv *csv = open_csv();
    check_row(csv, 2, "x \"y\" z", "1,2");
    check_row(csv, 4, "two\r\nlines", "in \"the\" middle");
    check_row(csv, 6, "", "\"");
    check_row(csv, 7, "last", "");
    check_row(csv, 0, NULL, NULL);
    sim_csv_close(csv);
}
END_TEST

START_TEST(only_a_header)
{
    put_text("a,b");
    struct sim_csv *csv = open_csv();
    check_row(csv, 0, NULL, NULL);
    sim_csv_close(csv);
}
END_TEST

/* Long rows of all lengths in turn, so that they meet the ends of the buffer in many ways. */
START_TEST(rows_across_buffers)
{
    const size_t longest = 65536 - 2;
    char *field = malloc(longest + 1);
    FILE *file = fopen(path, "wb");
    fputs("a,b\n", file);
    memset(field, 'x', longest);
    for (size_t i = 0; i < 200; i++) {
        size_t length = i % 5 == 0 ? longest - 1 : i * 331 % longest;
        fprintf(file, "%.*s,%zu\n", (int)length, field, i % 10);
    }
    fclose(file);
    struct sim_csv *csv = open_csv();
    for (size_t i = 0; i < 200; i++) {
        size_t length = i % 5 == 0 ? longest - 1 : i * 331 % longest;
        char digit[2] = {(char)('0' + i % 10), 0};
        field[length] = 0;
        check_row(csv, (int)i + 2, field, digit);
        field[length] = 'x';
    }
    check_row(csv, 0, NULL, NULL);
    sim_csv_close(csv);
    free(field);
}
END_TEST

static void check_open_fails(enum sim_status status, int line, const char *message)
{
    struct sim_error error = {0};
    struct sim_csv *csv = (void *)1;
    ck_assert_int_eq(sim_csv_open(path, columns, 2, &csv, &error), status);
    ck_assert_ptr_null(csv);
    ck_assert_str_eq(error.file, path);
    ck_assert_int_eq(error.line, line);
    ck_assert_str_eq(error.message, message);
}

START_TEST(files_that_cannot_be_opened)
{
    check_open_fails(SIM_CANNOT_READ, 0, "No such file or directory");
    put_text("");
    check_open_fails(SIM_BAD_INPUT, 0, "is empty");
    put_text("\n\r\n");
    check_open_fails(SIM_BAD_INPUT, 0, "is empty");
    put_gzip("", 0);
    check_open_fails(SIM_BAD_INPUT, 0, "is empty");
    put_text("\nA,bb,c d\n");
    check_open_fails(SIM_BAD_INPUT, 2, "has no column 'b'; there are A, bb, c d");
    put_text("a,b,b\n");
    check_open_fails(SIM_BAD_INPUT, 1, "has more than one column 'b'");
    unlink(path);
    snprintf(path, sizeof path, "%s", folder);
    check_open_fails(SIM_CANNOT_READ, 0, "Is a directory");
}
END_TEST

/* Reads until something fails. */
static enum sim_status read_all(struct sim_error *error)
{
    struct sim_csv *csv;
    bool has_row = true;
    enum sim_status status = sim_csv_open(path, columns, 2, &csv, error);
    while (status == SIM_OK && has_row)
        status = sim_csv_next(csv, &has_row, error);
    sim_csv_close(csv);
    return status;
}

START_TEST(gzip_cut_anywhere)
{
    char rows[4000] = "a,b\n";
    for (size_t used = 4, i = 0; used < sizeof rows - 20; i++)
        used += (size_t)snprintf(rows + used, 20, "%zu,%zu\n", i, i * i % 1009);
    put_gzip(rows, strlen(rows));
    char bytes[8000];
    FILE *file = fopen(path, "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    struct sim_error error;
    ck_assert_int_eq(read_all(&error), SIM_OK);
    /* With less than the two bytes that mark a gzip file, it is a text with a strange or no header. */
    for (size_t cut = 0; cut < size; cut++) {
        put_file(bytes, cut);
        enum sim_status expected = cut < 2 ? SIM_BAD_INPUT : SIM_CANNOT_READ;
        ck_assert_msg(read_all(&error) == expected, "cut at %zu of %zu", cut, size);
    }
    bytes[size / 2] ^= 0x10;
    put_file(bytes, size);
    ck_assert_int_eq(read_all(&error), SIM_CANNOT_READ);
}
END_TEST

static void check_row_fails(const char *text, int line, const char *message)
{
    struct sim_error error = {0};
    put_text(text);
    ck_assert_int_eq(read_all(&error), SIM_BAD_INPUT);
    ck_assert_int_eq(error.line, line);
    ck_assert_str_eq(error.message, message);
}

START_TEST(bad_rows)
{
    check_row_fails("a,b\n1,2\n\n1\n", 4, "has 1 fields, the header has 2");
    check_row_fails("a,b\n1,2,3\n", 2, "has 3 fields, the header has 2");
    check_row_fails("a,b\n1,2\n1,\"2\n\n", 3, "has a quote that is not closed");
    check_row_fails("a,b\n1,\"2\"3\n", 2, "has text after a closing quote");
    put_file("a,b\n1,\0002\n", 9);
    struct sim_error error = {0};
    ck_assert_int_eq(read_all(&error), SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "holds a zero byte");
    static char text[65536 + 16];
    int length = snprintf(text, sizeof text, "a,b\n1,%0*d\n", 65536 - 2, 2);
    put_text(text);
    ck_assert_int_eq(read_all(&error), SIM_OK);
    snprintf(text + length - 1, 3, "2\n");
    check_row_fails(text, 2, "is longer than 65536 bytes");
}
END_TEST

static struct sim_csv *open_field(const char *text)
{
    bool has_row;
    FILE *file = fopen(path, "wb");
    fprintf(file, "a,b\n,%s\n", text);
    fclose(file);
    struct sim_csv *csv = open_csv();
    ck_assert_int_eq(sim_csv_next(csv, &has_row, NULL), SIM_OK);
    ck_assert(has_row);
    return csv;
}

START_TEST(numbers)
{
    const struct {
        const char *text;
        double value;
    } doubles[] = {{"0", 0}, {"-1.5e3", -1500}, {" .25 ", 0.25}, {"1e-320", 1e-320}, {"0.1", 0.1}};
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
        double value;
        struct sim_csv *csv = open_field(doubles[i].text);
        ck_assert_int_eq(sim_csv_double(csv, 0, &value, NULL), SIM_OK);
        ck_assert_double_eq(value, doubles[i].value);
        sim_csv_close(csv);
    }
    int64_t number;
    struct sim_csv *csv = open_field(" -9223372036854775808 ");
    ck_assert_int_eq(sim_csv_int64(csv, 0, &number, NULL), SIM_OK);
    ck_assert(number == INT64_MIN);
    sim_csv_close(csv);
    csv = open_field("2023-11-16 18:15:46.6805900");
    ck_assert_int_eq(sim_csv_time(csv, 0, &number, NULL), SIM_OK);
    ck_assert_int_eq(number, 1700158546680590000);
    sim_csv_close(csv);
}
END_TEST

START_TEST(texts_that_are_no_numbers)
{
    const char *const bad[] = {"", " ", "x", "1x", "1 2", "nan", "inf", "0x10", "1e999", "--1", "1e"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sim_error error = {0};
        double value = 42;
        int64_t number = 42;
        char message[100];
        struct sim_csv *csv = open_field(bad[i]);
        ck_assert_int_eq(sim_csv_double(csv, 0, &value, &error), SIM_BAD_INPUT);
        snprintf(message, sizeof message, "column 'b': '%s' is not a number", bad[i]);
        ck_assert_str_eq(error.message, message);
        ck_assert_str_eq(error.file, path);
        ck_assert_int_eq(error.line, 2);
        ck_assert_int_eq(sim_csv_int64(csv, 0, &number, &error), SIM_BAD_INPUT);
        snprintf(message, sizeof message, "column 'b': '%s' is not a whole number", bad[i]);
        ck_assert_str_eq(error.message, message);
        ck_assert_int_eq(sim_csv_time(csv, 0, &number, &error), SIM_BAD_INPUT);
        ck_assert(value == 42 && number == 42);
        sim_csv_close(csv);
    }
    struct sim_csv *csv = open_field("9223372036854775808");
    int64_t number;
    ck_assert_int_eq(sim_csv_int64(csv, 0, &number, NULL), SIM_BAD_INPUT);
    sim_csv_close(csv);
    csv = open_field("1.5");
    ck_assert_int_eq(sim_csv_int64(csv, 0, &number, NULL), SIM_BAD_INPUT);
    sim_csv_close(csv);
}
END_TEST

/* A field of up to eleven letters, most of them troublesome. */
static void random_field(uint64_t *state, char *field)
{
    const char letters[] = "\"\",,\n\r ab";
    *state = *state * 6364136223846793005 + 1442695040888963407;
    size_t length = *state >> 33 & 7;
    for (size_t i = 0; i < length; i++) {
        *state = *state * 6364136223846793005 + 1442695040888963407;
        field[i] = letters[(*state >> 33) % (sizeof letters - 1)];
    }
    field[length] = 0;
}

START_TEST(what_is_written_is_read)
{
    const uint64_t seed = 1;
    uint64_t state = seed;
    char a[16];
    char b[16];
    FILE *file = fopen(path, "wb");
    fputs("a,b\n", file);
    for (int i = 0; i < 50000; i++) {
        random_field(&state, a);
        random_field(&state, b);
        sim_csv_write_text(file, a);
        putc(',', file);
        sim_csv_write_text(file, b);
        putc('\n', file);
    }
    fclose(file);
    struct sim_csv *csv = open_csv();
    state = seed;
    for (int i = 0; i < 50000; i++) {
        bool has_row;
        random_field(&state, a);
        random_field(&state, b);
        ck_assert_int_eq(sim_csv_next(csv, &has_row, NULL), SIM_OK);
        ck_assert_msg(has_row, "seed %" PRIu64 ", row %d", seed, i);
        ck_assert_msg(strcmp(sim_csv_text(csv, 1), a) == 0 && strcmp(sim_csv_text(csv, 0), b) == 0,
                      "seed %" PRIu64 ", row %d", seed, i);
    }
    sim_csv_close(csv);
    sim_csv_close(NULL);
}
END_TEST

struct counting {
    struct sim_csv *csv;
    int64_t sum;
};

static enum sim_status add_a(void *owner, struct sim_error *error)
{
    struct counting *counting = owner;
    int64_t value = 0;
    enum sim_status status = sim_csv_int64(counting->csv, 1, &value, error);
    counting->sum += value;
    return status;
}

static enum sim_status each_of(const char *text, int64_t *sum, struct sim_error *error)
{
    put_text(text);
    struct counting counting = {.csv = open_csv()};
    enum sim_status status = sim_csv_each(counting.csv, add_a, &counting, "number", error);
    sim_csv_close(counting.csv);
    *sum = counting.sum;
    return status;
}

START_TEST(each_row_is_taken_until_one_is_refused)
{
    struct sim_error error = {0};
    int64_t sum;
    ck_assert_int_eq(each_of("a,b\n1,x\n20,x\n300,x\n", &sum, &error), SIM_OK);
    ck_assert_int_eq(sum, 321);
    ck_assert_int_eq(each_of("a,b\n1,x\nz,x\n300,x\n", &sum, &error), SIM_BAD_INPUT);
    ck_assert_int_eq(sum, 1);
    ck_assert_int_eq(error.line, 3);
    ck_assert_int_eq(each_of("a,b\n1,x\n20\n300,x\n", &sum, &error), SIM_BAD_INPUT);
    ck_assert_int_eq(sum, 1);
    ck_assert_int_eq(each_of("a,b\n", &sum, &error), SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "no rows; expected at least one number");
}
END_TEST

START_TEST(columns_of_a_choice_may_be_missing)
{
    static const char *const choice[] = {"b", "none", "a"};
    struct sim_error error = {0};
    struct sim_csv *csv;
    bool has_row;
    put_text("a,b\n1,2\n");
    ck_assert_int_eq(sim_csv_open_choice(path, choice, 3, &csv, &error), SIM_OK);
    ck_assert(sim_csv_has(csv, 0) && !sim_csv_has(csv, 1) && sim_csv_has(csv, 2));
    ck_assert_int_eq(sim_csv_next(csv, &has_row, &error), SIM_OK);
    ck_assert_str_eq(sim_csv_text(csv, 0), "2");
    ck_assert_str_eq(sim_csv_text(csv, 2), "1");
    sim_csv_close(csv);
    put_text("a,b,a\n1,2,3\n");
    ck_assert_int_eq(sim_csv_open_choice(path, choice, 3, &csv, &error), SIM_BAD_INPUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tests = tcase_create("csv");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_same_rows_in_all_forms);
    tcase_add_test(tests, quotes_and_lines);
    tcase_add_test(tests, only_a_header);
    tcase_add_test(tests, rows_across_buffers);
    tcase_add_test(tests, files_that_cannot_be_opened);
    tcase_add_test(tests, gzip_cut_anywhere);
    tcase_add_test(tests, bad_rows);
    tcase_add_test(tests, numbers);
    tcase_add_test(tests, texts_that_are_no_numbers);
    tcase_add_test(tests, what_is_written_is_read);
    tcase_add_test(tests, each_row_is_taken_until_one_is_refused);
    tcase_add_test(tests, columns_of_a_choice_may_be_missing);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
