/* The target: the server that tcp and http jobs talk to. It listens on loopback, or on the address
 * that it is given. It is a TCP echo that holds each reply (lib/job/wire.h) and, on the same port,
 * an HTTP server (target_http.h).
 *
 * Direct style on the suite's own runtime: one task a connection, on one of several loops, each on
 * a thread of its own; the kernel deals the connections out. A connection carries one request at a
 * time. A connection that breaks the protocol is closed; the others go on. */
#ifndef TVA_BENCH_TARGET_H
#define TVA_BENCH_TARGET_H

#include "base/address.h"
#include "base/err.h"
#include "job/pathology.h"

#include <stdint.h>
#include <stdio.h>

struct target_options {
    struct sockaddr_in address; /* where it listens; port 0: a free one */
    unsigned loops;             /* 1 or more */
    uint64_t connections;       /* at most, at the same time; more wait to be accepted. Loops that
                                   accept at the same moment may exceed it by one each */
    uint64_t idle_ns, read_ns;  /* struct target_http */
    struct pathology pathology; /* how it misbehaves; with a limit, on one loop */
    int stop_fd;                /* readable when the server has to end */
};

/* Serve until stop_fd is readable. Writes "listening on ADDRESS:PORT\n" to `out` when it is
 * ready, and at its end how much it served. 0, or a negative errno with *err set. */
int target_serve(const struct target_options *options, FILE *out, struct err *err);

/* How many loops suit the cores and the descriptors of this process. */
unsigned target_loops_default(void);

/* How many connections the descriptors of this process allow beside those of its loops. */
uint64_t target_connections_max(unsigned loops);

#endif
