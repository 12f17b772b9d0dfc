/* Where jansson's memory comes from in the fuzz targets: one block, handed out from its beginning
 * for each input. Most of an execution was malloc() and free() otherwise. Faults of memory are
 * found as before and some more: what is behind a piece, and what was freed, is poisoned for
 * AddressSanitizer and not handed out again; what is freed twice, or still held in the end, ends
 * the program. One thread. */
#ifndef TVA_TESTS_FUZZ_JSON_ARENA_H
#define TVA_TESTS_FUZZ_JSON_ARENA_H

/* Let jansson allocate here from now on; once, before its first value. */
void json_arena_install(void);

/* Begin with an empty block. Aborts with a sentence when anything is still held, which is a leak.
 */
void json_arena_reset(void);

#endif
