/* The target's echo: each request gives the delay and the size of its reply (lib/job/wire.h).
 * One request at a time; a client that breaks the protocol is disconnected. */
#ifndef TVA_BENCH_TARGET_TCP_H
#define TVA_BENCH_TARGET_TCP_H

#include "io/io.h"
#include "job/wire.h"
#include "target/target_hold.h"

/* The most bytes that may be read before the protocol is known. */
#define TARGET_TCP_FIRST TCP_WIRE_BYTES_MIN

/* Serve a connection whose first bytes have been read until the peer closes it, breaks the protocol
 * or asks for a delay above WIRE_DELAY_MAX, until a request is not whole or a reply not taken
 * within idle_ns, or the task is canceled; fd stays open. The connection keeps the memory of its
 * largest exchange. Adds to *requests for each reply. From a task. */
void target_tcp_serve(struct target_hold *hold, struct io *io, int fd, uint64_t idle_ns,
                      const char *first, size_t first_len, uint64_t *requests);

#endif
