/* error.c - texts of the statuses, and the two ways to report. */
#include "sim/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *sim_status_text(enum sim_status status)
{
    switch (status) {
#define SIM_STATUS_CASE(name, text) \
    case name:                      \
        return text;
        SIM_STATUS_LIST(SIM_STATUS_CASE)
#undef SIM_STATUS_CASE
    }
    return "unknown status";
}

enum sim_status sim_error_set(struct sim_error *error, enum sim_status status, const char *file, int line,
                              const char *format, ...)
{
    if (!error)
        return status;
    error->status = status;
    error->line = line;
    error->column = 0;
    snprintf(error->file, sizeof error->file, "%s", file ? file : "");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

void sim_assert_failed(const char *claim, const char *file, int line)
{
    fprintf(stderr, "capsim: internal error: %s:%d: \"%s\" does not hold\n", file, line, claim);
    _Exit(3);
}
