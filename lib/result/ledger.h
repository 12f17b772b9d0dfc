/* The work ledger of a cell: proof that its runs, and the cells of its group, did the same work.
 * Pure functions, any thread. */
#ifndef TVA_RESULT_LEDGER_H
#define TVA_RESULT_LEDGER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sums over the jobs of one run that finished without error. */
struct ledger {
    uint64_t jobs, operations, bytes_in, bytes_out;
    uint64_t checksum; /* of the data moved */
};

/* The schema's "ledger". Steals `errors`, an object of counts by errno name. NULL when out of
 * memory. */
json_t *ledger_write(const struct ledger *ledger, json_t *errors);

/* Take a document's. False when it is null. */
bool ledger_read(const json_t *value, struct ledger *out);

/* Do two ledgers differ in their work? If so the first difference goes to buf: "bytes_in 4096
 * against 8192". `per_job`: the number of jobs is free, as in a closed loop by time, so what each
 * did is compared, and no checksums. */
bool ledger_differs(const struct ledger *a, const struct ledger *b, bool per_job, char *buf,
                    size_t size);

#endif
