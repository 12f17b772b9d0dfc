/* The target's echo: each request says how long its reply is held and how large it is
 * (lib/job/tcp_wire.h). One request at a time; a client that breaks the protocol is cut off. */
#ifndef TVA_BENCH_TARGET_TCP_H
#define TVA_BENCH_TARGET_TCP_H

#include "io/io.h"
#include "job/tcp_wire.h"
#include "target/target_hold.h"

/* At most so many bytes may be read before it is known that the client does not speak HTTP. */
#define TARGET_TCP_FIRST TCP_WIRE_BYTES_MIN

/* Serve a connection whose first bytes have been read until the peer closes it or breaks the
 * protocol, or the task is canceled; fd stays open. Adds to *requests for each reply. From a task.
 */
void target_tcp_serve(struct target_hold *hold, struct io *io, int fd, const char *first,
                      size_t first_len, uint64_t *requests);

#endif
