/* Tier 0, the gate: a run is compared with the stored baseline.
 *
 * Hard, on any machine: counts a job. An exact count may not rise, instructions not by more than
 * 1 %, those of several threads not by more than 50 %, pages and wake-ups of a loop not by more
 * than 0.5 a job. When the compiler or a library is not the baseline's, some counts change although
 * nobody changed the code. These counts are soft, they only warn; all others stay hard:
 *
 *   architecture, compiler, libc   instructions and pages
 *   or build type
 *   libcurl                        all counts of jobs whose requests libcurl makes
 *   liburing                       all counts of cells that wait in io_uring
 *   libuv                          all counts of cells whose jobs run on the loop: not pool and
 *                                  threads, and blocking only when its jobs are not one batch,
 *                                  since the loop has its turn between them
 *
 * When no count is hard, the check is inconclusive.
 *
 * Scheduled counts and, on the same machine and build, ratios between models and times are each
 * compared with the interval in which the stored sessions, 8 at least, let the next session's value
 * be expected (math/stats.h). A value outside of it warns and never fails. One thread at a time. */
#ifndef TVA_BENCH_GATE_H
#define TVA_BENCH_GATE_H

#include "base/err.h"
#include "result/metric.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* ---- The form of counts and sessions. It is checked before anything computes with them, since
 * anybody may have written the run or the baseline that they come from ---- */

/* A count, {"value": 3, "kind": "exact"}, of a document that was checked when it was read; of kind
 * METRIC_KINDS where there is none. One of instructions may have "functions", how many each makes.
 */
struct gate_count {
    double value;
    enum metric_kind kind;
};

struct gate_count gate_shape_count_of(const json_t *count);

/* Going through {"cell": {"metric": value}}: begin with `cells` alone set; each call that returns
 * true has the next value. */
struct gate_walk {
    const json_t *cells;
    const char *cell, *metric;
    json_t *of_cell, *value;
    void *cell_at, *metric_at; /* jansson's iterators */
};

bool gate_shape_next(struct gate_walk *w);

/* The value there; NULL without one. Names contain dots, so a path would not do. */
json_t *gate_shape_at(const json_t *cells, const char *cell, const char *metric);

/* Check {"cell": {"metric": count}}, in which no object is empty. 0, or -EINVAL with *err naming
 * the first fault. */
int gate_shape_counts(const json_t *counts, struct err *err);

/* Check a session: texts "date" and "fingerprint"; "ratios", "scheduled" and "times", each {"cell":
 * {"metric": number}}. 0, or -EINVAL with *err naming the first fault after `where`. */
int gate_shape_session(const json_t *session, const char *where, struct err *err);

/* Does the session have a time or a ratio? A run of counts only has none. */
bool gate_shape_has_times(const json_t *session);

/* ---- What the gate compares of a run: counts a job, ratios between models, times ---- */

/* Make {"counts": ..., "session": ...} in the form of a baseline. Appends a sentence to the list
 * `faults` for each reason not to compare or keep the run: it was cut short; a cell is invalid, not
 * counted or there twice; a count is malformed. The session leaves out what the run did not time.
 * NULL when out of memory. */
json_t *gate_extract(const json_t *run, json_t *faults);

/* Does any cell have planted faults (tva run --inject)? Such a run may be checked, but never kept.
 */
bool gate_extract_is_planted(const json_t *run);

/* ---- The stored baseline: the counts a job of the newest run, and the ratios and times of
 * measured sessions. Format: results/baseline.schema.json ---- */

#define GATE_BASELINE_DEFAULT        "results/baseline/baseline.json"
#define GATE_BASELINE_SCHEMA_VERSION 1
#define GATE_BASELINE_SESSIONS_MAX   64 /* the newest are kept */

/* Read a baseline and check all of it, since anybody may have written the file. NULL with *err
 * naming the file, the fault, and what to do: no plain file, larger than 16 MiB, no JSON, another
 * kind or schema_version, no counts, or a part that has not its form. */
json_t *gate_baseline_read(const char *path, struct err *err);

/* Is this document, read from a file of this name, a baseline? 0, or -EINVAL with *err set. */
int gate_baseline_check(const json_t *baseline, const char *name, struct err *err);

