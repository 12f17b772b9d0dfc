/* libtva_count_alloc.so: counts a process's heap allocations on their way to the C library. */
#include "count_alloc.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The library stands in for functions that take no context, so what it knows is global. */
static struct count_alloc before_main; /* counted until the shared memory is there */
static struct count_alloc *counts = &before_main;

/* dlsym() may allocate before there is an allocator to pass that on to. */
#define EARLY_SIZE 8192
static _Alignas(max_align_t) char early[EARLY_SIZE];
static atomic_size_t early_used;

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void (*free)(void *);
} real;

/* Looked up by the first call, since other libraries allocate before this one's constructor runs;
 * there is one thread then. */
static enum { UNKNOWN, LOOKING_UP, KNOWN } state;

/* dlsym() gives an object pointer; POSIX says that it holds a function's address. */
static void look_up(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(function, &found, sizeof found);
}

static void look_all_up(void)
{
    state = LOOKING_UP;
    look_up("malloc", &real.malloc);
    look_up("calloc", &real.calloc);
    look_up("realloc", &real.realloc);
    look_up("memalign", &real.memalign);
    look_up("aligned_alloc", &real.aligned_alloc);
    look_up("posix_memalign", &real.posix_memalign);
    look_up("free", &real.free);
    state = KNOWN;
}

/* Can calls be passed on? Not those of dlsym() itself. */
static int known(void)
{
    if (state == UNKNOWN)
        look_all_up();
    return state == KNOWN;
}

__attribute__((constructor)) static void begin(void)
{
    const char *fd = getenv(COUNT_ALLOC_FD_ENV);
    void *shared;

    if (!known() || fd == NULL)
        return;
    shared = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(fd), 0);
    if (shared == MAP_FAILED)
        return;
    counts = shared;
    counts->loaded = 1;
}

static void count(size_t size)
{
    __atomic_fetch_add(&counts->allocations, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&counts->bytes, size, __ATOMIC_RELAXED);
}

static void *take_early(size_t size)
{
    size_t rounded = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    size_t at = atomic_fetch_add(&early_used, rounded);

    if (size > EARLY_SIZE || at + rounded > EARLY_SIZE) {
        errno = ENOMEM;
        return NULL;
    }
    return early + at;
}

static int is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + EARLY_SIZE;
}

static void *counted(void *p, size_t size)
{
    if (p != NULL)
        count(size);
    return p;
}

void *malloc(size_t size)
{
    return counted(known() ? real.malloc(size) : take_early(size), size);
}

void *calloc(size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return counted(known() ? real.calloc(n, size) : take_early(bytes), bytes);
}

static void *move_early(const void *old, size_t size)
{
    size_t left = (size_t)(early + EARLY_SIZE - (const char *)old);
    void *p = known() ? real.malloc(size) : take_early(size);

    if (p != NULL)
        memcpy(p, old, size < left ? size : left);
    return p;
}

void *realloc(void *old, size_t size)
{
    if (is_early(old))
        return counted(move_early(old, size), size);
    return counted(known() ? real.realloc(old, size) : take_early(size), size);
}

void free(void *p)
{
    if (p != NULL && !is_early(p) && known())
        real.free(p);
}

void *memalign(size_t alignment, size_t size)
{
    return counted(known() ? real.memalign(alignment, size) : NULL, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return counted(known() ? real.aligned_alloc(alignment, size) : NULL, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    int r = known() ? real.posix_memalign(out, alignment, size) : ENOMEM;

    if (r == 0)
        count(size);
    return r;
}
