/* What makes a loop untrustworthy: a generator that did not keep its schedule, jobs that do not add
 * up, jobs that were not served, a run that never settled. */
#ifndef TVA_SUMMARY_TRUST_LOAD_H
#define TVA_SUMMARY_TRUST_LOAD_H

#include "summary/summary.h"

/* A dispatch may be so much later than the machine's own timers are, at p99.9; at the greatest
 * percentile that the samples carry where they are too few. */
#define TRUST_LATENESS_MAX_NS 1000000.0

/* Append why a loop is invalid. `timer_error`: the document's context.timer_error_ns, or NULL. 0 or
 * -ENOMEM. */
int trust_load_add_reasons(json_t *reasons, const struct summary_input *in, const json_t *summary,
                           const json_t *timer_error);

/* Append what to know about it. 0 or -ENOMEM. */
int trust_load_add_warnings(json_t *warnings, const struct summary_input *in,
                            const json_t *summary);

#endif
