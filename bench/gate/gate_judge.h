/* Tier 0: a run is compared with the stored baseline.
 *
 * Hard, on any machine: counts a job. An exact count may not rise, instructions not by more than
 * 1 %, those of several threads not by more than 50 %, pages and wake-ups of a loop not by more
 * than 0.5 a job. When the compiler or a library is not the baseline's, some counts change although
 * nobody changed the code. These counts are soft, they only warn; all others stay hard:
 *
 *   architecture, compiler, libc   instructions and pages
 *   or build type
 *   libcurl                        all counts of jobs whose requests libcurl makes
 *   libuv                          all counts of cells whose jobs run on the loop: not pool and
 *                                  threads, and blocking only when its jobs are not one batch,
 *                                  since the loop has its turn between them
 *
 * When no count is hard, the check is inconclusive.
 *
 * Scheduled counts and, on the same machine and build, ratios between models and times are each
 * compared with the interval in which the stored sessions, 8 at least, let the next session's value
 * be expected (math/stats.h). A value outside of it warns and never fails. One thread at a time. */
#ifndef TVA_BENCH_GATE_JUDGE_H
#define TVA_BENCH_GATE_JUDGE_H

#include "gate/gate_shape.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Chance that equal code is warned about at all, shared by all values of a run (Bonferroni). */
#define GATE_JUDGE_WARNED 0.05

enum gate_part { GATE_COUNTS, GATE_SCHEDULES, GATE_RATIOS, GATE_TIMES, GATE_PARTS_COUNT };

enum gate_outcome {
    GATE_SAME,
    GATE_BETTER,
    GATE_WORSE,   /* fails */
    GATE_OUTSIDE, /* a warning */
    GATE_NEW,     /* not in the baseline */
    GATE_UNJUDGED /* too few sessions to say */
};

struct gate_row {
    const char *cell, *metric; /* owned by the documents */
    enum gate_part part;
    enum gate_outcome outcome;
    bool soft;          /* a count that another version of compiler or library may have changed */
    double before, now; /* before: of the baseline, or expected from its sessions; NAN when new */
    double low, high;   /* the expected interval; NAN for counts and when not judged */
};

struct gate {
    struct gate_row *rows;
    size_t count, capacity;
    json_t *extract; /* of the run (gate_extract.h) */
    json_t *faults;  /* sentences: why the two cannot be compared, those of the extract first */
    json_t *notes;   /* sentences: what to know about the comparison */
};

/* Judge a run against a baseline. Both documents must outlive *out. 0 or -ENOMEM; call
 * gate_judge_deinit() in both cases. */
int gate_judge(const json_t *baseline, const json_t *run, struct gate *out);

/* By how much a count of this kind may rise above the baseline's. */
double gate_judge_step(enum metric_kind kind, double before);

/* How many rows have this outcome. */
size_t gate_judge_count(const struct gate *gate, enum gate_outcome outcome);

void gate_judge_deinit(struct gate *gate);

/* Why counts are soft; bits. */
enum gate_mismatch {
    GATE_OTHER_CODE = 1,    /* architecture, compiler, libc or build type */
    GATE_OTHER_LOOP = 2,    /* libuv */
    GATE_OTHER_REQUESTS = 4 /* libcurl */
};

/* What differs between two contexts. A version that one of them lacks differs. */
unsigned gate_mismatch_of(const json_t *before, const json_t *now);

/* Is a count of this kind and cell (NULL: not known) soft? */
bool gate_mismatch_softens(unsigned mismatch, const json_t *cell, enum metric_kind kind);

#endif
