/* The promise: a slip of the fingers finds the name that was meant, and a word that is no slip
 * finds nothing. */
#include "base/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"sequential", "tasks", "pool",  "blocking", "tcp",
                                    "sleep",      "file",  "bytes", "delay",    "p"};

static const char *nearest(const char *word)
{
    return suggest_nearest(word, names, sizeof names / sizeof *names);
}

static void test_slips_find_their_name(void **state)
{
    const char *const slips[][2] = {
        {"byte", "bytes"},           /* a letter missing */
        {"sleeep", "sleep"},         /* a letter too many */
        {"dalay", "delay"},          /* a letter wrong */
        {"tpc", "tcp"},              /* neighbours swapped */
        {"TCP", "tcp"},              /* case */
        {"seqential", "sequential"}, /* longer words may differ more */
        {"sequntail", "sequential"},
        {"blockng", "blocking"},
        {"tasks", "tasks"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        assert_non_null(nearest(slips[i][0]));
        assert_string_equal(nearest(slips[i][0]), slips[i][1]);
    }
}

static void test_other_words_find_nothing(void **state)
{
    const char *const words[] = {"",   "x",    "http", "threads", "sequester",
                                 "--", "lisp", "taxi", "12345",   "sleeping"};
    char endless[1000];

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_null(nearest(words[i]));
    memset(endless, 's', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_null(nearest(endless));
    assert_null(suggest_nearest("tcp", names, 0));
}

static void test_the_nearer_wins_then_the_first(void **state)
{
    const char *const close[] = {"delays", "delayed", "delay"};
    const char *const equal[] = {"read", "lead"};

    (void)state;
    assert_string_equal(suggest_nearest("delay", close, 3), "delay");
    assert_string_equal(suggest_nearest("delaye", close, 3), "delays");
    assert_string_equal(suggest_nearest("dead", equal, 2), "read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slips_find_their_name),
        cmocka_unit_test(test_other_words_find_nothing),
        cmocka_unit_test(test_the_nearer_wins_then_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
