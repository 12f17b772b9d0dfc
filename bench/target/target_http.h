/* The target's HTTP/1.1 side: GET and HEAD, as lib/job/http_wire.h says, for any client.
 *
 * Direct style, one task a connection, one request at a time; requests sent ahead wait in the
 * socket. Connections are kept as HTTP/1.1 and 1.0 have it. What breaks the rules gets a status and
 * one sentence: 400, 405 with Allow, 408, 413 for bodies, 414, 431, 505. */
#ifndef TVA_BENCH_TARGET_HTTP_H
#define TVA_BENCH_TARGET_HTTP_H

#include "io/io.h"
#include "target/target_hold.h"

#include <time.h>

/* What connections share; `idle_ns` and `hold` are those of the other protocol as well. */
struct target_http {
    uint64_t idle_ns; /* close a connection that is idle, or has not said a word, for so long */
    uint64_t read_ns; /* a request has to be there so long after its first byte; a client has to
                         take some bytes of an answer as soon */
    struct target_hold hold;
    char *body;    /* TARGET_HTTP_BODY bytes, of which bodies are made */
    time_t date_s; /* when date[] was written */
    char date[32];
};

#define TARGET_HTTP_BODY (64u << 10)

/* 0 or -ENOMEM. */
int target_http_init(struct target_http *http, uint64_t idle_ns, uint64_t read_ns);
void target_http_deinit(struct target_http *http);

/* Serve a connection whose first bytes have been read until either side ends it or the task is
 * canceled; fd stays open. Adds to *requests for each answer. From a task. */
void target_http_serve(struct target_http *http, struct io *io, int fd, const char *first,
                       size_t first_len, uint64_t *requests);

#endif
