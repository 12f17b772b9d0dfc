/* The inside of io_async, for io_async.c and io_async_http.c (libcurl). */
#ifndef TVA_IO_IO_ASYNC_INTERNAL_H
#define TVA_IO_IO_ASYNC_INTERNAL_H

#include "async/loop.h"
#include "io/io.h"

struct io_async {
    struct io io; /* first */
    uv_loop_t *uv;
    struct watch **watches; /* by descriptor; NULL where no task has waited */
    size_t watches_size;
    struct io_async_http *http; /* NULL until the first request */
};

#endif
