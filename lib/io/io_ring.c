#include "io/io_ring.h"

#include "async/wait.h"
#include "base/units.h"
#include "io/http_client.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Requests of one pass that fit the queue; more are submitted in between. Completions that do not
 * fit theirs, the kernel keeps in a list. */
#define SUBMISSIONS 512
#define COMPLETIONS 4096

#define PATIENCE_MS 100 /* until a ring has memory */

#define LOOK_NS NS_PER_MS

/* Files that a ring may keep: descriptors below. */
#define KEPT_FILES 1024

/* Transfers. To keep a file and to let it go costs what it saves in so many. */
#define KEEP_AFTER 16

/* Memory of a ring: its entries. */
#define RING_BYTES                                                                                 \
    (SUBMISSIONS * (sizeof(struct io_uring_sqe) + sizeof(unsigned)) +                              \
     COMPLETIONS * sizeof(struct io_uring_cqe))

enum {
    FD_READING = 1, /* a task reads, or accepts */
    FD_WRITING = 2, /* a task writes, or connects */
    FD_PIPE = 4,    /* a stream that is no socket */
    FD_FILE = 8,    /* has positions, so that pread() and pwrite() are allowed */
    FD_MORE = 16,   /* the last read left bytes in the socket */
    FD_KEPT = 32    /* the ring holds its file (IORING_REGISTER_FILES2) */
};

/* What is known of a descriptor. */
struct known {
    unsigned char flags;      /* FD_... */
    unsigned char until_kept; /* transfers; 0: not to be kept, or it is */
};

/* What the kernel is asked to do. It lies on the waiting task's stack. */
struct request {
    struct task *task; /* that waits; NULL: none does */
    const void *addr;
    uint64_t offset;
    int fd, result; /* result: once done */
    unsigned len, op_flags;
    unsigned short priority;
    unsigned char opcode, flags;
    bool done, left_bytes;
};

struct io_ring {
    struct io io; /* first */
    struct loop_poller poller;
    struct loop *loop;
    struct io_uring ring;
    struct request watch_uv; /* polls libuv's descriptor; done: that is readable */
    struct known *fds;       /* by descriptor */
    size_t fds_size;
    bool keeps;               /* it has a table of kept files */
    struct http_client *http; /* NULL until io_http_open() */
};

/* ---- The queues ---- */

static void complete(const struct io_uring_cqe *cqe)
{
    struct request *q = io_uring_cqe_get_data(cqe);

    if (q == NULL) /* the answer to a cancellation */
        return;
    q->result = cqe->res;
    q->left_bytes = cqe->flags & IORING_CQE_F_SOCK_NONEMPTY;
    q->done = true;
    if (q->task != NULL)
        wait_wake(q->task, 0);
}

/* Take what is complete. No system call. */
static void reap(struct io_ring *r)
{
    struct io_uring_cqe *cqe;
    unsigned head, n = 0;

    io_uring_for_each_cqe(&r->ring, head, cqe)
    {
        complete(cqe);
        n++;
    }
    io_uring_cq_advance(&r->ring, n);
}

/* Submit, and let the kernel complete what it can, without waiting for anything. */
static void submit(struct io_ring *r)
{
    io_uring_submit_and_get_events(&r->ring);
}

/* A place in the submission queue; the kernel may have no memory for more requests for a while. */
static inline struct io_uring_sqe *place(struct io_ring *r)
{
    struct io_uring_sqe *sqe;

    while ((sqe = io_uring_get_sqe(&r->ring)) == NULL) {
        submit(r);
        reap(r);
    }
    return sqe;
}

static inline void queue(struct io_ring *r, struct request *q)
{
    struct io_uring_sqe *sqe = place(r);

    io_uring_prep_rw(q->opcode, sqe, q->fd, q->addr, q->len, q->offset);
    sqe->flags = q->flags;
    sqe->rw_flags = (__kernel_rwf_t)q->op_flags;
    sqe->ioprio = q->priority;
    io_uring_sqe_set_data(sqe, q);
    q->done = false;
}

