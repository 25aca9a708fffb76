/* test_size.c - which GPUs hold a model, what they cost, and the search for the cheapest that keeps the limits. */
#include "analysis/size.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/size_answer.h"
#include "tests/splitmix.h"

static struct diagnostic_list problems;
static struct scenario *scenario;
static struct catalogue catalogue;
static struct size_context context;

static void open_file(const char *path, const char *const *settings, size_t count)
{
    setenv("CAPSIM_CATALOGUE", "tests/unit/catalogue_size", 1);
    diagnostic_init(&problems);
    if (scenario_load(path, settings, count, &scenario, &problems) != SIM_OK) {
        diagnostic_print(&problems, stdout);
        ck_abort_msg("refused");
    }
    ck_assert(catalogue_load(&catalogue, problems.arena, &problems));
    const struct scenario_settings all = {.settings = settings, .setting_count = count};
    context = size_context_of(scenario, &all, &catalogue);
}

static void open_with(const char *const *settings, size_t count)
{
    open_file("tests/unit/valid/size.yaml", settings, count);
}

static void setup(void)
{
    open_with(NULL, 0);
}

static void teardown(void)
{
    scenario_destroy(scenario);
    diagnostic_release(&problems);
}

static const struct size_candidate *find(const struct size_list *list, const char *gpu)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(size_gpu_text(list->items[i].gpu, list->items[i].gpu_count).text, gpu) == 0)
            return &list->items[i];
    return NULL;
}

/* 14 GB + 1 GB for each GPU + 0.5 GB: three of 8 GB, one of 16 GB that then holds two requests. */
START_TEST(smallest_number_of_gpus)
{
    struct size_list list = size_model(&context, 0, 0);
    ck_assert_uint_eq(list.count, 4);
    const struct size_candidate *small = find(&list, "S8 x 3");
    const struct size_candidate *middle = find(&list, "M16");
    ck_assert(small && middle);
    ck_assert_int_eq(small->inputs, (24 - 17) * 2);
    ck_assert_int_eq(middle->inputs, 2);
    ck_assert_double_eq_tol(small->usd_per_h, 1.2, 1e-12);
    ck_assert_double_eq_tol(middle->usd_per_month, 0.6 * 720, 1e-9);
    ck_assert_double_eq_tol(small->waste, 0.5, 1e-12);
    ck_assert_ptr_null(find(&list, "X80"));
    size_list_release(&list);
}
END_TEST

/* Equal cost: more memory first, then the order of the catalogue. A price has its source and date with it. */
START_TEST(order_and_prices)
{
    struct size_list list = size_model(&context, 0, 0);
    ck_assert_str_eq(list.items[0].gpu->gpu, "M16");
    ck_assert_str_eq(list.items[1].gpu->gpu, "N16");
    ck_assert_double_eq(list.items[1].waste, 0);
    const struct size_candidate *large = find(&list, "L48");
    ck_assert_str_eq(large->price->date, "2025");
    ck_assert_str_eq(large->price->source, "list");
    ck_assert_double_eq_tol(large->usd_per_h, 2, 1e-12);
    ck_assert(large->is_chosen && list.chosen == (size_t)(large - list.items));
    size_list_release(&list);
}
END_TEST

START_TEST(all_providers_and_kinds)
{
    static const char *const settings[] = {"sizing={}"};
    teardown();
    open_with(settings, 1);
    struct size_list list = size_model(&context, 1, 0);
    size_t larges = 0;
    for (size_t i = 0; i < list.count; i++)
        larges += strcmp(list.items[i].gpu->gpu, "L48") == 0;
    ck_assert_uint_eq(larges, 3);
    ck_assert_uint_eq(list.count, 6);
    size_list_release(&list);
}
END_TEST

/* 20 inside at once: 4 on 8 GB, 12 on 16 GB, 44 on 48 GB. */
START_TEST(containers_by_what_is_inside)
{
    struct size_list list = size_model(&context, 1, 0);
    ck_assert_int_eq(find(&list, "S8")->containers, 5);
    ck_assert_int_eq(find(&list, "M16")->containers, 2);
    ck_assert_int_eq(find(&list, "L48")->containers, 1);
    ck_assert(isnan(list.subject.load_rps));
    size_list_release(&list);
}
END_TEST

/* A stated throughput; where there is none, one container stands there and is not ranked. The two that were chosen,
 * where one holds the model, are a candidate of their own.
 */
