/* effort.c - how much a test should try. */
#include "tests/effort.h"

#include <stdlib.h>
#include <string.h>

unsigned test_effort(unsigned quick, unsigned normal, unsigned thorough)
{
    const char *effort = getenv("CAPSIM_TEST_EFFORT");
    if (effort && strcmp(effort, "quick") == 0)
        return quick;
    if (effort && strcmp(effort, "long") == 0)
        return thorough;
    return normal;
}
