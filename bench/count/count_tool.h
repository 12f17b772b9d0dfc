/* The tools that count, whether they are there, and what a process must be started with for them.
 */
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

/* Can it be used here? 0, or a negative errno with *err saying what cannot be counted, why, and
 * what to do. What only shows when a process is traced, does so there. */
int count_tool_check(enum count_tool tool, struct err *err);

/* What differs between processes that are to count the same, so that counts which depend on it are
 * found out: where 0, the environment is short and the CPU free. */
#define COUNT_VARIATIONS 3

/* In the child, before exec: set its environment (that of the parent does not reach it, but for a
 * few variables that make a difference to what it does), memory layout and CPU. shared_fd is where
 * the preloaded library counts; a cell that is pinned chooses its CPU itself. 0 or a negative
 * errno. */
int count_tool_enter(enum count_tool tool, unsigned variation, bool pinned, int shared_fd);

/* Room for the words that come in front of a command line. */
struct count_tool_words {
    char program[PATH_MAX], profile[64];
};

/* What is to be executed instead of argv, the program's own command line; out_fd is where callgrind
 * leaves its profile. 0 or -E2BIG. */
int count_tool_args(enum count_tool tool, const struct args *argv, int out_fd,
                    struct count_tool_words *words, struct args *out);

#endif
