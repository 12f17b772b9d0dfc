/* The promise: whenever a group's owner or its members are canceled, no member outlives the scope,
 * and the owner learns what came of it: an error of a member, a cancellation, or success of all. */
#include "async/task_group.h"

#include "support/storm.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define OWNERS  5
#define TIMES   15
#define MEMBERS 5
#define DEPTH   2

/* A group on its owner's stack. Members may add members, and have groups of their own. */
struct scope {
    struct storm *storm;
    struct task_group group;
    unsigned depth, members, live;
    bool failed; /* a member has */
};

static int run_scope(struct storm *s, unsigned depth);

static int work(struct scope *scope)
{
    struct storm *s = scope->storm;

    switch (storm_draw(s, 6)) {
    case 0:
        return 0;
    case 1:
        return storm_draw(s, 4) == 0 ? -EIO : 0;
    case 2:
        return task_sleep(storm_draw(s, 100) * NS_PER_US);
    case 3:
        return scope->depth < DEPTH ? run_scope(s, scope->depth + 1) : 0;
    default:
        return task_yield();
    }
}

static int member(void *arg)
{
    struct scope *scope = arg;
    int r = 0;

    scope->live++;
    for (unsigned steps = 1 + storm_draw(scope->storm, 3); r == 0 && steps > 0; steps--) {
        r = work(scope);
        storm_strike(scope->storm);
    }
    if (r == 0 && scope->members < MEMBERS && !scope->group.canceled) { /* else refused, aloud */
        scope->members++;
        r = task_group_create(&scope->group, coro_create(member, scope));
    }
    if (r == -ECANCELED && storm_draw(scope->storm, 2) == 0)
        task_yield(); /* cleans up */
    scope->failed = scope->failed || (r < 0 && r != -ECANCELED);
    scope->live--;
    return r;
}

/* Leave the scope in one of the two ways. */
static int leave(struct scope *scope)
{
    int r;

    if (storm_draw(scope->storm, 6) == 0) {
        task_group_cancel(&scope->group);
        EXPECT(scope->live == 0);
        return 0;
    }
    r = task_group_wait(&scope->group);
    EXPECT(scope->live == 0);
    EXPECT(r == 0 || r == -ECANCELED || r == -EIO || r == -EBADE);
    EXPECT(r == 0 ? !scope->failed : r == -ECANCELED || scope->failed);
    return r;
}

static int run_scope(struct storm *s, unsigned depth)
{
    struct scope scope = {.storm = s, .depth = depth};

    task_group_init(&scope.group);
    while (scope.members < MEMBERS && !scope.group.canceled && storm_draw(s, 4) > 0) {
        scope.members++;
        EXPECT(task_group_create(&scope.group, coro_create(member, &scope)) == 0);
        if (storm_draw(s, 3) == 0 && task_yield() == -ECANCELED) /* which the scope must see too */
            task_cancel(task_current());
    }
    return leave(&scope);
}

static int own(void *arg)
{
    return run_scope(arg, 0);
}

static int begin(struct storm *s)
{
    for (int i = 0; i < OWNERS; i++)
        storm_start(s, own, s, TIMES);
    return 0;
}

static int check(struct storm *s)
{
    (void)s;
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1); /* this one */
    return 0;
}

static void test_no_member_outlives_its_group(void **state)
{
    const struct storm_scene scene = {begin, check, 20 * NS_PER_US, NULL, NULL};

    (void)state;
    storm_rounds(&scene, NULL, 30, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_member_outlives_its_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
