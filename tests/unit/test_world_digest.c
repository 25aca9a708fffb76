/* test_world_digest.c - worlds that go on alike have one fingerprint, whatever their past; others have another. */
#include "tests/world_case.h"

static struct sim_digest digest_at(struct world_case *c, double at_s)
{
    struct sim_digest digest;
    world_run_until(c->world, seconds(at_s));
    world_joint(c->world);
    sim_digest_init(&digest);
    world_digest(c->world, &digest);
    return digest;
}

static bool is_equal(struct sim_digest a, struct sim_digest b)
{
    return a.low == b.low && a.high == b.high;
}

/* A server at half load for an hour, and a burst of `burst` requests at 10 s from another workload. */
static void create(struct world_case *c, int64_t burst, uint64_t seed)
{
    case_init(c);
    case_fix(c, 2);
    case_burst(c, 1, 10, burst);
    c->workloads[0].arrivals.process = ARRIVAL_POISSON;
    c->workloads[0].arrivals.rate_per_s = 1;
    c->config.duration_ns = seconds(3600);
    c->options.seed = seed;
    case_create(c);
}

static void discard(struct world_case *c)
{
    world_destroy(c->world);
    case_rows_release(&c->rows);
}

/* 200 requests more at 10 s are long forgotten after an hour at half load, but not while they are worked off. */
START_TEST(another_past_is_forgotten)
{
    static struct world_case few;
    static struct world_case many;
    create(&few, 1, 3);
    create(&many, 200, 3);
    ck_assert(!is_equal(digest_at(&few, 60), digest_at(&many, 60)));
    ck_assert(is_equal(digest_at(&few, 3500), digest_at(&many, 3500)));
    discard(&few);
    discard(&many);
}
END_TEST

START_TEST(other_requests_have_another_fingerprint)
{
    static struct world_case one;
    static struct world_case other;
    create(&one, 1, 3);
    create(&other, 1, 4);
    ck_assert(!is_equal(digest_at(&one, 3500), digest_at(&other, 3500)));
    discard(&one);
    discard(&other);
}
END_TEST

START_TEST(a_copy_has_the_same)
{
    static struct world_case one;
    static struct world_case other;
    create(&one, 50, 5);
    create(&other, 50, 5);
    digest_at(&one, 30);
    sim_state_copy(world_state(other.world), world_state(one.world));
    ck_assert(is_equal(digest_at(&one, 30), digest_at(&other, 30)));
    ck_assert(is_equal(digest_at(&one, 2000), digest_at(&other, 2000)));
    discard(&one);
    discard(&other);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {another_past_is_forgotten, other_requests_have_another_fingerprint,
                                  a_copy_has_the_same, NULL};
    return case_main("digests", tests);
}
