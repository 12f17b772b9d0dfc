/* The promise: how a target is to misbehave is read exactly or refused, and what follows for a
 * reply is a function of time alone; a job hands it on. */
#include "job/pathology.h"

#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MS NS_PER_MS

static struct pathology read_text(const char *text)
{
    struct pathology p;
    struct err err = {""};

    if (pathology_parse(text, &p, &err) != 0)
        fail_msg("%s", err.text);
    return p;
}

static void a_stall_holds_replies_until_its_end(void **state)
{
    struct pathology p = read_text("stall=500ms@2s");

    (void)state;
    assert_int_equal(pathology_leave_ns(&p, 0), 0);
    assert_int_equal(pathology_leave_ns(&p, 2000 * MS - 1), 2000 * MS - 1);
    assert_int_equal(pathology_leave_ns(&p, 2000 * MS), 2500 * MS);
    assert_int_equal(pathology_leave_ns(&p, 2500 * MS - 1), 2500 * MS);
    assert_int_equal(pathology_leave_ns(&p, 2500 * MS), 2500 * MS);
    assert_int_equal(pathology_added_ns(&p, 2100 * MS), 0);
}

static void a_stall_comes_again(void **state)
{
    struct pathology p = read_text("stall=100ms/400ms");

    (void)state;
    assert_int_equal(pathology_leave_ns(&p, 50 * MS), 50 * MS);
    assert_int_equal(pathology_leave_ns(&p, 400 * MS), 500 * MS);
    assert_int_equal(pathology_leave_ns(&p, 500 * MS), 500 * MS);
    assert_int_equal(pathology_leave_ns(&p, 40000 * MS + 99 * MS), 40100 * MS);
}

static void stalls_that_meet_are_one(void **state)
{
    struct pathology p = read_text("stall=100ms/400ms,stall=300ms@500ms+stall=1ms@1000ms");

    (void)state;
    assert_int_equal(pathology_leave_ns(&p, 410 * MS), 900 * MS);
    assert_int_equal(pathology_leave_ns(&p, 900 * MS), 900 * MS);
    assert_int_equal(pathology_leave_ns(&p, 1000 * MS), 1001 * MS);
}

static void slow_stretches_add_up(void **state)
{
    struct pathology p = read_text("slow=20ms@0..4s+slow=5ms@3s..5s+limit=10");

    (void)state;
    assert_int_equal(p.limit, 10);
    assert_int_equal(pathology_added_ns(&p, 0), 20 * MS);
    assert_int_equal(pathology_added_ns(&p, 3500 * MS), 25 * MS);
    assert_int_equal(pathology_added_ns(&p, 4000 * MS), 5 * MS);
    assert_int_equal(pathology_added_ns(&p, 5000 * MS), 0);
    assert_int_equal(pathology_leave_ns(&p, 3500 * MS), 3500 * MS);
}

static void nonsense_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "stall",
                                        "stall=1s",
                                        "stall=1s@",
                                        "stall=0@1s",
                                        "stall=2s/2s",
                                        "stall=1s@0",
                                        "slow=1ms@2s",
                                        "limit=",
                                        "slow=1ms@2s..2s",
                                        "limit=0",
                                        "limit=1+limit=2",
                                        "limit=1,",
                                        "poison=1",
                                        "stall=1s/3s+stall=1s/2s",
                                        "limit=10000000",
                                        "stall=2h@1s"};
    char text[2 * PATHOLOGY_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pathology p = {.limit = 4711};
        struct err err = {""};

        if (pathology_parse(texts[i], &p, &err) != -EINVAL || p.limit != 4711 || !*err.text)
            fail_msg("\"%s\" is read", texts[i]);
    }
    memset(text, '1', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(pathology_parse(text, &(struct pathology){0}, &(struct err){""}), -EINVAL);
}

static void jobs_hand_it_on(void **state)
{
    char text[JOB_TEXT_SIZE];
    struct job job;

    (void)state;
    assert_int_equal(job_parse("tcp:delay=5ms,pathology=limit=3+stall=1s/3s + cpu + "
                               "http:pathology=slow=1ms@1s..2s",
                               &job, NULL),
                     0);
    assert_string_equal(job_pathology(&job, text, sizeof text),
                        "limit=3+stall=1s/3s+slow=1ms@1s..2s");
    assert_true(job_misbehaves(&job));
    assert_int_equal(job_parse("tcp:delay=5ms", &job, NULL), 0);
    assert_false(job_misbehaves(&job));
    assert_int_equal(job_parse("http:pathology=limit=3,url=http://127.0.0.1/", &job, NULL),
                     -EINVAL);
    assert_int_equal(job_parse("tcp:pathology=limit=x", &job, NULL), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stall_holds_replies_until_its_end),
        cmocka_unit_test(a_stall_comes_again),
        cmocka_unit_test(stalls_that_meet_are_one),
        cmocka_unit_test(slow_stretches_add_up),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(jobs_hand_it_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
