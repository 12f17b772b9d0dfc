/* The promise: the heartbeat records how late the loop wakes a sleeping task: no beat is early, a
 * stretch that blocks the loop shows in full, its own cost has no other task's work in it, and
 * stopping leaves nothing running. */
#include "measure/heartbeat.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

struct scene {
    uint64_t wait_ns, block_ns;
    bool cancel; /* while it stops */
    int stopped;
    struct beat *beats;
    size_t count;
};

static int watch(void *arg)
{
    struct scene *s = arg;
    struct timespec span = clock_timespec(s->block_ns);
    struct heartbeat *h = heartbeat_start();

    EXPECT(h != NULL);
    EXPECT(s->wait_ns == 0 || task_sleep(s->wait_ns) == 0);
    if (s->block_ns)
        nanosleep(&span, NULL);
    if (s->cancel)
        task_cancel(task_current());
    s->stopped = heartbeat_stop(h, &s->beats, &s->count);
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1);
    return 0;
}

static void test_no_beat_is_early_and_each_follows_the_last(void **state)
{
    struct scene s = {.wait_ns = 50 * NS_PER_MS};
    uint64_t begin_ns = clock_now_ns();

    (void)state;
    assert_int_equal(test_async_run(watch, &s), 0);
    assert_int_equal(s.stopped, 0);
    assert_true(s.count >= 2);
    for (size_t i = 0; i < s.count; i++) {
        assert_true(s.beats[i].woke_ns >= s.beats[i].due_ns);
        assert_true(s.beats[i].due_ns >= begin_ns + HEARTBEAT_PERIOD_NS);
        begin_ns = s.beats[i].woke_ns;
    }
    free(s.beats);
}

/* The beat that falls into the stretch was due at most one period after the stretch began. */
static void test_a_stretch_that_blocks_the_loop_shows_in_full(void **state)
{
    struct scene s = {.wait_ns = 5 * NS_PER_MS, .block_ns = 40 * NS_PER_MS};
    uint64_t most_ns = 0;

    (void)state;
    assert_int_equal(test_async_run(watch, &s), 0);
    assert_int_equal(s.stopped, 0);
    for (size_t i = 0; i < s.count; i++) {
        uint64_t lag_ns = s.beats[i].woke_ns - s.beats[i].due_ns;

        most_ns = lag_ns > most_ns ? lag_ns : most_ns;
    }
    assert_true(most_ns >= s.block_ns - HEARTBEAT_PERIOD_NS);
    free(s.beats);
}

static void test_stopped_at_once_it_still_has_a_beat(void **state)
{
    struct scene s = {0};

    (void)state;
    assert_int_equal(test_async_run(watch, &s), 0);
    assert_int_equal(s.stopped, 0);
    assert_true(s.count >= 1);
    free(s.beats);
}

static void test_a_block_from_the_start_is_seen(void **state)
{
    struct scene s = {.block_ns = 30 * NS_PER_MS};

    (void)state;
    assert_int_equal(test_async_run(watch, &s), 0);
    assert_true(s.count >= 1);
    assert_true(s.beats[0].woke_ns - s.beats[0].due_ns >= s.block_ns - HEARTBEAT_PERIOD_NS);
    free(s.beats);
}

static void test_a_canceled_stop_leaves_nothing_running(void **state)
{
    struct scene s = {.cancel = true};

    (void)state;
    assert_int_equal(test_async_run(watch, &s), 0);
    assert_int_equal(s.stopped, -ECANCELED);
    free(s.beats);
}

struct cost_scene {
    uint64_t sleep_ns, spin_ns, cost_ns;
    size_t count;
};

static int cost(void *arg)
{
    struct cost_scene *s = arg;
    struct heartbeat *h = heartbeat_start();
    struct beat *beats;

    EXPECT(h != NULL);
    EXPECT(task_sleep(s->sleep_ns) == 0);
    for (uint64_t end_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) + s->spin_ns;
         clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) < end_ns;)
        ;
    EXPECT(task_yield() == 0);
    EXPECT(heartbeat_cost(h, &s->cost_ns) == 0);
    EXPECT(heartbeat_stop(h, &beats, &s->count) == 0);
    free(beats);
    return 0;
}

/* Its cost is that of beats alone: what another task computes meanwhile is not in it. */
static void test_what_it_costs_has_no_other_task_in_it(void **state)
{
    struct cost_scene s = {.sleep_ns = 30 * NS_PER_MS, .spin_ns = 200 * NS_PER_MS};
    uint64_t before_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID), used_ns;

    (void)state;
    assert_int_equal(test_async_run(cost, &s), 0);
    used_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns;
    assert_true(s.cost_ns > 0);
    assert_true(s.cost_ns + s.spin_ns <= used_ns);
}

static void test_a_cost_waits_for_beats_that_it_can_tell(void **state)
{
    struct cost_scene s = {.sleep_ns = HEARTBEAT_PERIOD_NS * 3 / 2};

    (void)state;
    assert_int_equal(test_async_run(cost, &s), 0);
    assert_true(s.cost_ns > 0);
}

static int cost_of_one_that_ended(void *arg)
{
    struct heartbeat *h = heartbeat_start();
    struct task *tasks[2];
    struct beat *beats;
    size_t count;
    uint64_t cost_ns;

    (void)arg;
    EXPECT(h != NULL);
    EXPECT(loop_all_tasks(loop_running(), tasks, 2) == 2);
    task_cancel(tasks[0] == task_current() ? tasks[1] : tasks[0]);
    EXPECT(task_yield() == 0);
    EXPECT(heartbeat_cost(h, &cost_ns) == -ENOMEM);
    EXPECT(heartbeat_stop(h, &beats, &count) == -ECANCELED);
    free(beats);
    return 0;
}

/* As when there is no memory for its timer: nobody waits for beats that do not come. */
static void test_one_that_ended_by_an_error_has_no_cost(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cost_of_one_that_ended, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_beat_is_early_and_each_follows_the_last),
        cmocka_unit_test(test_a_stretch_that_blocks_the_loop_shows_in_full),
        cmocka_unit_test(test_stopped_at_once_it_still_has_a_beat),
        cmocka_unit_test(test_a_block_from_the_start_is_seen),
        cmocka_unit_test(test_a_canceled_stop_leaves_nothing_running),
        cmocka_unit_test(test_what_it_costs_has_no_other_task_in_it),
        cmocka_unit_test(test_a_cost_waits_for_beats_that_it_can_tell),
        cmocka_unit_test(test_one_that_ended_by_an_error_has_no_cost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
