/* The machine and build that absolute times belong to, as one line of text: times are compared only
 * between runs whose lines are the same. Host names are left out, since a fleet of equal machines
 * has many, and memory counts in whole GiB, since what a kernel keeps for itself varies. Any
 * thread. */
#ifndef TVA_BENCH_GATE_FINGERPRINT_H
#define TVA_BENCH_GATE_FINGERPRINT_H

#include <jansson.h>
#include <stddef.h>

#define GATE_FINGERPRINT_SIZE 800

/* Of a result's context; what the system did not say is "?". Returns buf. */
char *gate_fingerprint_of(const json_t *context, char *buf, size_t size);

#endif
