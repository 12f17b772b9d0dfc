#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 16

int array_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    size_t wanted = *capacity > 0 ? 2 * *capacity : CAPACITY_FIRST;
    void *grown;

    if (count < *capacity)
        return 0;
    memcpy(&grown, items, sizeof grown);
    grown = reallocarray(grown, wanted, size);
    if (grown == NULL)
        return -ENOMEM;
    memcpy(items, &grown, sizeof grown);
    *capacity = wanted;
    return 0;
}
