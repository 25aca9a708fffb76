/* chunk.c - shuffle and deflate, and the ring between the owner and the workers. */
#include "sim/chunk.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "sim/error.h"
#include "sim/memory.h"

/* Enough to keep two workers busy while the owner fills another chunk; each place costs about 1 MB. */
enum {
    RING_SIZE = 6
};

/* What one thread needs to compress. */
struct compressor {
    z_stream stream;
    unsigned char *planes;
    size_t capacity;
};

struct worker {
    struct sim_chunk_queue *queue;
    pthread_t thread;
    struct compressor compressor;
};

/* Chunks are counted from the start of the queue; chunk n lives in place n % RING_SIZE.
 * taken <= started <= submitted, taken <= submitted <= taken + RING_SIZE.
 */
struct sim_chunk_queue {
    struct sim_chunk ring[RING_SIZE];
    bool is_done[RING_SIZE];
    uint64_t submitted;
    uint64_t started;
    uint64_t taken;
    bool is_closing;
    pthread_mutex_t mutex;
    pthread_cond_t has_work;
    pthread_cond_t has_result;
    struct worker *workers;
    unsigned worker_count;
    struct compressor own;
};

static void *allocate_for_zlib(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return sim_allocate(count, size);
}

static void free_for_zlib(void *unused, void *memory)
{
    (void)unused;
    free(memory);
}

static void compressor_init(struct compressor *compressor)
{
    *compressor = (struct compressor){.stream = {.zalloc = allocate_for_zlib, .zfree = free_for_zlib}};
    int result = deflateInit(&compressor->stream, 1);
    sim_assert(result == Z_OK);
}

static void compressor_release(struct compressor *compressor)
{
    deflateEnd(&compressor->stream);
    free(compressor->planes);
}

/* Sum of the squares of how often each byte value occurs among 512 samples. `step` between neighbours: 0 counts the
 * bytes themselves, otherwise the differences of bytes that far apart.
 */
static unsigned collisions(const unsigned char *plane, size_t size, size_t step)
{
    unsigned counts[256] = {0};
    size_t stride = (size - step) / 512;
    for (size_t i = 0; i < 512; i++) {
        const unsigned char *here = plane + i * stride;
        counts[(unsigned char)(step ? here[step] - here[0] : here[0])]++;
    }
    unsigned sum = 0;
    for (size_t i = 0; i < 256; i++)
        sum += counts[i] * counts[i];
    return sum;
}

/* Whether deflating would gain nothing: bytes and differences of neighbours (a counter's low byte is periodic) both
 * look uniform. For 512 uniform samples the sum is 1,534 on average with a standard deviation of 45. Low bytes of
 * times are of this kind, and deflate spends most of its time on them.
 */
static bool looks_random(const unsigned char *plane, size_t size)
{
    const unsigned limit = 1800;
    return size >= 1024 && collisions(plane, size, 0) < limit && collisions(plane, size, 1) < limit;
}

/* Feeds plane after plane, switching to stored blocks for planes that look random. Returns false when the result
 * does not fit into `capacity` bytes.
 */
