/* A baseline, for people. */
#ifndef TVA_BENCH_GATE_SHOW_H
#define TVA_BENCH_GATE_SHOW_H

#include <jansson.h>
#include <stdio.h>

/* Write machine, counts and sessions of a baseline that was read. 0 or -ENOMEM. */
int gate_show_write(const json_t *baseline, FILE *out);

#endif
