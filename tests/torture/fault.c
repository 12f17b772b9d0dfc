/* libtva_fault.so: preloaded into a command of the program, it lets one call of the C library fail,
 * come late, or kill the process; and it lists the call sites that it has seen. torture.py drives
 * it.
 *
 * A call site is a function with the stack of its callers, so that one malloc() that all jobs reach
 * in the same way is one site, whatever the addresses of this process are. Only calls that come
 * from the program or from its modules count, not those of the dynamic linker or of a sanitizer.
 *
 * The environment says what to do:
 *   FAULT_FILE     the shared memory that takes the sites (struct fault_shared), as a file; without
 *                  it nothing happens
 *   FAULT_COMMAND  act in this command of the program only: run, cell, serve, ...
 *   FAULT_SITE     the site to strike at, in hexadecimal; none: only list
 *   FAULT_NTH      strike when the site is reached for this time, over all processes; default 1
 *   FAULT_STICKY   if set, every later call of the same function is struck as well, at all sites
 *   FAULT_ACTION   fail (default), kill, or a number: come so many ms late
 *   FAULT_ERRNO    the errno of the failure in numbers; default: the function's own
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unwind.h>

#define SITES   8192 /* a power of two */
#define FRAMES  20
#define MODULES 32

struct frame {
    uint32_t module, offset;
};

struct site {
    _Atomic uint64_t hash; /* 0: free */
    _Atomic uint32_t count;
    uint32_t depth;
    char function[24];
    struct frame frames[FRAMES];
};

struct module {
    _Atomic uint64_t hash;
    char name[120];
};

struct fault_shared {
    _Atomic uint32_t fired;     /* how often a fault struck */
    _Atomic uint32_t aborts;    /* calls of abort() */
    _Atomic uint32_t uv_aborts; /* those of libuv itself */
    uint32_t reserved;
    char sticky[24]; /* the function that fails from now on, once it was struck */
    struct module modules[MODULES];
    struct site sites[SITES];
};

/* The library stands in for functions that take no context, so what it knows is global. */
static struct fault_shared *shared;
static enum { FAIL, KILL, DELAY } action;
static uint64_t wanted;
static unsigned nth = 1, delay_ms;
static int sticky, forced_errno;
static uintptr_t own_base;
static __thread int busy __attribute__((tls_model("initial-exec")));

/* dlsym() may allocate before there is an allocator to pass that on to. */
static _Alignas(max_align_t) char early[16384];
static atomic_size_t early_used;

#define HASH_START 0xcbf29ce484222325ULL

static uint64_t hash_add(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *p = data;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ p[i]) * 0x100000001b3ULL;
    return hash;
}

/* The number of a module in the shared table, which knows it by its name. */
static uint32_t module_number(const char *name)
{
    uint64_t hash = hash_add(HASH_START, name, strlen(name));

    for (uint32_t i = 0; i < MODULES; i++) {
        uint64_t free_place = 0;

        if (atomic_compare_exchange_strong(&shared->modules[i].hash, &free_place, hash))
            strncpy(shared->modules[i].name, name, sizeof shared->modules[i].name - 1);
        if (free_place == 0 || free_place == hash)
            return i;
    }
    return MODULES - 1;
}

