/* Mutations of JSON documents that keep them JSON, so that fuzzing reaches the code behind the
 * parser: members are dropped, replaced by odd values, or by copies of others. */
#ifndef TVA_TESTS_FUZZ_JSON_MUTATOR_H
#define TVA_TESTS_FUZZ_JSON_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's own mutation of bytes. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* What libFuzzer calls in the programs that link this file. One in 8 mutations is of bytes, as are
 * all of what is no JSON. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#endif
