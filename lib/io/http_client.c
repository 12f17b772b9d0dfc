#include "io/http_client.h"

#include "async/loop.h"
#include "async/wait.h"
#include "base/module.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

/* A process loads the module once, for all its clients: this is the only state here that the whole
 * process shares. */
static _Atomic(const struct http_client_module *) loaded;

static const struct http_client_waits waits = {
    .current = task_current,
    .suspend = wait_suspend,
    .wake = wait_wake,
};

struct creation {
    struct io *io;
    uv_loop_t *uv;
    struct http_client **out;
    struct err *err;
    struct task *task; /* that waits for it; NULL: none */
    int result;
};

static int create(const struct creation *c)
{
    const struct http_client_module *module;
    const void *content = atomic_load(&loaded);
    int r = content != NULL ? 0 : module_open("http", "libcurl4", &content, c->err);

    if (r < 0)
        return r;
    module = content;
    atomic_store(&loaded, module);
    *c->out =
        c->uv != NULL ? module->create_async(c->io, c->uv, &waits) : module->create_blocking(c->io);
    return *c->out != NULL ? 0 : err_set(c->err, -ENOMEM, "no memory for an HTTP client");
}

static void create_on_loop(void *arg)
{
    struct creation *c = arg;

    c->result = create(c);
    wait_wake(c->task, 0);
}

int http_client_create(struct io *io, uv_loop_t *uv, struct http_client **out, struct err *err)
{
    struct creation c = {.io = io, .uv = uv, .out = out, .err = err, .task = task_current()};

    if (c.task == NULL)
        return create(&c);
    if (loop_call_soon(loop_running(), create_on_loop, &c) < 0)
        return err_set(err, -ENOMEM, "no memory for an HTTP client");
    wait_suspend_uncancelable(); /* the loop uses this task's stack */
    return c.result;
}

int http_client_get(struct http_client *c, const struct io_http_request *request,
                    struct io_http_response *response, uint64_t deadline_ns)
{
    return c != NULL ? c->ops->get(c, request, response, deadline_ns) : -ENOTCONN;
}

void http_client_destroy(struct http_client *c)
{
    if (c != NULL)
        c->ops->destroy(c);
}

const char *http_client_version(void)
{
    const struct http_client_module *module = atomic_load(&loaded);

    return module != NULL ? module->version() : "";
}
