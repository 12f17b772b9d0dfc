#include "support/contract.h"

#include "async/loop.h"
#include "io/io_async.h"
#include "io/io_blocking.h"
#include "io/io_ring.h"
#include "support/contract_direct.h"
#include "support/io_fake.h"
#include "support/test_async_parking.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FAKE_HTTP_PORT 7100
#define FAKE_PORT      7000 /* of the first kind of peer; the others follow */

struct contract_backend {
    const char *name;
    bool real;
    /* Makes the io, runs the case with it, destroys it. */
    void (*run)(struct contract *t, const struct contract_case *c);
};

struct parked_run {
    struct contract *t;
    const struct contract_case *c;
};

static int run_case(void *arg)
{
    const struct parked_run *run = arg;

    run->c->run(run->t);
    return 0;
}

/* Goes on for as long as the case, so that a case that shares its stack with it is copied. */
static int be_a_neighbour(void *arg)
{
    const bool *over = arg;

    while (!*over)
        task_sleep(200 * NS_PER_US);
    return 0;
}

/* The case in a parkable task. */
static void run_parked(struct contract *t, const struct contract_case *c)
{
    struct parked_run run = {t, c};
    bool over = false;
    struct task *neighbour = task_create_parkable(coro_create(be_a_neighbour, &over));
    struct task *task = task_create_parkable(coro_create(run_case, &run));

    if (task == NULL || neighbour == NULL || task_await(task) < 0)
        contract_fail(t, __FILE__, __LINE__, "no tasks");
    over = true;
    if (neighbour != NULL)
        task_await(neighbour);
    task_release(task);
    task_release(neighbour);
}

static void run_with(struct contract *t, const struct contract_case *c, struct io *io)
{
    struct contract_direct direct;

    t->io = io;
    if (io == NULL || io_http_open(io, NULL) < 0) {
        contract_fail(t, __FILE__, __LINE__, "no io");
        io_destroy(io);
        return;
    }
    if (t->http_direct)
        contract_direct_install(&direct, io);
    if (task_current() != NULL && test_async_options().park_all && !io->ops->lends)
        run_parked(t, c);
    else
        c->run(t);
    if (t->http_direct)
        contract_direct_remove(&direct, io);
    io_destroy(io);
}

static void run_blocking(struct contract *t, const struct contract_case *c)
{
    run_with(t, c, io_blocking_create());
}

struct task_run {
    struct contract *t;
    const struct contract_case *c;
    bool ring;
};

static int run_in_task(void *arg)
{
    struct task_run *run = arg;
    struct io *io = NULL;

    if (run->ring)
        io_ring_create(loop_running(), &io, NULL);
    else
        io = io_async_create(loop_running());
    run_with(run->t, run->c, io);
    return 4711;
}

static void run_on_loop(struct contract *t, const struct contract_case *c, bool ring)
{
    struct task_run run = {t, c, ring};
    struct loop_options options = test_async_options();
    struct loop *loop;
    int r = loop_create(&options, &loop);

    if (r == 0) {
        r = loop_run(loop, coro_create(run_in_task, &run));
        loop_destroy(loop);
    }
    if (r != 4711 && t->failure[0] == '\0')
        contract_fail(t, __FILE__, __LINE__, "the loop says %d", r);
}

static void run_async(struct contract *t, const struct contract_case *c)
{
    run_on_loop(t, c, false);
}

static void run_ring(struct contract *t, const struct contract_case *c)
{
    struct err err = {""};

    if (io_ring_check(&err) == 0) {
        run_on_loop(t, c, true);
        return;
    }
    print_message("%s\n", err.text);
    skip();
}

static void fake_late(struct io *io, int fd, const void *data, size_t len, void *arg)
{
    (void)arg;
    io_fake_peer_send(io, fd, PEERS_LATE_NS, data, len);
}

static void fake_closing(struct io *io, int fd, const void *data, size_t len, void *arg)
{
    (void)arg;
    io_fake_peer_send(io, fd, 0, data, len);
    io_fake_peer_send(io, fd, 0, NULL, 0);
}

/* What http_peers.h says, as far as it shows from the outside. */
static void fake_http(const char *path, struct io_fake_http_answer *out, void *arg)
{
    static const struct {
        const char *path;
        int error;
    } faults[] = {{"/reset", -ECONNRESET},   {"/short", -EBADMSG},   {"/cut", -EBADMSG},
                  {"/nothing", -ECONNRESET}, {"/half", -ECONNRESET}, {"/garbage", -EPROTO}};
    static _Thread_local char number[16];
    size_t n = strtoul(strrchr(path, '/') + 1, NULL, 10);

    (void)arg;
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        if (strcmp(path, faults[i].path) == 0)
            out->error = faults[i].error;
    if (strncmp(path, "/status/", 8) == 0) {
        out->status = (int)n;
        return;
    }
    snprintf(number, sizeof number, "%zu", n);
    out->header = number;
    out->body = http_peers_body();
    out->body_len = n;
    out->close = strncmp(path, "/close/", 7) == 0;
    out->delay_ns = strcmp(path, "/silent") == 0      ? NO_DEADLINE
                    : strncmp(path, "/late/", 6) == 0 ? HTTP_PEERS_LATE_NS
                                                      : 0;
}

