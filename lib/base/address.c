#include "base/address.h"

#include "base/units.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int address_parse(const char *text, struct sockaddr_in *out)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    char host[INET_ADDRSTRLEN] = "";
    uint64_t port = 0;

    if (colon != NULL && (size_t)(colon - text) < sizeof host)
        memcpy(host, text, (size_t)(colon - text));
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1 ||
        units_parse_count(colon + 1, &port) < 0 || port < 1 || port > UINT16_MAX)
        return -EINVAL;
    address.sin_port = htons((uint16_t)port);
    *out = address;
    return 0;
}

char *address_format(const struct sockaddr_in *address, char *buf, size_t size)
{
    char host[INET_ADDRSTRLEN] = "";

    inet_ntop(AF_INET, &address->sin_addr, host, sizeof host);
    snprintf(buf, size, "%s:%u", host, ntohs(address->sin_port));
    return buf;
}
