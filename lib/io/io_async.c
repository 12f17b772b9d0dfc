#include "io/io_async.h"

#include "async/timer_fd.h"
#include "async/wait.h"
#include "io/http_client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

struct io_async {
    struct io io; /* first */
    struct loop_poller poller;
    struct loop *loop;
    uv_loop_t *uv;
    int epoll;         /* has the watches, and if the loop sleeps here, `timer` and libuv's */
    int timer;         /* ends a sleep (timer_fd.h) */
    uint64_t armed_ns; /* at this time; NO_DEADLINE: it has, or is not set */
    bool sleeps;       /* the loop sleeps here; else libuv looks at `epoll` */
    uv_poll_t in_uv;
    uint64_t cached_in;     /* the step, by loop_switches(), that last read from the page cache */
    size_t cached_bytes;    /* and what it read */
    struct watch **watches; /* by descriptor; NULL where no task has waited */
    size_t watches_size;
    struct http_client *http; /* NULL until io_http_open() */
};

/* ---- Sockets and pipes: wait for readiness ---- */

/* The watch of a descriptor that a task has waited for.
 *
 * epoll keeps it between waits, so that a wait costs no epoll_ctl. An event that no task waits for
 * stops its direction until a task does.
 *
 * A read of an empty socket costs a system call in vain, so the next read waits at once instead of
 * asking the kernel where the socket is known to be empty (`dry`), and where it was so SURE times
 * in a row after a read that filled its buffer (`full`), as it is after each reply of a known size.
 * What followed a write (`wrote`) counts for itself: behind a request there is rarely an answer
 * yet, behind the head of a message there is its body. One of ASK_AGAIN such reads asks all the
 * same, and what it finds ends the guess. */
struct watch {
    int fd;
    uint32_t events;              /* EPOLLIN | EPOLLOUT, as epoll has them; 0: epoll has it not */
    struct task *reader, *writer; /* that wait; NULL: none */
    bool passing;                 /* io_wait_fd() made it; goes when its wait is over */
    bool dry, full, wrote;
    unsigned char vain[2]; /* reads in a row that found nothing, by wrote; SURE at most */
    unsigned char guesses;
};

#define EVENTS    1024 /* of one look */
#define OF_UV     UINT64_MAX
#define OF_TIMER  (UINT64_MAX - 1)
#define SURE      2
#define ASK_AGAIN 32

static int watch_events(const struct io_async *a, struct watch *w, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)w->fd};
    int op = w->events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

    if (events == w->events)
        return 0;
    if (epoll_ctl(a->epoll, op, w->fd, &event) < 0)
        return -errno;
    w->events = events;
    return 0;
}

/* After an error or a hang-up, the operation will find out what is wrong. */
static void on_ready(const struct io_async *a, struct watch *w, uint32_t events)
{
    uint32_t unwanted = 0;

    if (events & (EPOLLERR | EPOLLHUP))
        events |= EPOLLIN | EPOLLOUT;
    if (events & EPOLLIN) {
        w->dry = w->full = false;
        if (w->reader != NULL)
            wait_wake(w->reader, 0);
        else
            unwanted |= EPOLLIN;
    }
    if (events & EPOLLOUT) {
        if (w->writer != NULL)
            wait_wake(w->writer, 0);
        unwanted |= EPOLLOUT; /* sockets are nearly always writable: watch only while waiting */
    }
    watch_events(a, w, w->events & ~unwanted);
}

/* ---- What the loop does between two passes ---- */

/* Let a sleep end by then. It may end sooner: a timer that was stopped since leaves its time, which
 * costs one look in vain, where each change would cost a system call. */
static bool limit_sleep(struct io_async *a, uint64_t until_ns)
{
    if (until_ns >= a->armed_ns)
        return true;
    if (!timer_fd_arm(a->timer, until_ns))
        return false;
    a->armed_ns = until_ns;
    return true;
}

/* Wake the tasks whose events have come, after a sleep if `sleep` says so. Returns whether libuv
 * has some. The kernel puts what did not fit first the next time. It may also report a descriptor
 * that has no watch any more, where the user closed one without io_close() and another process
 * still has it. */
