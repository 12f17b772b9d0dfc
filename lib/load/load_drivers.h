/* The drivers of the load models, one a file; load.c chooses. */
#ifndef TVA_LOAD_LOAD_DRIVERS_H
#define TVA_LOAD_LOAD_DRIVERS_H

#include "load/load.h"

/* A loop's driver saw at now_ns that this job had ended. A stamp that lies after now_ns is wrong;
 * it counts as now_ns, so that the sum of the samples then differs from the driver's. */
static inline struct service_area load_area(const struct sample *s, uint64_t now_ns)
{
    uint64_t finished_ns = s->finished_ns < now_ns ? s->finished_ns : now_ns;

    return (struct service_area){now_ns - s->intended_ns, finished_ns - s->intended_ns};
}

/* load_carry_out() of one kind of load. */
int load_batch(struct load_run *r);
int load_closed(struct load_run *r);
int load_open(struct load_run *r);

#endif