/* ---- What the loop does between two passes ---- */

static void watch_uv(struct io_ring *r)
{
    r->watch_uv = (struct request){
        .opcode = IORING_OP_POLL_ADD, .fd = uv_backend_fd(loop_uv(r->loop)), .op_flags = POLLIN};
    queue(r, &r->watch_uv);
}

/* Has the kernel something to do for which it waits until this thread calls it? */
static bool kernel_waits(const struct io_ring *r)
{
    unsigned flags = IO_URING_READ_ONCE(*r->ring.sq.kflags);

    return io_uring_sq_ready(&r->ring) > 0 || flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW);
}

static void submit_and_sleep(struct io_ring *r, uint64_t until_ns)
{
    uint64_t now_ns = until_ns == NO_DEADLINE ? 0 : clock_now_ns();
    struct timespec span = clock_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
    struct __kernel_timespec timeout = {.tv_sec = span.tv_sec, .tv_nsec = span.tv_nsec};
    struct io_uring_cqe *cqe;

    io_uring_submit_and_wait_timeout(&r->ring, &cqe, 1, until_ns == NO_DEADLINE ? NULL : &timeout,
                                     NULL);
}

static void ring_poll(struct loop_poller *poller)
{
    struct io_ring *r = container_of(poller, struct io_ring, poller);
    uint64_t until_ns = loop_poll_uv(r->loop, r->watch_uv.done);

    if (r->watch_uv.done)
        watch_uv(r);
    if (until_ns > 0 && io_uring_cq_ready(&r->ring) == 0)
        submit_and_sleep(r, until_ns);
    else if (kernel_waits(r))
        submit(r);
    reap(r);
}

/* ---- A request, from its task ---- */

/* Wait for it, whatever happens: the kernel works in the task's memory. */
static inline int outwait(struct request *q)
{
    while (!q->done)
        wait_suspend_uncancelable();
    return q->result;
}

static int wait_for(struct io_ring *r, struct request *q, uint64_t deadline_ns)
{
    int err = wait_suspend(deadline_ns);

    if (!q->done) {
        struct io_uring_sqe *sqe = place(r);

        io_uring_prep_cancel(sqe, q, 0);
        io_uring_sqe_set_data(sqe, NULL);
        outwait(q);
        if (q->result == -ECANCELED || q->result == -EINTR)
            return err;
    }
    if (err == -ECANCELED) /* the result counts; the next wait sees the cancellation */
        task_cancel(q->task);
    return q->result;
}

/* Let the kernel do it until the deadline, unless a signal comes between. */
static int perform(struct io_ring *r, struct request *q, uint64_t deadline_ns)
{
    int n;

    q->task = task_current();
    do {
        queue(r, q);
        n = wait_for(r, q, deadline_ns);
    } while (n == -EINTR);
    return n;
}

/* The same for files, whose requests the kernel cannot cut short. */
static inline int perform_file(struct io_ring *r, struct request *q, uint64_t deadline_ns)
{
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    q->task = task_current();
    do
        queue(r, q);
    while (outwait(q) == -EINTR);
    return q->result;
}

/* ---- Sockets and pipes ---- */

static int grow(struct io_ring *r, size_t fd)
{
    size_t size = r->fds_size ? r->fds_size : 64;
    struct known *fds;

    while (size <= fd)
        size *= 2;
    fds = realloc(r->fds, size * sizeof *fds);
    if (fds == NULL)
        return -ENOMEM;
    memset(fds + r->fds_size, 0, (size - r->fds_size) * sizeof *fds);
    r->fds = fds;
    r->fds_size = size;
    return 0;
}

/* Make room for what is to be known of fd; not up to a number that no descriptor has. */
static inline int know(struct io_ring *r, int fd)
{
    if (fd >= 0 && (size_t)fd < r->fds_size)
        return 0;
    return fcntl(fd, F_GETFD) < 0 ? -errno : grow(r, (size_t)fd);
}

