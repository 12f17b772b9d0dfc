/* What the files of the harness share. */
#ifndef TVA_BENCH_HARNESS_INTERNAL_H
#define TVA_BENCH_HARNESS_INTERNAL_H

#include "harness.h"
#include "harness/target_proc.h"

struct harness {
    const struct plan *plan;
    struct harness_options options;
    struct harness_cell *cells; /* parallel to the plan's */
    size_t *order;
    size_t done, total; /* runs; those of cells given up count as done */
    unsigned rounds;    /* begun */
    uint64_t begin_ns;
    enum harness_end end;
    struct target_proc target;
    struct err target_fault; /* "" while it runs or was never wanted */
    struct interrupt *interrupt;
    struct progress *progress;
};

/* How many runs the cell is to have, as far as is known. */
unsigned harness_rounds_of(const struct harness *h, size_t index);

/* Is there another round to come? If not, h->end says why. */
bool harness_goes_on(struct harness *h);

#endif