START_TEST(containers_by_throughput)
{
    struct size_list list = size_model(&context, 2, 0);
    ck_assert_int_eq(find(&list, "S8")->containers, 3);
    ck_assert_int_eq(find(&list, "L48")->containers, 2);
    ck_assert(find(&list, "S8")->capacity == SIZE_CAPACITY_STATED);
    ck_assert(find(&list, "M16")->is_rough && isnan(find(&list, "M16")->waste));
    ck_assert_str_eq(list.items[0].gpu->gpu, "S8");
    ck_assert(find(&list, "S8 x 2")->is_chosen && find(&list, "S8 x 2")->is_rough);
    ck_assert(!find(&list, "S8")->is_chosen);
    size_list_release(&list);
}
END_TEST

/* The pool's profile, at its speeds: with k inside, k / (0.1 + 0.05 k) requests a second, 13.3 with 4. On 16 GB memory
 * would hold 20, but max_inputs stays 4.
 */
START_TEST(containers_by_profile)
{
    struct size_list list = size_pool(&context, 0);
    ck_assert(list.subject.is_pool && list.subject.load_rps == 20);
    ck_assert_double_eq_tol(find(&list, "S8")->container_rps, 4 / 0.3, 1e-9);
    ck_assert_int_eq(find(&list, "S8")->containers, 2);
    ck_assert_double_eq_tol(find(&list, "M16")->container_rps, 8 / 0.3, 1e-9);
    ck_assert_int_eq(find(&list, "M16")->containers, 1);
    ck_assert(find(&list, "M16")->capacity == SIZE_CAPACITY_PROFILE);
    ck_assert(find(&list, "N16")->capacity == SIZE_CAPACITY_UNKNOWN);
    size_list_release(&list);
}
END_TEST

/* A model that is alone in a pool, in that precision, is served as the pool's profile says. */
START_TEST(profile_of_the_own_pool)
{
    struct size_list alone = size_model(&context, 0, 1);
    struct size_list other = size_model(&context, 0, 0);
    ck_assert(find(&alone, "M16")->capacity == SIZE_CAPACITY_PROFILE);
    ck_assert_double_eq_tol(alone.subject.load_rps, 12, 1e-9);
    ck_assert(find(&other, "M16")->capacity == SIZE_CAPACITY_UNKNOWN);
    size_list_release(&alone);
    size_list_release(&other);
}
END_TEST

START_TEST(nothing_holds_it)
{
    struct size_list list = size_model(&context, 3, 0);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_str_eq(list.nearest->gpu, "L48");
    size_list_release(&list);
}
END_TEST

/* On the CPU what may and fits; of the rest, voice (5 GB) and chat (15.5 GB) fit one of 48 GB, and huge fits none. */
START_TEST(all_models_together)
{
    struct size_pack_list packs = size_pack_all(&context);
    ck_assert_double_eq_tol(packs.cpu_free_gb, 1, 1e-12);
    for (size_t i = 0; i < packs.count; i++) {
        const struct size_pack *pack = &packs.items[i];
        ck_assert(!pack->is_complete && pack->places[2] == SIZE_ON_CPU && pack->places[3] == SIZE_LEFT_OUT);
        if (strcmp(pack->gpu->gpu, "L48") == 0) {
            ck_assert(pack->places[0] == 0 && pack->places[1] == 0 && pack->gpu_count == 1);
            ck_assert_double_eq_tol(pack->free_gb[0], 48 - 15.5 - 5, 1e-9);
        } else if (strcmp(pack->gpu->gpu, "M16") == 0) {
            ck_assert(pack->places[0] == 1 && pack->places[1] == 0 && pack->gpu_count == 2);
        }
    }
    size_pack_release(&packs);
}
END_TEST

/* Every division of up to six items over bins is tried, and the search finds the fewest. */
static bool can_hold(const double *sizes, size_t count, double bin, int64_t bins)
{
    size_t divisions = 1;
    for (size_t i = 0; i < count; i++)
        divisions *= (size_t)bins;
    for (size_t number = 0; number < divisions; number++) {
        double used[6] = {0};
        bool fits = true;
        for (size_t i = 0, rest = number; i < count; i++, rest /= (size_t)bins)
            used[rest % (size_t)bins] += sizes[i];
        for (int64_t i = 0; i < bins; i++)
            fits = fits && used[i] <= bin;
        if (fits)
            return true;
    }
    return false;
}

START_TEST(bins_are_the_fewest)
{
    const uint64_t seed = 20261121;
    struct splitmix random = {.state = seed};
    for (int round = 0; round < 300; round++) {
        double sizes[6];
        int32_t places[6];
        double used[6] = {0};
        size_t count = 1 + (size_t)splitmix_below(&random, 6);
        for (size_t i = 0; i < count; i++)
            sizes[i] = (double)(1 + splitmix_below(&random, 12));
        int64_t bins = size_pack_bins(sizes, count, 12, 6, places);
        ck_assert_msg(bins >= 1 && can_hold(sizes, count, 12, bins), "seed %llu, round %d", (unsigned long long)seed,
                      round);
        ck_assert_msg(bins == 1 || !can_hold(sizes, count, 12, bins - 1), "seed %llu, round %d",
                      (unsigned long long)seed, round);
        for (size_t i = 0; i < count; i++)
            used[places[i]] += sizes[i];
        for (int64_t i = 0; i < bins; i++)
            ck_assert(used[i] <= 12);
    }
}
END_TEST

