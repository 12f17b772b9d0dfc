/* GETs from one server in direct style, through io_connect(), io_write() and io_read() alone.
 *
 * The other HTTP client is io_http_get(), libcurl, whose two interfaces take two ways through this
 * project. This one is the same compiled function over every backend; a request is one write and,
 * for a short answer, one read. Results and errors are those of io_http_get() (io/io.h). It sends
 * paths as they are written; libcurl takes "/../" out of them. Some answers that are not HTTP/1
 * libcurl takes and this one refuses: of HTTP/2, and those whose lengths differ or need more than
 * 64 bits.
 *
 * Tasks or threads share a client; none holds its lock while it waits. */
#ifndef TVA_IO_HTTP_DIRECT_H
#define TVA_IO_HTTP_DIRECT_H

#include "base/err.h"
#include "io/io.h"

struct http_direct;

/* Make a client of the server in `url`, which is another machine only if `remote`; then a name is
 * looked up here, which blocks. 0, -EPROTONOSUPPORT for https, -EHOSTUNREACH for a name that nobody
 * knows, or an error of http_url_parse(), with *err (may be NULL) set. */
int http_direct_create(const char *url, bool remote, struct http_direct **out, struct err *err);

/* io_http_get() of a URL that begins, to the letter, with the client's http://HOST:PORT. -EINVAL
 * for other URLs, and for those with more than 16 KiB, blanks or control characters. A request uses
 * the idle connection that was used last; if the server has closed it, the request goes on another.
 */
int http_direct_get(struct http_direct *c, struct io *io, const struct io_http_request *request,
                    struct io_http_response *response, uint64_t deadline_ns);

/* Close the idle connections, through the io that they were made by, and free the client. No
 * request may be in progress. NULL is allowed. */
void http_direct_destroy(struct http_direct *c, struct io *io);

#endif
