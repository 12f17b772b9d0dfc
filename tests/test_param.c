/* The promise: parameters are read as their table says or refused with one sentence that names what
 * is valid and offers the nearest; and every value shown is one that can be typed. */
#include "base/param.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000000ULL

static const char *const operations[] = {"read", "write", NULL};

static const struct param table[] = {
    {"bytes", PARAM_SIZE, 64, 1, 1 << 20, NULL, .help = "size of a request"},
    {"delay", PARAM_DURATION, 10 * MS, 0, 3600000 * MS, NULL, .help = "how long the reply is held"},
    {"requests", PARAM_COUNT, 1, 1, 1000, NULL, .help = "requests a job"},
    {"keep", PARAM_SWITCH, 0, 0, 1, NULL, .help = "keep connections open"},
    {"op", PARAM_CHOICE, 0, 0, 1, operations, .help = "what is done"},
    {"limit", PARAM_COUNT, 5, 2, UINT64_MAX, NULL, .help = "no upper limit"},
    {"share", PARAM_SHARE, 500000, 10000, PARAM_SHARE_ONE, NULL, .help = "of something"},
};

enum { BYTES, DELAY, REQUESTS, KEEP, OP, LIMIT, SHARE, N };

static int parse(const char *text, uint64_t *values, struct err *err)
{
    return param_parse(table, N, "job tcp", text, values, NULL, err);
}

static void test_no_text_is_all_defaults(void **state)
{
    const char *const nothing[] = {NULL, ""};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint64_t v[N] = {9, 9, 9, 9, 9, 9, 9};
        struct err err = {""};

        assert_int_equal(parse(nothing[i], v, &err), 0);
        assert_true(v[BYTES] == 64 && v[DELAY] == 10 * MS && v[REQUESTS] == 1);
        assert_true(v[KEEP] == 0 && v[OP] == 0 && v[LIMIT] == 5);
        assert_string_equal(err.text, "");
    }
}

static void test_each_kind_is_read(void **state)
{
    uint64_t v[N];
    struct err err;

    (void)state;
    assert_int_equal(parse("bytes=4k,delay=1.5ms,requests=1k,keep=on,op=write", v, &err), 0);
    assert_true(v[BYTES] == 4096 && v[DELAY] == 1500000 && v[REQUESTS] == 1000);
    assert_true(v[KEEP] == 1 && v[OP] == 1 && v[LIMIT] == 5);
    assert_int_equal(parse("limit=18446744073709551615", v, &err), 0);
    assert_true(v[LIMIT] == UINT64_MAX && v[BYTES] == 64);
}

static void test_shares(void **state)
{
    uint64_t v[N];
    struct err err;
    char text[32];

    (void)state;
    assert_int_equal(parse("share=38%", v, &err), 0);
    assert_true(v[SHARE] == 380000);
    assert_string_equal(param_format(&table[SHARE], v[SHARE], NULL, text, sizeof text), "38%");
    assert_int_equal(parse("share=0.125", v, &err), 0);
    assert_string_equal(param_format(&table[SHARE], v[SHARE], NULL, text, sizeof text), "12.5%");
    assert_int_equal(parse("share=12.3456%", v, &err), 0);
    assert_string_equal(param_format(&table[SHARE], v[SHARE], NULL, text, sizeof text), "12.3456%");
    assert_int_equal(parse("share=100%", v, &err), 0);
    assert_true(v[SHARE] == PARAM_SHARE_ONE);
    assert_int_equal(parse("share=0.9%", v, &err), -EINVAL);
    assert_non_null(strstr(err.text, "1% to 100%"));
    assert_int_equal(parse("share=101%", v, &err), -EINVAL);
    assert_non_null(strstr(err.text, "1% to 100%"));
    assert_int_equal(parse("share=half", v, &err), -EINVAL);
    assert_non_null(strstr(err.text, "38%"));
}

