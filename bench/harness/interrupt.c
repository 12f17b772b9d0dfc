#include "harness/interrupt.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int interrupt_init(struct interrupt *i, struct err *err)
{
    struct sigaction hangup;
    sigset_t set;

    i->signal = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) /* nohup */
        sigaddset(&set, SIGHUP);
    i->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (i->fd < 0)
        return err_set(err, -errno, "cannot catch signals: %s", strerror(errno));
    sigprocmask(SIG_BLOCK, &set, &i->before);
    return 0;
}

int interrupt_check(struct interrupt *i)
{
    struct signalfd_siginfo info;

    while (i->fd >= 0 && read(i->fd, &info, sizeof info) == (ssize_t)sizeof info)
        if (i->signal == 0)
            i->signal = (int)info.ssi_signo;
    return i->signal;
}

void interrupt_deinit(struct interrupt *i)
{
    if (i->fd < 0)
        return;
    interrupt_check(i);
    close(i->fd);
    i->fd = -1;
    sigprocmask(SIG_SETMASK, &i->before, NULL);
}