static void run_fake(struct contract *t, const struct contract_case *c)
{
    struct io *io = io_fake_create();

    if (io != NULL && (io_fake_listen(io, FAKE_PORT + PEER_ECHO, io_fake_echo, NULL) < 0 ||
                       io_fake_listen(io, FAKE_PORT + PEER_LATE, fake_late, NULL) < 0 ||
                       io_fake_listen(io, FAKE_PORT + PEER_CLOSING, fake_closing, NULL) < 0 ||
                       io_fake_listen(io, FAKE_PORT + PEER_SILENT, NULL, NULL) < 0 ||
                       io_fake_ignore(io, FAKE_PORT + PEER_UNANSWERED) < 0 ||
                       io_fake_http_listen(io, FAKE_HTTP_PORT, fake_http, NULL) < 0))
        contract_fail(t, __FILE__, __LINE__, "no peers");
    else
        run_with(t, c, io);
}

static const struct contract_backend backends[] = {
    {"blocking", true, run_blocking},
    {"async", true, run_async},
    {"ring", true, run_ring},
    {"fake", false, run_fake},
};

struct sockaddr_in contract_address(struct contract *t, enum peer_kind kind)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    if (t->peers != NULL)
        return peers_address(t->peers, kind);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)(FAKE_PORT + kind));
    return address;
}

int contract_connect(struct contract *t, enum peer_kind kind)
{
    struct sockaddr_in address = contract_address(t, kind);
    int fd = io_socket(t->io, AF_INET, SOCK_STREAM, 0);
    int r;

    if (fd < 0)
        return fd;
    r = io_connect(t->io, fd, (struct sockaddr *)&address, sizeof address, contract_patience(t));
    if (r == 0)
        return fd;
    io_close(t->io, fd);
    return r;
}

int contract_listen(struct contract *t, uint64_t delay_ns)
{
    t->call_delay_ns = delay_ns;
    if (t->peers == NULL)
        return io_fake_listener(t->io, delay_ns, io_fake_echo, NULL);
    return peers_listen(&t->call_address);
}

void contract_call(struct contract *t)
{
    if (t->peers != NULL && peers_call(t->peers, &t->call_address, t->call_delay_ns) < 0)
        contract_fail(t, __FILE__, __LINE__, "nobody calls");
}

char *contract_path(struct contract *t, const char *name, char *buf, size_t size)
{
    snprintf(buf, size, "%s/%s", t->directory, name);
    return buf;
}

char *contract_url(struct contract *t, const char *path, char *buf, size_t size)
{
    uint16_t port = FAKE_HTTP_PORT;

    if (t->peers != NULL) {
        if (t->http_peers == NULL)
            t->http_peers = http_peers_start();
        if (t->http_peers == NULL)
            contract_fail(t, __FILE__, __LINE__, "no HTTP server");
        else
            port = http_peers_port(t->http_peers);
    }
    snprintf(buf, size, "http://127.0.0.1:%u%s", port, path);
    return buf;
}

uint64_t contract_patience(struct contract *t)
{
    return io_now(t->io) + 20 * NS_PER_S;
}

void contract_fail(struct contract *t, const char *file, int line, const char *format, ...)
{
    int n = snprintf(t->failure, sizeof t->failure, "%s:%d: ", file, line);
    va_list args;

    va_start(args, format);
    vsnprintf(t->failure + n, sizeof t->failure - (size_t)n, format, args);
    va_end(args);
}

static void remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    char file[512];

    for (struct dirent *e; directory != NULL && (e = readdir(directory)) != NULL;) {
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.')
            unlink(file);
    }
    closedir(directory);
    rmdir(path);
}

/* A test's initial state. */
struct selection {
    const struct contract_backend *backend;
    const struct contract_case *c;
    bool http_direct;
};

static void run_selection(void **state)
{
    const struct selection *s = *state;
    struct contract t = {.backend = s->backend,
                         .http_direct = s->http_direct,
                         .directory = "/tmp/tva-contract-XXXXXX"};

    t.bulk[0] = malloc(CONTRACT_BULK);
    t.bulk[1] = malloc(CONTRACT_BULK);
    assert_non_null(t.bulk[0]);
    assert_non_null(t.bulk[1]);
    assert_non_null(mkdtemp(t.directory));
    if (s->backend->real) {
        t.peers = peers_start();
        assert_non_null(t.peers);
    }
    s->backend->run(&t, s->c);
    http_peers_stop(t.http_peers);
    peers_stop(t.peers);
    remove_directory(t.directory);
    free(t.bulk[0]);
    free(t.bulk[1]);
    if (t.failure[0] != '\0')
        fail_msg("%s", t.failure);
}

static int run_all(const char *group, const struct contract_case *cases, size_t n, bool direct)
{
    struct CMUnitTest *tests = calloc(n * COUNT_OF(backends), sizeof *tests);
    struct selection *selections = calloc(n * COUNT_OF(backends), sizeof *selections);
    char(*names)[96] = calloc(n * COUNT_OF(backends), sizeof *names);
    size_t count = 0;
    int failed = 1;

    for (size_t b = 0; tests && selections && names && b < COUNT_OF(backends); b++)
        for (size_t i = 0; i < n; i++) {
            if ((cases[i].real_only || direct) && !backends[b].real)
                continue;
            snprintf(names[count], sizeof *names, "%s: %s", backends[b].name, cases[i].name);
            selections[count] = (struct selection){&backends[b], &cases[i], direct};
            tests[count] = (struct CMUnitTest){.name = names[count],
                                               .test_func = run_selection,
                                               .initial_state = &selections[count]};
            count++;
        }
    if (count > 0)
        failed = _cmocka_run_group_tests(group, tests, count, NULL, NULL);
    free(tests);
    free(selections);
    free(names);
    return failed;
}

int contract_run(const char *group, const struct contract_case *cases, size_t n)
{
    return run_all(group, cases, n, false);
}

int contract_run_direct(const char *group, const struct contract_case *cases, size_t n)
{
    return run_all(group, cases, n, true);
}
