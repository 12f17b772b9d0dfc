/* What the runtime itself costs, beside plain libuv callbacks or system calls doing the same.
 *
 * A benchmark is a row of the table in main.c: something to do n times, and the contenders that do
 * it. Every measurement is a process of its own; rounds alternate between the contenders. */
#ifndef TVA_MICRO_H
#define TVA_MICRO_H

#include "async/coro.h"
#include "async/task.h"
#include "base/clock.h"
#include "measure/usage.h"
#include "model/model.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct micro_input {
    uint64_t n;                /* tasks, connections: what the row says */
    uint64_t operations;       /* over all of them, where these make many: a multiple of n */
    struct sockaddr_in target; /* of the echo benchmarks */
    const struct model *model; /* the contender's */
};

enum micro_figure {
    MICRO_VALUE, /* in the benchmark's unit */
    MICRO_BYTES_A_TASK,
    MICRO_CPU_NS, /* CPU time of this process an operation */
    MICRO_P99,    /* in the benchmark's unit, where MICRO_VALUE is a median */
    MICRO_FIGURES
};

struct micro_output {
    double of[MICRO_FIGURES]; /* 0 where it was not measured */
};

/* Do the work and measure it. In a process of its own. 0 or a negative errno. */
typedef int micro_run(const struct micro_input *in, struct micro_output *out);

struct micro_contender {
    const char *name;
    micro_run *run;
    const struct model *model; /* through whose io its tasks wait; NULL: model_tasks. A row is left
                                  out where the system cannot run it */
};

#define MICRO_CONTENDERS 5
#define MICRO_SLEEP_MS   100 /* of the rows of sleeps */

struct micro_bench {
    const char *name, *what, *unit;
    uint64_t n, operations; /* of micro_input */
    bool more_is_better;
    bool needs_target;
    bool shows_memory, shows_p99;                        /* its figure is worth a column */
    uint64_t touch_bytes;                                /* memory the host should have ready */
    uint64_t rounds_max;                                 /* of a long one; 0: as many as asked */
    struct micro_contender contenders[MICRO_CONTENDERS]; /* the last is the reference */
};

/* Create a task fn(args + i * stride) for each i < n by create(), which is task_create() or
 * task_create_parkable(), gather and release them: most benchmarks measure a variation of this.
 * From a task. 0, or the first error. */
typedef struct task *micro_create(struct coro *coro);
int micro_gather(micro_create *create, uint64_t n, coro_fn *fn, void *args, size_t stride);

/* CPU time of this process: what a figure is of where nothing waits. */
static inline uint64_t micro_cpu_ns(void)
{
    return clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

struct micro_moment {
    uint64_t wall_ns, cpu_ns;
};

static inline struct micro_moment micro_now(void)
{
    return (struct micro_moment){clock_now_ns(), micro_cpu_ns()};
}

/* Note `count` operations since `begin`: how many a second, and this process's CPU time for each.
 */
static inline void micro_note_rate(struct micro_moment begin, uint64_t count,
                                   struct micro_output *out)
{
    struct micro_moment end = micro_now();

    out->of[MICRO_VALUE] = (double)count / clock_seconds(end.wall_ns - begin.wall_ns);
    out->of[MICRO_CPU_NS] = (double)(end.cpu_ns - begin.cpu_ns) / (double)count;
}

/* May return before, on a signal. */
static inline void micro_sleep_until(uint64_t deadline_ns)
{
    struct timespec t = clock_timespec(deadline_ns);

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Note what `operations` took since begin_ns, each, by the clock; and the memory at its peak that
 * came since `before`, for each of n. */
void micro_note(clockid_t clock, uint64_t begin_ns, const struct usage *before, double operations,
                uint64_t n, struct micro_output *out);

struct micro_options {
    const char *output; /* JSON file, NULL for none */
    const char *only;   /* benchmarks whose name begins so; NULL for all */
    uint64_t rounds;
    bool quick; /* a hundredth of each row's tasks, connections and operations */
};

/* Rounds over a table of benchmarks, in which the contenders take turns: measure, print medians on
 * stdout and progress on stderr, write. The exit status: 0 or 1. */
int micro_rounds(const struct micro_bench *benches, size_t n, const struct micro_options *o);

/* The contenders, a file a subject. */
micro_run create_tva, create_own, create_uv, create_record, create_fcontext;
micro_run yield_tva, yield_own, yield_uv, yield_record, yield_fcontext;
micro_run sleeps_tva, sleeps_own, sleeps_uv, sleeps_warm_tva, sleeps_warm_uv;
micro_run sleeps_record, sleeps_warm_record;
micro_run echo_tva, echo_job, echo_uv, echo_epoll, echo_ring;
micro_run held_cell, held_epoll;
micro_run beat_tva, beat_uv, beat_nanosleep;
micro_run timers_equal_tva, timers_equal_uv, timers_random_tva, timers_random_uv;
micro_run cached_tva, cached_uring, cached_uv, cached_nowait, cached_yielding, cached_pread,
    cached_ring, cached_ring_kept;
micro_run offload_tva, offload_uv;

#endif
