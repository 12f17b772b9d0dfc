/* The client of a loop: tasks queue their requests, and the loop hands these to one libcurl multi
 * handle (curl_multi_socket_action). uv_poll watches its sockets, uv_timer its timeout.
 *
 * libcurl runs in callbacks of libuv, on the loop's stack: a task's stack is too small for it. Only
 * get() runs in tasks, and http_async_create(), which needs little, may. */
#include "base/list.h"
#include "io/curl/http_easy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Connections to keep; above what is ever in flight, so that none is closed for want of a place. */
#define CONNECTIONS_KEPT 1000000L

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
    const struct io_http_request *request; /* the task's, until it is finished */
    int result;
};

struct http_async {
    struct http_client client; /* first */
    const struct http_client_waits *waits;
    struct list idle, queued, left, failed, all; /* transfers */
    uv_loop_t *uv;
    CURLM *multi;
    uv_idle_t soon;         /* started while progress() is to be called soon */
    uv_timer_t timer;       /* libcurl's next timeout */
    unsigned open_handles;  /* of these two */
    bool due;               /* a timeout of libcurl has passed */
    struct watch **watches; /* by descriptor; NULL where there is no connection */
    size_t watches_size;
    int error; /* why libcurl has given all transfers up, a negative errno; 0: it has not */
};

/* A connection's socket. The uv_poll stays started when libcurl is no longer interested, which it
 * says after each request: the next one then costs no epoll_ctl. An event that libcurl does not
 * want stops it. */
struct watch {
    uv_poll_t poll;
    struct http_async *http;
    curl_socket_t fd;
    int wanted;  /* UV_READABLE | UV_WRITABLE, by libcurl */
    int started; /* the same, by libuv */
};

static void progress(struct http_async *http);

static void on_idle(uv_idle_t *idle)
{
    uv_idle_stop(idle);
    progress(container_of(idle, struct http_async, soon));
}

/* Let the loop call progress() soon. From tasks too. */
static void progress_soon(struct http_async *http)
{
    uv_idle_start(&http->soon, on_idle);
}

/* An error here concerns all transfers. */
static void act(struct http_async *http, curl_socket_t fd, int flags)
{
    int running;
    CURLMcode code = curl_multi_socket_action(http->multi, fd, flags, &running);

    if (code != CURLM_OK)
        http->error = code == CURLM_OUT_OF_MEMORY ? -ENOMEM : -EIO;
}

/* ---- Sockets ---- */

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct watch *w = container_of(poll, struct watch, poll);
    struct http_async *http = w->http;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;

    if (status < 0)
        w->started = 0; /* libuv has stopped it */
    else if (w->wanted == 0) {
        uv_poll_stop(poll);
        w->started = 0;
        return;
    }
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    act(http, w->fd, flags); /* which may free w */
    progress(http);
}

static int grow(struct http_async *http, size_t fd)
{
    size_t size = http->watches_size ? http->watches_size : 64;
    struct watch **watches;

    while (size <= fd)
        size *= 2;
    watches = realloc(http->watches, size * sizeof(struct watch *));
    if (watches == NULL)
        return -ENOMEM;
    memset(watches + http->watches_size, 0, (size - http->watches_size) * sizeof(struct watch *));
    http->watches = watches;
    http->watches_size = size;
    return 0;
}

/* The watch of fd, made now if there is none. */
static int watch_of(struct http_async *http, curl_socket_t fd, struct watch **out)
{
    struct watch *w;
    int err;

    if ((size_t)fd >= http->watches_size && grow(http, (size_t)fd) < 0)
        return -ENOMEM;
    *out = http->watches[fd];
    if (*out != NULL)
        return 0;
    w = calloc(1, sizeof *w);
    if (w == NULL)
        return -ENOMEM;
    err = uv_poll_init(http->uv, &w->poll, fd);
    if (err < 0) {
        free(w);
        return err;
    }
    w->http = http;
    w->fd = fd;
    *out = http->watches[fd] = w;
    return 0;
}

static int watch(struct http_async *http, curl_socket_t fd, int wanted)
{
    struct watch *w;
    int err = watch_of(http, fd, &w);

    if (err < 0)
        return err;
    w->wanted = wanted;
    if (wanted == w->started)
        return 0;
    w->started = wanted;
    return uv_poll_start(&w->poll, wanted, on_ready);
}

static void free_watch(uv_handle_t *handle)
{
    free(container_of((uv_poll_t *)handle, struct watch, poll));
}

/* The close function of the easy handles. */
static int close_socket(void *arg, curl_socket_t fd)
{
    struct http_async *http = arg;

    if ((size_t)fd < http->watches_size && http->watches[fd] != NULL) {
        uv_close((uv_handle_t *)&http->watches[fd]->poll, free_watch);
        http->watches[fd] = NULL;
    }
    io_count_resent(http->client.io, fd);
    return close(fd);
}

/* ---- Transfers ---- */

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
        r = http_easy_init(&t->easy, close_socket, http);
    if (r == 0)
        r = http_easy_begin(&t->easy, t->request);
    if (r == 0 && curl_multi_add_handle(http->multi, t->easy.curl) != CURLM_OK)
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

        curl_multi_remove_handle(http->multi, t->easy.curl);
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

