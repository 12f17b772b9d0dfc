/* The promise: a permit is waited for under every io backend as a deadline and a cancellation
 * allow, whether it comes from the same loop or from another thread; those who wait get theirs in
 * turn, and one that came too late for its waiter goes to the next. */
#include "async/loop.h"
#include "io/io_semaphore.h"
#include "support/contract.h"

#include <errno.h>
#include <pthread.h>

#define SPAN_NS (5 * NS_PER_MS)

static void permits_are_taken_and_given_back(struct contract *t)
{
    struct io_semaphore *s = io_semaphore_create(2);

    EXPECT(t, s != NULL);
    EXPECT_EQ(t, io_semaphore_acquire(s, t->io, NO_DEADLINE), 0);
    EXPECT_EQ(t, io_semaphore_acquire(s, t->io, io_now(t->io)), -ETIMEDOUT);
    EXPECT_EQ(t, io_semaphore_acquire(s, t->io, contract_patience(t)), 0);
    io_semaphore_release(s);
    io_semaphore_release(s);
    for (int i = 0; i < 2; i++)
        EXPECT_EQ(t, io_semaphore_acquire(s, t->io, NO_DEADLINE), 0);
    io_semaphore_destroy(s);
}

static void a_wait_ends_at_its_deadline(struct contract *t)
{
    struct io_semaphore *s = io_semaphore_create(0);

    EXPECT(t, s != NULL);
    for (int i = 0; i < 3; i++) {
        uint64_t deadline_ns = io_now(t->io) + SPAN_NS;

        EXPECT_EQ(t, io_semaphore_acquire(s, t->io, deadline_ns), -ETIMEDOUT);
        EXPECT(t, io_now(t->io) >= deadline_ns);
    }
    io_semaphore_release(s);
    EXPECT_EQ(t, io_semaphore_acquire(s, t->io, contract_patience(t)), 0);
    io_semaphore_destroy(s);
}

static void *release_later(void *arg)
{
    struct timespec pause = clock_timespec(2 * SPAN_NS);

    nanosleep(&pause, NULL);
    io_semaphore_release(arg);
    return NULL;
}

static void another_thread_gives_the_permit(struct contract *t)
{
    struct io_semaphore *s = io_semaphore_create(0);

    EXPECT(t, s != NULL);
    for (int bounded = 0; bounded < 2; bounded++) {
        pthread_t thread;
        int r;

        EXPECT_EQ(t, pthread_create(&thread, NULL, release_later, s), 0);
        r = io_semaphore_acquire(s, t->io, bounded ? contract_patience(t) : NO_DEADLINE);
        pthread_join(thread, NULL);
        EXPECT_EQ(t, r, 0);
    }
    EXPECT_EQ(t, io_semaphore_acquire(s, t->io, io_now(t->io) + SPAN_NS), -ETIMEDOUT);
    io_semaphore_destroy(s);
}

/* ---- Tasks in line ---- */

#define TASKS 4

static struct visitor {
    struct io_semaphore *s;
    struct io *io;
    uint64_t deadline_ns;
    int result, place; /* place: the order in which they went on */
} visitors[TASKS];
static int places;

static int visit(void *arg)
{
    struct visitor *v = arg;

    v->result = io_semaphore_acquire(v->s, v->io, v->deadline_ns);
    v->place = places++;
    return 0;
}

static struct task *start(struct contract *t, struct io_semaphore *s, int i)
{
    visitors[i] = (struct visitor){.s = s, .io = t->io, .deadline_ns = NO_DEADLINE};
    return task_create(coro_create(visit, &visitors[i]));
}

/* The third is canceled while it waits, the first just after it was given its permit: so both
 * permits go to the second and the fourth. */
static void tasks_are_served_in_turn_and_none_loses_a_permit(struct contract *t)
{
    const int results[TASKS] = {-ECANCELED, 0, -ECANCELED, 0};
    struct io_semaphore *s = io_semaphore_create(0);
    struct task *tasks[TASKS];

    if (task_current() == NULL) {
        io_semaphore_destroy(s);
        return;
    }
    EXPECT(t, s != NULL);
    places = 0;
    for (int i = 0; i < TASKS; i++) {
        tasks[i] = start(t, s, i);
        EXPECT(t, tasks[i] != NULL);
    }
    EXPECT_EQ(t, task_yield(), 0);
    EXPECT(t, task_cancel(tasks[2]));
    io_semaphore_release(s);
    EXPECT(t, task_cancel(tasks[0]));
    io_semaphore_release(s);
    for (int i = 0; i < TASKS; i++) {
        EXPECT_EQ(t, task_await(tasks[i]), 0);
        EXPECT_EQ(t, visitors[i].result, results[i]);
        task_release(tasks[i]);
    }
    EXPECT(t, visitors[1].place < visitors[3].place);
    EXPECT_EQ(t, io_semaphore_acquire(s, t->io, io_now(t->io) + NS_PER_MS), -ETIMEDOUT);
    io_semaphore_destroy(s);
}

int main(void)
{
    const struct contract_case cases[] = {
        {"permits are taken and given back", permits_are_taken_and_given_back, false},
        {"a wait ends at its deadline", a_wait_ends_at_its_deadline, true},
        {"another thread gives the permit", another_thread_gives_the_permit, true},
        {"tasks are served in turn", tasks_are_served_in_turn_and_none_loses_a_permit, true},
    };

    return contract_run("io contract: a resource that jobs share", cases, COUNT_OF(cases));
}
