#include "base/array.h"

#include <stdlib.h>

#define CAPACITY_FIRST 16

void *array_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    size_t wanted = *capacity > 0 ? 2 * *capacity : CAPACITY_FIRST;
    void *grown;

    if (count < *capacity)
        return items;
    grown = reallocarray(items, wanted, size);
    if (grown != NULL)
        *capacity = wanted;
    return grown;
}
