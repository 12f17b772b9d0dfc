#include "job/trial.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 5
#define RETURNED   113 /* the child's status; plugins that call exit() have others */

/* A sanitizer handles some of these signals, and the child would end without one. */
static void become_child(pid_t parent)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* the parent died before prctl() */
        _exit(RETURNED);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        signal(deadly[i], SIG_DFL);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
}

/* The child's status; true when it did not end in time. The signal that ends it then is one that it
 * cannot ignore. A kernel that lets nobody watch a process gives it all the time that it takes. */
static bool await_child(pid_t child, int *status)
{
    struct pollfd ended = {.fd = pidfd_open(child, 0), .events = POLLIN};
    uint64_t deadline_ns = clock_now_ns() + PATIENCE_S * NS_PER_S, now_ns = clock_now_ns();
    bool late = ended.fd >= 0;

    while (late && now_ns < deadline_ns) {
        struct timespec left = clock_timespec(deadline_ns - now_ns);

        late = ppoll(&ended, 1, &left, NULL) != 1;
        now_ns = clock_now_ns();
    }
    if (late)
        kill(child, SIGKILL);
    while (waitpid(child, status, 0) < 0 && errno == EINTR)
        ;
    close(ended.fd);
    return late;
}

/* 0, or -EINVAL with *err set. */
static int judge(int status, bool late, const char *plugin, const char *step, struct err *err)
{
    if (late)
        return err_set(err, -EINVAL, "plugin %s: %s did not return within %d s", plugin, step,
                       PATIENCE_S);
    if (WIFEXITED(status) && WEXITSTATUS(status) == RETURNED)
        return 0;
    if (WIFEXITED(status))
        return err_set(err, -EINVAL, "plugin %s: %s ended the process with status %d", plugin, step,
                       WEXITSTATUS(status));
    return err_set(err, -EINVAL, "plugin %s: %s crashed (%s)", plugin, step,
                   strsignal(WTERMSIG(status)));
}

int trial_run(trial_fn *fn, const void *arg, const char *plugin, struct err *err)
{
    int status = W_EXITCODE(RETURNED, 0); /* stays where SIGCHLD is ignored, which hides it */
    int r;
    pid_t parent = getpid(), child = -1;
    const char **step;

    fflush(NULL);
    step = mmap(NULL, sizeof *step, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (step != MAP_FAILED)
        child = fork();
    if (child == 0) {
        become_child(parent);
        fn(arg, step);
        _exit(RETURNED);
    }
    if (child < 0) {
        r = err_set(err, -errno, "cannot start a process to try plugin %s: %s", plugin,
                    strerror(errno));
    } else {
        bool late = await_child(child, &status);

        r = judge(status, late, plugin, *step, err);
    }
    if (step != MAP_FAILED)
        munmap(step, sizeof *step);
    return r;
}
