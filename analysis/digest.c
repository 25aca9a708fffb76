/* digest.c - texts, tables and files into a fingerprint. */
#include "analysis/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/pricing.h"
#include "sim/distribution.h"
#include "sim/field.h"
#include "sim/state.h"

static void add_bytes(struct sim_digest *digest, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    sim_digest_add(digest, size);
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        for (size_t k = i; k < size && k < i + sizeof word; k++)
            word |= (uint64_t)byte[k] << 8 * (k - i);
        sim_digest_add(digest, word);
    }
}

static void add_text(struct sim_digest *digest, const char *text)
{
    add_bytes(digest, text, strlen(text));
}

static void add_numbers(struct sim_digest *digest, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        memcpy(&word, &values[i], sizeof word);
        sim_digest_add(digest, word);
    }
}

/* A file that cannot be read is a problem of the runs that need it. */
static void add_file(struct sim_digest *digest, const char *path)
{
    char bytes[4096];
    FILE *in = fopen(path, "rb");
    for (size_t got = sizeof bytes; in && got == sizeof bytes;) {
        got = fread(bytes, 1, sizeof bytes, in);
        add_bytes(digest, bytes, got);
    }
    if (in)
        (void)fclose(in);
}

/* ---- What the text of a scenario does not say ---- */

/* All but tables stands in the text. */
static void add_distribution(struct sim_digest *digest, const struct sim_distribution *distribution)
{
    size_t count;
    switch (distribution->kind) {
    case SIM_DISTRIBUTION_EMPIRICAL:
        count = distribution->of.empirical.alias.count;
        sim_digest_add(digest, count);
        add_numbers(digest, distribution->of.empirical.values, count);
        if (distribution->of.empirical.shares)
            add_numbers(digest, distribution->of.empirical.shares, count);
        break;
    case SIM_DISTRIBUTION_MIXTURE:
        for (size_t i = 0; i < distribution->of.mixture.alias.count; i++)
            add_distribution(digest, &distribution->of.mixture.parts[i]);
        break;
    default:
        break;
    }
}

static void add_item(struct sim_digest *digest, const struct sim_field_table *table, const char *item);

static void add_list(struct sim_digest *digest, const struct sim_field *field, const char *item)
{
    const char *items;
    size_t count;
    memcpy(&items, item + field->offset, sizeof items);
    memcpy(&count, item + field->count_offset, sizeof count);
    for (size_t i = 0; i < count; i++)
        add_item(digest, field->table, items + i * field->table->item_size);
}

static void add_named_file(struct sim_digest *digest, const char *item, size_t offset)
{
    const char *path;
    memcpy(&path, item + offset, sizeof path);
    if (path && path[0] != '\0')
        add_file(digest, path);
}

static void add_item(struct sim_digest *digest, const struct sim_field_table *table, const char *item)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct sim_field *field = &table->fields[i];
        struct sim_distribution distribution;
        if (field->type == SIM_FIELD_RECORD) {
            add_item(digest, field->table, item + field->offset);
        } else if (field->type == SIM_FIELD_LIST) {
            add_list(digest, field, item);
        } else if (field->type == SIM_FIELD_DISTRIBUTION) {
            memcpy(&distribution, item + field->offset, sizeof distribution);
            add_distribution(digest, &distribution);
        } else if (field->type == SIM_FIELD_TEXT && strcmp(field->name, "file") == 0) {
            add_named_file(digest, item, field->offset);
        }
    }
}

/* ---- Digests ---- */

static void print_digest(const struct sim_digest *digest, char text[DIGEST_TEXT_SIZE])
{
    (void)snprintf(text, DIGEST_TEXT_SIZE, "%016" PRIx64 "%016" PRIx64, digest->high, digest->low);
}

void digest_scenario(const struct scenario *scenario, char text[DIGEST_TEXT_SIZE])
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    add_text(&digest, scenario->resolved);
    for (size_t i = 0; i < scenario->config.pool_count; i++)
        sim_digest_add(&digest, (uint64_t)pricing_container_rate(&scenario->config.pools[i]));
    add_item(&digest, &world_config_table, (const char *)&scenario->config);
    print_digest(&digest, text);
}

void digest_points(const struct points *points, char text[DIGEST_TEXT_SIZE])
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    sim_digest_add(&digest, points->vary.count);
    for (size_t i = 0; i < points->vary.count; i++)
        add_text(&digest, points->vary.paths[i].path);
    for (size_t i = 0; i < points->count; i++)
        for (size_t k = 0; k < points->vary.count; k++)
            add_text(&digest, points->items[i].values[k].text);
    print_digest(&digest, text);
}
