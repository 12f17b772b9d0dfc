/* A small target in a thread of the test: speaks job/wire.h, well or wrongly as asked. */
#ifndef TVA_TEST_ASYNC_TARGET_H
#define TVA_TEST_ASYNC_TARGET_H

#include <netinet/in.h>
#include <pthread.h>

enum test_async_fault {
    TEST_ASYNC_NO_FAULT,
    TEST_ASYNC_WRONG_MAGIC,
    TEST_ASYNC_WRONG_SIZE,    /* in the reply's header */
    TEST_ASYNC_WRONG_PAYLOAD, /* one bit of the last byte */
    TEST_ASYNC_SHORT_HOLD,    /* claims to have held the reply for 1 ns too little */
    TEST_ASYNC_CUT_REPLY,     /* closes after half of it */
    TEST_ASYNC_CLOSE,         /* closes instead of replying */
    TEST_ASYNC_SILENT         /* never replies */
};

struct test_async_target {
    enum test_async_fault fault;
    struct sockaddr_in addr; /* where it listens */
    int listen_fd, stop_pipe[2];
    pthread_t thread;
    unsigned connections, requests; /* seen so far; to be read after stop */
};

/* 0 or a negative errno. */
int test_async_target_start(struct test_async_target *t, enum test_async_fault fault);

/* Close all connections and end the thread. */
void test_async_target_stop(struct test_async_target *t);

#endif
