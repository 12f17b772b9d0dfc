/* asyncio in C: three requests at once, a queue between tasks, and a timeout. In Python:
 *
 *     async def request(name, delay):
 *         await asyncio.sleep(delay)
 *         await answers.put(name)
 *
 *     async def main():
 *         await asyncio.gather(request("a", 0.03), request("b", 0.01), request("c", 0.02))
 *         while not answers.empty():
 *             print(await answers.get())
 *         try:
 *             await asyncio.wait_for(request("slow", 60), timeout=0.01)
 *         except TimeoutError:
 *             print("slow: timeout")
 *
 *     asyncio.run(main())
 */
#include "async/gather.h"
#include "async/loop.h"
#include "async/queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define REQUESTS 3

struct request {
    const char *name;
    uint64_t delay_ns;
    struct queue *answers;
};

static int request(void *arg)
{
    struct request *r = arg;
    int result = task_sleep(r->delay_ns);

    return result < 0 ? result : queue_put(r->answers, (void *)r->name, NO_DEADLINE);
}

static struct awaitable *request_awaitable(struct request *r)
{
    return coro_awaitable(coro_create(request, r));
}

static int run_all(void *arg)
{
    struct queue *answers = arg;
    struct request requests[REQUESTS] = {{"a", 30 * NS_PER_MS, answers},
                                         {"b", 10 * NS_PER_MS, answers},
                                         {"c", 20 * NS_PER_MS, answers}};
    struct request slow = {"slow", 60 * NS_PER_S, answers};
    struct awaitable *all[REQUESTS];
    void *name;
    int r;

    for (size_t i = 0; i < REQUESTS; i++)
        all[i] = request_awaitable(&requests[i]);
    r = task_gather(all, REQUESTS, NULL);
    while (r == 0 && queue_size(answers) > 0) {
        r = queue_get(answers, &name, NO_DEADLINE);
        if (r == 0)
            puts(name);
    }
    if (r == 0 && task_wait_for(request_awaitable(&slow), 10 * NS_PER_MS) == -ETIMEDOUT)
        puts("slow: timeout");
    return r;
}

int main(void)
{
    struct queue *answers = queue_create(0);
    struct loop *loop;
    int r = answers != NULL ? loop_create(NULL, &loop) : -ENOMEM;

    if (r == 0) {
        r = loop_run(loop, coro_create(run_all, answers));
        loop_destroy(loop);
    }
    queue_destroy(answers);
    return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
