#include "io/io_async.h"

#include "io/io_async_fd.h"
#include "io/io_async_file.h"
#include "io/io_async_http.h"
#include "io/io_async_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t async_now(struct io *io)
{
    (void)io;
    return clock_now_ns();
}

static int async_sleep_until(struct io *io, uint64_t deadline_ns)
{
    (void)io;
    return task_sleep_until(deadline_ns);
}

static void async_destroy(struct io *io)
{
    struct io_async *a = (struct io_async *)io;

    io_async_http_destroy(a->http);
    io_async_fd_forget_all(a);
    free(a);
}

static const struct io_ops ops = {
    .name = "async",
    .now = async_now,
    .sleep_until = async_sleep_until,
    .open = io_async_open,
    .socket = io_async_socket,
    .connect = io_async_connect,
    .accept = io_async_accept,
    .read = io_async_read,
    .write = io_async_write,
    .pread = io_async_pread,
    .pwrite = io_async_pwrite,
    .fsync = io_async_fsync,
    .close = io_async_close,
    .http_get = io_async_http_get,
    .destroy = async_destroy,
};

struct io *io_async_create(struct loop *loop)
{
    struct io_async *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->io.ops = &ops;
    a->uv = loop_uv(loop);
    return &a->io;
}
