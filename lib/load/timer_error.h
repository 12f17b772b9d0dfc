/* How late this machine wakes an idle generator: what there is of lateness in an open loop that is
 * nobody's doing. */
#ifndef TVA_LOAD_TIMER_ERROR_H
#define TVA_LOAD_TIMER_ERROR_H

#include <stddef.h>
#include <stdint.h>

/* Sleep n times for span_ns as the generator does, in a thread of its own, and note by how much
 * each sleep was too long. Any thread; takes n x span_ns and more. 0, or -EAGAIN when there is no
 * thread for it. */
int timer_error_measure(uint64_t *errors_ns, size_t n, uint64_t span_ns);

#endif
