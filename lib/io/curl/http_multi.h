/* A libcurl multi handle driven by a libuv loop (curl_multi_socket_action): its sockets are watched
 * by uv_poll, its timeout by uv_timer. Part of io_async; knows transfers only as easy handles.
 *
 * All calls on the loop's thread and on the loop's stack: from callbacks of libuv, not from tasks,
 * whose stacks are too small for libcurl; but init, which needs little, may come from one. */
#ifndef TVA_IO_CURL_HTTP_MULTI_H
#define TVA_IO_CURL_HTTP_MULTI_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct http_multi {
    uv_loop_t *uv;
    CURLM *multi;
    uv_idle_t idle;              /* started while progress() is wanted soon */
    uv_timer_t timer;            /* libcurl's next timeout */
    unsigned open_handles;       /* of these two */
    bool due;                    /* libcurl wants http_multi_catch_up() to be called */
    struct curl_watch **watches; /* by descriptor; NULL where there is no connection */
    size_t watches_size;
    int failed; /* why libcurl has given all transfers up, a negative errno; 0: it has not */
    /* Called after libcurl has done something, or when a wake or a timeout is due. */
    void (*progress)(struct http_multi *c);
    /* Called inside libcurl: a socket of this transfer cannot be watched, so that nobody would
     * learn when it is ready. progress() is called soon. */
    void (*unwatched)(struct http_multi *c, CURL *easy, int error);
    void (*closed)(struct http_multi *c);
};

/* Make it. progress() is called on the loop, never from inside libcurl: it is to look for finished
 * transfers, to end those that are unwatched, or all if libcurl has failed, and to call
 * http_multi_catch_up() when that is due. 0 or -ENOMEM. */
int http_multi_init(struct http_multi *c, uv_loop_t *uv, void (*progress)(struct http_multi *c),
                    void (*unwatched)(struct http_multi *c, CURL *easy, int error));

/* Close all connections; the multi handle must have no easy handles left. The loop calls closed(c)
 * when the struct is no longer needed. */
void http_multi_close(struct http_multi *c, void (*closed)(struct http_multi *c));

/* Let progress() be called soon. From tasks too. */
void http_multi_wake(struct http_multi *c);

/* Let libcurl do what is due. From progress() alone. */
void http_multi_catch_up(struct http_multi *c);

/* Close a socket of a connection: what easy handles are given as their close function, with the
 * struct http_multi as its argument. */
int http_multi_close_socket(void *arg, curl_socket_t fd);

#endif
