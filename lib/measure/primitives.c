#include "measure/primitives.h"

#include "base/clock.h"
#include "base/text.h"
#include "math/stats.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STRETCHES   31 /* each time is the least of these */
#define PAGES       32
#define THREADS     4
#define ROUND_TRIPS 16
#define CALLS       128

#define WAITING_THREADS 256

/* Connections, of two descriptors each. The first of them fit into what others have freed. Of the
 * others, the median growth over STEPS counts: a kernel's thread counts pages by the CPU and adds
 * its count up now and then, so that single steps differ. */
#define CONNECTIONS_FIRST 400
#define CONNECTIONS_STEP  60
#define STEPS             10
#define CONNECTIONS       (CONNECTIONS_FIRST + STEPS * CONNECTIONS_STEP)
#define TRIES             4
#define TRIES_APART       0.1 /* two that differ by less agree */

#define STACK_BYTES (64 * 1024)

/* What is done in a stretch; returns how often, 0 when it cannot be done. */
typedef unsigned stretch_fn(void);

static double least_ns(stretch_fn *fn)
{
    double least = INFINITY;

    for (unsigned i = 0; i < STRETCHES; i++) {
        uint64_t begin_ns = clock_now_ns();
        unsigned n = fn();

        if (n == 0)
            return NAN;
        least = fmin(least, (double)(clock_now_ns() - begin_ns) / n);
    }
    return least;
}

/* Huge pages would make one fault of many. */
static unsigned touch_pages(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    volatile char *at =
        mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return 0;
    madvise((void *)at, PAGES * page, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < PAGES; i++)
        at[i * page] = 1;
    munmap((void *)at, PAGES * page);
    return PAGES;
}

static void *do_nothing(void *arg)
{
    return arg;
}

static unsigned make_threads(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, do_nothing, NULL) != 0)
            return 0;
        pthread_join(thread, NULL);
    }
    return THREADS;
}

static void wait_for(sem_t *s)
{
    while (sem_wait(s) != 0 && errno == EINTR)
        ;
}

/* Two threads that wake each other in turn. */
static sem_t ping, pong;

static void *answer(void *arg)
{
    for (;;) {
        wait_for(&ping);
        if (*(_Atomic bool *)arg)
            return NULL;
        sem_post(&pong);
    }
}

static unsigned wake_and_wait(void)
{
    for (unsigned i = 0; i < ROUND_TRIPS; i++) {
        sem_post(&ping);
        wait_for(&pong);
    }
    return 2 * ROUND_TRIPS;
}

static double least_wake_ns(void)
{
    _Atomic bool ended = false;
    pthread_t other;
    double ns;

    sem_init(&ping, 0, 0);
    sem_init(&pong, 0, 0);
    if (pthread_create(&other, NULL, answer, &ended) != 0)
        return NAN;
    ns = least_ns(wake_and_wait);
    ended = true;
    sem_post(&ping);
    pthread_join(other, NULL);
    return ns;
}

static unsigned call_the_system(void)
{
    for (unsigned i = 0; i < CALLS; i++)
        syscall(SYS_getppid);
    return CALLS;
}

static unsigned read_the_clock(void)
{
    for (unsigned i = 0; i < CALLS; i++)
        clock_now_ns();
    return CALLS;
}

/* ---- Kernel memory ---- */

/* Kernel stacks and slabs of the whole machine; NAN when the kernel does not tell. */
static double kernel_bytes(void)
{
    char text[8192];
    uint64_t slabs_kib, stacks_kib;

    slabs_kib = text_number(text_read("/proc/meminfo", text, sizeof text), "\nSlab:");
    stacks_kib = text_number(text, "\nKernelStack:");
    return slabs_kib > 0 && stacks_kib > 0 ? 1024 * (double)(slabs_kib + stacks_kib) : NAN;
}

static void *wait_to_end(void *arg)
{
    wait_for(arg);
    return NULL;
}

