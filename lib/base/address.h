/* IPv4 addresses with a port, in numbers ("127.0.0.1:4000"), and which hosts are this machine. Any
 * thread. */
#ifndef TVA_BASE_ADDRESS_H
#define TVA_BASE_ADDRESS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

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

/* Does a host's name or address in text mean this machine: localhost, 127.0.0.0/8 or ::1? */
static inline bool address_names_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return inet_pton(AF_INET, host, &v4) == 1 && address_is_loopback(v4);
}

/* What a job says of a host for which address_names_loopback() is false, which it prints. */
#define ADDRESS_NOT_HERE                                                                           \
    "%.80s is not on this machine; remote=on allows it, and it gets all the load that is asked "   \
    "for"

#endif
