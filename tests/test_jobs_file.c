/* The promise: a jobs file defines the jobs that stand in it, each of the parts below its name and
 * of jobs above it; whatever else a file has is refused with its line and a sentence. */
#include "plan/jobs_file.h"

#include "plan/plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/tva-test-jobs-XXXXXX";

static void write_file(const char *text, size_t len)
{
    FILE *out = fopen(path, "we");

    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static struct jobs_file *read_text(const char *text)
{
    struct jobs_file *file = NULL;
    struct err err = {""};

    write_file(text, strlen(text));
    if (jobs_file_create(path, &file, &err) != 0)
        fail_msg("%s", err.text);
    return file;
}

static void assert_defines(struct jobs_file *file, size_t index, const char *name,
                           const char *expected)
{
    const struct job_named *named = &jobs_file_names(file)->of[index];
    char text[JOB_TEXT_SIZE];

    assert_string_equal(named->name, name);
    assert_string_equal(job_format(&named->job, text, sizeof text), expected);
}

static void test_a_job_is_all_that_stands_below_its_name(void **state)
{
    struct jobs_file *file = read_text("# jobs\n\n"
                                       "[checkout] # a customer pays\n"
                                       "\ttcp:delay=20ms # the backend\n"
                                       "cpu:time=2ms + file:block=16k\r\n"
                                       "[twice]\n"
                                       "checkout + null\n"
                                       "checkout");

    (void)state;
    assert_int_equal(jobs_file_names(file)->count, 2);
    assert_defines(file, 0, "checkout",
                   "tcp:bytes=64,delay=20ms + cpu:time=2ms + file:op=read,block=16k");
    assert_defines(file, 1, "twice",
                   "tcp:bytes=64,delay=20ms + cpu:time=2ms + file:op=read,block=16k + null + "
                   "tcp:bytes=64,delay=20ms + cpu:time=2ms + file:op=read,block=16k");
    jobs_file_destroy(file);
    file = read_text("\xef\xbb\xbf[a]\nhttp:path=/#top # a comment\n#b\n#null\n");
    assert_int_equal(jobs_file_names(file)->count, 1);
    assert_defines(file, 0, "a", "http:requests=1,path=/#top");
    jobs_file_destroy(file);
    file = read_text("# nothing\n");
    assert_int_equal(jobs_file_names(file)->count, 0);
    jobs_file_destroy(file);
    assert_null(jobs_file_names(NULL));
}

static void test_what_is_wrong_is_told_with_its_line(void **state)
{
    const struct {
        const char *text, *says;
    } cases[] = {
        {"[a]\nnull\n[a]\nnull\n", ":3: job a is defined twice"},
        {"\n[tcp]\nnull\n", ":2: tcp is the name of a job that tva has already"},
        {"[a]\nb\n[b]\na\n", ":2: job b is not defined yet: a job can use those above it"},
        {"[a]\nnull\na\n", ":3: job a is not defined yet"},
        {"[a]\n[b]\nnull\n", ":1: job a has no parts"},
        {"[a]\nnull\n[b]", ":3: job b has no parts"},
        {"null\n[a]\nnull\n", ":1: a job before the first name, as in [checkout]"},
        {"[a b]\nnull\n", ":1: a name has letters, digits, - _ and . alone"},
        {"[a:b]\nnull\n", ":1: a name has letters"},
        {"[a\nnull\n", ":1: \"[a\" is not a section, as in [name]"},
        {"[]\nnull\n", ":1: \"[]\" is not a section"},
        {"[a]x\nnull\n", ":1: \"[a]x\" is not a section"},
        {"[a]\nnull + slep\n", ":2: part 2: unknown job \"slep\"; did you mean \"sleep\"?"},
        {"[a]\nnull\n[b]\na:x=1\n", ":4: job a takes no parameters"},
        {"[a]\ncpu:dist=exp\nnull\n", ":3: job cpu: beside other parts"},
        {"[a]\nnull + null + null + null + null\n[b]\na\na\n", ":5: a job has at most 8 parts"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct jobs_file *file = NULL;
        struct err err = {""};

        write_file(cases[i].text, strlen(cases[i].text));
        assert_int_equal(jobs_file_create(path, &file, &err), -EINVAL);
        assert_null(file);
        assert_memory_equal(err.text, path, strlen(path));
        if (strncmp(err.text + strlen(path), cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("%s: %s", cases[i].text, err.text);
    }
}

static void test_what_is_no_text_is_refused(void **state)
{
    static const char bytes[] = "[a]\nnu\0ll\n";
    char *long_text = malloc(70000);
    struct jobs_file *file = NULL;
    struct err err = {""};

    (void)state;
    write_file(bytes, sizeof bytes - 1);
    assert_int_equal(jobs_file_create(path, &file, &err), -EINVAL);
    assert_non_null(strstr(err.text, ":2: the line has a zero byte in it"));
    assert_int_equal(jobs_file_create("/nonexistent/jobs", &file, &err), -ENOENT);
    assert_string_equal(err.text,
                        "cannot read the jobs file /nonexistent/jobs: No such file or directory");
    assert_int_equal(jobs_file_create("/tmp", &file, &err), -EISDIR);
    assert_string_equal(err.text, "cannot read the jobs file /tmp: Is a directory");
    assert_non_null(long_text);
    memset(long_text, 'x', 70000);
    memcpy(long_text, "[a]\n", 4);
    write_file(long_text, 70000);
    assert_int_equal(jobs_file_create(path, &file, &err), -EINVAL);
    assert_non_null(strstr(err.text, ":2: unknown job"));
    free(long_text);
}

static void test_so_many_jobs_and_no_more(void **state)
{
    char text[70 * 16] = "";
    struct jobs_file *file = NULL;
    struct err err = {""};

    (void)state;
    for (int i = 0; i < JOB_NAMES_MAX; i++)
        sprintf(text + strlen(text), "[j%d]\nnull\n", i);
    file = read_text(text);
    assert_int_equal(jobs_file_names(file)->count, JOB_NAMES_MAX);
    assert_defines(file, JOB_NAMES_MAX - 1, "j63", "null");
    jobs_file_destroy(file);
    strcat(text, "[more]\nnull\n");
    write_file(text, strlen(text));
    assert_int_equal(jobs_file_create(path, &file, &err), -EINVAL);
    assert_non_null(strstr(err.text, "more than 64 jobs"));
}

/* A plan has the jobs themselves, so that its cells are the same without the file. */
static void test_a_plan_has_what_names_stand_for(void **state)
{
    struct plan plan = {0};
    struct err err = {""};
    struct plan_line line;
    char text[JOB_TEXT_SIZE];

    (void)state;
    write_file("[a]\nsleep:ms=1 + null\n", 22);
    plan_line_init(&line);
    line.models[line.models_count++] = models[0];
    line.jobs[line.jobs_count++] = "a + null";
    line.jobs[line.jobs_count++] = "cpu";
    line.jobs_file = path;
    assert_int_equal(plan_add(&plan, &line, false, &err), 0);
    assert_int_equal(plan.count, 2);
    assert_string_equal(job_format(&plan.cells[0].cell.job, text, sizeof text),
                        "sleep:duration=1ms + null + null");
    assert_string_equal(job_format(&plan.cells[1].cell.job, text, sizeof text), "cpu:rounds=1M");
    line.jobs[0] = "null";
    assert_int_equal(plan_add(&plan, &line, false, &err), -EINVAL);
    assert_string_equal(err.text, "--jobs-file defines jobs, and no --job asks for one: add --job");
    line.jobs[0] = "b";
    assert_int_equal(plan_add(&plan, &line, false, &err), -EINVAL);
    assert_non_null(strstr(err.text, "unknown job \"b\""));
    plan_deinit(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_job_is_all_that_stands_below_its_name),
        cmocka_unit_test(test_what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(test_what_is_no_text_is_refused),
        cmocka_unit_test(test_so_many_jobs_and_no_more),
        cmocka_unit_test(test_a_plan_has_what_names_stand_for),
    };
    int fd = mkstemp(path), failed;

    if (fd < 0)
        return 1;
    close(fd);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
