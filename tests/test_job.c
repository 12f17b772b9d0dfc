/* The promise: a job is what its text says, the text of a job is what makes it again, and it does
 * the same work whichever io it waits through. */
#include "job/job.h"

#include "support/test_async_jobs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct job parse(const char *text)
{
    struct err err = {""};
    struct job job;

    if (job_parse(text, &job, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    return job;
}

static void test_every_type_has_what_the_lists_show(void **state)
{
    const char *const names[] = {"sleep", "file", "tcp", "http", "dns", "cpu", "mixed", "null"};

    (void)state;
    assert_int_equal(job_types_count, 8);
    for (size_t i = 0; i < job_types_count; i++) {
        const struct job_type *type = job_types[i];

        assert_string_equal(type->name, names[i]);
        assert_true(type->summary != NULL && type->run != NULL);
        assert_true(type->n_params <= PARAM_MAX);
        assert_true(type->needs_target ==
                    (strcmp(type->name, "tcp") == 0 || strcmp(type->name, "http") == 0));
        assert_true(type->cpu_bound == (strcmp(type->name, "cpu") == 0));
    }
}

static void test_a_bare_name_is_the_job_with_its_defaults(void **state)
{
    char buf[256], with_colon[64];

    (void)state;
    for (size_t i = 0; i < job_types_count; i++) {
        struct job job = parse(job_types[i]->name);

        assert_ptr_equal(job.parts[0].type, job_types[i]);
        assert_int_equal(job.count, 1);
        assert_int_equal(job_seed(&job), 0);
        assert_null(job.parts[0].state);
        for (size_t p = 0; p < job_types[i]->n_params; p++)
            assert_true(job.parts[0].params[p] == job_types[i]->params[p].def);
        assert_memory_equal(job_format(&job, buf, sizeof buf), job_types[i]->name,
                            strlen(job_types[i]->name));
        strcat(strcpy(with_colon, job_types[i]->name), ":");
        assert_ptr_equal(parse(with_colon).parts[0].type, job_types[i]);
    }
}

static void test_text_survives_parsing_and_formatting(void **state)
{
    const struct {
        const char *text, *shown;
    } cases[] = {
        {"sleep:duration=25ms", "sleep:duration=25ms"},
        {"sleep:duration_us=250", "sleep:duration=250us"},
        {"sleep", "sleep:duration=10ms"},
        {"sleep:ms=10,dist=exp", "sleep:duration=10ms,dist=exp"},
        {"sleep:dist=exponential,us=5", "sleep:duration=5us,dist=exp"},
        {"sleep:dist=fixed", "sleep:duration=10ms"},
        {"cpu:dist=lognormal", "cpu:rounds=1M,dist=lognormal"},
        {"tcp:dist=pareto,delay=1s", "tcp:bytes=64,delay=1s,dist=pareto"},
        {"http:delay=1ms,dist=uniform", "http:requests=1,delay=1ms,dist=uniform"},
        {"cpu:rounds=5k", "cpu:rounds=5k"},
        {"mixed:cpu=38%,total=20ms", "mixed:total=20ms,cpu=38%"},
        {"file:fsync=on,op=write,block=64k", "file:op=write,block=64k,fsync=on"},
        {"file:blocks=16,size=1G", "file:op=read,size=1G,blocks=16"},
        {"tcp:bytes=64,delay_ms=10", "tcp:bytes=64,delay=10ms"},
        {"tcp:keep=off,reply=4k,requests=3,timeout=1s",
         "tcp:bytes=64,reply=4k,requests=3,keep=off,timeout=1s"},
        {"tcp:bytes=24,reply=1M,delay=1us,requests=1000000,keep=off,timeout=3600s",
         "tcp:bytes=24,reply=1M,delay=1us,requests=1M,keep=off,timeout=3600s"},
        {"http", "http:requests=1"},
        {"http:path=/a?b=c,delay=1ms", "http:requests=1,path=/a?b=c,delay=1ms"},
        {"http:url=http://127.0.0.1:80/a?b=c,requests=2",
         "http:requests=2,url=http://127.0.0.1:80/a?b=c"},
    };
    char buf[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job job = parse(cases[i].text), again;

        assert_string_equal(job_format(&job, buf, sizeof buf), cases[i].shown);
        again = parse(buf);
        assert_ptr_equal(again.parts[0].type, job.parts[0].type);
        assert_memory_equal(again.parts[0].params, job.parts[0].params, sizeof job.parts[0].params);
    }
}

static void test_a_text_can_be_set_later(void **state)
{
    struct job job = parse("http:requests=3"), copy, sleep = parse("sleep");
    struct err err = {""};
    char buf[JOB_TEXT_SIZE];

    (void)state;
    assert_true(job_needs_target(&job));
    assert_int_equal(job_set_text(&job, "url", "http://localhost:8080/", &err), 0);
    assert_false(job_needs_target(&job));
    copy = job;
    memset(&job, 0, sizeof job); /* a copy has its own */
    assert_string_equal(job_format(&copy, buf, sizeof buf),
                        "http:requests=3,url=http://localhost:8080/");
    assert_int_equal(job_set_text(&copy, "url", "http://localhost/a,b", &err), -EINVAL);
    assert_non_null(strstr(err.text, "a comma"));
    assert_int_equal(job_set_text(&copy, "url", "http://192.0.2.1/", &err), 0);
    assert_int_equal(job_check(&copy, &err), -EINVAL);
    assert_int_equal(job_set_text(&sleep, "url", "http://localhost/", &err), -ENOENT);
    assert_false(job_needs_target(&sleep));
}

static void test_refusals_name_what_is_valid(void **state)
{
    const struct {
        const char *text, *says, *also;
    } cases[] = {
        {"slep", "unknown job \"slep\"; did you mean \"sleep\"?",
         "sleep, file, tcp, http, dns, cpu, mixed, null"},
        {"", "unknown job \"\"", "sleep, file, tcp, http, dns, cpu, mixed, null"},
        {"sleeping:duration=1ms", "unknown job \"sleeping\"", "sleep, file"},
        {"sleep:duraton=1ms", "job sleep: ", "did you mean \"duration\"?"},
        {"null:x=1", "job null: ", "none"},
        {"sleep:dist=poisson", "job sleep: dist=poisson", "fixed, exp, uniform, pareto, lognormal"},
        {"sleep:ms=10,duration=1s", "duration is given twice", ""},
        {"tcp:ms=10", "unknown parameter \"ms\"", "delay"}, /* or timeout? */
        {"file:block=64k,size=32k", "job file: ", "size at least block"},
        {"tcp:bytes=23", "job tcp: ", "24 to 1M"},
        {"tcp:reply=10", "job tcp: reply=10 is too small", "24 to"},
        {"cpu:rounds=0", "job cpu: ", "out of range"},
        {"http:path=x", "job http: path=x", "begin with /"},
        {"http:url=http://127.0.0.1:1/,size=1k", "job http: size", "in the url"},
        {"http:url=ftp://127.0.0.1:1/", "not an http:// or https:// URL", ""},
        {"http:url=https://127.0.0.1:1/,client=direct", "https needs libcurl", ""},
        {"http:remote=on", "remote is for a url", ""},
        {"http:url=http://127.0.0.1:1/,ca=/", "ca is for an https:// url", ""},
        {"http:ledger=head", "job http: ledger=head", "body, status"},
        {"http:url=http://192.0.2.1/", "host 192.0.2.1 is not on this machine", "remote=on"},
        {"http:url=http://[::2]/", "host ::2 is not on this machine", "remote=on"},
        {"http:url=://127.0.0.1/", "is not a URL", "http://HOST:PORT/PATH"},
        {"http:url=nonsense", "is not a URL", "http://HOST:PORT/PATH"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job job = {.count = 99};
        struct err err = {""};

        assert_int_equal(job_parse(cases[i].text, &job, &err), -EINVAL);
        assert_int_equal(job.count, 99);
        if (strstr(err.text, cases[i].says) == NULL || strstr(err.text, cases[i].also) == NULL)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_int_equal(job_parse(cases[i].text, &job, NULL), -EINVAL);
    }
}

/* A document of another machine is read where the files that its jobs need are missing. */
static void test_what_this_machine_lacks_is_asked_apart(void **state)
{
    struct err err = {""};
    struct job job;

    (void)state;
    assert_int_equal(job_parse("null + http:url=https://localhost/,ca=/nowhere/ca.pem", &job, &err),
                     0);
    assert_int_equal(job_check(&job, &err), 0);
    assert_int_equal(job_check_here(&job, &err), -EINVAL);
    assert_string_equal(err.text,
                        "part 2: job http: ca=/nowhere/ca.pem: No such file or directory");
    assert_int_equal(job_check_here(&job, NULL), -EINVAL);
    assert_int_equal(job_parse("tcp + http", &job, &err), 0);
    assert_int_equal(job_check_here(&job, &err), 0);
}

static void test_an_endless_name_is_refused(void **state)
{
    struct err err = {""};
    char text[4000];
    struct job job;

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(job_parse(text, &job, &err), -EINVAL);
    assert_non_null(strstr(err.text, "valid: sleep"));
}

static void test_the_same_work_through_either_io(void **state)
{
    const struct {
        const char *text;
        uint64_t operations, bytes_in, bytes_out;
    } cases[] = {
        {"null", 7, 0, 0},
        {"sleep:duration=1ms", 7, 0, 0},
        {"cpu:rounds=1000", 7000, 0, 0},
        {"sleep:duration=100us,dist=lognormal", 7, 0, 0},
        {"file:size=256k,blocks=5", 35, 35 * 4096, 0},
        {"file:size=100k,block=3000,op=write,fsync=on", 7, 0, 7 * 3000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_async_jobs jobs[TEST_ASYNC_BACKENDS];

        for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
            struct test_async_jobs *j = &jobs[backend];

            *j = (struct test_async_jobs){.job = parse(cases[i].text), .n = 7};
            job_set_seed(&j->job, 42);
            assert_int_equal(test_async_jobs_run(j, (enum test_async_backend)backend), 0);
            assert_int_equal(j->sum.operations, cases[i].operations);
            assert_int_equal(j->sum.bytes_in, cases[i].bytes_in);
            assert_int_equal(j->sum.bytes_out, cases[i].bytes_out);
        }
        assert_true(jobs[0].sum.checksum == jobs[1].sum.checksum);
    }
}

static void test_the_seed_and_index_make_the_difference(void **state)
{
    const char *const texts[] = {"cpu:rounds=100", "file:size=256k"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct test_async_jobs a = {.job = parse(texts[i]), .n = 3}, b = a, c = a;

        job_set_seed(&b.job, 1);
        c.n = 4;
        assert_int_equal(test_async_jobs_run(&a, TEST_ASYNC_BLOCKING), 0);
        assert_int_equal(test_async_jobs_run(&b, TEST_ASYNC_BLOCKING), 0);
        assert_int_equal(test_async_jobs_run(&c, TEST_ASYNC_BLOCKING), 0);
        assert_true(a.sum.checksum != b.sum.checksum && a.sum.checksum != c.sum.checksum);
        assert_true(b.sum.checksum != c.sum.checksum);
    }
}

static void test_a_sleep_takes_at_least_its_duration(void **state)
{
    (void)state;
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
        struct test_async_jobs j = {.job = parse("sleep:duration=1300us"), .n = 20};

        assert_int_equal(test_async_jobs_run(&j, (enum test_async_backend)backend), 0);
        assert_true(j.shortest_ns >= 1300 * NS_PER_US);
        assert_true(job_wait_ns(&j.job, 0) == 1300 * NS_PER_US);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type_has_what_the_lists_show),
        cmocka_unit_test(test_a_bare_name_is_the_job_with_its_defaults),
        cmocka_unit_test(test_text_survives_parsing_and_formatting),
        cmocka_unit_test(test_a_text_can_be_set_later),
        cmocka_unit_test(test_refusals_name_what_is_valid),
        cmocka_unit_test(test_what_this_machine_lacks_is_asked_apart),
        cmocka_unit_test(test_an_endless_name_is_refused),
        cmocka_unit_test(test_the_same_work_through_either_io),
        cmocka_unit_test(test_the_seed_and_index_make_the_difference),
        cmocka_unit_test(test_a_sleep_takes_at_least_its_duration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
