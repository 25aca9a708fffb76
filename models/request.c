/* request.c - the store of requests and the lists through it. */
#include "models/request.h"

void request_store_init(struct request_store *store)
{
    *store = (struct request_store){0};
    sim_array_init(&store->items, sizeof(struct request));
}

void request_store_release(struct request_store *store)
{
    sim_array_release(&store->items);
}

void request_store_enter(struct request_store *store, struct sim_state *state)
{
    sim_state_enter_block(state, "request store", &store->head, sizeof store->head);
    sim_state_enter(state, "requests", &store->items);
}

void request_list_init(struct request_list *list)
{
    *list = (struct request_list){REQUEST_NONE, REQUEST_NONE, 0};
}

void request_list_append(struct request_store *store, struct request_list *list, enum request_list_kind kind,
                         uint32_t request)
{
    request_at(store, request)->links[kind] = (struct request_links){list->last, REQUEST_NONE};
    if (list->last == REQUEST_NONE)
        list->first = request;
    else
        request_at(store, list->last)->links[kind].next = request;
    list->last = request;
    list->count++;
}

void request_list_prepend(struct request_store *store, struct request_list *list, enum request_list_kind kind,
                          uint32_t request)
{
    request_at(store, request)->links[kind] = (struct request_links){REQUEST_NONE, list->first};
    if (list->first == REQUEST_NONE)
        list->last = request;
    else
        request_at(store, list->first)->links[kind].previous = request;
    list->first = request;
    list->count++;
}

void request_list_remove(struct request_store *store, struct request_list *list, enum request_list_kind kind,
                         uint32_t request)
{
    struct request_links links = request_at(store, request)->links[kind];
    if (links.previous == REQUEST_NONE)
        list->first = links.next;
    else
        request_at(store, links.previous)->links[kind].next = links.next;
    if (links.next == REQUEST_NONE)
        list->last = links.previous;
    else
        request_at(store, links.next)->links[kind].previous = links.previous;
    list->count--;
}
