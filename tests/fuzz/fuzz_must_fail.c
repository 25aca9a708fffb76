/* fuzz_must_fail.c - a target with a planted fault: it has to fail, which proves that failing is noticed. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size >= 5 && memcmp(bytes, "fault", 5) == 0)
        abort();
    return 0;
}
