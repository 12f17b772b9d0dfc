/* The target: a TCP echo on loopback that holds each reply for a while, as tcp_wire.h says, and on
 * the same port an HTTP server that does so too (target_http.h).
 *
 * Direct style on the suite's own runtime: one task a connection, on one loop. A connection carries
 * one request at a time; one that breaks the protocol is closed, the others go on. */
#ifndef TVA_BENCH_TARGET_H
#define TVA_BENCH_TARGET_H

#include "base/err.h"

#include <stdint.h>
#include <stdio.h>

struct target_options {
    uint16_t port;             /* 0: a free one */
    uint64_t connections;      /* at most, at the same time; more wait to be accepted */
    uint64_t idle_ns, read_ns; /* of HTTP: struct target_http */
    int stop_fd;               /* readable when it is to end */
};

/* Serve until stop_fd is readable. Writes "listening on 127.0.0.1:PORT\n" to `out` once it is
 * ready, and what it served when it ends. 0, or a negative errno with *err set. */
int target_serve(const struct target_options *options, FILE *out, struct err *err);

/* The most connections that this process's descriptors allow. */
uint64_t target_connections_max(void);

#endif
