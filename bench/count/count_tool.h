/* The tools that count: which of them this machine has, and how a process is started for them. */
#ifndef TVA_BENCH_COUNT_TOOL_H
#define TVA_BENCH_COUNT_TOOL_H

#include "base/err.h"
#include "cli/args.h"

#include <limits.h>
#include <stdbool.h>

enum count_tool {
    COUNT_BY_TRACE,   /* system calls, by ptrace */
    COUNT_BY_PRELOAD, /* allocations, by a library in front of the C library; context switches */
    COUNT_BY_VALGRIND /* instructions, by callgrind */
};

#define COUNT_TOOLS 3

/* Can this machine use the tool? 0, or a negative errno with *err saying what cannot be counted,
 * why, and what to do. Some obstacles show only when a process is traced. */
int count_tool_check(enum count_tool tool, struct err *err);

/* Processes of one cell run under different conditions, so that counts which depend on them are
 * found. In variation 0 the environment is short and the process is not pinned. */
#define COUNT_VARIATIONS 3

/* In the child, before exec: set its environment, memory layout and CPU. Of the parent's
 * environment it gets only the few variables that change what it does. shared_fd is where the
 * preloaded library counts. A pinned cell chooses its CPU itself. 0 or a negative errno. */
int count_tool_enter(enum count_tool tool, unsigned variation, bool pinned, int shared_fd);

/* Room for the words in front of the command line. */
struct count_tool_words {
    char program[PATH_MAX], profile[64];
};

/* The command line to execute in place of argv, the program's own; callgrind writes its profile to
 * out_fd. 0 or -E2BIG. */
int count_tool_args(enum count_tool tool, const struct args *argv, int out_fd,
                    struct count_tool_words *words, struct args *out);

#endif
