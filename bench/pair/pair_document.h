/* The document of a paired session, with every observation. One thread.
 *
 * {"schema_version": 2, "kind": "tva-pair", "verdict": "pass" | "regression" | "inconclusive",
 *  "reasons": [sentence, ...], "context": as in a result document, "seed", "budget_s", "elapsed_s",
 *  "cut": was there too little time?,
 *  "host": {"steal", "load_before", "load_after", "cores"},
 *  "programs": {"base": [path, ...], "relinked": [...], "contender": [...]},
 *  "builds": {"base": [what tells builds apart (base/build_id.h), ...], ...},
 *  "null": {"rejected": bool, "strayed": metrics}, "counts": {verdict: metrics},
 *  "metrics": [{"name", "cell", "key", "title", "unit", "verdict", "reason",
 *               "ratio", "ci_low", "ci_high": contender to base, of the fresh blocks where there
 *                 are any, "null_ratio": relinked to base,
 *               "smallest": ratio that the run could have seen, "worth": ratio that a pass rules
 * out, "suspect", "fresh_wanted", "p_holm", "null_p_holm", "screened", "confirmed": {"blocks", "p",
 * "null_p", "spread": of log ratios, "minimal": ratio}, null without blocks}], "cells": [{"name",
 * "args", "blocks": [{"fresh": bool, "turns": [{"arm", "layout", KEY: value, ...}]}]}]} */
#ifndef TVA_BENCH_PAIR_DOCUMENT_H
#define TVA_BENCH_PAIR_DOCUMENT_H

#include "base/form.h"
#include "pair/pair_blocks.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* What else the machine did during a session: why it may have been too noisy. */
struct pair_host {
    uint64_t begin_ns, steal_ns; /* at the beginning; whole machine */
    double steal;                /* share of all CPU time that the host took away */
    double load_before,
        load_after; /* processes that wanted to run, mean of a minute; NAN: unknown */
    int64_t cores;
};

struct pair_outcome {
    const struct pair_blocks *blocks;
    const struct pair_collection *collection; /* concluded */
    struct pair_conclusion conclusion;
    struct pair_host host;
    uint64_t elapsed_ns;
};

/* Remember the present state of the machine; then find what happened since. */
void pair_host_begin(struct pair_host *h);
void pair_host_end(struct pair_host *h);

/* NULL when out of memory. */
json_t *pair_document_create(const struct pair_outcome *o);

/* pair_report.c: show the document as a table: for each metric the ratio, its interval, the
 * smallest effect that could have been seen, and the verdict; and the document's reasons. Errors of
 * the stream are left in it. 0 or -ENOMEM. */
int pair_report_write(const json_t *document, enum form form, FILE *out);

#endif
