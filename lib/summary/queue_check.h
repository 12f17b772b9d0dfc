/* Does a queue that was measured behave as queueing theory says? Pure functions, any thread.
 *
 * Theory knows no cost but waiting for a server: a job that finds one free begins at once. A
 * machine has to hand the job over first, and to wake a thread or a loop for it. So the wait is
 * split:
 *
 *   queueing wait  intended to started, of jobs that found all servers busy; 0 of the others. This
 *                  is the wait that theory predicts.
 *   hand-off       intended to started, of jobs that found a server free, where theory has 0: what
 *                  it costs to have a job begin. It is reported, and not compared with theory.
 *
 * Where servers are unlimited nobody waits; there the number in the system that jobs find when they
 * come is compared, which is Poisson's, and the same as over time (Wolff, "Poisson arrivals see
 * time averages", Operations Research 30, 1982).
 *
 * A run of seconds has few independent waits: at 90 % utilisation one busy period lasts for
 * seconds. So there are two means. `measured`, with its interval by batch means, includes the luck
 * of the draw. `adjusted` is free of it: the same arrivals with the same service
 * times are played through an ideal queue (theory_fifo_waits()), whose mean is known to be theory's
 * in the long run, and measured - ideal + theory is what a long run would measure: a control
 * variate with coefficient 1. What it differs from theory by is the implementation's. */
#ifndef TVA_SUMMARY_QUEUE_CHECK_H
#define TVA_SUMMARY_QUEUE_CHECK_H

#include "math/stats_series.h"
#include "math/theory_queue.h"
#include "run/run.h"

#include <stdbool.h>
#include <stddef.h>

#define QUEUE_CHECK_KS_ALPHA     0.01 /* there are many cells, and a run is to pass as a whole */
#define QUEUE_CHECK_KS_IDEAL_MAX 0.05
#define QUEUE_CHECK_JOBS_MAX     200000 /* of longer runs the first; it takes 32 bytes a job */

struct queue_check {
    struct theory_queue_result theory;
    bool unlimited;  /* its values are numbers in the system, else waits in s */
    double expected; /* their mean by theory */
    struct stats_batch_means measured;
    double ideal; /* the ideal queue's mean, of the jobs that `measured` is of */
    struct stats_batch_means adjusted;
    size_t jobs, found_free; /* that were looked at; and how many found a server free */
    double waited;           /* the share that did not; theory.wait_probability */
    double hand_off_s;       /* mean of those who did; NAN when there were none */
    double ks;               /* their distribution from theory's: distance */
    double ks_critical;      /* so far it may be, for as many independent values as it has */
    double ks_ideal;         /* its distance from the ideal queue's */
};

/* What came of a criterion. Only QUEUE_OFF is the implementation's doing. */
enum queue_verdict {
    QUEUE_OK,       /* as near to theory as asked for, as measured */
    QUEUE_INTERVAL, /* not so near, but theory is within the measured interval */
    QUEUE_LUCK,     /* nor this, but it is what the ideal queue did with the same jobs */
    QUEUE_OFF       /* further from theory than that queue, and than asked for */
};

extern const char *const queue_verdict_words[]; /* "ok", "interval", "luck", "off" */

/* How near the mean has to be to theory, as a share of it: 5 %, above a utilisation of 0.8 10 %. */
double queue_check_tolerance(const struct queue_check *c);

/* What hand-offs add to the queueing wait of those behind, on average in s: hand-off x the share
 * that waits. A busy period begins later by the hand-off of its first job, and all that wait in it
 * do so longer by as much. Exact for one server: Welch, "On a generalized M/G/1 queuing process in
 * which the first customer of each busy period receives exceptional service", Operations Research
 * 12 (1964). 0 where servers are unlimited. */
double queue_check_passed_on(const struct queue_check *c);

/* By the mean: off when the adjusted mean's interval is wholly further from theory than the
 * tolerance and what hand-offs pass on, whatever the measured mean says. By the distribution: off
 * when it is further than QUEUE_CHECK_KS_IDEAL_MAX from the ideal queue's; luck when it is only
 * further from theory's than chance has it. */
enum queue_verdict queue_check_mean_verdict(const struct queue_check *c);
enum queue_verdict queue_check_ks_verdict(const struct queue_check *c);

/* Check samples[count], all of them served, in the order in which they were wanted, from an empty
 * system on; the first `warmup` are part of the queue but in no mean. `queue`: the rate and the
 * mean service time of the long run, not of these samples, or the luck of the draw would enter
 * theory too; exponential service. 0; -EDOM when the queue is unstable; -ENODATA when there are too
 * few jobs for batch means; -EINVAL, -ENOMEM. */
int queue_check_samples(const struct theory_queue *queue, const struct sample *samples,
                        size_t count, size_t warmup, struct queue_check *out);

/* A cell is off when Little's law is further off than this, too: the two sides of it are counted by
 * different threads. */
#define QUEUE_CHECK_LITTLE_MAX 0.01

/* What a cell's runs come to. */
struct queue_check_cell {
    bool known;
    struct queue_check check;  /* of the run that is furthest from theory */
    struct theory_queue queue; /* that it was compared with */
    double little_error;       /* the largest of all runs */
    bool ok;
};

/* Check an open loop with Poisson arrivals, of jobs that wait for exponential times, of which none
 * was refused or unserved, poisoned or failed. Nothing is known of others, where the queue is
 * unstable or where there are too few jobs. Theory gets the rate that was asked for and the mean
 * duration that was asked for, plus what jobs took longer on average than they were asked to. 0 or
 * -ENOMEM. */
int queue_check_of(const struct cell_runs *in, struct queue_check_cell *out);

#endif
