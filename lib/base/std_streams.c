#include "base/std_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check_output(int status, void *name)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || status != 0)
        return;
    fprintf(stderr, "%s: cannot write to standard output: %s\n", (const char *)name,
            strerror(errno));
    _exit(1);
}

void std_streams_begin(const char *name)
{
    /* Opened the wrong way round, so that reading and writing fail. */
    static const int flags[] = {O_WRONLY, O_RDONLY, O_RDONLY};

    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) < 0)
            _exit(1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    on_exit(check_output, (void *)name);
}

void std_streams_reset(void)
{
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
}
