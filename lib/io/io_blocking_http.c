#include "io/io_blocking_http.h"

#include "io/http_easy.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct handle {
    struct list link; /* in the idle ones */
    struct http_easy easy;
};

void io_blocking_http_init(struct io_blocking_http *http)
{
    pthread_mutex_init(&http->lock, NULL);
    list_init(&http->idle);
}

static void destroy_handle(struct handle *h)
{
    http_easy_deinit(&h->easy);
    free(h);
}

void io_blocking_http_deinit(struct io_blocking_http *http)
{
    struct list *link;

    while ((link = list_take_first(&http->idle)) != NULL)
        destroy_handle(container_of(link, struct handle, link));
    pthread_mutex_destroy(&http->lock);
}

static struct handle *create_handle(void)
{
    struct handle *h = malloc(sizeof *h);

    if (h == NULL || http_easy_init(&h->easy, NULL, NULL) < 0) {
        free(h);
        return NULL;
    }
    return h;
}

static struct handle *take_handle(struct io_blocking_http *http)
{
    struct list *link;

    pthread_mutex_lock(&http->lock);
    link = list_take_first(&http->idle);
    pthread_mutex_unlock(&http->lock);
    return link != NULL ? container_of(link, struct handle, link) : create_handle();
}

static void put_handle(struct io_blocking_http *http, struct handle *h)
{
    pthread_mutex_lock(&http->lock);
    list_prepend(&http->idle, &h->link);
    pthread_mutex_unlock(&http->lock);
}

/* libcurl counts milliseconds: rounded up, so that nothing is cut short before its deadline. */
static long timeout_ms(uint64_t deadline_ns)
{
    uint64_t now_ns = clock_now_ns(), ms;

    if (deadline_ns == NO_DEADLINE)
        return 0;
    ms = deadline_ns > now_ns ? (deadline_ns - now_ns - 1) / NS_PER_MS + 1 : 1;
    return ms < INT_MAX ? (long)ms : INT_MAX;
}

int io_blocking_http_get(struct io *io, const struct io_http_request *request,
                         struct io_http_response *response, uint64_t deadline_ns)
{
    struct io_blocking_http *http = &((struct io_blocking *)io)->http;
    struct handle *h;
    int r;

    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    h = take_handle(http);
    if (h == NULL)
        return -ENOMEM;
    r = http_easy_begin(&h->easy, request);
    if (r == 0) {
        curl_easy_setopt(h->easy.curl, CURLOPT_TIMEOUT_MS, timeout_ms(deadline_ns));
        r = http_easy_end(&h->easy, curl_easy_perform(h->easy.curl));
    }
    if (r == 0)
        *response = h->easy.response;
    put_handle(http, h);
    return r;
}
