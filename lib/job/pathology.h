/* How the target misbehaves on purpose: `tva serve --pathology`, and the parameter of tcp and http
 * jobs. Times count from the target's first request. Pure functions, any thread. */
#ifndef TVA_JOB_PATHOLOGY_H
#define TVA_JOB_PATHOLOGY_H

#include "base/err.h"
#include "job/job.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATHOLOGY_ITEMS_MAX 8
#define PATHOLOGY_TEXT_MAX  96 /* characters */

struct pathology {
    size_t count;
    struct pathology_item {
        bool slow; /* adds ns to a reply; else none is sent for ns */
        uint64_t ns;
        uint64_t from_ns, until_ns; /* the stretch */
        uint64_t every_ns;          /* a stall that comes again so often, from then on; 0: once */
    } items[PATHOLOGY_ITEMS_MAX];
    uint64_t limit; /* requests that are served at once, others wait in line; 0: no limit */
};

#define PATHOLOGY_HELP                                                                             \
    "stall=S@T (no reply for S, at T), stall=S/T (every T), slow=D@T..T (D more for each reply), " \
    "limit=K (K at once)"

/* Read "stall=500ms@2s", "stall=500ms/5s", "slow=20ms@2s..4s", "limit=10", and several of these
 * with a comma or a + between them: in a job, only a +. 0, or -EINVAL with *err set; *out is
 * written on success only. */
int pathology_parse(const char *text, struct pathology *out, struct err *err);

/* The same of a job's parameter number `index`, which may be empty: then -EINVAL names the job. */
int pathology_check(const struct job_part *part, size_t index, struct err *err);

/* A reply that is due at at_ns: what is added to its delay, and when it may go. */
uint64_t pathology_added_ns(const struct pathology *p, uint64_t at_ns);
uint64_t pathology_leave_ns(const struct pathology *p, uint64_t at_ns);

#endif
