/* What all fuzz targets have in common. Each fuzz_<target>.c has one fuzz_one(), which libFuzzer
 * gets to through fuzz_target.c, and tests/fuzz/replay.c where there is no libFuzzer. One thread.
 */
#ifndef TVA_TESTS_FUZZ_TARGET_H
#define TVA_TESTS_FUZZ_TARGET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Read the bytes, and do with them what the program does. Returns whether they were read, and not
 * refused: seeds have to be. Aborts on a broken promise. */
bool fuzz_one(const uint8_t *data, size_t size);

/* What libFuzzer calls: fuzz_one() with the JSON arena (json_arena.h) and an empty fuzz_out(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* fuzz_one() so, and its answer. */
bool fuzz_input(const uint8_t *data, size_t size);

/* The input as JSON, NULL when it is none; to be dropped. */
json_t *fuzz_parse(const uint8_t *data, size_t size);

/* Is it a result? Aborts when it is refused without a sentence. */
bool fuzz_is_run(const json_t *run);

/* Whatever this input has reached so far is not worth mutating it further: for what is refused in a
 * target that is about what comes behind. */
void fuzz_forget(void);

/* A stream into memory, the same at every call, which costs no system calls. */
FILE *fuzz_out(void);

/* All that was written to fuzz_out() since the last call, ended by a zero; cut at 1 MiB. Valid
 * until more is written. */
const char *fuzz_text(size_t *len);

#endif
