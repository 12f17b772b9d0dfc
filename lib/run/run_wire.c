#include "run/run.h"

#include "base/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x7476612d72756e32ULL /* "tva-run2" */

/* Samples travel in pieces, so that not both ends hold all of them. */
#define PIECE (1024 * 1024)

struct wire_header {
    uint64_t magic;
    uint64_t record_size, sample_size, beat_size;
};

static const struct wire_header expected = {
    MAGIC,
    sizeof(struct run_record),
    sizeof(struct sample),
    sizeof(struct beat),
};

static int send_all(int fd, void *data, size_t len)
{
    return transfer_write(fd, TRANSFER_ON, data, len);
}

static int receive_all(int fd, void *data, size_t len)
{
    return transfer_read(fd, TRANSFER_ON, data, len);
}

/* Give the whole pages within data[len] back to the system; their content is lost. */
static void give_back(void *data, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), before = -(uintptr_t)data % page;

    if (len >= before + page)
        madvise((char *)data + before, (len - before) / page * page, MADV_DONTNEED);
}

static int send_and_give_back(int fd, void *data, size_t len)
{
    char *p = data;
    int err = 0;

    for (size_t sent = 0; sent < len && err == 0; sent += PIECE) {
        size_t n = len - sent < PIECE ? len - sent : PIECE;

        err = send_all(fd, p + sent, n);
        give_back(p + sent, n);
    }
    return err;
}

/* receive_all() that frees the space of what was read when fd is a file in memory. */
static int receive_and_free(int fd, void *data, size_t len)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    char *p = data;
    int err = 0;

    for (size_t got = 0; got < len && err == 0; got += PIECE) {
        size_t n = len - got < PIECE ? len - got : PIECE;

        err = receive_all(fd, p + got, n);
        if (err == 0 && at >= 0)
            fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at + (off_t)got, (off_t)n);
    }
    return err;
}

static int send_record(int fd, const struct run_record *r, int (*send)(int, void *, size_t))
{
    int err = transfer_write(fd, TRANSFER_ON, &expected, sizeof expected);

    if (err == 0)
        err = transfer_write(fd, TRANSFER_ON, r, sizeof *r);
    if (err == 0)
        err = send(fd, r->samples, r->samples_count * sizeof *r->samples);
    if (err == 0)
        err = send_all(fd, r->beats, r->beats_count * sizeof *r->beats);
    if (err == 0)
        err = send_all(fd, r->lags_ns, r->loops_count * sizeof *r->lags_ns);
    return err == 0 ? send_all(fd, r->ranks, r->ranks_count * sizeof *r->ranks) : err;
}

int run_wire_send(int fd, const struct run_record *r)
{
    return send_record(fd, r, send_all);
}

int run_wire_hand_over(int fd, struct run_record *r)
{
    int err = send_record(fd, r, send_and_give_back);

    run_record_deinit(r);
    return err;
}

/* False when fd is a file with fewer than len bytes left; a pipe does not tell. */
static bool may_hold(int fd, uint64_t len)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    struct stat st;

    return at < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
           (at <= st.st_size && len <= (uint64_t)(st.st_size - at));
}

static int receive_arrays(int fd, struct run_record *r, int (*receive)(int, void *, size_t))
{
    int err;

    if (!may_hold(fd, r->samples_count * sizeof *r->samples + r->beats_count * sizeof *r->beats +
                          r->loops_count * sizeof *r->lags_ns + r->ranks_count * sizeof *r->ranks))
        return -ENODATA; /* before memory is allocated */
    r->samples = malloc((r->samples_count + 1) * sizeof *r->samples);
    r->beats = malloc((r->beats_count + 1) * sizeof *r->beats);
    r->lags_ns = malloc((r->loops_count + 1) * sizeof *r->lags_ns);
    r->ranks = malloc((r->ranks_count + 1) * sizeof *r->ranks);
    if (r->samples == NULL || r->beats == NULL || r->lags_ns == NULL || r->ranks == NULL)
        return -ENOMEM;
    err = receive(fd, r->samples, r->samples_count * sizeof *r->samples);
    if (err == 0)
        err = receive_all(fd, r->beats, r->beats_count * sizeof *r->beats);
    if (err == 0)
        err = receive_all(fd, r->lags_ns, r->loops_count * sizeof *r->lags_ns);
    return err == 0 ? receive_all(fd, r->ranks, r->ranks_count * sizeof *r->ranks) : err;
}

int run_wire_head(int (*read)(void *arg, void *data, size_t len), void *arg, struct run_record *out)
{
    struct wire_header header;
    int err = read(arg, &header, sizeof header);

    *out = (struct run_record){0};
    if (err < 0)
        return err;
    if (header.magic != expected.magic || header.record_size != expected.record_size ||
        header.sample_size != expected.sample_size || header.beat_size != expected.beat_size)
        return -EPROTO;
    err = read(arg, out, sizeof *out);
    out->samples = NULL; /* pointers of the sender */
    out->beats = NULL;
    out->lags_ns = NULL;
    out->ranks = NULL;
    out->failure.text[sizeof out->failure.text - 1] = '\0';
    out->said[sizeof out->said - 1] = '\0';
    if (err == 0 &&
        (out->samples_count > CELL_JOBS_MAX || out->warmup_samples > out->samples_count ||
         out->beats_count > CELL_JOBS_MAX * 10 || out->ranks_count > RUN_RANKS_MAX ||
         out->loops_count > CELL_THREADS_MAX * (out->ranks_count + (out->ranks_count == 0))))
        return -EPROTO;
    return err;
}

static int read_file(void *arg, void *data, size_t len)
{
    return receive_all(*(int *)arg, data, len);
}

static int receive_record(int fd, struct run_record *out, int (*receive)(int, void *, size_t))
{
    int err = run_wire_head(read_file, &fd, out);

    if (err == 0)
        err = receive_arrays(fd, out, receive);
    if (err < 0)
        run_record_deinit(out);
    return err;
}

int run_wire_receive(int fd, struct run_record *out)
{
    return receive_record(fd, out, receive_and_free);
}

int run_wire_read(int fd, struct run_record *out)
{
    return receive_record(fd, out, receive_all);
}
