#include "count/count_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the counter reports to the harness, in shared memory. */
struct told {
    int error;  /* of tracing, or of starting the process */
    int status; /* of the counted process */
    uint64_t context_switches, faults;
    struct count_trace trace;
};

/* All that one count needs. */
struct counting {
    const struct count_proc *count;
    struct told *told;
    struct count_alloc *alloc; /* shared with the counted process */
    int alloc_fd, report_fd, profile_fd;
    struct run_proc_args own;
    struct count_tool_words words;
    struct args args;
};

/* In the process that will be counted: wait for the counter, then exec. */
static void become_counted(const struct counting *c, pid_t counter, int gate)
{
    bool own = c->count->tool != COUNT_BY_VALGRIND;
    int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
    char byte;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != counter || read(gate, &byte, 1) != 1)
        _exit(PROC_NO_EXEC);
    if (out >= 0)
        dup2(out, STDOUT_FILENO);
    fcntl(c->report_fd, F_SETFD, 0);
    fcntl(c->alloc_fd, F_SETFD, 0);
    fcntl(c->profile_fd, F_SETFD, 0);
    if (count_tool_enter(c->count->tool, c->count->variation, c->count->run.cell->cpu >= 0,
                         c->alloc_fd) == 0)
        execvp(own ? "/proc/self/exe" : "valgrind", c->args.argv);
    _exit(PROC_NO_EXEC);
}

static int wait_counting(const struct counting *c, pid_t child)
{
    struct rusage usage;
    pid_t r;

    if (c->count->tool == COUNT_BY_TRACE)
        return count_trace_follow(child, &c->told->trace, &c->told->status);
    do
        r = wait4(child, &c->told->status, 0, &usage);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return -errno;
    c->told->context_switches = (uint64_t)usage.ru_nvcsw + (uint64_t)usage.ru_nivcsw;
    c->told->faults = (uint64_t)usage.ru_minflt;
    return 0;
}

/* In the counter: start the process, count it, and report. */
static int be_counter(const struct counting *c)
{
    pid_t self = getpid(), child;
    int gate[2], r = 0;

    if (pipe2(gate, O_CLOEXEC) < 0)
        return -errno;
    child = fork();
    if (child < 0)
        return -errno;
    if (child == 0) {
        close(gate[1]);
        become_counted(c, self, gate[0]);
    }
    close(gate[0]);
    if (c->count->tool == COUNT_BY_TRACE)
        r = count_trace_attach(child);
    if (r == 0 && write(gate[1], "", 1) != 1)
        r = -errno;
    close(gate[1]); /* if no byte comes, the child ends */
    if (r == 0)
        r = wait_counting(c, child);
    return r;
}

static int describe_error(int error, struct err *err)
{
    if (error == -EPERM)
        return err_set(err, error,
                       "system calls cannot be counted: this system forbids ptrace (a container "
                       "may need --cap-add=SYS_PTRACE)");
    if (error == -ENOSYS)
        return err_set(err, error,
                       "system calls cannot be counted: the kernel's ptrace does not tell them "
                       "(Linux 5.3 or newer does)");
    return err_set(err, error, "a process cannot be counted: %s", strerror(-error));
}

/* The whole program's count: the line "summary: N" of a profile, "totals: N" in some versions. */
static int read_instructions(int fd, uint64_t *out)
{
    int copy = dup(fd), r = -ENODATA;
    FILE *in = copy >= 0 ? fdopen(copy, "r") : NULL;
    char line[256];

    if (in == NULL)
        return -errno;
    rewind(in);
    while (r != 0 && fgets(line, sizeof line, in) != NULL)
        if (sscanf(line, "summary: %" SCNu64, out) == 1 ||
            sscanf(line, "totals: %" SCNu64, out) == 1)
            r = 0;
    fclose(in);
    return r;
}

/* Did the run do all of its jobs without error? */
static int check_record(const struct run_record *r, struct err *err)
{
    if (r->failure.text[0] != '\0')
        return err_set(err, -EIO, "%s", r->failure.text);
    for (size_t i = 0; i < r->samples_count; i++)
        if (r->samples[i].result < 0)
            return err_set(err, -EIO, "job %zu failed while it was counted: %s", i,
                           strerror(-r->samples[i].result));
    return 0;
}