static void test_limits_are_inclusive(void **state)
{
    uint64_t v[N];
    struct err err;

    (void)state;
    assert_int_equal(parse("bytes=1,delay=0,requests=1000,limit=2", v, &err), 0);
    assert_int_equal(parse("bytes=1M,delay=3600s", v, &err), 0);
    assert_int_equal(parse("requests=0", v, &err), -EINVAL);
    assert_int_equal(parse("requests=1001", v, &err), -EINVAL);
    assert_int_equal(parse("delay=3600.000000001s", v, &err), -EINVAL);
}

static void test_a_duration_may_have_its_unit_in_the_key(void **state)
{
    const struct {
        const char *text;
        uint64_t ns;
    } good[] = {
        {"delay_ms=10", 10 * MS}, {"delay_us=7", 7000},     {"delay_ns=3", 3},
        {"delay_s=2", 2000 * MS}, {"delay_ms=0.5", MS / 2}, {"delay_ms=0", 0},
        {"ms=10", 10 * MS},       {"s=0.5", 500 * MS},      {"ns=7", 7},
    };
    const char *const bad[] = {"delay_ms=10ms", "delay_=10",     "delay_h=1",     "bytes_ms=10",
                               "_ms=10",        "dela_ms=1",     "delay_ms_ms=1", "ms=10ms",
                               "h=1",           "ms=1,delay=1ms"};
    const struct param two[] = {{"a", PARAM_DURATION, 0, 0, MS, NULL, .help = "one"},
                                {"b", PARAM_DURATION, 0, 0, MS, NULL, .help = "other"}};
    uint64_t v[N];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(parse(good[i].text, v, &err), 0);
        assert_true(v[DELAY] == good[i].ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(parse(bad[i], v, &err), -EINVAL);
    assert_int_equal(param_parse(two, 2, "job x", "ms=1", v, NULL, &err), -EINVAL); /* which? */
    assert_int_equal(param_parse(two, 1, "job x", "ms=1", v, NULL, &err), 0);
    assert_int_equal(param_parse(&table[BYTES], 1, "job x", "ms=1", v, NULL, &err), -EINVAL);
}

static void test_a_word_may_have_other_spellings(void **state)
{
    const char *const words[] = {"fixed", "exp|exponential|expo", NULL};
    const struct param p = {"dist", PARAM_CHOICE, 0, 0, 0, words, .help = "shape"};
    const char *const same[] = {"dist=exp", "dist=exponential", "dist=expo"};
    const char *const others[] = {"dist=ex", "dist=exp|exponential", "dist=|", "dist=onential"};
    struct err err = {""};
    uint64_t value;
    char buf[64];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        value = 99;
        assert_int_equal(param_parse(&p, 1, "job x", same[i], &value, NULL, &err), 0);
        assert_int_equal(value, 1);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(param_parse(&p, 1, "job x", others[i], &value, NULL, &err), -EINVAL);
        assert_non_null(strstr(err.text, "valid: fixed, exp"));
        assert_null(strstr(err.text, "expo,"));
    }
    assert_string_equal(param_format(&p, 1, NULL, buf, sizeof buf), "exp");
    assert_string_equal(param_unit(&p, buf, sizeof buf), "fixed|exp");
}

static void test_switches_take_the_usual_words(void **state)
{
    const char *const words[2][4] = {{"off", "0", "no", "false"}, {"on", "1", "yes", "true"}};
    uint64_t v[N];
    struct err err;
    char text[32];

    (void)state;
    for (uint64_t on = 0; on < 2; on++)
        for (size_t i = 0; i < 4; i++) {
            snprintf(text, sizeof text, "keep=%s", words[on][i]);
            assert_int_equal(parse(text, v, &err), 0);
            assert_true(v[KEEP] == on);
        }
}

