/* test_model.c - the memory of models. */
#include "models/model.h"

#include <check.h>
#include <stdlib.h>

START_TEST(memory_of_a_precision)
{
    struct model_precision precisions[] = {{.name = "fp32"},
                                           {.name = "fp16"},
                                           {.name = "bf16"},
                                           {.name = "fp8"},
                                           {.name = "int8"},
                                           {.name = "int4"},
                                           {.name = "training", .bytes_per_parameter = 16},
                                           {.name = "measured", .memory_gb = 5},
                                           {.name = "unknown"}};
    static const double expected[] = {28, 14, 14, 7, 7, 3.5, 112, 5, 0};
    const struct model_config model = {.parameters = 7e9, .precisions = precisions, .precision_count = 9};
    ck_assert_uint_eq(model_precision_count(&model), 9);
    for (size_t i = 0; i < 9; i++)
        ck_assert_double_eq_tol(model_weights_gb(&model, i), expected[i], 1e-12);
}
END_TEST

START_TEST(memory_without_precisions)
{
    const struct model_config stated = {.memory_gb = 4.5, .parameters = 7e9, .precision = ""};
    const struct model_config computed = {.parameters = 70e9, .precision = ""};
    const struct model_config nothing = {.precision = ""};
    ck_assert_uint_eq(model_precision_count(&stated), 1);
    ck_assert_str_eq(model_precision_name(&stated, 0), "");
    ck_assert_double_eq(model_weights_gb(&stated, 0), 4.5);
    ck_assert_double_eq_tol(model_weights_gb(&computed, 0), 140, 1e-9);
    ck_assert_double_eq(model_weights_gb(&nothing, 0), 0);
}
END_TEST

/* Weights divide over the GPUs; every GPU has the overhead. A request has its cache beside the rest. */
START_TEST(memory_of_several_gpus)
{
    const struct model_config model = {.memory_gb = 140,
                                       .overhead_gb = 1.5,
                                       .per_input_gb = 0.5,
                                       .kv_gb_per_token = 0.00025,
                                       .tokens = 2000,
                                       .precision = ""};
    ck_assert_double_eq_tol(model_fixed_gb(&model, 0, 1), 141.5, 1e-12);
    ck_assert_double_eq_tol(model_fixed_gb(&model, 0, 2), 143, 1e-12);
    ck_assert_double_eq_tol(model_input_gb(&model), 1, 1e-12);
}
END_TEST

START_TEST(chosen_precision)
{
    struct model_precision precisions[] = {{.name = "fp16"}, {.name = "int4"}};
    struct model_config model = {.precisions = precisions, .precision_count = 2, .precision = ""};
    ck_assert_int_eq(model_find_precision(&model, ""), 0);
    ck_assert_int_eq(model_find_precision(&model, "int4"), 1);
    ck_assert_int_eq(model_find_precision(&model, "int8"), -1);
    model.precision = "int4";
    ck_assert_int_eq(model_find_precision(&model, ""), 1);
    ck_assert_int_eq(model_find_precision(&model, "fp16"), 0);
}
END_TEST

START_TEST(places)
{
    const struct model_config both = {.runs_on = 1 << MODEL_ON_GPU | 1 << MODEL_ON_CPU};
    const struct model_config gpu = {.runs_on = 1 << MODEL_ON_GPU};
    ck_assert(model_runs_on(&both, MODEL_ON_CPU) && model_runs_on(&both, MODEL_ON_GPU));
    ck_assert(!model_runs_on(&gpu, MODEL_ON_CPU) && model_runs_on(&gpu, MODEL_ON_GPU));
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("model");
    tcase_add_test(cases, memory_of_a_precision);
    tcase_add_test(cases, memory_without_precisions);
    tcase_add_test(cases, memory_of_several_gpus);
    tcase_add_test(cases, chosen_precision);
    tcase_add_test(cases, places);
    Suite *suite = suite_create("model");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
