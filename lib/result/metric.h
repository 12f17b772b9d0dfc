/* The catalogue: every metric of a cell, once. Tables, exports, comparisons, gates and charts read
 * a cell's figures through it, so that all of them show the same number in the same words.
 *
 * Definitions that hold for all rows:
 *   - a metric with a value a run stands for the cell by the median over the runs, with the
 * median's interval (math/stats.h); that of a sum or of a figure a job is the median of the runs'
 * sums or quotients, not the sum or quotient of medians;
 *   - a percentile is that of each run; where the runs are too short to carry one, there is none.
 *     A document that keeps no percentiles of runs has that over the jobs of all runs, which has no
 *     interval and which a single bad run decides;
 *   - a figure a job is divided by the jobs that the run counted.
 *
 * To add a metric, add a row to metric.c. Functions of the document; any thread. */
#ifndef TVA_RESULT_METRIC_H
#define TVA_RESULT_METRIC_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Values are in these units, which are the document's. */
enum metric_unit {
    METRIC_S,
    METRIC_NS,
    METRIC_RATE, /* jobs a second */
    METRIC_BYTES,
    METRIC_COUNT,
    METRIC_SHARE, /* 0 to 1 */
    METRIC_UNITS
};

/* Kinds of load, and cells that were counted; bits. */
enum metric_cells {
    METRIC_BATCH = 1,
    METRIC_CLOSED = 2,
    METRIC_OPEN = 4,
    METRIC_COUNTED = 8,
    METRIC_LOOP = METRIC_CLOSED | METRIC_OPEN,
    METRIC_ALL = METRIC_BATCH | METRIC_LOOP
};

struct metric {
    const char *name;   /* as options have it: "p99" */
    const char *title;  /* as sentences have it: "latency p99" */
    const char *column; /* as tables have it: "CPU/job" */
    const char *key;    /* as documents and exports have it: "latency_p99_s" */
    enum metric_unit unit;

    /* Where it stands in a cell: a quantity, a count or a number. Two paths are added. */
    const char *paths[2];
    const char *pooled; /* where a document lacks the paths: over the jobs of all runs, in ns */
    const char *over;   /* path of what it is divided by; NULL: by nothing */
    const char *ideal;  /* path of what theory says of it; NULL: nothing */

    const char *more, *less; /* what a change is called: "longer", "shorter" */
    bool more_is_better;
    bool aside; /* in tables only where it differs from the headline by more than METRIC_ASIDE */
    bool timed; /* depends on how fast the machine is */

    /* Which cells the readers show it of. METRIC_COUNTED: of a cell that has the count. */
    unsigned headline;  /* it is what the cell is ranked by */
    unsigned table;     /* in the report's tables */
    unsigned compared;  /* what compare looks at: nothing that another metric says already */
    unsigned exported;  /* in the formats of other tools */
    size_t ranked_from; /* a sweep can rank by it, when a run has so many jobs; 0: it cannot */
};

#define METRIC_ASIDE 0.1

/* In the order in which tables have them. */
extern const struct metric metrics[];
extern const size_t metrics_count;

/* The metric of that name among those of which `which` is true (NULL: all). NULL with *err naming
 * the nearest and the valid ones. */
const struct metric *metric_find(const char *name, bool (*which)(const struct metric *m),
                                 struct err *err);

/* The metric of a name that the catalogue has. */
const struct metric *metric_named(const char *name);

/* What a cell is ranked by: makespan of a batch, mean latency of a loop. */
const struct metric *metric_headline(const json_t *cell);

/* The cell's kind of load, one of the bits; and METRIC_COUNTED beside it when it was counted. */
unsigned metric_cells_of(const json_t *cell);

/* Members are NAN where the document has none. */
struct metric_value {
    double median, low, high, confidence;
};

/* Does the cell's table show it? */
bool metric_in_table(const struct metric *m, const json_t *cell);

/* What stands for the cell. */
struct metric_value metric_of(const struct metric *m, const json_t *cell);

/* How many runs have a value, and the value of run number i; 0 of counts, NAN without one. More
 * runs than METRIC_RUNS_MAX are not looked at. */
#define METRIC_RUNS_MAX 1000
size_t metric_runs(const struct metric *m, const json_t *cell);
double metric_run(const struct metric *m, const json_t *cell, size_t i);

/* All of them into values[METRIC_RUNS_MAX]; returns how many. */
size_t metric_values(const struct metric *m, const json_t *cell, double *values);

/* What theory says of it, in its unit; NAN where it says nothing. */
double metric_ideal(const struct metric *m, const json_t *cell);

/* How exact a figure is. How far a count may rise: gate/gate.h. */
enum metric_kind {
    METRIC_MEASURED,     /* a quantity over runs, which has noise */
    METRIC_EXACT,        /* a count that is the same at every repeat */
    METRIC_INSTRUCTIONS, /* instructions of one thread: processor and library change them */
    METRIC_THREADS,      /* instructions of several threads, which sometimes wait for each other */
    METRIC_PAGES,        /* pages touched first: processor and library change them */
    METRIC_WAKES,        /* waits and wakes of a loop */
    METRIC_SCHEDULED,    /* a count that depends on when threads are woken */
    METRIC_KINDS
};

/* May noise alone move a count of this kind below 0? */
static inline bool metric_is_loose(enum metric_kind kind)
{
    return kind >= METRIC_PAGES;
}

/* The kinds of counts as documents have them; "" for METRIC_MEASURED. And the kind of that name;
 * METRIC_KINDS for none. */
extern const char *const metric_kinds[METRIC_KINDS];
enum metric_kind metric_kind_named(const char *name);

/* Is it a count? And of which kind is the cell's: METRIC_MEASURED without one, METRIC_SCHEDULED for
 * a kind that is not known. */
bool metric_is_count(const struct metric *m);
enum metric_kind metric_kind(const struct metric *m, const json_t *cell);

/* A value with its unit, the one form in which people see it: "10.4 ms", "9.62k/s", "4.12 KiB",
 * "2.03", "38%"; "-" for NAN. METRIC_TEXT bytes are enough; returns buf. */
#define METRIC_TEXT 32
char *metric_text(const struct metric *m, double value, char *buf, size_t size);

/* The same of the cell's value; "~" stands before a count that depends on when threads are woken.
 */
char *metric_cell_text(const struct metric *m, const json_t *cell, char *buf, size_t size);

/* A unit's name, "s"; and what a value is multiplied by to be in s, bytes, counts or shares. */
const char *metric_unit_name(const struct metric *m);
double metric_unit_scale(const struct metric *m);

#endif
