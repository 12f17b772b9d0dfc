/* One libcurl easy handle, set up for the GETs of io_http_get(): what both worlds have in common.
 *
 * The same handle serves one request after the other; io_blocking performs it, io_async hands it to
 * a multi handle. One thread at a time. */
#ifndef TVA_IO_CURL_HTTP_EASY_H
#define TVA_IO_CURL_HTTP_EASY_H

#include "base/hash.h"
#include "io/http_client.h"

#include <curl/curl.h>

struct http_easy {
    CURL *curl;
    struct curl_slist *close_header;
    char *url;          /* that the handle is set to; NULL: none yet */
    CURLU *parts;       /* its parts: libcurl would take it apart for each request otherwise */
    bool close;         /* what the handle is set to, too */
    bool remote;        /* the request in progress may go to another machine */
    int socket_error;   /* why a socket could not be made or used, a negative errno; 0 else */
    const char *header; /* asked for by the request in progress; NULL: none */
    bool begun;         /* its answer */
    bool head_whole;    /* of its answer */
    struct hash_stream body;
    struct io_http_response response;
};

/* Make libcurl ready for this process; before anything else of it but URLs. Does nothing when
 * called again. Any thread. */
void http_easy_library_init(void);

/* Closes a connection's socket; as close(2) but for `arg`. */
typedef int http_easy_close_fn(void *arg, curl_socket_t fd);

/* Make the handle. close_fn(close_arg, fd) is to close the sockets of its connections, which may
 * outlive it, and to call io_count_resent() before. 0 or -ENOMEM. */
int http_easy_init(struct http_easy *e, http_easy_close_fn *close_fn, void *close_arg);

/* Free it, with the connections that it keeps itself. */
void http_easy_deinit(struct http_easy *e);

/* Set it up for a request, whose header name must stay until it is over. 0, or the errors of
 * io_http_get() that show before anything is sent. */
int http_easy_begin(struct http_easy *e, const struct io_http_request *request);

/* What came of it: completes e->response. 0 or the errors of io_http_get(), or -EAGAIN: the server
 * had closed the connection while it was kept, so the request has to be begun again. */
int http_easy_end(struct http_easy *e, CURLcode code);

/* The two clients of the module: create_blocking and create_async of struct http_client_module. */
struct http_client *http_blocking_create(struct io *io);
struct http_client *http_async_create(struct io *io, uv_loop_t *uv,
                                      const struct http_client_waits *waits);

#endif
