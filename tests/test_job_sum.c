/* The promise: a job of several parts does them in turn, up to one that fails, and everything else
 * about it follows from its parts: text, parameters, ledger, theory, and what it needs. */
#include "support/io_fake.h"
#include "support/test_async_jobs.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

static void test_text_survives_parsing_and_formatting(void **state)
{
    const struct {
        const char *text, *shown, *types;
    } cases[] = {
        {"tcp:delay=20ms + cpu:time=2ms + file:block=16k",
         "tcp:bytes=64,delay=20ms + cpu:time=2ms + file:op=read,block=16k", "tcp + cpu + file"},
        {" null  +\tnull ", "null + null", "null + null"},
        {"null +\n  sleep:ms=1\n+ null\n", "null + sleep:duration=1ms + null",
         "null + sleep + null"},
        {"cpu + cpu:rounds=5", "cpu:rounds=1M + cpu:rounds=5", "cpu + cpu"},
        {"cpu:time=1s,dist=exp", "cpu:time=1s,dist=exp", "cpu"},
        {"http:path=/a+b + mixed", "http:requests=1,path=/a+b + mixed:total=10ms", "http + mixed"},
    };
    char text[JOB_TEXT_SIZE], again[JOB_TEXT_SIZE], types[JOB_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job job = parse(cases[i].text), copy;

        assert_string_equal(job_format(&job, text, sizeof text), cases[i].shown);
        assert_string_equal(job_format_types(&job, types, sizeof types), cases[i].types);
        copy = parse(text);
        assert_string_equal(job_format(&copy, again, sizeof again), text);
    }
}

static void test_refusals_name_the_part(void **state)
{
    const struct {
        const char *text, *says;
    } cases[] = {
        {"sleep + slep", "part 2: unknown job \"slep\"; did you mean \"sleep\"?"},
        {"sleep + ", "part 2: a part is missing beside a +"},
        {"+", "part 1: a part is missing beside a +"},
        {"sleep:ms=x + cpu", "part 1: job sleep: ms=x"},
        {"sleep + file:block=64k,size=32k", "part 2: job file: block is larger than size"},
        {"sleep + cpu:dist=exp", "part 2: job cpu: beside other parts its rounds cannot be drawn"},
        {"cpu:time=1ms,rounds=9", "job cpu: rounds and time exclude each other"},
        {"cpu:rounds=1M,time=2ms", "job cpu: rounds and time exclude each other"},
        {"null + cpu +file", "part 2: unknown job \"cpu +file\""},
        {"null + cpu +file", "a + between two parts has blanks around it"},
        {"cpu:time=0ms", "job cpu: time=0ms: out of range"},
        {"tcp+cpu", "unknown job \"tcp+cpu\""},
        {"tcp+cpu", "a + between two parts has blanks around it"},
        {"sleep:ms=1+cpu", "a + between two parts has blanks around it"},
        {"null + null + null + null + null + null + null + null + null", "at most 8 parts"},
    };
    char url[130], text[600];
    struct err err = {""};
    struct job job;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        job.count = 99;
        assert_int_equal(job_parse(cases[i].text, &job, &err), -EINVAL);
        assert_int_equal(job.count, 99);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_int_equal(job_parse(cases[i].text, &job, NULL), -EINVAL);
    }
    memset(url, 'x', sizeof url);
    snprintf(text, sizeof text,
             "http:path=/%.119s + http:path=/%.119s + http:path=/%.119s + http:path=/%.119s", url,
             url, url, url);
    assert_int_equal(job_parse(text, &job, &err), -EINVAL);
    assert_string_equal(err.text, "the job's text is longer than 511 characters");
}

