/* Documents for tests of export formats, and what a format makes of them. Whatever cannot be made
 * fails the test. */
#ifndef TVA_TESTS_SUPPORT_EXPORT_FIXTURE_H
#define TVA_TESTS_SUPPORT_EXPORT_FIXTURE_H

#include "export/export.h"

/* Of the batches and the figure that all their runs have. */
#define EXPORT_FIXTURE_GROUP  "sleep:duration=20ms x 100"
#define EXPORT_FIXTURE_REASON "1 of 5 runs failed: 100 %, <a|b>\n::error::\"hi\" & bye"

/* Two cells: tasks with runs of 20, 22 and 21 ms, and counts: 3 syscalls (exact), no allocations
 * (exact), 4 context switches (scheduled, 3 and 5 in its repeats), 1000 instructions; and pool(6),
 * invalid for EXPORT_FIXTURE_REASON, with runs of 777.25 ms. */
json_t *export_fixture_document(void);

/* Make a cell invalid. */
void export_fixture_spoil(json_t *cell, const char *reason);

/* What the format of that name makes of the document, to be freed. */
char *export_fixture_text(const char *format, const json_t *document);

/* The same as JSON, to be dropped. */
json_t *export_fixture_json(const char *format, const json_t *document);

/* How often the part is in the text. */
size_t export_fixture_times(const char *text, const char *part);

#endif
