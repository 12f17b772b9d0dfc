/* The promise: what people write as a rate or a share is read exactly or refused, its text reads
 * back as the same value, and a sentence refuses a load that cannot be, or that no memory holds,
 * before anything runs. */
#include "base/units.h"
#include "load/load.h"

#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

typedef int parse_fn(const char *text, double *out);

static void check_read(parse_fn *parse, const char *text, double expected)
{
    double value = -1;

    if (parse(text, &value) != 0 || value != expected)
        fail_msg("\"%s\" is read as %.17g", text, value);
}

static void check_refused(parse_fn *parse, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double value = 4711;

        if (parse(texts[i], &value) != -EINVAL || value != 4711)
            fail_msg("\"%s\" is read as %.17g", texts[i], value);
    }
}

static void test_rates_are_read(void **state)
{
    static const char *const wrong[] = {"",       "0",     "0/s",  "-5/s",   "x",         "5/m",
                                        "500 /s", "/s",    "k/s",  "5k k",   "1e3/s",     "nan",
                                        "inf/s",  "0x5/s", ".5/s", "5./s",   "1.2.3",     " 5",
                                        "5/s ",   "5/sec", "5s",   "10kG/s", "9999999G/s"};

    (void)state;
    check_read(load_parse_rate, "500/s", 500);
    check_read(load_parse_rate, "500", 500);
    check_read(load_parse_rate, "0.5/s", 0.5);
    check_read(load_parse_rate, "2k/s", 2000);
    check_read(load_parse_rate, "2.5k", 2500);
    check_read(load_parse_rate, "1M/s", 1e6);
    check_refused(load_parse_rate, wrong, COUNT_OF(wrong));
}

static void test_texts_read_back_as_the_same_value(void **state)
{
    static const double values[] = {500,        0.5,  1e6,        100 * 1.5 * 1.5 * 1.5,
                                    1.0 / 3,    1e-6, 2.0 / 7,    333.25,
                                    123456.789, 1e12, 100.0 / 3.0};
    char text[64];

    (void)state;
    assert_string_equal(load_format_rate(500, text, sizeof text), "500/s");
    assert_string_equal(load_format_rate(0.5, text, sizeof text), "0.5/s");
    assert_string_equal(load_format_share(0.02, text, sizeof text), "2%");
    assert_string_equal(load_format_share(0.005, text, sizeof text), "0.5%");
    assert_string_equal(load_format_share(1, text, sizeof text), "100%");
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        double share = 1 / (1 + fmod(values[i], 1e6));

        check_read(load_parse_rate, load_format_rate(values[i], text, sizeof text), values[i]);
        check_read(units_parse_share, load_format_share(share, text, sizeof text), share);
    }
}

static struct load open_load(double rate, uint64_t duration_ns)
{
    struct load load = {.kind = LOAD_OPEN, .rate_per_s = rate, .duration_ns = duration_ns};

    return load;
}

static void test_groups_tell_the_load(void **state)
{
    struct load batch = {.kind = LOAD_BATCH};
    struct load closed = {.kind = LOAD_CLOSED, .clients = 16, .duration_ns = 10 * NS_PER_S};
    struct load open = open_load(500, 10 * NS_PER_S);
    char text[LOAD_TEXT_SIZE];

    (void)state;
    assert_string_equal(load_format(&batch, 100, text, sizeof text), " x 100");
    assert_string_equal(load_format(&closed, 0, text, sizeof text), ", 16 clients 10s");
    closed.clients = 1;
    closed.duration_ns = 0;
    assert_string_equal(load_format(&closed, 50, text, sizeof text), ", 1 client x 50");
    open.drain_ns = load_drain_default_ns(&open, 0);
    assert_string_equal(load_format(&open, 0, text, sizeof text), " @ 500/s poisson 10s");
    open.arrivals = LOAD_CONSTANT;
    open.limit = 64;
    open.drain_ns = NS_PER_S;
    open.poison = 0.02;
    assert_string_equal(load_format(&open, 0, text, sizeof text),
                        " @ 500/s constant 10s, limit 64, drain 1s, 2% poison");
}

static void test_defaults_follow_the_duration(void **state)
{
    struct load shorter = open_load(100, 2 * NS_PER_S), longer = open_load(100, 60 * NS_PER_S);

    (void)state;
    assert_int_equal(load_warmup_default_ns(&shorter), NS_PER_S / 5);
    assert_int_equal(load_warmup_default_ns(&longer), NS_PER_S);
    assert_int_equal(load_drain_default_ns(&shorter, 0), 2 * NS_PER_S);
    assert_int_equal(load_drain_default_ns(&longer, 0), 10 * NS_PER_S);
    assert_int_equal(load_drain_default_ns(&shorter, 300), 3 * NS_PER_S);
}

static void test_jobs_and_span_are_expected(void **state)
{
    struct load open = open_load(200, 3 * NS_PER_S), closed = {.kind = LOAD_CLOSED, .clients = 4};

    (void)state;
    assert_true(load_expected_jobs(&open, 0, 10) == 610);
    open.warmup_ns = NS_PER_S;
    assert_true(load_expected_jobs(&open, 0, 0) == 800);
    assert_int_equal(load_span_ns(&open, 0, 0), 4 * NS_PER_S);
    open.duration_ns = 0;
    assert_true(load_expected_jobs(&open, 100, 0) == 300);
    assert_true(load_expected_jobs(&closed, 100, 10) == 110);
    assert_int_equal(load_span_ns(&closed, 100, 10), 0);
    closed.duration_ns = 5 * NS_PER_S;
    assert_true(load_expected_jobs(&closed, 0, 10) == 0);
    assert_int_equal(load_span_ns(&closed, 0, 10), 5 * NS_PER_S);
}

static void check_sentence(struct load load, uint64_t jobs, uint64_t warmup, const char *part)
{
    struct err err = {""};

    assert_int_equal(load_check(&load, jobs, warmup, &err), -EINVAL);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

static void test_nonsense_is_refused_in_a_sentence(void **state)
{
    struct load closed = {.kind = LOAD_CLOSED, .clients = 4};
    struct load batch = {.kind = LOAD_BATCH};
    struct load good = open_load(500, 10 * NS_PER_S);
    struct err err = {""};

    (void)state;
    assert_int_equal(load_check(&good, 0, 0, &err), 0);
    assert_int_equal(load_check(&batch, LOAD_JOBS_MAX, 0, &err), 0);
    good.arrivals = LOAD_CONSTANT;
    good.rate_per_s = 1e6;
    assert_int_equal(load_check(&good, 0, 0, &err), 0);
    check_sentence(good, 0, 1, "holds at most 10000000");
    good.arrivals = LOAD_POISSON; /* which may as well bring a few more than the mean */
    check_sentence(good, 0, 0, "a rate of 1000000/s for 10s");
    check_sentence(open_load(1e12, 80000 * NS_PER_S), 0, 0, "holds at most");
    check_sentence(open_load(0.01, 10 * NS_PER_S), 0, 0, "less than one job");
    check_sentence(open_load(0.0001, 0), 100, 0, "longer than a day");
    check_sentence(open_load(1, 86401 * NS_PER_S), 0, 0, "a duration of 86401s");
    check_sentence(closed, LOAD_JOBS_MAX, 1, "10,000,001 jobs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates_are_read),
        cmocka_unit_test(test_texts_read_back_as_the_same_value),
        cmocka_unit_test(test_groups_tell_the_load),
        cmocka_unit_test(test_defaults_follow_the_duration),
        cmocka_unit_test(test_jobs_and_span_are_expected),
        cmocka_unit_test(test_nonsense_is_refused_in_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
