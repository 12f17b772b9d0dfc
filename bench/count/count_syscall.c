#include "count/count_syscall.h"

#include <stddef.h>
#include <sys/syscall.h>

#define CALL(name, kind)                                                                           \
    {                                                                                              \
        SYS_##name, #name, COUNT_SYSCALL_##kind                                                    \
    }

struct known {
    long number;
    const char *name;
    enum count_syscall_kind kind;
};

/* Calls that are not work, and the names of calls that jobs make. */
static const struct known table[] = {
    CALL(brk, MEMORY),
    CALL(mmap, MEMORY),
    CALL(munmap, MEMORY),
    CALL(mremap, MEMORY),
    CALL(mprotect, MEMORY),
    CALL(madvise, MEMORY),
#ifdef SYS_process_madvise
    CALL(process_madvise, MEMORY),
#endif
    CALL(futex, WAIT),
#ifdef SYS_epoll_wait
    CALL(epoll_wait, WAIT),
#endif
    CALL(epoll_pwait, WAIT),
#ifdef SYS_epoll_pwait2
    CALL(epoll_pwait2, WAIT),
#endif
#ifdef SYS_poll
    CALL(poll, WAIT),
#endif
    CALL(ppoll, WAIT),
#ifdef SYS_select
    CALL(select, WAIT),
#endif
    CALL(pselect6, WAIT),
    CALL(nanosleep, WAIT),
    CALL(clock_nanosleep, WAIT),
    CALL(epoll_ctl, WAIT), /* depends on whether the data is there already */
    CALL(timerfd_settime, WAIT),
    CALL(restart_syscall, WAIT),
    CALL(rt_sigreturn, WAIT),
    CALL(sched_yield, WAIT),
    CALL(clock_gettime, CLOCK),
    CALL(gettimeofday, CLOCK),
#ifdef SYS_time
    CALL(time, CLOCK),
#endif
    CALL(getcpu, CLOCK),
    CALL(read, WORK),
    CALL(write, WORK),
    CALL(readv, WORK),
    CALL(writev, WORK),
    CALL(pread64, WORK),
    CALL(pwrite64, WORK),
    CALL(preadv, WORK),
    CALL(pwritev, WORK),
#ifdef SYS_open
    CALL(open, WORK),
#endif
    CALL(openat, WORK),
    CALL(close, WORK),
    CALL(lseek, WORK),
    CALL(fsync, WORK),
    CALL(fdatasync, WORK),
    CALL(ftruncate, WORK),
    CALL(fallocate, WORK),
    CALL(fcntl, WORK),
    CALL(ioctl, WORK),
    CALL(socket, WORK),
    CALL(connect, WORK),
    CALL(accept4, WORK),
    CALL(shutdown, WORK),
    CALL(bind, WORK),
    CALL(getsockname, WORK),
    CALL(getpeername, WORK),
    CALL(getsockopt, WORK),
    CALL(setsockopt, WORK),
    CALL(sendto, WORK),
    CALL(recvfrom, WORK),
    CALL(sendmsg, WORK),
    CALL(recvmsg, WORK),
    CALL(timerfd_create, WORK),
    CALL(eventfd2, WORK),
    CALL(epoll_create1, WORK),
    CALL(clone, WORK),
#ifdef SYS_clone3
    CALL(clone3, WORK),
#endif
    CALL(set_robust_list, WORK),
#ifdef SYS_rseq
    CALL(rseq, WORK),
#endif
    CALL(rt_sigprocmask, WORK),
    CALL(rt_sigaction, WORK),
    CALL(prctl, WORK),
    CALL(getpid, WORK),
    CALL(getppid, WORK),
    CALL(gettid, WORK),
    CALL(getrandom, WORK),
    CALL(getrusage, WORK),
    CALL(sched_setaffinity, WORK),
    CALL(sched_getaffinity, WORK),
};

static const struct known *find(uint64_t number)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if ((uint64_t)table[i].number == number)
            return &table[i];
    return NULL;
}

enum count_syscall_kind count_syscall_kind(uint64_t number)
{
    const struct known *k = find(number);

    return k != NULL ? k->kind : COUNT_SYSCALL_WORK;
}

const char *count_syscall_name(uint64_t number)
{
    const struct known *k = find(number);

    return k != NULL ? k->name : NULL;
}
