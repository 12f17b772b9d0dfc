#include "support/io_fake.h"

#include "support/io_fake_internal.h"

#include <errno.h>
#include <stdlib.h>

#define START_NS NS_PER_S

/* Descriptors start here: a real system call that gets one by mistake fails. */
#define FD_BASE 1000000

int io_fake_begin(struct io_fake *f, enum io_op op, uint64_t deadline_ns)
{
    f->calls[op]++;
    for (size_t i = 0; i < IO_FAKE_FAULTS_MAX; i++)
        if (f->faults[i].call == f->calls[op] && f->faults[i].op == op) {
            f->faults[i].call = 0;
            return f->faults[i].error;
        }
    return f->now_ns >= deadline_ns ? -ETIMEDOUT : 0;
}

int io_fake_wait_until(struct io_fake *f, uint64_t event_ns, uint64_t deadline_ns)
{
    if (event_ns == NO_DEADLINE && deadline_ns == NO_DEADLINE)
        return -EDEADLK;
    if (event_ns > deadline_ns) {
        f->now_ns = deadline_ns;
        return -ETIMEDOUT;
    }
    if (event_ns > f->now_ns)
        f->now_ns = event_ns;
    return 0;
}

struct io_fake_entry *io_fake_find(struct io_fake *f, int fd)
{
    struct io_fake_entry *e;

    if (fd < FD_BASE || (size_t)(fd - FD_BASE) >= f->n_entries)
        return NULL;
    e = f->entries[fd - FD_BASE];
    return e->kind == KIND_CLOSED ? NULL : e;
}

int io_fake_add(struct io_fake *f, enum io_fake_kind kind, struct io_fake_entry **out)
{
    struct io_fake_entry *e = calloc(1, sizeof *e);
    struct io_fake_entry **entries =
        realloc(f->entries, (f->n_entries + 1) * sizeof(struct io_fake_entry *));

    if (entries != NULL)
        f->entries = entries;
    if (e == NULL || entries == NULL) {
        free(e);
        return -ENOMEM;
    }
    e->kind = kind;
    fake_stream_init(&e->incoming);
    f->entries[f->n_entries] = e;
    *out = e;
    return FD_BASE + (int)f->n_entries++;
}

size_t io_fake_limit(const struct io_fake *f, enum io_op op, size_t len)
{
    return f->limits[op] > 0 && len > f->limits[op] ? f->limits[op] : len;
}

static uint64_t fake_now(struct io *io)
{
    return io_fake_of(io)->now_ns;
}

static int fake_sleep_until(struct io *io, uint64_t deadline_ns)
{
    struct io_fake *f = io_fake_of(io);
    int r = io_fake_begin(f, IO_OP_SLEEP, NO_DEADLINE);

    return r < 0 ? r : io_fake_wait_until(f, deadline_ns, NO_DEADLINE);
}

static int fake_close(struct io *io, int fd)
{
    struct io_fake *f = io_fake_of(io);
    int r = io_fake_begin(f, IO_OP_CLOSE, NO_DEADLINE);
    struct io_fake_entry *e = io_fake_find(f, fd);

    if (r < 0)
        return r;
    if (e == NULL)
        return -EBADF;
    fake_stream_deinit(&e->incoming);
    e->kind = KIND_CLOSED;
    return 0;
}

static void fake_destroy(struct io *io)
{
    struct io_fake *f = io_fake_of(io);

    for (size_t i = 0; i < f->n_entries; i++) {
        fake_stream_deinit(&f->entries[i]->incoming);
        free(f->entries[i]);
    }
    io_fake_free_ports(f);
    io_fake_free_files(f);
    io_fake_free_http_ports(f);
    free(f->entries);
    free(f);
}

static int fake_http_open(struct io *io, struct err *err)
{
    (void)io;
    (void)err;
    return 0;
}

static const struct io_ops ops = {
    .name = "fake",
    .now = fake_now,
    .sleep_until = fake_sleep_until,
    .open = io_fake_open,
    .socket = io_fake_socket,
    .connect = io_fake_connect,
    .accept = io_fake_accept,
    .read = io_fake_read,
    .write = io_fake_write,
    .pread = io_fake_pread,
    .pwrite = io_fake_pwrite,
    .fsync = io_fake_fsync,
    .wait_fd = io_fake_wait_fd,
    .close = fake_close,
    .http_open = fake_http_open,
    .http_get = io_fake_http_get,
    .destroy = fake_destroy,
};

struct io *io_fake_create(void)
{
    struct io_fake *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    f->io.ops = &ops;
    f->now_ns = START_NS;
    list_init(&f->files);
    list_init(&f->ports);
    list_init(&f->http_ports);
    return &f->io;
}

void io_fake_fail(struct io *io, enum io_op op, unsigned nth, int error)
{
    struct io_fake *f = io_fake_of(io);

    for (size_t i = 0; i < IO_FAKE_FAULTS_MAX; i++)
        if (f->faults[i].call == 0) {
            f->faults[i] =
                (struct io_fake_fault){.op = op, .call = f->calls[op] + nth, .error = error};
            return;
        }
    abort(); /* a fault that silently does not happen would make a test pass that must not */
}

void io_fake_short(struct io *io, enum io_op op, size_t max)
{
    io_fake_of(io)->limits[op] = max;
}

unsigned io_fake_calls(const struct io *io, enum io_op op)
{
    return io_fake_of(io)->calls[op];
}

unsigned io_fake_open_count(const struct io *io)
{
    const struct io_fake *f = io_fake_of(io);
    unsigned n = 0;

    for (size_t i = 0; i < f->n_entries; i++)
        n += f->entries[i]->kind != KIND_CLOSED;
    return n;
}

void io_fake_advance(struct io *io, uint64_t span_ns)
{
    io_fake_of(io)->now_ns = clock_add_ns(io_fake_of(io)->now_ns, span_ns);
}
