/* The promise: a table of options reads values into the struct beside it and refuses what is out of
 * range; an option that a command does not have is named with the nearest one that it has; what
 * argp would take, passes; --help shows ranges, and equal headings once. */
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WORDS_MAX 12

struct cells {
    const char *jobs[3];
    size_t jobs_count;
    uint64_t counts[2];
    size_t counts_count;
    const char *color;
};

struct own {
    const char *output;
    bool quiet;
    uint64_t bytes, time_ns;
    uint64_t rounds;
    double share;
    struct options_file file;
};

static const struct options_entry cells_entries[] = {
    {.help = "What to measure:"},
    {"job", "JOB", "what", options_text, OPTIONS_LIST(struct cells, jobs)},
    {"jobs", "N[,N]", "how many", options_count, OPTIONS_LIST(struct cells, counts), .split = true,
     .min = 1, .max = 5000},
    {"color", "WHEN", "when", options_text, OPTIONS_AT(struct cells, color), .optional = true},
    {0},
};

static const struct options_entry own_entries[] = {
    {.value = "FILE", .take = options_take_file, OPTIONS_AT(struct own, file)},
    {"output", "FILE", "where to", options_text, OPTIONS_AT(struct own, output), .letter = 'o'},
    {"quiet", NULL, "say less", options_flag, OPTIONS_AT(struct own, quiet), .letter = 'q'},
    {"size", "SIZE", "how large", options_size, OPTIONS_AT(struct own, bytes), .min = 1024,
     .max = 65536},
    {"time", "T", "how long", options_duration, OPTIONS_AT(struct own, time_ns), .min = 1},
    {.help = "What to measure:"},
    {"rounds", "R", "how often", options_count, OPTIONS_AT(struct own, rounds), .min = 1, .max = 9},
    {"share", "SHARE", "which part", options_share, OPTIONS_AT(struct own, share)},
    {0},
};

static struct cells cells;
static struct own own;
static struct err err;

static const struct options_part parts[] = {{cells_entries, &cells}, {own_entries, &own}, {0}};

/* Words are copied, since reading splits them. */
static int parse_words(const char *const *words, size_t n)
{
    static const struct options_help help = {.text = "Test."};
    static char text[WORDS_MAX][32];
    char *argv[WORDS_MAX + 1] = {NULL};

    assert_true(n <= WORDS_MAX);
    for (size_t i = 0; i < n; i++)
        argv[i] = strcpy(text[i], words[i]);
    err.text[0] = '\0';
    cells = (struct cells){.jobs_count = 0};
    own = (struct own){.output = NULL};
    return options_parse(&help, parts, (int)n, argv, &err);
}

#define PARSE(...)                                                                                 \
    parse_words((const char *[]){"tva x", __VA_ARGS__},                                            \
                sizeof((const char *[]){"tva x", __VA_ARGS__}) / sizeof(char *))

static void check_refused(int status, const char *part)
{
    assert_int_equal(status, strstr(err.text, "unknown option") ? OPTIONS_UNKNOWN : EXIT_USAGE);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

static void test_values_go_where_the_table_says(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--jobs", "5,2k", "--job=a,b", "--job", "c", "-q", "-o", "out", "word"),
                     0);
    assert_int_equal(cells.counts_count, 2);
    assert_int_equal(cells.counts[1], 2000);
    assert_int_equal(cells.jobs_count, 2); /* not split */
    assert_string_equal(cells.jobs[0], "a,b");
    assert_true(own.quiet);
    assert_string_equal(own.output, "out");
    assert_string_equal(own.file.path, "word");
    assert_int_equal(PARSE("--size=4k", "--time=1.5s", "--rounds=9", "--share=5%", "--color"), 0);
    assert_int_equal(own.bytes, 4096);
    assert_int_equal(own.time_ns, 1500000000);
    assert_int_equal(own.rounds, 9);
    assert_true(own.share == 0.05);
    assert_null(cells.color);
    assert_int_equal(PARSE("--color=always"), 0);
    assert_string_equal(cells.color, "always");
}

static void test_what_is_out_of_range_is_refused(void **state)
{
    (void)state;
    check_refused(PARSE("--jobs=0"), "--jobs \"0\" is not a whole number from 1 to 5000");
    check_refused(PARSE("--rounds=10"), "--rounds \"10\" is not a whole number from 1 to 9");
    check_refused(PARSE("--size=1"), "--size \"1\" is not a size from 1k to 64k");
    check_refused(PARSE("--time=0"), "--time \"0\" is not a duration above 0 with its unit");
    check_refused(PARSE("--share=101%"), "--share \"101%\" is not a share from 0% to 100%");
    check_refused(PARSE("--jobs=1,2,3"), "--jobs takes at most 2 values");
    check_refused(PARSE("one", "two"), "one result at a time: \"two\" is too many");
}

static void test_what_a_command_has_passes(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--job", "--nonsense"), 0); /* values are no options */
    assert_int_equal(PARSE("-o", "--nonsense"), 0);
    assert_int_equal(PARSE("--", "--nonsense"), 0);
    check_refused(PARSE("-q", "--nonsense"), "unknown option");
    check_refused(PARSE("--color", "--nonsense"), "unknown option"); /* its value needs a = */
    check_refused(PARSE("-ofile", "--nonsense"), "unknown option");
    check_refused(PARSE("--output=file", "--nonsense"), "unknown option");
}

static void test_others_are_told_with_the_nearest(void **state)
{
    (void)state;
    check_refused(PARSE("--quiet", "--jbos", "5"), "unknown option \"--jbos\"; did you mean "
                                                   "\"--jobs\"? 'tva x --help' lists them");
    check_refused(PARSE("--ouptut=file"), "\"--ouptut\"; did you mean \"--output\"?");
    check_refused(PARSE("--hlep"), "did you mean \"--help\"?");
    check_refused(PARSE("--frobnicate"),
                  "unknown option \"--frobnicate\"; 'tva x --help' lists them");
}

