/* The promise: what the fuzz targets share does not hide faults. The arena ends a program that
 * leaks JSON values, frees memory twice, or, under AddressSanitizer, reads what was freed or lies
 * behind a text; and mutations of JSON are JSON, save for those of bytes, and are not all alike. */
#include "fuzz/json_arena.h"
#include "fuzz/json_mutator.h"
#include "fuzz/json_scan.h"

#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SEED "{\"a\":[1,2.5,{\"b\":null}],\"text\":\"x, \\\"y\\\"\",\"c\":{\"d\":true,\"e\":[]}}"

/* For mutations of bytes, which are none here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    (void)data;
    (void)max_size;
    return size;
}

static void nothing(void)
{
    json_decref(json_string("kept"));
}

static void leak(void)
{
    json_t *lost = json_string("lost");

    json_incref(lost);
    json_decref(lost);
}

static void free_twice(void)
{
    json_malloc_t allocate;
    json_free_t release;
    void *piece;

    json_get_alloc_funcs(&allocate, &release);
    piece = allocate(1);
    release(piece);
    release(piece);
}

static void read_freed(void)
{
    json_t *value = json_integer(7);
    volatile json_type type;

    json_decref(value);
    type = json_typeof(value);
    (void)type;
}

static void read_behind(void)
{
    json_malloc_t allocate;
    json_free_t release;
    volatile char *piece, behind;

    json_get_alloc_funcs(&allocate, &release);
    piece = allocate(5);
    behind = piece[5];
    (void)behind;
    release((void *)(uintptr_t)piece);
}

/* Does it end a process that has the arena? */
static bool ends(void (*fault)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(0);
        json_arena_install();
        fault();
        json_arena_reset();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void test_what_is_right_goes_on(void **state)
{
    (void)state;
    assert_false(ends(nothing));
}

static void test_a_leak_ends_the_program(void **state)
{
    (void)state;
    assert_true(ends(leak));
}

static void test_a_second_free_ends_the_program(void **state)
{
    (void)state;
    assert_true(ends(free_twice));
}

static void test_reads_of_what_is_not_held_end_the_program(void **state)
{
    const char *sanitizers = getenv("TVA_SANITIZE");

    (void)state;
    if (sanitizers == NULL || strstr(sanitizers, "address") == NULL)
        skip();
    assert_true(ends(read_freed));
    assert_true(ends(read_behind));
}

static void test_members_are_found_where_they_are(void **state)
{
    static const char text[] = " { \"a\" : [1, -2.5e3 ] ,\"b\":\"}\" } ";
    struct json_member m[JSON_SCAN_MAX];

    (void)state;
    assert_int_equal(json_scan(text, strlen(text), m), 4);
    assert_memory_equal(text + m[0].start, "1,", 2);
    assert_int_equal(m[0].end - m[0].start, 1);
    assert_int_equal(m[0].key_len, 0);
    assert_memory_equal(text + m[1].start, "-2.5e3 ]", 8);
    assert_int_equal(m[1].end - m[1].start, 6);
    assert_memory_equal(text + m[2].from, "\"a\" :", 5);
    assert_int_equal(m[2].key_len, 3);
    assert_int_equal(text[m[2].to], ',');
    assert_memory_equal(text + m[3].start, "\"}\" }", 5);
}

static void test_what_is_no_json_has_no_members(void **state)
{
    static const char *const texts[] = {
        "",    "{",     "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\" 1}",
        "[1,", "[1 2]", "[1]]",   "\"a",     "[\"\\"};
    struct json_member m[JSON_SCAN_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(json_scan(texts[i], strlen(texts[i]), m), 0);
}

static void assert_json(const uint8_t *data, size_t size)
{
    json_error_t syntax;
    json_t *value = json_loadb((const char *)data, size, 0, &syntax);

    if (value == NULL)
        fail_msg("%s: %.*s", syntax.text, (int)size, (const char *)data);
    json_decref(value);
}

static void test_mutations_of_json_are_json(void **state)
{
    uint8_t data[400];
    size_t size = 0, same = 0;

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        if (i % 20 == 0)
            size = (size_t)snprintf((char *)data, sizeof data, "%s", SEED);
        size = LLVMFuzzerCustomMutator(data, size, sizeof data, i);
        assert_in_range(size, 1, sizeof data);
        assert_json(data, size);
        same += size == strlen(SEED) && memcmp(data, SEED, size) == 0;
    }
    assert_in_range(same, 0, 500);
}

static void test_crossings_of_json_are_json(void **state)
{
    static const char other[] = "{\"c\":7,\"f\":{\"text\":[[]]},\"g\":[3]}";
    size_t with_new_key = 0;
    uint8_t out[400];

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        size_t size =
            LLVMFuzzerCustomCrossOver((const uint8_t *)SEED, strlen(SEED), (const uint8_t *)other,
                                      strlen(other), out, sizeof out, i);

        assert_in_range(size, 1, sizeof out);
        assert_json(out, size);
        with_new_key += memmem(out, size, "\"f\"", 3) != NULL;
    }
    assert_in_range(with_new_key, 100, 1900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_right_goes_on),
        cmocka_unit_test(test_a_leak_ends_the_program),
        cmocka_unit_test(test_a_second_free_ends_the_program),
        cmocka_unit_test(test_reads_of_what_is_not_held_end_the_program),
        cmocka_unit_test(test_members_are_found_where_they_are),
        cmocka_unit_test(test_what_is_no_json_has_no_members),
        cmocka_unit_test(test_mutations_of_json_are_json),
        cmocka_unit_test(test_crossings_of_json_are_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
