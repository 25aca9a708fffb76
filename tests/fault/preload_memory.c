/* preload_memory.c - to be preloaded: the allocation with the number CAPSIM_FAULT_AT fails, wherever it is made.
 *
 * In libraries too, which is what wrapping our own calls would not reach. With CAPSIM_FAULT_LASTS all that follow fail
 * as well. Whoever meets the fault says so on the standard error output.
 */
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* Those of the C library under their other names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static long fault_at;
static int lasts;
static atomic_long calls;

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("CAPSIM_FAULT_AT");
    fault_at = at ? strtol(at, NULL, 10) : 0;
    lasts = getenv("CAPSIM_FAULT_LASTS") != NULL;
}

static int fails(void)
{
    static const char said[] = "the fault was met\n";
    if (fault_at == 0)
        return 0;
    long call = atomic_fetch_add(&calls, 1) + 1;
    if (call < fault_at || (call > fault_at && !lasts))
        return 0;
    if (call == fault_at && write(STDERR_FILENO, said, sizeof said - 1) < 0)
        _exit(99);
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t nmemb, size_t size)
{
    return fails() ? NULL : __libc_calloc(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
    return fails() ? NULL : __libc_realloc(ptr, size);
}

void *memalign(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **memptr, size_t alignment, size_t size)
{
    *memptr = memalign(alignment, size);
    return *memptr ? 0 : ENOMEM;
}
