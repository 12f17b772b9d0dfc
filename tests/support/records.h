/* Run records as models would leave them, made without running anything; and documents of them.
 * Whatever cannot be made fails the test. */
#ifndef TVA_TESTS_RECORDS_H
#define TVA_TESTS_RECORDS_H

#include "math/stats.h"
#include "result/result.h"
#include "run/run.h"

#include <stddef.h>

/* When the batches of all records begin. */
#define RECORDS_BEGIN_NS (1000 * NS_PER_S)

/* The cell of that model and job, with 6 threads where it uses them. */
struct cell records_cell(const char *model, const char *job, uint64_t jobs);

/* A run of the cell without fault. Jobs in turn, each makespan / jobs long, where the model has one
 * lane; else all at the same time, for the whole makespan. A beat every ms that wakes 50 us late.
 * Each job does 1 operation with 64 bytes in and 32 out. Free it with run_record_deinit(). */
struct run_record records_run(const struct cell *cell, uint64_t makespan_ns);

/* The cell of that model and job under a load of that kind: 100/s Poisson or 10 clients, for 1 s.
 */
struct cell records_loop_cell(const char *model, const char *job, enum load_kind kind);

/* A run of a loop without fault: `warmup` jobs before it begins, then `jobs`, 10 ms apart. Each is
 * submitted 20 us after it was wanted, waits for wait_ns in all, then runs for service_ns.
 * Otherwise as above. */
struct run_record records_loop_run(const struct cell *cell, size_t warmup, size_t jobs,
                                   uint64_t wait_ns, uint64_t service_ns);

#define RECORDS_GAP_NS  (10 * NS_PER_MS)
#define RECORDS_LATE_NS (20 * NS_PER_US)

/* Let job number i of a run, warm-up included, wait for so long instead; the run's own sums follow.
 */
void records_set_wait(struct run_record *run, size_t i, uint64_t wait_ns);

/* Add to both accounts that the driver keeps of the time in the system. */
static inline void records_add_area(struct run_record *run, uint64_t ns)
{
    run->area.driver_ns += ns;
    run->area.stamped_ns += ns;
}

/* Let the run have one beat only, which wakes at the end of the batch. */
void records_block(struct run_record *run);

/* A document of one session, without cells. */
json_t *records_document(void);

/* Add the cell of these runs, as it is by itself: not held against others of its group. */
void records_append(json_t *document, const struct cell *cell, const struct run_record *runs,
                    size_t n);

/* What is said of the cell of these runs on a machine of 2 cores: "valid", "reasons" and
 * "warnings". timer_error: NULL when it is not known. */
#define RECORDS_JUDGED_MAX 16
json_t *records_judge(const struct cell *cell, const struct run_record *runs, size_t n,
                      const struct stats_distribution *timer_error);

/* Add a cell with one run for each of n makespans. `blocked`: the loop was. */
void records_add(json_t *document, const char *model, const char *job, uint64_t jobs,
                 const double *makespans_ms, size_t n, bool blocked);

/* Add a cell of 5 runs within 1 % of makespan_ms. */
void records_add_steady(json_t *document, const char *model, const char *job, uint64_t jobs,
                        double makespan_ms, bool blocked);

/* A document with a cell of each kind: sound, with a pool, with a target, too big for a timeline,
 * too short for beats, with failed jobs, and without any run. */
json_t *records_sample(void);

/* The cell of that index in the document. */
json_t *records_cell_of(const json_t *document, size_t index);

/* The number under `path` is the expected one, to one part in a million. */
void records_assert_number(const json_t *object, const char *path, double expected);

/* Make a document of these runs of a cell, which are freed: its only cell, which *document keeps.
 */
const json_t *records_only_cell(json_t **document, const struct cell *cell, struct run_record *runs,
                                size_t n);

/* An empty directory of the test's own: path, to be freed by records_remove_directory(), which
 * removes it with what is in it. */
char *records_make_directory(void);
void records_remove_directory(char *path);

/* The text of a file; the caller frees it. */
char *records_read_file(const char *path);

#endif