/* Names stand for parts; what is not complete has none. */
static void test_names_stand_for_parts(void **state)
{
    static struct job_names names = {.of = {{.name = "lookup"}, {.name = "open"}}, .count = 2};
    struct job job = {.count = 0}, other = {.count = 0};
    char text[JOB_TEXT_SIZE];
    struct err err = {""};

    (void)state;
    assert_int_equal(job_add(&names.of[0].job, "tcp:delay=1ms", &names, &err), 0);
    assert_int_equal(job_add(&names.of[0].job, "null + null", &names, &err), 0);
    assert_int_equal(job_add(&job, "sleep + lookup", &names, &err), 0);
    assert_string_equal(job_format(&job, text, sizeof text),
                        "sleep:duration=10ms + tcp:bytes=64,delay=1ms + null + null");
    assert_int_equal(job_add(&other, "null + lookup:delay=2ms", &names, &err), -EINVAL);
    assert_string_equal(err.text, "part 2: job lookup takes no parameters: it stands for others");
    assert_int_equal(job_add(&other, "open", &names, &err), -EINVAL);
    assert_non_null(strstr(err.text, "job open is not defined yet"));
    assert_int_equal(job_add(&other, "lokup", &names, &err), -EINVAL);
    assert_non_null(strstr(err.text, "did you mean \"lookup\"?"));
    other.count = 0;
    assert_int_equal(job_add(&other, "lookup + lookup + lookup", &names, &err), -EINVAL);
    assert_string_equal(err.text, "part 3: a job has at most 8 parts");
    assert_int_equal(names.used, 6);
}

/* A name counts as the one part that it is in the text. */
static void test_parts_are_counted_as_they_are_written(void **state)
{
    static struct job_names names = {.of = {{.name = "three"}, {.name = "drawn"}}, .count = 2};
    struct job job = {.count = 0};
    struct err err = {""};

    (void)state;
    assert_int_equal(job_add(&names.of[0].job, "null + null + null", NULL, &err), 0);
    assert_int_equal(job_add(&names.of[1].job, "cpu:dist=exp", NULL, &err), 0);
    assert_int_equal(job_add(&job, "three + file:block=64k,size=32k", &names, &err), -EINVAL);
    assert_string_equal(err.text,
                        "part 2: job file: block is larger than size; make size at least block");
    job.count = 0;
    assert_int_equal(job_add(&job, "null + drawn", &names, &err), -EINVAL);
    assert_non_null(strstr(err.text, "part 2: job cpu: beside other parts"));
    job.count = 0;
    assert_int_equal(job_add(&job, "drawn", &names, &err), 0);
    assert_int_equal(job_add(&job, "null", &names, &err), -EINVAL); /* the next line of a file */
    assert_int_equal(strncmp(err.text, "job cpu: beside", 15), 0);
}

static void test_as_many_names_as_there_may_be_each_of_any_length(void **state)
{
    static struct job_names names = {.count = JOB_NAMES_MAX};
    static char text[JOB_NAMES_MAX][120];
    struct err err = {""};

    (void)state;
    for (size_t i = 0; i < JOB_NAMES_MAX; i++) {
        snprintf(text[i], sizeof text[i], "%0100zu", i);
        names.of[i].name = text[i];
        assert_int_equal(job_add(&names.of[i].job, "null + sleep", NULL, &err), 0);
    }
    for (size_t i = 0; i < JOB_NAMES_MAX; i++) {
        struct job job = {.count = 0};

        assert_int_equal(job_add(&job, text[i], &names, &err), 0);
        assert_int_equal(job.count, 2);
    }
    assert_int_equal(job_add(&(struct job){.count = 0}, "slep", &names, &err), -EINVAL);
    assert_non_null(strstr(err.text, "did you mean \"sleep\"?"));
}

static void test_parts_are_done_in_turn(void **state)
{
    struct job job = parse("sleep:duration=1ms + null + sleep:duration=2ms");
    struct io *io = io_fake_create();
    struct job_ledger ledger = {0};
    uint64_t begin_ns;

    (void)state;
    assert_non_null(io);
    assert_int_equal(job_prepare(&job, io, NULL), 0);
    begin_ns = io_now(io);
    assert_int_equal(job_run(&job, io, 0, &ledger), 0);
    assert_true(io_now(io) - begin_ns == 3 * NS_PER_MS);
    assert_int_equal(ledger.operations, 3);
    io_fake_fail(io, IO_OP_SLEEP, 1, -ECANCELED);
    begin_ns = io_now(io);
    assert_int_equal(job_run(&job, io, 1, &ledger), -ECANCELED);
    assert_true(io_now(io) == begin_ns); /* neither of the other two */
    assert_true(ledger.operations <= 4);
    job_finish(&job, io);
    io_destroy(io);
}

