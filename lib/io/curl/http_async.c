#include "base/list.h"
#include "io/curl/http_clients.h"
#include "io/curl/http_easy.h"
#include "io/curl/http_multi.h"

#include <errno.h>
#include <stdlib.h>

enum transfer_state {
    TRANSFER_IDLE,     /* nobody's: in http->idle */
    TRANSFER_QUEUED,   /* to be started: in http->queued */
    TRANSFER_RUNNING,  /* with libcurl */
    TRANSFER_LEFT,     /* with libcurl, but its task has gone: in http->left */
    TRANSFER_FAILED,   /* with libcurl, which cannot go on with it: in http->failed */
    TRANSFER_FINISHED, /* its task is to take the result */
};

/* A request and its handle, on the heap: a canceled task goes on at once, and the loop takes the
 * handle from libcurl later. */
struct transfer {
    struct http_easy easy; /* first; made when it is first started */
    struct list link;      /* in the list of its state */
    struct list all;
    enum transfer_state state;
    struct task *task;
    const struct io_http_request *request; /* the task's, while queued */
    int result;
};

struct http_async {
    struct http_client client; /* first */
    const struct http_client_waits *waits;
    struct http_multi curl;
    struct list idle, queued, left, failed, all;
};

static void become_idle(struct http_async *http, struct transfer *t)
{
    t->state = TRANSFER_IDLE;
    list_prepend(&http->idle, &t->link);
}

static void finish(struct http_async *http, struct transfer *t, int result)
{
    t->state = TRANSFER_FINISHED;
    t->result = result;
    http->waits->wake(t->task, 0);
}

static int start(struct http_async *http, struct transfer *t)
{
    int r = 0;

    if (t->easy.curl == NULL)
        r = http_easy_init(&t->easy, http_multi_close_socket, &http->curl);
    if (r == 0)
        r = http_easy_begin(&t->easy, t->request);
    if (r == 0 && curl_multi_add_handle(http->curl.multi, t->easy.curl) != CURLM_OK)
        r = -ENOMEM;
    return r;
}

static void start_queued(struct http_async *http)
{
    struct list *link;

    while ((link = list_take_first(&http->queued)) != NULL) {
        struct transfer *t = container_of(link, struct transfer, link);
        int r;

        t->state = TRANSFER_RUNNING;
        r = start(http, t);
        if (r < 0)
            finish(http, t, r);
    }
}

/* Their connections are closed: nobody knows what is still to come on them. */
static void drop_left(struct http_async *http)
{
    struct list *link;

    while ((link = list_take_first(&http->left)) != NULL) {
        struct transfer *t = container_of(link, struct transfer, link);

        curl_multi_remove_handle(http->curl.multi, t->easy.curl);
        become_idle(http, t);
    }
}

static struct transfer *transfer_of(CURL *easy)
{
    char *private = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    return (struct transfer *)(void *)private;
}

static void fail(struct http_async *http, struct transfer *t, int error)
{
    if (t == NULL || t->state != TRANSFER_RUNNING) /* it may be a handle of libcurl's own */
        return;
    t->state = TRANSFER_FAILED;
    t->result = error;
    list_append(&http->failed, &t->link);
}

static void unwatched(struct http_multi *curl, CURL *easy, int error)
{
    fail(container_of(curl, struct http_async, curl), transfer_of(easy), error);
}

static void end_failed(struct http_async *http)
{
    struct list *link;

    if (http->curl.failed != 0)
        for (link = http->all.next; link != &http->all; link = link->next)
            fail(http, container_of(link, struct transfer, all), http->curl.failed);
    http->curl.failed = 0;
    while ((link = list_take_first(&http->failed)) != NULL) {
        struct transfer *t = container_of(link, struct transfer, link);

        curl_multi_remove_handle(http->curl.multi, t->easy.curl);
        finish(http, t, t->result);
    }
}

static void take_finished(struct http_async *http)
{
    CURLMsg *message;
    int more;

    while ((message = curl_multi_info_read(http->curl.multi, &more)) != NULL) {
        CURLcode code = message->data.result; /* gone with the handle */
        struct transfer *t = transfer_of(message->easy_handle);

        curl_multi_remove_handle(http->curl.multi, t->easy.curl);
        if (t->state == TRANSFER_LEFT) {
            list_remove(&t->link);
            become_idle(http, t);
        } else {
            finish(http, t, http_easy_end(&t->easy, code));
        }
    }
}

static void progress(struct http_multi *curl)
{
    struct http_async *http = container_of(curl, struct http_async, curl);

    drop_left(http);
    start_queued(http);
    if (curl->due)
        http_multi_catch_up(curl);
    end_failed(http);
    take_finished(http);
}

static void free_http(struct http_multi *curl)
{
    free(container_of(curl, struct http_async, curl));
}

static void destroy(struct http_client *client)
{
    struct http_async *http = container_of(client, struct http_async, client);
    struct list *link;

    drop_left(http);
    while ((link = list_take_first(&http->all)) != NULL) {
        struct transfer *t = container_of(link, struct transfer, all);

        http_easy_deinit(&t->easy);
        free(t);
    }
    http_multi_close(&http->curl, free_http);
}

static struct transfer *take_transfer(struct http_async *http)
{
    struct list *link = list_take_first(&http->idle);
    struct transfer *t;

    if (link != NULL)
        return container_of(link, struct transfer, link);
    t = calloc(1, sizeof *t);
    if (t != NULL)
        list_append(&http->all, &t->all);
    return t;
}

/* The task's wait has ended: let the transfer go, wherever it is. */
static void leave(struct http_async *http, struct transfer *t)
{
    t->easy.header = NULL;
    if (t->state == TRANSFER_FAILED)
        list_remove(&t->link);
    if (t->state == TRANSFER_RUNNING || t->state == TRANSFER_FAILED) {
        t->state = TRANSFER_LEFT;
        list_append(&http->left, &t->link);
        http_multi_wake(&http->curl);
        return;
    }
    if (t->state == TRANSFER_QUEUED)
        list_remove(&t->link);
    become_idle(http, t);
}

static int get(struct http_client *client, const struct io_http_request *request,
               struct io_http_response *response, uint64_t deadline_ns)
{
    struct http_async *http = container_of(client, struct http_async, client);
    struct transfer *t;
    int r;

    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    t = take_transfer(http);
    if (t == NULL)
        return -ENOMEM;
    t->state = TRANSFER_QUEUED;
    t->task = http->waits->current();
    t->request = request;
    list_append(&http->queued, &t->link);
    http_multi_wake(&http->curl);
    r = http->waits->suspend(deadline_ns);
    if (r == 0)
        r = t->result;
    if (r == 0)
        *response = t->easy.response;
    leave(http, t);
    return r;
}

static const struct http_client_ops ops = {.get = get, .destroy = destroy};

struct http_client *http_async_create(uv_loop_t *uv, const struct http_client_waits *waits)
{
    struct http_async *http = malloc(sizeof *http);

    if (http == NULL || http_multi_init(&http->curl, uv, progress, unwatched) < 0) {
        free(http);
        return NULL;
    }
    http->client.ops = &ops;
    http->waits = waits;
    list_init(&http->idle);
    list_init(&http->queued);
    list_init(&http->left);
    list_init(&http->failed);
    list_init(&http->all);
    return &http->client;
}
