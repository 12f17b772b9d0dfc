#include "support/failing_memory.h"

#include "async/slab.h"
#include "base/hash.h"

#include <errno.h>
#include <execinfo.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define STACKS_MAX 65536 /* a power of 2 */
#define DEPTH      12    /* callers that tell stacks apart */

/* The linker lets calls of these names end in __wrap_, and what they stand for is __real_. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *memory);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
int __real_vasprintf(char **text, const char *format, va_list args);
FILE *__real_open_memstream(char **text, size_t *size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *memory);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
int __wrap_vasprintf(char **text, const char *format, va_list args);
int __wrap_asprintf(char **text, const char *format, ...);
FILE *__wrap_open_memstream(char **text, size_t *size);

int __real_slab_pool_create(struct slab_pool **out);
int __wrap_slab_pool_create(struct slab_pool **out);
void *__real_slab_alloc(struct slab_pool *pool, size_t size);
void __real_slab_free(struct slab_pool *own, void *object, size_t size);
void *__wrap_slab_alloc(struct slab_pool *pool, size_t size);
void __wrap_slab_free(struct slab_pool *own, void *object, size_t size);

static atomic_long until_failure = LONG_MAX, in_use;
static atomic_bool all_fail;

/* Of a walk: the stacks whose allocations have failed, and whether the next of another stack is to.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t stacks[STACKS_MAX];
static bool walking, failed;

/* Has an allocation of this stack of callers not failed before? Then the next has. */
static bool is_new_stack(void)
{
    void *callers[DEPTH];
    int depth = backtrace(callers, DEPTH);
    uint64_t hash = 1, *at;

    for (int i = 0; i < depth; i++)
        hash = hash_mix(hash ^ (uint64_t)(uintptr_t)callers[i]);
    for (at = &stacks[hash % STACKS_MAX]; *at != 0 && *at != hash;)
        at = at + 1 < stacks + STACKS_MAX ? at + 1 : stacks;
    if (*at == hash)
        return false;
    *at = hash;
    return true;
}

static bool fails(void)
{
    bool fail = atomic_fetch_sub(&until_failure, 1) == 0 || atomic_load(&all_fail);

    pthread_mutex_lock(&lock);
    if (walking && !failed)
        fail = failed = is_new_stack();
    pthread_mutex_unlock(&lock);
    return fail;
}

static void *counted(void *memory)
{
    atomic_fetch_add(&in_use, memory != NULL);
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return counted(fails() ? NULL : __real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return counted(fails() ? NULL : __real_calloc(n, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    void *moved = fails() ? NULL : __real_realloc(memory, size);

    return memory == NULL ? counted(moved) : moved;
}

void *__wrap_reallocarray(void *memory, size_t n, size_t size)
{
    void *moved = fails() ? NULL : __real_reallocarray(memory, n, size);

    return memory == NULL ? counted(moved) : moved;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return counted(fails() ? NULL : __real_aligned_alloc(alignment, size));
}

void __wrap_free(void *memory)
{
    atomic_fetch_sub(&in_use, memory != NULL);
    __real_free(memory);
}

/* A loop's allocator gets memory for many objects at once, so each object counts here. */
int __wrap_slab_pool_create(struct slab_pool **out)
{
    int err = __real_slab_pool_create(out);

    if (err == 0)
        (*out)->watched = true;
    return err;
}

void *__wrap_slab_alloc(struct slab_pool *pool, size_t size)
{
    return counted(fails() ? NULL : __real_slab_alloc(pool, size));
}

void __wrap_slab_free(struct slab_pool *own, void *object, size_t size)
{
    atomic_fetch_sub(&in_use, object != NULL);
    __real_slab_free(own, object, size);
}

char *__wrap_strdup(const char *text)
{
    return counted(fails() ? NULL : __real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t len)
{
    return counted(fails() ? NULL : __real_strndup(text, len));
}

int __wrap_vasprintf(char **text, const char *format, va_list args)
{
    int len = fails() ? -1 : __real_vasprintf(text, format, args);

    atomic_fetch_add(&in_use, len >= 0);
    return len;
}

int __wrap_asprintf(char **text, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = __wrap_vasprintf(text, format, args);
    va_end(args);
    return len;
}

FILE *__wrap_open_memstream(char **text, size_t *size)
{
    FILE *stream = fails() ? NULL : __real_open_memstream(text, size);

    atomic_fetch_add(&in_use, stream != NULL); /* the text */
    return stream;
}

void failing_memory_after(long allowed)
{
    atomic_store(&until_failure, allowed);
}

bool failing_memory_end(void)
{
    return atomic_exchange(&until_failure, LONG_MAX) < 0;
}

void failing_memory_all(bool all)
{
    atomic_store(&all_fail, all);
}

long failing_memory_in_use(void)
{
    return atomic_load(&in_use);
}

/* What the scene writes, with one failure or, at the first call, with none; NULL: it returned
 * -ENOMEM. */
static char *play(int (*scene)(void *arg, FILE *out), void *arg, bool with_failure)
{
    char *text;
    size_t size;
    FILE *out = __real_open_memstream(&text, &size);
    int r;

    assert_non_null(out);
    failed = false;
    walking = with_failure;
    r = scene(arg, out);
    walking = false;
    fclose(out);
    if (r == 0)
        return text;
    if (r != -ENOMEM || !failed)
        fail_msg("the scene returned %d", r);
    __real_free(text);
    return NULL;
}

size_t failing_memory_walk(int (*scene)(void *arg, FILE *out), void *arg)
{
    size_t failures = 0;
    char *whole;

    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
    memset(stacks, 0, sizeof stacks);
    whole = play(scene, arg, false);
    for (failed = true; failed; failures += failed) {
        char *text = play(scene, arg, true);
        size_t at = 0;

        while (text != NULL && text[at] != '\0' && text[at] == whole[at])
            at++;
        if (text != NULL && text[at] != whole[at])
            fail_msg("status 0 after failure %zu, but \"%.80s\" instead of \"%.80s\"", failures,
                     text + at, whole + at);
        __real_free(text);
    }
    __real_free(whole);
    json_set_alloc_funcs(malloc, free);
    return failures;
}