static void test_refusals_say_what_is_valid(void **state)
{
    const char *const all = "valid: bytes, delay, requests, keep, op, limit";
    const struct {
        const char *text, *says, *also;
    } refused[] = {
        {"byte=64", "job tcp: unknown parameter \"byte\"; did you mean \"bytes\"? ", all},
        {"dely_ms=10", "did you mean \"delay\"? ", all},
        {"colour=red", "job tcp: unknown parameter \"colour\"; valid: ", all},
        {"delay=5d", "job tcp: delay=5d: not a duration; write for example 10ms", "(0 to 3600s)"},
        {"delay_ms=10ms", "not a number; the key has the unit already", "(0 to 3600s)"},
        {"bytes=lots", "job tcp: bytes=lots: not a size", "(1 to 1M)"},
        {"requests=2.5", "job tcp: requests=2.5: not a whole number", "(1 to 1k)"},
        {"requests=1001", "requests=1001: out of range", "valid: 1 to 1k"},
        {"delay=7200s", "delay=7200s: out of range", "valid: 0 to 3600s"},
        {"limit=1", "limit=1: out of range", "valid: at least 2"},
        {"limit=99999999999999999999", "out of range", "valid: at least 2"},
        {"op=raed", "op=raed: unknown word; did you mean \"read\"?", "valid: read, write"},
        {"keep=maybe", "keep=maybe: unknown word; valid:", "off, on"},
        {"bytes=1,bytes=2", "job tcp: bytes is given twice", ""},
        {"delay=1ms,delay_ms=1", "job tcp: delay is given twice", ""},
        {"bytes=", "job tcp: \"bytes\" has no value", "bytes=VALUE"},
        {"keep", "job tcp: \"keep\" has no value", "keep=VALUE"},
        {"=5", "has no name", "key=value"},
        {"bytes=1,,keep=on", "has no name", "key=value"},
        {"bytes=1,", "has no name", "key=value"},
    };
    uint64_t v[N];

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct err err = {""};
        int r = parse(refused[i].text, v, &err);

        if (r != -EINVAL || strstr(err.text, refused[i].says) == NULL ||
            strstr(err.text, refused[i].also) == NULL || strchr(err.text, '\n') != NULL)
            fail_msg("%s: result %d, says: %s", refused[i].text, r, err.text);
    }
}

static void test_endless_text_is_refused(void **state)
{
    char text[5000];
    uint64_t v[N];
    struct err err = {""};

    (void)state;
    memset(text, 'b', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(parse(text, v, &err), -EINVAL);
    text[5] = '=';
    assert_int_equal(parse(text, v, &err), -EINVAL);
    text[5] = 'b';
    text[4000] = '=';
    assert_int_equal(parse(text, v, &err), -EINVAL);
    assert_int_equal(parse(text, v, NULL), -EINVAL);
}

static void test_a_job_without_parameters_says_so(void **state)
{
    uint64_t v[1];
    struct err err = {""};

    (void)state;
    assert_int_equal(param_parse(NULL, 0, "job null", "", v, NULL, &err), 0);
    assert_int_equal(param_parse(NULL, 0, "job null", "a=1", v, NULL, &err), -EINVAL);
    assert_non_null(strstr(err.text, "job null: unknown parameter \"a\"; it takes none"));
}

static void test_what_is_shown_can_be_typed(void **state)
{
    const uint64_t values[N] = {4096, 1500000, 12, 1, 1, 1000, 380000};
    const char *const shown[N] = {"4k", "1500us", "12", "on", "write", "1k", "38%"};
    const char *const units[N] = {"bytes",      "duration", "count", "on|off",
                                  "read|write", "count",    "share"};
    char buf[64], text[64];
    uint64_t v[N];
    struct err err;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        assert_string_equal(param_format(&table[i], values[i], NULL, buf, sizeof buf), shown[i]);
        snprintf(text, sizeof text, "%s=%s", table[i].name, shown[i]);
        assert_int_equal(parse(text, v, &err), 0);
        assert_true(v[i] == values[i]);
        assert_string_equal(param_unit(&table[i], buf, sizeof buf), units[i]);
    }
}

static const char *const path_default[] = {"/", NULL};

static const struct param texts_table[] = {
    {"path", PARAM_TEXT, 0, 0, 10, path_default, .help = "path"},
    {"n", PARAM_COUNT, 3, 0, 9, NULL, .help = "count"},
    {"name", PARAM_TEXT, 0, 0, 300, path_default, .help = "name"},
};

