/* The promise: the target's HTTP side takes each valid request for what it is, cut into whatever
 * pieces, and refuses each other one with the status that says why; queries are read by the same
 * rules as a job's parameters. */
#include "target/target_http_request.h"

#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"

/* Feed text in pieces of at most `piece` bytes until the parser has made up its mind. Bytes taken.
 */
static size_t feed(struct target_http_request *p, const char *text, size_t len, size_t piece)
{
    size_t at = 0;

    target_http_request_init(p);
    while (p->status == 0 && at < len)
        at += target_http_request_take(p, text + at, len - at < piece ? len - at : piece);
    return at;
}

static void test_requests_are_told_apart(void **state)
{
    const struct {
        const char *text;
        int status;
        bool head, keep, http_1_0;
    } cases[] = {
        {"GET /x HTTP/1.1\r\n" HOST "\r\n", 200, false, true, false},
        {"HEAD /x HTTP/1.1\r\nhOsT:a\r\n\r\n", 200, true, true, false},
        {"\r\n\r\nGET /x HTTP/1.1\r\n" HOST "\r\n", 200, false, true, false},
        {"GET /x HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 200, false, false, false},
        {"GET /x HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 200, false, true, false},
        {"GET /x HTTP/1.1\r\n" HOST "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 200, false, true,
         false},
        {"GET /x HTTP/1.0\r\n\r\n", 200, false, false, true},
        {"GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, false, true, true},
        {"GET /x HTTP/1.1\r\n\r\n", 400, false, false, false},
        {"GET /x HTTP/1.1\r\n" HOST HOST "\r\n", 400, false, false, false},
        {"GET /x HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, false,
         false, false},
        {"NONSENSE\r\n\r\n", 400, false, false, false},
        {"GET\r\n\r\n", 400, false, false, false},
        {"POST /x HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 405, false, true, false},
        {"DELETE /x HTTP/1.1\r\n" HOST "\r\n", 405, false, true, false},
        {"POST /x HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n", 405, false, false, false},
        {"GET /x HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n", 413, false, false, false},
        {"GET /x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 413, false, false, false},
        {"GET /x HTTP/2.0\r\n" HOST "\r\n", 505, false, false, true},
    };
    struct target_http_request p;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece <= 64; piece *= 4) {
            feed(&p, cases[i].text, strlen(cases[i].text), piece);
            if (p.status != cases[i].status || p.keep != cases[i].keep)
                fail_msg("%s in pieces of %zu: status %d, keep %d", cases[i].text, piece, p.status,
                         p.keep);
            if (p.status != 200)
                continue;
            assert_int_equal(p.head, cases[i].head);
            assert_int_equal(p.http_1_0, cases[i].http_1_0);
            assert_string_equal(p.url, "/x");
        }
}

static void test_what_follows_a_request_is_left_alone(void **state)
{
    const char *text = "GET /1 HTTP/1.1\r\n" HOST "\r\nHEAD /2 HTTP/1.1\r\n" HOST "\r\n\x01";
    struct target_http_request p;
    size_t first = feed(&p, text, strlen(text), 1000), second;

    (void)state;
    assert_int_equal(p.status, 200);
    assert_string_equal(p.url, "/1");
    assert_memory_equal(text + first, "HEAD", 4);
    second = feed(&p, text + first, strlen(text) - first, 1000);
    assert_int_equal(p.status, 200);
    assert_string_equal(p.url, "/2");
    assert_int_equal(text[first + second], 1);
}

/* `before`, then filler, up to `len` bytes in all. */
static void try_long(const char *before, char filler, size_t len, size_t piece, int status)
{
    static char text[200000];
    struct target_http_request p;

    memset(text, filler, sizeof text);
    memcpy(text, before, strlen(before));
    assert_true(len <= sizeof text);
    feed(&p, text, len, piece);
    assert_int_equal(p.status, status);
    assert_false(p.keep);
}

static void test_long_requests_are_refused_in_time(void **state)
{
    const char *const line = "GET / HTTP/1.1\r\n" HOST "X: ";

    (void)state;
    for (size_t piece = 1; piece <= 2048; piece *= 32) {
        try_long(line, 'a', TARGET_HTTP_HEAD_MAX, piece, 0);
        try_long(line, 'a', TARGET_HTTP_HEAD_MAX + 2048, piece, 431);
        try_long("", '\n', TARGET_HTTP_HEAD_MAX + 2048, piece, 431);
        try_long("GET /", 'a', TARGET_HTTP_URL_MAX, piece, 0);
        try_long("GET /", 'a', TARGET_HTTP_URL_MAX + 2048, piece, 414);
    }
    try_long(line, 'a', 200000, 100000, 431);
}

static void test_queries_are_read(void **state)
{
    const struct {
        const char *url;
        uint64_t size, delay_ns;
        int status;
    } cases[] = {
        {"/", 64, 0, 200},
        {"/any/path?", 64, 0, 200},
        {"/?size=1k&delay=10ms&status=404", 1024, 10 * NS_PER_MS, 404},
        {"/?delay=1us&dist=fixed&seed=18446744073709551615", 64, 1000, 200},
        {"/?size=0", 0, 0, 200},
    };
    struct target_http_query q;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(target_http_request_read_query(cases[i].url, &q, &err), 0);
        assert_int_equal(q.size, cases[i].size);
        assert_int_equal(q.delay_ns, cases[i].delay_ns);
        assert_int_equal(q.status, cases[i].status);
    }
}

static void test_drawn_delays_repeat(void **state)
{
    struct target_http_query a, b, c;
    unsigned capped = 0;
    struct err err;

    (void)state;
    assert_int_equal(target_http_request_read_query("/?delay=1s&dist=exponential&seed=1", &a, &err),
                     0);
    assert_int_equal(target_http_request_read_query("/?seed=1&dist=exp&delay=1s", &b, &err), 0);
    assert_int_equal(target_http_request_read_query("/?delay=1s&dist=exponential&seed=2", &c, &err),
                     0);
    assert_true(a.delay_ns == b.delay_ns);
    assert_true(a.delay_ns != c.delay_ns && a.delay_ns != NS_PER_S);
    for (unsigned seed = 0; seed < 20; seed++) { /* about a third are longer than may be */
        char url[64];

        snprintf(url, sizeof url, "/?delay=60s&dist=exp&seed=%u", seed);
        assert_int_equal(target_http_request_read_query(url, &a, &err), 0);
        assert_true(a.delay_ns <= 60 * NS_PER_S);
        capped += a.delay_ns == 60 * NS_PER_S;
    }
    assert_in_range(capped, 1, 19);
}

static void test_bad_queries_are_refused_with_a_sentence(void **state)
{
    const struct {
        const char *url, *says;
    } cases[] = {
        {"/?sise=1", "did you mean \"size\"?"},
        {"/?size=", "no value"},
        {"/?size=65M", "0 to 64M"},
        {"/?delay=10", "write for example 10ms"},
        {"/?status=199", "200 to 599"},
        {"/?dist=poisson", "fixed, exp, uniform, pareto, lognormal"},
        {"/?size=1&size=2", "given twice"},
        {"/?&", "no name"},
    };
    struct target_http_query q;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(target_http_request_read_query(cases[i].url, &q, &err), -EINVAL);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("%s: %s", cases[i].url, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_told_apart),
        cmocka_unit_test(test_what_follows_a_request_is_left_alone),
        cmocka_unit_test(test_long_requests_are_refused_in_time),
        cmocka_unit_test(test_queries_are_read),
        cmocka_unit_test(test_drawn_delays_repeat),
        cmocka_unit_test(test_bad_queries_are_refused_with_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