static void test_the_same_work_through_either_io(void **state)
{
    struct test_async_jobs jobs[TEST_ASYNC_BACKENDS], parked = {.n = 7};

    (void)state;
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
        struct test_async_jobs *j = &jobs[backend];

        *j = (struct test_async_jobs){.n = 7};
        j->job = parse("file:size=256k,blocks=2 + cpu:time=10us + sleep:us=100,dist=exp + "
                       "mixed:total=50us + cpu:rounds=10 + file:size=64k,op=write");
        job_set_seed(&j->job, 42);
        assert_int_equal(test_async_jobs_run(j, (enum test_async_backend)backend), 0);
        assert_int_equal(j->sum.operations, 7 * (2 + 1 + 1 + 3 + 10 + 1));
        assert_int_equal(j->sum.bytes_in, 7 * 2 * 4096);
        assert_int_equal(j->sum.bytes_out, 7 * 4096);
    }
    assert_true(jobs[0].sum.checksum == jobs[1].sum.checksum);
    parked.job = parse("sleep:us=50 + cpu:time=10us + mixed:total=50us + cpu:rounds=10");
    assert_int_equal(test_async_jobs_run(&parked, TEST_ASYNC_LOOP), 0);
    assert_int_equal(parked.sum.operations, 7 * (1 + 1 + 3 + 10));
}

/* ---- Getting ready ---- */

struct probe {
    int ready;
};

static struct probe probe;

static int probe_prepare(struct job_part *part, struct io *io, struct err *err)
{
    (void)io;
    if (part->params[0] > 0)
        return err_set(err, -EIO, "the probe fails");
    probe.ready++;
    part->state = &probe;
    return 0;
}

static int probe_run(struct io *io, struct job_part *part, uint64_t index,
                     struct job_ledger *ledger)
{
    (void)io;
    (void)part;
    (void)index;
    ledger->operations++;
    return 0;
}

static void probe_finish(struct job_part *part, struct io *io)
{
    (void)io;
    probe.ready--;
    part->state = NULL;
}

static void test_a_part_that_fails_to_prepare_undoes_those_before_it(void **state)
{
    const struct job_type type = {
        .name = "probe", .prepare = probe_prepare, .run = probe_run, .finish = probe_finish};
    struct job job = {
        .parts = {{.type = &type}, {.type = &job_null}, {.type = &type}, {.type = &type}},
        .count = 4};
    struct err err = {""};

    (void)state;
    job.parts[2].params[0] = 1;
    assert_int_equal(job_prepare(&job, NULL, &err), -EIO);
    assert_string_equal(err.text, "the probe fails");
    assert_int_equal(probe.ready, 0);
    job.parts[2].params[0] = 0;
    assert_int_equal(job_prepare(&job, NULL, &err), 0);
    assert_int_equal(probe.ready, 3);
    job_finish(&job, NULL);
    assert_int_equal(probe.ready, 0);
}

/* A copy for another io has its own connections, and shares the rest. */
static void test_only_parts_with_connections_are_prepared_again(void **state)
{
    const struct job_type shared = {
        .name = "shared", .prepare = probe_prepare, .run = probe_run, .finish = probe_finish};
    const struct job_type kept = {.name = "kept",
                                  .keeps_open = true,
                                  .prepare = probe_prepare,
                                  .run = probe_run,
                                  .finish = probe_finish};
    struct job job = {.parts = {{.type = &shared}, {.type = &kept}}, .count = 2}, copy;

    (void)state;
    assert_int_equal(job_prepare(&job, NULL, NULL), 0);
    copy = job;
    assert_int_equal(job_prepare_kept(&copy, NULL, NULL), 0);
    assert_int_equal(probe.ready, 3);
    assert_ptr_equal(copy.parts[0].state, job.parts[0].state);
    job_finish_kept(&copy, NULL);
    assert_int_equal(probe.ready, 2);
    job_finish(&job, NULL);
    assert_int_equal(probe.ready, 0);
}

/* ---- What follows from the parts ---- */

