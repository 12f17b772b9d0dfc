#include "math/theory_fifo.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>

/* free_ns[0] is the least, and none is less than its parent. */
static void sift_down(uint64_t *free_ns, size_t count)
{
    uint64_t key = free_ns[0];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= count)
            break;
        if (child + 1 < count && free_ns[child + 1] < free_ns[child])
            child++;
        if (free_ns[child] >= key)
            break;
        free_ns[at] = free_ns[child];
        at = child;
    }
    free_ns[at] = key;
}

int theory_fifo_waits(const uint64_t *arrivals_ns, const uint64_t *service_ns, size_t n,
                      uint64_t servers, uint64_t *waits_ns)
{
    size_t count = servers < n ? (size_t)servers : n;
    uint64_t *free_ns;

    if (servers == 0)
        return -EINVAL;
    if (n == 0)
        return 0;
    free_ns = calloc(count, sizeof *free_ns);
    if (free_ns == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        uint64_t arrived_ns = arrivals_ns[i], begins_ns = arrived_ns, needs_ns = service_ns[i];

        if (i > 0 && arrived_ns < arrivals_ns[i - 1]) {
            free(free_ns);
            return -EINVAL;
        }
        if (free_ns[0] > begins_ns)
            begins_ns = free_ns[0];
        waits_ns[i] = begins_ns - arrived_ns;
        free_ns[0] = clock_add_ns(begins_ns, needs_ns);
        sift_down(free_ns, count);
    }
    free(free_ns);
    return 0;
}
