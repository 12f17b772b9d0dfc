#include "harness/target_proc.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "job/wire.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING "listening on "

/* Read the first line of its output, without the newline, as much as fits. 0 or a negative errno.
 */
static int read_line(int fd, char *buf, size_t size, uint64_t deadline_ns)
{
    size_t len = 0;

    while (len + 1 < size) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        uint64_t now_ns = clock_now_ns();
        ssize_t n;

        if (now_ns >= deadline_ns)
            return -ETIMEDOUT;
        if (poll(&ready, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1) <= 0)
            continue;
        n = read(fd, buf + len, 1);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            return -ENODATA;
        if (n == 1 && buf[len++] == '\n')
            break;
    }
    buf[len > 0 ? len - 1 : 0] = '\0';
    return 0;
}

static int handshake(struct target_proc *t, struct err *err)
{
    char line[128], status[64];
    int r = read_line(t->out_fd, line, sizeof line, clock_now_ns() + TARGET_PROC_READY_NS);

    if (r == -ETIMEDOUT)
        return err_set(err, r, "the target did not say that it is ready within %llu s",
                       TARGET_PROC_READY_NS / NS_PER_S);
    if (r == -ENODATA)
        return err_set(err, r, "the target %s before it was ready",
                       proc_describe(proc_reap(&t->proc), status, sizeof status));
    if (r < 0)
        return err_set(err, r, "cannot read from the target: %s", strerror(-r));
    if (strncmp(line, GREETING, strlen(GREETING)) != 0 ||
        address_parse(line + strlen(GREETING), &t->addr) != 0)
        return err_set(err, -EPROTO, "the target said \"%s\" instead of where it listens", line);
    return 0;
}

int target_proc_start(struct target_proc *t, const char *program, const char *pathology,
                      struct err *err)
{
    const char *const argv[] = {"tva",
                                "serve",
                                "--port",
                                "0",
                                "--idle-timeout",
                                "3600s", /* a job may keep a connection */
                                pathology != NULL ? "--pathology" : NULL,
                                pathology,
                                NULL};
    int fds[2], r;

    *t = TARGET_PROC_NONE;
    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_set(err, -errno, "cannot make a pipe: %s", strerror(errno));
    t->out_fd = fds[0];
    r = proc_start(program, argv, (struct proc_fds){fds[1], -1, -1}, &t->proc, err);
    close(fds[1]);
    if (r == 0)
        r = handshake(t, err);
    if (r < 0)
        target_proc_stop(t);
    return r;
}

/* Call fn(thread, arg) for each thread of its process, until it returns true: then true. */
static bool any_thread(const struct target_proc *t, bool (*fn)(pid_t thread, void *arg), void *arg)
{
    const struct dirent *entry;
    char path[32];
    bool found = false;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", (int)t->proc.pid);
    dir = opendir(path);
    while (dir != NULL && !found && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            found = fn((pid_t)strtol(entry->d_name, NULL, 10), arg);
    if (dir != NULL)
        closedir(dir);
    return found;
}

static bool keep_to(pid_t thread, void *set)
{
    sched_setaffinity(thread, sizeof(cpu_set_t), set);
    return false;
}

void target_proc_keep_off(struct target_proc *t, int cpu)
{
    cpu_set_t set;

    if (t->proc.pid == 0 || sched_getaffinity(0, sizeof set, &set) < 0)
        return;
    if (cpu >= 0 && CPU_COUNT(&set) > 1)
        CPU_CLR((size_t)cpu, &set);
    any_thread(t, keep_to, &set);
}

static void end_ping(struct target_proc *t)
{
    if (t->ping_fd >= 0)
        close(t->ping_fd);
    t->ping_fd = -1;
    t->ping_ns = 0;
    t->ping_answered = false;
}

/* Send a request. A connection or a request that cannot be made says nothing of the target. */
static void send_ping(struct target_proc *t)
{
    const struct tcp_request_header request = {.magic = htobe32(TCP_WIRE_MAGIC),
                                               .request_bytes = htobe32(TCP_WIRE_BYTES_MIN),
                                               .reply_bytes = htobe32(TCP_WIRE_BYTES_MIN),
                                               .is_ping = htobe32(1)};

    if (t->ping_fd < 0) {
        t->ping_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(t->ping_fd, (struct sockaddr *)&t->addr, sizeof t->addr); /* send() tells */
    }
    if (send(t->ping_fd, &request, sizeof request, MSG_DONTWAIT | MSG_NOSIGNAL) ==
        (ssize_t)sizeof request)
        t->ping_ns = clock_now_ns();
    else
        end_ping(t);
}

/* Is the thread's state, as proc(5) names it, one of these? */
static bool state_is_in(pid_t thread, void *states)
{
    char path[32], line[128];
    const char *name_end;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)thread);
    name_end = strrchr(text_read(path, line, sizeof line), ')');
    return name_end != NULL && name_end[1] == ' ' && strchr(states, name_end[2]) != NULL;
}

int target_proc_ping(struct target_proc *t, struct err *why)
{
    struct tcp_reply_header reply;
    bool stopped;
    ssize_t n;

    if (t->ping_ns == 0) {
        send_ping(t);
        return 0;
    }
    n = recv(t->ping_fd, &reply, sizeof reply, MSG_DONTWAIT);
    if (n >= 0 || errno != EAGAIN) {
        t->ping_ns = 0;
        t->ping_answered = n == (ssize_t)sizeof reply;
        if (!t->ping_answered) /* closed for being idle */
            end_ping(t);
        return 0;
    }
    if (clock_now_ns() < t->ping_ns + TARGET_PROC_SILENT_NS)
        return 0;
    stopped = any_thread(t, state_is_in, "Tt");
    /* It may be busy, have to wait for a CPU, or have no room for one more connection. */
    if (!stopped && (!t->ping_answered || any_thread(t, state_is_in, "RDZX")))
        return 0;
    return err_set(why, -EHOSTDOWN, "the target (process %d) does not answer: %s", (int)t->proc.pid,
                   stopped ? "it was stopped" : "its loop is blocked");
}

void target_proc_ended(struct target_proc *t, struct err *why)
{
    char status[64];

    err_set(why, 0, "the target %s in mid-run",
            proc_describe(proc_reap(&t->proc), status, sizeof status));
}

void target_proc_stop(struct target_proc *t)
{
    end_ping(t);
    proc_kill(&t->proc);
    if (t->out_fd >= 0)
        close(t->out_fd);
    t->out_fd = -1;
}
