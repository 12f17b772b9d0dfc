/* Were two results measured on the same machine, with the same software? One thread at a time.
 *
 * Machine and software are two questions here; the gate's fingerprint has both in one. `compare`
 * may be asked what another compiler or library does to times on one machine. The report then has
 * to say that the software differs. */
#ifndef TVA_BENCH_COMPARE_MACHINE_H
#define TVA_BENCH_COMPARE_MACHINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Do the machines' fingerprints agree: CPU, cores, memory, governor, kernel, and whether it is
 * virtual? The host's name is none of them: containers get a new one each time. What differs goes
 * to buf: "cores 2 against 8, kernel Linux 6.1 against Linux 6.6"; "" when nothing does. */
bool compare_machine_same(const json_t *a, const json_t *b, char *buf, size_t size);

/* The same for what else makes figures differ without a change of the code measured: compiler,
 * build, libraries, timer slack, libuv's threads. */
bool compare_machine_same_software(const json_t *a, const json_t *b, char *buf, size_t size);

#endif