static bool deflate_planes(struct compressor *compressor, struct sim_chunk *chunk)
{
    z_stream *stream = &compressor->stream;
    size_t plane_count = chunk->layout->row_size;
    int level = 1;
    deflateReset(stream);
    stream->next_out = chunk->bytes;
    stream->avail_out = (uInt)chunk->capacity;
    if (deflateParams(stream, level, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    for (size_t i = 0; i < plane_count; i++) {
        unsigned char *plane = compressor->planes + i * chunk->chunk_rows;
        int wanted = looks_random(plane, chunk->chunk_rows) ? 0 : 1;
        if (wanted != level && deflateParams(stream, wanted, Z_DEFAULT_STRATEGY) != Z_OK)
            return false;
        level = wanted;
        stream->next_in = plane;
        stream->avail_in = (uInt)chunk->chunk_rows;
        bool is_last = i + 1 == plane_count;
        int result = deflate(stream, is_last ? Z_FINISH : Z_NO_FLUSH);
        if (is_last ? result != Z_STREAM_END : result != Z_OK || stream->avail_in > 0)
            return false;
    }
    chunk->size = chunk->capacity - stream->avail_out;
    return true;
}

static void compress_chunk(struct compressor *compressor, struct sim_chunk *chunk)
{
    size_t size = chunk->chunk_rows * chunk->layout->row_size;
    compressor->planes = sim_grow(compressor->planes, &compressor->capacity, size, 1);
    chunk->bytes = sim_grow(chunk->bytes, &chunk->capacity, size, 1);
    if (chunk->count < chunk->chunk_rows)
        memset(compressor->planes, 0, size);
    sim_layout_shuffle(chunk->layout, chunk->items, chunk->count, chunk->chunk_rows, compressor->planes);
    chunk->is_deflated = deflate_planes(compressor, chunk) && chunk->size < size;
    if (!chunk->is_deflated) {
        memcpy(chunk->bytes, compressor->planes, size);
        chunk->size = size;
    }
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct sim_chunk_queue *queue = worker->queue;
    pthread_mutex_lock(&queue->mutex);
    for (;;) {
        while (queue->started == queue->submitted && !queue->is_closing)
            pthread_cond_wait(&queue->has_work, &queue->mutex);
        if (queue->is_closing)
            break;
        size_t place = queue->started++ % RING_SIZE;
        pthread_mutex_unlock(&queue->mutex);
        compress_chunk(&worker->compressor, &queue->ring[place]);
        pthread_mutex_lock(&queue->mutex);
        queue->is_done[place] = true;
        pthread_cond_signal(&queue->has_result);
    }
    pthread_mutex_unlock(&queue->mutex);
    return NULL;
}

struct sim_chunk_queue *sim_chunk_queue_create(unsigned worker_count)
{
    struct sim_chunk_queue *queue = sim_allocate(1, sizeof *queue);
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->has_work, NULL);
    pthread_cond_init(&queue->has_result, NULL);
    compressor_init(&queue->own);
    queue->workers = sim_allocate(worker_count, sizeof *queue->workers);
    for (unsigned i = 0; i < worker_count; i++) {
        struct worker *worker = &queue->workers[i];
        worker->queue = queue;
        compressor_init(&worker->compressor);
        /* With fewer threads than asked for, or none, the result is the same. */
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
            compressor_release(&worker->compressor);
            break;
        }
        queue->worker_count++;
    }
    return queue;
}

void sim_chunk_queue_destroy(struct sim_chunk_queue *queue)
{
    if (!queue)
        return;
    pthread_mutex_lock(&queue->mutex);
    queue->is_closing = true;
    pthread_cond_broadcast(&queue->has_work);
    pthread_mutex_unlock(&queue->mutex);
    for (unsigned i = 0; i < queue->worker_count; i++) {
        pthread_join(queue->workers[i].thread, NULL);
        compressor_release(&queue->workers[i].compressor);
    }
    for (size_t i = 0; i < RING_SIZE; i++) {
        free(queue->ring[i].items);
        free(queue->ring[i].bytes);
    }
    compressor_release(&queue->own);
    pthread_cond_destroy(&queue->has_result);
    pthread_cond_destroy(&queue->has_work);
    pthread_mutex_destroy(&queue->mutex);
    free(queue->workers);
    free(queue);
}

struct sim_chunk *sim_chunk_queue_place(struct sim_chunk_queue *queue)
{
    if (queue->submitted == queue->taken + RING_SIZE)
        return NULL;
    return &queue->ring[queue->submitted % RING_SIZE];
}

void sim_chunk_queue_submit(struct sim_chunk_queue *queue)
{
    size_t place = queue->submitted % RING_SIZE;
    sim_assert(queue->submitted < queue->taken + RING_SIZE);
    if (queue->worker_count == 0) {
        compress_chunk(&queue->own, &queue->ring[place]);
        queue->is_done[place] = true;
        queue->submitted++;
        queue->started++;
        return;
    }
    pthread_mutex_lock(&queue->mutex);
    queue->submitted++;
    pthread_cond_signal(&queue->has_work);
    pthread_mutex_unlock(&queue->mutex);
}

const struct sim_chunk *sim_chunk_queue_take(struct sim_chunk_queue *queue)
{
    size_t place = queue->taken % RING_SIZE;
    if (queue->taken == queue->submitted)
        return NULL;
    pthread_mutex_lock(&queue->mutex);
    while (!queue->is_done[place])
        pthread_cond_wait(&queue->has_result, &queue->mutex);
    pthread_mutex_unlock(&queue->mutex);
    return &queue->ring[place];
}

void sim_chunk_queue_release(struct sim_chunk_queue *queue)
{
    queue->is_done[queue->taken % RING_SIZE] = false;
    queue->taken++;
}
