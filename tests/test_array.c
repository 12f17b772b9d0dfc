/* The promise: an array grows by one item at a time, keeps what it holds, and is as it was when
 * there is no memory for more. */
#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_items_stay(void **state)
{
    size_t capacity = 0, grown = 0;
    int *items = NULL;

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        size_t before = capacity;
        int *more = array_grow(items, i, &capacity, sizeof *items);

        assert_non_null(more);
        items = more;
        items[i] = (int)i;
        assert_true(capacity > i);
        grown += capacity != before;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    assert_in_range(grown, 1, 20); /* it doubles */
    free(items);
}

static void test_without_memory_all_is_as_before(void **state)
{
    size_t capacity = 0;
    char *items = array_grow(NULL, 0, &capacity, 1);
    size_t before = capacity;

    (void)state;
    assert_non_null(items);
    items[0] = 'x';
    assert_null(array_grow(items, capacity, &capacity, SIZE_MAX / 2));
    assert_int_equal(capacity, before);
    assert_int_equal(items[0], 'x');
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_stay),
        cmocka_unit_test(test_without_memory_all_is_as_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
