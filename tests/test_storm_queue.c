/* The promise: whenever tasks that put and get items are canceled, each item that was put is got
 * once, in order, or is still in the queue; and none waits for an item or a place that is there. */
#include "async/queue.h"

#include "support/storm.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PUTTERS 4
#define GETTERS 4
#define TIMES   30
#define ITEMS   20000
#define LATE_NS (100 * NS_PER_US)

struct item {
    unsigned number; /* of those put, from 1 on; 0: not put */
    bool got;
};

struct scene {
    struct queue *queue;
    size_t places;
    struct item items[ITEMS];
    size_t used; /* of them */
    unsigned put, got;
    unsigned putting, getting; /* tasks that are in a call, waiting or not */
};

static int put(void *arg)
{
    struct storm *s = arg;
    struct scene *scene = s->arg;
    struct item *item = &scene->items[scene->used++ % ITEMS];
    int r;

    scene->putting++;
    r = queue_put(scene->queue, item, storm_deadline(s, LATE_NS));
    scene->putting--;
    if (r == 0)
        item->number = ++scene->put;
    storm_strike(s);
    return r;
}

static int take(struct scene *scene, struct item *item)
{
    EXPECT(!item->got);
    item->got = true;
    EXPECT(item->number == ++scene->got);
    return 0;
}

static int get(void *arg)
{
    struct storm *s = arg;
    struct scene *scene = s->arg;
    void *item;
    int r;

    scene->getting++;
    r = queue_get(scene->queue, &item, storm_deadline(s, LATE_NS));
    scene->getting--;
    storm_strike(s);
    return r == 0 ? take(scene, item) : r;
}

static int begin(struct storm *s)
{
    struct scene *scene = s->arg;

    memset(scene, 0, sizeof *scene); /* a copy of it is more than a task's stack holds */
    scene->places = storm_draw(s, 4);
    scene->queue = queue_create(scene->places);
    EXPECT(scene->queue != NULL);
    for (int i = 0; i < PUTTERS + GETTERS; i++)
        storm_start(s, i < PUTTERS ? put : get, s, TIMES);
    return 0;
}

/* No item is there for those that wait for one, and no place either. */
static int quiet(struct storm *s)
{
    struct scene *scene = s->arg;
    size_t size = queue_size(scene->queue);

    EXPECT(size == 0 || scene->getting == 0);
    EXPECT(scene->putting == 0 || size == scene->places);
    return 0;
}

static int help(struct storm *s)
{
    struct scene *scene = s->arg;

    return scene->getting > 0 ? put(s) : scene->putting > 0 ? get(s) : 0;
}

static int check(struct storm *s)
{
    struct scene *scene = s->arg;
    void *item;

    EXPECT(scene->used <= ITEMS && scene->putting == 0 && scene->getting == 0);
    while (queue_get(scene->queue, &item, 0) == 0)
        EXPECT(take(scene, item) == 0);
    EXPECT(queue_size(scene->queue) == 0 && scene->put == scene->got);
    queue_destroy(scene->queue);
    return 0;
}

static void test_no_item_is_lost_or_doubled(void **state)
{
    const struct storm_scene scene = {begin, check, 20 * NS_PER_US, quiet, help};
    struct scene *arg = malloc(sizeof *arg);

    (void)state;
    assert_non_null(arg);
    storm_rounds(&scene, arg, 40, 300);
    free(arg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_item_is_lost_or_doubled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
