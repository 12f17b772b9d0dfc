/* Little's law in a cell's runs. math/theory_little.h has the law.
 *
 * The driver of the load keeps two accounts of how long jobs were in the system (service.h): until
 * it looked at its own clock after each end, and until the job's last stamp as it stood then. The
 * samples of the run are a third. They show two faults:
 *
 *   broken  The stamps that the driver saw and the samples have different sums. Both sides are the
 *           same numbers, so no machine is too slow for them to agree: a job was lost or counted
 *           twice, or its stamps changed or lie after the driver's look at the clock.
 *   late    The driver looked at its clock long after the jobs' last stamps. That can be a slow
 *           machine or a last stamp that comes too early; the stamps alone cannot tell. So the
 *           heartbeat of the same run says what is long: the longest that a beat was late. */
#ifndef TVA_SUMMARY_LITTLE_H
#define TVA_SUMMARY_LITTLE_H

#include "math/theory_little.h"
#include "run/run.h"

/* Rounding of sums over CELL_JOBS_MAX jobs stays below this; one lost job of so many does not. */
#define LITTLE_ERROR_MAX 1e-8

/* Lateness below this share of the jobs' time in the system is no news. */
#define LITTLE_LATE_SHARE 0.01

/* The law in one run, the driver's lateness taken out. It is broken when the error is not at most
 * LITTLE_ERROR_MAX. */
struct theory_little_check little_check(const struct run_record *run);

/* The driver's look at its clock - a job's last stamp: mean over the counted jobs of a run; 0
 * without jobs. */
double little_late_ns(const struct run_record *run);

/* Is that more than LITTLE_LATE_SHARE of the jobs' time in the system and more than the longest lag
 * of the run's heartbeat? No for a run without beats, where nothing says what is long. */
bool little_is_late(const struct run_record *run);

/* How many jobs were in the system on average: of a loop by time in that time, jobs wanted before
 * it included; else from the first job to the end of the last. NAN for a batch. */
double little_in_flight(const struct run_record *run, const struct cell *cell);

/* The law in a cell's runs. */
struct little {
    struct theory_little_check worst; /* of the run with the largest error */
    double late_ns;                   /* the largest mean lateness */
};

struct little little_of(const struct cell_runs *in);

#endif