static void test_theory_adds_the_parts_up(void **state)
{
    struct job job = parse("tcp:delay=20ms + cpu:time=2ms + file + sleep:ms=3");
    struct job_spread spread = job_spread(&job, 0);

    (void)state;
    assert_true(job_wait_ns(&job, 5) == 23 * NS_PER_MS);
    assert_true(job_cpu_ns(&job, 5, 999) == 2 * NS_PER_MS); /* nothing is measured */
    assert_true(spread.mean_wait_ns == 23e6 && spread.mean_cpu_ns == 2e6 && spread.scv == 0);
    job = parse("sleep:ms=1 + cpu:rounds=7 + cpu:time=1ms + cpu:rounds=8");
    assert_true(job_cpu_ns(&job, 0, 500) == NS_PER_MS + 500);
    assert_int_equal(job_measured(&job).count, 2);
    assert_true(job_measured(&job).parts[1].params[0] == 8);
    assert_true(job_cpu_share(&job, 3) == 1);
    job = parse("mixed:total=10ms,cpu=20% + cpu:time=1ms");
    assert_true(job_wait_ns(&job, 0) == 8 * NS_PER_MS);
    assert_true(job_cpu_ns(&job, 0, 0) == 3 * NS_PER_MS);
    assert_int_equal(job_measured(&job).count, 0);
}

/* What a measurement tells has its share in the mean; where no part tells all of its time, neither
 * does the sum. */
