/* A long computation with and without sleep(0), which gives every other task a turn.
 *
 *     turns = 0
 *
 *     def work():
 *         end = time.perf_counter() + 0.05
 *         while time.perf_counter() < end:
 *             pass
 *
 *     async def background():
 *         global turns
 *         while True:
 *             turns += 1
 *             await asyncio.sleep(0)
 *
 *     async def main():
 *         task = asyncio.create_task(background())
 *         for _ in range(5):
 *             work()
 *         print("turns without sleep(0):", turns)     # 0
 *         for _ in range(5):
 *             work()
 *             await asyncio.sleep(0)
 *         print("turns with sleep(0):", turns)        # 5
 *         task.cancel()
 */
#include "demo_run.h"

#include <errno.h>

#define STEPS 5

struct background {
    struct demo_run *d;
    unsigned row;
    int turns;
};

static int background(void *arg)
{
    struct background *b = arg;
    int err = 0;

    while (err == 0) {
        recorder_mark(b->d->recorder, b->row, "%d", ++b->turns);
        err = task_yield();
    }
    return err;
}

/* Compute for 50 ms, and hold the loop. */
static void work(struct demo_run *d)
{
    uint64_t end_ns = clock_add_ns(clock_now_ns(), demo_scaled(d, NS_PER_S / 20));

    recorder_enter(d->recorder, DEMO_MAIN, SPAN_HOLDING, "work");
    while (clock_now_ns() < end_ns)
        ;
    recorder_leave(d->recorder, DEMO_MAIN);
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct background b = {.d = d, .row = recorder_row(d->recorder, "background")};
    struct task *task = task_create(coro_create(background, &b));
    int without, with, err = 0;

    if (task == NULL)
        return -ENOMEM;
    demo_say(d, "main", "works in %d steps", STEPS);
    for (int i = 0; i < STEPS; i++)
        work(d);
    without = b.turns;
    demo_say(d, "main", "the other task had %d turns; now with sleep(0) behind each step", without);
    for (int i = 0; i < STEPS && err == 0; i++) {
        work(d);
        err = task_yield();
    }
    with = b.turns - without;
    demo_say(d, "main", "the other task had %d turns", with);
    demo_end_tasks(&task, 1);
    demo_check(d, without == 0, "without sleep(0) the other task had no turn");
    demo_check(d, with == STEPS, "with it, one turn behind each step");
    demo_expected(d, "0 and %d turns", STEPS);
    demo_measured(d, "%d and %d turns", without, with);
    demo_expect(d, NS_PER_S / 2, "ten steps of {50ms}: sleep(0) takes no time of its own");
    return err;
}

const struct demo demo_sleep_zero = {
    .name = "sleep-zero",
    .summary = "main computes in steps of {50ms}, first without sleep(0), then with it",
    .lesson = "a task that only computes lets no other run; sleep(0) gives each of them a turn",
    .model = "tasks",
    .main = main_coro,
};
