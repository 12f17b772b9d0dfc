/* The promise: an array has room for one more item whenever it is asked, keeps what it holds, and
 * doubles, so that many items cost few copies. */
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

        assert_int_equal(array_grow(&items, i, &capacity, sizeof *items), 0);
        items[i] = (int)i;
        assert_true(capacity > i);
        grown += capacity != before;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    assert_in_range(grown, 1, 20); /* it doubles */
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
