/* preload_disk.c - to be preloaded: the step of writing a file with the number CAPSIM_FAULT_AT fails.
 *
 * Steps are what sim/part_file.c asks of the system: positioned writes, changes of length, making durable, renaming.
 * With CAPSIM_FAULT_LASTS all that follow fail as well. Whoever meets the fault says so on the standard error output.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static long fault_at;
static int lasts;
static atomic_long calls;

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("CAPSIM_FAULT_AT");
    fault_at = at ? strtol(at, NULL, 10) : 0;
    lasts = getenv("CAPSIM_FAULT_LASTS") != NULL;
}

static int fails(int number)
{
    static const char said[] = "the fault was met\n";
    long call = atomic_fetch_add(&calls, 1) + 1;
    if (fault_at == 0 || call < fault_at || (call > fault_at && !lasts))
        return 0;
    if (call == fault_at && write(STDERR_FILENO, said, sizeof said - 1) < 0)
        _exit(99);
    errno = number;
    return 1;
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t offset)
{
    return fails(ENOSPC) ? -1 : syscall(SYS_pwrite64, fd, buf, n, offset);
}

int ftruncate(int fd, off_t length)
{
    return fails(ENOSPC) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int fsync(int fd)
{
    return fails(EIO) ? -1 : (int)syscall(SYS_fsync, fd);
}

int rename(const char *old, const char *new)
{
    return fails(EACCES) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, 0);
}
