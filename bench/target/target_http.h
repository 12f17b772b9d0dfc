/* The target's HTTP/1.1 server: GET and HEAD, as lib/job/wire.h describes them, for any
 * client.
 *
 * Direct style, one task a connection, one request at a time; requests that are sent ahead wait in
 * the socket. Connections stay open as HTTP/1.1 and 1.0 define it. A request that breaks the rules
 * gets a status and one sentence: 400, 405 with Allow, 408, 413 for bodies, 414, 431, 505. */
#ifndef TVA_BENCH_TARGET_HTTP_H
#define TVA_BENCH_TARGET_HTTP_H

#include "io/io.h"
#include "target/target_hold.h"

#include <time.h>

#define TARGET_HTTP_BODY (64u << 10)

/* What connections share. The other protocol uses `idle_ns` and `hold` too. */
struct target_http {
    uint64_t idle_ns; /* close a connection that is idle for this time */
    uint64_t read_ns; /* time for a request after its first byte, and for a client to take some
                         bytes of an answer */
    struct target_hold hold;
    time_t date_s; /* when date[] was written */
    char date[32];
    char body[TARGET_HTTP_BODY]; /* which bodies repeat */
};

/* Set up one that is all 0. Nothing to free. */
void target_http_init(struct target_http *http, uint64_t idle_ns, uint64_t read_ns);

/* Serve a connection whose first bytes have been read until either side ends it or the task is
 * canceled; fd stays open. Adds to *requests for each answer. From a task. */
void target_http_serve(struct target_http *http, struct io *io, int fd, const char *first,
                       size_t first_len, uint64_t *requests);

#endif
