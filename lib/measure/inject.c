#include "measure/inject.h"

#include "base/clock.h"
#include "base/param.h"
#include "base/text.h"

#include <alloca.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALLOC_BYTES   64
#define LEAK_MIN      16 /* room for a struct leaked */
#define STACK_MAX     (16 << 10)
#define PAGE_BYTES    4096
#define CLOCK_READS   16
#define BRIEF_NS      (20 * NS_PER_US) /* shorter jobs do not wait */
#define PERIOD_MIN_NS (20 * NS_PER_US) /* between payments of CPU time, at least */
#define PERIOD_MAX_NS NS_PER_MS        /* and at most */
#define PERIOD_READS  16               /* a payment is worth so many readings of the clock */
#define HOOK_CALLS    256
#define WAIT_PIECE_NS (200 * NS_PER_US) /* waits are saved up to this */
#define WAIT_LEAST_NS (50 * NS_PER_US)  /* the shortest wait where none can be saved up */

/* ---- The faults of a cell ---- */

enum { MODEL, SLOWDOWN, SYSCALL, POLL, ALLOC, STALL, LEAK, STACK, SPIN, KEYS };

_Static_assert(sizeof(struct inject_fault) == (KEYS - SLOWDOWN) * sizeof(uint64_t),
               "a member for each key");

static const char *const any_model[] = {"", NULL};

static const struct param keys[KEYS] = {
    [MODEL] = {"model", PARAM_TEXT, 0, 0, INJECT_MODEL_SIZE - 1, any_model,
               "the model whose jobs have the faults; by default all models"},
    [SLOWDOWN] = {"slowdown", PARAM_SHARE, 0, 1, PARAM_SHARE_ONE, NULL,
                  "each job takes longer by this share, in computing and in waiting"},
    [SYSCALL] = {"syscall", PARAM_COUNT, 0, 1, 1000, NULL, "more system calls a job"},
    [POLL] = {"poll", PARAM_COUNT, 0, 1, 1000, NULL, "more calls of poll(2) a job"},
    [ALLOC] = {"alloc", PARAM_COUNT, 0, 1, 1000, NULL,
               "more heap allocations a job, 64 bytes each, freed again"},
    [STALL] = {"stall", PARAM_DURATION, 0, 1, 60 * NS_PER_S, NULL,
               "the thread of the first measured job sleeps for this time, once"},
    [LEAK] = {"leak", PARAM_SIZE, 0, LEAK_MIN, 64 << 20, NULL, "bytes leaked a job"},
    [STACK] = {"stack", PARAM_SIZE, 0, 1, STACK_MAX, NULL,
               "more bytes of stack that a job touches"},
    [SPIN] = {"spin", PARAM_COUNT, 0, 1, 1000000, NULL, "more steps of an empty loop a job"},
};

int inject_fault_parse(const char *text, char *model, struct inject_fault *out, struct err *err)
{
    struct param_texts texts = {.used = 0};
    uint64_t values[KEYS];
    int r = param_parse(keys, KEYS, "--inject", text, values, &texts, err);

    if (r < 0)
        return r;
    snprintf(model, INJECT_MODEL_SIZE, "%s", param_text(&keys[MODEL], values[MODEL], &texts));
    memcpy(out, &values[SLOWDOWN], sizeof *out);
    if (inject_fault_present(out))
        return 0;
    return err_set(err, -EINVAL,
                   "--inject \"%s\" plants no fault: give slowdown, syscall, poll, alloc, stall, "
                   "leak, stack or spin",
                   text);
}

bool inject_fault_present(const struct inject_fault *f)
{
    static const struct inject_fault none;

    return memcmp(f, &none, sizeof none) != 0;
}

void inject_fault_override(struct inject_fault *f, const struct inject_fault *over)
{
    uint64_t values[KEYS], others[KEYS];

    memcpy(&values[SLOWDOWN], f, sizeof *f);
    memcpy(&others[SLOWDOWN], over, sizeof *over);
    for (size_t k = SLOWDOWN; k < KEYS; k++)
        if (others[k] > 0)
            values[k] = others[k];
    memcpy(f, &values[SLOWDOWN], sizeof *f);
}

char *inject_fault_format(const struct inject_fault *f, char *buf, size_t size)
{
    uint64_t values[KEYS];
    char value[32];

    buf[0] = '\0';
    memcpy(&values[SLOWDOWN], f, sizeof *f);
    for (size_t k = SLOWDOWN; k < KEYS; k++)
        if (values[k] > 0)
            text_add(buf, size, "%s%s=%s", buf[0] != '\0' ? "," : "", keys[k].name,
                     param_format(&keys[k], values[k], NULL, value, sizeof value));
    return buf;
}

/* ---- Planting them in a run ---- */

struct leaked {
    struct leaked *next;
};

