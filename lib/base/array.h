/* Arrays that grow by one item at a time. Any thread. */
#ifndef TVA_BASE_ARRAY_H
#define TVA_BASE_ARRAY_H

#include <stddef.h>

/* Make room for one more item of `size` bytes behind the `count` that are there; *capacity is how
 * many fit, and doubles. Returns the array, which may have moved; NULL when out of memory, and
 * `items` is as it was. */
void *array_grow(void *items, size_t count, size_t *capacity, size_t size);

#endif
