/* What a load will come to, and whether that makes sense. `jobs` and `warmup_jobs` are the cell's:
 * how many are wanted, and how many before them to warm up, where the load does not say a time. Any
 * thread. */
#ifndef TVA_LOAD_LOAD_CHECK_H
#define TVA_LOAD_LOAD_CHECK_H

#include "base/err.h"
#include "load/load.h"

#define LOAD_JOBS_MAX            10000000ULL /* in one run, warm-up included */
#define LOAD_CLIENTS_MAX         1000000ULL
#define LOAD_DURATION_MAX_NS     (24 * 3600 * 1000000000ULL)
#define LOAD_DURATION_DEFAULT_NS (10 * 1000000000ULL)

/* Of a load by time, when nothing else is asked for: warm-up takes a tenth of the duration, at most
 * a second; jobs may begin for as long as the load took, at most 10 s. The latter also by number.
 */
uint64_t load_warmup_default_ns(const struct load *load);
uint64_t load_drain_default_ns(const struct load *load, uint64_t jobs);

/* How many jobs are wanted in all, as the mean of random arrivals: `jobs` (0: by time) and those of
 * warm-up, `warmup_jobs` unless that is by time. 0 for a closed loop by time: nobody knows. */
double load_expected_jobs(const struct load *load, uint64_t jobs, uint64_t warmup_jobs);

/* How long the load lasts from the first job wanted to the last, without drain. 0 where that is not
 * known: a batch, or a closed loop by number. */
uint64_t load_span_ns(const struct load *load, uint64_t jobs, uint64_t warmup_jobs);

/* Does it make sense: at least one job, and not more than memory holds? 0, or -EINVAL with *err
 * naming the figure that does not. */
int load_check(const struct load *load, uint64_t jobs, uint64_t warmup_jobs, struct err *err);

#endif
