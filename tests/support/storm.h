/* Storms: on one loop, tasks do something again and again while others cancel them at random
 * moments, and each other. A test says what is done, and looks afterwards whether anything was lost
 * or doubled.
 *
 * A round makes a loop and runs scene->begin in its main task. It starts the actors, and then the
 * storm blows. Three rounds of four then wait until all tasks have ended without being canceled any
 * more; the fourth leaves the unfinished ones to the end of loop_run(), which cancels them. After
 * that, scene->check runs on the same loop. A round fails when a task has ended with anything but a
 * result or an error that it may have, outlives those that wait for its end, or does not end; and
 * when descriptors, or with a sanitizer memory, are left.
 *
 * TVA_STORM_SEED is the seed of the first round, 12 by default, and the next rounds have the next
 * seeds; TVA_STORM_ROUNDS is their number. The seed gives what is drawn; when timers fire and other
 * threads run also depends on the machine. All on the loop's thread. */
#ifndef TVA_TESTS_STORM_H
#define TVA_TESTS_STORM_H

#include "async/loop.h"
#include "support/test_async_loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct storm;

/* All return a result >= 0, or a negative errno after saying what does not hold (EXPECT). */
struct storm_scene {
    /* Make what the actors work with, and start them. */
    int (*begin)(struct storm *s);
    /* All tasks have ended: look whether all is there once, and free it. */
    int (*check)(struct storm *s);
    uint64_t pause_ns; /* at most, of cancelers and actors between two calls */
    /* All tasks wait, and none has been woken: look at what holds then. NULL: nothing. */
    int (*quiet)(struct storm *s);
    /* The same, and none is canceled any more: let one go on that waits for something that no other
     * task will do. NULL: all end by themselves. */
    int (*help)(struct storm *s);
};

struct storm {
    const struct storm_scene *scene;
    void *arg; /* the scene's */
    uint64_t seed, drawn;
    unsigned strikes;   /* still to come */
    bool over;          /* actors stop */
    struct task **kept; /* to be canceled, and released at the end */
    size_t kept_count, kept_capacity;
    struct storm_call *calls; /* all so far */
    struct storm_actor *actors;
};

/* Run the scene so many rounds, unless TVA_STORM_ROUNDS says otherwise; `strikes` cancellations in
 * each. Fails the cmocka test at the first bad round, with its seed. */
void storm_rounds(const struct storm_scene *scene, void *arg, unsigned rounds, unsigned strikes);

/* A random number below n. */
unsigned storm_draw(struct storm *s, unsigned n);

/* A random deadline: none, one that has passed, or one within the next span_ns. */
uint64_t storm_deadline(struct storm *s, uint64_t span_ns);

/* Start a task that calls op(arg) so many times: in itself, in a task that it waits for, with a
 * time-out, shielded, or twice at the same time. After a cancellation it goes on as a rule. op
 * returns a result >= 0, -ECANCELED, -ETIMEDOUT, or -EIO as an error of its own. */
void storm_start(struct storm *s, coro_fn *op, void *arg, unsigned times);

/* Now and then, cancel a random task, which may be the current one. For operations, right after
 * what may have woken another. In a task or a callback. */
void storm_strike(struct storm *s);

#endif
