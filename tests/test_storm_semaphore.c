/* The promise: whenever tasks are canceled that wait for a permit, have just been given one or hold
 * one, no more are inside than there are permits, and at the end all permits are back. */
#include "async/semaphore.h"

#include "support/storm.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define VISITORS 8
#define TIMES    30
#define LATE_NS  (100 * NS_PER_US)

struct scene {
    struct semaphore semaphore;
    unsigned value, inside;
};

static int visit(void *arg)
{
    struct storm *s = arg;
    struct scene *scene = s->arg;
    int r = semaphore_acquire(&scene->semaphore, storm_deadline(s, LATE_NS));

    if (r < 0)
        return r;
    EXPECT(++scene->inside <= scene->value);
    r = storm_draw(s, 4) > 0 ? task_yield() : task_sleep(storm_draw(s, 50) * NS_PER_US);
    scene->inside--;
    semaphore_release(&scene->semaphore);
    storm_strike(s);
    return r;
}

static int begin(struct storm *s)
{
    struct scene *scene = s->arg;

    *scene = (struct scene){.value = 1 + storm_draw(s, 4)};
    semaphore_init(&scene->semaphore, scene->value);
    for (int i = 0; i < VISITORS; i++)
        storm_start(s, visit, s, TIMES);
    return 0;
}

static int check(struct storm *s)
{
    struct scene *scene = s->arg;

    EXPECT(scene->inside == 0);
    for (unsigned i = 0; i < scene->value; i++)
        EXPECT(semaphore_acquire(&scene->semaphore, 0) == 0);
    EXPECT(semaphore_acquire(&scene->semaphore, 0) == -ETIMEDOUT);
    return 0;
}

static void test_no_permit_is_lost_or_doubled(void **state)
{
    const struct storm_scene scene = {begin, check, 10 * NS_PER_US, NULL, NULL};
    struct scene arg;

    (void)state;
    storm_rounds(&scene, &arg, 30, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_permit_is_lost_or_doubled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