static int take_sums(const struct counting *c, struct count_sums *out, struct err *err)
{
    struct run_record record;
    int r = run_proc_record(c->count->run.cell, c->told->status, c->report_fd, &record, err);

    if (r < 0)
        return r;
    r = check_record(&record, err);
    run_record_deinit(&record);
    *out = (struct count_sums){
        .trace = c->told->trace,
        .alloc = *c->alloc,
        .context_switches = c->told->context_switches,
        .faults = c->told->faults,
    };
    memcpy(out->libcurl, record.libcurl, sizeof out->libcurl);
    if (r == 0 && c->count->tool == COUNT_BY_PRELOAD && c->alloc->loaded == 0)
        r = err_set(err, -ELIBACC,
                    "allocations cannot be counted: the C library did not preload %s",
                    COUNT_ALLOC_LIBRARY);
    if (r == 0 && c->count->tool == COUNT_BY_VALGRIND) {
        r = read_instructions(c->profile_fd, &out->instructions);
        if (r < 0)
            err_set(err, r, "instructions cannot be counted: callgrind has left no profile");
    }
    return r;
}

static int run_counter(struct counting *c, struct count_sums *out, struct err *err)
{
    struct disturbance ignored = {0}; /* counts do not depend on time */
    struct proc p = {.fd = -1};
    int status = 0, r = proc_fork(&p, err);
    char text[64];

    if (r == 1) {
        c->told->error = be_counter(c);
        _exit(c->told->error == 0 ? 0 : 1);
    }
    if (r < 0)
        return r;
    r = run_proc_wait(&c->count->run, &p, &ignored, err);
    if (r == 0)
        status = proc_reap(&p);
    else
        kill(-p.pid, SIGKILL); /* its group: the counted process too */
    proc_kill(&p);
    if (r == 0 && c->told->error != 0)
        r = describe_error(c->told->error, err);
    else if (r == 0 && status != 0)
        r = err_set(err, -EIO, "the process that counts %s",
                    proc_describe(status, text, sizeof text));
    return r == 0 ? take_sums(c, out, err) : r;
}

static int share_memory(struct counting *c, struct err *err)
{
    void *told, *alloc;

    if (c->alloc_fd < 0 || c->report_fd < 0 || c->profile_fd < 0 ||
        ftruncate(c->alloc_fd, sizeof *c->alloc) < 0)
        return err_set(err, -errno, "cannot make room for counts: %s", strerror(errno));
    told = mmap(NULL, sizeof *c->told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (told != MAP_FAILED)
        c->told = told;
    alloc = mmap(NULL, sizeof *c->alloc, PROT_READ | PROT_WRITE, MAP_SHARED, c->alloc_fd, 0);
    if (alloc != MAP_FAILED)
        c->alloc = alloc;
    if (c->told == NULL || c->alloc == NULL)
        return err_set(err, -ENOMEM, "cannot share memory to count in");
    return 0;
}

static void release(const struct counting *c)
{
    if (c->told != NULL)
        munmap(c->told, sizeof *c->told);
    if (c->alloc != NULL)
        munmap(c->alloc, sizeof *c->alloc);
    for (size_t i = 0; i < 3; i++) {
        int fd = (const int[]){c->alloc_fd, c->report_fd, c->profile_fd}[i];

        if (fd >= 0)
            close(fd);
    }
}

int count_proc_execute(const struct count_proc *count, struct count_sums *out, struct err *err)
{
    struct counting c = {
        .count = count,
        .alloc_fd = memfd_create("tva-count", MFD_CLOEXEC),
        .report_fd = memfd_create("tva-report", MFD_CLOEXEC),
        .profile_fd = count->profile_fd > 0 ? fcntl(count->profile_fd, F_DUPFD_CLOEXEC, 0)
                                            : memfd_create("tva-profile", MFD_CLOEXEC),
    };
    int r = share_memory(&c, err);

    if (r == 0)
        r = run_proc_args(&count->run, c.report_fd, &c.own, err);
    if (r == 0 && args_push(&c.own.args, "--no-heartbeat") < 0)
        r = -E2BIG;
    if (r == 0)
        r = count_tool_args(count->tool, &c.own.args, c.profile_fd, count->callers, &c.words,
                            &c.args);
    if (r == -E2BIG)
        err_set(err, r, "the cell's options are too long");
    if (r == 0)
        r = run_counter(&c, out, err);
    release(&c);
    return r;
}
