#include "io/io_async_http.h"

#include "async/wait.h"
#include "io/http_easy.h"
#include "io/io_async_curl.h"

#include <errno.h>
#include <stdlib.h>

enum transfer_state {
    TRANSFER_IDLE,     /* nobody's: in http->idle */
    TRANSFER_QUEUED,   /* to be started: in http->queued */
    TRANSFER_RUNNING,  /* with libcurl */
    TRANSFER_LEFT,     /* with libcurl, but its task has gone: in http->left */
    TRANSFER_FINISHED, /* its task is to take the result */
};

/* A request and its handle, on the heap: a task that is canceled goes its way at once, and libcurl
 * is told later, from the loop. */
struct transfer {
    struct http_easy easy; /* first; made when it is first started */
    struct list link;      /* in the list of its state */
    struct list all;
    enum transfer_state state;
    struct task *task;
    const struct io_http_request *request; /* the task's, while queued */
    int result;
};

struct io_async_http {
    struct io_async_curl curl;
    struct list idle, queued, left, all;
};

static void become_idle(struct io_async_http *http, struct transfer *t)
{
    t->state = TRANSFER_IDLE;
    list_prepend(&http->idle, &t->link);
}

static void finish(struct transfer *t, int result)
{
    t->state = TRANSFER_FINISHED;
    t->result = result;
    wait_wake(t->task, 0);
}

static int start(struct io_async_http *http, struct transfer *t)
{
    int r = 0;

    if (t->easy.curl == NULL)
        r = http_easy_init(&t->easy, io_async_curl_close_socket, &http->curl);
    if (r == 0)
        r = http_easy_begin(&t->easy, t->request);
    if (r == 0 && curl_multi_add_handle(http->curl.multi, t->easy.curl) != CURLM_OK)
        r = -ENOMEM;
    return r;
}

static void start_queued(struct io_async_http *http)
{
    struct list *link;

    while ((link = list_take_first(&http->queued)) != NULL) {
        struct transfer *t = container_of(link, struct transfer, link);
        int r = start(http, t);

        t->state = TRANSFER_RUNNING;
        if (r < 0)
            finish(t, r);
    }
}

/* Their connections are closed: nobody knows what is still to come on them. */
static void drop_left(struct io_async_http *http)
{
    struct list *link;

    while ((link = list_take_first(&http->left)) != NULL) {
        struct transfer *t = container_of(link, struct transfer, link);

        curl_multi_remove_handle(http->curl.multi, t->easy.curl);
        become_idle(http, t);
    }
}

static void take_finished(struct io_async_http *http)
{
    CURLMsg *message;
    int more;

    while ((message = curl_multi_info_read(http->curl.multi, &more)) != NULL) {
        CURLcode code = message->data.result; /* gone with the handle */
        char *private = NULL;
        struct transfer *t;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        t = (struct transfer *)(void *)private;
        curl_multi_remove_handle(http->curl.multi, t->easy.curl);
        if (t->state == TRANSFER_LEFT) {
            list_remove(&t->link);
            become_idle(http, t);
        } else {
            finish(t, http_easy_end(&t->easy, code));
        }
    }
}

static void progress(struct io_async_curl *curl)
{
    struct io_async_http *http = container_of(curl, struct io_async_http, curl);

    drop_left(http);
    start_queued(http);
    if (curl->due)
        io_async_curl_catch_up(curl);
    take_finished(http);
}

static int create(struct io_async *a, struct io_async_http **out)
{
    struct io_async_http *http = malloc(sizeof *http);
    int r = http != NULL ? io_async_curl_init(&http->curl, a->uv, progress) : -ENOMEM;

    if (r < 0) {
        free(http);
        return r;
    }
    list_init(&http->idle);
    list_init(&http->queued);
    list_init(&http->left);
    list_init(&http->all);
    *out = http;
    return 0;
}

static void free_http(struct io_async_curl *curl)
{
    free(container_of(curl, struct io_async_http, curl));
}

void io_async_http_destroy(struct io_async_http *http)
{
    struct list *link;

    if (http == NULL)
        return;
    drop_left(http);
    while ((link = list_take_first(&http->all)) != NULL) {
        struct transfer *t = container_of(link, struct transfer, all);

        http_easy_deinit(&t->easy);
        free(t);
    }
    io_async_curl_close(&http->curl, free_http);
}

static struct transfer *take_transfer(struct io_async_http *http)
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
static void leave(struct io_async_http *http, struct transfer *t)
{
    t->easy.header = NULL;
    if (t->state == TRANSFER_RUNNING) {
        t->state = TRANSFER_LEFT;
        list_append(&http->left, &t->link);
        io_async_curl_wake(&http->curl);
        return;
    }
    if (t->state == TRANSFER_QUEUED)
        list_remove(&t->link);
    become_idle(http, t);
}

int io_async_http_get(struct io *io, const struct io_http_request *request,
                      struct io_http_response *response, uint64_t deadline_ns)
{
    struct io_async *a = (struct io_async *)io;
    struct transfer *t;
    int r = 0;

    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    if (a->http == NULL)
        r = create(a, &a->http);
    t = r == 0 ? take_transfer(a->http) : NULL;
    if (t == NULL)
        return -ENOMEM;
    t->state = TRANSFER_QUEUED;
    t->task = task_current();
    t->request = request;
    list_append(&a->http->queued, &t->link);
    io_async_curl_wake(&a->http->curl);
    r = wait_suspend(deadline_ns);
    if (r == 0)
        r = t->result;
    if (r == 0)
        *response = t->easy.response;
    leave(a->http, t);
    return r;
}
