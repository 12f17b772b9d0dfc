/* Unit tests one after the other in one process, for valgrind: `memcheck NAME...`, as in `coro
 * loop` for test_coro and test_loop. Each runs in a child of its own, which valgrind follows
 * without starting anew. `leak` is none of them: it loses memory, to see that valgrind finds that.
 * The exit status is that of the first child that failed, else 0. The build makes TESTS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The main() of each test program. */
#define TEST(name) int test_##name(void);
TESTS
#undef TEST

static int leak(void)
{
    void *volatile lost = malloc(100);

    lost = NULL;
    return lost != NULL;
}

#define TEST(name) {#name, test_##name},
static const struct {
    const char *name;
    int (*run)(void);
} tests[] = {TESTS{"leak", leak}};
#undef TEST

static int run_in_child(int (*run)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        exit(run());
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_named(const char *name)
{
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (strcmp(tests[i].name, name) == 0)
            return run_in_child(tests[i].run);
    fprintf(stderr, "memcheck: there is no test \"%s\"\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    int status = 0;

    for (int i = 1; i < argc && status == 0; i++) {
        printf("# %s\n", argv[i]);
        fflush(stdout);
        status = run_named(argv[i]);
    }
    return status;
}
