/* The promise: an axis has exactly the values that its range says, in the unit of what it varies,
 * and gives them to the cell; what makes no sense is refused with a sentence that says why. */
#include "sweep/sweep_axis.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static struct job job_of(const char *text)
{
    struct job job;
    struct err err = {""};

    assert_int_equal(job_parse(text, &job, &err), 0);
    return job;
}

static int parse(const char *text, const char *job_text, struct sweep_axis *axis, struct err *err)
{
    struct plan_line line;

    plan_line_init(&line);
    line.specs[line.specs_count++] = job_of(job_text);
    return sweep_axis_parse(text, &line, axis, err);
}

static void assert_values(const char *text, const char *job, size_t n, const double *values)
{
    struct sweep_axis axis;
    struct err err = {""};

    if (parse(text, job, &axis, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    assert_int_equal(axis.count, n);
    for (size_t i = 0; i < n; i++)
        if (axis.values[i] != values[i])
            fail_msg("%s: value %zu is %.17g, not %.17g", text, i, axis.values[i], values[i]);
}

#define VALUES(...)                                                                                \
    sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[])                                   \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void test_values(void **state)
{
    (void)state;
    assert_values("jobs=1,10,100", "null", VALUES(1, 10, 100));
    assert_values("jobs=1..100:x10", "null", VALUES(1, 10, 100));
    assert_values("jobs=10,1..3:+1,2", "null", VALUES(1, 2, 3, 10));
    assert_values("jobs=5", "null", VALUES(5));
    assert_values("threads=1..3:x1.2", "null", VALUES(1, 2, 3));
    assert_values("rate=100..2000:x1.5", "null",
                  VALUES(100, 150, 225, 337.5, 506.2, 759.4, 1139, 1709));
    assert_values("rate=0.5/s,2k/s", "null", VALUES(0.5, 2000));
    assert_values("poison=0%..5%:+1%", "null", VALUES(0, 0.01, 0.02, 0.03, 0.04, 0.05));
    assert_values("cpu=10%..100%:+45%", "mixed", VALUES(0.1, 0.55, 1));
    assert_values("duration=1ms..8ms:x2", "sleep", VALUES(0.001, 0.002, 0.004, 0.008));
    assert_values("job.duration=0,250us", "sleep", VALUES(0, 0.00025));
    assert_values("job.size=64k..256k:x2", "file", VALUES(65536, 131072, 262144));
}

/* Steps of a tenth are no binary fractions: the end must be reached all the same. */
static void test_end_is_reached(void **state)
{
    struct sweep_axis axis;
    struct err err = {""};

    (void)state;
    assert_int_equal(parse("cpu=0%..100%:+10%", "mixed", &axis, &err), 0);
    assert_int_equal(axis.count, 11);
    assert_true(axis.values[10] == 1);
    assert_int_equal(parse("rate=1..1000:x1.1", "null", &axis, &err), 0);
    assert_int_equal(axis.count, 73); /* 1.1^72 is 955.6, 1.1^73 is 1051 */
}

static void test_scale(void **state)
{
    struct sweep_axis axis;
    struct err err = {""};

    (void)state;
    assert_int_equal(parse("rate=1..8:x2", "null", &axis, &err), 0);
    assert_true(axis.log);
    assert_int_equal(parse("rate=1..8:+1", "null", &axis, &err), 0);
    assert_false(axis.log);
    assert_int_equal(parse("poison=0%,1%,2%", "null", &axis, &err), 0);
    assert_false(axis.log);
}

/* The one cell that the model and job make at the axis' first value. */
static struct cell cell_at(const char *text, const char *model, const char *job)
{
    struct sweep_axis axis;
    struct plan_line line;
    struct plan plan = {0};
    struct err err = {""};
    struct cell cell;

    if (parse(text, job, &axis, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    plan_line_init(&line);
    line.models[line.models_count++] = model_find(model, &err);
    line.specs[line.specs_count++] = job_of(job);
    assert_int_equal(sweep_axis_apply(&axis, axis.values[0], &line, &err), 0);
    assert_int_equal(plan_add(&plan, &line, false, &err), 0);
    assert_int_equal(plan.count, 1);
    cell = plan.cells[0].cell;
    plan_deinit(&plan);
    return cell;
}

static void test_apply(void **state)
{
    (void)state;
    assert_int_equal(cell_at("jobs=17", "tasks", "sleep").jobs, 17);
    assert_int_equal(cell_at("threads=9", "pool", "sleep").threads, 9);
    assert_int_equal(cell_at("duration=7ms", "tasks", "sleep").job.parts[0].params[0], 7000000);
    assert_int_equal(cell_at("cpu=38%", "tasks", "mixed").job.parts[0].params[1], 380000);
    assert_int_equal(
        cell_at("job.2.time=7us", "tasks", "sleep + cpu:time=1ms").job.parts[1].params[1], 7000);
    assert_int_equal(cell_at("job.time=7us", "tasks", "sleep + cpu").job.parts[1].params[1], 7000);
    assert_int_equal(cell_at("duration=7us", "tasks", "cpu + sleep").job.parts[1].params[0], 7000);
    assert_int_equal(cell_at("clients=3", "tasks", "sleep").load.kind, LOAD_CLOSED);
    assert_int_equal(cell_at("clients=3", "tasks", "sleep").load.clients, 3);
    assert_int_equal(cell_at("rate=500/s", "tasks", "sleep").load.kind, LOAD_OPEN);
    assert_true(cell_at("rate=500/s", "tasks", "sleep").load.rate_per_s == 500);
    assert_true(cell_at("rate=500/s", "tasks", "sleep").load.drain_ns > 0);
    assert_true(cell_at("poison=2%", "tasks", "sleep").load.poison == 0.02);
}

static void test_applies(void **state)
{
    struct sweep_axis axis;
    struct cell cell = cell_default();
    struct err err = {""};

    (void)state;
    assert_int_equal(parse("threads=9", "sleep", &axis, &err), 0);
    cell.model = model_find("pool", &err);
    assert_true(sweep_axis_applies(&axis, &cell));
    cell.model = model_find("tasks", &err);
    assert_false(sweep_axis_applies(&axis, &cell));
    assert_int_equal(parse("duration=1ms", "sleep", &axis, &err), 0);
    cell.job = job_of("sleep");
    assert_true(sweep_axis_applies(&axis, &cell));
    cell.job = job_of("null");
    assert_false(sweep_axis_applies(&axis, &cell));
}

static void test_what_is_given_already(void **state)
{
    struct sweep_axis axis;
    struct plan_line line;
    struct err err = {""};

    (void)state;
    plan_line_init(&line);
    line.specs[line.specs_count++] = job_of("sleep");
    line.threads[line.threads_count++] = 4;
    line.load.rates[line.load.rates_count++] = 100;
    assert_int_equal(sweep_axis_parse("threads=1,2", &line, &axis, &err), -EINVAL);
    assert_non_null(strstr(err.text, "--threads"));
    assert_int_equal(sweep_axis_parse("rate=1,2", &line, &axis, &err), -EINVAL);
    assert_non_null(strstr(err.text, "--rate"));
    assert_int_equal(sweep_axis_parse("duration=1ms,2ms", &line, &axis, &err), 0);
}

static void test_values_that_the_job_cannot_have(void **state)
{
    struct sweep_axis axis;
    struct plan_line line;
    struct err err = {""};

    (void)state;
    plan_line_init(&line);
    line.specs[line.specs_count++] = job_of("file:size=64k,block=64k");
    assert_int_equal(sweep_axis_parse("job.size=4k", &line, &axis, &err), 0);
    assert_int_equal(sweep_axis_apply(&axis, 4096, &line, &err), -EINVAL);
    assert_non_null(strstr(err.text, "block"));
}

static void test_text(void **state)
{
    struct sweep_axis axis;
    struct err err = {""};
    char text[64];

    (void)state;
    assert_int_equal(parse("cpu=38%", "mixed", &axis, &err), 0);
    assert_string_equal(sweep_axis_phrase(&axis, 0.38, text, sizeof text), "38% CPU share");
    assert_int_equal(parse("rate=1", "null", &axis, &err), 0);
    assert_string_equal(sweep_axis_phrase(&axis, 337.5, text, sizeof text), "337.5/s");
    assert_int_equal(parse("duration=1ms", "sleep", &axis, &err), 0);
    assert_string_equal(sweep_axis_phrase(&axis, 0.0015, text, sizeof text), "jobs of 1500us");
    assert_int_equal(parse("job.size=4k", "file", &axis, &err), 0);
    assert_string_equal(sweep_axis_phrase(&axis, 4096, text, sizeof text), "size 4k");
    assert_string_equal(sweep_axis_unit_name(axis.unit), "bytes");
    assert_int_equal(parse("jobs=1,2", "null", &axis, &err), 0);
    assert_string_equal(sweep_axis_phrase(&axis, 1, text, sizeof text), "1 job at once");
    assert_string_equal(sweep_axis_phrase(&axis, 2, text, sizeof text), "2 jobs at once");
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *job, *says;
    } cases[] = {
        {"rate", "null", "NAME=RANGE"},
        {"rate=", "null", "NAME=RANGE"},
        {"=1", "null", "NAME=RANGE"},
        {"raet=1", "null", "\"rate\""},
        {"job.durtion=1ms", "sleep", "\"duration\""},
        {"duration=1ms", "null", "no parameter"},
        {"job.op=1", "file", "no number"},
        {"rate=2000..100:x1.5", "null", "empty"},
        {"rate=100..200", "null", "step"},
        {"rate=100..200:1.5", "null", "step"},
        {"rate=100..200:x1", "null", "above 1"},
        {"rate=100..200:x0.5", "null", "above 1"},
        {"rate=100..200:x-2", "null", "factor"},
        {"rate=100..200:xnan", "null", "factor"},
        {"rate=100..200:x", "null", "factor"},
        {"rate=100..200:+0", "null", "no step"},
        {"poison=0%..10%:+0%", "null", "above 0"},
        {"rate=100..200:+-5", "null", "no step"},
        {"rate=100..200:x1.0001", "null", "more than 200"},
        {"rate=1..1000:+1", "null", "more than 200"},
        {"poison=0%..10%:x2", "null", "from 0"},
        {"poison=101%", "null", "out of range"},
        {"rate=0", "null", "no value"},
        {"rate=1e3", "null", "no value"},
        {"rate=-5", "null", "no value"},
        {"rate=inf", "null", "no value"},
        {"rate=5,,6", "null", "no value"},
        {"jobs=0", "null", "out of range"},
        {"jobs=1.5", "null", "no value"},
        {"threads=40000", "null", "out of range"},
        {"duration=10", "sleep", "no value"},
        {"duration=2h", "sleep", "no value"},
        {"duration=3601s", "sleep", "out of range"},
        {"cpu=38", "mixed", "out of range"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sweep_axis axis;
        struct err err = {""};

        if (parse(cases[i].text, cases[i].job, &axis, &err) != -EINVAL)
            fail_msg("%s was taken", cases[i].text);
        if (strstr(err.text, cases[i].says) == NULL || strchr(err.text, '\n') != NULL)
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].text, err.text, cases[i].says);
    }
}

/* A parameter has several names; two axes may not give it values both. */
static void test_one_parameter_is_one_axis_by_whatever_name(void **state)
{
    const struct {
        const char *a, *b, *job;
        bool same;
    } cases[] = {
        {"duration=1ms", "job.1.duration=1ms", "sleep + cpu", true},
        {"job.duration=1ms", "job.2.duration=1ms", "cpu + sleep", true},
        {"job.1.duration=1ms", "job.2.duration=1ms", "sleep + sleep", false},
        {"cpu=1%", "job.cpu=1%", "mixed", true},
        {"jobs=1", "jobs=2", "null", true},
        {"jobs=1", "clients=2", "null", false},
        {"job.1.requests=1", "job.2.requests=1", "tcp + http", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sweep_axis a, b;
        struct plan_line line;
        struct err err = {""};

        plan_line_init(&line);
        line.specs[line.specs_count++] = job_of("null");
        line.specs[line.specs_count++] = job_of(cases[i].job);
        assert_int_equal(sweep_axis_parse(cases[i].a, &line, &a, &err), 0);
        assert_int_equal(sweep_axis_parse(cases[i].b, &line, &b, &err), 0);
        if (sweep_axis_same(&a, &b, &line) != cases[i].same)
            fail_msg("%s, %s", cases[i].a, cases[i].b);
    }
}

/* A job without the parameter stays as it is; one in which it may be either is refused. */
static void test_each_job_has_to_know_which_parameter_it_is(void **state)
{
    struct sweep_axis axis;
    struct plan_line line;
    struct err err = {""};

    (void)state;
    plan_line_init(&line);
    line.specs[line.specs_count++] = job_of("null");
    line.specs[line.specs_count++] = job_of("sleep + null");
    assert_int_equal(sweep_axis_parse("duration=1ms", &line, &axis, &err), 0);
    line.specs[line.specs_count++] = job_of("sleep + sleep");
    assert_int_equal(sweep_axis_parse("duration=1ms", &line, &axis, &err), -EINVAL);
    assert_non_null(strstr(err.text, "several parts of job sleep + sleep have a parameter"));
    line.specs_count = 1;
    assert_int_equal(sweep_axis_parse("job.duration=1ms", &line, &axis, &err), -EINVAL);
    line.specs[0] = job_of("cpu:time=1ms");
    assert_int_equal(sweep_axis_parse("job.rounds=5", &line, &axis, &err), -EINVAL);
    assert_string_equal(err.text, "job cpu: rounds and time exclude each other; give one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_end_is_reached),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_apply),
        cmocka_unit_test(test_applies),
        cmocka_unit_test(test_what_is_given_already),
        cmocka_unit_test(test_values_that_the_job_cannot_have),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_one_parameter_is_one_axis_by_whatever_name),
        cmocka_unit_test(test_each_job_has_to_know_which_parameter_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
