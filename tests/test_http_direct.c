/* The promise: the HTTP client written by hand sends what libcurl would, uses a connection again
 * only when nothing is left on it, is not harmed by one that was closed while it was idle, and
 * returns whatever fails on the way with nothing left open. */
#include "io/http_direct.h"

#include "support/io_fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PORT 4000
#define URL  "http://127.0.0.1:4000/a?b=1"

/* A server that sends these answers, and keeps the requests that it got. */
struct server {
    const char *answers[4]; /* to the 1st request, the 2nd, ...; the last goes on; NULL: none */
    bool ends;              /* the stream, after each answer */
    uint64_t ends_late_ns;  /* or so long after it */
    char asked[20000];      /* so far, of the request in progress; the last one when it is whole */
    bool whole;
    unsigned requests;
};

struct client {
    struct io *io;
    struct http_direct *direct;
    struct server server;
};

static void answer(struct io *io, int fd, const void *data, size_t len, void *arg)
{
    struct server *s = arg;
    const char *text;
    size_t used;

    if (s->whole)
        s->asked[0] = '\0';
    s->whole = false;
    used = strlen(s->asked);
    snprintf(s->asked + used, sizeof s->asked - used, "%.*s", (int)len, (const char *)data);
    if (strstr(s->asked, "\r\n\r\n") == NULL)
        return;
    s->whole = true;
    text = s->answers[s->requests < 3 && s->answers[s->requests] != NULL ? s->requests : 0];
    s->requests++;
    if (text != NULL)
        io_fake_peer_send(io, fd, NS_PER_MS, text, strlen(text));
    if (s->ends || s->ends_late_ns > 0)
        io_fake_peer_send(io, fd, NS_PER_MS + s->ends_late_ns, NULL, 0);
}

static struct client *begin(const char *first_answer)
{
    struct client *c = calloc(1, sizeof *c);

    assert_non_null(c);
    c->server.answers[0] = first_answer;
    c->io = io_fake_create();
    assert_non_null(c->io);
    assert_int_equal(io_fake_listen(c->io, PORT, answer, &c->server), 0);
    assert_int_equal(http_direct_create(URL, false, &c->direct, NULL), 0);
    return c;
}

static int get(struct client *c, struct io_http_response *r)
{
    const struct io_http_request request = {.url = URL, .header = "x-held"};

    return http_direct_get(c->direct, c->io, &request, r, io_now(c->io) + NS_PER_S);
}

/* How many connections it keeps; nothing else may be open. */
static unsigned kept(const struct client *c)
{
    return io_fake_open_count(c->io);
}

static void end(struct client *c)
{
    http_direct_destroy(c->direct, c->io);
    assert_int_equal(io_fake_open_count(c->io), 0);
    io_destroy(c->io);
    free(c);
}

static void test_it_asks_as_libcurl_does(void **state)
{
    struct io_http_request request = {.url = URL "#part"};
    struct client *c = begin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    struct io_http_response r;

    (void)state;
    assert_int_equal(http_direct_get(c->direct, c->io, &request, &r, NO_DEADLINE), 0);
    assert_string_equal(c->server.asked,
                        "GET /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1:4000\r\nAccept: */*\r\n\r\n");
    request = (struct io_http_request){.url = "http://127.0.0.1:4000?q", .close = true};
    assert_int_equal(http_direct_get(c->direct, c->io, &request, &r, NO_DEADLINE), 0);
    assert_string_equal(c->server.asked,
                        "GET /?q HTTP/1.1\r\nHost: 127.0.0.1:4000\r\nAccept: */*\r\n"
                        "Connection: close\r\n\r\n");
    assert_int_equal(kept(c), 1);
    end(c);
}

static void test_reads_and_writes_may_be_short(void **state)
{
    struct client *c = begin("HTTP/1.1 200 OK\r\nX-Held: 12\r\nContent-Length: 2\r\n\r\nok");
    struct io_http_response r;

    (void)state;
    io_fake_short(c->io, IO_OP_READ, 1);
    io_fake_short(c->io, IO_OP_WRITE, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(get(c, &r), 0);
        assert_int_equal(r.body_bytes, 2);
        assert_string_equal(r.header, "12");
        assert_true(r.reused == (i > 0));
    }
    end(c);
}

static void test_a_connection_that_ends_a_body_is_not_kept(void **state)
{
    struct client *c = begin("HTTP/1.1 200 OK\r\n\r\nto the end");
    struct io_http_response r;

    (void)state;
    c->server.ends = true;
    assert_int_equal(get(c, &r), 0);
    assert_int_equal(r.body_bytes, 10);
    assert_int_equal(kept(c), 0);
    c->server.answers[0] = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nto the end";
    assert_int_equal(get(c, &r), -EBADMSG);
    assert_int_equal(kept(c), 0);
    end(c);
}

static void test_what_comes_after_an_answer_is_nobodys(void **state)
{
    struct client *c = begin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                             "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
    struct io_http_response r;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(get(c, &r), 0);
        assert_int_equal(r.status, 200);
        assert_false(r.reused);
        assert_int_equal(kept(c), 0);
    }
    end(c);
}