/* Make a new baseline: `old` (NULL: none) with the counts and the context of this run, whose
 * `extract` must have no faults, and with its session added. A stored session of the same date and
 * machine is the same run saved before, and is replaced; the oldest sessions beyond the maximum are
 * dropped. A session of counts only is not kept, since ratios and times could not be judged by it.
 * NULL when out of memory. */
json_t *gate_baseline_add(const json_t *old, const json_t *run, const json_t *extract);

/* Seconds between the first session and the last; NAN with fewer than two, or when a date is
 * malformed. */
double gate_baseline_span_s(const json_t *baseline);

/* Saving a run over a baseline must not narrow the gate: has the run's `extract` all cells of the
 * baseline, and each of its hard counts as a hard one? 0, or -EINVAL with *err saying how many are
 * missing and naming the first of them, after `name`, the run's. */
int gate_baseline_check_losses(const json_t *old, const json_t *extract, const char *name,
                               struct err *err);

/* Where a count that is not exact rose by no more than the gate lets pass, put the baseline's in
 * place of the extract's: otherwise each save would raise the limit of the next run. Not where the
 * run was made with another compiler or library. Returns how many, or -ENOMEM. */
int gate_baseline_keep_lower(const json_t *old, const json_t *run, json_t *extract);

/* ---- Judging a run ---- */

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
    json_t *extract; /* of the run */
    json_t *faults;  /* sentences: why the two cannot be compared, those of the extract first */
    json_t *notes;   /* sentences: what to know about the comparison; of instructions that rose, the
                        functions that grew most */
};

/* Judge a run against a baseline. Both documents must outlive *out. 0 or -ENOMEM; call
 * gate_judge_deinit() in both cases. */
int gate_judge(const json_t *baseline, const json_t *run, struct gate *out);
void gate_judge_deinit(struct gate *gate);

/* By how much a count of this kind may rise above the baseline's. */
double gate_judge_step(enum metric_kind kind, double before);

/* How many rows have this outcome. */
size_t gate_judge_count(const struct gate *gate, enum gate_outcome outcome);

/* Where instructions rose, append a sentence to the notes: the three functions that make the most
 * more, by callgrind's profiles of both revisions. 0 or -ENOMEM. */
int gate_functions_add_note(const json_t *baseline, struct gate *gate);

/* Why counts are soft; bits. */
enum gate_mismatch {
    GATE_OTHER_CODE = 1,     /* architecture, compiler, libc or build type */
    GATE_OTHER_LOOP = 2,     /* libuv */
    GATE_OTHER_REQUESTS = 4, /* libcurl */
    GATE_OTHER_RING = 8      /* liburing */
};

/* What differs between two contexts. A version that one of them lacks differs, but for
 * liburing, which earlier versions did not name. */
unsigned gate_mismatch_of(const json_t *before, const json_t *now);

/* Is a count of this kind and cell (NULL: not known) soft? */
bool gate_mismatch_softens(unsigned mismatch, const json_t *cell, enum metric_kind kind);

/* ---- What a judgement says, for people: a table of what differs, and as the last line the
 * verdict; and what a baseline holds ---- */

struct gate_report_options {
    bool markdown;
    bool all; /* a line for each row, also where nothing has changed */
    /* For the command that saves improvements: how this program was called (NULL: tva), and paths.
     */
    const char *program, *run, *baseline;
};

/* Write it. 0 or -ENOMEM. */
int gate_report_write(const struct gate *gate, const struct gate_report_options *o, FILE *out);

/* The table and the notes alone: what saving the run in place of the baseline's counts changes. 0
 * or -ENOMEM. */
int gate_report_write_changes(const struct gate *gate, const struct gate_report_options *o,
                              FILE *out);

/* The last line alone, of a comparison that could not begin. */
void gate_report_write_refusal(const char *sentence, bool markdown, FILE *out);

/* The exit status that goes with it: EXIT_GOOD, EXIT_REGRESSION, EXIT_INCONCLUSIVE where no count
 * was hard, or EXIT_USAGE where the two cannot be compared, whatever else was found. */
int gate_report_status(const struct gate *gate);

/* Write machine, counts and sessions of a baseline that was read. 0 or -ENOMEM. */
int gate_report_write_baseline(const json_t *baseline, FILE *out);

#endif
