#include "http_request.h"

int http_request(void *arg)
{
    struct http_request *r = arg;
    struct io_http_response response;
    char url[256];
    int err;

    snprintf(url, sizeof url, "%s/?size=64&delay=%lluns", r->d->server,
             (unsigned long long)demo_scaled(r->d, NS_PER_S));
    r->begin_ns = clock_now_ns();
    err = io_http_get(r->io, &(struct io_http_request){.url = url}, &response, NO_DEADLINE);
    r->end_ns = clock_now_ns();
    return err < 0 ? err : response.status;
}

uint64_t http_request_took_ns(const struct http_request *r)
{
    return r->end_ns - r->begin_ns;
}
