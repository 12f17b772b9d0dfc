/* For tests that run several times, with stacks parked in different ways. */
#ifndef TVA_TEST_ASYNC_PARKING_H
#define TVA_TEST_ASYNC_PARKING_H

#include "async/loop.h"

/* What the environment asks for: TVA_TEST_PARKING=one lets all tasks but the main one share one
 * stack, =poison lets them be out whenever they wait, with a pattern on the stack that they left;
 * =asked does the latter to those alone that were made by task_create_parkable(). */
struct loop_options test_async_options(void);

#endif
