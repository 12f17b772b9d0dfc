/* The promise: what people write as a duration, size or count is read exactly or refused, never
 * rounded or wrapped; and every exact text reads back as the value it was made from. */
#include "base/units.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

typedef int parse_fn(const char *text, uint64_t *out);

struct reading {
    const char *text;
    uint64_t value;
};

static void check_read(parse_fn *parse, const struct reading *readings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t value = 1;
        int r = parse(readings[i].text, &value);

        if (r != 0 || value != readings[i].value)
            fail_msg("\"%s\": result %d, value %llu", readings[i].text, r,
                     (unsigned long long)value);
    }
}

static void check_refused(parse_fn *parse, const char *const *texts, size_t n, int error)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t value = 4711;
        int r = parse(texts[i], &value);

        if (r != error || value != 4711)
            fail_msg("\"%s\": result %d, value %llu", texts[i], r, (unsigned long long)value);
    }
}

static void test_durations_are_read(void **state)
{
    const struct reading readings[] = {
        {"7ns", 7},
        {"250us", 250000},
        {"10ms", 10000000},
        {"1s", 1000000000},
        {"1.5s", 1500000000},
        {"0.25ms", 250000},
        {"1.500us", 1500},
        {"1.0ns", 1},
        {"0.000000001s", 1},
        {"0", 0},
        {"0.0", 0},
        {"0s", 0},
        {"18446744073709551615ns", UINT64_MAX},
        {"18446744073.709551615s", UINT64_MAX},
    };

    (void)state;
    check_read(units_parse_duration, readings, COUNT_OF(readings));
}

static void test_other_durations_are_refused(void **state)
{
    const char *const wrong[] = {"",         "10",
                                 "ms",       "-1ms",
                                 "+1ms",     " 1ms",
                                 "1ms ",     "1 ms",
                                 "5d",       "1m",
                                 "1h",       ".5s",
                                 "5.s",      "1.2.3s",
                                 "1e3ms",    "0x1s",
                                 "1MS",      "1msx",
                                 "1,5s",     "0.",
                                 ".",        "0.5ns",
                                 "1.0001us", "inf",
                                 "nan",      "99999999999999999999999x"};
    const char *const large[] = {"18446744073709551616ns", "18446744073.709551616s", "18446744074s",
                                 "99999999999999999999999999ms"};

    (void)state;
    check_refused(units_parse_duration, wrong, COUNT_OF(wrong), -EINVAL);
    check_refused(units_parse_duration, large, COUNT_OF(large), -ERANGE);
}

static void test_sizes_are_read(void **state)
{
    const struct reading readings[] = {
        {"0", 0},
        {"4096", 4096},
        {"4096B", 4096},
        {"4k", 4096},
        {"4K", 4096},
        {"4kB", 4096},
        {"4KiB", 4096},
        {"16M", 16777216},
        {"2G", 2147483648ULL},
        {"2GiB", 2147483648ULL},
        {"17179869183G", 17179869183ULL << 30},
    };
    const char *const wrong[] = {"",    "k",   "-1", "1.5k", "4iB", "4 k",
                                 "4kb", "4kk", "4m", "4T",   "B"};
    const char *const large[] = {"18446744073709551616", "17179869184G"};

    (void)state;
    check_read(units_parse_size, readings, COUNT_OF(readings));
    check_refused(units_parse_size, wrong, COUNT_OF(wrong), -EINVAL);
    check_refused(units_parse_size, large, COUNT_OF(large), -ERANGE);
}

static void test_counts_are_read(void **state)
{
    const struct reading readings[] = {
        {"0", 0},
        {"007", 7},
        {"1000", 1000},
        {"10k", 10000},
        {"3M", 3000000},
        {"2G", 2000000000},
        {"18446744073709551615", UINT64_MAX},
    };
    const char *const wrong[] = {"", "k", "-1", "+1", "1.5", "1kB", "ten", "1,000", "1 "};
    const char *const large[] = {"18446744073709551616", "18446744073709552k"};

    (void)state;
    check_read(units_parse_count, readings, COUNT_OF(readings));
    check_refused(units_parse_count, wrong, COUNT_OF(wrong), -EINVAL);
    check_refused(units_parse_count, large, COUNT_OF(large), -ERANGE);
}

