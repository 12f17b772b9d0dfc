/* The promise: a demo's verdict is what was measured. One claim that does not hold, a time shorter
 * than expected, or no claim at all, and it is not "as expected"; a demo that cannot be carried out
 * is an error, not a verdict. The heartbeat beside it is seen by no count of tasks or switches, and
 * shows when the loop was held. */
#include "demos/demo_run.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* What a demo's main did, as seen from outside. */
struct outcome {
    int result;
    char *told; /* the story; the caller frees it */
    char measured[64], expected[64];
    struct err err;
    uint64_t latest_ns; /* the latest beat's lateness */
    size_t beats;
};

static struct outcome perform(coro_fn *main, double scale)
{
    const struct demo demo = {
        .name = "made-up", .summary = "s", .lesson = "l", .article = "a", .main = main};
    struct outcome o = {.told = NULL};
    const struct recorder_beat *beats;
    struct demo_run run;
    size_t size;
    FILE *out = open_memstream(&o.told, &size);

    assert_non_null(out);
    assert_int_equal(demo_run_init(&run, &demo, scale, NULL, out), 0);
    o.result = demo_perform(&run, &o.err);
    fclose(out);
    demo_measured_text(&run, o.measured, sizeof o.measured);
    demo_expected_text(&run, o.expected, sizeof o.expected);
    beats = recorder_beats(run.recorder, &o.beats);
    for (size_t i = 0; i < o.beats; i++)
        if (beats[i].woke_ns - beats[i].due_ns > o.latest_ns)
            o.latest_ns = beats[i].woke_ns - beats[i].due_ns;
    demo_run_deinit(&run);
    return o;
}

static int all_hold(void *arg)
{
    struct demo_run *d = arg;

    demo_check(d, true, "one");
    demo_check(d, true, "%s", "two");
    demo_measured(d, "%d things", 2);
    demo_expected(d, "two things");
    demo_expect(d, DEMO_NO_TIME, "why");
    return 0;
}

static int one_fails(void *arg)
{
    struct demo_run *d = arg;

    demo_check(d, true, "one");
    demo_check(d, false, "two");
    demo_check(d, true, "three");
    demo_expect(d, DEMO_NO_TIME, "why");
    return 0;
}

static int claims_nothing(void *arg)
{
    demo_expect(arg, DEMO_NO_TIME, "why");
    return 0;
}

static int is_too_quick(void *arg)
{
    struct demo_run *d = arg;

    demo_check(d, true, "one");
    demo_expect(d, NS_PER_S, "it was to take a second");
    return 0;
}

static int takes_its_time(void *arg)
{
    struct demo_run *d = arg;

    demo_check(d, true, "one");
    demo_expect(d, NS_PER_S, "a sleep");
    demo_say(d, "main", "sleeps");
    return task_sleep(demo_scaled(d, NS_PER_S));
}

static int breaks_off(void *arg)
{
    demo_check(arg, true, "one");
    return -EMFILE;
}

static int counts_tasks(void *arg)
{
    struct demo_run *d = arg;
    uint64_t switches = loop_switches(d->loop);

    task_sleep(20 * NS_PER_MS);
    demo_check(d, loop_all_tasks(d->loop, NULL, 0) == 1, "main is the only task");
    demo_check(d, loop_switches(d->loop) == switches + 1, "its own wake is the only switch");
    return 0;
}

static int holds_the_loop(void *arg)
{
    const struct timespec span = {.tv_nsec = 50 * (long)NS_PER_MS};

    demo_check(arg, true, "one");
    nanosleep(&span, NULL);
    return 0;
}

static void a_demo_whose_claims_hold_is_as_expected(void **state)
{
    struct outcome o = perform(all_hold, 1);

    (void)state;
    assert_int_equal(o.result, true);
    assert_string_equal(o.measured, "2 things");
    assert_string_equal(o.expected, "two things");
    assert_non_null(strstr(o.told, "holds     two\n"));
    assert_non_null(strstr(o.told, "verdict   as expected\n"));
    free(o.told);
}

