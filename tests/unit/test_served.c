/* test_served.c - containers that get another GPU than was asked for: how many, how fast, at which price. */
#include "models/pricing.h"
#include "models/served.h"
#include "tests/unit/world_served.h"

static struct world_case c;

static struct served_config *serve(size_t number, const char *gpu, double share, double speed)
{
    c.pools[0].gpu = "L40S";
    if (c.pools[0].served_count <= number)
        c.pools[0].served_count = number + 1;
    c.served[0][number] = (struct served_config){
        .gpu = gpu,
        .share = share,
        .speed = speed,
        .attempt_failure = -1,
        .gpu_pusd_per_h = 2 * c.pools[0].price.gpu_pusd_per_h,
    };
    return &c.served[0][number];
}

/* ---- how fast, and what it costs ---- */

START_TEST(twice_as_fast)
{
    init_fixed(&c, 1, 1, 5);
    serve(0, "A100-80GB", 1, 2);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 2.5, OUTCOME_COMPLETED);
    assert_at(case_life(&c, 0)->busy_ns, 2.5);
    ck_assert_int_eq(case_life(&c, 0)->gpu, served_name_number(&c.config, 0, 1));
}
END_TEST

/* A dollar per second is asked, so that a bill is a time; its own price is twice that. */
START_TEST(billed_as_requested_or_as_its_own)
{
    init_fixed(&c, 1, 1, 5);
    serve(0, "A100-80GB", 1, 2);
    case_run(&c);
    ck_assert_int_eq(c.result.bill_nusd[0], seconds(200));
    ck_assert_int_eq((int64_t)(case_pool(&c)->served_ns[0] / SIM_SECOND), 200);
    case_release(&c);
    c.served[0][0].billed_as = BILLED_AS_OWN;
    case_run(&c);
    ck_assert_int_eq(c.result.bill_nusd[0], 2 * seconds(200));
    ck_assert_int_eq(case_life(&c, 0)->cost_nusd, 2 * seconds(200));
}
END_TEST

/* The requested price changes at 50 s; what is billed as its own does not notice. */
START_TEST(prices_change_for_who_pays_them)
{
    init_fixed(&c, 1, 1, 5);
    serve(0, "A100-80GB", 1, 1);
    c.pools[0].price_count = 1;
    c.prices[0][0] = (struct price_change){
        .from = "", .from_ns = seconds(50), .gpu_pusd_per_h = 3 * c.pools[0].price.gpu_pusd_per_h};
    case_run(&c);
    ck_assert_int_eq(c.result.bill_nusd[0], seconds(50 + 3 * 150));
    case_release(&c);
    c.served[0][0].billed_as = BILLED_AS_OWN;
    case_run(&c);
    ck_assert_int_eq(c.result.bill_nusd[0], seconds(400));
}
END_TEST

/* Start-up and fixed stages are not the GPU's: only the main stage is faster. */
START_TEST(nothing_else_is_faster)
{
    init_fixed(&c, 1, 1, 4);
    serve(0, "A100-80GB", 1, 2);
    c.pools[0].start_state = START_COLD;
    c.pools[0].profile.before_count = 1;
    c.before[0][0] = (struct stage_config){"text", fixed(1), true};
    c.pools[0].profile.after_count = 1;
    c.after[0][0] = (struct stage_config){"decode", fixed(3), true};
    case_run(&c);
    expect(case_request(&c, 0, 0), 10, 16, OUTCOME_COMPLETED);
}
END_TEST

START_TEST(every_main_stage_is_faster)
{
    init_fixed(&c, 1, 4, 4);
    serve(0, "A100-80GB", 1, 4);
    struct profile_config *profile = &c.pools[0].profile;
    profile->stage = STAGE_INDEPENDENT;
    profile->service_s = fixed(4);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 1, OUTCOME_COMPLETED);
    case_release(&c);
    profile->stage = STAGE_DYNAMIC_BATCHING;
    profile->max_batch_size = 1;
    profile->instances = 1;
    profile->handover_s = 8;
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 3, OUTCOME_COMPLETED);
    case_release(&c);
    profile->stage = STAGE_CONTINUOUS_BATCHING;
    c.curves[0][0] = (struct curve_point){1, 0.04};
    profile->step_curve = c.curves[0];
    profile->step_curve_count = 1;
    profile->per_prefill_token_s = 0.004;
    profile->token_budget = 2048;
    profile->max_batch = 4;
    profile->kv_tokens = 1000;
    profile->kv_block = 16;
    c.classes[0][0].input_tokens = fixed(100);
    c.classes[0][0].output_tokens = fixed(101);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, (0.04 + 100 * 0.004 + 100 * 0.04) / 4, OUTCOME_COMPLETED);
}
END_TEST

/* ---- how many ---- */

