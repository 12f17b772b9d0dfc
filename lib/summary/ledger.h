/* The work ledger of a cell: proof that every run of it did the same work. */
#ifndef TVA_SUMMARY_LEDGER_H
#define TVA_SUMMARY_LEDGER_H

#include "run/run.h"

#include <jansson.h>
#include <stdbool.h>

/* What one run did, summed over its jobs that finished without error: jobs, operations, bytes_in,
 * bytes_out, checksum. NULL when out of memory. */
json_t *ledger_of_run(const struct run_record *run);

/* Add the failed jobs of a run to `errors`, an object of counts by errno name. 0 or -ENOMEM. */
int ledger_add_errors(json_t *errors, const struct run_record *run);

/* The errno behind such a name, as a positive number; 0 when it is none. */
int ledger_error_code(const char *name);

/* The sum over such an object. */
uint64_t ledger_errors_count(const json_t *errors);

/* Do two ledgers differ in their work? If so the first difference goes to buf: "bytes_in 4096
 * against 8192". Their errors are not compared. `per_job`: the number of jobs is free, as in a
 * closed loop by time, so what each did is compared, and no checksums. */
bool ledger_differs(const json_t *a, const json_t *b, bool per_job, char *buf, size_t size);

#endif
