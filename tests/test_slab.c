/* The promise: objects are apart from each other and reused, last in, first out; another thread may
 * give them back, also after the pool's end; the system gets all memory back in the end; memory got
 * beforehand costs no faults later. */
#include "async/slab.h"

#include "async/loop.h"
#include "support/test_async_loop.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#define OBJECTS 20000

static void *objects[OBJECTS];

/* Bytes of address space. */
static size_t mapped(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    size_t pages = 0;

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%zu", &pages), 1);
    fclose(f);
    return pages * 4096;
}

static size_t size_of(size_t i)
{
    return i % 13 == 0 ? SLAB_OBJECT_MAX + i % 100 : 1 + i * 37 % 600;
}

static void fill(struct slab_pool *pool)
{
    for (size_t i = 0; i < OBJECTS; i++) {
        objects[i] = slab_alloc(pool, size_of(i));
        assert_non_null(objects[i]);
        memset(objects[i], (int)(i % 251), size_of(i));
    }
}

static void empty(struct slab_pool *own)
{
    for (size_t i = 0; i < OBJECTS; i++)
        slab_free(own, objects[i], size_of(i));
}

static void test_objects_do_not_overlap_and_all_memory_goes_back(void **state)
{
    struct slab_pool *pool;
    size_t before = mapped();

    (void)state;
    for (int round = 0; round < 3; round++) {
        assert_int_equal(slab_pool_create(&pool), 0);
        fill(pool);
        for (size_t i = 0; i < OBJECTS; i++)
            for (size_t at = 0; at < size_of(i); at++)
                assert_int_equal(((unsigned char *)objects[i])[at], i % 251);
        empty(pool);
        slab_pool_destroy(pool);
    }
    assert_true(mapped() < before + ((size_t)16 << 20)); /* malloc's share stays with malloc */
}

static void test_the_last_one_given_back_is_reused_first(void **state)
{
    struct slab_pool *pool;
    void *a, *b;

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();
#endif
    assert_int_equal(slab_pool_create(&pool), 0);
    a = slab_alloc(pool, 100);
    b = slab_alloc(pool, 100);
    assert_int_equal((uintptr_t)a % 32, 0);
    slab_free(pool, a, 100);
    slab_free(pool, b, 100);
    assert_ptr_equal(slab_alloc(pool, 97), b); /* of the same class */
    assert_ptr_equal(slab_alloc(pool, 128), a);
    slab_free(pool, a, 128);
    slab_free(pool, b, 97);
    slab_pool_destroy(pool);
}

static void *give_back(void *own)
{
    empty(own);
    return NULL;
}

static void give_back_on_another_thread(void)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, give_back, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_another_thread_may_give_them_back(void **state)
{
    struct slab_pool *pool;
    size_t grown;

    (void)state;
    assert_int_equal(slab_pool_create(&pool), 0);
    fill(pool);
    give_back_on_another_thread();
    grown = mapped();
    for (int round = 0; round < 10; round++) { /* the owner takes them over */
        fill(pool);
        give_back_on_another_thread();
    }
    assert_true(mapped() < grown + ((size_t)8 << 20));
    slab_pool_destroy(pool);
}

static void test_a_pool_goes_with_its_last_object(void **state)
{
    size_t before = mapped();
    struct slab_pool *pool;

    (void)state;
    for (int round = 0; round < 20; round++) {
        assert_int_equal(slab_pool_create(&pool), 0);
        fill(pool);
        slab_pool_destroy(pool);
        assert_int_equal(((unsigned char *)objects[77])[0], 77);
        empty(NULL);
    }
    assert_true(mapped() < before + ((size_t)16 << 20));
}

static void test_memory_got_beforehand_costs_no_faults(void **state)
{
    struct rusage before, after;
    struct slab_pool *pool;

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();
#endif
    assert_int_equal(slab_pool_create(&pool), 0);
    slab_reserve(pool, (size_t)OBJECTS * 256);
    getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < OBJECTS; i++) {
        objects[i] = slab_alloc(pool, 200);
        memset(objects[i], 1, 200);
    }
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_minflt - before.ru_minflt < 100); /* 1,220 pages */
    for (size_t i = 0; i < OBJECTS; i++)
        slab_free(pool, objects[i], 200);
    slab_pool_destroy(pool);
}

/* ---- Coroutines: before a loop, and after it ---- */

static int one(void *arg)
{
    (void)arg;
    return 1;
}

static int make_one(void *arg)
{
    *(struct coro **)arg = coro_create(one, NULL);
    return 0;
}

static void test_a_coroutine_outlives_its_loop(void **state)
{
    struct coro *made = NULL;
    struct loop *loop;

    (void)state;
    assert_int_equal(test_async_run(make_one, &made), 0);
    assert_non_null(made);
    assert_int_equal(coro_await(made), 1);
    coro_destroy(made);
    assert_int_equal(test_async_run(make_one, &made), 0); /* run by another loop */
    assert_int_equal(loop_create(NULL, &loop), 0);
    assert_int_equal(loop_run(loop, made), 1);
    loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects_do_not_overlap_and_all_memory_goes_back),
        cmocka_unit_test(test_the_last_one_given_back_is_reused_first),
        cmocka_unit_test(test_another_thread_may_give_them_back),
        cmocka_unit_test(test_a_pool_goes_with_its_last_object),
        cmocka_unit_test(test_memory_got_beforehand_costs_no_faults),
        cmocka_unit_test(test_a_coroutine_outlives_its_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
