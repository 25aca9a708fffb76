/* part_file.c - positioned writes that remember the first failure, and the rename at the end. */
#include "sim/part_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/memory.h"

static void release(struct sim_part_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    free(file->part_path);
    *file = (struct sim_part_file){.fd = -1};
}

static enum sim_status cannot_write(const struct sim_part_file *file, int number, struct sim_error *error)
{
    return sim_error_set(error, SIM_CANNOT_WRITE, file->path, 0, "%s", strerror(number));
}

/* Whether the part that was opened and locked is still the one that bears the name: its former writer may have
 * renamed it in between.
 */
static bool bears_its_name(const struct sim_part_file *file)
{
    struct stat opened;
    struct stat named;
    return fstat(file->fd, &opened) == 0 && stat(file->part_path, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

static enum sim_status open_part(struct sim_part_file *file, struct sim_error *error)
{
    struct stat status;
    if (stat(file->path, &status) == 0 && !S_ISREG(status.st_mode))
        return sim_error_set(error, SIM_CANNOT_WRITE, file->path, 0, "is there and is not a regular file");
    file->fd = open(file->part_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file->fd < 0)
        return cannot_write(file, errno, error);
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0 || !bears_its_name(file))
        return sim_error_set(error, SIM_CANNOT_WRITE, file->path, 0, "another process is writing it");
    if (ftruncate(file->fd, 0) != 0) {
        int number = errno;
        unlink(file->part_path);
        return cannot_write(file, number, error);
    }
    return SIM_OK;
}

enum sim_status sim_part_file_open(struct sim_part_file *file, const char *path, struct sim_error *error)
{
    *file = (struct sim_part_file){.fd = -1};
    size_t size = strlen(path) + sizeof ".part";
    file->path = memcpy(sim_allocate(size, 1), path, strlen(path));
    file->part_path = sim_allocate(size, 1);
    snprintf(file->part_path, size, "%s.part", path);
    enum sim_status status = open_part(file, error);
    if (status != SIM_OK)
        release(file);
    return status;
}

void sim_part_file_write(struct sim_part_file *file, uint64_t offset, const void *data, size_t size)
{
    const char *bytes = data;
    while (size > 0 && !file->error_number) {
        ssize_t written = pwrite(file->fd, bytes, size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            file->error_number = written < 0 ? errno : ENOSPC;
            return;
        }
        bytes += written;
        offset += (uint64_t)written;
        size -= (size_t)written;
    }
}

void sim_part_file_read(struct sim_part_file *file, uint64_t offset, void *data, size_t size)
{
    char *bytes = data;
    while (size > 0) {
        ssize_t got = pread(file->fd, bytes, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && !file->error_number)
            file->error_number = errno;
        if (got <= 0) {
            memset(bytes, 0, size);
            return;
        }
        bytes += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
}

void sim_part_file_resize(struct sim_part_file *file, uint64_t size)
{
    if (!file->error_number && ftruncate(file->fd, (off_t)size) != 0)
        file->error_number = errno;
}

/* The new name is durable only when the directory is. File systems that cannot sync a directory say EINVAL. */
static int sync_directory(const char *path)
{
    char *copy = memcpy(sim_allocate(strlen(path) + 1, 1), path, strlen(path));
    int number = 0;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        number = errno;
    if (fd >= 0)
        close(fd);
    free(copy);
    return number;
}

enum sim_status sim_part_file_finish(struct sim_part_file *file, struct sim_error *error)
{
    int number = file->error_number;
    if (!number && fsync(file->fd) != 0)
        number = errno;
    if (!number && rename(file->part_path, file->path) != 0)
        number = errno;
    if (number) {
        enum sim_status status = cannot_write(file, number, error);
        sim_part_file_abandon(file);
        return status;
    }
    number = sync_directory(file->path);
    enum sim_status status = number ? cannot_write(file, number, error) : SIM_OK;
    release(file);
    return status;
}

void sim_part_file_abandon(struct sim_part_file *file)
{
    if (file->part_path)
        unlink(file->part_path);
    release(file);
}
