/* Which faults are planted in the jobs of a cell, and their text: "slowdown=5%,syscall=1". What
 * they do is said in measure/inject.h. Any thread. */
#ifndef TVA_MEASURE_INJECT_FAULT_H
#define TVA_MEASURE_INJECT_FAULT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All 0: none. */
struct inject_fault {
    uint64_t slowdown;   /* share of what a job takes, in millionths */
    uint64_t syscalls;   /* more, a job */
    uint64_t allocs;     /* more, a job; freed again */
    uint64_t stall_ns;   /* once */
    uint64_t leak_bytes; /* a job */
};

#define INJECT_MODEL_SIZE 32

/* Parse "model=tasks,slowdown=5%,stall=20ms". model[INJECT_MODEL_SIZE] gets what it says of the
 * model, or "". 0, or -EINVAL with *err set: an unknown key, a value out of its range, or no fault.
 */
int inject_fault_parse(const char *text, char *model, struct inject_fault *out, struct err *err);

/* Is there any? */
bool inject_fault_any(const struct inject_fault *f);

/* Let the faults that `over` has replace those of the same kind in *f. */
void inject_fault_override(struct inject_fault *f, const struct inject_fault *over);

/* Text that parses as the same faults, without a model; "" for none; returns buf.
 * INJECT_TEXT_SIZE bytes are enough. */
#define INJECT_TEXT_SIZE 160
char *inject_fault_format(const struct inject_fault *f, char *buf, size_t size);

#endif
