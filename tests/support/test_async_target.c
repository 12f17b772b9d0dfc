#include "support/test_async_target.h"

#include "base/clock.h"
#include "job/wire.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 128
#define FIRST       2 /* in the table for poll: before it the listener and the stop pipe */

static bool receive_all(int fd, void *data, size_t len)
{
    for (char *p = data; len > 0;) {
        ssize_t n = recv(fd, p, len, 0);

        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool send_all(int fd, const void *data, size_t len)
{
    for (const char *p = data; len > 0;) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool reply(struct test_async_target *t, int fd, const char *request, size_t sent,
                  size_t size, uint64_t held_ns)
{
    struct tcp_reply_header header = {
        .magic = htobe32(TCP_WIRE_MAGIC ^ (t->fault == TEST_ASYNC_WRONG_MAGIC)),
        .reply_bytes = htobe32((uint32_t)size + (t->fault == TEST_ASYNC_WRONG_SIZE)),
        .held_ns = htobe64(held_ns),
        .sent_ns = htobe64(clock_now_ns()),
    };
    char *buf = calloc(1, size);
    bool good;

    memcpy(buf, &header, sizeof header);
    for (size_t i = sizeof header; sent > 0 && i < size; i++)
        buf[i] = request[(i - sizeof header) % sent];
    if (t->fault == TEST_ASYNC_WRONG_PAYLOAD)
        buf[size - 1] ^= 1;
    good = send_all(fd, buf, t->fault == TEST_ASYNC_CUT_REPLY ? size / 2 : size);
    free(buf);
    return good && t->fault != TEST_ASYNC_CUT_REPLY;
}

/* One request; false when the connection is to be closed. */
static bool serve(struct test_async_target *t, int fd)
{
    struct tcp_request_header header;
    struct timespec hold;
    char *payload;
    size_t sent;
    bool good;
    uint64_t delay_ns;

    if (!receive_all(fd, &header, sizeof header) || be32toh(header.magic) != TCP_WIRE_MAGIC)
        return false;
    sent = be32toh(header.request_bytes) - sizeof header;
    delay_ns = be64toh(header.delay_ns);
    hold = clock_timespec(delay_ns);
    payload = malloc(sent + 1);
    good = receive_all(fd, payload, sent);
    t->requests += good;
    if (good && t->fault != TEST_ASYNC_SILENT) {
        nanosleep(&hold, NULL);
        good =
            t->fault != TEST_ASYNC_CLOSE && reply(t, fd, payload, sent, be32toh(header.reply_bytes),
                                                  delay_ns - (t->fault == TEST_ASYNC_SHORT_HOLD));
    }
    free(payload);
    return good;
}

static void *serve_until_stopped(void *arg)
{
    struct test_async_target *t = arg;
    struct pollfd fds[FIRST + CONNECTIONS] = {{t->listen_fd, POLLIN, 0},
                                              {t->stop_pipe[0], POLLIN, 0}};
    nfds_t n = FIRST;

    while (poll(fds, n, -1) >= 0 && fds[1].revents == 0) {
        for (nfds_t i = n; i-- > FIRST;)
            if (fds[i].revents != 0 && !serve(t, fds[i].fd)) {
                close(fds[i].fd);
                fds[i] = fds[--n];
            }
        if (fds[0].revents != 0 && n < FIRST + CONNECTIONS) {
            fds[n] = (struct pollfd){accept(t->listen_fd, NULL, NULL), POLLIN, 0};
            t->connections += fds[n].fd >= 0;
            n += fds[n].fd >= 0;
        }
    }
    while (n-- > FIRST)
        close(fds[n].fd);
    return NULL;
}

int test_async_target_start(struct test_async_target *t, enum test_async_fault fault)
{
    socklen_t len = sizeof t->addr;

    *t = (struct test_async_target){.fault = fault};
    t->addr.sin_family = AF_INET;
    t->addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    t->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (t->listen_fd < 0 || bind(t->listen_fd, (struct sockaddr *)&t->addr, len) != 0 ||
        getsockname(t->listen_fd, (struct sockaddr *)&t->addr, &len) != 0 ||
        listen(t->listen_fd, CONNECTIONS) != 0 || pipe(t->stop_pipe) != 0)
        return -errno;
    return -pthread_create(&t->thread, NULL, serve_until_stopped, t);
}

void test_async_target_stop(struct test_async_target *t)
{
    close(t->stop_pipe[1]);
    pthread_join(t->thread, NULL);
    close(t->stop_pipe[0]);
    close(t->listen_fd);
}
