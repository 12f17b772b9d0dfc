/* IPv4 addresses with a port, in numbers: "127.0.0.1:4000". Any thread. */
#ifndef TVA_BASE_ADDRESS_H
#define TVA_BASE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* Parse it; *out is written on success only. 0 or -EINVAL. */
int address_parse(const char *text, struct sockaddr_in *out);

/* Text that address_parse() reads back. ADDRESS_TEXT bytes are enough; returns buf. */
#define ADDRESS_TEXT 32
char *address_format(const struct sockaddr_in *address, char *buf, size_t size);

/* Is it one of this machine alone, 127.0.0.0/8? */
static inline bool address_is_loopback(struct in_addr address)
{
    return ntohl(address.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

#endif
