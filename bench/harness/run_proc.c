#include "harness/run_proc.h"

#include "base/units.h"
#include "harness/proc.h"
#include "job/plugin.h"
#include "run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define WARM_BYTES        (64ULL << 20)     /* a run that needs more memory gets it warmed up */
#define WAITING_JOB_BYTES 8192              /* of stack and what is around it, usually two pages */
#define LOOK_NS           (500 * NS_PER_MS) /* while a run goes on, the parent wakes so often */
#define HALT_MIN_NS       (700 * NS_PER_MS) /* load alone does not make it so late */

/* About how many bytes a run of this cell, or a rank's share of it, will touch. */
static uint64_t expected_bytes(const struct cell *c)
{
    uint64_t waiting = model_lanes(c->model, cell_in_flight(c), c->threads);
    double jobs = load_expected_jobs(&c->load, c->jobs, cell_warmup_jobs(c));

    return waiting * WAITING_JOB_BYTES + share_of(c->share, (uint64_t)jobs) * sizeof(struct sample);
}

void run_proc_prepare(const struct run_proc *run)
{
    uint64_t touched = expected_bytes(run->cell);
    uint64_t half = (uint64_t)sysconf(_SC_AVPHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;

    if (touched > WARM_BYTES)
        proc_touch_memory(touched < half ? touched : half);
    if (run->target != NULL)
        target_proc_keep_off(run->target, run->cell->cpu);
}

int run_proc_args(const struct run_proc *run, int report_fd, struct run_proc_args *out,
                  struct err *err)
{
    struct args *args = &out->args;

    args_init(args, "tva");
    args_push(args, "cell");
    if (args_split(args, plan_cell_args(run->cell, out->options, sizeof out->options)) < 0)
        return err_set(err, -E2BIG, "the cell's options are too long");
    snprintf(out->seed, sizeof out->seed, "--seed=%" PRIu64, job_seed(&run->cell->job));
    snprintf(out->report, sizeof out->report, "--report-fd=%d", report_fd);
    args_push(args, out->seed);
    args_push(args, out->report);
    if (run->cell->no_heartbeat)
        args_push(args, "--no-heartbeat");
    if (run->target != NULL) {
        snprintf(out->target, sizeof out->target, "--target=127.0.0.1:%u",
                 ntohs(run->target->addr.sin_port));
        snprintf(out->pid, sizeof out->pid, "--target-pid=%d", (int)run->target->proc.pid);
        args_push(args, out->target);
        args_push(args, out->pid);
    }
    return 0;
}

static int start(const struct run_proc *run, int report_fd, struct proc *p, struct err *err)
{
    struct run_proc_args args;
    int r = run_proc_args(run, report_fd, &args, err);

    return r == 0 ? proc_start(run->program, (const char *const *)args.args.argv,
                               (struct proc_fds){-1, -1, report_fd}, p, err)
                  : r;
}

/* A descriptor that tells when a child was stopped, continued or ended, and when this process was
 * continued; -1 where there is none, and stops are then learned of late. */
static int signals_fd(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGCONT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* What is watched while a run goes on. */
enum { SIGNALS, TARGET, ENDED, STOPS, LOOK, WATCHED };

/* ppoll() for pause_ns. Who wakes far too late, and no signal had stopped it, was halted with its
 * children: a paused container, or a host that gave no CPU. */
static int look(struct pollfd watched[WATCHED], uint64_t pause_ns, struct disturbance *seen)
{
    uint64_t begin_ns = clock_now_ns();
    struct timespec pause = clock_timespec(pause_ns);
    int ready = ppoll(watched, WATCHED, &pause, NULL);
    uint64_t passed_ns = clock_now_ns() - begin_ns;
    struct signalfd_siginfo info;
    bool continued = false;

    while (read(watched[STOPS].fd, &info, sizeof info) == (ssize_t)sizeof info)
        continued = continued || info.ssi_signo == SIGCONT;
    if (passed_ns > pause_ns + HALT_MIN_NS && !continued) {
        seen->stops++;
        seen->stopped_ns += passed_ns - pause_ns;
    }
    return ready;
}

/* One look at what is watched: 0 when the process has ended, 1 when it goes on, or an error. */
static int wait_once(const struct run_proc *run, struct pollfd watched[WATCHED],
                     uint64_t deadline_ns, struct disturbance *seen, struct err *err)
{
    const char *option = run->timeout_option;
    uint64_t now_ns = clock_now_ns();
    int64_t pause_ns = run->look != NULL ? run->look(run->look_arg) : (int64_t)LOOK_NS;
    char text[32];

    if (pause_ns < 0)
        return (int)pause_ns;

    if (now_ns >= deadline_ns)
        return err_set(err, -ETIMEDOUT, "a run was stopped because it took longer than %s%s%s%s",
                       units_format_duration((double)run->timeout_ns, text, sizeof text),
                       option != NULL ? "; " : "", option != NULL ? option : "",
                       option != NULL ? " allows more" : "");
    if ((uint64_t)pause_ns > deadline_ns - now_ns)
        pause_ns = (int64_t)(deadline_ns - now_ns);
    if (look(watched, (uint64_t)pause_ns, seen) <= 0)
        return run->target != NULL && pause_ns >= (int64_t)LOOK_NS &&
                       target_proc_ping(run->target, err) < 0
                   ? -EHOSTDOWN
                   : 1;
    if (interrupt_check(run->interrupt) != 0)
        return -EINTR;
    if (watched[TARGET].revents != 0)
        return -ECONNRESET;
    return watched[ENDED].revents != 0 ? 0 : 1;
}

int run_proc_wait(const struct run_proc *run, const struct proc *p, struct disturbance *seen,
                  struct err *err)
{
    uint64_t deadline_ns = clock_add_ns(clock_now_ns(), run->timeout_ns);
    struct disturbance_watch watch = {.stopped_ns = 0};
    struct pollfd watched[] = {
        [SIGNALS] = {.fd = run->interrupt->fd, .events = POLLIN},
        [TARGET] = {.fd = run->target ? run->target->proc.fd : -1, .events = POLLIN},
        [ENDED] = {.fd = p->fd, .events = POLLIN},
        [STOPS] = {.fd = signals_fd(), .events = POLLIN},
        [LOOK] = {.fd = run->look != NULL ? run->look_fd : -1, .events = POLLIN},
    };
    int r = 1;

    while (r == 1) {
        r = wait_once(run, watched, deadline_ns, seen, err);
        disturbance_watch(&watch, p->pid, seen);
    }
    if (watched[STOPS].fd >= 0)
        close(watched[STOPS].fd);
    return r;
}

int run_proc_record(const struct cell *cell, int ended, int report_fd, struct run_record *out,
                    struct err *err)
{
    const char *plugin = NULL;
    char status[64];
    int r;

    for (size_t k = 0; k < cell->job.count && plugin == NULL; k++)
        plugin = plugin_of(cell->job.parts[k].type).path;
    if (lseek(report_fd, 0, SEEK_SET) < 0)
        return err_set(err, -errno, "cannot read the report of the run: %s", strerror(errno));
    r = ended == 0 ? run_wire_receive(report_fd, out) : -ENODATA;
    if (r == -ENODATA)
        return err_set(err, r, "the process of the run %s before it had reported%s%s",
                       proc_describe(ended, status, sizeof status),
                       plugin != NULL ? "; its job is that of plugin " : "",
                       plugin != NULL ? plugin : "");
    if (r < 0)
        return err_set(err, r, "the process of the run sent no valid report: %s", strerror(-r));
    return 0;
}

/* The report goes through memory and not through a pipe: nothing has to read while the run goes on,
 * and a child that dies half-way leaves no reader waiting. */
int run_proc_execute(const struct run_proc *run, struct run_record *out, struct err *err)
{
    struct proc p = {.fd = -1};
    struct disturbance before = {0}, after = {0};
    int report_fd = memfd_create("tva-report", MFD_CLOEXEC), r;

    if (report_fd < 0)
        return err_set(err, -errno, "cannot make room for a report: %s", strerror(errno));
    disturbance_read(&before);
    r = start(run, report_fd, &p, err);
    if (r < 0)
        goto out;
    r = run_proc_wait(run, &p, &after, err);
    if (r == 0)
        r = run_proc_record(run->cell, proc_reap(&p), report_fd, out, err);
    if (r < 0)
        goto out;
    disturbance_read(&after);
    out->disturbance = disturbance_since(&before, &after);
out:
    proc_kill(&p);
    close(report_fd);
    return r;
}
