/* test_catalogue.c - which price a scenario gets. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/catalogue.h"

/* Prices are row numbers, so that a test reads which row was taken. */
static struct catalogue_price rows[] = {
    {"modal", "L40S", "serverless", 0, "list", "2025-12-26"},
    {"modal", "L40S", "serverless", 1, "sums", "2025-12-26"},
    {"modal", "L40S", "serverless", 2, "page", "2026-06"},
    {"modal", "L40S", "serverless", 3, "later in the file, not newer", "2026-01-21"},
    {"runpod", "A40", "spot", 4, "list", "2025-02"},
    {"runpod", "A40", "on-demand", 5, "list", "2025-02"},
    {"runpod", "L40S", "serverless", 6, "other provider", "2025"},
};
static struct catalogue_resource resources[] = {
    {"modal", 1, 10, "page", "2026-06"},
    {"modal", 2, 20, "page", "2025-06"},
};
static struct catalogue_gpu gpus[] = {{.gpu = "T4", .memory_gb = 16}, {.gpu = "L40S", .memory_gb = 48}};
static const struct catalogue catalogue = {
    .gpus = gpus, .gpu_count = 2, .prices = rows, .price_count = 7, .resources = resources, .resource_count = 2};

static const struct {
    const char *provider, *gpu, *kind, *day;
    int64_t row;
} choices[] = {
    {"modal", "L40S", "", "", 2},                    /* the newest, wherever it stands */
    {"modal", "L40S", "serverless", "", 2},          /* the kind may be said */
    {"modal", "L40S", "", "2026-01-05", 0},          /* the newest of that day; of equals the first */
    {"modal", "L40S", "", "2026-01-21", 3},          /* a price holds on its own day */
    {"modal", "L40S", "", "2026-01-21T09:30", 3},    /* and at any time of it */
    {"modal", "L40S", "", "2026-05-31", 3},          /* a month begins with its first day */
    {"modal", "L40S", "", "2026-06-01", 2},          /* ... */
    {"modal", "L40S", "", "2023-11-16", 0},          /* none is that old: the oldest, of equals the first */
    {"runpod", "A40", "spot", "2025-03-01", 4},      /* the kind decides */
    {"runpod", "A40", "on-demand", "2025-03-01", 5}, /* ... */
    {"runpod", "L40S", "", "2026-01-05", 6},         /* providers do not mix */
};

START_TEST(price_of_its_day)
{
    struct catalogue_search search =
        catalogue_find_price(&catalogue, choices[_i].provider, choices[_i].gpu, choices[_i].kind, choices[_i].day);
    ck_assert(search.is_provider_known && !search.has_several_kinds);
    ck_assert_int_eq(search.best->price_pusd_per_h, choices[_i].row);
}
END_TEST

START_TEST(price_that_is_not_there)
{
    ck_assert_ptr_null(catalogue_find_price(&catalogue, "modal", "T4", "", "").best);
    ck_assert_ptr_null(catalogue_find_price(&catalogue, "modal", "L40S", "spot", "").best);
    ck_assert(catalogue_find_price(&catalogue, "modal", "T4", "", "").is_provider_known);
    ck_assert(!catalogue_find_price(&catalogue, "azure", "L40S", "", "").is_provider_known);
}
END_TEST

START_TEST(kind_must_be_chosen_where_there_are_several)
{
    ck_assert(catalogue_find_price(&catalogue, "runpod", "A40", "", "").has_several_kinds);
    ck_assert(!catalogue_find_price(&catalogue, "runpod", "A40", "spot", "").has_several_kinds);
}
END_TEST

START_TEST(resource_of_its_day)
{
    ck_assert_int_eq(catalogue_find_resource(&catalogue, "modal", "")->core_pusd_per_h, 1);
    ck_assert_int_eq(catalogue_find_resource(&catalogue, "modal", "2026-01-05")->memory_pusd_per_gib_h, 20);
    ck_assert_int_eq(catalogue_find_resource(&catalogue, "modal", "2024")->core_pusd_per_h, 2);
    ck_assert_ptr_null(catalogue_find_resource(&catalogue, "runpod", ""));
}
END_TEST

