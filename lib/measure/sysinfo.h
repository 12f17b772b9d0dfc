/* The machine and the build: the context of every measurement. */
#ifndef TVA_MEASURE_SYSINFO_H
#define TVA_MEASURE_SYSINFO_H

#include <stdint.h>

/* Texts are "" and numbers -1 if the system does not say, or sets no limit. */
struct sysinfo_context {
    char date[32]; /* now, ISO 8601, UTC */
    char host[128], kernel[160];
    char architecture[32];    /* as uname -m says it */
    char cpu[128];            /* the architecture where the kernel names no model */
    char governor[32];        /* of the first CPU's frequency */
    char libuv[32], libc[48]; /* versions loaded, not those compiled against */
    const char *liburing; /* that it was built with, most of which is in headers; "": with none */
    const char *version, *commit, *build_type, *compiler; /* of this program; static storage */
    int64_t cores;       /* that this process may use: at least 1 */
    double cpu_quota;    /* CPUs' worth of time that its control groups allow; NAN: no limit */
    int virtual_machine; /* 1 yes, 0 no, -1 unknown */
    int64_t memory_bytes;
    int64_t timer_slack_ns;     /* of this process */
    int64_t uv_threadpool_size; /* threads that libuv will use for file calls */
    int64_t limit_open_files, limit_processes, limit_max_map_count;
};

/* Read them all. Any thread, but not while another changes the environment (setenv). */
void sysinfo_read(struct sysinfo_context *out);

#endif
