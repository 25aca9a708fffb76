/* bench_queue.c - cost of one hold: take the earliest event and schedule its source again.
 *
 * The tournament of sim/queue.h against two indexed heaps that keep the same keys and can move any slot. Gaps are
 * exponential with the mean gap of the number of events, as in simulations of queues. Each figure is the least of
 * several short runs, because other programs may be running.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/memory.h"
#include "sim/queue.h"

enum {
    GAP_COUNT = 1 << 14, /* a table, so that drawing costs nothing: 64 KiB */
    REPEATS = 7
};

struct bench {
    uint32_t count;
    uint32_t holds;
    uint32_t gaps[GAP_COUNT];
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* others compute here too */
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void bench_init(struct bench *bench, uint32_t count)
{
    uint64_t random = 1;
    bench->count = count;
    bench->holds = count > 1000 ? 400000 : 1000000;
    for (uint32_t i = 0; i < GAP_COUNT; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        bench->gaps[i] = (uint32_t)(-log((double)((random >> 11) + 1) * 0x1p-53) * 1e7);
    }
}

static uint32_t gap_at(const struct bench *bench, uint32_t i)
{
    return bench->gaps[i & (GAP_COUNT - 1)];
}

/* One structure under test: what it needs besides the keys, how it is filled, and how it holds. */
struct contender {
    const char *name;
    void *(*create)(const struct bench *bench);
    void (*destroy)(void *structure);
    uint64_t (*hold)(void *structure, const struct bench *bench); /* returns something of every event */
};

static void *tournament_create(const struct bench *bench)
{
    struct sim_queue *queue = sim_allocate(1, sizeof *queue);
    sim_queue_init(queue);
    sim_queue_reserve(queue, bench->count);
    for (uint32_t slot = 0; slot < bench->count; slot++)
        sim_queue_schedule(queue, slot, gap_at(bench, slot * 7), 3);
    return queue;
}

static void tournament_destroy(void *structure)
{
    sim_queue_release(structure);
    free(structure);
}

static uint64_t tournament_hold(void *structure, const struct bench *bench)
{
    struct sim_queue *queue = structure;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < bench->holds; i++) {
        sim_queue_key key = sim_queue_first(queue);
        uint32_t slot = sim_queue_key_slot(key);
        sum += slot;
        sim_queue_schedule(queue, slot, sim_queue_key_time(key) + gap_at(bench, i), 3);
    }
    return sum;
}

/* An indexed heap: place[slot] says where the slot's key stands. */
struct heap {
    sim_queue_key *keys;
    uint32_t *place;
    uint32_t count;
    uint64_t sequence;
};

static sim_queue_key heap_key(struct heap *heap, uint32_t slot, sim_time_ns time_ns)
{
    return (sim_queue_key)(uint64_t)time_ns << 64 | (UINT64_C(3) << 60 | heap->sequence++ << 24 | slot);
}

static inline void heap_set(struct heap *heap, uint32_t at, sim_queue_key key)
{
    heap->keys[at] = key;
    heap->place[sim_queue_key_slot(key)] = at;
}

static inline void heap_up(struct heap *heap, uint32_t at, sim_queue_key key, uint32_t arity)
{
    while (at > 0) {
        uint32_t parent = (at - 1) / arity;
        if (heap->keys[parent] <= key)
            break;
        heap_set(heap, at, heap->keys[parent]);
        at = parent;
    }
    heap_set(heap, at, key);
}

static inline void heap_down(struct heap *heap, uint32_t at, sim_queue_key key, uint32_t arity)
{
    for (;;) {
        uint32_t child = arity * at + 1;
        if (child >= heap->count)
            break;
        /* Behind the last key there are arity keys of nothing, so a node always has all its children; the least is
         * found without a branch. */
        sim_queue_key least = heap->keys[child];
        uint32_t at_least = child;
        for (uint32_t i = child + 1; i < child + arity; i++) {
            at_least = heap->keys[i] < least ? i : at_least;
            least = sim_queue_smaller(heap->keys[i], least);
        }
        if (key <= least)
            break;
        heap_set(heap, at, least);
        at = at_least;
    }
    heap_set(heap, at, key);
}

