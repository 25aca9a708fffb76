/* message.c - messages have one form. */
#include "analysis/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int code_of(enum sim_status status)
{
    switch (status) {
    case SIM_OK:
        return EXIT_DONE;
    case SIM_BAD_INPUT:
    case SIM_CANNOT_READ:
    case SIM_NOT_A_TRACE:
        return EXIT_BAD_INPUT;
    case SIM_INTERRUPTED:
        return EXIT_INTERRUPTED;
    default:
        return EXIT_RUN_FAILED;
    }
}

int message_error(const struct sim_error *error)
{
    fprintf(stderr, "capsim: error: ");
    if (error->file[0] != '\0')
        fprintf(stderr, "%s:", error->file);
    if (error->line > 0)
        fprintf(stderr, "%d:", error->line);
    if (error->column > 0)
        fprintf(stderr, "%d:", error->column);
    const char *message = error->message[0] != '\0' ? error->message : sim_status_text(error->status);
    fprintf(stderr, "%s%s\n", error->file[0] != '\0' ? " " : "", message);
    return code_of(error->status);
}

bool message_output_is_written(void)
{
    errno = 0;
    bool is_written = fflush(stdout) == 0 && !ferror(stdout);
    if (!is_written)
        fprintf(stderr, "capsim: error: the result cannot be written: %s\n", errno ? strerror(errno) : "output error");
    return is_written;
}
