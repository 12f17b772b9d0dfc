/* Where the values of a JSON text are, found in one pass and without building any: what mutations
 * cut out and paste in. Pure functions, any thread. */
#ifndef TVA_TESTS_FUZZ_JSON_SCAN_H
#define TVA_TESTS_FUZZ_JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>

#define JSON_SCAN_MAX 2048 /* members that are listed; later ones are left out */

/* A member of an object or an item of a list. Bytes from..to are all of it between two separators,
 * start..end its value. */
struct json_member {
    uint32_t from, to, start, end;
    uint32_t key_len; /* of `"key"`, which begins at `from`; 0 for an item of a list */
};

/* The members of an object or list, in the order of their ends. Returns how many; 0 when the text
 * is no JSON, empty, or nested more than 64 deep. Lenient: numbers and words may be any. */
size_t json_scan(const char *text, size_t size, struct json_member *members);

#endif