struct walk {
    const char *function;
    struct frame frames[FRAMES];
    uint32_t depth;
    uint64_t hash;
    int ours;     /* a frame lies in the program or in one of its modules */
    int first_uv; /* the caller is libuv */
};

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *arg)
{
    struct walk *walk = arg;
    uintptr_t pc = _Unwind_GetIP(context) - 1;
    struct dl_find_object found;
    const char *name, *base;
    uint32_t offset;

    if (_dl_find_object((void *)pc, &found) != 0)
        return _URC_END_OF_STACK;
    if ((uintptr_t)found.dlfo_map_start == own_base)
        return _URC_NO_REASON;
    name = found.dlfo_link_map->l_name;
    base = strrchr(name, '/');
    base = base != NULL ? base + 1 : name;
    if (strncmp(base, "libasan", 7) == 0)
        return _URC_NO_REASON;
    if (name[0] == '\0' || strncmp(base, "libtva_", 7) == 0)
        walk->ours = 1;
    if (walk->depth == 0)
        walk->first_uv = strncmp(base, "libuv", 5) == 0;
    offset = (uint32_t)(pc - (uintptr_t)found.dlfo_map_start);
    walk->hash = hash_add(walk->hash, base, strlen(base));
    walk->hash = hash_add(walk->hash, &offset, sizeof offset);
    walk->frames[walk->depth++] = (struct frame){module_number(name), offset};
    return walk->depth < FRAMES ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static struct site *site_of(const struct walk *walk)
{
    for (uint64_t i = walk->hash; i < walk->hash + SITES; i++) {
        struct site *site = &shared->sites[i % SITES];
        uint64_t free_place = 0;

        if (atomic_compare_exchange_strong(&site->hash, &free_place, walk->hash)) {
            site->depth = walk->depth;
            strncpy(site->function, walk->function, sizeof site->function - 1);
            memcpy(site->frames, walk->frames, sizeof site->frames);
            return site;
        }
        if (free_place == walk->hash)
            return site;
    }
    return NULL;
}

static int act(int own_errno)
{
    struct timespec pause = {delay_ms / 1000, (long)(delay_ms % 1000) * 1000000};

    atomic_fetch_add(&shared->fired, 1);
    if (action == KILL)
        syscall(SYS_kill, getpid(), SIGKILL);
    if (action == DELAY)
        while (syscall(SYS_nanosleep, &pause, &pause) < 0 && errno == EINTR)
            ;
    return action == FAIL ? (forced_errno != 0 ? forced_errno : own_errno) : 0;
}

/* Note that the function was called. The errno that the call is to fail with; 0: it is to go on. */
static int strikes(const char *function, int own_errno)
{
    struct walk walk = {.function = function};
    int before = errno, cause = 0;
    struct site *site;

    if (shared == NULL || busy)
        return 0;
    busy = 1;
    walk.hash = hash_add(HASH_START, function, strlen(function));
    _Unwind_Backtrace(step, &walk);
    walk.hash |= 1; /* never 0 */
    site = walk.ours ? site_of(&walk) : NULL;
    if (site != NULL) {
        unsigned count = atomic_fetch_add(&site->count, 1) + 1;

        if (walk.hash == wanted && count == nth) {
            if (sticky)
                strncpy(shared->sticky, function, sizeof shared->sticky - 1);
            cause = act(own_errno);
        } else if (sticky && strcmp(shared->sticky, function) == 0) {
            cause = act(own_errno);
        }
    }
    errno = before;
    busy = 0;
    return cause;
}

/* dlsym() gives an object pointer; POSIX says that it holds a function's address. */
static void look_up(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(function, &found, sizeof found);
}

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
} real;

static enum { UNKNOWN, LOOKING_UP, KNOWN } state;

static int known(void)
{
    if (state == UNKNOWN) {
        state = LOOKING_UP;
        look_up("malloc", &real.malloc);
        look_up("calloc", &real.calloc);
        look_up("realloc", &real.realloc);
        look_up("free", &real.free);
        state = KNOWN;
    }
    return state == KNOWN;
}

static void read_environment(void)
{
    const char *text = getenv("FAULT_ACTION");

    if (text != NULL && text[0] >= '0' && text[0] <= '9') {
        action = DELAY;
        delay_ms = (unsigned)atoi(text);
    } else if (text != NULL && strcmp(text, "kill") == 0) {
        action = KILL;
    }
    text = getenv("FAULT_SITE");
    wanted = text != NULL ? strtoull(text, NULL, 16) : 0;
    text = getenv("FAULT_NTH");
    nth = text != NULL ? (unsigned)atoi(text) : 1;
    text = getenv("FAULT_ERRNO");
    forced_errno = text != NULL ? atoi(text) : 0;
    sticky = getenv("FAULT_STICKY") != NULL;
}

