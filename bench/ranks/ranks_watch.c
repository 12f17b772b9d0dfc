/* Each other rank holds a connection to rank 0 that carries nothing. The kernel of rank 0's host
 * answers for it while the process lives, be it busy or stopped, and resets it when the process
 * ends, however it ends. So rank 0 only listens: it does not even accept. */
#include "ranks/ranks_internal.h"

#include <ifaddrs.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A host that does not answer is asked after 2 s of silence, then each second, 7 times. */
#define IDLE_S  2
#define ASK_S   1
#define ASK_MAX 7

#define CONNECT_US 500000 /* an address may take so long */

void ranks_watch_describe(struct ranks_me *me)
{
    struct ifaddrs *all = NULL;
    size_t n = 0;

    if (getifaddrs(&all) < 0)
        return;
    for (const struct ifaddrs *i = all; i != NULL && n < RANKS_ADDRESSES; i = i->ifa_next)
        if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET)
            me->addresses[n++] = ((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr;
    freeifaddrs(all);
}

int ranks_watch_offer(struct ranks_me *me, unsigned count)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {0};
    socklen_t size = sizeof at;

    if (fd < 0 || listen(fd, (int)count) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) < 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    me->port = at.sin_port;
    return fd;
}

static int connect_to(const struct sockaddr_in *at)
{
    const struct timeval most = {.tv_usec = CONNECT_US};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &(int){IDLE_S}, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &(int){ASK_S}, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &(int){ASK_MAX}, sizeof(int));
    if (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool has(const struct ranks_me *me, struct in_addr address)
{
    for (size_t i = 0; i < RANKS_ADDRESSES; i++)
        if (me->addresses[i].s_addr == address.s_addr)
            return true;
    return false;
}

/* Several hosts may have an address in common, as loopback or that of a bridge for containers. What
 * another build says cannot be read. */
int ranks_watch_begin(const struct ranks_me *zero, const struct ranks_me *me)
{
    int fd = -1;
    bool here;

    if (strcmp(zero->build, me->build) != 0 || zero->port == 0)
        return -1;
    here = strcmp(zero->place, me->place) == 0;
    for (size_t i = 0; i < RANKS_ADDRESSES && zero->addresses[i].s_addr != 0 && fd < 0; i++)
        if (here || !(address_is_loopback(zero->addresses[i]) || has(me, zero->addresses[i])))
            fd = connect_to(&(struct sockaddr_in){
                .sin_family = AF_INET, .sin_port = zero->port, .sin_addr = zero->addresses[i]});
    return fd;
}

bool ranks_watch_is_over(int fd)
{
    struct pollfd watched = {.fd = fd, .events = POLLIN};

    return poll(&watched, 1, 0) > 0;
}
