/* The promise: whenever tasks are canceled that wait for a function in a thread, the function has
 * either been called once and has returned when the task goes on, or is never called. */
#include "async/loop.h"

#include "support/storm.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cmocka.h>

#define CALLERS 6
#define TIMES   15
#define THREADS 2

struct scene {
    struct thread_pool *pool;
    atomic_uint calls; /* of the function */
    unsigned seen;     /* by those that waited */
};

/* On the caller's stack. */
struct job {
    struct storm *storm;
    struct loop *loop;
    unsigned sleep_us;
    bool strikes;
    int result;
    atomic_uint calls;
    atomic_bool left; /* the caller has gone on */
};

static void strike(void *arg)
{
    storm_strike(arg);
}

/* In a thread. */
static int run_job(void *arg)
{
    struct job *job = arg;
    struct scene *scene = job->storm->arg;

    atomic_fetch_add(&scene->calls, 1);
    atomic_fetch_add(&job->calls, 1);
    if (job->sleep_us > 0)
        usleep(job->sleep_us);
    if (job->strikes && loop_call_soon_threadsafe(job->loop, strike, job->storm) < 0)
        return -ENOMEM;
    return atomic_load(&job->left) ? -EBADE : job->result;
}

static int call(void *arg)
{
    struct storm *s = arg;
    struct scene *scene = s->arg;
    struct job job = {.storm = s,
                      .loop = loop_running(),
                      .sleep_us = storm_draw(s, 2) * storm_draw(s, 100),
                      .strikes = storm_draw(s, 2) == 0,
                      .result = (int)storm_draw(s, 1000)};
    struct thread_pool *pool = storm_draw(s, 8) == 0 ? NULL : scene->pool;
    int r = loop_run_in_executor(loop_running(), pool, run_job, &job);
    unsigned calls = atomic_load(&job.calls);

    atomic_store(&job.left, true);
    scene->seen += calls;
    EXPECT(r == -ECANCELED ? calls <= 1 : r == job.result && calls == 1);
    return r;
}

static int begin(struct storm *s)
{
    struct scene *scene = s->arg;

    atomic_store(&scene->calls, 0);
    scene->seen = 0;
    EXPECT(thread_pool_create(THREADS, 0, &scene->pool, NULL) == 0);
    for (int i = 0; i < CALLERS; i++)
        storm_start(s, call, s, TIMES);
    return 0;
}

static int check(struct storm *s)
{
    struct scene *scene = s->arg;

    thread_pool_destroy(scene->pool); /* which runs what is left in its queue */
    EXPECT(atomic_load(&scene->calls) == scene->seen);
    return 0;
}

static void test_each_function_is_called_once_or_never(void **state)
{
    const struct storm_scene scene = {begin, check, 200 * NS_PER_US, NULL, NULL};
    struct scene arg;

    (void)state;
    storm_rounds(&scene, &arg, 20, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_function_is_called_once_or_never),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
