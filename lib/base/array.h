/* Arrays that grow by one item at a time. Any thread. */
#ifndef TVA_BASE_ARRAY_H
#define TVA_BASE_ARRAY_H

#include <stddef.h>

/* Make room for one more item of `size` bytes behind the `count` that are there; *capacity is how
 * many fit, and doubles. `items` is the address of the pointer to the array, which may move. 0, or
 * -ENOMEM with the array as it was. */
int array_grow(void *items, size_t count, size_t *capacity, size_t size);

#endif
