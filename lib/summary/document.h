/* From the runs of a session to its document: one context, and a cell for each cell that was
 * measured. Format: results/schema.json. One thread at a time. */
#ifndef TVA_SUMMARY_DOCUMENT_H
#define TVA_SUMMARY_DOCUMENT_H

#include "math/stats.h"
#include "result/result.h"
#include "run/run.h"

/* What the document says about the whole session. */
struct document_session {
    const char *suite;    /* name of the suite or profile, NULL when given by options */
    uint64_t seed;        /* at most INT64_MAX: JSON's integers end there */
    uint64_t rounds;      /* at least 1 */
    bool partial;         /* ended early; complete cells only */
    const char *ended_by; /* "rounds", "precision", "time limit", "interrupt"; NULL: "rounds" */
    const struct stats_distribution *timer_error; /* load/generator.h; NULL: not measured */
};

/* A new document with its context filled in (measure/sysinfo.h) and no cells. NULL when out of
 * memory. */
json_t *document_create(const struct document_session *session);

/* Summarise a cell's runs and append it to the document. A run that failed, a job that failed, or
 * unequal ledgers among the runs make the cell invalid, with a sentence in "reasons". 0 or -ENOMEM.
 */
int document_add_cell(json_t *result, const struct cell *cell, const struct run_record *runs,
                      size_t runs_count);

/* Say in the context which libcurl jobs used: that of the last run that used one. "" adds nothing.
 * 0 or -ENOMEM. document_add_cell() calls it for its runs. */
int document_add_libcurl(json_t *result, const char *version);

/* Mark cells whose ledger differs from others of their group as invalid. Call once, after all
 * cells were added. Returns how many cells of the document are invalid. */
size_t document_check_ledgers(json_t *result);

#endif
