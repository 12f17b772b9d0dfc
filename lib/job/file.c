/* Random block reads or writes of one real temporary file that all jobs of a batch share. */
#include "base/hash.h"
#include "job/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OP, BLOCK, SIZE, BLOCKS, FSYNC };

enum { OP_READ, OP_WRITE };
static const char *const ops[] = {"read", "write", NULL};

static const struct param params[] = {
    [OP] = {"op", PARAM_CHOICE, OP_READ, 0, 1, ops, "read or write the blocks"},
    [BLOCK] = {"block", PARAM_SIZE, 4096, 8, 16 << 20, NULL, "size of one read or write"},
    [SIZE] = {"size", PARAM_SIZE, 16 << 20, 4096, 1ULL << 36, NULL, "size of the file"},
    [BLOCKS] = {"blocks", PARAM_COUNT, 1, 1, 1000000, NULL, "reads or writes a job"},
    [FSYNC] = {"fsync", PARAM_SWITCH, 0, 0, 1, NULL, "fsync at the end of each job"},
};

struct state {
    int fd;
    uint64_t blocks; /* in the whole file */
};

static int check(const struct job_part *part, struct err *err)
{
    if (part->params[BLOCK] > part->params[SIZE])
        return err_set(err, -EINVAL,
                       "job file: block is larger than size; make size at least block");
    return 0;
}

/* The content of block number `block`. It does not depend on the job that writes it, so the order
 * of writes does not matter. */
static void fill(void *buf, size_t len, uint64_t seed, uint64_t block)
{
    uint64_t x = hash_mix(seed ^ block);

    for (size_t i = 0; i < len; i += sizeof x) {
        size_t part = len - i < sizeof x ? len - i : sizeof x;

        x += 0x9e3779b97f4a7c15ULL;
        memcpy((char *)buf + i, &x, part);
    }
}

/* A new temporary file without a name, which vanishes when it is closed. */
static int create_file(struct io *io, struct err *err)
{
    const char *dir = getenv("TMPDIR");
    char path[4096];
    int fd;

    if (dir == NULL || *dir == '\0')
        dir = "/tmp";
    snprintf(path, sizeof path, "%s/tva-file-%ld-%llu", dir, (long)getpid(),
             (unsigned long long)clock_now_ns());
    fd = io_open(io, path, O_RDWR | O_CREAT | O_EXCL, 0600, NO_DEADLINE);
    if (fd < 0)
        return err_set(err, fd,
                       "cannot create a temporary file in %s (%s): set TMPDIR to a writable "
                       "directory",
                       dir, strerror(-fd));
    unlink(path);
    return fd;
}

static int prepare(struct job_part *part, struct io *io, struct err *err)
{
    size_t block = part->params[BLOCK];
    struct state *state = malloc(sizeof *state);
    char *buf = malloc(block);
    ssize_t r = -ENOMEM;

    if (state == NULL || buf == NULL) {
        err_set(err, -ENOMEM, "job file: no memory for a block of %zu bytes", block);
        goto err0;
    }
    state->blocks = part->params[SIZE] / block;
    r = state->fd = create_file(io, err);
    if (r < 0)
        goto err0;
    for (uint64_t i = 0; i < state->blocks; i++) {
        fill(buf, block, part->seed, i);
        r = io_pwrite_full(io, state->fd, buf, block, (off_t)(i * block), NO_DEADLINE);
        if (r < 0) {
            err_set(err, (int)r, "cannot fill the temporary file of %llu bytes: %s",
                    (unsigned long long)part->params[SIZE], strerror((int)-r));
            goto err1;
        }
    }
    free(buf);
    part->state = state;
    return 0;

err1:
    io_close(io, state->fd);
err0:
    free(buf);
    free(state);
    return (int)r;
}

static ssize_t one_block(struct io *io, const struct job_part *part, uint64_t block, void *buf)
{
    const struct state *state = part->state;
    size_t len = part->params[BLOCK];
    off_t offset = (off_t)(block * len);
    ssize_t n;

    if (part->params[OP] == OP_WRITE) {
        fill(buf, len, part->seed, block);
        return io_pwrite_full(io, state->fd, buf, len, offset, NO_DEADLINE);
    }
    n = io_pread_full(io, state->fd, buf, len, offset, NO_DEADLINE);
    return n < 0 || (size_t)n == len ? n : -EIO;
}

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    const struct state *state = part->state;
    void *buf = malloc(part->params[BLOCK]);
    ssize_t r = buf == NULL ? -ENOMEM : 0;

    for (uint64_t i = 0; i < part->params[BLOCKS] && r >= 0; i++) {
        uint64_t pick = hash_mix(part->seed + index * part->params[BLOCKS] + i);

        r = one_block(io, part, pick % state->blocks, buf);
        if (r < 0)
            break;
        ledger->operations++;
        *(part->params[OP] == OP_WRITE ? &ledger->bytes_out : &ledger->bytes_in) += (uint64_t)r;
        ledger->checksum += hash_bytes(pick, buf, (size_t)r);
    }
    if (r >= 0 && part->params[FSYNC])
        r = io_fsync(io, state->fd, NO_DEADLINE);
    free(buf);
    return r < 0 ? (int)r : 0;
}

static void finish(struct job_part *part, struct io *io)
{
    struct state *state = part->state;

    io_close(io, state->fd);
    free(state);
    part->state = NULL;
}

/* The buffer is not on the stack, but what a ring is asked is. */
static bool pinned(const struct job_part *part, const struct io *io)
{
    (void)part;
    return io->ops->lends;
}

const struct job_type job_file = {
    .name = "file",
    .summary = "read or write random blocks of a temporary file",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .check = check,
    .prepare = prepare,
    .run = run,
    .pinned = pinned,
    .finish = finish,
};
