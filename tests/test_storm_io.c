/* The promise: whenever tasks are canceled that read and write, through a pipe, a socket or in a
 * file, each byte that was written is read once, in order, and a call that has failed took none; no
 * call uses a buffer after it has returned. */
#include "io/io_async.h"

#include "support/storm.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define CHANNELS 2
#define TIMES    30
#define BYTES    8192u
#define LATE_NS  (100 * NS_PER_US)

/* One reader and one writer at a time. Byte number n is n. */
struct channel {
    struct storm *storm;
    struct io *io;
    int fds[2]; /* to read from, to write to */
    bool reading, writing;
    unsigned char read, written; /* the numbers of the next bytes */
};

struct scene {
    struct io *io;
    struct channel channels[CHANNELS];
    int file;
    unsigned blocks; /* used in the file so far */
};

static int write_some(void *arg)
{
    struct channel *c = arg;
    unsigned char bytes[BYTES];
    unsigned len = 1 + storm_draw(c->storm, BYTES);
    ssize_t n;

    if (c->writing)
        return 0;
    for (unsigned i = 0; i < len; i++)
        bytes[i] = (unsigned char)(c->written + i);
    c->writing = true;
    n = io_write(c->io, c->fds[1], bytes, len, storm_deadline(c->storm, LATE_NS));
    c->writing = false;
    EXPECT(n != 0 && n <= (ssize_t)len);
    if (n > 0)
        c->written = (unsigned char)(c->written + n);
    storm_strike(c->storm);
    return (int)n;
}

/* The next n bytes, which have been read. */
static int take(struct channel *c, const unsigned char *bytes, ssize_t n)
{
    for (ssize_t i = 0; i < n; i++)
        EXPECT(bytes[i] == c->read++);
    return 0;
}

static int read_some(void *arg)
{
    struct channel *c = arg;
    unsigned char bytes[BYTES];
    unsigned len = 1 + storm_draw(c->storm, BYTES);
    ssize_t n;

    if (c->reading)
        return 0;
    c->reading = true;
    n = io_read(c->io, c->fds[0], bytes, len, storm_deadline(c->storm, LATE_NS));
    c->reading = false;
    EXPECT(n != 0 && n <= (ssize_t)len);
    EXPECT(take(c, bytes, n) == 0);
    storm_strike(c->storm);
    return (int)n;
}

/* A block of the file that is this call's alone. */
static int write_and_read_file(void *arg)
{
    struct storm *s = arg;
    struct scene *scene = s->arg;
    unsigned char block = (unsigned char)storm_draw(s, 256), out[512], in[512];
    off_t at = (off_t)sizeof out * scene->blocks++;
    ssize_t n;

    memset(out, block, sizeof out);
    n = io_pwrite_full(scene->io, scene->file, out, sizeof out, at, storm_deadline(s, LATE_NS));
    memset(out, 0, sizeof out);
    if (n < 0)
        return (int)n;
    EXPECT(n == sizeof out);
    n = io_pread_full(scene->io, scene->file, in, sizeof in, at, storm_deadline(s, LATE_NS));
    if (n < 0)
        return (int)n;
    for (size_t i = 0; i < sizeof in; i++)
        EXPECT(in[i] == block);
    return (int)n;
}

static int begin(struct storm *s)
{
    struct scene *scene = s->arg;
    char name[] = "/tmp/tva-storm-XXXXXX";

    *scene =
        (struct scene){.io = io_async_create(loop_running()), .file = mkostemp(name, O_CLOEXEC)};
    EXPECT(scene->io != NULL && scene->file >= 0 && unlink(name) == 0);
    for (int i = 0; i < CHANNELS; i++) {
        struct channel *c = &scene->channels[i];

        *c = (struct channel){.storm = s, .io = scene->io};
        EXPECT((i == 0 ? pipe(c->fds) : socketpair(AF_UNIX, SOCK_STREAM, 0, c->fds)) == 0);
        for (int j = 0; j < 2; j++) {
            storm_start(s, write_some, c, TIMES);
            storm_start(s, read_some, c, TIMES);
        }
    }
    storm_start(s, write_and_read_file, s, TIMES);
    return 0;
}

static int help(struct storm *s)
{
    struct scene *scene = s->arg;

    for (int i = 0; i < CHANNELS; i++) {
        struct channel *c = &scene->channels[i];
        int r = c->reading ? write_some(c) : c->writing ? read_some(c) : 0;

        EXPECT(r >= 0 || r == -ETIMEDOUT);
    }
    return 0;
}

static int empty(struct channel *c)
{
    unsigned char bytes[BYTES];
    ssize_t n;

    EXPECT(!c->reading && !c->writing);
    EXPECT(io_close(c->io, c->fds[1]) == 0);
    do {
        n = io_read(c->io, c->fds[0], bytes, sizeof bytes, NO_DEADLINE);
        EXPECT(n >= 0 && take(c, bytes, n) == 0);
    } while (n > 0);
    EXPECT(c->read == c->written);
    EXPECT(io_close(c->io, c->fds[0]) == 0);
    return 0;
}

static int check(struct storm *s)
{
    struct scene *scene = s->arg;

    for (int i = 0; i < CHANNELS; i++)
        EXPECT(empty(&scene->channels[i]) == 0);
    EXPECT(io_close(scene->io, scene->file) == 0);
    io_destroy(scene->io);
    return 0;
}

static void test_no_byte_is_lost_or_doubled(void **state)
{
    const struct storm_scene scene = {begin, check, 50 * NS_PER_US, NULL, help};
    struct scene arg;

    (void)state;
    storm_rounds(&scene, &arg, 15, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_byte_is_lost_or_doubled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
