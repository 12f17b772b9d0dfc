/* Mutations of JSON documents that keep them JSON, so that fuzzing reaches the code behind the
 * parser: members are dropped, moved, replaced by odd values or by copies of others, also from
 * another document. They cut and paste the text, since building values takes longer than what is to
 * be tried. */
#ifndef TVA_TESTS_FUZZ_JSON_MUTATOR_H
#define TVA_TESTS_FUZZ_JSON_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's own mutation of bytes. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* What libFuzzer calls in the programs that link this file. One in 16 mutations is of bytes, as are
 * all of what is no JSON. The same seed makes the same of the same. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* The first document with a value of the second: in the place of the one that has its key, else
 * anywhere. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t max_size, unsigned seed);

#endif
