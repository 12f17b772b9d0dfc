#include "run/run_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MAGIC 0x7476612d72756e31ULL /* "tva-run1" */

/* The record's own pointers mean nothing at the other end: it allocates anew. */
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

static int send_all(int fd, const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static int receive_all(int fd, void *data, size_t len)
{
    char *p = data;

    while (len > 0) {
        ssize_t n = read(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -ENODATA;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int run_wire_send(int fd, const struct run_record *r)
{
    int err = send_all(fd, &expected, sizeof expected);

    if (err == 0)
        err = send_all(fd, r, sizeof *r);
    if (err == 0)
        err = send_all(fd, r->samples, r->samples_count * sizeof *r->samples);
    if (err == 0)
        err = send_all(fd, r->beats, r->beats_count * sizeof *r->beats);
    return err;
}

static int receive_arrays(int fd, struct run_record *r)
{
    int err;

    if (r->samples_count > CELL_JOBS_MAX || r->beats_count > CELL_JOBS_MAX * 10)
        return -EPROTO;
    r->samples = malloc((r->samples_count + 1) * sizeof *r->samples);
    r->beats = malloc((r->beats_count + 1) * sizeof *r->beats);
    if (r->samples == NULL || r->beats == NULL)
        return -ENOMEM;
    err = receive_all(fd, r->samples, r->samples_count * sizeof *r->samples);
    return err == 0 ? receive_all(fd, r->beats, r->beats_count * sizeof *r->beats) : err;
}

int run_wire_receive(int fd, struct run_record *out)
{
    struct wire_header header;
    int err = receive_all(fd, &header, sizeof header);

    *out = (struct run_record){0};
    if (err < 0)
        return err;
    if (header.magic != expected.magic || header.record_size != expected.record_size ||
        header.sample_size != expected.sample_size || header.beat_size != expected.beat_size)
        return -EPROTO;
    err = receive_all(fd, out, sizeof *out);
    out->samples = NULL; /* the sender's */
    out->beats = NULL;
    out->failure.text[sizeof out->failure.text - 1] = '\0';
    if (err == 0)
        err = receive_arrays(fd, out);
    if (err < 0)
        run_record_deinit(out);
    return err;
}
