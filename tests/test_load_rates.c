/* The promise: a rate that changes is read exactly or refused with a sentence, its text reads back
 * as the same, and jobs are wanted when the area under it has reached their number. */
#include "load/rates.h"

#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct load_rates read_rates(const char *text)
{
    struct load_rates r;
    struct err err = {""};

    assert_true(load_rates_are_in(text));
    if (load_rates_parse(text, &r, &err) != 0)
        fail_msg("\"%s\" %s", text, err.text);
    return r;
}

static void pieces_are_read_exactly(void **state)
{
    struct load_rates r = read_rates("200/s@10s,100..500/s@1500ms,2k@5s");

    (void)state;
    assert_int_equal(r.count, 3);
    assert_true(r.pieces[0].from_per_s == 200 && r.pieces[0].to_per_s == 200);
    assert_true(r.pieces[1].from_per_s == 100 && r.pieces[1].to_per_s == 500);
    assert_true(r.pieces[2].from_per_s == 2000 && r.pieces[2].to_per_s == 2000);
    assert_int_equal(r.pieces[1].duration_ns, 1500 * NS_PER_MS);
    assert_int_equal(load_rates_duration_ns(&r), 16500 * NS_PER_MS);
    assert_true(load_rates_most_per_s(&r) == 2000);
    assert_float_equal(load_rates_mean_per_s(&r), (2000 + 450 + 10000) / 16.5, 1e-9);
    r = read_rates("100..2k/s");
    assert_int_equal(r.count, 1);
    assert_int_equal(r.pieces[0].duration_ns, 0);
    assert_false(load_rates_are_in("100,200/s"));
}

static void texts_read_back(void **state)
{
    static const char *const texts[][2] = {
        {"100..2000/s", "100..2000/s"},
        {"100/s..2k/s@10000ms", "100..2000/s@10s"},
        {"200/s@10s,800@10s", "200/s@10s,800/s@10s"},
        {"0.1..0.3/s@1ns,0.7/s@5400000ms", "0.1..0.3/s@1ns,0.7/s@5400s"},
        {"5..5/s@1s", "5/s@1s"},
    };
    char text[LOAD_RATES_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct load_rates first = read_rates(texts[i][0]), again;

        assert_string_equal(load_rates_format(&first, text, sizeof text), texts[i][1]);
        again = read_rates(text);
        assert_memory_equal(first.pieces, again.pieces, first.count * sizeof *first.pieces);
    }
}

static void nonsense_is_refused_in_a_sentence(void **state)
{
    static const char *const texts[][2] = {
        {"1..2..3/s", "is no rate that changes"},
        {"0..100/s", "is no rate that changes"},
        {"..", "is no rate that changes"},
        {"@1s", "is no rate that changes"},
        {"5/s@", "is no rate that changes"},
        {"5/s@0s", "is no rate that changes"},
        {"5/s@25h", "is no rate that changes"},
        {"5/s@1s@1s", "is no rate that changes"},
        {"1..2/s@1s,", "is no rate that changes"},
        {"1..2/s,3/s@1s", "has a piece without a time"},
        {"1@1s,1@1s,1@1s,1@1s,1@1s,1@1s,1@1s,1@1s,1@1s,1@1s,1@1s,1@1s,1@1s", "more than 12 pieces"},
    };
    char text[2 * LOAD_RATES_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct load_rates r = {.count = 4711};
        struct err err = {""};

        assert_int_equal(load_rates_parse(texts[i][0], &r, &err), -EINVAL);
        assert_int_equal(r.count, 4711);
        if (strstr(err.text, texts[i][1]) == NULL)
            fail_msg("\"%s\" %s", texts[i][0], err.text);
    }
    memset(text, '1', sizeof text);
    strcpy(text + sizeof text - 8, "..2@1s");
    assert_int_equal(load_rates_parse(text, &(struct load_rates){0}, &(struct err){""}), -EINVAL);
}

/* 10/s for 2 s, then 10/s to 30/s in 4 s, then 30/s to 10/s in 2 s: 20, 80 and 40 jobs. */
static void jobs_come_with_the_area_under_the_rate(void **state)
{
    struct load_rates r = read_rates("10/s@2s,10..30/s@4s,30..10/s@2s");
    static const double wanted[][2] = {
        {0, 0},           {5, 0.5}, {20, 2},
        {20 + 30, 2 + 2}, /* of 10 t + 2.5 t^2 */
        {100, 6},         {125, 7}, /* of 30 t - 5 t^2 */ {140, 8},
        {150, 9}, /* 10/s goes on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_float_equal(load_rates_when_ns(&r, wanted[i][0]) / NS_PER_S, wanted[i][1], 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_read_exactly),
        cmocka_unit_test(texts_read_back),
        cmocka_unit_test(nonsense_is_refused_in_a_sentence),
        cmocka_unit_test(jobs_come_with_the_area_under_the_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
