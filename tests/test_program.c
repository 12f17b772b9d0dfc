/* The promise: a file is found by its path below the first directory that has it; as a program only
 * where it may be executed, so that a file that merely has the name does not hide the program. */
#include "base/program.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* A folder of its own with a file "tool" of that mode. */
static char *make_folder(char *folder, mode_t mode)
{
    char path[64];
    int fd;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/tool", folder);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    close(fd);
    return folder;
}

static void remove_folder(const char *folder)
{
    char path[64];

    snprintf(path, sizeof path, "%s/tool", folder);
    unlink(path);
    rmdir(folder);
}

static void test_a_program_may_be_executed(void **state)
{
    char text[] = "/tmp/tva-program-XXXXXX", program[] = "/tmp/tva-program-XXXXXX";
    char dirs[128], wanted[64], path[64];

    (void)state;
    snprintf(dirs, sizeof dirs, "/nowhere:%s:%s", make_folder(text, 0600),
             make_folder(program, 0700));
    snprintf(wanted, sizeof wanted, "%s/tool", text);
    assert_string_equal(program_find(dirs, "tool", R_OK, path, sizeof path), wanted);
    snprintf(wanted, sizeof wanted, "%s/tool", program);
    assert_string_equal(program_find(dirs, "tool", X_OK, path, sizeof path), wanted);
    assert_null(program_find(text, "tool", X_OK, path, sizeof path));
    assert_null(program_find(dirs, "other", R_OK, path, sizeof path));
    assert_null(program_find(dirs, "tool", R_OK, path, 8)); /* does not fit */
    assert_null(program_find("", "tool", R_OK, path, sizeof path));
    remove_folder(text);
    remove_folder(program);
}

static void test_a_relative_directory_is_below_that_of_the_program(void **state)
{
    char own[4096], path[4096];

    (void)state;
    program_path(own, sizeof own);
    assert_int_equal(own[0], '/');
    assert_int_equal(chdir("/"), 0);
    assert_non_null(program_find(".", strrchr(own, '/') + 1, X_OK, path, sizeof path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_may_be_executed),
        cmocka_unit_test(test_a_relative_directory_is_below_that_of_the_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