static bool look(struct io_async *a, bool sleep)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(a->epoll, events, EVENTS, sleep ? -1 : 0);
    bool uv_readable = false;

    for (int i = 0; i < n; i++) {
        if (events[i].data.u64 == OF_UV)
            uv_readable = true;
        else if (events[i].data.u64 == OF_TIMER)
            a->armed_ns = NO_DEADLINE;
        else if (a->watches[events[i].data.u64] != NULL)
            on_ready(a, a->watches[events[i].data.u64], events[i].events);
    }
    return uv_readable;
}

static void async_poll(struct loop_poller *poller)
{
    struct io_async *a = container_of(poller, struct io_async, poller);
    uint64_t until_ns = loop_poll_uv(a->loop, false);

    if (look(a, until_ns > 0 && limit_sleep(a, until_ns)))
        loop_poll_uv(a->loop, true);
}

/* Called by libuv, where the loop sleeps elsewhere. */
static void on_epoll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    look(container_of(poll, struct io_async, in_uv), false);
}

/* ---- Watches ---- */

static int grow(struct io_async *a, size_t fd)
{
    size_t size = a->watches_size ? a->watches_size : 64;
    struct watch **watches;

    while (size <= fd)
        size *= 2;
    watches = realloc(a->watches, size * sizeof(struct watch *));
    if (watches == NULL)
        return -ENOMEM;
    memset(watches + a->watches_size, 0, (size - a->watches_size) * sizeof(struct watch *));
    a->watches = watches;
    a->watches_size = size;
    return 0;
}

/* The watch of fd, made now if there is none, which also makes fd non-blocking. */
static int watch_of(struct io_async *a, int fd, struct watch **out)
{
    struct watch *w;
    int err;

    if (fd >= 0 && (size_t)fd < a->watches_size && a->watches[fd] != NULL) {
        *out = a->watches[fd];
        return 0;
    }
    if (fcntl(fd, F_GETFD) < 0)
        return -errno;
    err = (size_t)fd < a->watches_size ? 0 : grow(a, (size_t)fd);
    if (err < 0)
        return err;
    w = calloc(1, sizeof *w);
    if (w == NULL)
        return -ENOMEM;
    w->fd = fd;
    err = watch_events(a, w, EPOLLIN); /* refuses regular files */
    if (err == 0 && ioctl(fd, FIONBIO, &(int){1}) < 0)
        err = -errno;
    if (err < 0) {
        watch_events(a, w, 0);
        free(w);
        return err;
    }
    a->watches[fd] = *out = w;
    return 0;
}

static void forget(struct io_async *a, int fd)
{
    if (fd < 0 || (size_t)fd >= a->watches_size || a->watches[fd] == NULL)
        return;
    watch_events(a, a->watches[fd], 0);
    free(a->watches[fd]);
    a->watches[fd] = NULL;
}

/* Suspend the current task until fd is ready for one of `events`. */
static int wait_ready(struct io *io, struct watch *w, uint32_t events, uint64_t deadline_ns)
{
    bool reads = events & EPOLLIN, writes = events & EPOLLOUT;
    int err = (reads && w->reader) || (writes && w->writer)
                  ? -EBUSY
                  : watch_events((struct io_async *)io, w, w->events | events);

    if (err < 0)
        return err;
    if (reads)
        w->reader = task_current();
    if (writes)
        w->writer = task_current();
    err = wait_suspend(deadline_ns);
    if (reads)
        w->reader = NULL;
    if (writes)
        w->writer = NULL;
    return err;
}

/* What an operation on a socket or pipe begins with. */
static int begin(struct io *io, int fd, uint64_t deadline_ns, struct watch **out)
{
    int err = watch_of((struct io_async *)io, fd, out);

    return err == 0 && clock_is_late(deadline_ns) ? -ETIMEDOUT : err;
}

static int async_socket(struct io *io, int domain, int type, int protocol)
{
    int fd = socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

    (void)io;
    return fd < 0 ? -errno : fd;
}

static int async_connect(struct io *io, int fd, const struct sockaddr *addr, socklen_t len,
                         uint64_t deadline_ns)
{
    struct watch *w;
    int err = begin(io, fd, deadline_ns, &w), pending;
    socklen_t pending_size = sizeof pending;

    if (err < 0)
        return err;
    w->dry = true; /* who connects speaks first, nearly always */
    if (connect(fd, addr, len) == 0)
        return 0;
    if (errno != EINPROGRESS && errno != EINTR)
        return -errno;
    err = wait_ready(io, w, EPOLLOUT, deadline_ns);
    if (err < 0)
        return err;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &pending, &pending_size) < 0)
        return -errno;
    return -pending;
}