static void test_durations_show_three_digits(void **state)
{
    const struct {
        double ns;
        const char *text;
    } shown[] = {
        {0, "0 ns"},         {870, "870 ns"},      {7, "7.00 ns"},        {0.25, "0.250 ns"},
        {999.4, "999 ns"},   {999.6, "1.00 us"},   {10.4e6, "10.4 ms"},   {1.02e9, "1.02 s"},
        {99.96e6, "100 ms"}, {9.996e6, "10.0 ms"}, {-10.4e6, "-10.4 ms"}, {12345e9, "12345 s"},
        {1e300, "1e+291 s"},
    };
    char buf[32];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(shown); i++)
        assert_string_equal(units_format_duration(shown[i].ns, buf, sizeof buf), shown[i].text);
}

static void test_sizes_and_counts_show(void **state)
{
    char buf[32];

    (void)state;
    assert_string_equal(units_format_size(0, buf, sizeof buf), "0 B");
    assert_string_equal(units_format_size(512, buf, sizeof buf), "512 B");
    assert_string_equal(units_format_size(160.25, buf, sizeof buf), "160 B");
    assert_string_equal(units_format_size(1023.9, buf, sizeof buf), "1.00 KiB");
    assert_string_equal(units_format_size(4218.9, buf, sizeof buf), "4.12 KiB");
    assert_string_equal(units_format_size(1048576, buf, sizeof buf), "1.00 MiB");
    assert_string_equal(units_format_size(5e12, buf, sizeof buf), "4.55 TiB");
    assert_string_equal(units_format_count(0, buf, sizeof buf), "0");
    assert_string_equal(units_format_count(999, buf, sizeof buf), "999");
    assert_string_equal(units_format_count(12345, buf, sizeof buf), "12,345");
    assert_string_equal(units_format_count(UINT64_MAX, buf, sizeof buf),
                        "18,446,744,073,709,551,615");
}

static void test_shares_are_read(void **state)
{
    const char *const bad[] = {"", "%", "x", "-1%", "1e-2", "5 %", "5%%", "inf", ".", "nan", "5.%"};
    double value = -1;

    (void)state;
    assert_int_equal(units_parse_share("38%", &value), 0);
    assert_true(value == 0.38);
    assert_int_equal(units_parse_share("0.5", &value), 0);
    assert_true(value == 0.5);
    assert_int_equal(units_parse_share("0", &value), 0);
    assert_true(value == 0);
    assert_int_equal(units_parse_share("100%", &value), 0);
    assert_true(value == 1);
    assert_int_equal(units_parse_share("100.1%", &value), -ERANGE);
    assert_int_equal(units_parse_share("38", &value), -ERANGE);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(units_parse_share(bad[i], &value), -EINVAL);
    assert_true(value == 1);
}

static void test_short_buffers_are_not_overrun(void **state)
{
    char buf[8] = "......|";

    (void)state;
    assert_string_equal(units_format_count(1234567, buf, 6), "1,234");
    assert_int_equal(buf[6], '|');
    assert_string_equal(units_format_duration(10.4e6, buf, 5), "10.4");
    assert_int_equal(buf[6], '|');
}

static void test_exact_texts_read_back(void **state)
{
    const uint64_t values[] = {0,          1,          999,
                               1000,       1024,       1500,
                               4096,       1500000,    10000000,
                               1000000000, 123456789,  3600000000000ULL,
                               1ULL << 30, 1ULL << 40, UINT64_MAX - 1,
                               UINT64_MAX};
    char buf[32];
    uint64_t back;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        assert_int_equal(units_parse_duration(units_exact_duration(values[i], buf, 32), &back), 0);
        assert_true(back == values[i]);
        assert_int_equal(units_parse_size(units_exact_size(values[i], buf, 32), &back), 0);
        assert_true(back == values[i]);
        assert_int_equal(units_parse_count(units_exact_count(values[i], buf, 32), &back), 0);
        assert_true(back == values[i]);
    }
    assert_string_equal(units_exact_duration(10000000, buf, 32), "10ms");
    assert_string_equal(units_exact_duration(1500000, buf, 32), "1500us");
    assert_string_equal(units_exact_size(4096, buf, 32), "4k");
    assert_string_equal(units_exact_size(0, buf, 32), "0");
    assert_string_equal(units_exact_count(5000, buf, 32), "5k");
    assert_string_equal(units_exact_count(1001, buf, 32), "1001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_are_read),
        cmocka_unit_test(test_other_durations_are_refused),
        cmocka_unit_test(test_sizes_are_read),
        cmocka_unit_test(test_counts_are_read),
        cmocka_unit_test(test_durations_show_three_digits),
        cmocka_unit_test(test_sizes_and_counts_show),
        cmocka_unit_test(test_shares_are_read),
        cmocka_unit_test(test_short_buffers_are_not_overrun),
        cmocka_unit_test(test_exact_texts_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
