/* System calls by number: their names and kinds.
 *
 * How often a process waits or asks for memory depends on when it is woken and on the state of the
 * heap. How often it reads, writes or opens does not. Only the latter can be counted exactly, so
 * the kinds are counted apart. Pure functions. */
#ifndef TVA_BENCH_COUNT_SYSCALL_H
#define TVA_BENCH_COUNT_SYSCALL_H

#include <stdint.h>

enum count_syscall_kind {
    COUNT_SYSCALL_WORK,   /* everything else */
    COUNT_SYSCALL_WAIT,   /* waiting, waking, setting a timer */
    COUNT_SYSCALL_MEMORY, /* the address space */
    COUNT_SYSCALL_CLOCK   /* most machines answer these without a system call; never counted */
};

/* Numbers from here on are not counted apart. */
#define COUNT_SYSCALLS_MAX 512

/* The kind of a call by its number alone; see count_trace.h for calls that turn out to be waits. */
enum count_syscall_kind count_syscall_kind(uint64_t number);

/* Its name as in <sys/syscall.h>; NULL when it is not in the table. */
const char *count_syscall_name(uint64_t number);

#endif
