/* Memory that runs out. CMake links the tests that include this so that what lib/ and bench/
 * allocate is allocated here: malloc() and its kin, asprintf(), open_memstream(), and jansson's
 * values. What other libraries allocate never fails. */
#ifndef TVA_TESTS_FAILING_MEMORY_H
#define TVA_TESTS_FAILING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Let the allocation after the next `allowed` ones fail, in whichever thread it is. */
void failing_memory_after(long allowed);

/* Let none fail any more. Did one? */
bool failing_memory_end(void);

/* Let every allocation fail, in all threads, or none any more. */
void failing_memory_all(bool all);

/* How many pieces of memory are allocated and not freed. */
long failing_memory_in_use(void);

/* Call scene(arg, out) again and again: each time one allocation fails, of a stack of callers whose
 * allocations have not failed before, until there is none left. The scene returns 0 or -ENOMEM,
 * else the test fails; so it does when the scene returns 0 and has written something else to `out`
 * than it does with memory enough. How many calls had a failure. */
size_t failing_memory_walk(int (*scene)(void *arg, FILE *out), void *arg);

#endif
