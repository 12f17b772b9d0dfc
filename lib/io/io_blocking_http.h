/* HTTP of io_blocking: an entry of its io_ops. Contract: io/io.h. */
#ifndef TVA_IO_IO_BLOCKING_HTTP_H
#define TVA_IO_IO_BLOCKING_HTTP_H

#include "base/list.h"
#include "io/io.h"

#include <pthread.h>

/* Handles that no request uses at the moment, the last used first. Threads share them, hence the
 * lock; it is held for a few instructions only, never while waiting. */
struct io_blocking_http {
    pthread_mutex_t lock;
    struct list idle;
};

struct io_blocking {
    struct io io; /* first */
    struct io_blocking_http http;
};

void io_blocking_http_init(struct io_blocking_http *http);

/* Closes the idle connections. No request may be in progress. */
void io_blocking_http_deinit(struct io_blocking_http *http);

int io_blocking_http_get(struct io *io, const struct io_http_request *request,
                         struct io_http_response *response, uint64_t deadline_ns);

#endif
