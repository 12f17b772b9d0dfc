/* A queue between a producer and two consumers, held together by a task group, then by gather.
 *
 *     async def produce(queue):
 *         for item in range(1, 7):
 *             await queue.put(item)           # waits while the queue is full
 *         for _ in range(2):
 *             await queue.put(None)           # no more: one for each consumer
 *
 *     async def consume(queue, bad):
 *         while (item := await queue.get()) is not None:
 *             await asyncio.sleep(0.2)        # works on it
 *             if item == bad:
 *                 raise ValueError(item)
 *
 *     async def in_group(queue, bad):
 *         async with asyncio.TaskGroup() as group:
 *             group.create_task(produce(queue))
 *             for _ in range(2):
 *                 group.create_task(consume(queue, bad))
 *
 *     async def in_gather(queue, bad):
 *         tasks = [asyncio.create_task(produce(queue)),
 *                  asyncio.create_task(consume(queue, bad)),
 *                  asyncio.create_task(consume(queue, bad))]
 *         try:
 *             await asyncio.gather(*tasks)
 *         finally:
 *             print("Number of tasks:", len(asyncio.all_tasks()))
 *             await asyncio.sleep(0.1)        # meanwhile the others go on
 *             for task in tasks:
 *                 task.cancel()
 *             await asyncio.gather(*tasks, return_exceptions=True)
 *
 *     async def main():
 *         await in_group(asyncio.Queue(maxsize=2), bad=None)
 *         for together in in_group, in_gather:
 *             try:
 *                 await together(asyncio.Queue(maxsize=2), bad=3)
 *             except (ValueError, ExceptionGroup) as error:
 *                 # a group has canceled the others by now; behind gather they went on
 *                 print(type(error).__name__, len(asyncio.all_tasks()))
 */
#include "async/gather.h"
#include "async/queue.h"
#include "async/task_group.h"
#include "demo_run.h"

#include <errno.h>

#define ITEMS     6
#define BAD_ITEM  3
#define CONSUMERS 2
#define TASKS     (1 + CONSUMERS)
#define PLACES    2 /* in the queue */

struct consumer {
    struct pipeline *pipeline;
    unsigned row;
    char name[24];
};

/* An item in the queue is a pointer to its number. */
struct pipeline {
    struct demo_run *d;
    struct queue *queue;
    unsigned producer_row;
    struct consumer consumers[CONSUMERS];
    int items[ITEMS];
    int bad;             /* the item that cannot be worked on; 0: none */
    int taken, finished; /* items */
    bool in_order;       /* they were taken in the order in which they were put */
    size_t most;         /* items in the queue at once */
    size_t tasks_left;   /* when the group or gather returned */
};

static int produce(void *arg)
{
    struct pipeline *p = arg;
    int err = 0;

    for (int i = 0; i < ITEMS + CONSUMERS && err == 0; i++) {
        int *item = i < ITEMS ? &p->items[i] : NULL;

        recorder_enter(p->d->recorder, p->producer_row, SPAN_WAITING, "%s", item ? "put" : "None");
        err = queue_put(p->queue, item, NO_DEADLINE);
        if (queue_size(p->queue) > p->most)
            p->most = queue_size(p->queue);
        if (err == 0 && item != NULL)
            demo_say(p->d, "producer", "has put item %d", *item);
    }
    recorder_leave(p->d->recorder, p->producer_row);
    return err;
}

static int work_on(struct consumer *c, int item)
{
    struct pipeline *p = c->pipeline;
    int err;

    p->in_order = p->in_order && item == ++p->taken;
    demo_say(p->d, c->name, "works on item %d", item);
    recorder_enter(p->d->recorder, c->row, SPAN_WAITING, "%sitem %d", item == p->bad ? "bad " : "",
                   item);
    err = task_sleep(demo_scaled(p->d, NS_PER_S / 5));
    if (err == 0 && item == p->bad)
        return -EBADMSG;
    p->finished += err == 0;
    return err;
}

static int consume(void *arg)
{
    struct consumer *c = arg;
    struct demo_run *d = c->pipeline->d;
    void *item;
    int err;

    do {
        recorder_enter(d->recorder, c->row, SPAN_WAITING, "get");
        err = queue_get(c->pipeline->queue, &item, NO_DEADLINE);
        if (err == 0 && item != NULL)
            err = work_on(c, *(int *)item);
    } while (err == 0 && item != NULL);
    recorder_leave(d->recorder, c->row);
    if (err < 0)
        demo_say(d, c->name, err == -ECANCELED ? "is canceled" : "fails (-EBADMSG)");
    return err;
}

