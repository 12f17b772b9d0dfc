/* The promise: an option that a command does not have is told with the nearest one that it has,
 * before argp sees it; what argp would take, passes. */
#include "cli/options_known.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct argp_option cells[] = {
    {NULL, 0, NULL, 0, "What to measure:", 1},
    {"job", 1000, "JOB", 0, "what", 1},
    {"jobs", 1001, "N", 0, "how many", 1},
    {"color", 1002, "WHEN", OPTION_ARG_OPTIONAL, "when", 1},
    {0},
};
static const struct argp cells_argp = {.options = cells};
static const struct argp_child children[] = {{&cells_argp, 0, NULL, 0}, {0}};
static const struct argp_option own[] = {
    {"output", 'o', "FILE", 0, "where to", 0},
    {"quiet", 'q', NULL, 0, "say less", 0},
    {0},
};
static const struct argp table = {.options = own, .children = children};

#define KNOWN(...)                                                                                 \
    known((const char *[]){"tva x", __VA_ARGS__},                                                  \
          sizeof((const char *[]){"tva x", __VA_ARGS__}) / sizeof(char *))

static struct err err;

static int known(const char *const *words, size_t n)
{
    char text[8][32];
    char *argv[8];

    assert_true(n <= 8);
    for (size_t i = 0; i < n; i++)
        argv[i] = strcpy(text[i], words[i]);
    err.text[0] = '\0';
    return options_known(&table, words[0], (int)n, argv, &err);
}

static void test_what_a_command_has_passes(void **state)
{
    (void)state;
    assert_int_equal(KNOWN("--jobs", "5", "--job=null", "-q", "-o", "file", "word"), 0);
    assert_int_equal(KNOWN("--out", "file", "--quiet", "--help"), 0); /* short forms */
    assert_int_equal(KNOWN("--version", "--usage"), 0);
    assert_string_equal(err.text, "");
}

static void test_values_and_what_follows_two_dashes_are_no_options(void **state)
{
    (void)state;
    assert_int_equal(KNOWN("--job", "--nonsense"), 0);
    assert_int_equal(KNOWN("-o", "--nonsense"), 0);
    assert_int_equal(KNOWN("--", "--nonsense"), 0);
    assert_int_equal(KNOWN("-", "--job=--nonsense"), 0);
    assert_int_equal(KNOWN("-q", "--nonsense"), -EINVAL);
    assert_int_equal(KNOWN("--color", "--nonsense"), -EINVAL); /* its value would be behind a = */
    assert_int_equal(KNOWN("-ofile", "--nonsense"), -EINVAL);
    assert_int_equal(KNOWN("--output=file", "--nonsense"), -EINVAL);
}

static void test_others_are_told_with_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(KNOWN("--quiet", "--jbos", "5"), -EINVAL);
    assert_string_equal(err.text, "unknown option \"--jbos\"; did you mean \"--jobs\"? 'tva x "
                                  "--help' lists them");
    assert_int_equal(KNOWN("--ouptut=file"), -EINVAL);
    assert_non_null(strstr(err.text, "\"--ouptut\"; did you mean \"--output\"?"));
    assert_int_equal(KNOWN("--hlep"), -EINVAL);
    assert_non_null(strstr(err.text, "did you mean \"--help\"?"));
    assert_int_equal(KNOWN("--frobnicate"), -EINVAL);
    assert_string_equal(err.text, "unknown option \"--frobnicate\"; 'tva x --help' lists them");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_command_has_passes),
        cmocka_unit_test(test_values_and_what_follows_two_dashes_are_no_options),
        cmocka_unit_test(test_others_are_told_with_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
