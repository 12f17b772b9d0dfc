/* Run records through a pipe or file, from the process of a run to the harness. The structs travel
 * as they are. The same program is at both ends, or with `tva pair` another revision of it: a
 * header with magic and sizes refuses records of another form. A change that gives a field another
 * meaning and leaves all sizes alone has to raise MAGIC. */
#ifndef TVA_RUN_RUN_WIRE_H
#define TVA_RUN_RUN_WIRE_H

#include "run/run.h"

/* Write the record to fd. 0 or a negative errno. */
int run_wire_send(int fd, const struct run_record *r);

/* The same, and free the record as run_record_deinit() does. Samples are freed as they are written,
 * so that two copies never exist at once. */
int run_wire_hand_over(int fd, struct run_record *r);

/* Read one record, once: a file gives up the space of the samples that were read. Free the record
 * with run_record_deinit(); after an error it is empty. 0; -ENODATA when the stream ended before
 * the record did (the process died), which for a file is found before memory is allocated; -EPROTO
 * when it is no record; or another negative errno. */
int run_wire_receive(int fd, struct run_record *out);

/* The same; a file stays as it is. */
int run_wire_read(int fd, struct run_record *out);

#endif
