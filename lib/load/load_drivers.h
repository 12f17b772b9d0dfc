/* The drivers of the load models, one a file; load.c chooses. */
#ifndef TVA_LOAD_LOAD_DRIVERS_H
#define TVA_LOAD_LOAD_DRIVERS_H

#include "load/load.h"

/* load_carry_out() of one kind of load. */
int load_batch(struct load_run *r);
int load_closed(struct load_run *r);
int load_open(struct load_run *r);

#endif
