/* test_request.c - the store of requests and its lists, against plain arrays. */
#include "models/request.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

enum {
    MOST = 40
};

START_TEST(a_new_request_is_blank)
{
    struct request_store store;
    request_store_init(&store);
    struct request_draw draw = {.arrival_ns = 5, .key = 77};
    uint32_t number = request_store_add(&store, &draw);
    request_at(&store, number)->tries = 3;
    request_at(&store, number)->failures = 2;
    request_at(&store, number)->is_client_gone = true;
    request_at(&store, number)->is_cold = true;
    request_at(&store, number)->start_ns = 9;
    request_store_remove(&store, number);
    ck_assert(!request_at(&store, number)->is_stored);
    ck_assert_uint_eq(store.head.count, 0);
    draw.key = 78;
    ck_assert_uint_eq(request_store_add(&store, &draw), number); /* numbers are used again */
    const struct request *request = request_at(&store, number);
    ck_assert(request->is_stored && !request->is_client_gone && !request->is_cold);
    ck_assert_uint_eq(request->draw.key, 78);
    ck_assert_int_eq(request->start_ns, -1);
    ck_assert_int_eq(request->first_ns, -1);
    ck_assert_uint_eq(request->tries, 0);
    ck_assert_uint_eq(request->failures, 0);
    ck_assert_int_eq(request->place, PLACE_OUTSIDE);
    request_store_release(&store);
}
END_TEST

struct plain {
    uint32_t items[MOST];
    uint32_t count;
};

static void insert(struct plain *list, uint32_t place, uint32_t item)
{
    memmove(list->items + place + 1, list->items + place, (list->count++ - place) * sizeof item);
    list->items[place] = item;
}

static uint32_t take_out(struct plain *list, uint32_t place)
{
    uint32_t item = list->items[place];
    memmove(list->items + place, list->items + place + 1, (--list->count - place) * sizeof item);
    return item;
}

static void compare(const struct request_store *store, const struct request_list *list, enum request_list_kind kind,
                    const struct plain *plain)
{
    ck_assert_uint_eq(list->count, plain->count);
    uint32_t request = list->first;
    uint32_t previous = REQUEST_NONE;
    for (uint32_t i = 0; i < plain->count; i++) {
        ck_assert_uint_eq(request, plain->items[i]);
        ck_assert_uint_eq(request_at(store, request)->links[kind].previous, previous);
        previous = request;
        request = request_at(store, request)->links[kind].next;
    }
    ck_assert_uint_eq(request, REQUEST_NONE);
    ck_assert_uint_eq(list->last, previous);
}

/* A request is in one list of each kind at the same time. */
START_TEST(lists_are_lists)
{
    struct splitmix random = {1};
    struct request_store store;
    struct request_list lists[LIST_KIND_COUNT];
    struct plain plain[LIST_KIND_COUNT] = {0};
    request_store_init(&store);
    for (uint32_t i = 0; i < MOST; i++)
        ck_assert_uint_eq(request_store_add(&store, &(struct request_draw){0}), i);
    bool is_in[LIST_KIND_COUNT][MOST] = {0};
    for (int kind = 0; kind < LIST_KIND_COUNT; kind++)
        request_list_init(&lists[kind]);
    for (int i = 0; i < 20000; i++) {
        enum request_list_kind kind = (enum request_list_kind)splitmix_below(&random, LIST_KIND_COUNT);
        uint32_t request = (uint32_t)splitmix_below(&random, MOST);
        if (is_in[kind][request]) {
            uint32_t place = 0;
            while (plain[kind].items[place] != request)
                place++;
            request_list_remove(&store, &lists[kind], kind, take_out(&plain[kind], place));
        } else if (splitmix_chance(&random, 50)) {
            request_list_append(&store, &lists[kind], kind, request);
            insert(&plain[kind], plain[kind].count, request);
        } else {
            request_list_prepend(&store, &lists[kind], kind, request);
            insert(&plain[kind], 0, request);
        }
        is_in[kind][request] = !is_in[kind][request];
        compare(&store, &lists[kind], kind, &plain[kind]);
    }
    request_store_release(&store);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_new_request_is_blank, lists_are_lists};
    return case_main("requests", tests, sizeof tests / sizeof *tests);
}