/* What is short for an option here may be the whole name of one elsewhere. */
static void test_names_are_not_abbreviated(void **state)
{
    (void)state;
    check_refused(PARSE("--out", "file"), "unknown option \"--out\"; did you mean \"--output\"?");
    check_refused(PARSE("--out=file"), "unknown option \"--out\"; did you mean \"--output\"?");
    check_refused(PARSE("--jo", "5"), "unknown option \"--jo\"; did you mean \"--job\"?");
    check_refused(PARSE("--qui"), "unknown option \"--qui\"; did you mean \"--quiet\"?");
    check_refused(PARSE("--col"), "unknown option \"--col\"; did you mean \"--color\"?");
    check_refused(PARSE("--hel"), "unknown option \"--hel\"; did you mean \"--help\"?");
}

static void test_a_command_says_which_options_it_has(void **state)
{
    (void)state;
    assert_int_equal(PARSE(OPTIONS_ASK, "jobs"), OPTIONS_HAS);
    assert_int_equal(PARSE(OPTIONS_ASK, "help"), OPTIONS_HAS);
    assert_int_equal(PARSE(OPTIONS_ASK, "job"), OPTIONS_HAS);
    assert_int_equal(PARSE(OPTIONS_ASK, "jo"), OPTIONS_UNKNOWN);
    assert_int_equal(PARSE(OPTIONS_ASK, "frobnicate"), OPTIONS_UNKNOWN);
    assert_int_equal(cells.jobs_count, 0); /* nothing is read */
}

static void test_the_word_at_fault_is_told(void **state)
{
    (void)state;
    check_refused(PARSE("-q", "--jobs"), "\"--jobs\" lacks its value: write --jobs ");
    check_refused(PARSE("--quiet=yes", "-q"),
                  "\"--quiet=yes\" has a value, which --quiet does not");
    check_refused(PARSE("word", "-xq"), "\"-xq\" is not");
    check_refused(PARSE("-q", "-qx", "word"), "\"-qx\" is not");
    check_refused(PARSE("-x", "-ofile"), "\"-x\" is not");
    check_refused(PARSE("-q", "-o"), "\"-o\" lacks its value: write -o ");
    check_refused(PARSE("--job", "tcp", "+", "cpu"), "the job needs quotes: --job 'tcp + cpu'");
}

static void test_a_file_falls_back_where_there_is_one(void **state)
{
    struct options_file file = {.remedy = "make it"};

    (void)state;
    assert_int_equal(options_settle_file(&file, &err), EXIT_USAGE);
    assert_string_equal(err.text, "say which result; make it");
    file.fallback = "/nowhere/run.json";
    assert_int_equal(options_settle_file(&file, &err), EXIT_USAGE);
    assert_string_equal(err.text,
                        "say which result, as there is no /nowhere/run.json here; make it");
    file = (struct options_file){.fallback = "/dev/null", .remedy = "make it"};
    assert_int_equal(options_settle_file(&file, &err), 0);
    assert_string_equal(file.path, "/dev/null");
    file.path = "given";
    assert_int_equal(options_settle_file(&file, &err), 0);
    assert_string_equal(file.path, "given");
}

/* What a line of options that is not a command's own may not have. */
static void test_a_line_neither_prints_nor_exits(void **state)
{
    static char name[] = "suite", help[] = "--help", lacks[] = "--jobs";
    char *const with_help[] = {name, help, NULL}, *const without_value[] = {name, lacks, NULL};

    (void)state;
    cells.counts_count = 0;
    assert_int_equal(options_parse_line(parts, 2, (char **)with_help, &err), -EINVAL);
    assert_string_equal(err.text,
                        "\"--help\" is not an option here, lacks its value, or takes none");
    assert_int_equal(options_parse_line(parts, 2, (char **)without_value, &err), -EINVAL);
    assert_non_null(strstr(err.text, "\"--jobs\" lacks its value: write --jobs "));
}

static void test_help_shows_ranges_and_each_heading_once(void **state)
{
    char text[4096] = "", *first;
    int fds[2], status;
    ssize_t n, len = 0;
    pid_t child;

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    child = fork();
    if (child == 0) {
        dup2(fds[1], STDOUT_FILENO);
        PARSE("--help");
        _exit(99);
    }
    close(fds[1]);
    while ((n = read(fds[0], text + len, sizeof text - 1 - (size_t)len)) > 0)
        len += n;
    close(fds[0]);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    first = strstr(text, "What to measure:");
    assert_non_null(first);
    assert_null(strstr(first + 1, "What to measure:"));
    assert_non_null(strstr(first, "how many; 1 to 5,000"));
    assert_non_null(strstr(first, "how often; 1 to 9"));
    assert_non_null(strstr(text, "how large; 1k to 64k"));
    assert_true(strstr(text, "how large") < first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_go_where_the_table_says),
        cmocka_unit_test(test_what_is_out_of_range_is_refused),
        cmocka_unit_test(test_what_a_command_has_passes),
        cmocka_unit_test(test_others_are_told_with_the_nearest),
        cmocka_unit_test(test_names_are_not_abbreviated),
        cmocka_unit_test(test_a_command_says_which_options_it_has),
        cmocka_unit_test(test_the_word_at_fault_is_told),
        cmocka_unit_test(test_a_file_falls_back_where_there_is_one),
        cmocka_unit_test(test_a_line_neither_prints_nor_exits),
        cmocka_unit_test(test_help_shows_ranges_and_each_heading_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
