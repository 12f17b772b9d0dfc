/* The promise: a GET gives the status, every byte of the body and whether its connection was one
 * kept, however the answer came in; each way in which it can go wrong has an error of its own,
 * is over by its deadline, and leaves the next request unharmed. The same over every backend, and
 * by the client that is written by hand. */
#include "support/contract.h"

#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LATE_PATH "/late/10"

/* GET a path of the server, with all the time there is. */
static int get(struct contract *t, const char *path, struct io_http_response *response)
{
    char url[128];
    struct io_http_request request = {.url = contract_url(t, path, url, sizeof url),
                                      .header = "X-Test"};

    return io_http_get(t->io, &request, response, contract_patience(t));
}

static uint64_t checksum_of(const char *body, size_t len)
{
    struct hash_stream s;

    hash_stream_init(&s, 0);
    hash_stream_add(&s, body, len);
    return hash_stream_sum(&s);
}

static void answer_is_whole(struct contract *t)
{
    const size_t sizes[] = {0, 1, 7, 64, 1000, 16384, HTTP_PEERS_BODY};
    struct io_http_response r;
    char path[32], number[16];

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        snprintf(path, sizeof path, "/ok/%zu", sizes[i]);
        snprintf(number, sizeof number, "%zu", sizes[i]);
        EXPECT_EQ(t, get(t, path, &r), 0);
        EXPECT_EQ(t, r.status, 200);
        EXPECT_EQ(t, r.body_bytes, sizes[i]);
        EXPECT(t, r.checksum == checksum_of(http_peers_body(), sizes[i]));
        EXPECT(t, strcmp(r.header, number) == 0);
    }
}

static void chunks_do_not_show_in_the_checksum(struct contract *t)
{
    struct io_http_response whole, pieces;

    EXPECT_EQ(t, get(t, "/ok/70001", &whole), 0);
    EXPECT_EQ(t, get(t, "/pieces/70001", &pieces), 0);
    EXPECT_EQ(t, pieces.body_bytes, 70001);
    EXPECT(t, pieces.checksum == whole.checksum);
}

static void header_is_given_only_when_asked_for(struct contract *t)
{
    struct io_http_response r;
    char url[128];
    struct io_http_request request = {.url = contract_url(t, "/ok/5", url, sizeof url)};

    EXPECT_EQ(t, io_http_get(t->io, &request, &r, NO_DEADLINE), 0);
    EXPECT(t, r.header[0] == '\0');
}

static void any_status_is_an_answer(struct contract *t)
{
    const int statuses[] = {204, 302, 404, 500};
    struct io_http_response r;
    char path[32];

    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        snprintf(path, sizeof path, "/status/%d", statuses[i]);
        EXPECT_EQ(t, get(t, path, &r), 0);
        EXPECT_EQ(t, r.status, statuses[i]);
        EXPECT_EQ(t, r.body_bytes, 0);
    }
}

static void connections_are_kept(struct contract *t)
{
    struct io_http_response r;

    EXPECT_EQ(t, get(t, "/ok/5", &r), 0);
    EXPECT(t, !r.reused);
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(t, get(t, i == 1 ? "/ok/6" : "/ok/5", &r), 0);
        EXPECT(t, r.reused);
    }
    if (t->http_peers != NULL) {
        EXPECT_EQ(t, http_peers_connections(t->http_peers), 1);
        EXPECT_EQ(t, http_peers_requests(t->http_peers), 4);
    }
}

static void connections_are_closed_when_asked(struct contract *t)
{
    struct io_http_response r;
    char url[128];
    struct io_http_request request = {.url = contract_url(t, "/ok/5", url, sizeof url),
                                      .close = true};

    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(t, io_http_get(t->io, &request, &r, contract_patience(t)), 0);
        EXPECT(t, !r.reused);
    }
    request.close = false;
    EXPECT_EQ(t, io_http_get(t->io, &request, &r, contract_patience(t)), 0);
    EXPECT(t, !r.reused);
    EXPECT_EQ(t, io_http_get(t->io, &request, &r, contract_patience(t)), 0);
    EXPECT(t, r.reused);
    if (t->http_peers != NULL)
        EXPECT_EQ(t, http_peers_connections(t->http_peers), 4);
}

static void connection_that_the_server_closes_is_not_used_again(struct contract *t)
{
    struct io_http_response r;

    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(t, get(t, "/close/9", &r), 0);
        EXPECT_EQ(t, r.body_bytes, 9);
        EXPECT(t, !r.reused);
    }
}

static void answer_is_waited_for(struct contract *t)
{
    uint64_t start_ns = io_now(t->io);
    struct io_http_response r;

    EXPECT_EQ(t, get(t, LATE_PATH, &r), 0);
    EXPECT(t, io_now(t->io) - start_ns >= HTTP_PEERS_LATE_NS);
    EXPECT_EQ(t, r.body_bytes, 10);
}