/* Containers by GPU, after a burst that needs one each. */
static void count_gpus(int64_t *counts)
{
    for (size_t i = 0; i < c.rows.container_count; i++)
        for (uint32_t gpu = 0; gpu <= c.pools[0].served_count; gpu++)
            counts[gpu] += c.rows.containers[i].gpu == served_name_number(&c.config, 0, gpu);
}

START_TEST(shares_are_kept)
{
    const int64_t containers = 10000;
    case_init(&c);
    case_burst(&c, 0, 0, containers);
    serve(0, "A100-80GB", 0.3, 1);
    serve(1, "H100", 0.1, 1);
    case_run(&c);
    int64_t counts[3] = {0};
    count_gpus(counts);
    ck_assert_int_eq(counts[0] + counts[1] + counts[2], containers);
    ck_assert_int_lt(llabs(counts[1] - 3000), 184); /* 4 standard deviations of 46 */
    ck_assert_int_lt(llabs(counts[2] - 1000), 120);
}
END_TEST

/* Requests and starts are those of the same run without other GPUs. */
START_TEST(nothing_else_is_drawn_otherwise)
{
    struct sim_distribution boot;
    ck_assert_int_eq(sim_distribution_exponential(&boot, 10, NULL), SIM_OK);
    int64_t ready_ns = 0;
    for (size_t served = 0; served < 2; served++) {
        case_init(&c);
        case_burst(&c, 0, 0, 100);
        c.startup[0][0].time_s = boot;
        c.pools[0].crash_rate_per_s = 0.01;
        if (served)
            serve(0, "A100-80GB", 0.5, 1);
        case_run(&c);
        int64_t sum_ns = 0;
        for (size_t i = 0; i < c.rows.container_count; i++)
            sum_ns += c.rows.containers[i].ready_ns + c.rows.containers[i].busy_ns;
        ck_assert(served == 0 || sum_ns == ready_ns);
        ready_ns = sum_ns;
        case_release(&c);
    }
}
END_TEST

START_TEST(attempts_fail_by_gpu)
{
    init_fixed(&c, 1, 1, 0.01);
    case_burst(&c, 0, 0, 100);
    serve(0, "T4", 1, 1)->attempt_failure = 1;
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_FAILED], 100);
    case_release(&c);
    c.pools[0].attempt_failure = 1;
    c.served[0][0].attempt_failure = 0;
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_COMPLETED], 100);
}
END_TEST

/* ---- looking up ---- */

START_TEST(luck_chooses)
{
    case_init(&c);
    serve(0, "A100-80GB", 0.25, 1);
    serve(1, "H100", 0.5, 1);
    ck_assert_uint_eq(served_choose(&c.pools[0], 0), 1);
    ck_assert_uint_eq(served_choose(&c.pools[0], 0.2499), 1);
    ck_assert_uint_eq(served_choose(&c.pools[0], 0.25), 2);
    ck_assert_uint_eq(served_choose(&c.pools[0], 0.7499), 2);
    ck_assert_uint_eq(served_choose(&c.pools[0], 0.75), 0);
}
END_TEST

START_TEST(equal_names_have_one_number)
{
    case_init(&c);
    c.config.pool_count = 2;
    serve(0, "A100-80GB", 0.5, 1);
    c.pools[0].gpu = "L40S x 2";
    c.pools[1].gpu = "A100-80GB";
    ck_assert_int_eq(served_name_number(&c.config, 0, 0), 0);
    ck_assert_int_eq(served_name_number(&c.config, 0, 1), 1);
    ck_assert_int_eq(served_name_number(&c.config, 1, 0), 1);
    char name[16];
    served_name(&c.pools[0], 0, name, sizeof name);
    ck_assert_str_eq(name, "L40S");
    c.pools[0].gpu = "";
    served_name(&c.pools[0], 0, name, sizeof name);
    ck_assert_str_eq(name, "none");
}
END_TEST

START_TEST(memory_is_that_of_all_gpus)
{
    case_init(&c);
    serve(0, "A100-80GB", 1, 1)->memory_gb = 80;
    c.pools[0].gpu_memory_gb = 48;
    c.pools[0].gpu_count = 2;
    ck_assert_int_eq(served_memory_bytes(&c.pools[0], 0), INT64_C(96000000000));
    ck_assert_int_eq(served_memory_bytes(&c.pools[0], 1), INT64_C(160000000000));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {twice_as_fast,
                                  billed_as_requested_or_as_its_own,
                                  prices_change_for_who_pays_them,
                                  nothing_else_is_faster,
                                  every_main_stage_is_faster,
                                  shares_are_kept,
                                  nothing_else_is_drawn_otherwise,
                                  attempts_fail_by_gpu,
                                  luck_chooses,
                                  equal_names_have_one_number,
                                  memory_is_that_of_all_gpus,
                                  NULL};
    return case_main("served", tests);
}
