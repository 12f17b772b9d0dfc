/* P event loops, a thread each. On each of them the model `tasks` runs the jobs that are dealt to
 * that loop, as tasks that wait through an io of that loop.
 *
 * Jobs that come one by one are dealt out in turn: number i goes to loop i mod P. A job that is
 * handed over on one of these loops stays there: the client whose last job ended there wants it.
 * Other threads put jobs into the loop's inbox. The loop takes all of them in one pass, under one
 * lock and after one wake-up.
 *
 * A batch is cut into P parts of jobs that follow each other, so that no two loops write to
 * neighbouring samples, which share cache lines, and each loop writes all of its own. A loop begins
 * a chunk of its part at a time and lets those jobs run before it begins the next. When it has
 * nothing left it takes the last chunk of what another loop has not begun (work stealing: Blumofe
 * and Leiserson, "Scheduling Multithreaded Computations by Work Stealing", JACM 1999): a loop may
 * wake late, and its CPU may be busy with something else. The loop reports the ends of its jobs
 * itself. `loops-uring` is `loops` over another io. */
#include "async/event.h"
#include "async/loop.h"
#include "async/thread_pool.h"
#include "base/array.h"
#include "base/list.h"
#include "io/io.h"
#include "model/model.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Of what a loop has not begun of its part of a batch, it begins one of so many at once, and never
 * more than CHUNK_MAX: few enough that their tasks stay in the CPU's cache. */
#define CHUNKS    8
#define CHUNK_MAX 256

/* Jobs first .. first + count - 1. */
struct span {
    size_t first, count;
};

struct numbers {
    size_t *items;
    size_t count, capacity;
};

/* What service_each_loop() asks of all loops. It is the asker's, who waits for it. */
struct request {
    int (*fn)(void *arg, unsigned loop);
    void *arg;
    struct loop *asker;
    unsigned open;      /* loops that have not answered; on the asker's thread */
    int result;         /* the first error; on the asker's thread */
    struct future done; /* all loops have answered */
};

struct lane {
    struct work work; /* its thread */
    struct loops *loops;
    struct loop *loop;
    struct job job;          /* the service's; prepared for this loop, if it keeps_open */
    struct service tasks;    /* the model `tasks` on this loop */
    struct numbers taken;    /* of jobs, from the inbox */
    struct event news;       /* it owes an answer, may begin jobs of a batch, or is `ending` */
    struct request *request; /* NULL: none; but at first the answer is whether the loop runs */
    int answer;              /* to it */
    bool owes_answer, runs, ending;
    bool in_batch; /* it has jobs of a batch, and looks for more when they have ended */
    uv_async_t wake;
    struct err failure; /* why the loop does not run */

    pthread_mutex_t lock __attribute__((aligned(64))); /* over what other threads write: */
    struct numbers inbox;                              /* of jobs */
    struct span batch; /* its jobs that no loop has begun; count 0: none */
    struct request *asked;
    bool cancel, end;
};

struct loops {
    struct service *service;
    uint64_t wanted_ns; /* of the batch's jobs; written while no loop has any */
    struct thread_pool *threads;
    unsigned count;
    struct lane *lanes;
};

/* ---- Other threads: put something where the loop finds it, and wake it ---- */

