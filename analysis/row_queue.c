/* row_queue.c - lanes of batches under one lock. Batches hold thousands of rows, so the lock is hardly ever held. */
#include "analysis/row_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/error.h"
#include "sim/memory.h"

struct lane {
    struct row_batch *first;
    struct row_batch *last;
    size_t row_count;
    bool is_finished;
};

struct row_queue {
    pthread_mutex_t lock;
    pthread_cond_t came; /* rows, or the end of a lane */
    pthread_cond_t went; /* rows, so that there is room */
    struct lane *lanes;
    size_t lane_count;
    size_t current; /* the lane that is being written */
    size_t row_count;
    size_t row_limit;
    bool is_cancelled;
};

struct row_queue *row_queue_create(size_t lane_count, size_t row_limit)
{
    struct row_queue *queue = sim_allocate(1, sizeof *queue);
    pthread_condattr_t monotonic;
    sim_assert(pthread_mutex_init(&queue->lock, NULL) == 0);
    sim_assert(pthread_condattr_init(&monotonic) == 0);
    sim_assert(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    sim_assert(pthread_cond_init(&queue->came, &monotonic) == 0);
    sim_assert(pthread_cond_init(&queue->went, NULL) == 0);
    (void)pthread_condattr_destroy(&monotonic);
    queue->lanes = sim_allocate(lane_count, sizeof *queue->lanes);
    queue->lane_count = lane_count;
    queue->row_limit = row_limit;
    return queue;
}

void row_queue_destroy(struct row_queue *queue)
{
    for (size_t i = 0; i < queue->lane_count; i++)
        for (struct row_batch *batch = queue->lanes[i].first; batch;) {
            struct row_batch *next = batch->next;
            free(batch);
            batch = next;
        }
    free(queue->lanes);
    (void)pthread_cond_destroy(&queue->came);
    (void)pthread_cond_destroy(&queue->went);
    (void)pthread_mutex_destroy(&queue->lock);
    free(queue);
}

static struct row_batch *copy_of(enum row_kind kind, const void *rows, size_t count, size_t row_size)
{
    struct row_batch *batch = sim_allocate(1, sizeof *batch + count * row_size);
    batch->kind = kind;
    batch->count = count;
    memcpy(batch->rows, rows, count * row_size);
    return batch;
}

/* The first lane waits for its own rows to be written; the others for the sum of all, of which they are a part. */
static bool has_room(const struct row_queue *queue, size_t lane)
{
    if (lane == queue->current)
        return queue->lanes[lane].row_count < queue->row_limit;
    return queue->row_count < queue->row_limit;
}

static void append(struct row_queue *queue, struct lane *lane, struct row_batch *batch)
{
    if (lane->last)
        lane->last->next = batch;
    else
        lane->first = batch;
    lane->last = batch;
    lane->row_count += batch->count;
    queue->row_count += batch->count;
}

void row_queue_push(struct row_queue *queue, size_t lane, enum row_kind kind, const void *rows, size_t count,
                    size_t row_size)
{
    struct row_batch *batch = copy_of(kind, rows, count, row_size);
    pthread_mutex_lock(&queue->lock);
    while (!queue->is_cancelled && !has_room(queue, lane))
        pthread_cond_wait(&queue->went, &queue->lock);
    if (queue->is_cancelled)
        free(batch);
    else
        append(queue, &queue->lanes[lane], batch);
    pthread_cond_signal(&queue->came);
    pthread_mutex_unlock(&queue->lock);
}

void row_queue_finish(struct row_queue *queue, size_t lane)
{
    pthread_mutex_lock(&queue->lock);
    queue->lanes[lane].is_finished = true;
    pthread_cond_signal(&queue->came);
    pthread_mutex_unlock(&queue->lock);
}

/* Passes over lanes that are written; true when all are. */
static bool advance(struct row_queue *queue)
{
    while (queue->current < queue->lane_count) {
        const struct lane *lane = &queue->lanes[queue->current];
        if (lane->first || !lane->is_finished)
            return false;
        queue->current++;
        pthread_cond_broadcast(&queue->went);
    }
    return true;
}

static struct row_batch *take_first(struct row_queue *queue)
{
    struct lane *lane = &queue->lanes[queue->current];
    struct row_batch *batch = lane->first;
    if (!batch)
        return NULL;
    lane->first = batch->next;
    if (!lane->first)
        lane->last = NULL;
    lane->row_count -= batch->count;
    queue->row_count -= batch->count;
    pthread_cond_broadcast(&queue->went);
    return batch;
}

static struct timespec after_ms(long wait_ms)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += wait_ms / 1000;
    time.tv_nsec += wait_ms % 1000 * 1000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return time;
}

enum row_queue_state row_queue_take(struct row_queue *queue, long wait_ms, struct row_batch **batch)
{
    struct timespec end = after_ms(wait_ms);
    enum row_queue_state state = ROW_QUEUE_ROWS;
    *batch = NULL;
    pthread_mutex_lock(&queue->lock);
    while (state == ROW_QUEUE_ROWS && !*batch) {
        if (advance(queue))
            state = ROW_QUEUE_DONE;
        else if (!(*batch = take_first(queue)) && pthread_cond_timedwait(&queue->came, &queue->lock, &end) != 0)
            state = ROW_QUEUE_WAITING;
    }
    pthread_mutex_unlock(&queue->lock);
    return state;
}

void row_queue_cancel(struct row_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_cancelled = true;
    pthread_cond_broadcast(&queue->went);
    pthread_mutex_unlock(&queue->lock);
}