START_TEST(gpu_by_name)
{
    ck_assert_double_eq(catalogue_find_gpu(&catalogue, "L40S")->memory_gb, 48);
    ck_assert_ptr_null(catalogue_find_gpu(&catalogue, "L40"));
    ck_assert_ptr_null(catalogue_find_gpu(&catalogue, ""));
}
END_TEST

/* Prices of GPUs that nobody can name would be dead; the rows of one GPU must not differ in its spelling. */
START_TEST(files_agree)
{
    struct diagnostic_list problems;
    struct catalogue real;
    diagnostic_init(&problems);
    ck_assert(catalogue_load(&real, problems.arena, &problems));
    ck_assert_uint_gt(real.gpu_count, 0);
    for (size_t i = 0; i < real.price_count; i++) {
        ck_assert_msg(catalogue_find_gpu(&real, real.prices[i].gpu) != NULL, "no GPU %s", real.prices[i].gpu);
        ck_assert_int_gt(real.prices[i].price_pusd_per_h, 0);
        ck_assert(strcmp(real.prices[i].kind, "on-demand") == 0 || strcmp(real.prices[i].kind, "spot") == 0 ||
                  strcmp(real.prices[i].kind, "serverless") == 0);
    }
    diagnostic_release(&problems);
}
END_TEST

/* Makers' figures, and what a maker does not say. */
START_TEST(columns_of_a_gpu)
{
    struct diagnostic_list problems;
    struct catalogue real;
    diagnostic_init(&problems);
    ck_assert(catalogue_load(&real, problems.arena, &problems));
    const struct catalogue_gpu *l4 = catalogue_find_gpu(&real, "L4");
    ck_assert_str_eq(l4->architecture, "Ada Lovelace");
    ck_assert_int_eq(l4->cuda_cores, 7424);
    ck_assert_int_eq(l4->tensor_cores, 232);
    ck_assert_double_eq(l4->int8_top_per_s, 242);
    ck_assert_str_eq(l4->pcie, "Gen4 x16");
    ck_assert_str_eq(l4->form_factor, "single-slot");
    ck_assert_int_eq(catalogue_find_gpu(&real, "GTX-1660")->tensor_cores, 0);
    ck_assert_str_eq(catalogue_find_gpu(&real, "A100-80GB")->pcie, "");
    diagnostic_release(&problems);
}
END_TEST

/* $1.95/h in the plan of December 2025, $0.000542/s = $1.9512/h on the page of 2026. */
START_TEST(modal_prices)
{
    struct diagnostic_list problems;
    struct catalogue real;
    diagnostic_init(&problems);
    ck_assert(catalogue_load(&real, problems.arena, &problems));
    ck_assert_int_eq(catalogue_find_price(&real, "modal", "L40S", "", "2026-01-05").best->price_pusd_per_h,
                     1950000000000);
    ck_assert_int_eq(catalogue_find_price(&real, "modal", "L40S", "", "").best->price_pusd_per_h, 1951200000000);
    ck_assert_int_eq(catalogue_find_resource(&real, "modal", "")->core_pusd_per_h, 47160000000);
    diagnostic_release(&problems);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("catalogue");
    tcase_add_loop_test(cases, price_of_its_day, 0, sizeof choices / sizeof *choices);
    tcase_add_test(cases, price_that_is_not_there);
    tcase_add_test(cases, kind_must_be_chosen_where_there_are_several);
    tcase_add_test(cases, resource_of_its_day);
    tcase_add_test(cases, gpu_by_name);
    tcase_add_test(cases, files_agree);
    tcase_add_test(cases, columns_of_a_gpu);
    tcase_add_test(cases, modal_prices);
    Suite *suite = suite_create("catalogue");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
