/* n sleeps of 100 ms at the same time: how far the batch ends past 100 ms, and memory a sleep.
 * libuv: a timer each, allocated as a program with n sessions would. */
#include "micro/micro.h"

#include "async/loop.h"
#include "measure/usage.h"

#include <errno.h>
#include <stdlib.h>

#define SLEEP_NS (100 * NS_PER_MS)

/* Memory that the batch added, over n. */
static void measure_memory(const struct usage *before, uint64_t n, struct micro_output *out)
{
    struct usage after;

    usage_read(&after);
    out->of[MICRO_BYTES_A_TASK] = ((double)(after.rss_peak_bytes + after.page_table_bytes) -
                                   (double)(before->rss_bytes + before->page_table_bytes)) /
                                  (double)n;
}

static int sleep_once(void *arg)
{
    uint64_t deadline_ns = clock_now_ns() + SLEEP_NS;
    int err = task_sleep_until(deadline_ns);

    (void)arg;
    return err == 0 && clock_now_ns() < deadline_ns ? -ETIME : err;
}

static int sleep_all(void *arg)
{
    const struct micro_input *in = arg;

    return micro_gather(in->n, sleep_once, NULL, 0);
}

int sleeps_tva(const struct micro_input *in, struct micro_output *out)
{
    struct usage before;
    struct loop *loop;
    uint64_t begin_ns;
    int err = loop_create(NULL, &loop);

    if (err < 0)
        return err;
    usage_read(&before);
    begin_ns = clock_now_ns();
    err = loop_run(loop, coro_create(sleep_all, (void *)in));
    out->of[MICRO_VALUE] = ((double)(clock_now_ns() - begin_ns) - (double)SLEEP_NS) / NS_PER_MS;
    measure_memory(&before, in->n, out);
    loop_destroy(loop);
    return err;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

static void on_timer(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, on_closed);
}

int sleeps_uv(const struct micro_input *in, struct micro_output *out)
{
    struct usage before;
    uint64_t begin_ns;
    uv_loop_t loop;
    int err = uv_loop_init(&loop);

    if (err < 0)
        return err;
    usage_read(&before);
    begin_ns = clock_now_ns();
    for (uint64_t i = 0; i < in->n; i++) {
        uv_timer_t *timer = malloc(sizeof *timer);

        if (timer == NULL)
            return -ENOMEM;
        uv_timer_init(&loop, timer);
        uv_timer_start(timer, on_timer, SLEEP_NS / NS_PER_MS, 0);
    }
    err = uv_run(&loop, UV_RUN_DEFAULT);
    out->of[MICRO_VALUE] = ((double)(clock_now_ns() - begin_ns) - (double)SLEEP_NS) / NS_PER_MS;
    measure_memory(&before, in->n, out);
    uv_loop_close(&loop);
    return err;
}
