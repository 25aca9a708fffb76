/* style.c - ANSI sequences. */
#include "analysis/style.h"

struct style style_of(bool use_color)
{
    if (!use_color)
        return (struct style){"", "", "", "", ""};
    return (struct style){"\033[1m", "\033[31m", "\033[32m", "\033[33m", "\033[0m"};
}
