#include "support/storm.h"

#include "async/gather.h"
#include "base/random.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc has no header for it */
#endif

#define STREAM    100 /* of base/random.h */
#define SEED      12
#define CANCELERS 3
#define PATIENCE  (60 * NS_PER_S)

/* The loop of a peer has arrays that grow with descriptors and timers, and stay. */
#define GROWTH_BYTES (64u << 10)

/* One call of an operation. It stays until the end of the round: a shielded one may run long after
 * the task that has asked for it. */
struct storm_call {
    struct storm_call *next;
    coro_fn *op;
    void *arg;
    bool begun, ended;
    int result; /* once ended */
};

struct storm_actor {
    struct storm_actor *next;
    struct storm *storm;
    coro_fn *op;
    void *arg;
    unsigned times;
};

unsigned storm_draw(struct storm *s, unsigned n)
{
    return (unsigned)(random_bits(s->seed, STREAM, s->drawn++) % n);
}

uint64_t storm_deadline(struct storm *s, uint64_t span_ns)
{
    switch (storm_draw(s, 4)) {
    case 0:
        return 0;
    case 1:
        return loop_now() + storm_draw(s, (unsigned)span_ns);
    default:
        return NO_DEADLINE;
    }
}

/* ---- Striking ---- */

static void strike(struct storm *s)
{
    for (int attempts = 0; s->kept_count > 0 && attempts < 8; attempts++)
        if (task_cancel(s->kept[storm_draw(s, (unsigned)s->kept_count)]))
            return;
}

void storm_strike(struct storm *s)
{
    if (s->strikes > 0 && storm_draw(s, 4) == 0) {
        s->strikes--;
        strike(s);
    }
}

/* Make a task that may be struck. */
static struct task *keep(struct storm *s, struct coro *coro)
{
    struct task *t = task_create(coro);

    if (s->kept_count == s->kept_capacity) {
        s->kept_capacity = s->kept_capacity ? 2 * s->kept_capacity : 64;
        s->kept = realloc(s->kept, s->kept_capacity * sizeof(struct task *));
    }
    if (t == NULL || s->kept == NULL)
        abort();
    s->kept[s->kept_count++] = t;
    return t;
}

/* Let others run: not at all, for a turn of the loop, or for some time. */
static void pause_randomly(struct storm *s)
{
    switch (storm_draw(s, 8)) {
    case 0:
        break;
    case 1:
    case 2:
        task_yield();
        break;
    default:
        task_sleep(storm_draw(s, (unsigned)s->scene->pause_ns));
    }
}

static void strike_and_pause(struct storm *s)
{
    s->strikes--;
    strike(s);
    pause_randomly(s);
}

/* One that is canceled itself goes on. */
static int cancel_others(void *arg)
{
    struct storm *s = arg;

    while (s->strikes > 0 && !s->over)
        strike_and_pause(s);
    return 0;
}

/* ---- Ways to call ---- */

static int run_call(void *arg)
{
    struct storm_call *c = arg;

    c->begun = true;
    c->result = c->op(c->arg);
    c->ended = true;
    return c->result;
}

static struct storm_call *new_call(struct storm *s, coro_fn *op, void *arg)
{
    struct storm_call *c = malloc(sizeof *c);

    if (c == NULL)
        abort();
    *c = (struct storm_call){.next = s->calls, .op = op, .arg = arg};
    s->calls = c;
    return c;
}

/* Nothing of it runs any more. */
static bool is_over(const struct storm_call *c)
{
    return c->ended || !c->begun;
}

static int in_place(struct storm *s, struct storm_call *c)
{
    (void)s;
    return run_call(c);
}

/* The coroutine's result gets through, however the wait has ended. */
static int within_a_time(struct storm *s, struct storm_call *c)
{
    const uint64_t spans_ns[] = {0, storm_draw(s, 200) * NS_PER_US, NS_PER_S};
    struct coro *coro = coro_create(run_call, c);
    int r = task_wait_for(coro_awaitable(coro), spans_ns[storm_draw(s, 3)]);

    EXPECT(is_over(c));
    EXPECT(c->ended && c->result >= 0 ? r == c->result : r < 0);
    return r;
}

