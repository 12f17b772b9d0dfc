/* Tasks change over only where they await, threads anywhere.
 *
 *     counter = 0
 *
 *     def bump(n):
 *         global counter
 *         for _ in range(n):
 *             counter += 1                # read, add, write
 *
 *     async def bump_in_slices():
 *         for _ in range(10):
 *             bump(1000)
 *             await asyncio.sleep(0)
 *
 *     async def bump_across_await():
 *         global counter
 *         for _ in range(10000):
 *             value = counter
 *             await asyncio.sleep(0)      # between read and write
 *             counter = value + 1
 *
 *     async def main():
 *         for bumper in bump_in_slices, bump_across_await:
 *             before = counter
 *             await asyncio.gather(bumper(), bumper())
 *             print(20000 - (counter - before), "updates lost")   # 0, then 10000
 */
#include "async/gather.h"
#include "async/semaphore.h"
#include "base/units.h"
#include "demo_run.h"

#include <errno.h>
#include <stdatomic.h>

#define SLICES  10
#define AWAITED 10000

/* Threads are given more to do until they lose an update: on a single CPU they must be at it for
 * longer than the kernel lets one run before the other. At most this many, a few seconds. */
#define THREADS_MAX 1000000000L

/* Two that bump one counter. */
struct bumper {
    struct demo_run *d;
    unsigned row;
    atomic_long *counter;
    long n;
    struct semaphore *lock; /* NULL: none */
    uint64_t begin_ns, end_ns;
};

/* counter++ as a plain variable would do it: read, add, write. The race of the threads below is in
 * this function alone. Reading and writing are relaxed atomic accesses, the same machine
 * instructions as plain ones, so that C defines what comes of the race: an update that is lost,
 * nothing else. */
static void bump(atomic_long *counter, long n)
{
    for (long i = 0; i < n; i++) {
        long value = atomic_load_explicit(counter, memory_order_relaxed);

        atomic_store_explicit(counter, value + 1, memory_order_relaxed);
    }
}

static int bump_in_slices(void *arg)
{
    struct bumper *b = arg;
    int err = 0;

    for (int i = 0; i < SLICES && err == 0; i++) {
        recorder_enter(b->d->recorder, b->row, SPAN_HOLDING, "%s", "");
        bump(b->counter, b->n / SLICES);
        recorder_leave(b->d->recorder, b->row);
        err = task_yield();
    }
    return err;
}

/* On a thread of the executor: it must not touch the recorder. */
static int bump_at_once(void *arg)
{
    struct bumper *b = arg;

    b->begin_ns = clock_now_ns();
    bump(b->counter, b->n);
    b->end_ns = clock_now_ns();
    return 0;
}

static int bump_in_thread(void *arg)
{
    struct bumper *b = arg;
    int err = loop_run_in_executor(b->d->loop, NULL, bump_at_once, b);

    if (err == 0)
        recorder_add(b->d->recorder, b->row, SPAN_ACTIVE, b->begin_ns, b->end_ns, "thread");
    return err;
}

static int bump_across_await(void *arg)
{
    struct bumper *b = arg;
    int err = 0;

    recorder_enter(b->d->recorder, b->row, SPAN_ACTIVE, "%s", b->lock ? "lock" : "await");
    for (long i = 0; i < b->n && err == 0; i++) {
        long value;

        if (b->lock != NULL && (err = semaphore_acquire(b->lock, NO_DEADLINE)) < 0)
            break;
        value = atomic_load_explicit(b->counter, memory_order_relaxed);
        err = task_yield(); /* between read and write */
        atomic_store_explicit(b->counter, value + 1, memory_order_relaxed);
        if (b->lock != NULL)
            semaphore_release(b->lock);
    }
    recorder_leave(b->d->recorder, b->row);
    return err;
}

/* A mark at the end of the second row, which is empty from there on. */
static void draw_lost(const struct bumper both[2], long n, long lost)
{
    char made[32], gone[32];

    recorder_mark(both->d->recorder, both[1].row, "%s of %s lost",
                  units_format_count((uint64_t)lost, gone, sizeof gone),
                  units_format_count((uint64_t)(2 * n), made, sizeof made));
}

