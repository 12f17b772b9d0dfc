/* The promise: text that is cut to a width ends with a whole character, and what fits is not cut.
 */
#include "base/err.h"
#include "base/text.h"
#include "result/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_character_fits_as_a_whole(void **state)
{
    static const struct {
        const char *text;
        size_t most, fits;
    } cases[] = {
        {"", 0, 0},   {"ab", 0, 0}, {"ab", 1, 1},  {"ab", 2, 2},    {"ab", 3, 2},
        {"aé", 2, 1}, {"aé", 3, 3}, {"a€b", 2, 1}, {"a€b", 3, 1},   {"a€b", 4, 4},
        {"a😀", 4, 1}, {"a😀", 5, 5}, {"é", 1, 0},   {"a\xe9", 9, 2}, {"a\x80z", 2, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_fit(cases[i].text, cases[i].most), cases[i].fits);
}

static void added_text_is_cut_between_characters(void **state)
{
    char text[8] = "abc";

    (void)state;
    text_add(text, sizeof text, "dé€");
    assert_string_equal(text, "abcdé");
}

static void a_sentence_is_cut_between_characters(void **state)
{
    struct err err;
    char name[2 * sizeof err.text + 1];

    (void)state;
    for (size_t i = 0; i < sizeof err.text; i++)
        memcpy(name + 2 * i, "é", 3);
    assert_int_equal(err_set(&err, -1, "%s", name), -1);
    assert_int_equal(strlen(err.text), sizeof err.text - 2);
}

static void a_label_is_cut_between_characters(void **state)
{
    static const char model[] = "123456789-123456789-123456789-123456789-1234567é!";
    json_t *cell = json_pack("{s:s, s:i}", "model", model, "threads", 6);
    char label[RESULT_LABEL];

    (void)state;
    assert_string_equal(result_label(cell, label, sizeof label),
                        "123456789-123456789-123456789-123456789-1234567(6)");
    json_decref(cell);
}

static void a_plural_is_of_more_or_less_than_one(void **state)
{
    (void)state;
    assert_string_equal(TEXT_S(1), "");
    assert_string_equal(TEXT_S(1.0), "");
    assert_string_equal(TEXT_S((uint64_t)0), "s");
    assert_string_equal(TEXT_S(2u), "s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_character_fits_as_a_whole),
        cmocka_unit_test(added_text_is_cut_between_characters),
        cmocka_unit_test(a_sentence_is_cut_between_characters),
        cmocka_unit_test(a_label_is_cut_between_characters),
        cmocka_unit_test(a_plural_is_of_more_or_less_than_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