static void test_texts_are_kept_as_they_are(void **state)
{
    struct param_texts texts = {.used = 0}, copy;
    struct err err = {""};
    uint64_t v[3];
    char buf[64];

    (void)state;
    assert_int_equal(param_parse(texts_table, 3, "job x", "path=/a=b?c,n=4", v, &texts, &err), 0);
    copy = texts;
    assert_string_equal(param_text(&texts_table[0], v[0], &copy), "/a=b?c");
    assert_string_equal(param_text(&texts_table[2], v[2], &copy), "/");
    assert_true(v[1] == 4);
    assert_string_equal(param_format(&texts_table[0], v[0], &copy, buf, sizeof buf), "/a=b?c");
    assert_string_equal(param_format(&texts_table[1], v[1], &copy, buf, sizeof buf), "4");
    assert_string_equal(param_format(&texts_table[0], 0, NULL, buf, sizeof buf), "/");
    assert_string_equal(param_unit(&texts_table[0], buf, sizeof buf), "text");
}

static void test_texts_that_would_not_survive_are_refused(void **state)
{
    const struct {
        const char *text, *says;
    } cases[] = {
        {"", "is empty"},   {"a b", "a blank"},    {"a\tb", "a blank"},
        {"a,b", "a comma"}, {"a\177b", "control"}, {"12345678901", "at most 10 bytes"},
    };
    struct param_texts texts = {.used = 0};
    struct err err;
    uint64_t value = 99;
    char list[400];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(
            param_set_text(&texts_table[0], "job x", cases[i].text, &value, &texts, &err), -EINVAL);
        assert_true(value == 99 && texts.used == 0);
        if (strstr(err.text, cases[i].says) == NULL || strstr(err.text, "job x: path") == NULL)
            fail_msg("%s: %s", cases[i].text, err.text);
    }
    snprintf(list, sizeof list, "name=%0*d", PARAM_TEXTS_MAX, 0); /* more than there is room for */
    {
        uint64_t v[3];

        assert_int_equal(param_parse(texts_table, 3, "job x", list, v, &texts, &err), -EINVAL);
        assert_non_null(strstr(err.text, "too long"));
        assert_int_equal(param_parse(texts_table, 3, "job x", "path=/x", v, NULL, &err), -EINVAL);
    }
}

/* Whatever the values: one that is given as its default is given. */
static void test_of_those_that_exclude_each_other_one_is_given(void **state)
{
    const struct param some[] = {{"n", PARAM_COUNT, 3, 0, 9, .help = "count", .either = true},
                                 {"m", PARAM_COUNT, 3, 0, 9, .help = "other"},
                                 {"t", PARAM_DURATION, 0, 0, MS, .help = "time", .either = true}};
    const char *const bad[] = {"n=3,t=1ns", "t=1ns,n=3", "t=0ns,m=1,n=5"};
    uint64_t v[3];
    struct err err;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(param_parse(some, 3, "job x", bad[i], v, NULL, &err), -EINVAL);
        assert_string_equal(err.text, "job x: n and t exclude each other; give one");
    }
    assert_int_equal(param_parse(some, 3, "job x", "t=1ns,m=3", v, NULL, &err), 0);
    assert_int_equal(param_parse(some, 3, "job x", "m=1,n=3", v, NULL, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_text_is_all_defaults),
        cmocka_unit_test(test_each_kind_is_read),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_limits_are_inclusive),
        cmocka_unit_test(test_a_duration_may_have_its_unit_in_the_key),
        cmocka_unit_test(test_a_word_may_have_other_spellings),
        cmocka_unit_test(test_switches_take_the_usual_words),
        cmocka_unit_test(test_refusals_say_what_is_valid),
        cmocka_unit_test(test_endless_text_is_refused),
        cmocka_unit_test(test_a_job_without_parameters_says_so),
        cmocka_unit_test(test_what_is_shown_can_be_typed),
        cmocka_unit_test(test_texts_are_kept_as_they_are),
        cmocka_unit_test(test_texts_that_would_not_survive_are_refused),
        cmocka_unit_test(test_of_those_that_exclude_each_other_one_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
