#include "json_arena.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Of AddressSanitizer; NULL without it. Not through its header, which does nothing in a file that
 * is itself compiled without. */
void __asan_poison_memory_region(void const volatile *address, size_t size) __attribute__((weak));
void __asan_unpoison_memory_region(void const volatile *address, size_t size) __attribute__((weak));

#define ARENA_SIZE (32U << 20) /* bytes; an allocation beyond them fails, as when memory is out */
#define ALIGNMENT  16

/* In front of each piece; poisoned as well, so that only this file gets at it. */
struct header {
    size_t size;
    enum { HELD = 0x68656c64, FREED = 0x66726565 } state;
};

_Static_assert(sizeof(struct header) == ALIGNMENT, "a header is the gap between two pieces");

/* jansson asks for functions without a context, so this is the one of the program. */
static struct {
    _Alignas(ALIGNMENT) unsigned char bytes[ARENA_SIZE];
    size_t used, held;
} arena;

static void poison(const void *address, size_t size)
{
    if (__asan_poison_memory_region != NULL)
        __asan_poison_memory_region(address, size);
}

static void unpoison(const void *address, size_t size)
{
    if (__asan_unpoison_memory_region != NULL)
        __asan_unpoison_memory_region(address, size);
}

/* Headers are poisoned for everybody else. */
#define TRUSTED __attribute__((no_sanitize("address")))

TRUSTED static void *allocate(size_t size)
{
    size_t need = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + sizeof(struct header);
    struct header *header = (struct header *)(arena.bytes + arena.used);

    if (size > ARENA_SIZE || need > ARENA_SIZE - arena.used)
        return NULL;
    arena.used += need;
    arena.held++;
    header->size = size;
    header->state = HELD;
    unpoison(header + 1, size);
    return header + 1;
}

TRUSTED static void release(void *piece)
{
    struct header *header = (struct header *)piece - 1;

    if (piece == NULL)
        return;
    if ((unsigned char *)piece < arena.bytes ||
        (unsigned char *)piece >= arena.bytes + arena.used || header->state != HELD) {
        fprintf(stderr, "%p is no value's memory, or was freed before\n", piece);
        abort();
    }
    header->state = FREED;
    arena.held--;
    poison(piece, header->size);
}

void json_arena_install(void)
{
    poison(arena.bytes, sizeof arena.bytes);
    json_set_alloc_funcs(allocate, release);
}

void json_arena_reset(void)
{
    if (arena.held > 0) {
        fprintf(stderr, "leak: %zu pieces of JSON values are still held\n", arena.held);
        abort();
    }
    arena.used = 0;
}
