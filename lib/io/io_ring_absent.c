/* In the place of io_ring.c where the build found no liburing. */
#include "io/io_ring.h"

#include <errno.h>

int io_ring_check(struct err *err)
{
    return err_set(err, -ENOSYS,
                   "tva was built without io_uring: install liburing-dev, then configure and "
                   "build again");
}

int io_ring_create(struct loop *loop, struct io **out, struct err *err)
{
    (void)loop;
    (void)out;
    return io_ring_check(err);
}
