#include "model/service.h"

#include "async/loop.h"
#include "base/random.h"
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>

#define SUMS_SHARED 16 /* so many threads can add up side by side; a power of 2 */
#define LONG_JOB_NS (50 * NS_PER_US)

/* Sums over the jobs. When the loop runs the jobs there is one of these, and only the loop's thread
 * adds to it. When threads run them there are several, each on its own cache line, and adding is
 * atomic. */
struct service_sums {
    _Atomic uint64_t operations, bytes_in, bytes_out, checksum, timer_ns, wake_up_ns;
    _Atomic uint64_t unserved;
    _Atomic uint64_t driver_ns, stamped_ns; /* struct service_area */
} __attribute__((aligned(64)));

static void add(const struct service *s, _Atomic uint64_t *sum, uint64_t value)
{
    if (value == 0)
        return;
    if (s->sums_count == 1)
        atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + value,
                              memory_order_relaxed);
    else
        atomic_fetch_add_explicit(sum, value, memory_order_relaxed);
}

static struct service_sums *sums_of(struct service *s, size_t i)
{
    size_t which = s->model->lane_is_thread ? s->samples[i].lane : i;

    return &s->sums[which & (s->sums_count - 1)];
}

int service_open(struct service *s, struct err *err)
{
    int r = 0;

    s->sums_count = s->model->on_threads ? SUMS_SHARED : 1;
    s->sums = aligned_alloc(_Alignof(struct service_sums), s->sums_count * sizeof *s->sums);
    if (s->sums == NULL)
        return err_set(err, -ENOMEM, "no memory for the sums of a service");
    for (unsigned k = 0; k < s->sums_count; k++)
        s->sums[k] = (struct service_sums){0};
    atomic_store(&s->begin_until_ns, NO_DEADLINE);
    if (s->model->open != NULL)
        r = s->model->open(s, err);
    if (r < 0)
        free(s->sums);
    return r;
}

void service_close(struct service *s)
{
    if (s->model->close != NULL)
        s->model->close(s);
    free(s->sums);
    s->sums = NULL;
}

int service_submit(struct service *s, size_t i)
{
    return s->model->submit(s, i);
}

void service_wanted(struct service *s, size_t first, size_t end, uint64_t wanted_ns)
{
    for (size_t i = first; i < end; i++)
        s->samples[i].intended_ns = s->samples[i].submitted_ns = wanted_ns;
}

int service_submit_all(struct service *s, size_t first, size_t end, uint64_t wanted_ns,
                       size_t *handed)
{
    int err = 0;

    if (s->model->submit_all != NULL) {
        err = s->model->submit_all(s, first, end, wanted_ns);
        *handed = err == 0 ? end - first : 0;
        return err;
    }
    service_wanted(s, first, end, wanted_ns);
    for (*handed = 0; first + *handed < end && err == 0; *handed += err == 0)
        err = s->model->submit(s, first + *handed);
    return err;
}

void service_cancel(struct service *s)
{
    atomic_store(&s->begin_until_ns, 0);
    if (s->model->cancel != NULL)
        s->model->cancel(s);
}

unsigned service_loops(const struct service *s)
{
    return s->model->has_loops ? s->threads : 1;
}

int service_each_loop(struct service *s, int (*fn)(void *arg, unsigned loop), void *arg)
{
    return s->model->each_loop != NULL ? s->model->each_loop(s, fn, arg) : fn(arg, 0);
}

/* Each job asks for it, so it is no more than a few instructions. */
static uint64_t index_of(const struct service *s, size_t i)
{
    return (i < s->warmup ? s->base_of_warmup : s->base_of_counted) + i + i * s->others;
}

bool service_draws_poison(const struct service *s, size_t i)
{
    return random_uniform(job_seed(s->job), RANDOM_POISON, index_of(s, i)) < s->poison;
}

static bool is_counted(const struct service *s, size_t i)
{
    return i >= s->warmup && s->samples[i].intended_ns >= s->count_from_ns;
}

/* A job that blocked its loop or computed was a long step, so the loop should look at its timers
 * next. After a job that waited as a task should, this does no harm. */
static void mind_the_loop(const struct sample *ran)
{
    struct loop *loop = sample_service_ns(ran) >= LONG_JOB_NS ? loop_running() : NULL;

    if (loop != NULL)
        loop_poll_soon(loop);
}

void service_run_job(struct service *s, size_t i, uint32_t lane)
{
    uint64_t until_ns = atomic_load_explicit(&s->begin_until_ns, memory_order_relaxed);
    bool poisoned = service_is_poisoned(s, i);
    struct io *io = poisoned ? s->poison_io : s->io;
    struct sample *sample = &s->samples[i];
    struct job_ledger did = {0};
    uint64_t before = 0;
    struct service_sums *sums;

    if (clock_is_late(until_ns)) {
        sample_give_up(sample, until_ns == 0 ? -ECANCELED : SAMPLE_UNSERVED);
        if (sample->result == SAMPLE_UNSERVED && is_counted(s, i))
            add(s, &sums_of(s, i)->unserved, 1);
        return;
    }
    if (s->inject != NULL)
        before = inject_before(s->inject);
    sample_run_job(sample, poisoned ? s->poison_job : s->job, io, index_of(s, i), lane, &did);
    if (s->inject != NULL)
        inject_after(s->inject, sample, io, before, is_counted(s, i));
    mind_the_loop(sample);
    if (sample->result != 0 || !is_counted(s, i))
        return;
    sums = sums_of(s, i);
    add(s, &sums->operations, did.operations);
    add(s, &sums->bytes_in, did.bytes_in);
    add(s, &sums->bytes_out, did.bytes_out);
    add(s, &sums->checksum, did.checksum);
    add(s, &sums->timer_ns, did.timer_ns);
    add(s, &sums->wake_up_ns, did.wake_up_ns);
}

int service_job_run(void *arg)
{
    struct service_job *job = arg;

    service_run_job(job->service, job->i, job->service->lane);
    return 0;
}

void service_add_area(struct service *s, size_t i, struct service_area area)
{
    struct service_sums *sums = sums_of(s, i);

    add(s, &sums->driver_ns, area.driver_ns);
    add(s, &sums->stamped_ns, area.stamped_ns);
}

static void add_totals(struct service_totals *sum, const struct service *s)
{
    for (unsigned k = 0; k < s->sums_count; k++) {
        sum->ledger.operations += atomic_load(&s->sums[k].operations);
        sum->ledger.bytes_in += atomic_load(&s->sums[k].bytes_in);
        sum->ledger.bytes_out += atomic_load(&s->sums[k].bytes_out);
        sum->ledger.checksum += atomic_load(&s->sums[k].checksum);
        sum->ledger.timer_ns += atomic_load(&s->sums[k].timer_ns);
        sum->ledger.wake_up_ns += atomic_load(&s->sums[k].wake_up_ns);
        sum->unserved += atomic_load(&s->sums[k].unserved);
        sum->area.driver_ns += atomic_load(&s->sums[k].driver_ns);
        sum->area.stamped_ns += atomic_load(&s->sums[k].stamped_ns);
    }
}

struct service_totals service_totals(const struct service *s)
{
    struct service_totals sum = {.unserved = 0};

    add_totals(&sum, s);
    for (const struct service *part = s->parts; part != NULL; part = part->next)
        add_totals(&sum, part);
    return sum;
}