struct inject {
    struct inject_fault fault;
    double share;
    enum inject_lanes lanes;
    bool every_job;     /* a fault in every job takes time */
    uint64_t id;        /* tells the lanes of this run from those of another in the same process */
    uint64_t read_ns;   /* cost of reading a thread's CPU clock */
    double hook_ns;     /* cost of looking at a job */
    uint64_t period_ns; /* least time between two payments of CPU time */
    atomic_bool stalled;
    _Atomic(struct leaked *) leaked;
};

/* The debt of a thread that runs jobs. */
struct lane {
    uint64_t id;          /* of the inject that it belongs to; another id: the lane is new */
    uint64_t paid_ns;     /* time of the last payment of CPU time, */
    uint64_t paid_cpu_ns; /* and the thread's CPU clock then */
    double own_ns;        /* CPU time that planting itself has used since */
    double cpu_debt_ns;   /* < 0: planting has used more than it had to plant */
    double wait_debt_ns;  /* saved up; < 0: a timer was late */
    bool brief;           /* the last job was */
};

/* Thread-local, because models do not name their threads. */
static _Thread_local struct lane thread_lane;

static uint64_t thread_cpu_ns(void)
{
    return clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
}

static uint64_t clock_cost_ns(void)
{
    uint64_t least = UINT64_MAX;

    for (int i = 0; i < CLOCK_READS; i++) {
        uint64_t first = thread_cpu_ns(), took = thread_cpu_ns() - first;

        least = took < least ? took : least;
    }
    return least;
}

void inject_destroy(struct inject *in)
{
    struct leaked *l = in != NULL ? atomic_load(&in->leaked) : NULL;

    while (l != NULL) {
        struct leaked *next = l->next;

        free(l);
        l = next;
    }
    free(in);
}

void inject_mark(struct inject *in)
{
    if (in->fault.slowdown > 0)
        thread_lane = (struct lane){.id = in->id,
                                    .paid_ns = clock_now_ns(),
                                    .paid_cpu_ns = thread_cpu_ns(),
                                    .own_ns = (double)in->read_ns};
}

uint64_t inject_before(struct inject *in)
{
    if (in->fault.slowdown == 0)
        return 0;
    if (thread_lane.id != in->id) {
        inject_mark(in);
        return thread_lane.paid_cpu_ns;
    }
    if (thread_lane.brief)
        return 0;
    thread_lane.own_ns += (double)in->read_ns;
    return thread_cpu_ns();
}

/* volatile: else the compiler would leave out what nobody reads. */
static void use_resources(const struct inject_fault *f)
{
    volatile char *stack = f->stack_bytes > 0 ? alloca(f->stack_bytes) : NULL;
    volatile uint64_t step;

    for (uint64_t i = 0; i < f->syscalls; i++)
        syscall(SYS_getppid);
    for (uint64_t i = 0; i < f->polls; i++)
        poll(NULL, 0, 0);
    for (uint64_t i = 0; i < f->allocs; i++) {
        char *volatile block = malloc(ALLOC_BYTES);

        free(block);
    }
    for (uint64_t at = 0; at < f->stack_bytes; at += PAGE_BYTES)
        stack[at] = 1;
    for (step = 0; step < f->steps; step++)
        ;
}

/* Without memory there is no leak. */
static void leak(struct inject *in)
{
    struct leaked *l = malloc(in->fault.leak_bytes);

    if (l == NULL)
        return;
    memset(l, 1, in->fault.leak_bytes);
    l->next = atomic_load(&in->leaked);
    while (!atomic_compare_exchange_weak(&in->leaked, &l->next, l))
        ;
}

static void stall(const struct inject *in)
{
    uint64_t end_ns = clock_add_ns(clock_now_ns(), in->fault.stall_ns);
    struct timespec end = clock_timespec(end_ns);

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
        ;
}

/* Compute until the thread has used so much CPU time, mostly without a system call. Returns the CPU
 * time used then. */
static uint64_t compute_until(const struct inject *in, uint64_t cpu_ns, uint64_t until_cpu_ns)
{
    while (cpu_ns + in->read_ns < until_cpu_ns) {
        uint64_t end_ns = clock_now_ns() + (until_cpu_ns - cpu_ns) - in->read_ns;

        while (clock_now_ns() < end_ns)
            ;
        cpu_ns = thread_cpu_ns();
    }
    return cpu_ns;
}

static void pay_cpu(const struct inject *in, struct lane *lane, uint64_t cpu_ns)
{
    double used_ns = (double)(cpu_ns - lane->paid_cpu_ns), own_ns = lane->own_ns;

    lane->cpu_debt_ns += in->share * (used_ns - own_ns) - own_ns;
    lane->paid_cpu_ns = cpu_ns;
    if (lane->cpu_debt_ns > 0) {
        lane->paid_cpu_ns = compute_until(in, cpu_ns, cpu_ns + (uint64_t)lane->cpu_debt_ns);
        lane->cpu_debt_ns -= (double)(lane->paid_cpu_ns - cpu_ns);
    }
    lane->own_ns = (double)in->read_ns; /* half of a reading is over, half comes with the next */
    lane->paid_ns = clock_now_ns();
}

