/* The loop's debug mode: who held it for too long. */
#include "async/loop_internal.h"
#include "async/task_step.h"
#include "base/units.h"

#include <stdio.h>

void loop_set_debug(struct loop *loop, uint64_t slow_ns)
{
    if (slow_ns != 0)
        uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME); /* lets sleep be told from work */
    loop->slow_ns = slow_ns;
}

/* `name` is NULL for what is not a task. */
static void report(uint64_t held_ns, const char *what, const char *name)
{
    char text[32];

    units_format_duration((double)held_ns, text, sizeof text);
    if (name != NULL)
        fprintf(stderr, "tva: %s '%s' held the loop for %s\n", what, name, text);
    else
        fprintf(stderr, "tva: %s held the loop for %s\n", what, text);
}

void loop_debug_step(struct loop *loop, struct ready *r)
{
    struct task *t = r->run ? NULL : container_of(r, struct task, ready);
    uint64_t begin_ns = clock_now_ns(), held_ns;

    if (t != NULL) {
        task_hold(t); /* for its name */
        task_step(loop, t);
    } else {
        r->run(r);
    }
    held_ns = clock_now_ns() - begin_ns;
    if (loop->slow_ns != 0 && held_ns > loop->slow_ns)
        report(held_ns, t ? "task" : "a callback", t ? t->name : NULL);
    task_release(t);
}

void loop_debug_poll(struct loop *loop, uv_run_mode mode)
{
    uint64_t idle_ns = uv_metrics_idle_time(&loop->uv);
    uint64_t begin_ns = clock_now_ns(), held_ns;

    uv_run(&loop->uv, mode);
    held_ns = clock_now_ns() - begin_ns;
    idle_ns = uv_metrics_idle_time(&loop->uv) - idle_ns;
    if (loop->slow_ns != 0 && held_ns > idle_ns && held_ns - idle_ns > loop->slow_ns)
        report(held_ns - idle_ns, "a libuv callback", NULL);
}