static int async_accept(struct io *io, int fd, uint64_t deadline_ns)
{
    struct watch *w;
    int err = begin(io, fd, deadline_ns, &w);

    if (err < 0)
        return err;
    for (;;) {
        int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (conn >= 0)
            return conn;
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno != EAGAIN)
            return -errno;
        err = wait_ready(io, w, EPOLLIN, deadline_ns);
        if (err < 0)
            return err;
    }
}

/* Should a read ask the kernel before it waits? */
static bool should_ask(struct watch *w)
{
    if (w->dry || !w->full || w->vain[w->wrote] < SURE)
        return !w->dry;
    return ++w->guesses % ASK_AGAIN == 0;
}

/* What a read found that asked first. */
static void learn(struct watch *w, bool found)
{
    unsigned char *vain = &w->vain[w->wrote];

    if (w->full)
        *vain = found ? 0 : *vain < SURE ? *vain + 1 : SURE;
}

/* Read what is there. -EAGAIN: nothing is. */
static ssize_t read_now(struct watch *w, int fd, void *buf, size_t len)
{
    ssize_t n;

    do
        n = read(fd, buf, len);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN)
        return -errno;
    learn(w, n >= 0);
    w->dry = n < 0 || (n > 0 && (size_t)n < len);
    w->full = n > 0 && (size_t)n == len;
    w->wrote = false;
    return n < 0 ? -EAGAIN : n;
}

static ssize_t async_read(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns)
{
    struct watch *w;
    ssize_t n = begin(io, fd, deadline_ns, &w);

    if (n < 0)
        return n;
    n = should_ask(w) ? read_now(w, fd, buf, len) : -EAGAIN;
    while (n == -EAGAIN) {
        n = wait_ready(io, w, EPOLLIN, deadline_ns);
        if (n == 0)
            n = read_now(w, fd, buf, len);
    }
    return n;
}

static ssize_t write_now(int fd, const void *buf, size_t len)
{
    ssize_t n = send(fd, buf, len, MSG_NOSIGNAL);

    return n < 0 && errno == ENOTSOCK ? io_write_quietly(fd, buf, len) : n;
}

static ssize_t async_write(struct io *io, int fd, const void *buf, size_t len, uint64_t deadline_ns)
{
    struct watch *w;
    int err = begin(io, fd, deadline_ns, &w);

    if (err < 0)
        return err;
    for (;;) {
        ssize_t n = write_now(fd, buf, len);

        w->wrote = true;
        if (n >= 0)
            return n;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        err = wait_ready(io, w, EPOLLOUT, deadline_ns);
        if (err < 0)
            return err;
    }
}