/* As io_sleep(). If no other job runs on this thread meanwhile, all CPU time until it returns is
 * the cost of planting. */
static int plant_wait(const struct inject *in, struct lane *lane, struct io *io, double wait_ns)
{
    bool alone = in->lanes == INJECT_LANES_ALONE;
    uint64_t before_ns = alone ? thread_cpu_ns() : 0;
    int r = io_sleep(io, (uint64_t)wait_ns);

    if (alone)
        lane->own_ns += (double)(thread_cpu_ns() - before_ns + in->read_ns);
    return r;
}

/* 0 or -ECANCELED. While it waits, other jobs may run on this thread. */
static int pay_wait(const struct inject *in, struct lane *lane, struct io *io, double wait_ns)
{
    uint64_t begin_ns;
    int r;

    if (in->lanes == INJECT_LANES_OWN)
        return wait_ns < WAIT_LEAST_NS ? 0 : io_sleep(io, (uint64_t)wait_ns);
    lane->wait_debt_ns += wait_ns;
    if (lane->wait_debt_ns < WAIT_PIECE_NS)
        return 0;
    wait_ns = lane->wait_debt_ns;
    lane->wait_debt_ns = 0;
    begin_ns = io_now(io);
    r = plant_wait(in, lane, io, wait_ns);
    lane->wait_debt_ns += wait_ns - (double)(io_now(io) - begin_ns);
    return r;
}

/* As inject_after(); *paid tells whether it took any time. */
static int slow_down(const struct inject *in, const struct sample *sample, struct io *io,
                     uint64_t before, bool *paid)
{
    uint64_t took_ns = sample_service_ns(sample), cpu_ns, used_ns;
    struct lane *lane = &thread_lane;
    bool due = sample->finished_ns - lane->paid_ns >= in->period_ns;
    double wait_ns = 0;

    lane->brief = took_ns < BRIEF_NS;
    lane->own_ns += in->hook_ns;
    *paid = due || !lane->brief;
    if (!*paid)
        return 0;
    cpu_ns = thread_cpu_ns();
    used_ns = cpu_ns - (before > 0 ? before : lane->paid_cpu_ns);
    if (!lane->brief && took_ns > used_ns)
        wait_ns = in->share * (double)(took_ns - used_ns);
    if (due)
        pay_cpu(in, lane, cpu_ns);
    else
        lane->own_ns += (double)in->read_ns;
    return pay_wait(in, lane, io, wait_ns);
}

/* The cost of looking at a job that is too brief for more. */
static double hook_cost_ns(struct inject *in)
{
    struct sample brief = {0};
    uint64_t least = UINT64_MAX;

    for (int i = 0; i < CLOCK_READS; i++) {
        uint64_t begin_ns = clock_now_ns(), took;
        bool paid;

        for (int k = 0; k < HOOK_CALLS; k++)
            slow_down(in, &brief, NULL, inject_before(in), &paid);
        took = clock_now_ns() - begin_ns;
        least = took < least ? took : least;
    }
    thread_lane.id = 0;
    return (double)least / HOOK_CALLS;
}

struct inject *inject_create(const struct inject_fault *fault, enum inject_lanes lanes)
{
    struct inject *in = calloc(1, sizeof *in);
    struct inject_fault each = *fault;
    double period;

    if (in == NULL)
        return NULL;
    in->fault = *fault;
    in->lanes = lanes;
    each.slowdown = each.stall_ns = 0;
    in->every_job = inject_fault_present(&each);
    in->id = clock_now_ns();
    in->share = (double)fault->slowdown / PARAM_SHARE_ONE;
    if (fault->slowdown == 0)
        return in;
    in->read_ns = clock_cost_ns();
    in->period_ns = UINT64_MAX; /* nothing falls due while this is measured */
    in->hook_ns = hook_cost_ns(in);
    period = PERIOD_READS * (double)in->read_ns / in->share;
    in->period_ns = period < PERIOD_MIN_NS   ? PERIOD_MIN_NS
                    : period > PERIOD_MAX_NS ? PERIOD_MAX_NS
                                             : (uint64_t)period;
    return in;
}

void inject_after(struct inject *in, struct sample *sample, struct io *io, uint64_t before,
                  bool measured)
{
    const struct inject_fault *f = &in->fault;
    bool paid = false;
    int r = 0;

    use_resources(f);
    if (f->leak_bytes > 0)
        leak(in);
    if (f->slowdown > 0 && sample->result != -ECANCELED)
        r = slow_down(in, sample, io, before, &paid);
    if (f->stall_ns > 0 && measured && !atomic_exchange(&in->stalled, true)) {
        stall(in);
        paid = true;
    }
    if (r < 0)
        sample->result = r;
    if (paid || in->every_job)
        sample->finished_ns = clock_now_ns();
}