__attribute__((constructor)) static void begin(int argc, char **argv)
{
    const char *file = getenv("FAULT_FILE"), *command = getenv("FAULT_COMMAND");
    struct dl_find_object own;
    void *memory;
    int fd;

    if (!known() || file == NULL || command == NULL || argc < 2 || strcmp(argv[1], command) != 0)
        return;
    read_environment();
    if (_dl_find_object((void *)(uintptr_t)begin, &own) == 0)
        own_base = (uintptr_t)own.dlfo_map_start;
    fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
    memory =
        (void *)syscall(SYS_mmap, NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (fd >= 0 && memory != MAP_FAILED)
        shared = memory;
}

static void *take_early(size_t size)
{
    size_t rounded = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    size_t at = atomic_fetch_add(&early_used, rounded);

    return size <= sizeof early && at + rounded <= sizeof early ? early + at : NULL;
}

static int is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static int no_memory(const char *function)
{
    int cause = strikes(function, ENOMEM);

    if (cause != 0)
        errno = cause;
    return cause;
}

void *malloc(size_t size)
{
    if (!known())
        return take_early(size);
    return no_memory("malloc") ? NULL : real.malloc(size);
}

void *calloc(size_t n, size_t size)
{
    if (!known())
        return take_early(n * size);
    return no_memory("calloc") ? NULL : real.calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    size_t left = (size_t)(early + sizeof early - (const char *)old);
    void *moved;

    if (known() && !is_early(old))
        return no_memory("realloc") ? NULL : real.realloc(old, size);
    moved = known() ? real.malloc(size) : take_early(size);
    if (moved != NULL && old != NULL)
        memcpy(moved, old, size < left ? size : left);
    return moved;
}

void free(void *p)
{
    if (p != NULL && !is_early(p) && known())
        real.free(p);
}

/* A function that fails by returning `failed` with errno set. */
#define CALL(type, name, failed, own_errno, parameters, arguments)                                 \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*next) parameters;                                                             \
        int cause;                                                                                 \
                                                                                                   \
        if (next == NULL)                                                                          \
            look_up(#name, &next);                                                                 \
        cause = strikes(#name, own_errno);                                                         \
        if (cause == 0)                                                                            \
            return next arguments;                                                                 \
        errno = cause;                                                                             \
        return failed;                                                                             \
    }

/* One that returns the error itself. */
#define CALL_POSITIVE(name, own_errno, parameters, arguments)                                      \
    int name parameters                                                                            \
    {                                                                                              \
        static int(*next) parameters;                                                              \
        int cause;                                                                                 \
                                                                                                   \
        if (next == NULL)                                                                          \
            look_up(#name, &next);                                                                 \
        cause = strikes(#name, own_errno);                                                         \
        return cause != 0 ? cause : next arguments;                                                \
    }

/* One of liburing's: the error itself, negative. */
#define CALL_NEGATIVE(name, own_errno, parameters, arguments)                                      \
    int name parameters                                                                            \
    {                                                                                              \
        static int(*next) parameters;                                                              \
        int cause;                                                                                 \
                                                                                                   \
        if (next == NULL)                                                                          \
            look_up(#name, &next);                                                                 \
        cause = strikes(#name, own_errno);                                                         \
        return cause != 0 ? -cause : next arguments;                                               \
    }

/* One that does its work all the same. */
#define CALL_DONE(name, failed, own_errno, type, argument)                                         \
    int name(type argument)                                                                        \
    {                                                                                              \
        static int (*next)(type);                                                                  \
        int cause, result;                                                                         \
                                                                                                   \
        if (next == NULL)                                                                          \
            look_up(#name, &next);                                                                 \
        cause = strikes(#name, own_errno);                                                         \
        result = next(argument);                                                                   \
        if (cause == 0)                                                                            \
            return result;                                                                         \
        errno = cause;                                                                             \
        return failed;                                                                             \
    }

/* One with an optional argument at its end. */
#define CALL_OPTIONAL(name, own_errno, first_parameters, last, ...)                                \
    int name first_parameters                                                                      \
    {                                                                                              \
        static int(*next) first_parameters;                                                        \
        unsigned long optional;                                                                    \
        va_list list;                                                                              \
        int cause;                                                                                 \
                                                                                                   \
        va_start(list, last);                                                                      \
        optional = va_arg(list, unsigned long);                                                    \
        va_end(list);                                                                              \
        if (next == NULL)                                                                          \
            look_up(#name, &next);                                                                 \
        cause = strikes(#name, own_errno);                                                         \
        if (cause == 0)                                                                            \
            return next(__VA_ARGS__, optional);                                                    \
        errno = cause;                                                                             \
        return -1;                                                                                 \
    }

/* clang-format off */
CALL(void *, aligned_alloc, NULL, ENOMEM, (size_t alignment, size_t size), (alignment, size))
CALL(void *, reallocarray, NULL, ENOMEM, (void *p, size_t n, size_t size), (p, n, size))
CALL(char *, strdup, NULL, ENOMEM, (const char *s), (s))
CALL(char *, strndup, NULL, ENOMEM, (const char *s, size_t n), (s, n))
CALL_POSITIVE(posix_memalign, ENOMEM, (void **out, size_t alignment, size_t size), (out, alignment, size))
CALL(void *, mmap, MAP_FAILED, ENOMEM, (void *at, size_t size, int prot, int flags, int fd, off_t offset), (at, size, prot, flags, fd, offset))
CALL(int, munmap, -1, ENOMEM, (void *at, size_t size), (at, size))
CALL(int, mprotect, -1, ENOMEM, (void *at, size_t size, int prot), (at, size, prot))
CALL(int, madvise, -1, ENOMEM, (void *at, size_t size, int advice), (at, size, advice))
CALL(ssize_t, process_madvise, -1, ENOMEM, (int fd, const struct iovec *v, size_t n, int advice, unsigned flags), (fd, v, n, advice, flags))

CALL_POSITIVE(pthread_create, EAGAIN, (pthread_t *out, const pthread_attr_t *attr, void *(*body)(void *), void *arg), (out, attr, body, arg))
CALL(pid_t, fork, -1, EAGAIN, (void), ())
CALL(int, execv, -1, ENOMEM, (const char *path, char *const argv[]), (path, argv))
CALL(int, execvp, -1, ENOMEM, (const char *file, char *const argv[]), (file, argv))
CALL(pid_t, waitpid, -1, EINTR, (pid_t pid, int *status, int options), (pid, status, options))
CALL(pid_t, wait4, -1, EINTR, (pid_t pid, int *status, int options, struct rusage *usage), (pid, status, options, usage))
CALL(int, pidfd_open, -1, EMFILE, (pid_t pid, unsigned flags), (pid, flags))
CALL(int, setpgid, -1, EACCES, (pid_t pid, pid_t group), (pid, group))
CALL_OPTIONAL(prctl, EINVAL, (int what, ...), what, what)
CALL(int, getrlimit, -1, EINVAL, (__rlimit_resource_t what, struct rlimit *out), (what, out))
CALL(int, setrlimit, -1, EPERM, (__rlimit_resource_t what, const struct rlimit *limit), (what, limit))
CALL(int, getrusage, -1, EINVAL, (__rusage_who_t who, struct rusage *out), (who, out))
CALL(int, sched_getaffinity, -1, EINVAL, (pid_t pid, size_t size, cpu_set_t *set), (pid, size, set))
CALL(int, sched_setaffinity, -1, EINVAL, (pid_t pid, size_t size, const cpu_set_t *set), (pid, size, set))
CALL(long, sysconf, -1, EINVAL, (int name), (name))

CALL_OPTIONAL(open, EMFILE, (const char *path, int flags, ...), flags, path, flags)
CALL_OPTIONAL(open64, EMFILE, (const char *path, int flags, ...), flags, path, flags)
CALL_OPTIONAL(openat, EMFILE, (int at, const char *path, int flags, ...), flags, at, path, flags)
CALL_OPTIONAL(fcntl, EINVAL, (int fd, int command, ...), command, fd, command)
CALL_OPTIONAL(fcntl64, EINVAL, (int fd, int command, ...), command, fd, command)
CALL_OPTIONAL(ioctl, EINVAL, (int fd, unsigned long request, ...), request, fd, request)
CALL(FILE *, fopen, NULL, EMFILE, (const char *path, const char *mode), (path, mode))
CALL(FILE *, fopen64, NULL, EMFILE, (const char *path, const char *mode), (path, mode))
CALL(FILE *, fdopen, NULL, ENOMEM, (int fd, const char *mode), (fd, mode))
CALL(FILE *, open_memstream, NULL, ENOMEM, (char **text, size_t *size), (text, size))
CALL(FILE *, fopencookie, NULL, ENOMEM, (void *cookie, const char *mode, cookie_io_functions_t calls), (cookie, mode, calls))
CALL(DIR *, opendir, NULL, EMFILE, (const char *path), (path))
CALL(int, fflush, EOF, ENOSPC, (FILE *stream), (stream))
CALL_DONE(fclose, EOF, ENOSPC, FILE *, stream)
CALL_DONE(close, -1, EIO, int, fd)
CALL(ssize_t, read, -1, EIO, (int fd, void *to, size_t size), (fd, to, size))
CALL(ssize_t, write, -1, ENOSPC, (int fd, const void *from, size_t size), (fd, from, size))
CALL(ssize_t, pread, -1, EIO, (int fd, void *to, size_t size, off_t offset), (fd, to, size, offset))
CALL(ssize_t, pread64, -1, EIO, (int fd, void *to, size_t size, off_t offset), (fd, to, size, offset))
CALL(ssize_t, pwrite, -1, ENOSPC, (int fd, const void *from, size_t size, off_t offset), (fd, from, size, offset))
CALL(ssize_t, pwrite64, -1, ENOSPC, (int fd, const void *from, size_t size, off_t offset), (fd, from, size, offset))
CALL(ssize_t, preadv, -1, EIO, (int fd, const struct iovec *v, int n, off_t offset), (fd, v, n, offset))
CALL(ssize_t, preadv2, -1, EIO, (int fd, const struct iovec *v, int n, off_t offset, int flags), (fd, v, n, offset, flags))
CALL(ssize_t, readv, -1, EIO, (int fd, const struct iovec *v, int n), (fd, v, n))
CALL(ssize_t, writev, -1, ENOSPC, (int fd, const struct iovec *v, int n), (fd, v, n))
CALL(off_t, lseek, -1, EIO, (int fd, off_t offset, int whence), (fd, offset, whence))
CALL(int, ftruncate, -1, ENOSPC, (int fd, off_t size), (fd, size))
CALL(int, fallocate, -1, ENOSPC, (int fd, int mode, off_t offset, off_t size), (fd, mode, offset, size))
CALL(int, fsync, -1, EIO, (int fd), (fd))
CALL(int, fdatasync, -1, EIO, (int fd), (fd))
CALL(int, flock, -1, ENOLCK, (int fd, int operation), (fd, operation))
CALL(int, stat, -1, EACCES, (const char *path, struct stat *out), (path, out))
CALL(int, fstat, -1, EIO, (int fd, struct stat *out), (fd, out))
CALL(int, access, -1, EACCES, (const char *path, int mode), (path, mode))
CALL(int, rename, -1, EIO, (const char *from, const char *to), (from, to))
CALL(int, unlink, -1, EIO, (const char *path), (path))
CALL(int, mkdir, -1, ENOSPC, (const char *path, mode_t mode), (path, mode))
CALL(char *, mkdtemp, NULL, ENOSPC, (char *path), (path))
CALL(char *, realpath, NULL, EACCES, (const char *path, char *out), (path, out))
CALL(ssize_t, readlink, -1, EACCES, (const char *path, char *out, size_t size), (path, out, size))
CALL(int, dup, -1, EMFILE, (int fd), (fd))
CALL(int, dup2, -1, EMFILE, (int fd, int to), (fd, to))
CALL(int, pipe2, -1, EMFILE, (int fds[2], int flags), (fds, flags))
CALL(int, memfd_create, -1, EMFILE, (const char *name, unsigned flags), (name, flags))
CALL(int, eventfd, -1, EMFILE, (unsigned value, int flags), (value, flags))
CALL(int, signalfd, -1, EMFILE, (int fd, const sigset_t *set, int flags), (fd, set, flags))
CALL(int, timerfd_create, -1, EMFILE, (__clockid_t clock, int flags), (clock, flags))
CALL(int, timerfd_settime, -1, EINVAL, (int fd, int flags, const struct itimerspec *spec, struct itimerspec *old), (fd, flags, spec, old))
CALL(int, epoll_create1, -1, EMFILE, (int flags), (flags))
CALL(int, epoll_ctl, -1, ENOMEM, (int fd, int operation, int on, struct epoll_event *event), (fd, operation, on, event))
CALL(int, epoll_wait, -1, EINTR, (int fd, struct epoll_event *events, int n, int timeout), (fd, events, n, timeout))
CALL(int, epoll_pwait, -1, EINTR, (int fd, struct epoll_event *events, int n, int timeout, const sigset_t *mask), (fd, events, n, timeout, mask))
CALL_NEGATIVE(io_uring_queue_init_params, EPERM, (unsigned n, void *ring, void *params), (n, ring, params))
CALL_NEGATIVE(io_uring_submit_and_get_events, EAGAIN, (void *ring), (ring))
CALL_NEGATIVE(io_uring_submit_and_wait_timeout, EINTR, (void *ring, void *cqe, unsigned n, void *timeout, void *mask), (ring, cqe, n, timeout, mask))
CALL(int, poll, -1, EINTR, (struct pollfd *fds, nfds_t n, int timeout), (fds, n, timeout))
CALL(int, ppoll, -1, EINTR, (struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask), (fds, n, timeout, mask))

CALL(int, socket, -1, EMFILE, (int family, int type, int protocol), (family, type, protocol))
CALL_POSITIVE(getaddrinfo, EAI_AGAIN, (const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out), (name, service, hints, out))
CALL(int, bind, -1, EADDRINUSE, (int fd, __CONST_SOCKADDR_ARG addr, socklen_t size), (fd, addr, size))
CALL(int, listen, -1, EADDRINUSE, (int fd, int backlog), (fd, backlog))
CALL(int, accept4, -1, EMFILE, (int fd, __SOCKADDR_ARG addr, socklen_t *size, int flags), (fd, addr, size, flags))
CALL(int, connect, -1, EADDRNOTAVAIL, (int fd, __CONST_SOCKADDR_ARG addr, socklen_t size), (fd, addr, size))
CALL(int, shutdown, -1, ENOTCONN, (int fd, int how), (fd, how))
CALL(int, setsockopt, -1, ENOBUFS, (int fd, int level, int name, const void *value, socklen_t size), (fd, level, name, value, size))
CALL(int, getsockopt, -1, ENOBUFS, (int fd, int level, int name, void *value, socklen_t *size), (fd, level, name, value, size))
CALL(int, getsockname, -1, ENOBUFS, (int fd, __SOCKADDR_ARG addr, socklen_t *size), (fd, addr, size))
CALL(int, getpeername, -1, ENOBUFS, (int fd, __SOCKADDR_ARG addr, socklen_t *size), (fd, addr, size))
CALL(ssize_t, send, -1, ECONNRESET, (int fd, const void *from, size_t size, int flags), (fd, from, size, flags))
CALL(ssize_t, sendto, -1, ECONNRESET, (int fd, const void *from, size_t size, int flags, __CONST_SOCKADDR_ARG to, socklen_t to_size), (fd, from, size, flags, to, to_size))
CALL(ssize_t, sendmsg, -1, ECONNRESET, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
CALL(ssize_t, recv, -1, ECONNRESET, (int fd, void *to, size_t size, int flags), (fd, to, size, flags))
CALL(ssize_t, recvfrom, -1, ECONNRESET, (int fd, void *to, size_t size, int flags, __SOCKADDR_ARG from, socklen_t *from_size), (fd, to, size, flags, from, from_size))
CALL(ssize_t, recvmsg, -1, ECONNRESET, (int fd, struct msghdr *message, int flags), (fd, message, flags))
/* clang-format on */

/* The failure is a real one, for dlerror() to tell. */
void *dlopen(const char *file, int flags)
{
    static void *(*next)(const char *, int);

    if (next == NULL)
        look_up("dlopen", &next);
    return next(strikes("dlopen", ENOEXEC) != 0 ? "/dev/null" : file, flags);
}

/* Who gives up? The program never should; where libuv does, nothing of ours could help. */
static void count_abort(void)
{
    struct walk walk = {.function = "abort"};

    if (shared == NULL)
        return;
    busy = 1;
    _Unwind_Backtrace(step, &walk);
    atomic_fetch_add(&shared->aborts, 1);
    atomic_fetch_add(&shared->uv_aborts, (unsigned)walk.first_uv);
}

void abort(void)
{
    static void (*next)(void) __attribute__((noreturn));

    count_abort();
    look_up("abort", &next);
    next();
}

void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function)
{
    count_abort();
    fprintf(stderr, "%s:%u: %s: assertion failed: %s\n", file, line, function, assertion);
    syscall(SYS_kill, getpid(), SIGABRT);
    _exit(127);
}