static int as_a_task(struct storm *s, struct storm_call *c)
{
    struct task *t = task_create(coro_create(run_call, c));
    int r;

    if (storm_draw(s, 8) == 0)
        task_cancel(t); /* before it has begun */
    r = task_await(t);
    EXPECT(task_done(t) && is_over(c));
    EXPECT(r == task_result(t) || r == -ECANCELED);
    task_release(t);
    return r;
}

static int shielded(struct storm *s, struct storm_call *c)
{
    struct task *t = keep(s, coro_create(run_call, c));
    int r = task_shield(task_awaitable(t));

    EXPECT(r == -ECANCELED || (task_done(t) && r == task_result(t)));
    return r;
}

static int twice(struct storm *s, struct storm_call *c)
{
    struct storm_call *other = new_call(s, c->op, c->arg);
    struct coro *coros[] = {coro_create(run_call, c), coro_create(run_call, other)};
    struct awaitable *both[] = {coro_awaitable(coros[0]), coro_awaitable(coros[1])};
    int results[2], r;

    if (storm_draw(s, 2) == 0) {
        r = task_gather_or_error(both, 2, results);
        EXPECT(r < 0 || (c->ended && other->ended));
        return r;
    }
    r = task_gather(both, 2, results);
    EXPECT(is_over(c) && is_over(other));
    EXPECT(c->ended ? results[0] == c->result : results[0] == -ECANCELED);
    EXPECT(other->ended ? results[1] == other->result : results[1] == -ECANCELED);
    return r;
}

static int (*const ways[])(struct storm *s, struct storm_call *c) = {
    in_place, in_place, within_a_time, as_a_task, shielded, twice,
};

static int act(void *arg)
{
    const struct storm_actor *a = arg;

    for (unsigned i = 0; i < a->times && !a->storm->over; i++) {
        struct storm_call *c = new_call(a->storm, a->op, a->arg);
        int r = ways[storm_draw(a->storm, sizeof ways / sizeof *ways)](a->storm, c);

        EXPECT(r >= 0 || r == -ECANCELED || r == -ETIMEDOUT || r == -EIO);
        if (r == -ECANCELED && storm_draw(a->storm, 64) == 0)
            return r;
        pause_randomly(a->storm);
    }
    return 0;
}

void storm_start(struct storm *s, coro_fn *op, void *arg, unsigned times)
{
    struct storm_actor *a = malloc(sizeof *a);

    if (a == NULL)
        abort();
    *a = (struct storm_actor){.next = s->actors, .storm = s, .op = op, .arg = arg, .times = times};
    s->actors = a;
    keep(s, coro_create(act, a));
}

/* ---- A round ---- */

static bool all_ended(const struct storm *s)
{
    for (size_t i = 0; i < s->kept_count; i++)
        if (!task_done(s->kept[i]))
            return false;
    return true;
}

/* Let the others run, for no time at all if span_ns is 0. *quiet: none of them did. */
static int look_when_quiet(struct storm *s, uint64_t span_ns, bool *quiet)
{
    uint64_t switches = loop_switches(loop_running());

    EXPECT(task_sleep(span_ns) == 0);
    *quiet = loop_switches(loop_running()) == switches + 1; /* to this task */
    return *quiet && s->scene->quiet != NULL ? s->scene->quiet(s) : 0;
}

/* The storm is over: wait until all tasks have ended. */
static int calm_down(struct storm *s)
{
    uint64_t give_up_ns = loop_now() + PATIENCE;
    bool quiet;

    while (!all_ended(s)) {
        EXPECT(look_when_quiet(s, NS_PER_MS, &quiet) == 0);
        EXPECT(loop_now() < give_up_ns);
        if (quiet && s->scene->help != NULL)
            EXPECT(s->scene->help(s) >= 0);
    }
    return 0;
}

