/* The promise: the http job asks for what its parameters say and counts an answer only when it is
 * that; each way to fail is an error of its own with words of its own; another server's answers are
 * taken as they are. */
#include "job/job.h"

#include "job/wire.h"
#include "support/http_peers.h"
#include "support/io_fake.h"
#include "support/test_async_jobs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define JOBS 4
#define PORT 4000

/* A server that holds to the wire format, or breaks it. */
struct server {
    struct io_fake_http_answer answer;
    char held[32]; /* claimed */
    char paths[JOBS * 4][256];
    size_t asked;
};

static void serve(const char *path, struct io_fake_http_answer *out, void *arg)
{
    struct server *s = arg;

    snprintf(s->paths[s->asked % (JOBS * 4)], sizeof s->paths[0], "%s", path);
    s->asked++;
    *out = s->answer;
    out->header = s->held;
}

static struct test_async_jobs parse(const char *text)
{
    struct test_async_jobs jobs = {.n = JOBS};

    if (job_parse(text, &jobs.job, &jobs.err) != 0)
        fail_msg("%s: %s", text, jobs.err.text);
    job_set_seed(&jobs.job, 7);
    job_set_target(&jobs.job, &(struct sockaddr_in){.sin_family = AF_INET,
                                                    .sin_port = htons(PORT),
                                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)});
    return jobs;
}

static int run(const char *text, struct server *server, struct job_ledger *sum)
{
    struct test_async_jobs j = parse(text);
    struct io *io = io_fake_create();
    int r;

    assert_non_null(io);
    assert_int_equal(io_fake_http_listen(io, PORT, serve, server), 0);
    r = test_async_jobs_run_over(&j, io);
    io_destroy(io);
    *sum = j.sum;
    return r;
}

static struct server good(size_t size)
{
    return (struct server){.answer = {.status = 200, .body = http_peers_body(), .body_len = size},
                           .held = "999"};
}

static void test_it_asks_for_what_differs_from_the_defaults(void **state)
{
    const struct {
        const char *text, *path;
        size_t size;
    } cases[] = {
        {"http", "/", 64},
        {"http:size=1k", "/?size=1k", 1024},
        {"http:path=/a/b,size=3", "/a/b?size=3", 3},
        {"http:path=/a?x=1,size=3", "/a?x=1&size=3", 3},
        {"http:status=201", "/?status=201", 64},
        {"http:delay=0,size=64", "/", 64},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server server = good(cases[i].size);
        struct job_ledger sum;

        assert_int_equal(run(cases[i].text, &server, &sum), 0);
        assert_string_equal(server.paths[0], cases[i].path);
        assert_int_equal(server.asked, JOBS);
        assert_int_equal(sum.operations, JOBS);
        assert_int_equal(sum.bytes_in, JOBS * cases[i].size);
    }
}

