/* Valid URLs: http or https, on this machine's loopback unless others are allowed, so that nobody
 * loads a stranger's server by a slip. Any thread. */
#ifndef TVA_IO_HTTP_URL_H
#define TVA_IO_HTTP_URL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The parts that a client needs to connect. */
struct http_url {
    char host[256];        /* a name, an IPv4 address, or an IPv6 address without [] */
    uint16_t port;         /* 80, or 443 of https, where the URL has none */
    bool tls;              /* https */
    const char *authority; /* HOST[:PORT], within the URL */
    size_t authority_len;
};

/* 0 for an http:// or https:// URL without user or password, whose host, unless `remote`, is in
 * 127.0.0.0/8, is [::1] or localhost; *out (may be NULL) gets its parts. Else -EINVAL,
 * -EPROTONOSUPPORT or -EHOSTUNREACH with *err (may be NULL) saying what is allowed. */
int http_url_parse(const char *url, bool remote, struct http_url *out, struct err *err);

#endif
