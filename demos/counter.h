/* The article's counter: ten sleeps of a millisecond, and how long each of them took. It is what
 * suffers when something else holds the loop.
 *
 *     async def counter():
 *         for i in range(10):
 *             begin = time.perf_counter()
 *             await asyncio.sleep(0.001)
 *             print(i, time.perf_counter() - begin)
 */
#ifndef TVA_DEMOS_COUNTER_H
#define TVA_DEMOS_COUNTER_H

#include "demo_run.h"

#define COUNTER_BEATS 10

struct counter {
    struct demo_run *d;
    unsigned row;
    int beats; /* made so far */
    uint64_t took_ns[COUNTER_BEATS];
};

/* Make it ready to be run; its row comes under those that there are. */
void counter_init(struct counter *c, struct demo_run *d);

/* The body of the coroutine; arg is a struct counter. 0 or -ECANCELED. */
int counter(void *arg);

/* The longest of its beats from the one given (counted from 0), and their mean, in ns. */
uint64_t counter_longest_ns(const struct counter *c, int from);
double counter_mean_ns(const struct counter *c, int from);

#endif
