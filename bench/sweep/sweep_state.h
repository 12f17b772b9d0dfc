/* The state of a sweep that is not finished: a file with the runs that are, so that the same
 * command goes on where it was stopped, be it by Ctrl-C, a crash or SIGKILL.
 *
 * The file begins with a header: what sweep it is of, as text (`identity`, one fact a line), the
 * seed, and a checksum. A record follows for each finished run: the cell's options as `tva cell`
 * takes them, the record in the form of run/run_wire.h, and a checksum of each part; it is synced
 * before the run counts as finished. What a crash leaves of a record at the end of the file is cut
 * off, and costs that run; any other fault, another identity, and a file that is no state are
 * refused, and the file is left as it is. While it is open, other processes cannot open it.
 *
 * One thread at a time. */
#ifndef TVA_BENCH_SWEEP_STATE_H
#define TVA_BENCH_SWEEP_STATE_H

#include "base/err.h"
#include "run/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sweep_state;

#define SWEEP_STATE_IDENTITY_MAX (1 << 20)

/* Open the file, or make it when there is none. *seed: what to begin with; the file's own when
 * there is one, unless `seed_given`, where another seed is another sweep. 0; -EINVAL when the file
 * is not this sweep's or is damaged, -EBUSY when another process has it open, or another negative
 * errno; with *err set. */
int sweep_state_open(const char *path, const char *identity, uint64_t *seed, bool seed_given,
                     struct sweep_state **out, struct err *err);

/* Was something cut off at the end when it was opened? */
bool sweep_state_was_cut(const struct sweep_state *s);

/* How many runs it holds, and the options of the cell of run number `index`; owned by the state. */
size_t sweep_state_count(const struct sweep_state *s);
const char *sweep_state_key(const struct sweep_state *s, size_t index);

/* Take run number `index` out of the file; free it with run_record_deinit(). 0 or a negative errno
 * with *err set. */
int sweep_state_read(struct sweep_state *s, size_t index, struct run_record *out, struct err *err);

/* Append a run and sync. Its number is the count before. 0 or a negative errno with *err set; then
 * the file is as before. */
int sweep_state_append(struct sweep_state *s, const char *key, const struct run_record *record,
                       struct err *err);

/* Close it; `done`: and remove the file. s may be NULL. */
void sweep_state_close(struct sweep_state *s, bool done);

#endif
