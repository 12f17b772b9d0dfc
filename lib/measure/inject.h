/* Faults planted in the jobs of a run, to try out what looks for regressions.
 *
 *   syscall=K   K calls of getppid(2) after each job
 *   poll=K      K calls of poll(2) after each job, which find nothing
 *   alloc=K     K times malloc(64) and free() after each job
 *   leak=SIZE   SIZE bytes are allocated and written to after each job, and freed when the run is
 *               over, so that leak checkers report no planted leak
 *   stack=SIZE  after each job, SIZE more bytes of the stack are written to
 *   spin=K      K steps of an empty loop after each job
 *   stall=T     the thread that ends the first measured job sleeps for T, once
 *   slowdown=S  each job takes longer by the share S, by kind:
 *     CPU time  For each thread that runs jobs, all CPU time that it uses (for its jobs, and for
 *               the model, the loop and the kernel between two of them) is followed by S times as
 *               much, in which it computes. The thread pays after a job, in pieces of some
 *               microseconds; after several jobs where these are shorter. Reading the thread's CPU
 *               clock is part of what it pays.
 *     waiting   The time of a job (finished - started) without the CPU time that its thread used
 *               meanwhile is followed by S times as much in which the job waits, through its own
 *               io. Where the jobs of a thread follow each other, short waits are saved up until
 *               they are long enough for a timer, and a timer's lateness shortens the next wait.
 *               CPU time of other threads (libuv's pool, the target) counts as waiting.
 *
 * So a batch that computes or waits takes the share S longer, and so does one that does both,
 * unless one hides behind the other: a client that computes S longer while the target is the
 * bottleneck is not slower. In a pool, threads that share a core wait for each other in the same
 * way. At the end of a run, less than a piece is left unpaid. Where every job has a lane of its own
 * it also has a wait of its own, whose timer costs CPU time. */
#ifndef TVA_MEASURE_INJECT_H
#define TVA_MEASURE_INJECT_H

#include "base/err.h"
#include "measure/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- The faults of a cell. Any thread ---- */

/* All 0: none. In the order of the keys in inject.c. */
struct inject_fault {
    uint64_t slowdown;    /* share of a job's time, in millionths */
    uint64_t syscalls;    /* more, a job */
    uint64_t polls;       /* more, a job */
    uint64_t allocs;      /* more, a job; freed again */
    uint64_t stall_ns;    /* once */
    uint64_t leak_bytes;  /* a job */
    uint64_t stack_bytes; /* more, a job */
    uint64_t steps;       /* more, a job */
};

#define INJECT_MODEL_SIZE 32

/* Parse "model=tasks,slowdown=5%,stall=20ms". model[INJECT_MODEL_SIZE] gets the model, "" for all.
 * 0, or -EINVAL with *err set: an unknown key, a value out of its range, or no fault. */
int inject_fault_parse(const char *text, char *model, struct inject_fault *out, struct err *err);

/* True when there is a fault. */
bool inject_fault_present(const struct inject_fault *f);

/* Let the faults of `over` replace those of the same kind in *f. */
void inject_fault_override(struct inject_fault *f, const struct inject_fault *over);

/* Text that parses as the same faults, without a model; "" for none; returns buf.
 * INJECT_TEXT_SIZE bytes are enough. */
#define INJECT_TEXT_SIZE 160
char *inject_fault_format(const struct inject_fault *f, char *buf, size_t size);

/* ---- Planting them in a run ---- */

struct inject;

/* How jobs meet on a lane. */
enum inject_lanes {
    INJECT_LANES_ALONE, /* one follows the other, and the thread runs no other meanwhile */
    INJECT_LANES_SHARE, /* one follows the other, and other lanes are on the same thread */
    INJECT_LANES_OWN,   /* none follows another, so waits cannot be saved up for the next */
};

/* Plant these faults. Measures its own cost first, in some microseconds. NULL when out of memory.
 */
struct inject *inject_create(const struct inject_fault *fault, enum inject_lanes lanes);

/* When the run is over, and no job is in progress. NULL does nothing. */
void inject_destroy(struct inject *in);

/* CPU time of this thread counts from now on; without this call, from its first job. */
void inject_mark(struct inject *in);

/* A job begins, on the thread that runs it. Returns what inject_after() needs. */
uint64_t inject_before(struct inject *in);

/* The job has ended, and its sample is complete. On the same thread, in the same task. `measured`
 * is false for warm-up. Plants the faults and makes them part of the sample: it finished later, and
 * if a planted wait was canceled it failed with -ECANCELED. */
void inject_after(struct inject *in, struct sample *sample, struct io *io, uint64_t before,
                  bool measured);

#endif
