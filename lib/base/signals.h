/* Which signals a thread is not for. */
#ifndef TVA_BASE_SIGNALS_H
#define TVA_BASE_SIGNALS_H

#include <signal.h>

/* Let *set be what a thread blocks that leaves signals to others: all but those of its own faults.
 * A fault whose signal is blocked ends the process at once: nothing that handles it, as a sanitizer
 * does or a program's report of crashes, hears of it. Any thread. */
static inline void signals_for_others(sigset_t *set)
{
    sigfillset(set);
    sigdelset(set, SIGSEGV);
    sigdelset(set, SIGBUS);
    sigdelset(set, SIGFPE);
    sigdelset(set, SIGILL);
    sigdelset(set, SIGTRAP);
    sigdelset(set, SIGSYS);
}

#endif
