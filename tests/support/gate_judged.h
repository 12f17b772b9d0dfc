/* A judgement of the gate with all that it refers to, for the tests of what it says. */
#ifndef TVA_TESTS_GATE_JUDGED_H
#define TVA_TESTS_GATE_JUDGED_H

#include "gate/gate_judge.h"

#define GATE_JUDGED_DATE "2026-02-01T00:00:00Z" /* of a run later than all sessions */

struct gate_judged {
    json_t *baseline, *run, *extract, *faults;
    struct gate gate;
    int status;
};

/* Judge; takes over both documents. Fails the test when there is no memory. */
struct gate_judged gate_judged_of(json_t *baseline, json_t *run);
void gate_judged_end(struct gate_judged *j);

/* Is there a sentence with these words in the list? */
bool gate_judged_says(const json_t *list, const char *words);

/* The first row of this part and metric; fails the test when there is none. */
const struct gate_row *gate_judged_row(const struct gate *gate, enum gate_part part,
                                       const char *metric);

/* A cell of a run's, borrowed. */
json_t *gate_judged_cell(json_t *run, size_t i);

#endif
