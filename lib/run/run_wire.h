/* Run records through a pipe, from the process that ran to the harness. Same program on both ends,
 * so the structs travel as they are; a header with magic and sizes guards against anything else. */
#ifndef TVA_RUN_RUN_WIRE_H
#define TVA_RUN_RUN_WIRE_H

#include "run/run.h"

/* Write the record to fd. 0 or a negative errno. */
int run_wire_send(int fd, const struct run_record *r);

/* The same, and free the record as run_record_deinit() does: its samples as they are written, so
 * that no more memory is needed than they take. */
int run_wire_hand_over(int fd, struct run_record *r);

/* Read one record; once: of a file, what was read of the samples is freed. 0; -ENODATA when the
 * stream ended before a whole record had come (the process died), for which no memory is asked
 * where a file shows it; -EPROTO when it is no record; or another negative errno. Free it with
 * run_record_deinit(); after an error there is nothing in it to be freed, though it may be. */
int run_wire_receive(int fd, struct run_record *out);

/* The same, and a file stays as it is. */
int run_wire_read(int fd, struct run_record *out);

#endif