static inline void *heap_create(const struct bench *bench, uint32_t arity)
{
    struct heap *heap = sim_allocate(1, sizeof *heap);
    heap->keys = sim_allocate(bench->count + arity, sizeof *heap->keys);
    for (uint32_t i = 0; i < bench->count + arity; i++)
        heap->keys[i] = SIM_QUEUE_NOTHING;
    heap->place = sim_allocate(bench->count, sizeof *heap->place);
    for (uint32_t slot = 0; slot < bench->count; slot++)
        heap_up(heap, heap->count++, heap_key(heap, slot, gap_at(bench, slot * 7)), arity);
    return heap;
}

static void heap_destroy(void *structure)
{
    struct heap *heap = structure;
    free(heap->keys);
    free(heap->place);
    free(heap);
}

static inline uint64_t heap_hold(struct heap *heap, const struct bench *bench, uint32_t arity)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < bench->holds; i++) {
        sim_queue_key first = heap->keys[0];
        uint32_t slot = sim_queue_key_slot(first);
        sum += slot;
        sim_queue_key key = heap_key(heap, slot, sim_queue_key_time(first) + gap_at(bench, i));
        heap_down(heap, heap->place[slot], key, arity);
    }
    return sum;
}

static void *heap4_create(const struct bench *bench)
{
    return heap_create(bench, 4);
}

static uint64_t heap4_hold(void *structure, const struct bench *bench)
{
    return heap_hold(structure, bench, 4);
}

static void *heap2_create(const struct bench *bench)
{
    return heap_create(bench, 2);
}

static uint64_t heap2_hold(void *structure, const struct bench *bench)
{
    return heap_hold(structure, bench, 2);
}

static const struct contender contenders[] = {
    {"tournament", tournament_create, tournament_destroy, tournament_hold},
    {"4-ary heap", heap4_create, heap_destroy, heap4_hold},
    {"binary heap", heap2_create, heap_destroy, heap2_hold},
};

enum {
    CONTENDERS = sizeof contenders / sizeof contenders[0]
};

/* ns per hold of each contender. They take turns, so that a busy spell hits all; all must see the same events. */
static void measure(const struct bench *bench, double best_ns[CONTENDERS])
{
    void *structures[CONTENDERS];
    uint64_t sums[CONTENDERS] = {0};
    for (int c = 0; c < CONTENDERS; c++) {
        structures[c] = contenders[c].create(bench);
        best_ns[c] = INFINITY;
    }
    for (int repeat = 0; repeat < REPEATS; repeat++)
        for (int c = 0; c < CONTENDERS; c++) {
            double start = now_s();
            sums[c] += contenders[c].hold(structures[c], bench);
            best_ns[c] = fmin(best_ns[c], (now_s() - start) * 1e9 / bench->holds);
        }
    for (int c = 0; c < CONTENDERS; c++) {
        sim_assert(sums[c] == sums[0]);
        contenders[c].destroy(structures[c]);
    }
}

int main(void)
{
    static const uint32_t counts[] = {8, 16, 32, 64, 100, 128, 256, 10000, 1000000};
    static struct bench bench;
    printf("%10s", "events");
    for (int c = 0; c < CONTENDERS; c++)
        printf("%16s", contenders[c].name);
    printf("   ns per hold, least of %d; the tournament with up to 100 events must 23, aim 12\n", REPEATS);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        double best_ns[CONTENDERS];
        bench_init(&bench, counts[i]);
        measure(&bench, best_ns);
        printf("%10u", counts[i]);
        for (int c = 0; c < CONTENDERS; c++)
            printf("%16.1f", best_ns[c]);
        printf("\n");
    }
    return 0;
}