/* What an operation on a socket or pipe begins with; `use` is FD_READING or FD_WRITING. */
static int begin(struct io_ring *r, int fd, int use, uint64_t deadline_ns)
{
    int err = know(r, fd);

    if (err == 0 && clock_is_late(deadline_ns))
        err = -ETIMEDOUT;
    if (err == 0 && r->fds[fd].flags & use)
        err = -EBUSY;
    if (err == 0)
        r->fds[fd].flags |= use;
    return err;
}

/* ... and ends with. */
static int end(struct io_ring *r, int fd, int use, int result)
{
    r->fds[fd].flags &= ~use;
    return result;
}

static int wait_ready(struct io_ring *r, int fd, unsigned events, uint64_t deadline_ns)
{
    struct request q = {.opcode = IORING_OP_POLL_ADD, .fd = fd, .op_flags = events};

    return perform(r, &q, deadline_ns);
}

/* The kernel waits only for descriptors that block; for others this does. */
static int perform_stream(struct io_ring *r, struct request *q, unsigned events,
                          uint64_t deadline_ns)
{
    int n = perform(r, q, deadline_ns);

    while (n == -EAGAIN) {
        n = wait_ready(r, q->fd, events, deadline_ns);
        if (n >= 0)
            n = perform(r, q, deadline_ns);
    }
    return n;
}

static int ring_socket(struct io *io, int domain, int type, int protocol)
{
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol);

    (void)io;
    return fd < 0 ? -errno : fd;
}

static int ring_connect(struct io *io, int fd, const struct sockaddr *addr, socklen_t len,
                        uint64_t deadline_ns)
{
    struct request q = {.opcode = IORING_OP_CONNECT, .fd = fd, .addr = addr, .offset = len};
    struct io_ring *r = (struct io_ring *)io;
    int err = begin(r, fd, FD_WRITING, deadline_ns);

    return err < 0 ? err : end(r, fd, FD_WRITING, perform(r, &q, deadline_ns));
}

static int ring_accept(struct io *io, int fd, uint64_t deadline_ns)
{
    struct request q = {.opcode = IORING_OP_ACCEPT, .fd = fd, .op_flags = SOCK_CLOEXEC};
    struct io_ring *r = (struct io_ring *)io;
    int n = begin(r, fd, FD_READING, deadline_ns);

    if (n < 0)
        return n;
    do
        n = perform_stream(r, &q, POLLIN, deadline_ns);
    while (n == -ECONNABORTED);
    return end(r, fd, FD_READING, n);
}

/* A socket is asked at once only if the last read left something; else the kernel first waits for
 * bytes, instead of finding none. */
static int receive(struct io_ring *r, int fd, void *buf, size_t len, uint64_t deadline_ns)
{
    struct request q = {.opcode = IORING_OP_RECV, .fd = fd, .addr = buf, .len = (unsigned)len};
    int n;

    if (!(r->fds[fd].flags & FD_MORE))
        q.priority = IORING_RECVSEND_POLL_FIRST;
    n = perform_stream(r, &q, POLLIN, deadline_ns);
    if (n >= 0 || n == -ENOTSOCK) {
        r->fds[fd].flags &= ~FD_MORE;
        r->fds[fd].flags |= n == -ENOTSOCK ? FD_PIPE : q.left_bytes ? FD_MORE : 0;
    }
    return n;
}

static int read_pipe(struct io_ring *r, int fd, void *buf, size_t len, uint64_t deadline_ns)
{
    struct request q = {.opcode = IORING_OP_READ,
                        .fd = fd,
                        .addr = buf,
                        .len = (unsigned)len,
                        .offset = (uint64_t)-1}; /* as read(2) */

    return perform_stream(r, &q, POLLIN, deadline_ns);
}

/* io_uring takes 32 bits of length; a transfer may be short, so larger ones are cut. */
static size_t cut(size_t len)
{
    return len < INT_MAX ? len : INT_MAX;
}

