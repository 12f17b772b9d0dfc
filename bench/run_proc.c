#include "run_proc.h"

#include "args.h"
#include "base/units.h"
#include "plan.h"
#include "proc.h"
#include "run/run_wire.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int start(const struct run_proc *run, int report_fd, struct proc *p, struct err *err)
{
    char options[PLAN_ARGS_SIZE], seed[24], report[16], target[32], pid[16];
    struct args args;

    args_init(&args, "tva");
    args_push(&args, "cell");
    if (args_split(&args, plan_cell_args(run->cell, options, sizeof options)) < 0)
        return err_set(err, -E2BIG, "the cell's options are too long");
    snprintf(seed, sizeof seed, "--seed=%" PRIu64, run->cell->job.seed);
    snprintf(report, sizeof report, "--report-fd=%d", report_fd);
    args_push(&args, seed);
    args_push(&args, report);
    if (run->target != NULL) {
        snprintf(target, sizeof target, "--target=127.0.0.1:%u", ntohs(run->target->addr.sin_port));
        snprintf(pid, sizeof pid, "--target-pid=%d", (int)run->target->proc.pid);
        args_push(&args, target);
        args_push(&args, pid);
    }
    return proc_start((const char *const *)args.argv, -1, report_fd, p, err);
}

/* 0 when it has ended, else as run_proc_execute(). */
static int wait_for_end(const struct run_proc *run, const struct proc *p, uint64_t deadline_ns)
{
    struct pollfd watched[] = {
        {.fd = run->interrupt->fd, .events = POLLIN},
        {.fd = run->target ? run->target->proc.fd : -1, .events = POLLIN},
        {.fd = p->fd, .events = POLLIN},
    };

    for (;;) {
        uint64_t now_ns = clock_now_ns();
        struct timespec left;

        if (now_ns >= deadline_ns)
            return -ETIMEDOUT;
        left = clock_timespec(deadline_ns - now_ns);
        if (ppoll(watched, 3, &left, NULL) <= 0)
            continue;
        if (interrupt_check(run->interrupt) != 0)
            return -EINTR;
        if (watched[1].revents != 0)
            return -ECONNRESET;
        if (watched[2].revents != 0)
            return 0;
    }
}

/* The record that an ended process left in report_fd, else how it ended. */
static int take_record(struct proc *p, int report_fd, struct run_record *out, struct err *err)
{
    char status[64];
    int ended = proc_reap(p), r;

    if (lseek(report_fd, 0, SEEK_SET) < 0)
        return err_set(err, -errno, "cannot read the report of the run: %s", strerror(errno));
    r = ended == 0 ? run_wire_receive(report_fd, out) : -ENODATA;
    if (r == -ENODATA)
        return err_set(err, r, "the process of the run %s before it had reported",
                       proc_describe(ended, status, sizeof status));
    if (r < 0)
        return err_set(err, r, "the process of the run sent no valid report: %s", strerror(-r));
    return 0;
}

/* The report goes through memory rather than a pipe: nobody has to read
 * while the run goes on, and a child that dies half-way leaves nothing to wait for. */
int run_proc_execute(const struct run_proc *run, struct run_record *out, struct err *err)
{
    struct proc p = {.fd = -1};
    char text[32];
    int report_fd = memfd_create("tva-report", MFD_CLOEXEC), r;

    if (report_fd < 0)
        return err_set(err, -errno, "cannot make room for a report: %s", strerror(errno));
    r = start(run, report_fd, &p, err);
    if (r < 0)
        goto out;
    r = wait_for_end(run, &p, clock_add_ns(clock_now_ns(), run->timeout_ns));
    if (r == -ETIMEDOUT)
        err_set(err, r, "a run was stopped because it took longer than %s; --timeout allows more",
                units_format_duration((double)run->timeout_ns, text, sizeof text));
    if (r == 0)
        r = take_record(&p, report_fd, out, err);
out:
    proc_kill(&p);
    close(report_fd);
    return r;
}
