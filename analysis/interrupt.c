/* interrupt.c - the one variable that a signal handler can reach. */
#include "analysis/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile bool is_stop_requested;

static void request_stop(int number)
{
    (void)number;
    is_stop_requested = true;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

const volatile bool *interrupt_flag(void)
{
    return &is_stop_requested;
}
