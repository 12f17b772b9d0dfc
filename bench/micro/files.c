/* Random reads of a cached file: n at a time by tasks, by libuv's threads and by io_uring alone,
 * also with the file in the ring's table, and one after the other by pread(), and by the call that
 * a loop can make, which never waits. */
#include "async/loop.h"
#include "base/hash.h"
#include "micro/micro.h"

#include <errno.h>
#include <fcntl.h>
#ifdef TVA_URING
#include <liburing.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Bytes. Blocks in memory are aligned to it, as those of the file are: some CPUs copy at a third of
 * their speed where the two are a few bytes apart in that. */
#define BLOCK  4096
#define BLOCKS 256 /* of the file */

/* What all reads share. */
struct reading {
    int fd;
    uint64_t n, all, left; /* in flight at most; reads to make; not begun */
    struct io *io;
    struct micro_output *out;
    uv_loop_t uv;
    int err;
};

static int open_file(struct reading *r, const struct micro_input *in)
{
    const char *dir = getenv("TMPDIR");
    char path[4096], block[BLOCK];

    *r = (struct reading){.n = in->n, .all = in->operations, .left = in->operations};
    snprintf(path, sizeof path, "%s/tva-micro-XXXXXX", dir != NULL ? dir : "/tmp");
    r->fd = mkstemp(path);
    if (r->fd < 0)
        return -errno;
    unlink(path);
    memset(block, 'x', BLOCK);
    for (int i = 0; i < BLOCKS; i++)
        if (pwrite(r->fd, block, BLOCK, (off_t)i * BLOCK) != BLOCK)
            return -EIO;
    return 0;
}

/* Begin a read: its offset. */
static off_t next_offset(struct reading *r)
{
    return (off_t)(hash_mix(--r->left) % BLOCKS) * BLOCK;
}

static int read_by_task(void *arg)
{
    struct reading *r = arg;
    char *block = aligned_alloc(BLOCK, BLOCK);
    ssize_t n = block != NULL ? BLOCK : -ENOMEM;

    while (n == BLOCK && r->left > 0)
        n = io_pread(r->io, r->fd, block, BLOCK, next_offset(r), NO_DEADLINE);
    free(block);
    return n == BLOCK ? 0 : n < 0 ? (int)n : -EIO;
}

/* The same by the call that may wait, which no loop can make for others: what is left is the
 * switch. */
static int read_and_yield(void *arg)
{
    struct reading *r = arg;
    char *block = aligned_alloc(BLOCK, BLOCK);
    ssize_t n = block != NULL ? BLOCK : -ENOMEM;

    while (n == BLOCK && r->left > 0) {
        n = pread(r->fd, block, BLOCK, next_offset(r));
        task_yield();
    }
    free(block);
    return n == BLOCK ? 0 : -EIO;
}

static int gather_reads(struct reading *r, coro_fn *fn)
{
    struct micro_moment begin = micro_now();
    int err = micro_gather(task_create, r->n, fn, r, 0);

    micro_note_rate(begin, r->all, r->out);
    return err;
}

static int read_yielding(void *arg)
{
    return gather_reads(arg, read_and_yield);
}

static int read_by_io(void *arg)
{
    return gather_reads(arg, read_by_task);
}

/* A ring keeps only a file that it opened itself. */
static int open_and_read_by_io(void *arg)
{
    struct reading *r = arg;
    char path[64];
    int other = r->fd, err;

    snprintf(path, sizeof path, "/proc/self/fd/%d", other);
    r->fd = io_open(r->io, path, O_RDONLY, 0, NO_DEADLINE);
    err = r->fd < 0 ? r->fd : gather_reads(r, read_by_task);
    io_close(r->io, r->fd);
    r->fd = other;
    return err;
}

static int run_reading(const struct micro_input *in, coro_fn *main, struct micro_output *out)
{
    struct reading r;
    struct loop *loop = NULL;
    int err = open_file(&r, in);

    r.out = out;
    if (err == 0)
        err = loop_create(NULL, &loop);
    if (loop == NULL)
        return err;
    if (main != read_yielding)
        err = model_create_io(in->model, loop, &r.io, NULL);
    if (err == 0)
        err = loop_run(loop, coro_create(main, &r));
    io_destroy(r.io);
    loop_destroy(loop);
    close(r.fd);
    return err;
}

int cached_tva(const struct micro_input *in, struct micro_output *out)
{
    return run_reading(in, read_by_io, out);
}

int cached_uring(const struct micro_input *in, struct micro_output *out)
{
    return run_reading(in, open_and_read_by_io, out);
}

int cached_yielding(const struct micro_input *in, struct micro_output *out)
{
    return run_reading(in, read_yielding, out);
}

typedef ssize_t read_block(int fd, void *block, off_t offset);