static ssize_t ring_read(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns)
{
    struct io_ring *r = (struct io_ring *)io;
    int n = begin(r, fd, FD_READING, deadline_ns);

    if (n < 0)
        return n;
    if (!(r->fds[fd].flags & FD_PIPE))
        n = receive(r, fd, buf, cut(len), deadline_ns);
    if (r->fds[fd].flags & FD_PIPE)
        n = read_pipe(r, fd, buf, cut(len), deadline_ns);
    return end(r, fd, FD_READING, n);
}

/* io_uring would raise SIGPIPE, so this waits for room and writes by itself, without blocking. */
static int write_pipe(struct io_ring *r, int fd, const void *buf, size_t len, uint64_t deadline_ns)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
        return -errno;
    for (;;) {
        ssize_t n = io_write_quietly(fd, buf, len);
        int err;

        if (n >= 0)
            return (int)n;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        err = wait_ready(r, fd, POLLOUT, deadline_ns);
        if (err < 0)
            return err;
    }
}

static ssize_t ring_write(struct io *io, int fd, const void *buf, size_t len, uint64_t deadline_ns)
{
    struct request q = {.opcode = IORING_OP_SEND,
                        .fd = fd,
                        .addr = buf,
                        .len = (unsigned)cut(len),
                        .op_flags = MSG_NOSIGNAL};
    struct io_ring *r = (struct io_ring *)io;
    int n = begin(r, fd, FD_WRITING, deadline_ns);

    if (n < 0)
        return n;
    if (!(r->fds[fd].flags & FD_PIPE)) {
        n = perform_stream(r, &q, POLLOUT, deadline_ns);
        if (n == -ENOTSOCK)
            r->fds[fd].flags |= FD_PIPE;
    }
    if (r->fds[fd].flags & FD_PIPE)
        n = write_pipe(r, fd, buf, cut(len), deadline_ns);
    return end(r, fd, FD_WRITING, n);
}

/* io_uring also reports that the peer has shut down its side (POLLRDHUP), unasked and without end.
 * A wait for room then looks once in LOOK_NS. */
static int wait_for_events(struct io_ring *r, int fd, short events, uint64_t deadline_ns)
{
    for (;;) {
        int n = wait_ready(r, fd, (unsigned)events, deadline_ns);
        uint64_t next_ns = clock_add_ns(clock_now_ns(), LOOK_NS);

        if (n > 0)
            n &= events | POLLERR | POLLHUP;
        if (n == 0)
            n = task_sleep_until(next_ns < deadline_ns ? next_ns : deadline_ns);
        if (n != 0)
            return n;
        if (clock_is_late(deadline_ns))
            return -ETIMEDOUT;
    }
}

static int ring_wait_fd(struct io *io, int fd, short events, uint64_t deadline_ns)
{
    int use = (events & POLLIN ? FD_READING : 0) | (events & POLLOUT ? FD_WRITING : 0);
    struct io_ring *r = (struct io_ring *)io;
    int n = begin(r, fd, use, deadline_ns);

    return n < 0 ? n : end(r, fd, use, wait_for_events(r, fd, events, deadline_ns));
}

/* ---- Files that the ring keeps ----
 *
 * For each request the kernel finds the file of its descriptor and holds it meanwhile. A file that
 * the ring keeps it finds in the ring's table, at the descriptor's place. Only what io_open()
 * opened is kept, since nobody else closes that. */

/* For more descriptors than the process may have, liburing would raise their limit. */
static bool make_table(struct io_ring *r)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return false;
    return io_uring_register_files_sparse(
               &r->ring, limit.rlim_cur < KEPT_FILES ? (unsigned)limit.rlim_cur : KEPT_FILES) == 0;
}

/* Where this fails, as for a descriptor that has no place, requests go on with the descriptor. */
static void keep_file(struct io_ring *r, int fd)
{
    if (!r->keeps)
        r->keeps = make_table(r);
    if (r->keeps && io_uring_register_files_update(&r->ring, (unsigned)fd, &fd, 1) == 1)
        r->fds[fd].flags |= FD_KEPT;
}

