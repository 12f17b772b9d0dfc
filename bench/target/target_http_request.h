/* A request of an HTTP client: its head, which http_parser reads piece by piece and the target's
 * rules check, and what its query asks for (words: lib/job/wire.h). */
#ifndef TVA_BENCH_TARGET_HTTP_REQUEST_H
#define TVA_BENCH_TARGET_HTTP_REQUEST_H

#include "base/err.h"

#include <http_parser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TARGET_HTTP_HEAD_MAX 8192u /* bytes of a request's line and headers */
#define TARGET_HTTP_URL_MAX  1024u

struct target_http_request {
    http_parser parser;
    /* 0 while more bytes have to come; 200 for a complete, good request; else the status that
     * refuses it. */
    int status;
    bool head;     /* HEAD rather than GET */
    bool keep;     /* the connection goes on after the answer */
    bool http_1_0; /* the answer has to say that it is kept */
    size_t bytes;  /* of the request so far; 0: it has not begun */
    char url[TARGET_HTTP_URL_MAX + 1];
    size_t url_len;
    char name[8]; /* the header being read, as far as it fits */
    size_t name_len;
    bool in_value;
    unsigned hosts; /* Host headers */
};

/* Begin a request. */
void target_http_request_init(struct target_http_request *p);

/* Take bytes of this request and return how many. When p->status is not 0 afterwards, the rest
 * belongs to the next request. */
size_t target_http_request_take(struct target_http_request *p, const char *data, size_t len);

struct target_http_query {
    uint64_t size, delay_ns;
    int status;
};

/* Read the query of a URL; without one, all defaults. 0, or -EINVAL with *err set. */
int target_http_request_read_query(const char *url, struct target_http_query *out, struct err *err);

#endif