/* M16 serves 26.7 req/s; 20 keep it busy at three quarters, and p95 stays below a second. S8 would need three. */
START_TEST(cheapest_that_keeps_the_limit)
{
    struct size_list list = size_pool(&context, 0);
    struct size_trial_list trials;
    struct sim_error error;
    ck_assert(size_trial_has_limits(&scenario->config, 0));
    ck_assert(size_trial_run(&context, &list, 1, NULL, &trials, &error) == SIM_OK);
    ck_assert_uint_ne(trials.best, SIZE_NONE);
    const struct size_trial *best = &trials.items[trials.best];
    ck_assert_str_eq(best->candidate->gpu->gpu, "M16");
    ck_assert(best->containers == 1 && best->verdict == SIZE_TRIAL_FEASIBLE && best->value_count == 1);
    ck_assert(best->values[0] < 1);
    ck_assert_double_eq_tol(best->usd_per_month, 0.6 * 720, 1e-6);
    for (size_t i = 0; i < trials.count; i++)
        ck_assert(trials.items[i].verdict != SIZE_TRIAL_IMPOSSIBLE || trials.items[i].candidate->is_rough);
    size_trial_release(&trials);
    size_list_release(&list);
}
END_TEST

START_TEST(more_containers_until_the_limit_is_kept)
{
    static const char *const settings[] = {"sizing.gpus=[S8]", "slo=[{metric: latency_p95_s, at_most: 0.4 s}]"};
    teardown();
    open_with(settings, 2);
    struct size_list list = size_pool(&context, 0);
    struct size_trial_list trials;
    struct sim_error error;
    ck_assert(size_trial_run(&context, &list, 1, NULL, &trials, &error) == SIM_OK);
    ck_assert_uint_gt(trials.count, 1);
    ck_assert_uint_eq(trials.best, trials.count - 1);
    for (size_t i = 0; i < trials.count; i++)
        ck_assert_int_eq(trials.items[i].containers, 2 + (int64_t)i);
    size_trial_release(&trials);
    size_list_release(&list);
}
END_TEST

/* 48 GB less 5 + 1 and ten times 0.01 leave a cache of 83,800 tokens; max_inputs stays, since the cache limits. */
START_TEST(the_cache_grows_with_the_gpu)
{
    teardown();
    open_file("tests/unit/valid/size_cache.yaml", NULL, 0);
    ck_assert(scenario->config.pools[0].reserved_memory_gb == 7.5);
    ck_assert_double_eq_tol(scenario->config.workloads[0].classes[0].memory_gb, 0.01, 1e-12);
    struct size_list list = size_pool(&context, 0);
    struct scenario *other = size_load(&context, 0, find(&list, "L48"), 2);
    ck_assert_ptr_nonnull(other);
    const struct pool_config *pool = &other->config.pools[0];
    ck_assert_int_eq(pool->profile.kv_tokens, 83800);
    ck_assert(pool->max_inputs == 10 && pool->min_containers == 2);
    ck_assert_int_eq(find(&list, "L48")->inputs, 82);
    scenario_destroy(other);
    size_list_release(&list);
}
END_TEST

START_TEST(misfits_are_named)
{
    struct size_answer answer;
    size_answer_create(&answer, &context);
    ck_assert_uint_eq(size_answer_report_misfits(&answer), 1);
    size_answer_release(&answer);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("size");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, smallest_number_of_gpus);
    tcase_add_test(cases, order_and_prices);
    tcase_add_test(cases, all_providers_and_kinds);
    tcase_add_test(cases, containers_by_what_is_inside);
    tcase_add_test(cases, containers_by_throughput);
    tcase_add_test(cases, containers_by_profile);
    tcase_add_test(cases, profile_of_the_own_pool);
    tcase_add_test(cases, nothing_holds_it);
    tcase_add_test(cases, all_models_together);
    tcase_add_test(cases, bins_are_the_fewest);
    tcase_add_test(cases, cheapest_that_keeps_the_limit);
    tcase_add_test(cases, more_containers_until_the_limit_is_kept);
    tcase_add_test(cases, the_cache_grows_with_the_gpu);
    tcase_add_test(cases, misfits_are_named);
    Suite *suite = suite_create("size");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
