/* The promise: a flame graph has each frame with its name, its count and its share of the whole, as
 * wide as that share, on the frame that called it; no name can break the picture. What callgrind
 * writes is read function by function and chain by chain, and adds up. */
#include "count/count_proc.h"
#include "profile/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static void add(struct profile_frame *root, const char *chain, int64_t weight)
{
    char copy[128], *rest = copy;
    const char *names[8];
    size_t n = 0;

    snprintf(copy, sizeof copy, "%s", chain);
    while (rest != NULL && n < 8)
        names[n++] = strsep(&rest, ";");
    assert_int_equal(profile_tree_add(root, names, n, weight), 0);
}

static char *drawn(struct profile_frame *root)
{
    size_t size;
    char *text;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    profile_svg_write(root, &(struct profile_texts){"tasks <null> & x", "samples", "by hand"}, out);
    fclose(out);
    profile_tree_clear(root);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no\n%s\nin\n%s", part, text);
}

static void test_every_frame_has_its_share(void **state)
{
    struct profile_frame root = {0};
    char *svg;

    (void)state;
    add(&root, "main;run;job", 50);
    add(&root, "main;run", 25);
    add(&root, "main;run;job;sleep", 5);
    add(&root, "begin", 20);
    assert_int_equal(root.total, 100);
    svg = drawn(&root);
    assert_has(svg, "<title>all: 100 samples, 100.00 %</title>");
    assert_has(svg, "<title>main: 80 samples, 80.00 %</title>");
    assert_has(svg, "<title>run: 80 samples, 80.00 %</title>");
    assert_has(svg, "<title>job: 55 samples, 55.00 %</title>");
    assert_has(svg, "<title>sleep: 5 samples, 5.00 %</title>");
    assert_has(svg, "<title>begin: 20 samples, 20.00 %</title><rect x=\"954.0\"");
    assert_has(svg, "width=\"944.0\"");
    free(svg);
}

static void test_names_are_escaped_and_cut(void **state)
{
    struct profile_frame root = {0};
    char *svg;

    (void)state;
    add(&root, "a<b>&\"c\"\x1b[1m\xc3\xa9;std::map<int, std::string>::operator[](int const&)", 1);
    add(&root, "wide", 30);
    svg = drawn(&root);
    assert_has(svg, "<title>a&lt;b&gt;&amp;&quot;c&quot;?[1m??: 1 samples, 3.23 %</title>");
    assert_has(svg, "<title>tasks &lt;null&gt; &amp; x</title>");
    assert_has(svg, ">st..</text>");
    assert_null(strchr(svg, '\x1b'));
    free(svg);
}

static void test_what_is_too_narrow_is_left_out(void **state)
{
    struct profile_frame root = {0};
    char *svg;

    (void)state;
    add(&root, "wide", 1000000);
    add(&root, "narrow;deep;deeper", 1);
    svg = drawn(&root);
    assert_has(svg, "<title>wide: 1,000,000 samples, 100.00 %</title>");
    assert_null(strstr(svg, "narrow"));
    free(svg);
}

/* As of 2 N jobs and N: the start, which both have, is gone, and noise makes no frame wider than
 * its caller. */
static void test_a_difference(void **state)
{
    struct profile_frame root = {0};
    char *svg;

    (void)state;
    add(&root, "main;start", 700);
    add(&root, "main;run;job", 80);
    add(&root, "main;run;poll", 30);
    add(&root, "main;start", -700);
    add(&root, "main;run;job", -40);
    add(&root, "main;run;poll", -50);
    profile_tree_settle(&root);
    svg = drawn(&root);
    assert_has(svg, "<title>main: 40 samples, 100.00 %</title>");
    assert_has(svg, "<title>job: 40 samples, 100.00 %</title>");
    assert_null(strstr(svg, "start"));
    assert_null(strstr(svg, "poll"));
    free(svg);
}

static int note(void *arg, const char *const names[], size_t n, uint64_t own)
{
    char *text = arg;

    for (size_t i = 0; i < n; i++)
        sprintf(text + strlen(text), "%s%s", i > 0 ? "<" : "", names[i]);
    sprintf(text + strlen(text), "=%d ", (int)own);
    return 0;
}

static void test_callgrinds_profile(void **state)
{
    static const char profile[] = "# callgrind format\nversion: 1\nevents: Ir\n\nfl=a.c\n"
                                  "fn=job'2'run'main\n16 400\n+1 3\ncfn=sleep'job'2'run\n"
                                  "calls=1 5\n* 5000\n* 7\n\nfn=(below main)\n-4 1\n\n"
                                  "fn=0x000012f0'main\n0 9\nfn=idle\ncalls=2 1\n5 100\n"
                                  "fn=last\n1 2\n\ntotals: 422\n";
    int fd = memfd_create("profile", MFD_CLOEXEC);
    char text[512] = "";

    (void)state;
    assert_int_equal(write(fd, profile, sizeof profile - 1), sizeof profile - 1);
    assert_int_equal(count_callgrind_read(fd, note, text), 0);
    assert_string_equal(text, "job<run<main=410 (below main)=1 [unknown]<main=9 last=2 ");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_frame_has_its_share),
        cmocka_unit_test(test_names_are_escaped_and_cut),
        cmocka_unit_test(test_what_is_too_narrow_is_left_out),
        cmocka_unit_test(test_a_difference),
        cmocka_unit_test(test_callgrinds_profile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
