/* A sweep whose runs are not run: what each would measure comes from a formula, whose answer is
 * known. */
#ifndef TVA_TESTS_SUPPORT_SWEEP_FIXTURE_H
#define TVA_TESTS_SUPPORT_SWEEP_FIXTURE_H

#include "sweep/sweep.h"

#include <stddef.h>
#include <stdint.h>

#define SWEEP_FIXTURE_ROUNDS 6

/* One search: what is measured is decided by these. */
struct sweep_fixture {
    struct sweep sweep; /* first: measure() gets it back from its address */
    struct sweep_settings settings;
    struct progress progress;
    double noise, at; /* of each value; where the answer is */
    size_t measured;
    int (*value)(struct sweep_fixture *f, const struct sweep_cell *cell, struct sweep_run *run);
    uint64_t state;
};

/* Models as --model takes them, and a job; sweep_deinit(&f->sweep) after the grid was measured. */
void sweep_fixture_begin(struct sweep_fixture *f, const char *models_text, const char *job,
                         const char *const *axes, size_t axes_count);

/* Measure all points of the axes. */
void sweep_fixture_measure_grid(struct sweep_fixture *f);

/* A factor with mean 1 and standard deviation f->noise, another each time. */
double sweep_fixture_noisy(struct sweep_fixture *f);

#endif
