/* Ranks: processes on one or more hosts that carry out each run of a cell together (`mpirun -n K
 * tva run --ranks`). Rank 0 plans, measures its own share, merges and writes; the others serve it.
 *
 * A run, seen from rank 0:
 *
 *   RUN    to each rank: the options of the cell. Each starts its own child, as the harness does.
 *   READY  from each, once its child has prepared everything (of a batch: has warmed up).
 *   CLOCK, TIME   some round trips: by how much does the rank's clock differ just now?
 *   BEGIN  to each: the moment at which all begin, on the rank's own clock.
 *   ASK    to each, when rank 0's own child has ended.
 *   REPORT from each, when its child has ended, too: how it went.
 *   SEND, PIECE   the child's record, piece by piece (run/run.h: run_merge()).
 *
 * ASK and ALIVE also go in between, so that rank 0 notices a rank that is gone; CANCEL ends a run,
 * QUIT the session. Rank 0 asks and the others answer: none of them ever waits in the middle of
 * sending. A rank that was silent for RANKS_SILENT_NS is lost, and with it the session: what was
 * measured is written, with the run that lacks its share. mpirun tells rank 0 by SIGTERM that a
 * rank died, and grants it a second (Open MPI's odls_base_sigkill_timeout); then a roll call finds
 * out which. With --enable-recovery mpirun says nothing, and the others finish the run. When rank 0
 * dies, each of the others sees it by a connection, and ends by itself.
 *
 * One thread. */
#ifndef TVA_BENCH_RANKS_H
#define TVA_BENCH_RANKS_H

#include "harness/harness.h"
#include "ranks/ranks_transport.h"
#include "run/run.h"
#include "summary/document.h"

#include <stdio.h>

#define RANKS_SILENT_NS (5 * NS_PER_S)
#define RANKS_ROLL_NS   (300 * NS_PER_MS) /* what a rank may take to answer a roll call */

struct ranks;

/* Join the other ranks by the module "ranks", once in a process. NULL with *err set, which names
 * the package to install where tva was built without MPI. */
struct ranks *ranks_open(struct err *err);

/* The same by a transport that has begun. NULL with *err set. */
struct ranks *ranks_create(const struct ranks_transport *transport, unsigned number, unsigned count,
                           struct err *err);

/* What ranks_open() returned in this process; NULL: nothing. */
struct ranks *ranks_get(void);

unsigned ranks_number(const struct ranks *r);

/* On all but rank 0: serve rank 0 until it ends the session. The exit status, with *err set when
 * rank 0 has died. */
int ranks_serve(struct ranks *r, struct err *err);

/* On rank 0: print what is unusual about the ranks, as `name: ...`. */
void ranks_write_notes(const struct ranks *r, const char *name, FILE *out);

/* On rank 0: how the harness carries out a run with them; NULL where r is NULL or there is one rank
 * alone, which needs no other. */
const struct harness_ranks *ranks_harness(struct ranks *r);

/* On rank 0: the targets that were given. Rank q takes number q mod n in place of a job's own. 0,
 * or -EINVAL with *err set when there are several and r is NULL. `targets` must outlive the
 * session. */
int ranks_use_targets(struct ranks *r, const struct sockaddr_in *targets, size_t n,
                      struct err *err);

/* The ranks for the document, with the clocks measured once more; they stay valid until the end.
 * Without ranks, none. */
void ranks_describe(struct ranks *r, struct document_session *session);

/* End the session, on rank 0 for all, and free it. r may be NULL. */
void ranks_close(struct ranks *r);

#endif
