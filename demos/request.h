/* The article's request(i): a second's wait for an answer, which is i.
 *
 *     async def request(i):
 *         await asyncio.sleep(1)
 *         return i
 */
#ifndef TVA_DEMOS_REQUEST_H
#define TVA_DEMOS_REQUEST_H

#include "demo_run.h"

#define REQUESTS 5

struct request {
    struct demo_run *d;
    int number;
    unsigned row;
    char name[24];
    uint64_t started_ns, done_ns; /* 0: not yet */
};

/* The body of the coroutine; arg is a struct request. Its number, or -ECANCELED. */
int request(void *arg);

/* Call it five times: coroutine objects 1 to 5, of which none runs. 0, or -ENOMEM and none made. */
int requests_call(struct request requests[REQUESTS], struct coro *coros[REQUESTS],
                  struct demo_run *d);

/* How many have started, and how many are done. */
struct requests_count {
    int started, done;
} requests_count(const struct request requests[REQUESTS]);

/* Claim that the results are 1 to 5 in order, and show them. */
void requests_check_results(struct demo_run *d, const int results[REQUESTS]);

#endif
