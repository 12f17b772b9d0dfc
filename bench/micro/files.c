/* Random reads of a cached file: n at a time by tasks and by libuv's threads, and one after the
 * other by pread(). */
#include "async/loop.h"
#include "base/hash.h"
#include "io/io_async.h"
#include "micro/micro.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK  4096
#define BLOCKS 256 /* of the file */
#define READS  50000

/* What all reads share. */
struct reading {
    int fd;
    uint64_t n, left; /* in flight at most; not begun */
    struct io *io;
    uv_loop_t uv;
    int err;
};

static int open_file(struct reading *r, const struct micro_input *in)
{
    const char *dir = getenv("TMPDIR");
    char path[4096], block[BLOCK];

    *r = (struct reading){.n = in->n, .left = READS};
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

static void note(uint64_t begin_ns, struct micro_output *out)
{
    out->of[MICRO_VALUE] = READS / clock_seconds(clock_now_ns() - begin_ns);
}

static int read_by_task(void *arg)
{
    struct reading *r = arg;
    char *block = malloc(BLOCK);
    ssize_t n = block != NULL ? BLOCK : -ENOMEM;

    while (n == BLOCK && r->left > 0)
        n = io_pread(r->io, r->fd, block, BLOCK, next_offset(r), NO_DEADLINE);
    free(block);
    return n == BLOCK ? 0 : n < 0 ? (int)n : -EIO;
}

static int read_by_tasks(void *arg)
{
    struct reading *r = arg;

    return micro_gather(r->n, read_by_task, r, 0);
}

int cached_tva(const struct micro_input *in, struct micro_output *out)
{
    struct reading r;
    struct loop *loop = NULL;
    uint64_t begin_ns;
    int err = open_file(&r, in);

    if (err == 0)
        err = loop_create(NULL, &loop);
    if (loop == NULL)
        return err;
    r.io = io_async_create(loop);
    begin_ns = clock_now_ns();
    err = r.io != NULL ? loop_run(loop, coro_create(read_by_tasks, &r)) : -ENOMEM;
    note(begin_ns, out);
    io_destroy(r.io);
    loop_destroy(loop);
    close(r.fd);
    return err;
}

int cached_pread(const struct micro_input *in, struct micro_output *out)
{
    struct reading r;
    char block[BLOCK];
    int err = open_file(&r, in);
    uint64_t begin_ns = clock_now_ns();

    while (err == 0 && r.left > 0)
        err = pread(r.fd, block, BLOCK, next_offset(&r)) == BLOCK ? 0 : -EIO;
    note(begin_ns, out);
    close(r.fd);
    return err;
}

struct request {
    uv_fs_t fs;
    struct reading *reading;
    char block[BLOCK];
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
    struct request *requests = calloc(in->n, sizeof *requests);
    struct reading r;
    int err = open_file(&r, in);
    uint64_t begin_ns;

    if (err == 0)
        err = requests != NULL ? uv_loop_init(&r.uv) : -ENOMEM;
    begin_ns = clock_now_ns();
    for (uint64_t i = 0; i < in->n && err == 0; i++) {
        requests[i].reading = &r;
        requests[i].fs.data = &requests[i];
        read_again(&requests[i].fs);
    }
    if (err == 0)
        uv_run(&r.uv, UV_RUN_DEFAULT);
    note(begin_ns, out);
    close(r.fd);
    free(requests);
    return err < 0 ? err : r.err;
}