/* Nothing is known of fd any more. */
static void forget(struct io_ring *r, int fd)
{
    if (r->fds[fd].flags & FD_KEPT)
        io_uring_register_files_update(&r->ring, (unsigned)fd, &(int){-1}, 1);
    r->fds[fd] = (struct known){0};
}

static int ring_close(struct io *io, int fd)
{
    struct io_ring *r = (struct io_ring *)io;

    if (fd >= 0 && (size_t)fd < r->fds_size) {
        if (r->fds[fd].flags & (FD_READING | FD_WRITING))
            return -EBUSY;
        forget(r, fd);
    }
    return close(fd) < 0 ? -errno : 0;
}

/* ---- Files ---- */

static int ring_open(struct io *io, const char *path, int flags, mode_t mode, uint64_t deadline_ns)
{
    struct request q = {.opcode = IORING_OP_OPENAT,
                        .fd = AT_FDCWD,
                        .addr = path,
                        .len = mode,
                        .op_flags = (unsigned)flags | O_CLOEXEC};
    struct io_ring *r = (struct io_ring *)io;
    int fd = perform_file(r, &q, deadline_ns);

    if (fd >= 0 && know(r, fd) == 0) {
        forget(r, fd); /* of one before, closed elsewhere */
        r->fds[fd].until_kept = KEEP_AFTER;
    }
    return fd;
}

/* io_uring would read from a stream as if it had positions. */
static inline int check_file(struct io_ring *r, int fd)
{
    int err = know(r, fd);

    if (err < 0 || r->fds[fd].flags & FD_FILE)
        return err;
    if (lseek(fd, 0, SEEK_CUR) < 0)
        return -errno;
    r->fds[fd].flags |= FD_FILE;
    return 0;
}

static inline int transfer(struct io *io, unsigned char opcode, int fd, const void *buf, size_t len,
                           off_t offset, uint64_t deadline_ns)
{
    struct request q = {.opcode = opcode,
                        .fd = fd,
                        .addr = buf,
                        .len = (unsigned)cut(len),
                        .offset = (uint64_t)offset};
    struct io_ring *r = (struct io_ring *)io;
    int err = offset < 0 ? -EINVAL : check_file(r, fd);

    if (err < 0)
        return err;
    if (r->fds[fd].until_kept > 0 && --r->fds[fd].until_kept == 0)
        keep_file(r, fd);
    q.flags = r->fds[fd].flags & FD_KEPT ? IOSQE_FIXED_FILE : 0;
    return perform_file(r, &q, deadline_ns);
}

static ssize_t ring_pread(struct io *io, int fd, void *buf, size_t len, off_t offset,
                          uint64_t deadline_ns)
{
    return transfer(io, IORING_OP_READ, fd, buf, len, offset, deadline_ns);
}

static ssize_t ring_pwrite(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                           uint64_t deadline_ns)
{
    return transfer(io, IORING_OP_WRITE, fd, buf, len, offset, deadline_ns);
}

static int ring_fsync(struct io *io, int fd, uint64_t deadline_ns)
{
    struct request q = {.opcode = IORING_OP_FSYNC, .fd = fd};

    return perform_file((struct io_ring *)io, &q, deadline_ns);
}

/* ---- The interface ---- */

static uint64_t ring_now(struct io *io)
{
    (void)io;
    return clock_now_ns();
}

static int ring_sleep_until(struct io *io, uint64_t deadline_ns)
{
    (void)io;
    return task_sleep_until(deadline_ns);
}

static int ring_http_open(struct io *io, struct err *err)
{
    struct io_ring *r = (struct io_ring *)io;

    return r->http != NULL ? 0 : http_client_create(io, loop_uv(r->loop), &r->http, err);
}

static int ring_http_get(struct io *io, const struct io_http_request *request,
                         struct io_http_response *response, uint64_t deadline_ns)
{
    return http_client_get(((struct io_ring *)io)->http, request, response, deadline_ns);
}

