/* source.c - files in memory, checked for being text. */
#include "scenarios/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of the UTF-8 character at `text`, of which `left` bytes exist; 0 if it is none (RFC 3629, which excludes
 * overlong forms, surrogates and values above U+10FFFF).
 */
static size_t character_size(const unsigned char *text, size_t left)
{
    unsigned char lead = text[0];
    if (lead < 0x80)
        return 1;
    size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    bool too_short = (lead == 0xE0 && text[1] < 0xA0) || (lead == 0xF0 && text[1] < 0x90);
    bool too_large = (lead == 0xED && text[1] > 0x9F) || (lead == 0xF4 && text[1] > 0x8F);
    return too_short || too_large ? 0 : size;
}

static enum sim_status check_text(const struct source *source, struct sim_error *error)
{
    int line = 1;
    for (size_t i = 0; i < source->size;) {
        const unsigned char *at = (const unsigned char *)source->text + i;
        if (*at == '\0')
            return sim_error_set(error, SIM_BAD_INPUT, source->name, line, "the text contains a NUL byte");
        size_t size = character_size(at, source->size - i);
        if (size == 0)
            return sim_error_set(error, SIM_BAD_INPUT, source->name, line, "the text is not UTF-8");
        line += *at == '\n';
        i += size;
    }
    return SIM_OK;
}

enum sim_status source_take_text(const char *name, const char *text, size_t size, struct sim_arena *arena,
                                 struct source *source, struct sim_error *error)
{
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        size -= 3;
    }
    char *copy = sim_arena_allocate(arena, size + 1, 1);
    if (size > 0)
        memcpy(copy, text, size);
    *source = (struct source){.name = sim_arena_text(arena, name), .text = copy, .size = size};
    return check_text(source, error);
}

/* Reads to the end of the file, at most `room` bytes. Returns the number of bytes, or -1 with errno. */
static ssize_t read_whole(int file, char *text, size_t room)
{
    size_t size = 0;
    while (size < room) {
        ssize_t part = read(file, text + size, room - size);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return -1;
        if (part == 0)
            break;
        size += (size_t)part;
    }
    return (ssize_t)size;
}

static enum sim_status read_open_file(int file, const char *path, struct sim_arena *arena, struct source *source,
                                      struct sim_error *error)
{
    struct stat facts;
    if (fstat(file, &facts) != 0)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "%s", strerror(errno));
    if (S_ISDIR(facts.st_mode))
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "this is a folder, not a file");
    if (!S_ISREG(facts.st_mode))
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "this is not a regular file");
    if (facts.st_size > (off_t)SOURCE_SIZE_MAX)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "the file is larger than %zu MiB", SOURCE_SIZE_MAX >> 20);
    size_t room = (size_t)facts.st_size;
    char *text = sim_arena_allocate(arena, room + 1, 1);
    ssize_t size = read_whole(file, text, room);
    if (size < 0)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "%s", strerror(errno));
    return source_take_text(path, text, (size_t)size, arena, source, error);
}

enum sim_status source_read(const char *path, struct sim_arena *arena, struct source *source, struct sim_error *error)
{
    /* Opening a pipe that nobody writes to must not wait for ever. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "%s", strerror(errno));
    enum sim_status status = read_open_file(file, path, arena, source, error);
    close(file);
    return status;
}

const char *source_line(struct place place, size_t *size)
{
    *size = 0;
    if (!place.source || place.line < 1)
        return "";
    const char *line = place.source->text;
    const char *end = line + place.source->size;
    for (int number = 1; number < place.line; number++) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        if (!next)
            return "";
        line = next + 1;
    }
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    *size = (size_t)((stop ? stop : end) - line);
    if (*size > 0 && line[*size - 1] == '\r')
        --*size;
    return line;
}

const char *source_resolve(const struct source *source, const char *path, struct sim_arena *arena)
{
    const char *slash = source ? strrchr(source->name, '/') : NULL;
    if (path[0] == '/' || !slash || strcmp(source->name, "--set") == 0)
        return sim_arena_text(arena, path);
    size_t folder = (size_t)(slash - source->name) + 1;
    size_t size = folder + strlen(path) + 1;
    char *joined = sim_arena_allocate(arena, size, 1);
    snprintf(joined, size, "%.*s%s", (int)folder, source->name, path);
    return joined;
}
