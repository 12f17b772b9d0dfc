/* One connection of the target: its first byte tells which of the two protocols it speaks. */
#ifndef TVA_BENCH_TARGET_CONNECTION_H
#define TVA_BENCH_TARGET_CONNECTION_H

#include "base/list.h"
#include "io/io.h"
#include "target/target_http.h"

struct target_connection {
    struct io *io;
    int fd;
    struct target_http *http;
    char *buf; /* request, then reply */
    size_t capacity;
    uint64_t requests; /* answered */
};

/* Answer requests until the peer closes, breaks the protocol, or the task is canceled; then close
 * fd and free the buffer. From a task. */
void target_connection_serve(struct target_connection *c);

#endif
