#include "harness/interrupt.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int interrupt_init(struct interrupt *i, struct err *err)
{
    sigset_t set;

    i->signal = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    i->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (i->fd < 0)
        return err_set(err, -errno, "cannot catch signals: %s", strerror(errno));
    sigprocmask(SIG_BLOCK, &set, &i->before);
    return 0;
}

int interrupt_check(struct interrupt *i)
{
    struct signalfd_siginfo info;

    if (i->fd >= 0 && i->signal == 0 && read(i->fd, &info, sizeof info) == (ssize_t)sizeof info)
        i->signal = (int)info.ssi_signo;
    return i->signal;
}

void interrupt_deinit(struct interrupt *i)
{
    if (i->fd < 0)
        return;
    close(i->fd);
    i->fd = -1;
    sigprocmask(SIG_SETMASK, &i->before, NULL);
}