static void each_fault_has_its_error(struct contract *t)
{
    const struct {
        const char *path;
        int error;
    } faults[] = {{"/reset", -ECONNRESET},   {"/short", -EBADMSG},   {"/cut", -EBADMSG},
                  {"/nothing", -ECONNRESET}, {"/half", -ECONNRESET}, {"/garbage", -EPROTO}};
    struct io_http_response r;

    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        EXPECT_EQ(t, get(t, faults[i].path, &r), faults[i].error);
        EXPECT_EQ(t, get(t, "/ok/3", &r), 0);
        EXPECT_EQ(t, r.body_bytes, 3);
    }
}

static void each_bad_url_has_its_own_error(struct contract *t)
{
    const struct {
        const char *url;
        int error;
    } cases[] = {
        {"", -EINVAL},
        {"127.0.0.1:1/", -EINVAL},
        {"http://", -EINVAL},
        {"http://127.0.0.1:99999/", -EINVAL},
        {"http://user@127.0.0.1:1/", -EINVAL},
        {"ftp://127.0.0.1:1/", -EPROTONOSUPPORT},
        {"file:///etc/hostname", -EPROTONOSUPPORT},
        {"http://example.invalid/", -EHOSTUNREACH},
        {"http://192.0.2.1/", -EHOSTUNREACH},
        {"http://[2001:db8::1]/", -EHOSTUNREACH},
        {"http://127.0.0.1.example.invalid/", -EHOSTUNREACH},
    };
    struct io_http_response r;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct io_http_request request = {.url = cases[i].url};
        int error = io_http_get(t->io, &request, &r, contract_patience(t));

        if (error != cases[i].error)
            contract_fail(t, __FILE__, __LINE__, "\"%s\" is %d, not %d", cases[i].url, error,
                          cases[i].error);
    }
    EXPECT(t, t->failure[0] == '\0');
    EXPECT_EQ(t, get(t, "/ok/3", &r), 0);
}

static void refused_connection_says_so(struct contract *t)
{
    struct sockaddr_in address = contract_address(t, PEER_REFUSED);
    struct io_http_request request;
    struct io_http_response r;
    char url[64];

    snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(address.sin_port));
    request = (struct io_http_request){.url = url};
    EXPECT_EQ(t, io_http_get(t->io, &request, &r, contract_patience(t)), -ECONNREFUSED);
    EXPECT_EQ(t, io_http_get(t->io, &request, &r, NO_DEADLINE), -ECONNREFUSED);
}

static void deadline_ends_the_wait(struct contract *t)
{
    const uint64_t span_ns = 20 * NS_PER_MS;
    struct io_http_request request;
    struct io_http_response r;
    char url[128];

    request = (struct io_http_request){.url = contract_url(t, "/silent", url, sizeof url)};
    for (int i = 0; i < 2; i++) {
        uint64_t start_ns = io_now(t->io);

        EXPECT_EQ(t, io_http_get(t->io, &request, &r, start_ns + span_ns), -ETIMEDOUT);
        EXPECT(t, io_now(t->io) >= start_ns + span_ns);
        EXPECT(t, io_now(t->io) < start_ns + 15 * NS_PER_S);
    }
    /* What is still to come on that connection is nobody else's answer. */
    EXPECT_EQ(t, get(t, "/ok/3", &r), 0);
    EXPECT(t, !r.reused);
}

static void late_request_is_not_sent(struct contract *t)
{
    struct io_http_request request;
    struct io_http_response r;
    char url[128];

    request = (struct io_http_request){.url = contract_url(t, "/ok/1", url, sizeof url)};
    EXPECT_EQ(t, io_http_get(t->io, &request, &r, io_now(t->io)), -ETIMEDOUT);
    if (t->http_peers != NULL)
        EXPECT_EQ(t, http_peers_connections(t->http_peers), 0);
}

static void localhost_is_known(struct contract *t)
{
    char url[128], *port;
    struct io_http_request request = {.url = url};
    struct io_http_response r;
    char named[128];

    port = strrchr(contract_url(t, "/ok/4", url, sizeof url), ':');
    snprintf(named, sizeof named, "http://LocalHost%s", port);
    request.url = named;
    EXPECT_EQ(t, io_http_get(t->io, &request, &r, contract_patience(t)), 0);
    EXPECT_EQ(t, r.body_bytes, 4);
}

int main(void)
{
    const struct contract_case cases[] = {
        {"answer is whole", answer_is_whole, false},
        {"chunks do not show in the checksum", chunks_do_not_show_in_the_checksum, false},
        {"header is given only when asked for", header_is_given_only_when_asked_for, false},
        {"any status is an answer", any_status_is_an_answer, false},
        {"connections are kept", connections_are_kept, false},
        {"connections are closed when asked", connections_are_closed_when_asked, false},
        {"connection that the server closes is not used again",
         connection_that_the_server_closes_is_not_used_again, false},
        {"answer is waited for", answer_is_waited_for, false},
        {"each fault has its error", each_fault_has_its_error, false},
        {"each bad URL has its own error", each_bad_url_has_its_own_error, false},
        {"refused connection says so", refused_connection_says_so, false},
        {"deadline ends the wait", deadline_ends_the_wait, false},
        {"late request is not sent", late_request_is_not_sent, false},
        {"localhost is known", localhost_is_known, false},
    };

    return contract_run("io contract: HTTP", cases, COUNT_OF(cases)) +
           contract_run_direct("io contract: HTTP by hand", cases, COUNT_OF(cases));
}
