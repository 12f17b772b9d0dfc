#include "io/curl/http_easy.h"

#include "base/address.h"
#include "io/http_url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_LARGE (100 << 10) /* bytes */

static const struct {
    CURLcode code;
    int error;
    bool system_knows; /* the system's own errno, where there is one, comes first */
} kinds[] = {
    {CURLE_URL_MALFORMAT, -EINVAL, false},
    {CURLE_UNSUPPORTED_PROTOCOL, -EPROTO, false}, /* of the answer: URLs were checked before */
    {CURLE_WEIRD_SERVER_REPLY, -EPROTO, false},
    {CURLE_BAD_CONTENT_ENCODING, -EPROTO, false},
    {CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH, false},
    {CURLE_COULDNT_CONNECT, -ECONNREFUSED, true},
    {CURLE_GOT_NOTHING, -ECONNRESET, false},
    {CURLE_SEND_ERROR, -ECONNRESET, true},
    {CURLE_RECV_ERROR, -EPROTO, true}, /* no errno: malformed chunked encoding */
    {CURLE_PARTIAL_FILE, -EBADMSG, false},
    {CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT, false},
    {CURLE_OUT_OF_MEMORY, -ENOMEM, false},
    {CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED, false},
    {CURLE_SSL_CACERT_BADFILE, -ENODATA, false},
    {CURLE_SSL_CONNECT_ERROR, -ENOKEY, false},
    {CURLE_SSL_CIPHER, -ENOKEY, false},
};

/* The negative errno of a transfer that failed with `code`; os_error is CURLINFO_OS_ERRNO, which
 * tells more where the system had refused something. The kinds are those of io_http_get(). */
static int http_error(CURLcode code, int os_error)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].code == code)
            return kinds[i].system_knows && os_error > 0 ? -os_error : kinds[i].error;
    return -EIO;
}

/* The one state of the whole process: libcurl's, which has to be made once, before any thread uses
 * it, and is not worth making in programs that send no request. */
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void init_library(void)
{
    curl_global_init(CURL_GLOBAL_SSL);
}

void http_easy_library_init(void)
{
    pthread_once(&library_once, init_library);
}

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
    struct http_easy *e = arg;

    hash_stream_add(&e->body, data, size * n);
    return size * n;
}

/* For libcurl an answer is good when the connection ends within the head. */
static size_t take_head(char *line, size_t size, size_t n, void *arg)
{
    struct http_easy *e = arg;

    e->begun = true;
    if (strncmp(line, "HTTP/", 5) == 0)
        e->head_whole = false;
    else if (line[0] == '\r' || line[0] == '\n')
        e->head_whole = true;
    return size * n;
}

/* What a name has led to is looked at once more: "localhost" is what the system takes it for. */
static bool is_loopback(const struct curl_sockaddr *address)
{
    const struct sockaddr_in *v4 = (const void *)&address->addr;
    const struct sockaddr_in6 *v6 = (const void *)&address->addr;

    if (address->family == AF_INET)
        return address_is_loopback(v4->sin_addr);
    return address->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_easy *e = arg;
    int fd;

    (void)purpose;
    if (!e->remote && !is_loopback(address)) {
        e->socket_error = -EHOSTUNREACH;
        return CURL_SOCKET_BAD;
    }
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0) {
        e->socket_error = -errno;
        return CURL_SOCKET_BAD;
    }
    return fd;
}

static int set_options(struct http_easy *e, http_easy_close_fn *close_fn, void *close_arg)
{
    CURL *c = e->curl;
    int failed = 0;

    failed |= curl_easy_setopt(c, CURLOPT_PRIVATE, e) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_PROXY, "") != CURLE_OK; /* none, whatever is set */
    failed |= curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, e) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_head) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_HEADERDATA, e) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_WRITEDATA, e) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_CLOSESOCKETFUNCTION, close_fn) != CURLE_OK;
    failed |= curl_easy_setopt(c, CURLOPT_CLOSESOCKETDATA, close_arg) != CURLE_OK;
    return failed ? -ENOMEM : 0;
}

int http_easy_init(struct http_easy *e, http_easy_close_fn *close_fn, void *close_arg)
{
    http_easy_library_init();
    *e = (struct http_easy){.curl = curl_easy_init()};
    if (e->curl != NULL)
        e->close_header = curl_slist_append(NULL, "Connection: close");
    if (e->close_header == NULL || set_options(e, close_fn, close_arg) < 0) {
        http_easy_deinit(e);
        return -ENOMEM;
    }
    return 0;
}

void http_easy_deinit(struct http_easy *e)
{
    curl_easy_cleanup(e->curl);
    curl_slist_free_all(e->close_header);
    curl_url_cleanup(e->parts);
    free(e->url);
    *e = (struct http_easy){0};
}

