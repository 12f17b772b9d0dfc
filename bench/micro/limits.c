/* What tasks stand beside, apart from libuv, without any code of tva's runtime: records, which are
 * functions in a ready list and have no stack, and stacks switched by Boost.Context through such a
 * list. Both do what the row says and no more: no cancellation, no results, no look at the system
 * between steps. */
#include "base/clock.h"
#include "micro/micro.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

/* First in, first out. */
struct entry {
    struct entry *next;
};

struct queue {
    struct entry *head, *tail; /* tail is meaningful while head != NULL */
};

static inline void push(struct queue *q, struct entry *e)
{
    e->next = NULL;
    if (q->head == NULL)
        q->head = e;
    else
        q->tail->next = e;
    q->tail = e;
}

static inline void *pop(struct queue *q)
{
    struct entry *e = q->head;

    if (e != NULL)
        q->head = e->next;
    return e;
}

static struct queue ready, unused, sleeping; /* of records or of fibers */

/* Memory for one from those that have ended, or from malloc(). */
static void *take(size_t size)
{
    void *old = pop(&unused);

    return old != NULL ? old : malloc(size);
}

static void note_cpu(uint64_t begin_ns, const struct micro_input *in, struct micro_output *out)
{
    out->of[MICRO_VALUE] = (double)(micro_cpu_ns() - begin_ns) / (double)in->operations;
}

/* ---- Records ---- */

struct record {
    struct entry entry; /* first: a record is an entry */
    void (*run)(struct record *r);
    uint64_t left; /* steps to make; or when to go on, in ns */
};

/* Make n and run until all have ended. 0 or -ENOMEM. */
static int run_records(uint64_t n, void (*run)(struct record *r), uint64_t left)
{
    struct record *r;

    for (uint64_t i = 0; i < n; i++) {
        r = take(sizeof *r);
        if (r == NULL)
            return -ENOMEM;
        *r = (struct record){.run = run, .left = left};
        push(&ready, &r->entry);
    }
    while ((r = pop(&ready)) != NULL)
        r->run(r);
    return 0;
}

static void end(struct record *r)
{
    push(&unused, &r->entry);
}

int create_record(const struct micro_input *in, struct micro_output *out)
{
    uint64_t begin_ns = micro_cpu_ns();
    int err = 0;

    for (uint64_t done = 0; done < in->operations && err == 0; done += in->n)
        err = run_records(in->n, end, 0);
    note_cpu(begin_ns, in, out);
    return err;
}

static void step(struct record *r)
{
    if (r->left == 0)
        return;
    r->left--;
    push(&ready, &r->entry);
}

int yield_record(const struct micro_input *in, struct micro_output *out)
{
    uint64_t begin_ns = micro_cpu_ns();
    int err = run_records(in->n, step, in->operations / in->n);

    note_cpu(begin_ns, in, out);
    return err;
}

/* All wait for as long: first come, first served. */
static void begin_sleep(struct record *r)
{
    r->left = clock_now_ns() + MICRO_SLEEP_MS * NS_PER_MS;
    push(&sleeping, &r->entry);
}

static int sleep_all(uint64_t n)
{
    int err = run_records(n, begin_sleep, 0);
    uint64_t now_ns = 0;
    struct record *r;

    while ((r = pop(&sleeping)) != NULL) {
        while (now_ns < r->left) {
            micro_sleep_until(r->left);
            now_ns = clock_now_ns();
        }
        end(r);
    }
    return err;
}

static int run_sleeps(const struct micro_input *in, bool warm, struct micro_output *out)
{
    struct usage before;
    uint64_t begin_ns;
    int err = 0;

    usage_read(&before);
    if (warm)
        err = sleep_all(in->n);
    begin_ns = clock_now_ns();
    err = err < 0 ? err : sleep_all(in->n);
    micro_note(CLOCK_MONOTONIC, begin_ns, &before, NS_PER_MS, in->n, out);
    out->of[MICRO_VALUE] -= MICRO_SLEEP_MS;
    return err;
}

int sleeps_record(const struct micro_input *in, struct micro_output *out)
{
    return run_sleeps(in, false, out);
}

int sleeps_warm_record(const struct micro_input *in, struct micro_output *out)
{
    return run_sleeps(in, true, out);
}

/* ---- Fibers: each has a stack from its first step to its end ---- */

/* Bytes: a cache line more than 2 KiB, so that the top ends do not share places in the caches. */
#define STACK_BYTES (2048 + 64)
#define STACKS_MAX  10000

struct transfer {
    void *context, *data;
};

extern struct transfer jump_fcontext(void *to, void *data);
extern void *make_fcontext(void *stack_top, size_t size, void (*fn)(struct transfer from));

struct fiber {
    struct entry entry;
    void *context; /* NULL: has not begun */
    char *stack;
    uint64_t left;
};

static struct {
    char *stacks[STACKS_MAX]; /* not in use */
    size_t n;
    void *context; /* of the scheduler, while a fiber runs */
} pool;

static void yield(struct fiber *f)
{
    push(&ready, &f->entry);
    pool.context = jump_fcontext(pool.context, NULL).context;
}

/* Sanitizers do not know of the switches, and must not count the calls either. */
static __attribute__((no_sanitize("thread", "address"))) void run_fiber(struct transfer from)
{
    struct fiber *f = from.data;

    pool.context = from.context;
    while (f->left-- > 0)
        yield(f);
    pool.stacks[pool.n++] = f->stack;
    push(&unused, &f->entry);
    jump_fcontext(pool.context, NULL);
}

/* Make n and run until all have ended. */
static int run_fibers(uint64_t n, uint64_t yields)
{
    struct fiber *f;

    for (uint64_t i = 0; i < n; i++) {
        f = take(sizeof *f);
        if (f == NULL)
            return -ENOMEM;
        *f = (struct fiber){.left = yields};
        push(&ready, &f->entry);
    }
    while ((f = pop(&ready)) != NULL) {
        if (f->context == NULL) {
            f->stack = pool.stacks[--pool.n];
            f->context = make_fcontext(f->stack, STACK_BYTES, run_fiber);
        }
        f->context = jump_fcontext(f->context, f).context;
    }
    return 0;
}

/* All stacks have been touched before the clock starts. */
static int make_stacks(uint64_t n)
{
    char *all = mmap(NULL, n * STACK_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (all == MAP_FAILED)
        return -ENOMEM;
    for (uint64_t i = n; i > 0; i--)
        pool.stacks[pool.n++] = all + i * STACK_BYTES;
    return 0;
}

int create_fcontext(const struct micro_input *in, struct micro_output *out)
{
    int err = make_stacks(in->n);
    uint64_t begin_ns = micro_cpu_ns();

    for (uint64_t done = 0; done < in->operations && err == 0; done += in->n)
        err = run_fibers(in->n, 0);
    note_cpu(begin_ns, in, out);
    return err;
}

int yield_fcontext(const struct micro_input *in, struct micro_output *out)
{
    int err = make_stacks(in->n);
    uint64_t begin_ns = micro_cpu_ns();

    if (err == 0)
        err = run_fibers(in->n, in->operations / in->n);
    note_cpu(begin_ns, in, out);
    return err;
}
