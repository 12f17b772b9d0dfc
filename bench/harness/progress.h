/* Progress on stderr: a line that is redrawn on a terminal; elsewhere, and where NO_COLOR or a dumb
 * terminal forbids escapes, a plain line a round. One thread. */
#ifndef TVA_BENCH_PROGRESS_H
#define TVA_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool quiet, redraws;
    bool drawn; /* the terminal shows a line that can be redrawn */
};

/* quiet: show notes only. */
void progress_init(struct progress *p, bool quiet);

/* Tell that a run begins: `done` of `total` are over, the rest will take about left_ns. */
void progress_run(struct progress *p, size_t done, size_t total, const char *name,
                  uint64_t left_ns);

/* Tell that a round is over. */
void progress_round(struct progress *p, unsigned round, unsigned rounds, size_t done, size_t total,
                    uint64_t left_ns);

/* Print a sentence on a line of its own. */
void progress_note(struct progress *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Erase the redrawn line. */
void progress_end(struct progress *p);

#endif