/* Certificates are checked by those in this file alone; NULL: by the system's. */
static int set_ca(struct http_easy *e, const char *ca)
{
    const char *folder = NULL;
    int r;

    if (ca == NULL) {
        curl_easy_getinfo(e->curl, CURLINFO_CAINFO, &ca);
        curl_easy_getinfo(e->curl, CURLINFO_CAPATH, &folder);
    }
    r = curl_easy_setopt(e->curl, CURLOPT_CAINFO, ca);
    return r == CURLE_OK ? (int)curl_easy_setopt(e->curl, CURLOPT_CAPATH, folder) : r;
}

/* A handle that is asked for one URL again and again is set and checked once. */
static int set_url(struct http_easy *e, const struct io_http_request *request)
{
    const char *url = request->url;
    CURLUcode code = CURLUE_OUT_OF_MEMORY;
    struct http_url parsed;
    CURLU *parts;
    char *copy;
    int r;

    if (e->url != NULL && strcmp(e->url, url) == 0)
        return 0;
    r = http_url_parse(url, request->remote, &parsed, NULL);
    if (r < 0)
        return r;
    parts = curl_url();
    copy = strdup(url);
    if (parts != NULL && copy != NULL)
        code = curl_url_set(parts, CURLUPART_URL, url, 0);
    if (code == CURLUE_OK && (curl_easy_setopt(e->curl, CURLOPT_CURLU, parts) != CURLE_OK ||
                              (parsed.tls && set_ca(e, request->ca) != CURLE_OK)))
        code = CURLUE_OUT_OF_MEMORY;
    if (code != CURLUE_OK) {
        curl_url_cleanup(parts);
        free(copy);
        return code == CURLUE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
    }
    curl_url_cleanup(e->parts);
    free(e->url);
    e->parts = parts;
    e->url = copy;
    return 0;
}

static int set_close(struct http_easy *e, bool close)
{
    if (e->close == close)
        return 0;
    if (curl_easy_setopt(e->curl, CURLOPT_HTTPHEADER, close ? e->close_header : NULL) != CURLE_OK ||
        curl_easy_setopt(e->curl, CURLOPT_FRESH_CONNECT, (long)close) != CURLE_OK ||
        curl_easy_setopt(e->curl, CURLOPT_FORBID_REUSE, (long)close) != CURLE_OK)
        return -ENOMEM;
    e->close = close;
    return 0;
}

int http_easy_begin(struct http_easy *e, const struct io_http_request *request)
{
    int r = set_url(e, request);

    if (r == 0)
        r = set_close(e, request->close);
    e->socket_error = 0;
    e->remote = request->remote;
    e->header = request->header;
    e->response = (struct io_http_response){0};
    e->begun = e->head_whole = false;
    hash_stream_init(&e->body, 0);
    return r;
}

/* libcurl asks again by itself where a kept connection has ended, but not where it was reset. For a
 * line above its limit (100 KiB) it is out of memory, for a head above its limit (300 KiB) it has
 * received something wrong. */
static int why_failed(const struct http_easy *e, CURLcode code, bool reused)
{
    long os_error = 0, head_bytes = 0;
    int error;

    curl_easy_getinfo(e->curl, CURLINFO_OS_ERRNO, &os_error);
    curl_easy_getinfo(e->curl, CURLINFO_HEADER_SIZE, &head_bytes);
    if (e->socket_error < 0)
        return e->socket_error;
    if (e->begun && !e->head_whole && (code == CURLE_OUT_OF_MEMORY || head_bytes > HEAD_LARGE))
        return -EMSGSIZE;
    error = http_error(code, (int)os_error);
    if (error == -EPIPE)
        error = -ECONNRESET;
    return error == -ECONNRESET && reused && !e->begun ? -EAGAIN : error;
}

int http_easy_end(struct http_easy *e, CURLcode code)
{
    long status = 0, connects = 0;
    struct curl_header *header;

    curl_easy_getinfo(e->curl, CURLINFO_NUM_CONNECTS, &connects);
    if (code != CURLE_OK)
        return why_failed(e, code, connects == 0);
    if (!e->head_whole)
        return -ECONNRESET;
    curl_easy_getinfo(e->curl, CURLINFO_RESPONSE_CODE, &status);
    if (e->header != NULL && /* the last, where it comes several times */
        curl_easy_header(e->curl, e->header, 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
        curl_easy_header(e->curl, e->header, header->amount - 1, CURLH_HEADER, -1, &header) ==
            CURLHE_OK)
        snprintf(e->response.header, sizeof e->response.header, "%s", header->value);
    e->response.status = (int)status;
    e->response.reused = connects == 0;
    e->response.body_bytes = e->body.len;
    e->response.checksum = hash_stream_sum(&e->body);
    return 0;
}
