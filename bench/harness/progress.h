/* Progress on stderr: on a terminal a line that is redrawn, with the medians so far below it;
 * elsewhere, and where NO_COLOR or a dumb terminal forbids escapes, a plain line a round. One
 * thread. */
#ifndef TVA_BENCH_PROGRESS_H
#define TVA_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool quiet, redraws;
    bool drawn; /* the terminal shows something that can be redrawn, and the cursor is before it */
};

/* quiet: show notes only. */
void progress_init(struct progress *p, bool quiet);

/* Are runs shown at all, so that it is worth finding out what they came to? */
bool progress_shows_runs(const struct progress *p);

/* Tell that a run begins: `done` of `total` are over, the rest will take about left_ns. `so_far`
 * says what the runs before it came to, "" for nothing. */
void progress_run(struct progress *p, size_t done, size_t total, const char *name, uint64_t left_ns,
                  const char *so_far);

/* Tell that a round is over. */
void progress_round(struct progress *p, unsigned round, unsigned rounds, size_t done, size_t total,
                    uint64_t left_ns);

/* Print a sentence on a line of its own. */
void progress_note(struct progress *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Erase what is redrawn. */
void progress_end(struct progress *p);

#endif
