/* Lets the GETs of an io go by the client that is written by hand, http_direct, so that cases
 * written against io_http_get() hold both clients to the same promise. */
#ifndef TVA_TESTS_CONTRACT_DIRECT_H
#define TVA_TESTS_CONTRACT_DIRECT_H

#include "io/http_direct.h"

struct contract_direct {
    struct io_ops ops; /* those of the io, but for http_get */
    const struct io_ops *own;
    struct http_direct *client; /* of the server that was asked last; NULL before */
};

/* Change where the GETs of `io` go, until contract_direct_remove(), which has to come before the io
 * is destroyed. */
void contract_direct_install(struct contract_direct *d, struct io *io);
void contract_direct_remove(struct contract_direct *d, struct io *io);

#endif
