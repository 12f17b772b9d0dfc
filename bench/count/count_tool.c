#include "count/count_proc.h"

#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PADDING 1009 /* bytes more of environment each variation */

/* glibc chooses its string functions and their thresholds by the CPU; these settings make them the
 * same on all CPUs. A C library ignores settings that it does not know. */
#define TUNABLES                                                                                   \
    "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-BMI1,-BMI2,-ERMS,-FMA,-FSRM,"       \
    "-LZCNT,-MOVBE,-POPCNT,-RTM,-SSSE3,-SSE4_1,-SSE4_2,-XSAVE,-XSAVEC,-AVX_Usable,-AVX2_Usable,"   \
    "-AVX_Fast_Unaligned_Load,-Prefer_No_VZEROUPPER:glibc.cpu.x86_data_cache_size=32768:"          \
    "glibc.cpu.x86_shared_cache_size=1048576:glibc.cpu.x86_non_temporal_threshold=786432:"         \
    "glibc.cpu.x86_rep_movsb_threshold=2048:glibc.cpu.x86_rep_stosb_threshold=2048:"               \
    "glibc.cpu.name=generic"

static bool sanitized(void)
{
    return strchr(TVA_BUILD_TYPE, '+') != NULL;
}

static const char *find_library(char *buf, size_t size)
{
    return program_find(TVA_MODULE_DIRS, COUNT_ALLOC_LIBRARY, R_OK, buf, size);
}

int count_tool_check(enum count_tool tool, struct err *err)
{
    const char *dirs = getenv("PATH");
    char path[PATH_MAX];

    if (tool == COUNT_BY_TRACE)
        return 0;
    if (sanitized())
        return err_set(err, -ENOTSUP, "%s cannot be counted in a build with sanitizers, which %s",
                       tool == COUNT_BY_PRELOAD ? "allocations" : "instructions",
                       tool == COUNT_BY_PRELOAD ? "have an allocator of their own"
                                                : "valgrind cannot run");
    if (tool == COUNT_BY_VALGRIND &&
        program_find(dirs != NULL ? dirs : "", "valgrind", X_OK, path, sizeof path) == NULL)
        return err_set(err, -ENOENT,
                       "instructions cannot be counted: valgrind is not installed; on Debian: "
                       "apt-get install valgrind");
    if (tool == COUNT_BY_PRELOAD && find_library(path, sizeof path) == NULL)
        return err_set(err, -ENOENT,
                       "allocations cannot be counted: %s is not beside the program, nor where it "
                       "is installed to; build or install tva anew",
                       COUNT_ALLOC_LIBRARY);
    return 0;
}

/* Does this variable stay? It says where files are, or how large libuv's pool is. */
static bool stays(const char *variable)
{
    static const char *const kept[] = {
        "PATH=",         "LD_LIBRARY_PATH=", "TMPDIR=", "ASAN_OPTIONS=",
        "TSAN_OPTIONS=", "UBSAN_OPTIONS=",   "TVA_",    "UV_THREADPOOL_SIZE="};

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (strncmp(variable, kept[i], strlen(kept[i])) == 0)
            return true;
    return false;
}

/* Remove the other variables, in place: the child has its own copy of the environment. */
static void clear_environment(void)
{
    char **to = environ;

    for (char **from = environ; from != NULL && *from != NULL; from++)
        if (stays(*from))
            *to++ = *from;
    if (to != NULL)
        *to = NULL;
}

/* LD_PRELOAD takes a blank or a colon in a path for the end of a name, so it names a descriptor,
 * which stays open over exec. */
static int set_preload(int shared_fd)
{
    char path[PATH_MAX], fd[16];

    if (find_library(path, sizeof path) == NULL)
        return 0;
    snprintf(fd, sizeof fd, "%d", shared_fd);
    snprintf(path, sizeof path, "/proc/self/fd/%d", open(path, O_RDONLY));
    return setenv("LD_PRELOAD", path, 1) | setenv(COUNT_ALLOC_FD_ENV, fd, 1);
}

static int set_environment(enum count_tool tool, unsigned variation, int shared_fd)
{
    char padding[COUNT_VARIATIONS * PADDING + 1], text[PATH_MAX];
    const char *asan = getenv("ASAN_OPTIONS");
    int r = 0;

    clear_environment();
    memset(padding, 'x', sizeof padding);
    padding[variation % COUNT_VARIATIONS * PADDING] = '\0';
    r |= setenv("TVA_COUNT_PADDING", padding, 1);
    r |= setenv("LC_ALL", "C", 1);
    r |= setenv("GLIBC_TUNABLES", TUNABLES, 1);
    /* The leak checker traces all threads, and a process can have only one tracer. */
    snprintf(text, sizeof text, "%.2000s%sdetect_leaks=0", asan ? asan : "", asan ? ":" : "");
    if (sanitized())
        r |= setenv("ASAN_OPTIONS", text, 1);
    if (tool == COUNT_BY_PRELOAD)
        r |= set_preload(shared_fd);
    return r == 0 ? 0 : -ENOMEM;
}

/* Pin the process to one CPU in each variation but the first, to another CPU each time if there are
 * several. */
static void set_cpu(unsigned variation)
{
    cpu_set_t all, one;
    unsigned skip;

    if (variation == 0 || sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    skip = (variation - 1) % (unsigned)CPU_COUNT(&all);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &all) || skip-- > 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        /* When this is refused, the counts still agree, or are found to differ. */
        (void)sched_setaffinity(0, sizeof one, &one);
        return;
    }
}

int count_tool_enter(enum count_tool tool, unsigned variation, bool pinned, int shared_fd)
{
    int r = set_environment(tool, variation, shared_fd);

    if (tool == COUNT_BY_VALGRIND)
        (void)personality(ADDR_NO_RANDOMIZE);    /* when this is refused, counts differ by a few */
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* a page each, or they could not be counted */
    if (!pinned)
        set_cpu(variation);
    return r;
}

int count_tool_args(enum count_tool tool, const struct args *argv, int out_fd, unsigned callers,
                    struct count_tool_words *words, struct args *out)
{
    int r = 0;

    program_path(words->program, sizeof words->program);
    snprintf(words->profile, sizeof words->profile, "--callgrind-out-file=/proc/self/fd/%d",
             out_fd);
    snprintf(words->callers, sizeof words->callers, "--separate-callers=%u", callers);
    if (tool == COUNT_BY_VALGRIND) {
        args_init(out, "valgrind");
        r |= args_push(out, "-q");
        r |= args_push(out, "--tool=callgrind");
        r |= args_push(out, "--log-file=/dev/null"); /* not of interest: calls it does not know */
        r |= args_push(out, "--compress-strings=no");
        r |= args_push(out, words->callers);
        r |= args_push(out, words->profile);
        r |= args_push(out, words->program);
    } else {
        args_init(out, argv->argv[0]);
    }
    for (int i = 1; i < argv->argc; i++)
        r |= args_push(out, argv->argv[i]);
    return r == 0 ? 0 : -E2BIG;
}
