/* The promise: the parser takes an answer in however it is cut. Where the answer ends, whether its
 * connection may be kept, and the header asked for are what its head says. What is no answer, and
 * what ends too early, are errors of their own. */
#include "io/http_answer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static uint64_t checksum_of(const char *body)
{
    struct hash_stream s;

    hash_stream_init(&s, 0);
    hash_stream_add(&s, body, strlen(body));
    return hash_stream_sum(&s);
}

/* Let it take `text` in pieces, and the end of the stream after it: what it says at last. */
static int feed(struct http_answer *a, const char *text, size_t piece, bool ends)
{
    size_t len = strlen(text);
    int r = 0;

    for (size_t at = 0; at < len && r == 0; at += piece)
        r = http_answer_take(a, text + at, len - at < piece ? len - at : piece);
    return r == 0 && ends ? http_answer_take(a, NULL, 0) : r;
}

static void test_answers_however_they_are_cut(void **state)
{
    const struct {
        const char *answer, *body, *header;
        int status;
        bool ends, keep;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nX-Held:  12 \r\nContent-Length: 5\r\n\r\nhello", "hello", "12", 200,
         false, true},
        {"HTTP/1.1 404 Not Found\r\nX-Hel: 1\r\nX-Heldd: 2\r\nContent-Length: 2\r\n\r\nno", "no",
         "", 404, false, true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nx-HELD: 3\r\n\r\n"
         "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: 1\r\n\r\n",
         "hello", "3", 200, false, true},
        {"HTTP/1.1 200 OK\r\nX-Held: 4\r\n\r\nto the end", "to the end", "4", 200, true, false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", "", 200, false, false},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", "x", "", 200,
         false, true},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", "x", "", 200, false,
         false},
        {"HTTP/1.1 204 No Content\r\n\r\n", "", "", 204, false, true},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", "", "", 304, false, true},
        {"HTTP/1.1 100 Continue\r\nX-Held: 9\r\n\r\nHTTP/1.1 103 Early\r\n\r\n"
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
         "ok", "", 200, false, true},
        {"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n", "", "", 101,
         false, false},
        {"HTTP/1.1 200 OK\r\nX-Held: 1234567890123456789012345678901234567890\r\n"
         "Content-Length: 0\r\n\r\n",
         "", "1234567890123456789012345678901", 200, false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece <= 300; piece = piece * 2 + 1) {
            struct http_answer a;

            http_answer_init(&a, "x-held");
            assert_int_equal(feed(&a, cases[i].answer, piece, cases[i].ends), 1);
            assert_int_equal(a.response.status, cases[i].status);
            assert_int_equal(a.response.body_bytes, strlen(cases[i].body));
            assert_true(a.response.checksum == checksum_of(cases[i].body));
            assert_string_equal(a.response.header, cases[i].header);
            assert_int_equal(a.keep, cases[i].keep);
        }
}

static void test_what_is_no_answer(void **state)
{
    const struct {
        const char *answer;
        int error;
    } cases[] = {
        {"", -ECONNRESET},
        {"HTTP/1.1 200 O", -ECONNRESET},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", -ECONNRESET},
        {"HTTP/1.1 100 Continue\r\n\r\n", -ECONNRESET},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour", -EBADMSG},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n", -EBADMSG},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfour", -EPROTO},
        {"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", -EPROTO},
        {"HTTP/1.1 200 OK\r\nContent-Length: much\r\n\r\n", -EPROTO},
        {"220 mail.example ESMTP\r\n", -EPROTO},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece <= 300; piece = piece * 2 + 1) {
            struct http_answer a;

            http_answer_init(&a, NULL);
            assert_int_equal(feed(&a, cases[i].answer, piece, true), cases[i].error);
        }
}

static void test_a_head_without_end_is_refused(void **state)
{
    char line[1000] = "HTTP/1.1 200 OK\r\nX: ";
    struct http_answer a;
    int r = 0;

    (void)state;
    memset(line + strlen(line), 'x', sizeof line - strlen(line));
    http_answer_init(&a, NULL);
    for (int i = 0; i < 1000 && r == 0; i++)
        r = http_answer_take(&a, i == 0 ? line : line + 100, sizeof line - 100);
    assert_int_equal(r, -EMSGSIZE);
}

static void test_what_comes_after_it_is_seen(void **state)
{
    static const char two[] = "HTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\n";
    struct http_answer a;

    (void)state;
    http_answer_init(&a, NULL);
    assert_int_equal(http_answer_take(&a, two, sizeof two - 1), 1);
    assert_false(a.keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_however_they_are_cut),
        cmocka_unit_test(test_what_is_no_answer),
        cmocka_unit_test(test_a_head_without_end_is_refused),
        cmocka_unit_test(test_what_comes_after_it_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