static int read_in_turn(read_block *read, const struct micro_input *in, struct micro_output *out)
{
    struct reading r;
    _Alignas(BLOCK) char block[BLOCK];
    int err = open_file(&r, in);
    struct micro_moment begin = micro_now();

    while (err == 0 && r.left > 0)
        err = read(r.fd, block, next_offset(&r)) == BLOCK ? 0 : -EIO;
    micro_note_rate(begin, r.all, out);
    close(r.fd);
    return err;
}

static ssize_t read_waiting(int fd, void *block, off_t offset)
{
    return pread(fd, block, BLOCK, offset);
}

int cached_pread(const struct micro_input *in, struct micro_output *out)
{
    return read_in_turn(read_waiting, in, out);
}

static ssize_t read_nowait(int fd, void *block, off_t offset)
{
    return preadv2(fd, &(struct iovec){block, BLOCK}, 1, offset, RWF_NOWAIT);
}

int cached_nowait(const struct micro_input *in, struct micro_output *out)
{
    return read_in_turn(read_nowait, in, out);
}

struct request {
    _Alignas(BLOCK) char block[BLOCK];
    uv_fs_t fs;
    struct reading *reading;
};

static void read_again(uv_fs_t *fs)
{
    struct request *request = fs->data;
    struct reading *r = request->reading;
    uv_buf_t buf = uv_buf_init(request->block, BLOCK);

    if (fs->result < 0)
        r->err = (int)fs->result;
    uv_fs_req_cleanup(fs);
    if (r->left > 0 && r->err == 0)
        r->err = uv_fs_read(&r->uv, fs, r->fd, &buf, 1, next_offset(r), read_again);
}

int cached_uv(const struct micro_input *in, struct micro_output *out)
{
    struct request *requests = aligned_alloc(BLOCK, in->n * sizeof *requests);
    struct reading r;
    int err = open_file(&r, in);
    struct micro_moment begin;

    if (err == 0)
        err = requests != NULL ? uv_loop_init(&r.uv) : -ENOMEM;
    begin = micro_now();
    for (uint64_t i = 0; i < in->n && err == 0; i++) {
        memset(&requests[i], 0, sizeof requests[i]);
        requests[i].reading = &r;
        requests[i].fs.data = &requests[i];
        read_again(&requests[i].fs);
    }
    if (err == 0)
        uv_run(&r.uv, UV_RUN_DEFAULT);
    micro_note_rate(begin, r.all, out);
    close(r.fd);
    free(requests);
    return err < 0 ? err : r.err;
}

/* ---- By io_uring alone ---- */

#ifdef TVA_URING

static int queue_read(struct io_uring *ring, struct reading *r, bool kept, char *block)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    if (sqe == NULL)
        return -EAGAIN;
    io_uring_prep_read(sqe, kept ? 0 : r->fd, block, BLOCK, (uint64_t)next_offset(r));
    sqe->flags = kept ? IOSQE_FIXED_FILE : 0;
    io_uring_sqe_set_data(sqe, block);
    return 0;
}

/* kept: the ring holds the file, in the first place of its table. */
static int read_by_ring(const struct micro_input *in, bool kept, struct micro_output *out)
{
    char *blocks = aligned_alloc(BLOCK, in->n * BLOCK);
    uint64_t done = 0;
    struct micro_moment begin;
    struct io_uring_cqe *cqe;
    struct io_uring ring;
    struct reading r;
    int err = open_file(&r, in);

    if (err == 0)
        err = blocks == NULL
                  ? -ENOMEM
                  : io_uring_queue_init((unsigned)in->n, &ring,
                                        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    if (err == 0 && kept)
        err = io_uring_register_files(&ring, &r.fd, 1);
    begin = micro_now();
    for (uint64_t i = 0; i < in->n && err == 0; i++)
        err = queue_read(&ring, &r, kept, blocks + i * BLOCK);
    while (done < r.all && err >= 0) {
        err = io_uring_submit_and_wait(&ring, 1);
        while (err >= 0 && io_uring_peek_cqe(&ring, &cqe) == 0) {
            char *block = io_uring_cqe_get_data(cqe);

            if (cqe->res != BLOCK)
                err = -EIO;
            io_uring_cqe_seen(&ring, cqe);
            done++;
            if (err >= 0 && r.left > 0)
                err = queue_read(&ring, &r, kept, block);
        }
    }
    micro_note_rate(begin, r.all, out);
    free(blocks);
    return err < 0 ? err : 0;
}

#else

static int read_by_ring(const struct micro_input *in, bool kept, struct micro_output *out)
{
    (void)in;
    (void)kept;
    (void)out;
    return -ENOSYS;
}

#endif

int cached_ring(const struct micro_input *in, struct micro_output *out)
{
    return read_by_ring(in, false, out);
}

int cached_ring_kept(const struct micro_input *in, struct micro_output *out)
{
    return read_by_ring(in, true, out);
}
