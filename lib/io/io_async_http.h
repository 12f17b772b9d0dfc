/* HTTP of io_async: an entry of its io_ops. Contract: io/io.h. */
#ifndef TVA_IO_IO_ASYNC_HTTP_H
#define TVA_IO_IO_ASYNC_HTTP_H

#include "io/io_async_internal.h"

int io_async_http_get(struct io *io, const struct io_http_request *request,
                      struct io_http_response *response, uint64_t deadline_ns);

/* Close all connections. No task may be waiting for a request. NULL is allowed. */
void io_async_http_destroy(struct io_async_http *http);

#endif
