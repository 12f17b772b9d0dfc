/* The loads that a line of options gives: one for each combination of its rates or clients with its
 * poison shares. One thread. */
#ifndef TVA_BENCH_PLAN_LOAD_H
#define TVA_BENCH_PLAN_LOAD_H

#include "base/err.h"
#include "load/load.h"

#include <stdbool.h>
#include <stddef.h>

#define PLAN_LIST_MAX 32

/* Counts of 0, and the values that plan_load_init() sets, mean "not given". */
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

/* Make it give nothing. */
void plan_load_init(struct plan_load *load);

/* Are these open or closed loops? */
bool plan_load_loops(const struct plan_load *load);

/* Replace what `load` gives by what `over` gives. One kind of loop replaces the other. What the
 * resulting kind cannot use is left out, since a suite has lines of all kinds. */
void plan_load_override(struct plan_load *load, const struct plan_load *over);

/* Do the options go together? `counted`: the line gives a number of jobs. 0, or -EINVAL with *err
 * set. */
int plan_load_check(const struct plan_load *load, bool counted, struct err *err);

/* Can a plan with these kinds of loads use each option about loops? 0, or -EINVAL with *err set. */
int plan_load_check_used(const struct plan_load *load, bool any_open, bool any_loop,
                         struct err *err);

/* How many loads these are; and load number `index`, with defaults filled in. `jobs`: those of the
 * cell, 0 for a run by time; warmup_jobs: CELL_WARMUP_AUTO when not given. */
size_t plan_load_count(const struct plan_load *load);
struct load plan_load_at(const struct plan_load *load, size_t index, uint64_t jobs,
                         uint64_t warmup_jobs);

/* Append the options that make this load to the text in buf. */
void plan_load_args(const struct load *load, char *buf, size_t size);

#endif
