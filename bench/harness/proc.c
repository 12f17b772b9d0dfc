#include "harness/proc.h"

#include "base/std_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void become_child(pid_t parent)
{
    sigset_t none;
    int null;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* the parent died before prctl() */
        _exit(PROC_NO_EXEC);
    setpgid(0, 0);
    std_streams_reset();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0)
        dup2(null, STDIN_FILENO);
}

int proc_fork(struct proc *out, struct err *err)
{
    pid_t parent = getpid(), pid;

    fflush(NULL);
    pid = fork();
    if (pid < 0)
        return err_set(err, -errno, "cannot start a process: %s", strerror(errno));
    if (pid == 0) {
        become_child(parent);
        return 1;
    }
    out->pid = pid;
    out->fd = pidfd_open(pid, 0);
    if (out->fd < 0) {
        int cause = errno;

        proc_kill(out);
        return err_set(err, -cause, "cannot watch a process: %s (Linux 5.3 or newer is needed)",
                       strerror(cause));
    }
    return 0;
}

int proc_start(const char *program, const char *const argv[], struct proc_fds fds, struct proc *out,
               struct err *err)
{
    int r = proc_fork(out, err);

    if (r <= 0)
        return r;
    if (fds.out < 0)
        fds.out = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if ((fds.out >= 0 && dup2(fds.out, STDOUT_FILENO) < 0) ||
        (fds.err >= 0 && dup2(fds.err, STDERR_FILENO) < 0) ||
        (fds.keep >= 0 && fcntl(fds.keep, F_SETFD, 0) < 0))
        _exit(PROC_NO_EXEC);
    /* A path is not for execvp(), which hands a file that is no program to a shell. */
    if (program == NULL || strchr(program, '/') != NULL)
        execv(program != NULL ? program : "/proc/self/exe", (char *const *)argv);
    else
        execvp(program, (char *const *)argv);
    _exit(PROC_NO_EXEC);
}

int proc_reap(struct proc *p)
{
    int status = 0;

    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (p->fd >= 0)
        close(p->fd);
    *p = (struct proc){.fd = -1};
    return status;
}

void proc_kill(struct proc *p)
{
    if (p->pid == 0)
        return;
    kill(p->pid, SIGKILL);
    proc_reap(p);
}

void proc_touch_memory(uint64_t bytes)
{
    static const int kinds[] = {MADV_NOHUGEPAGE, MADV_HUGEPAGE};
    struct proc child;
    int r = proc_fork(&child, NULL);

    if (r == 1) {
        for (int i = 0; i < 2; i++) {
            void *memory =
                mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

            if (memory == MAP_FAILED)
                break;
            madvise(memory, bytes, kinds[i]);
            madvise(memory, bytes, MADV_POPULATE_WRITE);
            munmap(memory, bytes);
        }
        _exit(0);
    }
    if (r == 0)
        proc_reap(&child);
}

char *proc_describe(int status, char *buf, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(buf, size, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(buf, size, "ended with status %d", WEXITSTATUS(status));
    return buf;
}

void proc_raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    /* When this fails, the old limit holds, and cell_check_limits() names it. */
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}
