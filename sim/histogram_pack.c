/* histogram_pack.c - buckets to bytes and back. */
#include "sim/histogram_pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

/* ---- numbers ---- */

static size_t number_size(uint64_t number)
{
    size_t size = 1;
    while (number >>= 7)
        size++;
    return size;
}

static unsigned char *write_number(unsigned char *to, uint64_t number)
{
    for (; number >= 128; number >>= 7)
        *to++ = (unsigned char)(number | 128);
    *to++ = (unsigned char)number;
    return to;
}

/* Reads on from *offset. False at the end, in the middle of a number, and for one beyond 64 bits. */
static bool read_number(const unsigned char *bytes, size_t size, size_t *offset, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; shift < 64 && *offset < size; shift += 7) {
        uint64_t byte = bytes[(*offset)++];
        if (shift == 63 && byte > 1)
            return false;
        *number |= (byte & 127) << shift;
        if (byte < 128)
            return true;
    }
    return false;
}

/* ---- walking ---- */

struct bucket {
    uint64_t index;
    uint64_t count;
};

static bool next_bucket(const unsigned char *bytes, size_t size, struct sim_histogram_pack_place *place,
                        struct bucket *bucket)
{
    uint64_t gap = 0;
    if (place->offset == 0 && !read_number(bytes, size, &place->offset, &place->bucket))
        return false;
    if (!read_number(bytes, size, &place->offset, &bucket->count))
        return false;
    if (bucket->count == 0 &&
        (!read_number(bytes, size, &place->offset, &gap) || !read_number(bytes, size, &place->offset, &bucket->count)))
        return false;
    if (gap >= SIM_HISTOGRAM_BUCKETS || place->bucket + gap >= SIM_HISTOGRAM_BUCKETS)
        return false;
    bucket->index = place->bucket + gap;
    place->bucket = bucket->index + 1;
    return true;
}

bool sim_histogram_pack_next(const struct sim_histogram_pack *pack, struct sim_histogram_pack_place *place,
                             struct sim_histogram_row *row)
{
    struct bucket bucket;
    if (!next_bucket(pack->bytes, pack->size, place, &bucket))
        return false;
    *row = sim_histogram_bucket_row((size_t)bucket.index);
    row->count = bucket.count;
    return true;
}

/* ---- writing ---- */

/* Measures, while `to` is NULL, or writes. */
struct writer {
    unsigned char *to;
    size_t size;
    uint64_t end; /* bucket after the last one written */
    bool has_begun;
};

static void put_number(struct writer *writer, uint64_t number)
{
    writer->size += number_size(number);
    if (writer->to)
        writer->to = write_number(writer->to, number);
}

static void put_bucket(struct writer *writer, struct bucket bucket)
{
    if (!writer->has_begun) {
        put_number(writer, bucket.index);
    } else if (bucket.index > writer->end) {
        put_number(writer, 0);
        put_number(writer, bucket.index - writer->end);
    }
    put_number(writer, bucket.count);
    writer->has_begun = true;
    writer->end = bucket.index + 1;
}

static void put_histogram(struct writer *writer, const struct sim_histogram *histogram)
{
    size_t first = sim_histogram_bucket_of(sim_histogram_minimum(histogram));
    size_t end = sim_histogram_bucket_of(histogram->maximum) + 1;
    for (size_t i = first; i < end; i++)
        if (histogram->buckets[i])
            put_bucket(writer, (struct bucket){i, histogram->buckets[i]});
}

