/* From the runs of a session to its document: one context, and a cell for each cell that was
 * measured. Format: results/schema.json. One thread at a time. */
#ifndef TVA_SUMMARY_DOCUMENT_H
#define TVA_SUMMARY_DOCUMENT_H

#include "math/stats.h"
#include "measure/primitives.h"
#include "run/run.h"

#include <jansson.h>

/* A rank of the session, and its clock against that of rank 0 at the start and the end. */
struct document_rank {
    const char *host;
    unsigned cores;
    struct {
        uint64_t at_ns;    /* on the clock of rank 0 */
        int64_t offset_ns; /* clock of the rank - that of rank 0, */
        uint64_t error_ns; /* give or take so much: half of the quickest round trip */
    } start, end;
};

/* What the document says about the whole session. */
struct document_session {
    const char *suite;    /* name of the suite or profile, NULL when given by options */
    uint64_t seed;        /* at most INT64_MAX: JSON's integers end there */
    uint64_t rounds;      /* at least 1 */
    bool partial;         /* ended early; complete cells only */
    bool counts_only;     /* a cell without runs is as it should be */
    const char *ended_by; /* "rounds", "precision", "time limit", "interrupt"; NULL: "rounds" */
    const struct stats_distribution *timer_error; /* load/generator.h; NULL: not measured */
    const struct primitives *primitives;          /* measure/primitives.h; NULL: not measured */
    const struct document_rank *ranks;            /* NULL: one process carries out each run */
    size_t ranks_count;
};

struct document;

/* A new document with its context filled in (measure/sysinfo.h) and no cells. `session` must
 * outlive it. NULL when out of memory. */
struct document *document_create(const struct document_session *session);

/* The context alone, of who measures where, without what a session measures for it. NULL when out
 * of memory. */
json_t *document_context(void);

/* Summarise a cell's runs and append it to the document. A run that failed, a job that failed, or
 * unequal ledgers among the runs make the cell invalid, with a sentence in "reasons". Returns the
 * cell, to which the caller may add members, reasons and warnings; the document keeps it. NULL when
 * out of memory; the document is as it was then. */
json_t *document_add_cell(struct document *d, const struct cell *cell,
                          const struct run_record *runs, size_t runs_count);

/* Say in the context which libcurl jobs used: that of the last run that used one. "" adds nothing.
 * 0 or -ENOMEM. document_add_cell() calls it for its runs. */
int document_add_libcurl(struct document *d, const char *version);

/* End it: cells whose ledgers differ from others of their group are marked as invalid, as are those
 * that have a reason. *invalid: how many (NULL: not asked). Frees d; the result is the caller's. */
json_t *document_finish(struct document *d, size_t *invalid);

/* Drop it. d may be NULL. */
void document_destroy(struct document *d);

#endif
