/* What charts say of load: which loop the jobs came from, and at which rate or by how many clients.
 * One thread at a time. */
#ifndef TVA_BENCH_CHART_LOAD_H
#define TVA_BENCH_CHART_LOAD_H

#include "chart/chart_cells.h"

/* Were all jobs there at the start? So it is in documents that say nothing of load. */
bool chart_load_batch(const json_t *cell);
bool chart_load_open(const json_t *cell);

/* The cell's load behind a job's spec: " × 100", " @ 80/s, poison 2%", ", 16 clients". What is
 * among `axes` ("rate", "clients", "poison", "jobs"; ends with NULL, may be NULL) is left out.
 * Returns buf. */
char *chart_load_text(const json_t *cell, const char *const *axes, char *buf, size_t size);

/* Which loop all cells of the groups had: "closed loop", "open loop, Poisson arrivals, 10.0 s a
 * run", "open and closed loop"; or "batch", which is none. Returns buf. */
char *chart_load_loop(const struct chart_group *groups, size_t count, char *buf, size_t size);

#endif
