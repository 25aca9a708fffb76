/* test_ledger.c - the audit at the end of a run: it finds nothing in sound books, and each kind of fault in others. */
#include "tests/world_case.h"

static struct world_case c;
static struct ledger ledger;

/* A run in which containers start and go, and most requests are answered. */
static void set_up(void)
{
    struct sim_error error = {0};
    case_init(&c);
    case_burst(&c, 0, 20, 30);
    c.pools[0].max_containers = 3;
    c.pools[0].attempt_failure = 0.2;
    case_create(&c);
    world_finish(c.world);
    world_take(c.world, &ledger);
    ck_assert_int_eq(ledger_audit(&ledger, &c.config, &error), SIM_OK);
}

static void tear_down(void)
{
    c.result = ledger_close(&ledger, &c.config);
    case_release(&c);
}

static void expect_contradiction(const char *what)
{
    struct sim_error error = {0};
    ck_assert_int_eq(ledger_audit(&ledger, &c.config, &error), SIM_AUDIT_FAILED);
    ck_assert_msg(strncmp(error.message, what, strlen(what)) == 0, "%s", error.message);
}

static struct request_tally *requests(void)
{
    return &ledger.result.blocks[1].requests[0];
}

START_TEST(a_request_is_missing)
{
    set_up();
    requests()->arrived++;
    expect_contradiction("requests arrived and requests accounted for");
    requests()->arrived--;
    requests()->outcomes[OUTCOME_COMPLETED]--;
    requests()->outcomes[OUTCOME_FAILED]++;
    expect_contradiction("requests completed and latencies measured");
    requests()->outcomes[OUTCOME_COMPLETED]++;
    requests()->outcomes[OUTCOME_FAILED]--;
    ledger.audit.left--;
    expect_contradiction("requests stored and requests that left or remain");
    ledger.audit.left++;
    tear_down();
}
END_TEST

START_TEST(time_is_missing)
{
    set_up();
    ledger.audit.sojourn_ns++;
    expect_contradiction("Little's law in ns");
    ledger.audit.sojourn_ns--;
    ledger.lives[0].life_ns--;
    expect_contradiction("container time by state and by life in ns");
    ledger.lives[0].life_ns++;
    ledger.lives[0].price_ns[0]++;
    expect_contradiction("billed time by state and by price in ns");
    ledger.lives[0].price_ns[0]--;
    tear_down();
}
END_TEST

START_TEST(money_is_missing)
{
    set_up();
    ledger.result.blocks[1].pools[0].cost[CONTAINER_BUSY]--;
    expect_contradiction("cost by state and by price");
    ledger.result.blocks[1].pools[0].cost[CONTAINER_BUSY]++;
    int64_t rounding = ledger.lives[0].count / 2 + 1; /* of the lives' bills, a nanodollar at most for two */
    ledger.lives[0].bill_nusd += 2 * rounding + 1;
    expect_contradiction("container time x price and the sum of bills");
    ledger.lives[0].bill_nusd -= 2 * rounding + 1;
    tear_down();
}
END_TEST

START_TEST(a_container_was_forgotten)
{
    struct life_part life = {.origin = LEDGER_NEW_LIFE};
    set_up();
    (void)ledger_leave_open(&ledger.lives[0], &life);
    expect_contradiction("containers left open");
    ledger.lives[0].open.count = 0;
    tear_down();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_request_is_missing, time_is_missing, money_is_missing, a_container_was_forgotten,
                                  NULL};
    return case_main("ledger", tests);
}