static void ring_destroy(struct io *io)
{
    struct io_ring *r = (struct io_ring *)io;

    http_client_destroy(r->http);
    loop_set_poller(r->loop, NULL);
    io_uring_queue_exit(&r->ring);
    free(r->fds);
    free(r);
}

static const struct io_ops ops = {
    .name = "ring",
    .suspends = true,
    .lends = true,
    .now = ring_now,
    .sleep_until = ring_sleep_until,
    .open = ring_open,
    .socket = ring_socket,
    .connect = ring_connect,
    .accept = ring_accept,
    .read = ring_read,
    .write = ring_write,
    .pread = ring_pread,
    .pwrite = ring_pwrite,
    .fsync = ring_fsync,
    .wait_fd = ring_wait_fd,
    .close = ring_close,
    .http_open = ring_http_open,
    .http_get = ring_http_get,
    .destroy = ring_destroy,
};

/* ---- Making one ---- */

/* Since 6.13 the kernel counts a ring as locked memory of the user. */
static int no_memory(struct err *err)
{
    char needed[32], allowed[32] = "any amount";
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        units_format_size((double)limit.rlim_cur, allowed, sizeof allowed);
    return err_set(
        err, -ENOMEM,
        "no memory for a ring of io_uring: it locks at least %s, and all rings of this user may "
        "lock %s (ulimit -l)",
        units_format_size(RING_BYTES, needed, sizeof needed), allowed);
}

static int refused(int error, struct err *err)
{
    switch (error) {
    case -EPERM:
    case -EACCES:
        return err_set(err, -EPERM,
                       "the kernel refuses io_uring to this process: see the sysctl "
                       "kernel.io_uring_disabled and the seccomp profile of the container");
    case -ENOSYS:
        return err_set(err, error,
                       "this kernel has no io_uring, or the seccomp profile of the container "
                       "hides it");
    case -EINVAL:
        return err_set(err, error, "io_uring of this kernel is too old: it takes Linux 6.1");
    case -ENOMEM:
        return no_memory(err);
    default:
        return err_set(err, error, "cannot make a ring of io_uring: %s", strerror(-error));
    }
}

/* A ring that was closed counts as locked memory for some milliseconds more.
 *
 * Work that the kernel does for a request in this thread waits for a system call that asks for it,
 * which is the one that the loop makes anyway. */
static int open_ring(struct io_uring *ring, struct err *err)
{
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                              IORING_SETUP_DEFER_TASKRUN |
                                              IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE,
                                     .cq_entries = COMPLETIONS};
    const struct timespec pause = clock_timespec(NS_PER_MS);
    int r = io_uring_queue_init_params(SUBMISSIONS, ring, &params);

    for (int ms = 0; r == -ENOMEM && ms < PATIENCE_MS; ms++) {
        nanosleep(&pause, NULL);
        r = io_uring_queue_init_params(SUBMISSIONS, ring, &params);
    }
    return r < 0 ? refused(r, err) : 0;
}

int io_ring_create(struct loop *loop, struct io **out, struct err *err)
{
    struct io_ring *r = calloc(1, sizeof *r);
    int e;

    if (r == NULL)
        return err_set(err, -ENOMEM, "no memory for the io backend");
    *r = (struct io_ring){.io.ops = &ops, .poller.poll = ring_poll, .loop = loop};
    e = loop_set_poller(loop, &r->poller);
    if (e < 0) {
        err_set(err, e, "the loop sleeps in another io already: make the ring first");
        goto err0;
    }
    e = open_ring(&r->ring, err);
    if (e < 0)
        goto err1;
    watch_uv(r);
    *out = &r->io;
    return 0;

err1:
    loop_set_poller(loop, NULL);
err0:
    free(r);
    return e;
}

int io_ring_check(struct err *err)
{
    struct io_uring ring;
    int r = open_ring(&ring, err);

    if (r == 0)
        io_uring_queue_exit(&ring);
    return r;
}
