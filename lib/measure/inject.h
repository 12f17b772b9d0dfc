/* Faults planted in the jobs of a run, so that those who look for regressions can be tried out: a
 * model calls inject_before() and inject_after() around a job, inside of its stamps.
 *
 *   syscall=K   K calls of getppid(2) after each job
 *   alloc=K     K times malloc(64) and free() after each job
 *   leak=SIZE   SIZE bytes are allocated and written to after each job, and kept until the run is
 *               over; only then they are freed, so that leak checkers find those leaks alone that
 *               nobody planted
 *   stall=T     the thread that ends the first measured job does nothing for T, once
 *   slowdown=S  what a job takes grows by the share S, by kind:
 *     CPU time  For each thread that runs jobs, all CPU time that it uses (its jobs, and what the
 *               model, the loop and the kernel use on it between two of them) is followed by S
 * times as much, in which it counts as computing. It is paid after a job, in pieces of some
 *               microseconds: not after each job where these are shorter. Reading the thread's CPU
 *               clock, which that takes, is part of what is paid.
 *     waiting   What a job took (finished - started) without the CPU time that its thread used
 *               meanwhile is followed by S times as much in which the job waits, through the same
 *               io as it does. Where the jobs of a thread follow each other, short waits are saved
 *               up until they are long enough for a timer, and what a timer was late is taken off
 *               the next.
 *               CPU time of other threads (of libuv's pool, of the target) counts as waiting.
 *
 * So a batch that computes or waits takes the share S longer, and one that does both too, unless
 * the one hides behind the other: a client that computes S longer while the target is the
 * bottleneck is no slower for it. In a pool, the threads that share a core wait for each other in
 * the same way. What is left over at the end of a run, less than a piece, is not paid. Where every
 * job has a lane of its own it has a wait of its own too, whose timer costs CPU time. */
#ifndef TVA_MEASURE_INJECT_H
#define TVA_MEASURE_INJECT_H

#include "measure/inject_fault.h"
#include "measure/sample.h"

struct inject;

/* How jobs meet on a lane. */
enum inject_lanes {
    INJECT_LANES_ALONE, /* one follows the other, and the thread has no other meanwhile */
    INJECT_LANES_SHARE, /* one follows the other, and other lanes are on the same thread */
    INJECT_LANES_OWN,   /* none follows another: what it waits cannot be saved up for the next */
};

/* Plant these faults. Finds out for that what it costs itself, in some microseconds. NULL when out
 * of memory. */
struct inject *inject_create(const struct inject_fault *fault, enum inject_lanes lanes);

/* When the run is over, and no job is in progress. NULL does nothing. */
void inject_destroy(struct inject *in);

/* CPU time of this thread counts from now on; without it, from its first job. */
void inject_mark(struct inject *in);

/* A job begins: on the thread that runs it. Returns what inject_after() wants to be told. */
uint64_t inject_before(struct inject *in);

/* It has ended, and its sample is complete. On the same thread, in the same task. measured: it is
 * no warm-up. Plants what is to be planted, and makes it part of the sample: it finished later; and
 * it failed with -ECANCELED when that was cut short. */
void inject_after(struct inject *in, struct sample *sample, struct io *io, uint64_t before,
                  bool measured);

#endif
