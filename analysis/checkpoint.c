/* checkpoint.c - a header that says what the rest is, and the rest. */
#include "analysis/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/part_file.h"

struct header {
    char magic[16];
    char version[48];
    struct sim_digest identity;
    struct sim_digest content; /* of everything behind the header */
    uint64_t size;
    uint64_t replications;
};

static const char magic[16] = "capsim checkpoin";

static struct sim_digest digest_of(const void *data, size_t size)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    sim_digest_add(&digest, size);
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, (const char *)data + i, size - i < sizeof word ? size - i : sizeof word);
        sim_digest_add(&digest, word);
    }
    return digest;
}

static struct header header_of(const struct checkpoint *checkpoint, size_t replications)
{
    struct header header;
    memset(&header, 0, sizeof header);
    memcpy(header.magic, magic, sizeof magic);
    (void)snprintf(header.version, sizeof header.version, "%s", checkpoint->version);
    header.identity = digest_of(checkpoint->identity, strlen(checkpoint->identity));
    header.replications = replications;
    return header;
}

void checkpoint_make(const struct checkpoint *checkpoint, const struct relay *relays, size_t count,
                     struct sim_array *bytes)
{
    struct header header = header_of(checkpoint, count);
    sim_bytes_put(bytes, &header, sizeof header);
    for (size_t i = 0; i < count; i++)
        relay_save(&relays[i], bytes);
    header.size = bytes->count - sizeof header;
    header.content = digest_of((const char *)bytes->items + sizeof header, header.size);
    memcpy(bytes->items, &header, sizeof header);
}

enum sim_status checkpoint_write(const struct checkpoint *checkpoint, const struct sim_array *bytes,
                                 struct sim_error *error)
{
    struct sim_part_file file;
    enum sim_status status = sim_part_file_open(&file, checkpoint->path, error);
    if (status != SIM_OK)
        return status;
    sim_part_file_write(&file, 0, bytes->items, bytes->count);
    return sim_part_file_finish(&file, error);
}

static enum sim_status read_file(const char *path, struct sim_array *bytes, struct sim_error *error)
{
    enum {
        CHUNK = 1 << 16
    };
    FILE *in = fopen(path, "rb");
    if (!in)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "cannot be read: %s", strerror(errno));
    for (size_t got = CHUNK; got == CHUNK;) {
        size_t start = bytes->count;
        sim_array_resize(bytes, start + CHUNK);
        got = fread((char *)bytes->items + start, 1, CHUNK, in);
        sim_array_resize(bytes, start + got);
    }
    bool is_read = !ferror(in);
    (void)fclose(in);
    return is_read ? SIM_OK : sim_error_set(error, SIM_CANNOT_READ, path, 0, "cannot be read");
}

static bool is_equal(struct sim_digest a, struct sim_digest b)
{
    return a.low == b.low && a.high == b.high;
}

/* Whether the file is one of this run; says what is wrong. */
static enum sim_status check_header(const struct checkpoint *checkpoint, const struct header *found,
                                    const struct sim_bytes_reader *rest, size_t replications, struct sim_error *error)
{
    const struct header wanted = header_of(checkpoint, replications);
    const char *path = checkpoint->resume;
    if (memcmp(found->magic, magic, sizeof magic) != 0)
        return sim_error_set(error, SIM_BAD_INPUT, path, 0, "is no checkpoint of capsim");
    if (memcmp(found->version, wanted.version, sizeof wanted.version) != 0)
        return sim_error_set(error, SIM_BAD_INPUT, path, 0,
                             "was written by capsim %.47s; this is %s, which would go on differently", found->version,
                             checkpoint->version);
    if (!is_equal(found->identity, wanted.identity) || found->replications != wanted.replications)
        return sim_error_set(error, SIM_BAD_INPUT, path, 0,
                             "belongs to another scenario, or to other settings, seed or replications of it");
    if (found->size != rest->left || !is_equal(found->content, digest_of(rest->next, rest->left)))
        return sim_error_set(error, SIM_BAD_INPUT, path, 0, "is damaged");
    return SIM_OK;
}

enum sim_status checkpoint_read(const struct checkpoint *checkpoint, struct relay *relays, size_t count,
                                struct sim_error *error)
{
    struct sim_array bytes;
    struct header header = {.size = 0};
    sim_array_init(&bytes, 1);
    enum sim_status status = read_file(checkpoint->resume, &bytes, error);
    struct sim_bytes_reader reader = {bytes.items, bytes.count};
    if (status == SIM_OK && !sim_bytes_get(&reader, &header, sizeof header))
        status = sim_error_set(error, SIM_BAD_INPUT, checkpoint->resume, 0, "is no checkpoint of capsim");
    if (status == SIM_OK)
        status = check_header(checkpoint, &header, &reader, count, error);
    for (size_t i = 0; i < count && status == SIM_OK; i++)
        status = relay_load(&relays[i], &reader, error);
    sim_array_release(&bytes);
    return status;
}