static int blow(void *arg)
{
    struct storm *s = arg;
    int r = s->scene->begin(s);
    bool quiet;

    for (int i = 0; i < CANCELERS; i++)
        keep(s, coro_create(cancel_others, s));
    while (r == 0 && s->strikes > 0) {
        strike_and_pause(s);
        r = look_when_quiet(s, 0, &quiet);
    }
    if (r == 0 && storm_draw(s, 4) > 0)
        r = calm_down(s);
    s->over = true;
    return r;
}

/* How the tasks and calls have ended. */
static int look_at_ends(struct storm *s)
{
    for (size_t i = 0; i < s->kept_count; i++) {
        EXPECT(task_done(s->kept[i]));
        EXPECT(task_result(s->kept[i]) != -EBADE);
    }
    for (const struct storm_call *c = s->calls; c != NULL; c = c->next)
        EXPECT(is_over(c) && (!c->ended || c->result != -EBADE));
    return 0;
}

static int look(void *arg)
{
    struct storm *s = arg;
    int ends = look_at_ends(s), checked = s->scene->check(s);

    return ends < 0 ? ends : checked;
}

static void free_all(struct storm *s)
{
    for (size_t i = 0; i < s->kept_count; i++)
        task_release(s->kept[i]);
    free(s->kept);
    while (s->calls != NULL) {
        struct storm_call *c = s->calls;

        s->calls = c->next;
        free(c);
    }
    while (s->actors != NULL) {
        struct storm_actor *a = s->actors;

        s->actors = a->next;
        free(a);
    }
}

static int play(const struct storm_scene *scene, void *arg, uint64_t seed, unsigned strikes)
{
    struct storm s = {.scene = scene, .arg = arg, .seed = seed, .strikes = strikes};
    struct loop *loop;
    int r = loop_create(NULL, &loop), looked;

    if (r < 0)
        return r;
    r = loop_run(loop, coro_create(blow, &s));
    looked = loop_run(loop, coro_create(look, &s));
    free_all(&s);
    loop_destroy(loop);
    return r < 0 ? r : looked;
}

/* ---- Rounds ---- */

/* Bytes allocated. The allocator that has no sanitizer does not know it exactly: 0. */
static size_t memory_in_use(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return __sanitizer_get_current_allocated_bytes();
#else
    return 0;
#endif
}

/* A peer in another thread may take a moment to close its side, and to free what belongs to it. */
static bool comes_down_to(size_t (*now)(void), size_t before)
{
    uint64_t give_up_ns = clock_now_ns() + PATIENCE;
    const struct timespec pause = {.tv_nsec = (long)NS_PER_MS};

    while (now() > before) {
        if (clock_now_ns() > give_up_ns)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

/* What the first loop of a process opens for all. */
static size_t fds_after_a_loop(void)
{
    struct loop *loop;

    assert_int_equal(loop_create(NULL, &loop), 0);
    loop_destroy(loop);
    return test_async_open_fds();
}

void storm_rounds(const struct storm_scene *scene, void *arg, unsigned rounds, unsigned strikes)
{
    uint64_t seed = number_from("TVA_STORM_SEED", SEED);
    size_t fds = fds_after_a_loop(), memory = 0;

    rounds = (unsigned)number_from("TVA_STORM_ROUNDS", rounds);
    for (uint64_t end = seed + rounds; seed < end; seed++) {
        if (play(scene, arg, seed, strikes) < 0)
            fail_msg("in the round of TVA_STORM_SEED=%llu", (unsigned long long)seed);
        if (!comes_down_to(test_async_open_fds, fds))
            fail_msg("descriptors left by TVA_STORM_SEED=%llu", (unsigned long long)seed);
        if (memory == 0) /* the first round also pays for what stays */
            memory = memory_in_use() + GROWTH_BYTES;
        else if (!comes_down_to(memory_in_use, memory))
            fail_msg("memory left by TVA_STORM_SEED=%llu", (unsigned long long)seed);
    }
}
