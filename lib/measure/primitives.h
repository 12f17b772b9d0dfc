/* What this machine's primitives cost. They explain most of what differs between two machines of
 * one name: a model that makes a thread or touches a page for each job is as dear as these are. */
#ifndef TVA_MEASURE_PRIMITIVES_H
#define TVA_MEASURE_PRIMITIVES_H

#include <math.h>
#include <stdbool.h>

/* Kernel memory that no figure of a process contains, from /proc/meminfo, which other processes
 * disturb. NAN where it is not known: a connection's, where no two tries agree, or where the
 * process may not open 2,000 descriptors. */
struct kernel_memory {
    double thread_bytes;     /* of a thread that waits: its stack there and its structures */
    double connection_bytes; /* of one end of an idle TCP connection */
};
#define KERNEL_MEMORY_UNKNOWN ((struct kernel_memory){NAN, NAN})

/* NAN where the system does not let it be measured. */
struct primitives {
    double page_ns;    /* a page of memory touched first */
    double thread_ns;  /* a thread made and joined */
    double wake_ns;    /* a thread woken by another, by a futex, until it runs */
    double syscall_ns; /* a system call that does next to nothing */
    double clock_ns;   /* the clock read */
    struct kernel_memory kernel;
};

/* Measure them all, what a connection takes only on request: some 30 ms where a thread is made in
 * 20 us, and 60 ms for connections. Times are the least of several stretches: what else the machine
 * does can only add to it. Makes threads of its own, and joins them; any thread. */
void primitives_measure(struct primitives *out, bool connections);

#endif
