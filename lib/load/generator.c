#include "load/generator.h"

#include "base/clock.h"
#include "base/signals.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_BYTES (128 * 1024)
#define SLICE_NS    (100 * NS_PER_US)

/* As <linux/sched/types.h> has it, which cannot be included beside <sched.h>. */
struct sched_attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

/* Ask for short slices (Linux 6.12, EEVDF): the scheduler lets such a thread preempt the running
 * one sooner. Older kernels ignore it. */
static void ask_for_short_slices(void)
{
    struct sched_attributes a = {.size = sizeof a, .runtime = SLICE_NS};

    (void)syscall(SYS_sched_setattr, 0, &a, 0);
}

/* Settle the calling thread as the generator's: scheduling and timer slack. The threads that it
 * creates, for jobs, must not be real-time ones. */
static void settle(bool fair)
{
    const struct sched_param lowest = {.sched_priority = 1};

    if (!fair && sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest) == 0)
        return; /* timer slack is not for real-time threads */
    prctl(PR_SET_TIMERSLACK, 1);
    ask_for_short_slices();
}

/* False when `stop` was posted before deadline_ns. */
static bool sleep_until(sem_t *stop, uint64_t deadline_ns)
{
    struct timespec deadline = clock_timespec(deadline_ns);

    while (sem_clockwait(stop, CLOCK_MONOTONIC, &deadline) != 0)
        if (errno == ETIMEDOUT)
            return true;
    return false;
}

/* Stamp all arrivals that are due by now. Returns how many have come so far. */
static size_t stamp_due(struct generator *g, size_t i)
{
    uint64_t now_ns = clock_now_ns();

    for (; i < g->count && g->begin_ns + g->samples[i].intended_ns <= now_ns; i++) {
        g->samples[i].intended_ns += g->begin_ns;
        g->samples[i].submitted_ns = now_ns;
    }
    return i;
}

static void *generate(void *arg)
{
    struct generator *g = arg;
    size_t arrived = 0;
    bool going = true;

    settle(g->fair);
    while (going && arrived < g->count) {
        size_t due = stamp_due(g, arrived);

        if (due > arrived) {
            going = g->arrive(g->arg, arrived, due) >= 0 && sem_trywait(&g->stop) != 0;
            arrived = due;
        } else {
            going = sleep_until(&g->stop, g->begin_ns + g->samples[due].intended_ns);
        }
    }
    g->over(g->arg, arrived);
    return NULL;
}

int generator_start(struct generator *g)
{
    sigset_t others;
    pthread_attr_t attr;
    int err;

    signals_for_others(&others);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setsigmask_np(&attr, &others);
    sem_init(&g->stop, 0, 0);
    err = pthread_create(&g->thread, &attr, generate, g);
    pthread_attr_destroy(&attr);
    if (err != 0)
        sem_destroy(&g->stop);
    return -err;
}

void generator_stop(struct generator *g)
{
    sem_post(&g->stop);
}

void generator_join(struct generator *g)
{
    pthread_join(g->thread, NULL);
    sem_destroy(&g->stop);
}

/* ---- How late the machine wakes an idle generator ---- */

struct sleeps {
    uint64_t *errors_ns;
    size_t n;
    uint64_t span_ns;
};

static void *sleep_and_note(void *arg)
{
    struct sleeps *s = arg;
    sem_t never;

    settle(false);
    sem_init(&never, 0, 0);
    for (size_t i = 0; i < s->n; i++) {
        uint64_t due_ns = clock_now_ns() + s->span_ns;

        sleep_until(&never, due_ns);
        s->errors_ns[i] = clock_now_ns() - due_ns;
    }
    sem_destroy(&never);
    return NULL;
}

int generator_timer_errors(uint64_t *errors_ns, size_t n, uint64_t span_ns)
{
    struct sleeps s = {.errors_ns = errors_ns, .n = n, .span_ns = span_ns};
    pthread_t thread;
    int err = pthread_create(&thread, NULL, sleep_and_note, &s);

    if (err == 0)
        pthread_join(thread, NULL);
    return -err;
}
