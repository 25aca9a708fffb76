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

/* ---- How to deflate a plane ----
 *
 * Level 1 of zlib searches every plane for repeated strings. Most planes of a table have none: high bytes are long
 * runs, low bytes of times are noise, and a class drawn at random only has an uneven distribution of its letters.
 * zlib has a cheaper way for each, and all of them are deflate to a reader. The choice is made from 512 samples; a
 * poor one costs bytes or time, never correctness. A request table takes about 0.6 of the time and 1 % fewer bytes.
 */

enum {
    SAMPLES = 512,
    SMALLEST_PLANE = 1024
};

struct method {
    int level;
    int strategy;
};

static const struct method METHOD_GENERAL = {1, Z_DEFAULT_STRATEGY};
static const struct method METHOD_RUNS = {1, Z_RLE};
static const struct method METHOD_LETTERS = {1, Z_HUFFMAN_ONLY};
static const struct method METHOD_STORED = {0, Z_DEFAULT_STRATEGY};

static bool has_long_runs(const unsigned char *plane, size_t size)
{
    size_t stride = (size - 1) / SAMPLES;
    size_t equal = 0;
    for (size_t i = 0; i < SAMPLES; i++)
        equal += plane[i * stride] == plane[i * stride + 1];
    return equal >= SAMPLES * 3 / 4;
}

/* Whether 16 bytes at a time often occur again soon, as in counters (a low byte has period 256) and in tables whose
 * rows take turns. By chance 16 letters hardly ever do, even where there are only two.
 */
static bool has_repeats(const unsigned char *plane)
{
    uint64_t seen[1024] = {0};
    size_t repeats = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        uint64_t low;
        uint64_t high;
        memcpy(&low, plane + i, sizeof low);
        memcpy(&high, plane + i + sizeof low, sizeof high);
        uint64_t mixed = (low ^ high << 1) * 0x9E3779B97F4A7C15 ^ (high + 1) * 0xC2B2AE3D27D4EB4F;
        repeats += seen[mixed >> 54] == mixed;
        seen[mixed >> 54] = mixed;
    }
    return repeats >= SAMPLES / 8;
}

/* Whether all byte values are about equally frequent. The sum of the squares of their counts is 1,534 on average for
 * uniform bytes, with a standard deviation of 45.
 */
static bool is_uniform(const unsigned char *plane, size_t size)
{
    unsigned counts[256] = {0};
    size_t stride = size / SAMPLES;
    for (size_t i = 0; i < SAMPLES; i++)
        counts[plane[i * stride]]++;
    unsigned sum = 0;
    for (size_t i = 0; i < 256; i++)
        sum += counts[i] * counts[i];
    return sum < 1800;
}

static struct method choose_method(const unsigned char *plane, size_t size)
{
    if (size < SMALLEST_PLANE)
        return METHOD_GENERAL;
    if (has_long_runs(plane, size))
        return METHOD_RUNS;
    if (has_repeats(plane))
        return METHOD_GENERAL;
    return is_uniform(plane, size) ? METHOD_STORED : METHOD_LETTERS;
}

/* Returns false when there is no room for the result. */
static bool deflate_plane(z_stream *stream, unsigned char *plane, size_t size, bool is_last)
{
    struct method method = choose_method(plane, size);
    if (deflateParams(stream, method.level, method.strategy) != Z_OK)
        return false;
    stream->next_in = plane;
    stream->avail_in = (uInt)size;
    int result = deflate(stream, is_last ? Z_FINISH : Z_NO_FLUSH);
    return is_last ? result == Z_STREAM_END : result == Z_OK && stream->avail_in == 0;
}

/* Returns false when the result does not fit into the chunk's `capacity` bytes. */
static bool deflate_planes(struct compressor *compressor, struct sim_chunk *chunk)
{
    z_stream *stream = &compressor->stream;
    size_t plane_count = chunk->layout->row_size;
    deflateReset(stream);
    stream->next_in = compressor->planes;
    stream->avail_in = 0;
    stream->next_out = chunk->bytes;
    stream->avail_out = (uInt)chunk->capacity;
    for (size_t i = 0; i < plane_count; i++)
        if (!deflate_plane(stream, compressor->planes + i * chunk->chunk_rows, chunk->chunk_rows, i + 1 == plane_count))
            return false;
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
