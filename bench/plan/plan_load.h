/* What a line of options says about loads, and the loads that it stands for: one for every
 * combination of its rates or clients and its poison shares. One thread. */
#ifndef TVA_BENCH_PLAN_LOAD_H
#define TVA_BENCH_PLAN_LOAD_H

#include "base/err.h"
#include "load/load.h"

#include <stdbool.h>
#include <stddef.h>

#define PLAN_LIST_MAX 32

/* Zero counts, and the values that plan_load_init() sets, mean "not given". */
struct plan_load {
    double rates[PLAN_LIST_MAX];     /* open loops */
    uint64_t clients[PLAN_LIST_MAX]; /* closed loops; neither: batches */
    double poisons[PLAN_LIST_MAX];   /* not given: none */
    size_t rates_count, clients_count, poisons_count;
    enum load_arrivals arrivals; /* not given: Poisson */
    bool has_arrivals;
    uint64_t duration_ns; /* 0: not given */
    uint64_t warmup_ns;   /* 0: not given, or given as a number of jobs */
    uint64_t limit;       /* 0: not given */
    uint64_t drain_ns;    /* PLAN_DRAIN_AUTO: not given */
};

#define PLAN_DRAIN_AUTO UINT64_MAX

/* Says nothing. */
void plan_load_init(struct plan_load *load);

/* Is it of open or closed loops? */
bool plan_load_loops(const struct plan_load *load);

/* Let what `over` says replace what `load` says. One kind of loop replaces the other; what the
 * resulting kind has no use for is left out, since a suite has lines of all kinds. */
void plan_load_override(struct plan_load *load, const struct plan_load *over);

/* Do the options go together? `counted`: a number of jobs is given. 0, or -EINVAL with *err. */
int plan_load_check(const struct plan_load *load, bool counted, struct err *err);

/* Is every option about loops of use in a plan with these kinds? 0, or -EINVAL with *err. */
int plan_load_check_used(const struct plan_load *load, bool any_open, bool any_loop,
                         struct err *err);

/* The loads that it stands for: how many, and number `index` of them, for `jobs` (0: by time) and
 * warmup_jobs (CELL_WARMUP_AUTO: not given), with all defaults filled in. */
size_t plan_load_count(const struct plan_load *load);
struct load plan_load_at(const struct plan_load *load, size_t index, uint64_t jobs,
                         uint64_t warmup_jobs);

/* Append the options that make this load to the text in buf. */
void plan_load_args(const struct load *load, char *buf, size_t size);

#endif