static void put_both(struct writer *writer, const struct sim_histogram_pack *a, const struct sim_histogram_pack *b)
{
    struct sim_histogram_pack_place place_a = {0}, place_b = {0};
    struct bucket in_a, in_b;
    bool has_a = next_bucket(a->bytes, a->size, &place_a, &in_a);
    bool has_b = next_bucket(b->bytes, b->size, &place_b, &in_b);
    while (has_a || has_b) {
        bool takes_a = has_a && (!has_b || in_a.index <= in_b.index);
        bool takes_b = has_b && (!has_a || in_b.index <= in_a.index);
        struct bucket sum = takes_a ? in_a : in_b;
        if (takes_a && takes_b)
            sum.count += in_b.count;
        put_bucket(writer, sum);
        if (takes_a)
            has_a = next_bucket(a->bytes, a->size, &place_a, &in_a);
        if (takes_b)
            has_b = next_bucket(b->bytes, b->size, &place_b, &in_b);
    }
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void sim_histogram_pack_release(struct sim_histogram_pack *pack)
{
    free(pack->bytes);
    *pack = (struct sim_histogram_pack){0};
}

void sim_histogram_pack_take(struct sim_histogram_pack *pack, struct sim_histogram *histogram)
{
    if (histogram->count == 0)
        return;
    sim_histogram_pack_unpack(pack, histogram);
    struct writer writer = {0};
    put_histogram(&writer, histogram);
    unsigned char *bytes = sim_allocate(writer.size, 1);
    writer = (struct writer){.to = bytes};
    put_histogram(&writer, histogram);
    free(pack->bytes);
    pack->bytes = bytes;
    pack->size = writer.size;
    pack->sum = histogram->sum;
    pack->count = histogram->count;
    pack->maximum = histogram->maximum;
    pack->minimum_below_limit = histogram->minimum_below_limit;
    sim_histogram_clear(histogram);
}

void sim_histogram_pack_merge(struct sim_histogram_pack *pack, const struct sim_histogram_pack *other)
{
    if (other->count == 0)
        return;
    struct writer writer = {0};
    put_both(&writer, pack, other);
    unsigned char *bytes = sim_allocate(writer.size, 1);
    struct writer second = {.to = bytes};
    put_both(&second, pack, other);
    free(pack->bytes);
    pack->bytes = bytes;
    pack->size = writer.size;
    pack->sum += other->sum;
    pack->count += other->count;
    pack->maximum = greater(pack->maximum, other->maximum);
    pack->minimum_below_limit = greater(pack->minimum_below_limit, other->minimum_below_limit);
}

void sim_histogram_pack_unpack(const struct sim_histogram_pack *pack, struct sim_histogram *histogram)
{
    struct sim_histogram_pack_place place = {0};
    struct bucket bucket;
    while (next_bucket(pack->bytes, pack->size, &place, &bucket))
        histogram->buckets[bucket.index] += bucket.count;
    histogram->sum += pack->sum;
    histogram->count += pack->count;
    histogram->maximum = greater(histogram->maximum, pack->maximum);
    histogram->minimum_below_limit = greater(histogram->minimum_below_limit, pack->minimum_below_limit);
}

/* ---- reading ---- */

bool sim_histogram_pack_equal(const struct sim_histogram_pack *a, const struct sim_histogram_pack *b)
{
    return a->sum == b->sum && a->count == b->count && a->maximum == b->maximum &&
           a->minimum_below_limit == b->minimum_below_limit && a->size == b->size &&
           (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

int64_t sim_histogram_pack_minimum(const struct sim_histogram_pack *pack)
{
    return pack->count ? INT64_MAX - pack->minimum_below_limit : -1;
}

int64_t sim_histogram_pack_maximum(const struct sim_histogram_pack *pack)
{
    return pack->count ? pack->maximum : -1;
}

double sim_histogram_pack_mean(const struct sim_histogram_pack *pack)
{
    return pack->count ? (double)pack->sum / (double)pack->count : NAN;
}

/* The buckets in `bytes`, as far as they can be understood. */
static struct sim_histogram_row *read_rows(const unsigned char *bytes, size_t size, size_t *count)
{
    struct sim_histogram_row *rows = sim_allocate(size, sizeof *rows); /* every bucket takes a byte at least */
    struct sim_histogram_pack_place place = {0};
    struct bucket bucket;
    for (*count = 0; next_bucket(bytes, size, &place, &bucket); ++*count) {
        rows[*count] = sim_histogram_bucket_row((size_t)bucket.index);
        rows[*count].count = bucket.count;
    }
    return rows;
}

enum sim_status sim_histogram_pack_load(struct sim_histogram_pack *pack, const unsigned char *bytes, size_t size,
                                        sim_uint128 sum, int64_t minimum, int64_t maximum,
                                        struct sim_histogram *scratch)
{
    sim_assert(pack->count == 0 && scratch->count == 0);
    if (size == 0)
        return SIM_OK;
    size_t row_count = 0;
    struct sim_histogram_row *rows = read_rows(bytes, size, &row_count);
    enum sim_status status = sim_histogram_load(scratch, rows, row_count, sum, minimum, maximum);
    free(rows);
    if (status != SIM_OK)
        return status;
    sim_histogram_pack_take(pack, scratch);
    if (pack->size == size && memcmp(pack->bytes, bytes, size) == 0)
        return SIM_OK;
    sim_histogram_pack_release(pack);
    return SIM_BAD_INPUT;
}
