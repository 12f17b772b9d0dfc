/* How late this machine wakes a thread that sleeps as the generator of an open loop does: what
 * lateness of a dispatch is the machine's own, on an otherwise idle CPU. */
#ifndef TVA_MEASURE_TIMER_ERROR_H
#define TVA_MEASURE_TIMER_ERROR_H

#include "measure/stats.h"

#define TIMER_ERROR_SLEEPS   10000   /* enough for a p99.9 */
#define TIMER_ERROR_SLEEP_NS 100000u /* each; about 1.5 s together */

/* Sleep `sleeps` times until a deadline TIMER_ERROR_SLEEP_NS away, by clock_nanosleep() in a thread
 * with a timer slack of 1 ns, and describe how much later than the deadline it woke, in ns. 0,
 * or -EAGAIN or -ENOMEM. Any thread; returns when it is over. */
int timer_error_measure(unsigned sleeps, struct stats_distribution *out);

#endif
