/* A judgement of the gate with all that it refers to, for the tests of the gate. */
#ifndef TVA_TESTS_GATE_JUDGED_H
#define TVA_TESTS_GATE_JUDGED_H

#include "gate/gate.h"

#include <jansson.h>
#include <stdbool.h>

#define GATE_JUDGED_DATE "2026-02-01T00:00:00Z" /* of a run later than all sessions */

struct gate_judged {
    json_t *baseline, *run;
    struct gate gate;
    int status; /* the exit status that goes with it */
};

/* Judge a run against a baseline; takes over both. To be ended by gate_judged_end(). */
struct gate_judged gate_judged_by(json_t *baseline, json_t *run);
void gate_judged_end(struct gate_judged *j);

/* Is there a sentence in the list with these words? */
bool gate_judged_says(const json_t *list, const char *words);

/* The first row of this metric, of whatever cell or of this one; the test fails without. */
const struct gate_row *gate_judged_find(const struct gate *gate, enum gate_part part,
                                        const char *metric);
const struct gate_row *gate_judged_find_in(const struct gate *gate, enum gate_part part,
                                           const char *cell, const char *metric);

/* A cell of a run's, borrowed. */
json_t *gate_judged_cell(json_t *run, size_t i);

#endif
