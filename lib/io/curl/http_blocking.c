#include "base/list.h"
#include "io/curl/http_easy.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct handle {
    struct list link; /* in the idle ones */
    struct http_easy easy;
};

/* Handles that no request uses at the moment, the last used first. Threads share them, hence the
 * lock; a thread holds it for a few instructions and never while it waits. */
struct http_blocking {
    struct http_client client; /* first */
    pthread_mutex_t lock;
    struct list idle;
};

static void destroy_handle(struct handle *h)
{
    http_easy_deinit(&h->easy);
    free(h);
}

static void destroy(struct http_client *client)
{
    struct http_blocking *http = container_of(client, struct http_blocking, client);
    struct list *link;

    while ((link = list_take_first(&http->idle)) != NULL)
        destroy_handle(container_of(link, struct handle, link));
    pthread_mutex_destroy(&http->lock);
    free(http);
}

/* The close function of the easy handles. */
static int close_socket(void *arg, curl_socket_t fd)
{
    io_count_resent(arg, fd);
    return close(fd);
}

static struct handle *create_handle(const struct http_blocking *http)
{
    struct handle *h = malloc(sizeof *h);

    if (h == NULL || http_easy_init(&h->easy, close_socket, http->client.io) < 0) {
        free(h);
        return NULL;
    }
    return h;
}

static struct handle *take_handle(struct http_blocking *http)
{
    struct list *link;

    pthread_mutex_lock(&http->lock);
    link = list_take_first(&http->idle);
    pthread_mutex_unlock(&http->lock);
    return link != NULL ? container_of(link, struct handle, link) : create_handle(http);
}

static void put_handle(struct http_blocking *http, struct handle *h)
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

static int get(struct http_client *client, const struct io_http_request *request,
               struct io_http_response *response, uint64_t deadline_ns)
{
    struct http_blocking *http = container_of(client, struct http_blocking, client);
    struct handle *h;
    int r;

    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    h = take_handle(http);
    if (h == NULL)
        return -ENOMEM;
    do {
        r = http_easy_begin(&h->easy, request);
        if (r == 0) {
            curl_easy_setopt(h->easy.curl, CURLOPT_TIMEOUT_MS, timeout_ms(deadline_ns));
            r = http_easy_end(&h->easy, curl_easy_perform(h->easy.curl));
        }
    } while (r == -EAGAIN);
    if (r == 0)
        *response = h->easy.response;
    put_handle(http, h);
    return r;
}

static const struct http_client_ops ops = {.get = get, .destroy = destroy};

struct http_client *http_blocking_create(struct io *io)
{
    struct http_blocking *http = malloc(sizeof *http);

    if (http == NULL)
        return NULL;
    http_easy_library_init();
    http->client = (struct http_client){.ops = &ops, .io = io};
    pthread_mutex_init(&http->lock, NULL);
    list_init(&http->idle);
    return &http->client;
}
