/* GETs of one server in direct style, through io_connect(), io_write() and io_read() alone.
 *
 * The other HTTP client is io_http_get(): libcurl, which has two interfaces and so two ways through
 * this project. This one is the same compiled function over every backend; a request is one write
 * and, for a short answer, one read. What it does and how it fails is documented there: io/io.h.
 * It sends paths as they are written, where libcurl takes "/../" out of them.
 *
 * Tasks, or threads, share a client; a lock is held for a few instructions, never while waiting. */
#ifndef TVA_IO_HTTP_DIRECT_H
#define TVA_IO_HTTP_DIRECT_H

#include "base/err.h"
#include "io/io.h"

struct http_direct;

/* Make a client of the server that is in `url`. 0, or with *err (may be NULL) set what
 * http_url_parse() says. */
int http_direct_create(const char *url, struct http_direct **out, struct err *err);

/* io_http_get() of a URL that begins with the same http://HOST:PORT as the client's, to the letter;
 * -EINVAL for others, and for those that take more than 16 KiB, have blanks or control characters.
 * A connection that is idle is used again, the last used first; should the server have closed it
 * meanwhile, the request is sent on another. */
int http_direct_get(struct http_direct *c, struct io *io, const struct io_http_request *request,
                    struct io_http_response *response, uint64_t deadline_ns);

/* Close the idle connections, through the io that they were made by, and free the client. No
 * request may be in progress. NULL is allowed. */
void http_direct_destroy(struct http_direct *c, struct io *io);

#endif
