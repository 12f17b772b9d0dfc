/* What a request's query asks of the target: lib/job/http_wire.h says with which words. */
#ifndef TVA_BENCH_TARGET_HTTP_QUERY_H
#define TVA_BENCH_TARGET_HTTP_QUERY_H

#include "base/err.h"

#include <stdint.h>

struct target_http_query {
    uint64_t size, delay_ns;
    int status;
};

/* Read the query of a URL; without one, all defaults. 0, or -EINVAL with *err set. */
int target_http_query_read(const char *url, struct target_http_query *out, struct err *err);

#endif
