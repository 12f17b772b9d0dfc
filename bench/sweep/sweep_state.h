/* The state of an unfinished sweep: a file that holds the finished runs, so that the same command
 * continues where it was stopped by Ctrl-C, a crash or SIGKILL.
 *
 * The file begins with a header and the sweep's identity as text, one fact a line. A record follows
 * for each finished run: the cell's options as `tva cell` takes them, and the run in the form of
 * run/run.h. A record is synced before its run counts as finished. When a crash has left an
 * incomplete record at the end, opening cuts it off, and that run is lost. A file with any other
 * fault, of another identity, or that is no state is refused and left as it is. While one process
 * has the file open, others cannot open it. The same program writes and reads it, so numbers are in
 * the machine's own order.
 *
 * One thread at a time. */
#ifndef TVA_BENCH_SWEEP_STATE_H
#define TVA_BENCH_SWEEP_STATE_H

#include "base/err.h"
#include "run/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sweep_state_header {
    uint64_t magic, version;
    uint64_t identity_len; /* bytes of text that follow */
    uint64_t seed;
    uint64_t check; /* of the four above and the text */
};

struct sweep_state_record {
    uint64_t magic;
    uint64_t key_len, payload_len; /* bytes that follow: the cell's options, the run */
    uint64_t data_check;           /* of those */
    uint64_t check;                /* of the four above */
};

struct sweep_state_header sweep_state_header_of(const char *identity, uint64_t seed);

struct sweep_state;

/* Open the file, or create it with *seed. *seed becomes the file's seed; with `seed_given`, a file
 * of another seed is another sweep. 0; -EINVAL when the file is not this sweep's or is damaged,
 * -EBUSY when another process has it open, or another negative errno; with *err set. */
int sweep_state_open(const char *path, const char *identity, uint64_t *seed, bool seed_given,
                     struct sweep_state **out, struct err *err);

/* Did opening cut off an incomplete record? */
bool sweep_state_was_cut(const struct sweep_state *s);

/* How many runs it holds, and the options of the cell of run number `index`; owned by the state. */
size_t sweep_state_count(const struct sweep_state *s);
const char *sweep_state_key(const struct sweep_state *s, size_t index);

/* Read run number `index`; free it with run_record_deinit(). 0 or a negative errno with *err set.
 */
int sweep_state_read(struct sweep_state *s, size_t index, struct run_record *out, struct err *err);

/* Append a run and sync. Its number is the count before. 0 or a negative errno with *err set; then
 * the file is as before. */
int sweep_state_append(struct sweep_state *s, const char *key, const struct run_record *record,
                       struct err *err);

/* Close it, and with `done` remove the file. s may be NULL. */
void sweep_state_close(struct sweep_state *s, bool done);

#endif