/* A loop that sees what was written under the lock may end, so the wake-up is sent before. */
static void unlock_and_wake(struct lane *l)
{
    uv_async_send(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

/* An inbox that is not empty has woken the loop already. */
static int put(struct lane *l, size_t i)
{
    struct numbers *inbox = &l->inbox;
    int err;

    pthread_mutex_lock(&l->lock);
    err = array_grow(&inbox->items, inbox->count, &inbox->capacity, sizeof *inbox->items);
    if (err == 0)
        inbox->items[inbox->count++] = i;
    if (err == 0 && inbox->count == 1)
        uv_async_send(&l->wake);
    pthread_mutex_unlock(&l->lock);
    return err;
}

/* Give the loop its part of a batch. */
static void put_batch(struct lane *l, struct span jobs)
{
    pthread_mutex_lock(&l->lock);
    l->batch = jobs;
    unlock_and_wake(l);
}

static void request_init(struct request *r, struct loops *a)
{
    r->asker = loop_running();
    r->open = a->count;
    r->result = 0;
    future_init(&r->done);
}

/* Wait for all answers, and return the first error. */
static int request_await(struct request *r)
{
    int err = future_await(&r->done);

    while (!future_done(&r->done)) /* canceled, but the loops still use it */
        future_await(&r->done);
    return err < 0 ? err : r->result;
}

/* On the asker's thread. */
static void take_answer(void *arg)
{
    const struct lane *l = arg;
    struct request *r = l->request;

    if (r->result == 0)
        r->result = l->answer;
    if (--r->open == 0)
        future_set_result(&r->done, 0);
}

/* ---- The loop's own thread ---- */

static void answer(struct lane *l, int result)
{
    l->answer = result;
    l->owes_answer = false;
    while (loop_call_soon_threadsafe(l->request->asker, take_answer, l) < 0)
        ; /* out of memory: others will free some, and the asker must learn of it */
}

/* The driver may have changed these while no job was in the service. */
static void follow(struct service *tasks, const struct service *s)
{
    tasks->samples = s->samples;
    tasks->warmup = s->warmup;
    tasks->others = s->others;
    tasks->base_of_warmup = s->base_of_warmup;
    tasks->base_of_counted = s->base_of_counted;
    tasks->count_from_ns = s->count_from_ns;
    tasks->driver = s->driver;
    atomic_store(&tasks->begin_until_ns, atomic_load(&s->begin_until_ns));
}

static void done(struct service *tasks, size_t i)
{
    struct lane *l = container_of(tasks, struct lane, tasks);

    if (--tasks->held == 0 && l->in_batch)
        event_set(&l->news);
    l->loops->service->done(tasks, i);
}

static int hand_over(struct lane *l, size_t i)
{
    int err;

    l->tasks.held++;
    err = service_submit(&l->tasks, i);
    if (err < 0)
        l->tasks.held--;
    return err;
}

static void begin(struct lane *l, struct span jobs)
{
    l->tasks.held += jobs.count;
    for (size_t i = jobs.first; i < jobs.first + jobs.count; i++) {
        int err = service_submit(&l->tasks, i);

        if (err < 0)
            service_job_ended(&l->tasks, i, err);
    }
}

static void run_taken(struct lane *l)
{
    if (l->taken.count > 0)
        follow(&l->tasks, l->loops->service);
    for (size_t k = 0; k < l->taken.count; k++)
        begin(l, (struct span){l->taken.items[k], 1});
    l->taken.count = 0;
}

/* Take a chunk of what a loop has not begun of its part: from its beginning, or from its end for
 * another loop. */
static struct span take_chunk(struct lane *l, bool from_end)
{
    struct span *rest = &l->batch, chunk;

    pthread_mutex_lock(&l->lock);
    chunk.count = (rest->count + CHUNKS - 1) / CHUNKS;
    if (chunk.count > CHUNK_MAX)
        chunk.count = CHUNK_MAX;
    rest->count -= chunk.count;
    chunk.first = rest->first + (from_end ? rest->count : 0);
    rest->first += from_end ? 0 : chunk.count;
    pthread_mutex_unlock(&l->lock);
    return chunk;
}

/* The next chunk for the loop: of its own part, or when none of its jobs runs, of another's. */
static struct span next_chunk(struct lane *l)
{
    const struct loops *a = l->loops;
    struct span chunk = take_chunk(l, false);

    for (unsigned k = 1; k < a->count && chunk.count + l->tasks.held == 0; k++)
        chunk = take_chunk(&a->lanes[(l->tasks.lane + k) % a->count], true);
    return chunk;
}

/* Begin a chunk of the batch. False when there is none. */
static bool begin_chunk(struct lane *l)
{
    struct span chunk = next_chunk(l);

    l->in_batch = chunk.count > 0 || (l->in_batch && l->tasks.held > 0);
    if (chunk.count == 0)
        return false;
    follow(&l->tasks, l->loops->service);
    service_wanted(&l->tasks, chunk.first, chunk.first + chunk.count, l->loops->wanted_ns);
    begin(l, chunk);
    return true;
}

static void on_wake(uv_async_t *async)
{
    struct lane *l = container_of(async, struct lane, wake);
    struct numbers empty = l->taken;
    bool cancel;

    pthread_mutex_lock(&l->lock);
    l->taken = l->inbox;
    l->inbox = empty;
    cancel = l->cancel;
    l->cancel = false;
    l->ending = l->end;
    if (l->asked != NULL) {
        l->request = l->asked;
        l->asked = NULL;
        l->owes_answer = true;
    }
    if (l->owes_answer || l->ending || l->batch.count > 0)
        event_set(&l->news);
    pthread_mutex_unlock(&l->lock);
    run_taken(l);
    if (cancel)
        service_cancel(&l->tasks);
}

/* Answer requests and begin what there is of a batch, until the service closes. */
static void serve_news(struct lane *l)
{
    while (!l->ending) {
        event_clear(&l->news);
        if (l->owes_answer)
            answer(l, l->request->fn(l->request->arg, l->tasks.lane));
        if (begin_chunk(l))
            task_yield();
        else
            event_wait(&l->news, NO_DEADLINE);
    }
}

static void on_close(uv_handle_t *handle)
{
    future_set_result(handle->data, 0);
}

static void close_wake(struct lane *l)
{
    struct future closed;

    future_init(&closed);
    l->wake.data = &closed;
    uv_close((uv_handle_t *)&l->wake, on_close);
    future_await(&closed);
}

/* The loop's main task. */
static int serve(void *arg)
{
    struct lane *l = arg;
    int r = job_prepare_kept(&l->job, l->tasks.io, &l->failure);

    if (r < 0)
        return r;
    r = service_open(&l->tasks, &l->failure);
    if (r < 0)
        goto err0;
    r = uv_async_init(loop_uv(l->loop), &l->wake, on_wake);
    if (r < 0)
        goto err1;
    loop_uv(l->loop)->data = l;
    l->runs = true;
    answer(l, 0);
    serve_news(l);
    close_wake(l);
err1:
    service_close(&l->tasks);
err0:
    job_finish_kept(&l->job, l->tasks.io);
    return r;
}

static void run_loop(struct work *work, unsigned thread)
{
    struct lane *l = container_of(work, struct lane, work);
    const struct service *s = l->loops->service;
    const struct loop_options options = {.stack_size = s->stack_size};
    int r = loop_create(&options, &l->loop);

    (void)thread;
    if (r == 0) {
        r = model_create_io(s->model, l->loop, &l->tasks.io, &l->failure);
        if (r == 0) {
            l->tasks.io->resent = s->io->resent;
            r = loop_run(l->loop, coro_create(serve, l));
        }
        io_destroy(l->tasks.io);
        loop_destroy(l->loop);
    }
    if (l->runs)
        return;
    if (l->failure.text[0] == '\0')
        err_set(&l->failure, r, "cannot run loop %u of %u: %s", l->tasks.lane + 1, l->loops->count,
                strerror(-r));
    answer(l, r);
}

/* ---- The model ---- */

static void free_loops(struct loops *a)
{
    for (unsigned k = 0; k < a->count; k++) {
        pthread_mutex_destroy(&a->lanes[k].lock);
        free(a->lanes[k].inbox.items);
        free(a->lanes[k].taken.items);
    }
    free(a->lanes);
    free(a);
}

static void close_loops(struct service *s)
{
    struct loops *a = s->state;

    for (unsigned k = 0; k < a->count; k++) {
        struct lane *l = &a->lanes[k];

        if (!l->runs)
            continue;
        pthread_mutex_lock(&l->lock);
        l->end = true;
        unlock_and_wake(l);
    }
    thread_pool_destroy(a->threads);
    free_loops(a);
    s->parts = NULL;
}

static void lane_init(struct lane *l, struct loops *a, struct request *up)
{
    struct service *s = a->service;

    memset(l, 0, sizeof *l);
    l->work.fn = run_loop;
    l->loops = a;
    l->job = *s->job;
    l->tasks = (struct service){
        .model = &model_tasks,
        .job = &l->job,
        .poison = s->poison,
        .poison_job = s->poison_job,
        .poison_io = s->poison_io,
        .inject = s->inject,
        .done = done,
        .lane = (uint32_t)(l - a->lanes),
        .at_once = (s->at_once + a->count - 1) / a->count,
        .next = s->parts,
    };
    l->request = up;
    event_init(&l->news);
    pthread_mutex_init(&l->lock, NULL);
    s->parts = &l->tasks;
}

static int start_loops(struct loops *a, struct err *err)
{
    struct request up;
    int r;

    request_init(&up, a);
    for (unsigned k = 0; k < a->count; k++)
        lane_init(&a->lanes[k], a, &up);
    r = thread_pool_create(a->count, 0, &a->threads, err);
    if (r < 0)
        return r;
    for (unsigned k = 0; k < a->count; k++)
        thread_pool_submit(a->threads, &a->lanes[k].work);
    r = request_await(&up);
    for (unsigned k = 0; k < a->count; k++)
        if (err != NULL && a->lanes[k].failure.text[0] != '\0')
            *err = a->lanes[k].failure;
    return r;
}

static int open_loops(struct service *s, struct err *err)
{
    struct loops *a = calloc(1, sizeof *a);
    int r;

    if (a == NULL)
        return err_set(err, -ENOMEM, "no memory for the model's loops");
    a->service = s;
    a->lanes = aligned_alloc(_Alignof(struct lane), s->threads * sizeof *a->lanes);
    if (a->lanes == NULL) {
        free(a);
        return err_set(err, -ENOMEM, "no memory for %u loops", s->threads);
    }
    a->count = s->threads;
    s->state = a;
    r = start_loops(a, err);
    if (r < 0)
        close_loops(s);
    return r;
}

/* The loop of this model that runs on this thread; NULL: none. */
static struct lane *lane_here(const struct loops *a)
{
    struct loop *loop = loop_running();
    struct lane *l = loop != NULL ? loop_uv(loop)->data : NULL;

    return l != NULL && l->loops == a ? l : NULL;
}

static int submit(struct service *s, size_t i)
{
    struct loops *a = s->state;
    struct lane *here = lane_here(a);

    return here != NULL ? hand_over(here, i) : put(&a->lanes[i % a->count], i);
}

static int submit_all(struct service *s, size_t first, size_t end, uint64_t wanted_ns)
{
    struct loops *a = s->state;

    a->wanted_ns = wanted_ns;
    for (unsigned k = 0; k < a->count; k++) {
        size_t from = first + (end - first) * k / a->count;
        size_t to = first + (end - first) * (k + 1) / a->count;

        if (from < to)
            put_batch(&a->lanes[k], (struct span){from, to - from});
    }
    return 0;
}

static void cancel(struct service *s)
{
    struct loops *a = s->state;

    for (unsigned k = 0; k < a->count; k++) {
        pthread_mutex_lock(&a->lanes[k].lock);
        a->lanes[k].cancel = true;
        unlock_and_wake(&a->lanes[k]);
    }
}

static int each_loop(struct service *s, int (*fn)(void *arg, unsigned loop), void *arg)
{
    struct request r = {.fn = fn, .arg = arg};
    struct loops *a = s->state;

    request_init(&r, a);
    for (unsigned k = 0; k < a->count; k++) {
        pthread_mutex_lock(&a->lanes[k].lock);
        a->lanes[k].asked = &r;
        unlock_and_wake(&a->lanes[k]);
    }
    return request_await(&r);
}

#define FIELDS_OF_BOTH                                                                             \
    .queue = "M/G/inf", .lanes = MODEL_LANES_JOBS, .has_loops = true, .uses_threads = true,        \
    .any_thread = true, .open = open_loops, .submit = submit, .submit_all = submit_all,            \
    .cancel = cancel, .each_loop = each_loop, .close = close_loops

const struct model model_loops = {
    FIELDS_OF_BOTH,
    .name = "loops",
    .summary = "P event loops, a thread each; a task for every job, dealt out to the loops",
    .io = MODEL_IO_ASYNC,
    .on_ring = &model_loops_uring,
};

const struct model model_loops_uring = {
    FIELDS_OF_BOTH,
    .name = "loops-uring",
    .summary = "as loops, but each loop and its tasks wait in a ring of io_uring",
    .io = MODEL_IO_RING,
    .on_request = true,
};
