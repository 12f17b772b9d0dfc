/* Addresses on 127.0.0.1, for any io backend. */
#ifndef TVA_TESTS_LOOPBACK_H
#define TVA_TESTS_LOOPBACK_H

#include "io/io.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static inline struct sockaddr_in loopback_address(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static inline int loopback_connect(struct io *io, int fd, uint16_t port, uint64_t deadline_ns)
{
    struct sockaddr_in address = loopback_address(port);

    return io_connect(io, fd, (struct sockaddr *)&address, sizeof address, deadline_ns);
}

#endif
