/* io_http_get() of the backends: libcurl, which is in a module (base/module.h), so that only a
 * process that makes requests loads it. lib/io/curl/ has the sources of the module. */
#ifndef TVA_IO_HTTP_CLIENT_H
#define TVA_IO_HTTP_CLIENT_H

#include "base/err.h"
#include "io/io.h"

#include <uv.h>

struct task;

/* A client has idle connections and what makes requests. One of a loop is for tasks of that loop;
 * one that blocks may be shared by all threads. */
struct http_client {
    const struct http_client_ops *ops;
    struct io *io; /* of its connections; the client calls io_count_resent() before each ends */
};

struct http_client_ops {
    /* io_http_get() */
    int (*get)(struct http_client *c, const struct io_http_request *request,
               struct io_http_response *response, uint64_t deadline_ns);
    /* Close all connections. No request may be in progress. */
    void (*destroy)(struct http_client *c);
};

/* How a task waits: functions of lib/async, which the module must not contain. */
struct http_client_waits {
    struct task *(*current)(void);
    int (*suspend)(uint64_t deadline_ns);
    void (*wake)(struct task *t, int value);
};

/* The content of the module "http". */
struct http_client_module {
    const char *(*version)(void); /* of libcurl, as loaded */
    /* Make a client that blocks, or one of a loop. NULL when out of memory. */
    struct http_client *(*create_blocking)(struct io *io);
    struct http_client *(*create_async)(struct io *io, uv_loop_t *uv,
                                        const struct http_client_waits *waits);
};

/* Load the module and make a client of `io`; of a loop unless uv is NULL. From a task, the loop
 * does so on its own stack while the task waits. 0, or a negative errno with *err set: -ENOMEM, or
 * those of module_open(). Any thread. */
int http_client_create(struct io *io, uv_loop_t *uv, struct http_client **out, struct err *err);

/* io_http_get(); -ENOTCONN without a client. */
int http_client_get(struct http_client *c, const struct io_http_request *request,
                    struct io_http_response *response, uint64_t deadline_ns);

/* NULL is allowed. */
void http_client_destroy(struct http_client *c);

/* The version of libcurl that this process has loaded; "" while it has loaded none. */
const char *http_client_version(void);

#endif
