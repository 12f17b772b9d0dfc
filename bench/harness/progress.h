/* Progress on stderr: one line redrawn on a terminal, one plain line a round elsewhere and where
 * NO_COLOR or a dumb terminal forbid escapes. One thread. */
#ifndef TVA_BENCH_PROGRESS_H
#define TVA_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool quiet, redraws;
    bool drawn; /* a redrawn line stands on the terminal */
};

/* quiet: show notes only. */
void progress_init(struct progress *p, bool quiet);

/* A run begins: `done` of `total` are over, the rest will take about left_ns. */
void progress_run(struct progress *p, size_t done, size_t total, const char *name,
                  uint64_t left_ns);

/* A round is over. */
void progress_round(struct progress *p, unsigned round, unsigned rounds, size_t done, size_t total,
                    uint64_t left_ns);

/* A sentence on a line of its own. */
void progress_note(struct progress *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Take the redrawn line away. */
void progress_end(struct progress *p);

#endif