/* What holds of `events` now, errors and hang-ups: poll(2). 0: nothing. */
static int ready_now(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    int n;

    if (fd < 0) /* which poll would ignore */
        return -EBADF;
    do
        n = poll(&p, 1, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return p.revents & POLLNVAL ? -EBADF : p.revents;
}

/* Suspend the current task until epoll reports one of `events` for fd. Nothing of a descriptor that
 * only such waits have used may stay, because others may close it without a word. */
static int wait_passing(struct io_async *a, int fd, short events, uint64_t deadline_ns)
{
    bool known = (size_t)fd < a->watches_size && a->watches[fd] != NULL;
    struct watch *w;
    int err = watch_of(a, fd, &w);

    if (err < 0)
        return err;
    w->passing |= !known;
    err = wait_ready(&a->io, w, (uint32_t)events, deadline_ns); /* POLLIN is EPOLLIN, and so on */
    if (w->passing && w->reader == NULL && w->writer == NULL)
        forget(a, fd);
    return err;
}

static int async_wait_fd(struct io *io, int fd, short events, uint64_t deadline_ns)
{
    int n = clock_is_late(deadline_ns) ? -ETIMEDOUT : ready_now(fd, events);

    while (n == 0) {
        n = wait_passing((struct io_async *)io, fd, events, deadline_ns);
        if (n == 0)
            n = ready_now(fd, events);
    }
    return n;
}

static int async_close(struct io *io, int fd)
{
    struct io_async *a = (struct io_async *)io;
    const struct watch *w = fd >= 0 && (size_t)fd < a->watches_size ? a->watches[fd] : NULL;

    if (w != NULL && (w->reader != NULL || w->writer != NULL))
        return -EBUSY;
    forget(a, fd);
    return close(fd) < 0 ? -errno : 0;
}

/* ---- Files: from the page cache at once, else uv_fs, in libuv's thread pool ---- */

/* One call in libuv's thread pool. The kernel may write to the task's buffer, so the task outwaits
 * it in any case; its stack may be away meanwhile. */
struct file_call {
    uv_fs_t req;
    struct task *task;
};

static void file_call_done(uv_fs_t *req)
{
    struct file_call *call = req->data;

    wait_wake(call->task, 0);
}

static int file_call_begin(struct file_call **out, uint64_t deadline_ns)
{
    struct file_call *call;

    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    call = malloc(sizeof *call);
    if (call == NULL)
        return -ENOMEM;
    call->task = task_current();
    call->req.data = call;
    *out = call;
    return 0;
}

/* Wait for a call whose uv_fs_*() has returned `err`; its result. */
static ssize_t file_call_end(struct file_call *call, int err)
{
    ssize_t result = err;

    if (err == 0) {
        wait_suspend_uncancelable();
        result = call->req.result;
    }
    uv_fs_req_cleanup(&call->req);
    free(call);
    return result;
}

static int async_open(struct io *io, const char *path, int flags, mode_t mode, uint64_t deadline_ns)
{
    struct io_async *a = (struct io_async *)io;
    struct file_call *call;
    int err = file_call_begin(&call, deadline_ns);

    if (err < 0)
        return err;
    return (int)file_call_end(
        call, uv_fs_open(a->uv, &call->req, path, flags | O_CLOEXEC, (int)mode, file_call_done));
}

typedef int transfer_fn(uv_loop_t *, uv_fs_t *, uv_file, const uv_buf_t *, unsigned, int64_t,
                        uv_fs_cb);

/* uv_fs_read() or uv_fs_write() of one buffer. libuv takes 32 bits of length; a transfer may be
 * short, so larger ones are cut. */
static ssize_t transfer(struct io *io, transfer_fn *function, int fd, const void *buf, size_t len,
                        off_t offset, uint64_t deadline_ns)
{
    struct io_async *a = (struct io_async *)io;
    uv_buf_t part = uv_buf_init((char *)buf, len < INT_MAX ? (unsigned)len : INT_MAX);
    struct file_call *call;
    int err = offset < 0 ? -EINVAL : file_call_begin(&call, deadline_ns);

    if (err < 0)
        return err;
    return file_call_end(call, function(a->uv, &call->req, fd, &part, 1, offset, file_call_done));
}

/* A read from the page cache never waits. So that readers do not keep others from the loop, a task
 * that has read STEP_BYTES in a step, some us, yields before it reads more; one read as long is a
 * long step, and a longer one is cut. */
#define STEP_BYTES (16u * 4096)
#define LONG_READ  STEP_BYTES
#define READ_MAX   (2 * STEP_BYTES)

/* Read what the page cache has, 1 byte or more; 0 when that is nothing. All else is left to a
 * thread: that the disk has to be asked (EAGAIN), that the file system or the kernel cannot do this
 * (EOPNOTSUPP, ENOSYS), errors, and the end of the file, because Linux 5.9 and 5.10 return 0 where
 * they mean EAGAIN (preadv2(2), BUGS). */
static ssize_t read_cached(struct io_async *a, int fd, void *buf, size_t len, off_t offset)
{
    struct iovec part = {buf, len < READ_MAX ? len : READ_MAX};
    ssize_t n = preadv2(fd, &part, 1, offset, RWF_NOWAIT);

    if (n <= 0)
        return 0;
    a->cached_bytes = (size_t)n + (a->cached_in == loop_switches(a->loop) ? a->cached_bytes : 0);
    a->cached_in = loop_switches(a->loop);
    if (n >= LONG_READ)
        loop_poll_soon(a->loop);
    return n;
}

static ssize_t async_pread(struct io *io, int fd, void *buf, size_t len, off_t offset,
                           uint64_t deadline_ns)
{
    struct io_async *a = (struct io_async *)io;
    ssize_t n = 0;

    if (offset < 0) /* libuv would use the position of the descriptor */
        return -EINVAL;
    if (a->cached_bytes >= STEP_BYTES && a->cached_in == loop_switches(a->loop))
        n = task_yield();
    if (n == 0 && clock_is_late(deadline_ns))
        n = -ETIMEDOUT;
    if (n == 0)
        n = read_cached(a, fd, buf, len, offset);
    return n != 0 ? n : transfer(io, uv_fs_read, fd, buf, len, offset, deadline_ns);
}

static ssize_t async_pwrite(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                            uint64_t deadline_ns)
{
    return transfer(io, uv_fs_write, fd, buf, len, offset, deadline_ns);
}

static int async_fsync(struct io *io, int fd, uint64_t deadline_ns)
{
    struct io_async *a = (struct io_async *)io;
    struct file_call *call;
    int err = file_call_begin(&call, deadline_ns);

    if (err < 0)
        return err;
    return (int)file_call_end(call, uv_fs_fsync(a->uv, &call->req, fd, file_call_done));
}

/* ---- The interface ---- */

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

static int async_http_open(struct io *io, struct err *err)
{
    struct io_async *a = (struct io_async *)io;

    return a->http != NULL ? 0 : http_client_create(io, a->uv, &a->http, err);
}

static int async_http_get(struct io *io, const struct io_http_request *request,
                          struct io_http_response *response, uint64_t deadline_ns)
{
    return http_client_get(((struct io_async *)io)->http, request, response, deadline_ns);
}

static void free_io(uv_handle_t *handle)
{
    free(container_of((uv_poll_t *)handle, struct io_async, in_uv));
}

static void async_destroy(struct io *io)
{
    struct io_async *a = (struct io_async *)io;

    http_client_destroy(a->http);
    for (size_t fd = 0; fd < a->watches_size; fd++)
        forget(a, (int)fd);
    free(a->watches);
    if (!a->sleeps) {
        uv_close((uv_handle_t *)&a->in_uv, free_io);
        close(a->epoll);
        return;
    }
    loop_set_poller(a->loop, NULL);
    close(a->timer);
    close(a->epoll);
    free(a);
}

static const struct io_ops ops = {
    .name = "async",
    .suspends = true,
    .now = async_now,
    .sleep_until = async_sleep_until,
    .open = async_open,
    .socket = async_socket,
    .connect = async_connect,
    .accept = async_accept,
    .read = async_read,
    .write = async_write,
    .pread = async_pread,
    .pwrite = async_pwrite,
    .fsync = async_fsync,
    .wait_fd = async_wait_fd,
    .close = async_close,
    .http_open = async_http_open,
    .http_get = async_http_get,
    .destroy = async_destroy,
};

/* Let the loop sleep here. */
static int take_sleep(struct io_async *a)
{
    struct epoll_event of_uv = {.events = EPOLLIN, .data.u64 = OF_UV};
    struct epoll_event of_timer = {.events = EPOLLIN | EPOLLET, .data.u64 = OF_TIMER};

    a->timer = timer_fd_open();
    if (a->timer < 0)
        return a->timer;
    if (epoll_ctl(a->epoll, EPOLL_CTL_ADD, uv_backend_fd(a->uv), &of_uv) < 0 ||
        epoll_ctl(a->epoll, EPOLL_CTL_ADD, a->timer, &of_timer) < 0) {
        close(a->timer);
        return -ENOMEM;
    }
    a->sleeps = true;
    return 0;
}

/* The loop sleeps elsewhere: let libuv look at `epoll`. */
static int join_uv(struct io_async *a)
{
    int err = uv_poll_init(a->uv, &a->in_uv, a->epoll);

    return err < 0 ? err : uv_poll_start(&a->in_uv, UV_READABLE, on_epoll);
}

struct io *io_async_create(struct loop *loop)
{
    struct io_async *a = calloc(1, sizeof *a);
    int err;

    if (a == NULL)
        return NULL;
    *a = (struct io_async){.io.ops = &ops,
                           .poller.poll = async_poll,
                           .loop = loop,
                           .uv = loop_uv(loop),
                           .armed_ns = NO_DEADLINE};
    a->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (a->epoll < 0)
        goto err0;
    err = loop_set_poller(loop, &a->poller);
    if ((err < 0 ? join_uv(a) : take_sleep(a)) < 0)
        goto err1;
    return &a->io;

err1:
    if (err == 0)
        loop_set_poller(loop, NULL);
    close(a->epoll);
err0:
    free(a);
    return NULL;
}
