/* The promise: a reader sees the old file or the complete new one, and nothing else is left in the
 * directory, whatever goes wrong: also when the disk is full, the writer gives up, or the process
 * is killed before the rename. */
#include "base/atomic_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Each test runs in an empty directory of its own. */
static int enter_directory(void **state)
{
    char template[] = "/tmp/tva-atomic-XXXXXX";

    if (mkdtemp(template) == NULL || chdir(template) != 0)
        return -1;
    *state = strdup(template);
    return *state == NULL ? -1 : 0;
}

static unsigned count_files(void)
{
    DIR *directory = opendir(".");
    unsigned n = 0;

    assert_non_null(directory);
    for (struct dirent *e; (e = readdir(directory)) != NULL;)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(directory);
    return n;
}

static int leave_directory(void **state)
{
    DIR *directory = opendir(".");

    for (struct dirent *e; directory != NULL && (e = readdir(directory)) != NULL;)
        unlink(e->d_name);
    closedir(directory);
    if (chdir("/") != 0 || rmdir(*state) != 0)
        return -1;
    free(*state);
    return 0;
}

static void write_plain(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void assert_content(const char *path, const char *text)
{
    char buf[256] = "";
    FILE *f = fopen(path, "r");

    assert_non_null(f);
    buf[fread(buf, 1, sizeof buf - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(buf, text);
}

static void test_commit_puts_the_new_file_in_place(void **state)
{
    struct err err = {""};
    struct atomic_file *f;

    (void)state;
    write_plain("run.json", "old");
    f = atomic_file_create("run.json", &err);
    assert_non_null(f);
    fprintf(atomic_file_stream(f), "new %d", 1);
    fflush(atomic_file_stream(f));
    assert_content("run.json", "old");
    assert_int_equal(atomic_file_commit(f, &err), 0);
    assert_content("run.json", "new 1");
    assert_int_equal(count_files(), 1);
    assert_string_equal(err.text, "");
}

static void test_abort_leaves_no_trace(void **state)
{
    struct atomic_file *f;

    (void)state;
    f = atomic_file_create("run.json", NULL);
    assert_non_null(f);
    fputs("half", atomic_file_stream(f));
    atomic_file_abort(f);
    atomic_file_abort(NULL);
    assert_int_equal(count_files(), 0);
}

static void test_mode_follows_the_umask(void **state)
{
    const mode_t masks[] = {022, 077, 0};
    const mode_t modes[] = {0644, 0600, 0644};
    struct stat st;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        mode_t before = umask(masks[i]);
        struct atomic_file *f = atomic_file_create("run.json", NULL);

        umask(before);
        assert_non_null(f);
        assert_int_equal(atomic_file_commit(f, NULL), 0);
        assert_int_equal(stat("run.json", &st), 0);
        assert_int_equal(st.st_mode & 07777, modes[i]);
    }
}

static void test_writers_of_one_file_do_not_meet(void **state)
{
    struct atomic_file *f[8];
    char text[32];

    (void)state;
    for (int i = 0; i < 8; i++) {
        f[i] = atomic_file_create("run.json", NULL);
        assert_non_null(f[i]);
        fprintf(atomic_file_stream(f[i]), "writer %d", i);
    }
    for (int i = 0; i < 8; i++) {
        assert_int_equal(atomic_file_commit(f[i], NULL), 0);
        snprintf(text, sizeof text, "writer %d", i);
        assert_content("run.json", text);
    }
    assert_int_equal(count_files(), 1);
}

/* Write `size` bytes where a file may have 16 KiB, as far as a full disk would let it. */
static int write_too_much(size_t size, struct err *err)
{
    struct rlimit before, limit;
    struct atomic_file *f = atomic_file_create("run.json", err);
    char *block = calloc(1, size);
    int r;

    assert_non_null(f);
    assert_non_null(block);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 16384, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    fwrite(block, 1, size, atomic_file_stream(f));
    r = atomic_file_commit(f, err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    free(block);
    return r;
}

static void test_full_disk_leaves_the_old_file(void **state)
{
    const size_t sizes[] = {16385, 20000, 1 << 20}; /* met in the flush, and while writing */

    (void)state;
    write_plain("run.json", "old");
    for (size_t i = 0; i < 3; i++) {
        struct err err = {""};

        assert_int_equal(write_too_much(sizes[i], &err), -EFBIG);
        assert_non_null(strstr(err.text, "run.json"));
        assert_non_null(strstr(err.text, strerror(EFBIG)));
        assert_content("run.json", "old");
        assert_int_equal(count_files(), 1);
    }
}

static void test_killed_writer_leaves_the_old_file(void **state)
{
    int status;
    pid_t child;

    (void)state;
    write_plain("run.json", "old");
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct atomic_file *f = atomic_file_create("run.json", NULL);

        if (f == NULL)
            _exit(1);
        fputs("new", atomic_file_stream(f));
        fflush(atomic_file_stream(f));
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_content("run.json", "old");
}

/* The child's whole end: the signal that comes meanwhile ends it, but later. */
static void test_signal_leaves_no_temporary_file(void **state)
{
    const int signals[] = {SIGINT, SIGTERM, SIGHUP};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof signals / sizeof *signals; i++) {
        int status, number = signals[i / 2];
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            struct atomic_file *f;

            signal(number, SIG_DFL); /* nohup, and a shell's "&", have tests ignore some */
            f = atomic_file_create("run.json", NULL);
            raise(number);
            fputs("new", atomic_file_stream(f));
            if (i % 2 == 0)
                atomic_file_commit(f, NULL);
            else
                atomic_file_abort(f);
            _exit(1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == number);
        assert_content("run.json", "new");
        assert_int_equal(count_files(), 1);
    }
}

static void test_unwritable_places_are_refused_at_once(void **state)
{
    const char *const places[] = {"", "missing/run.json", ".", "/dev/null", "/proc/run.json"};

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct err err = {""};

        assert_null(atomic_file_create(places[i], &err));
        assert_non_null(strstr(err.text, places[i]));
        assert_non_null(strstr(err.text, "cannot write"));
        assert_null(atomic_file_create(places[i], NULL));
    }
    assert_int_equal(count_files(), 0);
}

static void test_target_that_vanished_is_reported(void **state)
{
    struct err err = {""};
    struct atomic_file *f;

    (void)state;
    assert_int_equal(mkdir("results", 0755), 0);
    f = atomic_file_create("results/run.json", &err);
    assert_non_null(f);
    /* The rename must fail: something that cannot be replaced has taken the name meanwhile. */
    assert_int_equal(mkdir("results/run.json", 0755), 0);
    assert_int_equal(atomic_file_commit(f, &err), -EISDIR);
    assert_non_null(strstr(err.text, "results/run.json"));
    assert_int_equal(rmdir("results/run.json"), 0);
    assert_int_equal(rmdir("results"), 0); /* that is: the temporary file is gone */
}

static void write_through(const char *link)
{
    struct atomic_file *f = atomic_file_create(link, NULL);
    struct stat st;

    assert_non_null(f);
    fputs("new", atomic_file_stream(f));
    assert_int_equal(atomic_file_commit(f, NULL), 0);
    assert_content("real.json", "new");
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static void test_symbolic_link_stays_one(void **state)
{
    (void)state;
    write_plain("real.json", "old");
    assert_int_equal(symlink("real.json", "link.json"), 0);
    write_through("link.json");
    /* Also one to what is not there yet, over another link, seen from its own directory. */
    assert_int_equal(remove("real.json"), 0);
    assert_int_equal(mkdir("sub", 0777), 0);
    assert_int_equal(symlink("../link.json", "sub/far.json"), 0);
    write_through("sub/far.json");
    assert_int_equal(remove("sub/far.json") | remove("link.json") | rmdir("sub"), 0);
    assert_int_equal(symlink("ring.json", "ring.json"), 0);
    assert_null(atomic_file_create("ring.json", NULL));
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, enter_directory, leave_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_commit_puts_the_new_file_in_place),
        IN_DIRECTORY(test_abort_leaves_no_trace),
        IN_DIRECTORY(test_mode_follows_the_umask),
        IN_DIRECTORY(test_writers_of_one_file_do_not_meet),
        IN_DIRECTORY(test_full_disk_leaves_the_old_file),
        IN_DIRECTORY(test_killed_writer_leaves_the_old_file),
        IN_DIRECTORY(test_signal_leaves_no_temporary_file),
        IN_DIRECTORY(test_unwritable_places_are_refused_at_once),
        IN_DIRECTORY(test_target_that_vanished_is_reported),
        IN_DIRECTORY(test_symbolic_link_stays_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
