/* n tasks that do nothing but yield; libuv: n idle handles, each called once an iteration. */
#include "micro/micro.h"

#include "async/loop.h"

#include <errno.h>
#include <stdlib.h>

#define STEPS 4000000

static int yield_often(void *arg)
{
    const struct micro_input *in = arg;

    for (uint64_t i = 0; i < STEPS / in->n; i++)
        task_yield();
    return 0;
}

static int yield_all(void *arg)
{
    const struct micro_input *in = arg;

    return micro_gather(in->n, yield_often, arg, 0);
}

int yield_tva(const struct micro_input *in, struct micro_output *out)
{
    struct loop *loop;
    uint64_t begin_ns;
    int err = loop_create(NULL, &loop);

    if (err < 0)
        return err;
    begin_ns = clock_now_ns();
    err = loop_run(loop, coro_create(yield_all, (void *)in));
    out->of[MICRO_VALUE] = (double)(clock_now_ns() - begin_ns) / STEPS;
    loop_destroy(loop);
    return err;
}

struct stepper {
    uv_idle_t idle;
    uint64_t left;
};

static void on_idle(uv_idle_t *idle)
{
    struct stepper *s = container_of(idle, struct stepper, idle);

    if (--s->left == 0)
        uv_idle_stop(idle);
}

int yield_uv(const struct micro_input *in, struct micro_output *out)
{
    struct stepper *steppers = calloc(in->n, sizeof *steppers);
    uint64_t begin_ns;
    uv_loop_t loop;
    int err;

    if (steppers == NULL)
        return -ENOMEM;
    err = uv_loop_init(&loop);
    if (err < 0) {
        free(steppers);
        return err;
    }
    begin_ns = clock_now_ns();
    for (uint64_t i = 0; i < in->n; i++) {
        steppers[i].left = STEPS / in->n;
        uv_idle_init(&loop, &steppers[i].idle);
        uv_idle_start(&steppers[i].idle, on_idle);
    }
    err = uv_run(&loop, UV_RUN_DEFAULT);
    out->of[MICRO_VALUE] = (double)(clock_now_ns() - begin_ns) / STEPS;
    free(steppers);
    return err;
}
