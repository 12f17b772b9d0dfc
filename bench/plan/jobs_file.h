/* Jobs files: jobs that have names.
 *
 *   [checkout]                    # a name
 *   tcp:delay=20ms                # its parts, in one line or in several
 *   cpu:time=2ms + file:block=16k
 *
 *   [twice]
 *   checkout + checkout           # a job can use the jobs above it
 *
 * One thread. */
#ifndef TVA_BENCH_JOBS_FILE_H
#define TVA_BENCH_JOBS_FILE_H

#include "job/job.h"

struct jobs_file;

/* Read the file at `path`. 0 with *out, or a negative errno with *err naming file, line and fault.
 */
int jobs_file_create(const char *path, struct jobs_file **out, struct err *err);
void jobs_file_destroy(struct jobs_file *file); /* NULL: nothing */

/* The jobs that it defines, in its order; NULL for no file. Owned by the file. */
struct job_names *jobs_file_names(struct jobs_file *file);

#endif
