/* Faults that a line of options plants in the jobs of its cells (measure/inject.h). */
#ifndef TVA_BENCH_PLAN_INJECT_H
#define TVA_BENCH_PLAN_INJECT_H

#include "measure/inject_fault.h"
#include "model/model.h"

struct plan;

/* In the jobs of one model; NULL: of all. */
struct plan_inject {
    const struct model *model;
    struct inject_fault fault;
};

/* Parse "model=tasks,slowdown=5%". 0, or -EINVAL with *err set. */
int plan_inject_parse(const char *text, struct plan_inject *out, struct err *err);

/* What all of them plant in the jobs of this model: later ones replace earlier ones of a kind. */
struct inject_fault plan_inject_of(const struct plan_inject *injects, size_t n,
                                   const struct model *model);

/* Say on standard error, as `name`, of which model faults were asked for that no cell is of. */
void plan_inject_tell_unused(const char *name, const struct plan_inject *injects, size_t n,
                             const struct plan *plan);

#endif
