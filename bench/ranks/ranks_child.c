#include "base/transfer.h"
#include "ranks/ranks_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* The command line of tva cell. */
struct words {
    struct args args;
    char seed[32], report[32], meet[32], share[40], target[16 + ADDRESS_TEXT], pid[32];
};

static int fill(struct words *w, const struct ranks_order *order, pid_t target_pid, int report_fd,
                int meet_fd)
{
    struct args *args = &w->args;
    int r;

    snprintf(w->seed, sizeof w->seed, "--seed=%" PRIu64, order->seed);
    snprintf(w->report, sizeof w->report, "--report-fd=%d", report_fd);
    snprintf(w->meet, sizeof w->meet, "--meet-fd=%d", meet_fd);
    snprintf(w->share, sizeof w->share, "--share=%u/%u/%u", order->share.number, order->share.count,
             order->share.here);
    snprintf(w->target, sizeof w->target, "--target=%s", order->target);
    snprintf(w->pid, sizeof w->pid, "--target-pid=%d", (int)target_pid);
    args_init(args, "tva");
    args_push(args, "cell");
    r = args_split(args, order->options);
    args_push(args, w->seed);
    args_push(args, w->report);
    args_push(args, w->meet);
    args_push(args, w->share);
    if (order->no_heartbeat)
        args_push(args, "--no-heartbeat");
    if (order->target[0] != '\0')
        args_push(args, w->target);
    if (target_pid > 0)
        args_push(args, w->pid);
    return r;
}

int ranks_child_start(struct ranks_child *c, const struct ranks_order *order, pid_t target_pid,
                      struct err *err)
{
    struct words words;
    int meet[2], r;

    *c = (struct ranks_child){.proc.fd = -1, .report_fd = -1, .meet_fd = -1};
    c->report_fd = memfd_create("tva-report", MFD_CLOEXEC);
    if (c->report_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, meet) < 0) {
        r = -errno;
        ranks_child_end(c);
        return err_set(err, r, "cannot make room for a report: %s", strerror(-r));
    }
    c->meet_fd = meet[0];
    fcntl(meet[1], F_SETFD, 0); /* the child's */
    disturbance_read(&c->before);
    r = fill(&words, order, target_pid, c->report_fd, meet[1]);
    if (r < 0)
        err_set(err, r, "the cell's options are too long");
    else
        r = proc_start(NULL, (const char *const *)words.args.argv,
                       (struct proc_fds){-1, -1, c->report_fd}, &c->proc, err);
    close(meet[1]);
    if (r < 0)
        ranks_child_end(c);
    return r;
}

bool ranks_child_is_ready(struct ranks_child *c)
{
    char byte;

    if (c->ready || recv(c->meet_fd, &byte, 1, MSG_DONTWAIT) != 1)
        return false;
    c->ready = true;
    return true;
}

void ranks_child_begin(struct ranks_child *c, uint64_t begin_ns)
{
    (void)send(c->meet_fd, &begin_ns, sizeof begin_ns,
               MSG_NOSIGNAL); /* its end is seen elsewhere */
}

int ranks_child_wait(struct ranks_child *c, const struct run_proc *run, struct err *failure,
                     struct err *err)
{
    struct disturbance after = {0};
    char text[64];
    int r = run_proc_wait(run, &c->proc, &after, err), status;

    if (r < 0)
        return r;
    status = proc_reap(&c->proc);
    disturbance_read(&after);
    c->disturbance = disturbance_since(&c->before, &after);
    if (status != 0)
        err_set(failure, 0, "its process %s", proc_describe(status, text, sizeof text));
    else if (lseek(c->report_fd, 0, SEEK_SET) < 0)
        err_set(failure, 0, "its record cannot be read: %s", strerror(errno));
    return 0;
}

int ranks_child_read(void *child, void *data, size_t len)
{
    const struct ranks_child *c = child;
    off_t at = lseek(c->report_fd, 0, SEEK_CUR);
    int r = transfer_read(c->report_fd, TRANSFER_ON, data, len);

    if (r == 0)
        fallocate(c->report_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, (off_t)len);
    return r;
}

void ranks_child_end(struct ranks_child *c)
{
    proc_kill(&c->proc);
    if (c->report_fd >= 0)
        close(c->report_fd);
    if (c->meet_fd >= 0)
        close(c->meet_fd);
    c->report_fd = c->meet_fd = -1;
}