static void test_the_spread_knows_which_parts_it_does_not_know(void **state)
{
    const struct {
        const char *job;
        uint64_t measured_ns;
        bool whole;
        double mean_ns, scv;
    } cases[] = {
        {"sleep:ms=10,dist=exp + cpu:rounds=4M", 40 * NS_PER_MS, true, 50e6, 0.04},
        {"sleep:ms=10,dist=exp + cpu:rounds=4M", 0, false, 10e6, 1},
        {"sleep:ms=10,dist=exp + null", 0, true, 10e6, 1},
        {"sleep:ms=1 + file", 0, false, 1e6, 0},
        {"sleep:ms=1 + tcp", 0, false, 1e6, 0},
        {"sleep:ms=1 + http:delay=1ms", 0, true, 2e6, 0},
        {"cpu:dist=exp", 2 * NS_PER_MS, true, 2e6, 1},
        {"cpu:dist=exp", 0, false, 0, 1},
        {"cpu:time=1ms + cpu:rounds=5 + cpu:rounds=5", NS_PER_MS, true, 2e6, 0},
        {"mixed:total=2ms + null", 0, true, 2e6, 0},
        {"file", 0, false, 0, 0},
        {"tcp", 0, false, 0, 0},
        {"null", 0, true, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job job = parse(cases[i].job);
        struct job_spread s = job_spread(&job, cases[i].measured_ns);

        if (s.whole != cases[i].whole || s.mean_wait_ns + s.mean_cpu_ns != cases[i].mean_ns ||
            fabs(s.scv - cases[i].scv) > 1e-9)
            fail_msg("%s: %d, %g ns, %g", cases[i].job, s.whole, s.mean_wait_ns + s.mean_cpu_ns,
                     s.scv);
    }
}

static void test_what_does_nothing_takes_nothing_from_computing(void **state)
{
    const struct {
        const char *job;
        bool only_computes;
    } cases[] = {
        {"cpu:time=1ms + null", true},
        {"null + cpu:rounds=9", true},
        {"mixed:cpu=100%", true},
        {"mixed:cpu=100% + cpu:time=1ms", true},
        {"mixed:cpu=99% + null", false},
        {"null", false},
        {"mixed:cpu=0%", false},
        {"mixed:total=0ms", false},
        {"cpu + file", false},
        {"cpu + tcp", false},
        {"cpu + sleep:duration=0s", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job job = parse(cases[i].job);

        if (job_traits(&job).only_computes != cases[i].only_computes)
            fail_msg("%s", cases[i].job);
    }
}

/* Equal parts draw numbers of their own, so that variances add up. */
static void test_what_sums_draw_has_the_spread_told_to_theory(void **state)
{
    const char *const texts[] = {
        "sleep:ms=2,dist=exp + sleep:ms=2,dist=exp",
        "sleep:ms=2,dist=exp + cpu:time=1ms,dist=uniform + sleep:ms=3",
        "tcp:delay=2ms,dist=exp,requests=2 + http:delay=1ms,dist=lognormal",
    };
    const uint64_t n = 40000;

    (void)state;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        struct job job = parse(texts[t]);
        struct job_spread spread = job_spread(&job, 0);
        double sum = 0, squares = 0, mean, scv;

        job_set_seed(&job, 11);
        for (uint64_t i = 0; i < n; i++) {
            double x = (double)(job_wait_ns(&job, i) + job_cpu_ns(&job, i, 0));

            sum += x;
            squares += x * x;
        }
        mean = sum / (double)n;
        scv = squares / (double)n / (mean * mean) - 1;
        assert_true(fabs(mean / (spread.mean_wait_ns + spread.mean_cpu_ns) - 1) < 0.03);
        if (fabs(scv - spread.scv) > 0.06 * spread.scv)
            fail_msg("%s: %g, and not %g", texts[t], scv, spread.scv);
    }
}

static void test_a_sum_needs_what_its_parts_need(void **state)
{
    struct job job = parse("tcp + http + file"), url;
    struct job_traits t = job_traits(&job);

    (void)state;
    assert_true(job_needs_target(&job) && job_has(&job, "file") && !job_has(&job, "cpu"));
    assert_true(!t.computes && !t.only_computes && !t.is_measured);
    assert_int_equal(t.connections, 2);
    assert_int_equal(t.sources, job_http.sources);
    assert_int_equal(t.fds, job_tcp.fds + job_http.fds);
    assert_int_equal(t.fds_blocking, job_http.fds_blocking);
    assert_int_equal(t.stack_blocking, job_http.stack_blocking);
    t = job_traits(&(struct job){.parts = {{.type = &job_cpu}, {.type = &job_cpu}}, .count = 2});
    assert_true(t.computes && t.only_computes && t.is_measured && t.connections == 0);
    job = parse("sleep + cpu:time=1ms");
    t = job_traits(&job);
    assert_true(t.computes && !t.only_computes && !t.is_measured && !job_needs_target(&job));
    url = parse("http:url=http://127.0.0.1:1/ + http:url=http://127.0.0.1:2/");
    assert_false(job_needs_target(&url));
    assert_int_equal(job_traits(&url).connections, 2);
}

/* What computes lends nothing; libcurl works in the caller's memory. */
static void test_one_part_that_lends_memory_pins_the_stack(void **state)
{
    struct job curl = parse("sleep + http:client=curl + null"), none = parse("sleep + cpu + file");
    struct io *io = io_fake_create();

    (void)state;
    assert_non_null(io);
    assert_true(job_pinned(&curl, io));
    assert_false(job_pinned(&none, io));
    io_destroy(io);
}

static void test_errors_are_explained_by_a_part(void **state)
{
    struct job job = parse("sleep + http");

    (void)state;
    assert_string_equal(job_error_text(&job, -EREMOTEIO), "status not 2xx");
    assert_string_equal(job_error_text(&job, -ECONNRESET), strerror(ECONNRESET));
}

/* ---- Parameters ---- */

static void test_parameters_are_found_by_part_and_name(void **state)
{
    const struct {
        const char *job, *name;
        size_t part;
    } good[] = {
        {"tcp + cpu:time=1ms", "2.time", 1},  {"tcp + cpu:time=1ms", "time", 1},
        {"tcp + cpu:time=1ms", "1.delay", 0}, {"sleep + sleep", "2.duration", 1},
        {"sleep", "1.duration", 0},           {"sleep", "duration", 0},
    };
    const struct {
        const char *job, *name, *says;
        int error;
    } bad[] = {
        {"null + sleep + sleep", "duration",
         "several parts of job null + sleep + sleep have a parameter \"duration\": write which, as "
         "in job.2.duration",
         -EINVAL},
        {"tcp + cpu", "1.time", "no part of job tcp + cpu has a parameter \"1.time\"", -ENOENT},
        {"tcp + cpu", "3.time", "no part", -ENOENT},
        {"tcp + cpu", "0.time", "no part", -ENOENT},
        {"tcp + cpu", "2time", "no part", -ENOENT},
        {"tcp + cpu", "", "no part", -ENOENT},
        {"sleep", "2.duration", "duration", -ENOENT},
        {"null", "x", "it takes none", -ENOENT},
        {"sleep", "duraton", "did you mean \"duration\"?", -ENOENT},
        {"null + cpu:rounds=9", "time", "job cpu: rounds and time exclude each other", -EINVAL},
        {"cpu:time=1ms", "rounds", "job cpu: rounds and time exclude each other", -EINVAL},
    };
    const struct param *p;
    struct err err = {""};
    uint64_t *value;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct job job = parse(good[i].job);

        assert_int_equal(job_find_param(&job, good[i].name, &p, &value, &err), 0);
        assert_non_null(strstr(good[i].name, p->name));
        assert_ptr_equal(value,
                         &job.parts[good[i].part].params[p - job.parts[good[i].part].type->params]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct job job = parse(bad[i].job);

        assert_int_equal(job_find_param(&job, bad[i].name, &p, &value, &err), bad[i].error);
        if (strstr(err.text, bad[i].says) == NULL)
            fail_msg("%s, %s: %s", bad[i].job, bad[i].name, err.text);
    }
}

/* What was set to a value of its own may not fit the others. */
static void test_values_that_were_set_can_be_checked(void **state)
{
    struct job job = parse("null + file:size=64k");
    struct err err = {""};
    const struct param *p;
    uint64_t *value = NULL;

    (void)state;
    assert_int_equal(job_find_param(&job, "block", &p, &value, &err), 0);
    *value = 64 << 10;
    assert_int_equal(job_check(&job, &err), 0);
    *value = 65 << 10;
    assert_int_equal(job_check(&job, &err), -EINVAL);
    assert_non_null(strstr(err.text, "part 2: job file: block is larger than size"));
}

static void test_a_text_goes_to_each_part_that_takes_it(void **state)
{
    struct job job = parse("http:requests=2 + sleep + http");
    struct err err = {""};
    char text[JOB_TEXT_SIZE];

    (void)state;
    assert_int_equal(job_set_text(&job, "url", "http://localhost:8080/", &err), 0);
    assert_false(job_needs_target(&job));
    assert_string_equal(job_format(&job, text, sizeof text),
                        "http:requests=2,url=http://localhost:8080/ + sleep:duration=10ms + "
                        "http:requests=1,url=http://localhost:8080/");
    assert_int_equal(job_set_text(&job, "url", "http://192.0.2.1/", &err), 0);
    assert_int_equal(job_check(&job, &err), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_survives_parsing_and_formatting),
        cmocka_unit_test(test_refusals_name_the_part),
        cmocka_unit_test(test_names_stand_for_parts),
        cmocka_unit_test(test_parts_are_counted_as_they_are_written),
        cmocka_unit_test(test_as_many_names_as_there_may_be_each_of_any_length),
        cmocka_unit_test(test_parts_are_done_in_turn),
        cmocka_unit_test(test_the_same_work_through_either_io),
        cmocka_unit_test(test_a_part_that_fails_to_prepare_undoes_those_before_it),
        cmocka_unit_test(test_only_parts_with_connections_are_prepared_again),
        cmocka_unit_test(test_theory_adds_the_parts_up),
        cmocka_unit_test(test_the_spread_knows_which_parts_it_does_not_know),
        cmocka_unit_test(test_what_does_nothing_takes_nothing_from_computing),
        cmocka_unit_test(test_what_sums_draw_has_the_spread_told_to_theory),
        cmocka_unit_test(test_a_sum_needs_what_its_parts_need),
        cmocka_unit_test(test_one_part_that_lends_memory_pins_the_stack),
        cmocka_unit_test(test_errors_are_explained_by_a_part),
        cmocka_unit_test(test_parameters_are_found_by_part_and_name),
        cmocka_unit_test(test_values_that_were_set_can_be_checked),
        cmocka_unit_test(test_a_text_goes_to_each_part_that_takes_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
