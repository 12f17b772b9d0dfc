/* Valid URLs: http, on this machine's loopback, so that no name has to be looked up elsewhere. Any
 * thread. */
#ifndef TVA_IO_HTTP_URL_H
#define TVA_IO_HTTP_URL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* The parts that a client needs to connect. */
struct http_url {
    char host[64]; /* "localhost" in any case, an IPv4 address, or an IPv6 address without [] */
    uint16_t port; /* 80 where the URL has none */
    const char *authority; /* HOST[:PORT], within the URL */
    size_t authority_len;
};

/* 0 for an http:// URL whose host is in 127.0.0.0/8, is [::1] or localhost, without user or
 * password; *out (may be NULL) gets its parts. Else -EINVAL, -EPROTONOSUPPORT or -EHOSTUNREACH with
 * *err (may be NULL) saying what is allowed. */
int http_url_parse(const char *url, struct http_url *out, struct err *err);

#endif
