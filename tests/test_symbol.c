/* The promise: a function has its name, be it static, of the C library or of one that was stripped;
 * an address of no function has none, and is said to be in its file. */
#include "base/symbol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char name[64];

static __attribute__((noinline)) void nobody_exports_me(void)
{
    name[0] = '\0';
}

static const char *name_of(uintptr_t address)
{
    nobody_exports_me();
    return symbol_name(address, name, sizeof name);
}

static void test_functions(void **state)
{
    (void)state;
    assert_string_equal(name_of((uintptr_t)nobody_exports_me), "nobody_exports_me");
    assert_string_equal(name_of((uintptr_t)nobody_exports_me + 1), "nobody_exports_me");
    assert_string_equal(name_of((uintptr_t)symbol_name), "symbol_name");
    assert_string_equal(name_of((uintptr_t)getppid), "getppid");
}

static void test_other_addresses(void **state)
{
    static const int number = 7;
    void *heap = malloc(1);
    const char *text = name_of((uintptr_t)&number);

    (void)state;
    assert_non_null(strstr(text, "+0x"));
    assert_null(strchr(text, '/'));
    assert_string_equal(name_of(0), "?");
    assert_string_equal(name_of((uintptr_t)heap), "?");
    assert_string_equal(name_of(UINTPTR_MAX), "?");
    free(heap);
}

static void test_a_small_buffer(void **state)
{
    char small[4];

    (void)state;
    assert_string_equal(symbol_name((uintptr_t)nobody_exports_me, small, sizeof small), "nob");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_other_addresses),
        cmocka_unit_test(test_a_small_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