/* Run fn on both of them at the same time; how many of their updates were lost, or an error. */
static long lost_by(coro_fn *fn, const char *name, struct bumper both[2], long n,
                    struct semaphore *lock)
{
    atomic_long counter = 0;
    struct awaitable *awaitables[2];
    struct coro *coros[2];
    int err;

    for (int i = 0; i < 2; i++) {
        both[i].counter = &counter;
        both[i].n = n;
        both[i].lock = lock;
        coros[i] = coro_create_named(fn, &both[i], name);
    }
    if (coros[0] == NULL || coros[1] == NULL) {
        coro_destroy(coros[0]);
        coro_destroy(coros[1]);
        return -ENOMEM;
    }
    for (int i = 0; i < 2; i++)
        awaitables[i] = coro_awaitable(coros[i]);
    recorder_enter(both->d->recorder, DEMO_MAIN, SPAN_WAITING, "gather(%s)", name);
    err = task_gather(awaitables, 2, NULL);
    recorder_leave(both->d->recorder, DEMO_MAIN);
    return err < 0 ? err : 2 * n - counter;
}

static void tell(const struct bumper both[2], const char *who, long n, long lost)
{
    char made[32], gone[32];

    draw_lost(both, n, lost);
    demo_say(both->d, "main", "%s: %s updates, %s lost", who,
             units_format_count((uint64_t)(2 * n), made, sizeof made),
             units_format_count((uint64_t)lost, gone, sizeof gone));
}

/* *n is how many each of them made at last. */
static long threads_lose(struct bumper both[2], long *n)
{
    long lost = lost_by(bump_in_thread, "bump_in_thread", both, *n, NULL);

    while (lost == 0 && *n < THREADS_MAX) {
        *n *= 2;
        lost = lost_by(bump_in_thread, "bump_in_thread", both, *n, NULL);
    }
    return lost;
}

/* Two of them, with a row each. */
static void add_rows(struct demo_run *d, struct bumper both[2], const char *name)
{
    for (int i = 0; i < 2; i++) {
        char row[SPAN_LABEL_MAX];

        snprintf(row, sizeof row, "%s %d", name, i + 1);
        both[i] = (struct bumper){.d = d, .row = recorder_row(d->recorder, row)};
    }
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct bumper tasks[2], threads[2], awaiting[2], locking[2];
    /* Enough for some milliseconds, so that threads overlap, in whole slices. */
    long n = SLICES * (100000 + (long)(900000 * (d->scale < 1 ? d->scale : 1)));
    long threads_n = n, sliced, threaded, across, locked;
    struct semaphore lock;

    semaphore_init(&lock, 1);
    add_rows(d, tasks, "task");
    add_rows(d, threads, "thread");
    add_rows(d, awaiting, "await");
    add_rows(d, locking, "lock");
    if ((sliced = lost_by(bump_in_slices, "bump_in_slices", tasks, n, NULL)) < 0)
        return (int)sliced;
    tell(tasks, "two tasks that await between updates", n, sliced);
    if ((threaded = threads_lose(threads, &threads_n)) < 0)
        return (int)threaded;
    tell(threads, "two threads with the same function", threads_n, threaded);
    if ((across = lost_by(bump_across_await, "bump_across_await", awaiting, AWAITED, NULL)) < 0)
        return (int)across;
    tell(awaiting, "two tasks that await between read and write", AWAITED, across);
    if ((locked = lost_by(bump_across_await, "bump_across_await", locking, AWAITED, &lock)) < 0)
        return (int)locked;
    tell(locking, "the same, holding a lock meanwhile", AWAITED, locked);

    demo_check(d, sliced == 0, "tasks lose no update between awaits");
    demo_check(d, threaded > 0, "threads do: they are interrupted anywhere");
    demo_check(d, across == AWAITED,
               "with an await between read and write, every second update is lost");
    demo_check(d, locked == 0, "a lock held over the await keeps them all");
    demo_expected(d, "tasks lose 0, threads some");
    demo_measured(d, "tasks lose %ld, threads %ld", sliced, threaded);
    demo_expect(d, DEMO_NO_TIME,
                "a task runs on until it awaits; a thread may be stopped anywhere");
    return 0;
}

const struct demo demo_preemption = {
    .name = "preemption",
    .summary = "two tasks, then two threads, bump one plain counter",
    .lesson = "between two awaits a task has the data to itself; a thread never has",
    .model = "pool",
    .main = main_coro,
};
