/* For tests of what a process leaves behind: its death, its stderr, its descriptors. */
#ifndef TVA_TEST_ASYNC_PROCESS_H
#define TVA_TEST_ASYNC_PROCESS_H

#include <stddef.h>

/* Run fn(arg) in a forked child without core dumps and with the default action for SIGSEGV, also
 * under sanitizers. The signal that killed it, or minus its exit status (0: fn returned). */
int test_async_fork(void (*fn)(void *arg), void *arg);

/* Run fn(arg) with stderr written into buf, cut at its size; returns buf. */
char *test_async_stderr(void (*fn)(void *arg), void *arg, char *buf, size_t size);

/* How many descriptors this process has open. */
size_t test_async_open_fds(void);

#endif