static void one_claim_that_fails_is_told_and_fails_the_demo(void **state)
{
    struct outcome o = perform(one_fails, 1);

    (void)state;
    assert_int_equal(o.result, false);
    assert_non_null(strstr(o.told, "holds     one\n"));
    assert_non_null(strstr(o.told, "FAILS     two\n"));
    assert_non_null(strstr(o.told, "verdict   CONTRADICTS the lesson\n"));
    free(o.told);
}

static void a_demo_without_claims_has_shown_nothing(void **state)
{
    struct outcome o = perform(claims_nothing, 1);

    (void)state;
    assert_int_equal(o.result, false);
    free(o.told);
}

static void less_time_than_expected_fails_it(void **state)
{
    struct outcome o = perform(is_too_quick, 1);

    (void)state;
    assert_int_equal(o.result, false);
    assert_non_null(strstr(o.told, "FAILS     it took no less than expected\n"));
    free(o.told);
}

static void expectations_are_scaled_like_sleeps(void **state)
{
    struct outcome o = perform(takes_its_time, 0.05);

    (void)state;
    assert_int_equal(o.result, true);
    assert_string_equal(o.expected, "0.050 s");
    assert_non_null(strstr(o.told, " s  main       sleeps\n"));
    assert_non_null(strstr(o.told, "scale     0.05"));
    free(o.told);
}

static void what_cannot_be_carried_out_is_an_error(void **state)
{
    struct outcome o = perform(breaks_off, 1);

    (void)state;
    assert_int_equal(o.result, -EMFILE);
    assert_non_null(strstr(o.err.text, "made-up"));
    assert_null(strstr(o.told, "verdict"));
    free(o.told);
}

static void the_heartbeat_is_in_no_count(void **state)
{
    struct outcome o = perform(counts_tasks, 1);

    (void)state;
    assert_int_equal(o.result, true);
    assert_true(o.beats > 0);
    free(o.told);
}

static void the_heartbeat_shows_a_held_loop(void **state)
{
    struct outcome o = perform(holds_the_loop, 1);

    (void)state;
    assert_true(o.latest_ns >= 45 * NS_PER_MS);
    free(o.told);
}

static void demos_are_found_by_name_and_the_nearest_offered(void **state)
{
    struct err err = {""};

    (void)state;
    for (size_t i = 0; i < demos_count; i++)
        assert_ptr_equal(demo_find(demos[i]->name, &err), demos[i]);
    assert_null(demo_find("create-taks", &err));
    assert_non_null(strstr(err.text, "did you mean \"create-task\"?"));
    assert_null(demo_find("nothing like it at all", &err));
    assert_null(strstr(err.text, "did you mean"));
}

static void captured_is_what_goes_to_standard_error_meanwhile(void **state)
{
    struct demo_capture outer, inner;
    char text[32], small[5];

    (void)state;
    assert_int_equal(demo_capture_begin(&outer), 0);
    fputs("before\n", stderr);
    assert_int_equal(demo_capture_begin(&inner), 0);
    fputs("within\n", stderr);
    assert_string_equal(demo_capture_end(&inner, small, sizeof small), "with");
    fputs("after\n", stderr);
    assert_string_equal(demo_capture_end(&outer, text, sizeof text), "before\nafter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_demo_whose_claims_hold_is_as_expected),
        cmocka_unit_test(one_claim_that_fails_is_told_and_fails_the_demo),
        cmocka_unit_test(a_demo_without_claims_has_shown_nothing),
        cmocka_unit_test(less_time_than_expected_fails_it),
        cmocka_unit_test(expectations_are_scaled_like_sleeps),
        cmocka_unit_test(what_cannot_be_carried_out_is_an_error),
        cmocka_unit_test(the_heartbeat_is_in_no_count),
        cmocka_unit_test(the_heartbeat_shows_a_held_loop),
        cmocka_unit_test(demos_are_found_by_name_and_the_nearest_offered),
        cmocka_unit_test(captured_is_what_goes_to_standard_error_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
