#include "io/curl/http_multi.h"

#include "base/list.h"
#include "io/curl/http_easy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Connections to keep; above what is ever in flight, so that none is closed for want of a place. */
#define CONNECTIONS_KEPT 1000000L

/* A connection's socket. The uv_poll stays started when libcurl is no longer interested, which it
 * says after each request: the next one then costs no epoll_ctl. An event that libcurl does not
 * want stops it. */
struct curl_watch {
    uv_poll_t poll;
    struct http_multi *curl;
    curl_socket_t fd;
    int wanted;  /* UV_READABLE | UV_WRITABLE, by libcurl */
    int started; /* the same, by libuv */
};

/* What libcurl does not get over concerns all transfers. */
static void act(struct http_multi *c, curl_socket_t fd, int flags)
{
    int running;
    CURLMcode code = curl_multi_socket_action(c->multi, fd, flags, &running);

    if (code != CURLM_OK)
        c->failed = code == CURLM_OUT_OF_MEMORY ? -ENOMEM : -EIO;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct curl_watch *w = container_of(poll, struct curl_watch, poll);
    struct http_multi *c = w->curl;
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
    act(c, w->fd, flags); /* which may free w */
    c->progress(c);
}

static int grow(struct http_multi *c, size_t fd)
{
    size_t size = c->watches_size ? c->watches_size : 64;
    struct curl_watch **watches;

    while (size <= fd)
        size *= 2;
    watches = realloc(c->watches, size * sizeof(struct curl_watch *));
    if (watches == NULL)
        return -ENOMEM;
    memset(watches + c->watches_size, 0, (size - c->watches_size) * sizeof(struct curl_watch *));
    c->watches = watches;
    c->watches_size = size;
    return 0;
}

/* The watch of fd, made now if there is none. */
static int watch_of(struct http_multi *c, curl_socket_t fd, struct curl_watch **out)
{
    struct curl_watch *w;
    int err;

    if ((size_t)fd >= c->watches_size && grow(c, (size_t)fd) < 0)
        return -ENOMEM;
    *out = c->watches[fd];
    if (*out != NULL)
        return 0;
    w = calloc(1, sizeof *w);
    if (w == NULL)
        return -ENOMEM;
    err = uv_poll_init(c->uv, &w->poll, fd);
    if (err < 0) {
        free(w);
        return err;
    }
    w->curl = c;
    w->fd = fd;
    *out = c->watches[fd] = w;
    return 0;
}

static int watch(struct http_multi *c, curl_socket_t fd, int wanted)
{
    struct curl_watch *w;
    int err = watch_of(c, fd, &w);

    if (err < 0)
        return err;
    w->wanted = wanted;
    if (wanted == w->started)
        return 0;
    w->started = wanted;
    return uv_poll_start(&w->poll, wanted, on_ready);
}

/* 0 in any case: an error here would be the end of all transfers of the multi handle. */
static int on_interest(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
    struct http_multi *c = arg;
    int wanted = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    int err;

    (void)unused;
    if (what == CURL_POLL_REMOVE) {
        if ((size_t)fd < c->watches_size && c->watches[fd] != NULL)
            c->watches[fd]->wanted = 0;
        return 0;
    }
    err = watch(c, fd, wanted);
    if (err < 0) {
        c->unwatched(c, easy, err);
        http_multi_wake(c);
    }
    return 0;
}

static void free_watch(uv_handle_t *handle)
{
    free(container_of((uv_poll_t *)handle, struct curl_watch, poll));
}

int http_multi_close_socket(void *arg, curl_socket_t fd)
{
    struct http_multi *c = arg;

    if ((size_t)fd < c->watches_size && c->watches[fd] != NULL) {
        uv_close((uv_handle_t *)&c->watches[fd]->poll, free_watch);
        c->watches[fd] = NULL;
    }
    return close(fd);
}

static void on_idle(uv_idle_t *idle)
{
    struct http_multi *c = container_of(idle, struct http_multi, idle);

    uv_idle_stop(idle);
    c->progress(c);
}

void http_multi_wake(struct http_multi *c)
{
    uv_idle_start(&c->idle, on_idle);
}

static void on_timer(uv_timer_t *timer)
{
    struct http_multi *c = container_of(timer, struct http_multi, timer);

    c->due = true;
    c->progress(c);
}

static int on_timeout_change(CURLM *multi, long timeout_ms, void *arg)
{
    struct http_multi *c = arg;

    (void)multi;
    c->due = timeout_ms == 0;
    if (timeout_ms > 0)
        return uv_timer_start(&c->timer, on_timer, (uint64_t)timeout_ms, 0);
    uv_timer_stop(&c->timer);
    if (c->due)
        http_multi_wake(c);
    return 0;
}

void http_multi_catch_up(struct http_multi *c)
{
    c->due = false;
    act(c, CURL_SOCKET_TIMEOUT, 0);
    if (!c->due)
        uv_idle_stop(&c->idle);
}

int http_multi_init(struct http_multi *c, uv_loop_t *uv, void (*progress)(struct http_multi *c),
                    void (*unwatched)(struct http_multi *c, CURL *easy, int error))
{
    int failed = 0;

    http_easy_library_init();
    *c = (struct http_multi){
        .uv = uv, .multi = curl_multi_init(), .progress = progress, .unwatched = unwatched};
    if (c->multi == NULL)
        return -ENOMEM;
    failed |= curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_interest) != CURLM_OK;
    failed |= curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c) != CURLM_OK;
    failed |= curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timeout_change) != CURLM_OK;
    failed |= curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c) != CURLM_OK;
    failed |= curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT) != CURLM_OK;
    failed |= curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) != CURLM_OK;
    if (failed) {
        curl_multi_cleanup(c->multi);
        return -ENOMEM;
    }
    uv_idle_init(uv, &c->idle); /* which cannot fail, like the other */
    uv_timer_init(uv, &c->timer);
    c->open_handles = 2;
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct http_multi *c = handle->data;

    if (--c->open_handles == 0)
        c->closed(c);
}

void http_multi_close(struct http_multi *c, void (*closed)(struct http_multi *c))
{
    curl_multi_cleanup(c->multi);
    free(c->watches);
    c->closed = closed;
    c->idle.data = c->timer.data = c;
    uv_close((uv_handle_t *)&c->idle, on_closed);
    uv_close((uv_handle_t *)&c->timer, on_closed);
}
