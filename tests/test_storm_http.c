/* The promise: whenever tasks are canceled that wait for an answer of the target, through libcurl
 * or the client written by hand, each request has the whole answer that belongs to it, or an error;
 * and no connection is left, on either side. */
#include "io/http_direct.h"
#include "io/io_async.h"

#include "base/hash.h"
#include "support/storm.h"
#include "target/target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENTS 6
#define TIMES   12
#define SIZES   4

static const unsigned sizes[SIZES] = {0, 64, 5000, 100000};

struct scene {
    char origin[64];           /* of the target */
    uint64_t checksums[SIZES]; /* of its bodies */
    struct io *io;
    struct http_direct *direct;
};

/* What libcurl may only read while the task waits is on the task's stack. */
static int get(void *arg)
{
    struct storm *s = arg;
    struct scene *scene = s->arg;
    unsigned size = storm_draw(s, SIZES);
    uint64_t deadline_ns = storm_deadline(s, 2 * NS_PER_MS);
    char url[128], header[] = "X-Held-Ns";
    struct io_http_request request = {url, header, .close = storm_draw(s, 4) == 0};
    struct io_http_response response;
    int r;

    snprintf(url, sizeof url, "%s/?size=%u&delay=%uus", scene->origin, sizes[size],
             storm_draw(s, 2) * storm_draw(s, 500));
    r = storm_draw(s, 2) == 0
            ? io_http_get(scene->io, &request, &response, deadline_ns)
            : http_direct_get(scene->direct, scene->io, &request, &response, deadline_ns);
    storm_strike(s);
    memset(url, 0, sizeof url);
    memset(header, 0, sizeof header);
    EXPECT(r == 0 || r == -ECANCELED || r == -ETIMEDOUT);
    EXPECT(r < 0 || (response.status == 200 && response.body_bytes == sizes[size] &&
                     response.checksum == scene->checksums[size] && response.header[0] != '\0'));
    return r;
}

static int begin(struct storm *s)
{
    struct scene *scene = s->arg;

    scene->io = io_async_create(loop_running());
    EXPECT(scene->io != NULL && io_http_open(scene->io, NULL) == 0);
    EXPECT(http_direct_create(scene->origin, false, &scene->direct, NULL) == 0);
    for (int i = 0; i < CLIENTS; i++)
        storm_start(s, get, s, TIMES);
    return 0;
}

static int check(struct storm *s)
{
    struct scene *scene = s->arg;

    http_direct_destroy(scene->direct, scene->io);
    io_destroy(scene->io);
    return 0;
}

/* ---- The target, in a thread ---- */

struct target {
    struct target_options options;
    FILE *out;
    pthread_t thread;
};

static void *serve(void *arg)
{
    struct target *t = arg;

    assert_int_equal(target_serve(&t->options, t->out, NULL), 0);
    return NULL;
}

/* The pattern that bodies repeat, by a reader of its own. */
static uint64_t checksum_of_body(unsigned size)
{
    static const char line[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+\n";
    struct hash_stream sum;

    hash_stream_init(&sum, 0);
    for (unsigned i = 0; i < size; i++)
        hash_stream_add(&sum, &line[i % (sizeof line - 1)], 1);
    return hash_stream_sum(&sum);
}

/* A target that has served has opened all descriptors of its own, which the rounds count. It closes
 * the connection before the client reads its end. */
static void await_service(unsigned port)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char answer[512];

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(write(fd, request, strlen(request)), strlen(request));
    while (read(fd, answer, sizeof answer) > 0)
        continue;
    close(fd);
}

static void test_each_request_has_its_answer_or_an_error(void **state)
{
    const struct storm_scene scene = {begin, check, NS_PER_MS, NULL, NULL};
    struct target target = {
        .options = {.address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
                    .loops = 1,
                    .connections = 1000,
                    .idle_ns = 60 * NS_PER_S,
                    .read_ns = 60 * NS_PER_S}};
    struct scene arg;
    int stop[2], out[2];
    char line[128] = "";
    unsigned port;

    (void)state;
    assert_true(pipe(stop) == 0 && pipe(out) == 0);
    target.options.stop_fd = stop[0];
    target.out = fdopen(out[1], "w");
    assert_non_null(target.out);
    assert_int_equal(pthread_create(&target.thread, NULL, serve, &target), 0);
    assert_true(read(out[0], line, sizeof line - 1) > 0);
    assert_int_equal(sscanf(line, "listening on 127.0.0.1:%u", &port), 1);
    snprintf(arg.origin, sizeof arg.origin, "http://127.0.0.1:%u", port);
    await_service(port);
    for (int i = 0; i < SIZES; i++)
        arg.checksums[i] = checksum_of_body(sizes[i]);
    storm_rounds(&scene, &arg, 12, 200);
    close(stop[1]);
    pthread_join(target.thread, NULL);
    fclose(target.out);
    close(stop[0]);
    close(out[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_request_has_its_answer_or_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
