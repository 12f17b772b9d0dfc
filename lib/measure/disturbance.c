#include "measure/disturbance.h"

#include "base/clock.h"
#include "base/text.h"
#include "measure/cgroup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define GROUP "TcpExt: "

/* The value under a name in a line of names and one of values: "TcpExt: A B" and "TcpExt: 1 2".
 * Nothing is set where there is none. */
static void read_value(const char *text, const char *name, uint64_t *out)
{
    size_t len = strlen(name);
    const char *names = strstr(text, GROUP), *values = names ? strstr(names + 1, GROUP) : NULL;

    while (values != NULL) {
        names += strcspn(names, " \n");
        values += strcspn(values, " \n");
        if (*names != ' ' || *values != ' ')
            return;
        names++;
        values++;
        if (strcspn(names, " \n") == len && strncmp(names, name, len) == 0) {
            *out = strtoull(values, NULL, 10);
            return;
        }
    }
}

void disturbance_read_network(const char *path, struct disturbance *out)
{
    char text[16384];

    text_read(path, text, sizeof text);
    read_value(text, "ListenDrops", &out->listen_drops);
    read_value(text, "TCPTimeouts", &out->tcp_timeouts);
}

void disturbance_read(struct disturbance *out)
{
    struct cgroup group;

    out->at_ns = clock_now_ns();
    out->suspended_ns = clock_read_ns(CLOCK_BOOTTIME) - out->at_ns;
    cgroup_find("/proc/self/cgroup", "/proc/self/mountinfo", &group);
    cgroup_throttled(&group, &out->throttled, &out->throttled_ns);
    disturbance_read_network("/proc/self/net/netstat", out);
}

static uint64_t grown(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

struct disturbance disturbance_since(const struct disturbance *before,
                                     const struct disturbance *after)
{
    return (struct disturbance){
        .at_ns = grown(before->at_ns, after->at_ns),
        .throttled = grown(before->throttled, after->throttled),
        .throttled_ns = grown(before->throttled_ns, after->throttled_ns),
        .listen_drops = grown(before->listen_drops, after->listen_drops),
        .tcp_timeouts = grown(before->tcp_timeouts, after->tcp_timeouts),
        .suspended_ns = grown(before->suspended_ns, after->suspended_ns),
        .stops = after->stops,
        .stopped_ns = after->stopped_ns,
    };
}

void disturbance_watch(struct disturbance_watch *w, pid_t child, struct disturbance *out)
{
    siginfo_t info = {.si_pid = 0};

    while (waitid(P_PID, (id_t)child, &info, WSTOPPED | WCONTINUED | WNOHANG) == 0 &&
           info.si_pid != 0) {
        uint64_t now_ns = clock_now_ns();

        if (info.si_code == CLD_CONTINUED) {
            out->stops++;
            out->stopped_ns += w->stopped_ns > 0 ? now_ns - w->stopped_ns : 0;
        }
        w->stopped_ns = info.si_code == CLD_CONTINUED ? 0 : now_ns;
        info.si_pid = 0;
    }
}
