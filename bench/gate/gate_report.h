/* What a judgement says, for people: a table of what differs, and as the last line the verdict; and
 * what a baseline holds. */
#ifndef TVA_BENCH_GATE_REPORT_H
#define TVA_BENCH_GATE_REPORT_H

#include "gate/gate_judge.h"

#include <stdio.h>

struct gate_report_options {
    bool markdown;
    bool all; /* a line for each row, also where nothing has changed */
    /* For the command that saves improvements: how this program was called (NULL: tva), and paths.
     */
    const char *program, *run, *baseline;
};

/* Write it. */
void gate_report_write(const struct gate *gate, const struct gate_report_options *o, FILE *out);

/* The table and the notes alone: what saving the run in place of the baseline's counts changes. */
void gate_report_write_changes(const struct gate *gate, const struct gate_report_options *o,
                               FILE *out);

/* The last line alone, of a comparison that could not begin. */
void gate_report_write_refusal(const char *sentence, bool markdown, FILE *out);

/* The exit status that goes with it: EXIT_GOOD, EXIT_REGRESSION, EXIT_INCONCLUSIVE where no count
 * was hard, or EXIT_USAGE where the two cannot be compared, whatever else was found. */
int gate_report_status(const struct gate *gate);

/* Write machine, counts and sessions of a baseline that was read. 0 or -ENOMEM. */
int gate_report_write_baseline(const json_t *baseline, FILE *out);

#endif