/* Call number i: the producer, then the consumers. A coroutine object, NULL when out of memory. */
static struct coro *call(struct pipeline *p, int i)
{
    struct consumer *c;

    if (i == 0)
        return coro_create(produce, p);
    c = &p->consumers[i - 1];
    return coro_create_named(consume, c, c->name);
}

static int in_group(struct pipeline *p)
{
    struct task_group group;
    int err = 0;

    task_group_init(&group);
    for (int i = 0; i < TASKS && err == 0; i++)
        err = task_group_create(&group, call(p, i));
    if (err < 0) {
        task_group_cancel(&group);
        return err;
    }
    recorder_enter(p->d->recorder, DEMO_MAIN, SPAN_WAITING, "task group");
    err = task_group_wait(&group);
    p->tasks_left = loop_all_tasks(p->d->loop, NULL, 0);
    return err;
}

static int in_gather(struct pipeline *p)
{
    struct task *tasks[TASKS];
    struct awaitable *awaitables[TASKS];
    int made, err = 0;

    for (made = 0; made < TASKS; made++) {
        tasks[made] = task_create(call(p, made));
        if (tasks[made] == NULL)
            break;
        awaitables[made] = task_awaitable(tasks[made]);
    }
    recorder_enter(p->d->recorder, DEMO_MAIN, SPAN_WAITING, "gather");
    err = made == TASKS ? task_gather_or_error(awaitables, TASKS, NULL) : -ENOMEM;
    p->tasks_left = loop_all_tasks(p->d->loop, NULL, 0);
    recorder_enter(p->d->recorder, DEMO_MAIN, SPAN_WAITING, "sleep");
    task_sleep(demo_scaled(p->d, NS_PER_S / 10));
    demo_end_tasks(tasks, made);
    return err;
}

/* Send the items through an empty queue. 0, -EBADMSG when one was bad, or another error. */
static int send_items(struct pipeline *p, int (*in)(struct pipeline *p), int bad)
{
    int err;

    p->bad = bad;
    p->taken = p->finished = 0;
    p->in_order = true;
    p->most = 0;
    p->queue = queue_create(PLACES);
    if (p->queue == NULL)
        return -ENOMEM;
    err = in(p);
    queue_destroy(p->queue);
    recorder_leave(p->d->recorder, DEMO_MAIN);
    demo_say(p->d, "main", "%s; number of tasks: %zu", err == 0 ? "all is done" : "got the error",
             p->tasks_left);
    return err;
}

static struct pipeline pipeline(struct demo_run *d)
{
    struct pipeline p = {.d = d, .producer_row = recorder_row(d->recorder, "producer")};

    for (int i = 0; i < ITEMS; i++)
        p.items[i] = i + 1;
    for (int i = 0; i < CONSUMERS; i++) {
        snprintf(p.consumers[i].name, sizeof p.consumers[i].name, "consumer %d", i + 1);
        p.consumers[i].row = recorder_row(d->recorder, p.consumers[i].name);
    }
    return p;
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct pipeline p = pipeline(d);
    size_t left_by_group;
    int err;

    for (int i = 0; i < CONSUMERS; i++)
        p.consumers[i].pipeline = &p;
    demo_say(d, "main", "starts a producer and two consumers in a task group");
    err = send_items(&p, in_group, 0);
    if (err < 0)
        return err;
    demo_check(d, p.finished == ITEMS && p.in_order, "every item was taken once, and in order");
    demo_check(d, p.most == PLACES, "the producer waited: the queue never held more than %d items",
               PLACES);

    demo_say(d, "main", "starts them again, with a bad item");
    err = send_items(&p, in_group, BAD_ITEM);
    if (err != -EBADMSG)
        return err;
    left_by_group = p.tasks_left;
    demo_check(d, left_by_group == 1, "the group canceled the others before it gave the error");

    demo_say(d, "main", "the same with gather");
    err = send_items(&p, in_gather, BAD_ITEM);
    if (err != -EBADMSG)
        return err;
    demo_check(d, p.tasks_left == TASKS, "gather gave the error and left the others running");
    demo_expected(d, "1 and 3 tasks left");
    demo_measured(d, "%zu and %zu tasks left", left_by_group, p.tasks_left);
    demo_expect(d, 3 * NS_PER_S / 2, "3, 2 and 2 items of {200ms} in turn, a sleep of {100ms}");
    return 0;
}

const struct demo demo_producer_consumers = {
    .name = "producer-consumers",
    .summary = "a queue between a producer and two consumers, in a task group; one fails",
    .lesson = "a queue makes a quick producer wait; a task group leaves no task behind",
    .model = "tasks",
    .main = main_coro,
};
