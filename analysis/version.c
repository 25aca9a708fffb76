/* version.c - texts handed in by the build. */
#include "analysis/version.h"

#ifndef CAPSIM_VERSION
#define CAPSIM_VERSION "unversioned"
#endif
#ifndef CAPSIM_COMMIT
#define CAPSIM_COMMIT "unknown"
#endif

const char *version_number(void)
{
    return CAPSIM_VERSION;
}

const char *version_commit(void)
{
    return CAPSIM_COMMIT;
}