static void test_a_connection_that_was_closed_while_idle_costs_no_request(void **state)
{
    const int errors[] = {0, -ECONNRESET, -EPIPE};

    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct client *c = begin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        struct io_http_response r;

        c->server.ends_late_ns = errors[i] == 0 ? NS_PER_MS : 0;
        assert_int_equal(get(c, &r), 0);
        assert_int_equal(kept(c), 1);
        io_fake_advance(c->io, NS_PER_S);
        if (errors[i] != 0)
            io_fake_fail(c->io, errors[i] == -EPIPE ? IO_OP_WRITE : IO_OP_READ, 1, errors[i]);
        assert_int_equal(get(c, &r), 0);
        assert_false(r.reused);
        assert_int_equal(io_fake_calls(c->io, IO_OP_CONNECT), 2);
        assert_int_equal(kept(c), 1);
        end(c);
    }
}

static void test_a_connection_that_breaks_in_an_answer_is_no_idle_one(void **state)
{
    struct client *c = begin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    struct io_http_response r;

    (void)state;
    c->server.answers[1] = "HTTP/1.1 200 ";
    assert_int_equal(get(c, &r), 0);
    c->server.ends = true;
    assert_int_equal(get(c, &r), -ECONNRESET);
    assert_int_equal(c->server.requests, 2);
    assert_int_equal(io_fake_calls(c->io, IO_OP_CONNECT), 1);
    end(c);
}

static void test_each_call_may_fail(void **state)
{
    const struct {
        enum io_op op;
        unsigned nth;
        int error, result;
    } cases[] = {
        {IO_OP_SOCKET, 1, -EMFILE, -EMFILE},        {IO_OP_CONNECT, 1, -ECANCELED, -ECANCELED},
        {IO_OP_CONNECT, 1, -ETIMEDOUT, -ETIMEDOUT}, {IO_OP_WRITE, 1, -ECONNRESET, -ECONNRESET},
        {IO_OP_WRITE, 2, -EPIPE, -ECONNRESET},      {IO_OP_READ, 1, -ECONNRESET, -ECONNRESET},
        {IO_OP_READ, 3, -ECANCELED, -ECANCELED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client *c = begin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        struct io_http_response r;

        io_fake_short(c->io, IO_OP_READ, 10);
        io_fake_short(c->io, IO_OP_WRITE, 10);
        io_fake_fail(c->io, cases[i].op, cases[i].nth, cases[i].error);
        assert_int_equal(get(c, &r), cases[i].result);
        assert_int_equal(kept(c), 0);
        assert_int_equal(get(c, &r), 0);
        assert_int_equal(kept(c), 1);
        end(c);
    }
}

static void test_a_silent_server_is_given_up(void **state)
{
    struct client *c = begin(NULL);
    struct io_http_request request = {.url = URL};
    struct io_http_response r;
    uint64_t begin_ns = io_now(c->io);

    (void)state;
    assert_int_equal(get(c, &r), -ETIMEDOUT);
    assert_true(io_now(c->io) == begin_ns + NS_PER_S);
    assert_int_equal(kept(c), 0);
    assert_int_equal(http_direct_get(c->direct, c->io, &request, &r, io_now(c->io)), -ETIMEDOUT);
    assert_int_equal(c->server.requests, 1);
    end(c);
}

static void test_localhost_is_whatever_answers(void **state)
{
    const struct io_http_request request = {.url = "http://localhost:4000/"};
    struct client *c = begin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    struct http_direct *named;
    struct io_http_response r;

    (void)state;
    assert_int_equal(http_direct_create(request.url, false, &named, NULL), 0);
    assert_int_equal(http_direct_get(named, c->io, &request, &r, NO_DEADLINE), 0);
    assert_int_equal(io_fake_calls(c->io, IO_OP_SOCKET), 2); /* a fake has no IPv6 */
    http_direct_destroy(named, c->io);
    end(c);
}

static void test_urls_that_are_not_of_the_server(void **state)
{
    const char *const urls[] = {"http://127.0.0.1:4001/",
                                "http://127.0.0.1:40001/",
                                "http://127.0.0.1/",
                                "http://127.0.0.1:4000@x/",
                                "/a",
                                "http://127.0.0.1:4000/a b",
                                "http://127.0.0.1:4000/a\r\nX: y"};
    struct client *c = begin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    struct io_http_request request;
    struct io_http_response r;
    char *longest;

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        request = (struct io_http_request){.url = urls[i]};
        assert_int_equal(http_direct_get(c->direct, c->io, &request, &r, NO_DEADLINE), -EINVAL);
    }
    longest = calloc(1, 40000);
    assert_non_null(longest);
    memset(longest, 'a', 39999);
    memcpy(longest, "http://127.0.0.1:4000/", 22);
    request = (struct io_http_request){.url = longest};
    assert_int_equal(http_direct_get(c->direct, c->io, &request, &r, NO_DEADLINE), -EINVAL);
    longest[16000] = '\0';
    assert_int_equal(http_direct_get(c->direct, c->io, &request, &r, NO_DEADLINE), 0);
    free(longest);
    assert_int_equal(c->server.requests, 1);
    end(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_asks_as_libcurl_does),
        cmocka_unit_test(test_reads_and_writes_may_be_short),
        cmocka_unit_test(test_a_connection_that_ends_a_body_is_not_kept),
        cmocka_unit_test(test_what_comes_after_an_answer_is_nobodys),
        cmocka_unit_test(test_a_connection_that_was_closed_while_idle_costs_no_request),
        cmocka_unit_test(test_a_connection_that_breaks_in_an_answer_is_no_idle_one),
        cmocka_unit_test(test_each_call_may_fail),
        cmocka_unit_test(test_a_silent_server_is_given_up),
        cmocka_unit_test(test_localhost_is_whatever_answers),
        cmocka_unit_test(test_urls_that_are_not_of_the_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