static double thread_kernel_bytes(void)
{
    pthread_t threads[WAITING_THREADS];
    double before = kernel_bytes(), each;
    pthread_attr_t attr;
    unsigned n = 0;
    sem_t end;

    sem_init(&end, 0, 0);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    while (n < WAITING_THREADS && pthread_create(&threads[n], &attr, wait_to_end, &end) == 0)
        n++;
    pthread_attr_destroy(&attr);
    each = n == WAITING_THREADS ? (kernel_bytes() - before) / n : NAN;
    for (unsigned i = 0; i < n; i++)
        sem_post(&end);
    for (unsigned i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    return each > 0 ? each : NAN;
}

/* Both ends of `count` more connections to a listening socket; false when there are no more. They
 * end by a reset, which leaves nothing in the kernel. */
static bool connect_more(int listener, int ends[][2], unsigned count)
{
    const struct linger reset = {.l_onoff = 1};
    struct sockaddr_in addr;
    socklen_t len = sizeof addr;

    if (getsockname(listener, (struct sockaddr *)&addr, &len) < 0)
        return false;
    for (unsigned n = 0; n < count; n++) {
        ends[n][0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        setsockopt(ends[n][0], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        if (connect(ends[n][0], (const struct sockaddr *)&addr, len) < 0)
            return false;
        ends[n][1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (ends[n][1] < 0)
            return false;
    }
    return true;
}

/* Do more threads want to run than there are CPUs? Those on this CPU make and free structures
 * between two steps, and tries that are wrong may agree. */
static bool is_crowded(void)
{
    unsigned running = 0;
    char text[64];

    return sscanf(text_read("/proc/loadavg", text, sizeof text), "%*f %*f %*f %u", &running) == 1 &&
           running > (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
}

/* What one end takes, by one try; NAN without descriptors for all, and on a machine so busy. */
static double try_connections(int listener)
{
    double steps[STEPS], before, each = NAN;
    int ends[CONNECTIONS][2];
    bool all;

    memset(ends, -1, sizeof ends);
    all = connect_more(listener, ends, CONNECTIONS_FIRST);
    before = kernel_bytes();
    for (unsigned k = 0; k < STEPS && all; k++) {
        double after;

        all =
            !is_crowded() && connect_more(listener, &ends[CONNECTIONS_FIRST + k * CONNECTIONS_STEP],
                                          CONNECTIONS_STEP);
        after = kernel_bytes();
        steps[k] = (after - before) / (2 * CONNECTIONS_STEP);
        before = after;
    }
    if (all && !isnan(before))
        each = stats_median(steps, STEPS);
    for (unsigned i = 0; i < CONNECTIONS && ends[i][0] >= 0; i++) {
        close(ends[i][0]);
        close(ends[i][1]);
    }
    return each;
}

/* What two tries agree on, one after the other; NAN when no two do, since others make and free too
 * much meanwhile. */
static double agreed(int listener)
{
    double last = NAN;

    for (unsigned i = 0; i < TRIES; i++) {
        double each = try_connections(listener);

        if (fabs(each - last) < TRIES_APART * each)
            return (each + last) / 2;
        last = each;
    }
    return NAN;
}

/* On one CPU, so that the pages are counted and taken from one place. */
static double connection_kernel_bytes(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), cpu = sched_getcpu();
    cpu_set_t all, one;
    double each = NAN;
    bool pinned;

    CPU_ZERO(&one);
    CPU_SET((size_t)(cpu < 0 ? 0 : cpu), &one);
    pinned =
        sched_getaffinity(0, sizeof all, &all) == 0 && sched_setaffinity(0, sizeof one, &one) == 0;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (const struct sockaddr *)&addr, sizeof addr) == 0 &&
        listen(listener, CONNECTIONS) == 0)
        each = agreed(listener);
    if (pinned)
        sched_setaffinity(0, sizeof all, &all);
    close(listener);
    return each;
}

void primitives_measure(struct primitives *out, bool connections)
{
    *out = (struct primitives){
        .kernel.thread_bytes = thread_kernel_bytes(), /* before others have left free structures */
        .kernel.connection_bytes = connections ? connection_kernel_bytes() : NAN,
        .page_ns = least_ns(touch_pages),
        .thread_ns = least_ns(make_threads),
        .wake_ns = least_wake_ns(),
        .syscall_ns = least_ns(call_the_system),
        .clock_ns = least_ns(read_the_clock),
    };
}
