/* test_row_queue.c - rows from several threads leave in order, in bounded memory, and nobody waits for ever. */
#include <check.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "analysis/row_queue.h"

enum {
    LANES = 6,
    BATCHES = 200,
    ROWS = 50,
    LIMIT = 500
};

struct producer {
    struct row_queue *queue;
    pthread_mutex_t lock;
    size_t next;
};

/* Lanes are taken in order, as replications are. */
static void *produce(void *argument)
{
    struct producer *producer = argument;
    for (;;) {
        pthread_mutex_lock(&producer->lock);
        size_t lane = producer->next++;
        pthread_mutex_unlock(&producer->lock);
        if (lane >= LANES)
            return NULL;
        for (int64_t batch = 0; batch < BATCHES; batch++) {
            int64_t rows[ROWS];
            for (int64_t i = 0; i < ROWS; i++)
                rows[i] = ((int64_t)lane * BATCHES + batch) * ROWS + i;
            enum row_kind kind = batch % 7 == 0 ? ROW_DECISION : ROW_REQUEST;
            row_queue_push(producer->queue, lane, kind, rows, ROWS, sizeof *rows);
        }
        row_queue_finish(producer->queue, lane);
    }
}

static void start(struct producer *producer, pthread_t *threads, size_t count)
{
    producer->queue = row_queue_create(LANES, LIMIT);
    producer->next = 0;
    pthread_mutex_init(&producer->lock, NULL);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, produce, producer), 0);
}

static void stop(struct producer *producer, const pthread_t *threads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    row_queue_destroy(producer->queue);
    pthread_mutex_destroy(&producer->lock);
}

START_TEST(rows_leave_in_order)
{
    struct producer producer;
    pthread_t threads[4];
    size_t thread_count = (size_t)_i;
    start(&producer, threads, thread_count);
    int64_t expected = 0;
    struct row_batch *batch;
    enum row_queue_state state;
    while ((state = row_queue_take(producer.queue, 1000, &batch)) != ROW_QUEUE_DONE) {
        ck_assert_int_eq(state, ROW_QUEUE_ROWS);
        const int64_t *rows = (const int64_t *)(const void *)batch->rows;
        ck_assert_int_eq(batch->kind, expected / ROWS % BATCHES % 7 == 0 ? ROW_DECISION : ROW_REQUEST);
        for (size_t i = 0; i < batch->count; i++)
            ck_assert_int_eq(rows[i], expected++);
        free(batch);
    }
    ck_assert_int_eq(expected, LANES * BATCHES * ROWS);
    stop(&producer, threads, thread_count);
}
END_TEST

/* With nobody taking rows every producer must come to a stop; cancelling lets them all go. */
START_TEST(cancelling_frees_those_who_wait)
{
    struct producer producer;
    pthread_t threads[3];
    start(&producer, threads, 3);
    struct row_batch *batch;
    ck_assert_int_eq(row_queue_take(producer.queue, 1000, &batch), ROW_QUEUE_ROWS);
    free(batch);
    row_queue_cancel(producer.queue);
    while (row_queue_take(producer.queue, 1000, &batch) != ROW_QUEUE_DONE)
        free(batch);
    stop(&producer, threads, 3);
}
END_TEST

START_TEST(waiting_ends_in_time)
{
    struct row_queue *queue = row_queue_create(1, 10);
    struct row_batch *batch;
    ck_assert_int_eq(row_queue_take(queue, 20, &batch), ROW_QUEUE_WAITING);
    ck_assert_ptr_null(batch);
    row_queue_finish(queue, 0);
    ck_assert_int_eq(row_queue_take(queue, 20, &batch), ROW_QUEUE_DONE);
    row_queue_destroy(queue);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_queue");
    TCase *core = tcase_create("core");
    tcase_set_timeout(core, 60);
    tcase_add_loop_test(core, rows_leave_in_order, 1, 5);
    tcase_add_test(core, cancelling_frees_those_who_wait);
    tcase_add_test(core, waiting_ends_in_time);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
