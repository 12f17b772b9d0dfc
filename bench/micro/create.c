/* Create, run and join an empty task, in batches of n; libuv: init, start, run once and close an
 * idle handle, its nearest thing to a callback that is run later. */
#include "micro/micro.h"

#include "async/loop.h"

#include <errno.h>
#include <stdlib.h>

#define OPERATIONS 1000000

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static int create_batches(void *arg)
{
    const struct micro_input *in = arg;
    int err = 0;

    for (uint64_t done = 0; done < OPERATIONS && err == 0; done += in->n)
        err = micro_gather(in->n, nothing, NULL, 0);
    return err;
}

int create_tva(const struct micro_input *in, struct micro_output *out)
{
    struct loop *loop;
    uint64_t begin_ns;
    int err = loop_create(NULL, &loop);

    if (err < 0)
        return err;
    begin_ns = clock_now_ns();
    err = loop_run(loop, coro_create(create_batches, (void *)in));
    out->of[MICRO_VALUE] = (double)(clock_now_ns() - begin_ns) / OPERATIONS;
    loop_destroy(loop);
    return err;
}

static void free_idle(uv_handle_t *handle)
{
    free(handle);
}

static void on_idle(uv_idle_t *idle)
{
    uv_close((uv_handle_t *)idle, free_idle);
}

int create_uv(const struct micro_input *in, struct micro_output *out)
{
    uint64_t begin_ns = clock_now_ns();
    uv_loop_t loop;
    int err = uv_loop_init(&loop);

    if (err < 0)
        return err;
    for (uint64_t done = 0; done < OPERATIONS && err == 0; done += in->n) {
        for (uint64_t i = 0; i < in->n; i++) {
            uv_idle_t *idle = malloc(sizeof *idle);

            if (idle == NULL)
                return -ENOMEM;
            uv_idle_init(&loop, idle);
            uv_idle_start(idle, on_idle);
        }
        err = uv_run(&loop, UV_RUN_DEFAULT);
    }
    out->of[MICRO_VALUE] = (double)(clock_now_ns() - begin_ns) / OPERATIONS;
    uv_loop_close(&loop);
    return err;
}
