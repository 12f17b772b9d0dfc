/* The promise: a word that is written for a shell comes back from one as it was, whatever is in it,
 * and from a line of a suite; what needs no quotes has none. */
#include "base/text.h"
#include "cli/args.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const words[] = {
    "a&b;c",        "$(false)", "`false`", "a b",   "*",  "?x=[1]", "~",
    "tcp:bytes=64", "a\nb",     "#x",      "a#b",   "\"", "\\",     "!x",
    "<a>",          "{a,b}",    "(x)",     "$HOME", "|",  "",       "a\tb",
};

static void test_a_shell_takes_words_as_they_were(void **state)
{
    char line[1024] = "printf '%s\\0'", back[1024];
    size_t at = 0, len;
    FILE *shell;

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        text_add(line, sizeof line, " ");
        text_add_word(line, sizeof line, words[i]);
    }
    text_add(line, sizeof line, " ");
    text_add_word(line, sizeof line, "it's");
    shell = popen(line, "re");
    assert_non_null(shell);
    len = fread(back, 1, sizeof back, shell);
    assert_int_equal(pclose(shell), 0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++, at += strlen(back + at) + 1)
        assert_string_equal(back + at, words[i]);
    assert_string_equal(back + at, "it's");
    assert_int_equal(at + 5, len);
}

static void test_plain_words_have_no_quotes(void **state)
{
    char line[128] = "", command[32] = "";

    (void)state;
    text_add_word(line, sizeof line, "/usr/bin/tva");
    text_add(line, sizeof line, " ");
    text_add_word(line, sizeof line, "mixed:total=2ms,cpu=10%");
    assert_string_equal(line, "/usr/bin/tva mixed:total=2ms,cpu=10%");
    text_add_word(command, sizeof command, "a=b/tva"); /* a command, and no assignment */
    assert_string_equal(command, "'a=b/tva'");
}

static void test_a_line_is_split_as_a_shell_does(void **state)
{
    char line[1024] = "";
    struct args args;

    (void)state;
    args_init(&args, "x");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        text_add(line, sizeof line, " ");
        text_add_word(line, sizeof line, words[i]);
    }
    assert_int_equal(args_split(&args, line), 0);
    assert_int_equal(args.argc, 1 + sizeof words / sizeof *words);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_string_equal(args.argv[i + 1], words[i]);
    args_init(&args, "x");
    assert_int_equal(args_split(&args, "--job='a + b'  \"c + d\" '' e'f'\"g\" \t"), 0);
    assert_int_equal(args.argc, 5);
    assert_string_equal(args.argv[1], "--job=a + b");
    assert_string_equal(args.argv[2], "c + d");
    assert_string_equal(args.argv[3], "");
    assert_string_equal(args.argv[4], "efg");
    args_init(&args, "x");
    assert_int_equal(args_split(&args, "a 'b c"), -EINVAL);
    args_init(&args, "x");
    assert_int_equal(args_split(&args, "--job=\"b' c"), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_shell_takes_words_as_they_were),
        cmocka_unit_test(test_plain_words_have_no_quotes),
        cmocka_unit_test(test_a_line_is_split_as_a_shell_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