static void end_failed(struct http_async *http)
{
    struct list *link;

    if (http->error != 0)
        for (link = http->all.next; link != &http->all; link = link->next)
            fail(http, container_of(link, struct transfer, all), http->error);
    http->error = 0;
    while ((link = list_take_first(&http->failed)) != NULL) {
        struct transfer *t = container_of(link, struct transfer, link);

        curl_multi_remove_handle(http->multi, t->easy.curl);
        finish(http, t, t->result);
    }
}

/* The request is over with this result, or goes to another connection. */
static void end(struct http_async *http, struct transfer *t, int result)
{
    bool again = result == -EAGAIN;

    if (again)
        result = start(http, t);
    if (!again || result < 0)
        finish(http, t, result);
}

static void take_finished(struct http_async *http)
{
    CURLMsg *message;
    int more;

    while ((message = curl_multi_info_read(http->multi, &more)) != NULL) {
        CURLcode code = message->data.result; /* gone with the handle */
        struct transfer *t = transfer_of(message->easy_handle);

        curl_multi_remove_handle(http->multi, t->easy.curl);
        if (t->state == TRANSFER_LEFT) {
            list_remove(&t->link);
            become_idle(http, t);
        } else {
            end(http, t, http_easy_end(&t->easy, code));
        }
    }
}

static void catch_up(struct http_async *http)
{
    http->due = false;
    act(http, CURL_SOCKET_TIMEOUT, 0);
    if (!http->due)
        uv_idle_stop(&http->soon);
}

/* After libcurl has done something, or when there is something for it to do; never inside of it. */
static void progress(struct http_async *http)
{
    drop_left(http);
    start_queued(http);
    if (http->due)
        catch_up(http);
    end_failed(http);
    take_finished(http);
}

/* ---- What libcurl calls ---- */

/* It wants to know when a socket is ready. Where that cannot be watched, nobody would learn of it,
 * so the socket's transfer fails. 0 in any case: an error here would be the end of all transfers.
 */
static int on_interest(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
    struct http_async *http = arg;
    int wanted = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    int err;

    (void)unused;
    if (what == CURL_POLL_REMOVE) {
        if ((size_t)fd < http->watches_size && http->watches[fd] != NULL)
            http->watches[fd]->wanted = 0;
        return 0;
    }
    err = watch(http, fd, wanted);
    if (err < 0) {
        fail(http, transfer_of(easy), err);
        progress_soon(http);
    }
    return 0;
}

static void on_timer(uv_timer_t *timer)
{
    struct http_async *http = container_of(timer, struct http_async, timer);

    http->due = true;
    progress(http);
}

static int on_timeout_change(CURLM *multi, long timeout_ms, void *arg)
{
    struct http_async *http = arg;

    (void)multi;
    http->due = timeout_ms == 0;
    if (timeout_ms > 0)
        return uv_timer_start(&http->timer, on_timer, (uint64_t)timeout_ms, 0);
    uv_timer_stop(&http->timer);
    if (http->due)
        progress_soon(http);
    return 0;
}

/* ---- The client ---- */

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
    if (t->state == TRANSFER_FAILED)
        list_remove(&t->link);
    if (t->state == TRANSFER_RUNNING || t->state == TRANSFER_FAILED) {
        t->state = TRANSFER_LEFT;
        list_append(&http->left, &t->link);
        progress_soon(http);
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
    progress_soon(http);
    r = http->waits->suspend(deadline_ns);
    if (r == 0)
        r = t->result;
    if (r == 0)
        *response = t->easy.response;
    leave(http, t);
    return r;
}

static void on_closed(uv_handle_t *handle)
{
    struct http_async *http = handle->data;

    if (--http->open_handles == 0)
        free(http);
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
    curl_multi_cleanup(http->multi);
    free(http->watches);
    http->soon.data = http->timer.data = http;
    uv_close((uv_handle_t *)&http->soon, on_closed);
    uv_close((uv_handle_t *)&http->timer, on_closed);
}

/* 0 or -ENOMEM. */
static int init_multi(struct http_async *http)
{
    CURLM *m = curl_multi_init();
    int failed = 0;

    if (m == NULL)
        return -ENOMEM;
    failed |= curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_interest) != CURLM_OK;
    failed |= curl_multi_setopt(m, CURLMOPT_SOCKETDATA, http) != CURLM_OK;
    failed |= curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_timeout_change) != CURLM_OK;
    failed |= curl_multi_setopt(m, CURLMOPT_TIMERDATA, http) != CURLM_OK;
    failed |= curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT) != CURLM_OK;
    failed |= curl_multi_setopt(m, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) != CURLM_OK;
    if (failed) {
        curl_multi_cleanup(m);
        return -ENOMEM;
    }
    http->multi = m;
    return 0;
}

static const struct http_client_ops ops = {.get = get, .destroy = destroy};

struct http_client *http_async_create(struct io *io, uv_loop_t *uv,
                                      const struct http_client_waits *waits)
{
    struct http_async *http = calloc(1, sizeof *http);

    http_easy_library_init();
    if (http == NULL || init_multi(http) < 0) {
        free(http);
        return NULL;
    }
    http->client = (struct http_client){.ops = &ops, .io = io};
    http->waits = waits;
    http->uv = uv;
    uv_idle_init(uv, &http->soon); /* which cannot fail, like the other */
    uv_timer_init(uv, &http->timer);
    http->open_handles = 2;
    list_init(&http->idle);
    list_init(&http->queued);
    list_init(&http->left);
    list_init(&http->failed);
    list_init(&http->all);
    return &http->client;
}