/* The client draws, so the target is asked for fixed delays. */
static void test_drawn_delays_differ_by_request_and_repeat_by_seed(void **state)
{
    struct server first = good(64), second = good(64);
    struct test_async_jobs drawn = parse("http:delay=10ms,dist=exp,requests=2");
    struct job_ledger sum;

    (void)state;
    strcpy(first.held, "18446744073709551615");
    strcpy(second.held, first.held);
    assert_int_equal(run("http:delay=10ms,dist=exponential,requests=2", &first, &sum), 0);
    assert_int_equal(run("http:delay=10ms,dist=exp,requests=2", &second, &sum), 0);
    assert_int_equal(first.asked, 2 * JOBS);
    for (size_t i = 0; i < first.asked; i++) {
        assert_string_equal(first.paths[i], second.paths[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(first.paths[i], first.paths[k]);
    }
    for (size_t i = 0; i < JOBS; i++) {
        unsigned long long a_ns, b_ns;

        assert_int_equal(sscanf(first.paths[2 * i], "/?delay=%lluns", &a_ns), 1);
        assert_int_equal(sscanf(first.paths[2 * i + 1], "/?delay=%lluns", &b_ns), 1);
        assert_true(a_ns + b_ns == job_wait_ns(&drawn.job, i));
    }
}

static void test_a_drawn_delay_goes_with_the_other_keys(void **state)
{
    struct server server = good(1024);
    struct job_ledger sum;

    (void)state;
    strcpy(server.held, "18446744073709551615");
    assert_int_equal(run("http:size=1k,delay=10ms,dist=uniform", &server, &sum), 0);
    assert_true(strncmp(server.paths[0], "/?size=1k&delay=", 16) == 0);
}

/* What may be asked for ends at 60 s, a third of an exponential distribution with that mean is
 * beyond. */
static void test_no_delay_is_longer_than_the_target_holds(void **state)
{
    struct test_async_jobs j = parse("http:delay=60s,dist=exp");
    uint64_t longest_ns = 0;

    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t ns = job_wait_ns(&j.job, i);

        longest_ns = ns > longest_ns ? ns : longest_ns;
    }
    assert_true(longest_ns == WIRE_DELAY_MAX);
}

static void test_a_wrong_answer_is_an_error(void **state)
{
    const struct {
        struct io_fake_http_answer answer;
        const char *held;
        int error;
        const char *words;
    } cases[] = {
        {{.status = 200, .body_len = 63}, "5000000", -EBADMSG, "wrong length"},
        {{.status = 200, .body_len = 65}, "5000000", -EBADMSG, "wrong length"},
        {{.status = 200, .body_len = 64}, "4999999", -EBADMSG, "delay not held"},
        {{.status = 200, .body_len = 64}, "soon", -EBADMSG, "delay not held"},
        {{.status = 500, .body_len = 64}, "5000000", -EREMOTEIO, "status not 2xx"},
        {{.status = 302, .body_len = 64}, "5000000", -EREMOTEIO, "status not 2xx"},
        {{.error = -ECONNRESET}, "1", -ECONNRESET, "reset"},
        {{.error = -EPROTO}, "1", -EPROTO, "not HTTP"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server server = {.answer = cases[i].answer};
        struct test_async_jobs j = parse("http");
        struct job_ledger sum;

        server.answer.body = http_peers_body();
        snprintf(server.held, sizeof server.held, "%s", cases[i].held);
        assert_int_equal(run("http:delay=5ms,requests=3", &server, &sum), cases[i].error);
        assert_int_equal(sum.operations, 0);
        assert_int_equal(server.asked, JOBS);
        assert_non_null(strstr(job_error_text(&j.job, cases[i].error), cases[i].words));
    }
}

static void test_a_silent_server_runs_into_the_timeout(void **state)
{
    struct server server = {.answer = {.delay_ns = NO_DEADLINE}};
    struct test_async_jobs j = parse("http");
    struct job_ledger sum;

    (void)state;
    assert_int_equal(run("http:timeout=5ms", &server, &sum), -ETIMEDOUT);
    assert_string_equal(job_error_text(&j.job, -ETIMEDOUT), "no answer in time");
}

static void test_the_status_counts_in_the_checksum(void **state)
{
    struct server ok = good(64), created = good(64);
    struct job_ledger a, b;

    (void)state;
    created.answer.status = 201;
    assert_int_equal(run("http", &ok, &a), 0);
    assert_int_equal(run("http", &created, &b), 0);
    assert_true(a.checksum != b.checksum);
}

static void test_what_theory_is_told(void **state)
{
    struct test_async_jobs fixed = parse("http:delay=2ms,requests=3");
    struct test_async_jobs drawn = parse("http:delay=2ms,requests=3,dist=exponential");

    (void)state;
    assert_true(job_wait_ns(&fixed.job, 5) == 6 * NS_PER_MS);
    assert_true(job_wait_ns(&drawn.job, 5) > 0);
    assert_true(job_spread(&drawn.job, 0).mean_wait_ns == (double)(6 * NS_PER_MS));
    assert_true(job_spread(&drawn.job, 0).scv == 1.0 / 3);
}

/* Over real sockets, both backends and both clients, a server that knows nothing of the target's
 * words. */
static void test_another_server_is_taken_as_it_is(void **state)
{
    const char *const paths[] = {"ok/777", "pieces/777", "close/777"};
    struct http_peers *peers = http_peers_start();
    uint64_t checksum = 0;
    char text[128];

    (void)state;
    assert_non_null(peers);
    for (size_t i = 0; i < sizeof paths / sizeof *paths * 2 * TEST_ASYNC_BACKENDS; i++) {
        unsigned before = http_peers_connections(peers);
        const char *path = paths[i / 4];
        struct test_async_jobs j;

        snprintf(text, sizeof text, "http:requests=3,client=%s,url=http://127.0.0.1:%u/%s",
                 i % 2 ? "direct" : "curl", http_peers_port(peers), path);
        j = parse(text);
        assert_false(job_needs_target(&j.job));
        assert_int_equal(test_async_jobs_run(&j, i % 4 / 2 ? TEST_ASYNC_LOOP : TEST_ASYNC_BLOCKING),
                         0);
        assert_int_equal(j.sum.operations, 3 * JOBS);
        assert_int_equal(j.sum.bytes_in, 3 * JOBS * 777);
        checksum = i == 0 ? j.sum.checksum : checksum;
        assert_true(j.sum.checksum == checksum);
        assert_int_equal(http_peers_connections(peers) - before, *path == 'c' ? 3 * JOBS : 1);
    }
    http_peers_stop(peers);
}

static void test_one_connection_a_request_without_keep(void **state)
{
    struct http_peers *peers = http_peers_start();
    char text[128];

    (void)state;
    assert_non_null(peers);
    for (int i = 0; i < 2 * TEST_ASYNC_BACKENDS; i++) {
        unsigned before = http_peers_connections(peers);
        struct test_async_jobs j;

        snprintf(text, sizeof text,
                 "http:requests=3,keep=off,client=%s,url=http://127.0.0.1:%u/ok/7",
                 i % 2 ? "direct" : "curl", http_peers_port(peers));
        j = parse(text);
        assert_int_equal(test_async_jobs_run(&j, i / 2 ? TEST_ASYNC_LOOP : TEST_ASYNC_BLOCKING), 0);
        assert_int_equal(http_peers_connections(peers) - before, 3 * JOBS);
    }
    http_peers_stop(peers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_asks_for_what_differs_from_the_defaults),
        cmocka_unit_test(test_drawn_delays_differ_by_request_and_repeat_by_seed),
        cmocka_unit_test(test_a_drawn_delay_goes_with_the_other_keys),
        cmocka_unit_test(test_no_delay_is_longer_than_the_target_holds),
        cmocka_unit_test(test_a_wrong_answer_is_an_error),
        cmocka_unit_test(test_a_silent_server_runs_into_the_timeout),
        cmocka_unit_test(test_the_status_counts_in_the_checksum),
        cmocka_unit_test(test_what_theory_is_told),
        cmocka_unit_test(test_another_server_is_taken_as_it_is),
        cmocka_unit_test(test_one_connection_a_request_without_keep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
