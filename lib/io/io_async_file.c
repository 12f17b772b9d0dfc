#include "io/io_async_file.h"

#include "async/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

/* One call under way in libuv's thread pool. It lives on the waiting task's stack, so the task
 * outwaits it in any case: the kernel may still be writing to the task's buffer. */
struct file_call {
    uv_fs_t req;
    struct task *task;
};

/* libuv takes 32 bits of length; a transfer may be short, so larger ones are cut. */
static uv_buf_t buffer_of(const void *buf, size_t len)
{
    return uv_buf_init((char *)buf, len < INT_MAX ? (unsigned)len : INT_MAX);
}

static void file_call_done(uv_fs_t *req)
{
    struct file_call *call = req->data;

    wait_wake(call->task, 0);
}

static void file_call_begin(struct file_call *call)
{
    call->task = task_current();
    call->req.data = call;
}

/* Wait for the call that uv_fs_* returned `err` for; its result. */
static ssize_t file_call_end(struct file_call *call, int err)
{
    ssize_t result = err;

    if (err == 0) {
        wait_suspend_uncancelable();
        result = call->req.result;
    }
    uv_fs_req_cleanup(&call->req);
    return result;
}

int io_async_open(struct io *io, const char *path, int flags, mode_t mode, uint64_t deadline_ns)
{
    struct io_async *a = (struct io_async *)io;
    struct file_call call;

    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    file_call_begin(&call);
    return (int)file_call_end(
        &call, uv_fs_open(a->uv, &call.req, path, flags | O_CLOEXEC, (int)mode, file_call_done));
}

ssize_t io_async_pread(struct io *io, int fd, void *buf, size_t len, off_t offset,
                       uint64_t deadline_ns)
{
    struct io_async *a = (struct io_async *)io;
    uv_buf_t part = buffer_of(buf, len);
    struct file_call call;

    if (offset < 0) /* libuv would use the position of the descriptor */
        return -EINVAL;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    file_call_begin(&call);
    return file_call_end(&call, uv_fs_read(a->uv, &call.req, fd, &part, 1, offset, file_call_done));
}

ssize_t io_async_pwrite(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                        uint64_t deadline_ns)
{
    struct io_async *a = (struct io_async *)io;
    uv_buf_t part = buffer_of(buf, len);
    struct file_call call;

    if (offset < 0) /* libuv would use the position of the descriptor */
        return -EINVAL;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    file_call_begin(&call);
    return file_call_end(&call,
                         uv_fs_write(a->uv, &call.req, fd, &part, 1, offset, file_call_done));
}

int io_async_fsync(struct io *io, int fd, uint64_t deadline_ns)
{
    struct io_async *a = (struct io_async *)io;
    struct file_call call;

    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    file_call_begin(&call);
    return (int)file_call_end(&call, uv_fs_fsync(a->uv, &call.req, fd, file_call_done));
}
