/* How late this machine's timers are: what the lateness of a generator is held against. */
#ifndef TVA_BENCH_TIMER_CHECK_H
#define TVA_BENCH_TIMER_CHECK_H

#include "math/stats.h"
#include "plan/plan.h"

#define TIMER_CHECK_SLEEPS   10000 /* enough for a p99.9 */
#define TIMER_CHECK_SLEEP_NS (100 * NS_PER_US)

/* When the plan has an open loop, sleep as its generator does (load/generator.h), about 1.5 s in
 * all, and describe by how much too long, in ns; otherwise out->count is 0. 0, or a negative errno
 * with *err set. */
int timer_check(const struct plan *plan, struct stats_distribution *out, struct err *err);

#endif
