/* The promise: a fiber on this CPU keeps variables, vectors, its rounding mode and its way back
 * over every switch; the sticky exception flags are the thread's. Fibers with the same modes can
 * hand on to each other. A program of its own, without a library, so that
 * tests/cli/fiber_switch.bats can compile it for a CPU that an emulator runs. Exits with 0, or says
 * what does not hold. */
#include "async/fiber.h"

#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "fiber_switch.c:%d: does not hold: %s\n", __LINE__, #condition);       \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define FIBERS 3
#define TURNS  1000

struct actor {
    char stack[32768];
    struct fiber fiber;
    void *caller;
    double value;
    int rounding;
};

static struct fiber_control control; /* of the program */

static void suspend(struct actor *a)
{
    fiber_control_read(&a->fiber.control);
    fiber_suspend(&a->fiber, a->caller);
}

static void resume(struct actor *a, void **caller)
{
    fiber_control_load(&a->fiber.control);
    fiber_resume(&a->fiber, caller);
}

/* More values than there are registers, of three kinds; the frame is touched at its far end. */
static void compute(struct actor *a, unsigned seed)
{
    unsigned long x[12];
    double y[12];
    volatile double zero = 0, infinite;
    volatile char frame[512];
    char text[64];

    memset((void *)frame, (int)seed, sizeof frame);
    for (int i = 0; i < 12; i++) {
        x[i] = seed + (unsigned)i;
        y[i] = seed + i;
    }
    for (int turn = 0; turn < TURNS; turn++) {
        for (int i = 0; i < 12; i++) {
            x[i] = x[i] * 3 + 1;
            y[i] = y[i] + 0.5;
        }
        infinite = 1 / zero;
        suspend(a);
        CHECK(infinite > 0 && fetestexcept(FE_DIVBYZERO) == 0); /* cleared meanwhile */
        CHECK(frame[0] == (char)seed && frame[511] == (char)seed);
        CHECK(fegetround() == a->rounding);
    }
    for (int i = 0; i < 12; i++) {
        unsigned long expected = seed + (unsigned)i;

        for (int turn = 0; turn < TURNS; turn++)
            expected = expected * 3 + 1;
        CHECK(x[i] == expected);
        CHECK(y[i] == seed + i + TURNS * 0.5);
    }
    snprintf(text, sizeof text, "%.3f", y[3]); /* faults on a stack that is not aligned */
    a->value = strtod(text, NULL);
}

static int start(void *arg)
{
    struct actor *a = arg;

    CHECK(fegetround() == FE_TONEAREST); /* the starter's */
    fesetround(a->rounding);
    compute(a, (unsigned)a->value);
    return 0;
}

static struct actor *beginner;

static void first_step(struct fiber_transfer from)
{
    struct actor *a = beginner;

    fiber_begun(&a->fiber, from);
    a->fiber.result = a->fiber.entry(a->fiber.arg);
    fiber_end(&a->fiber, a->caller);
}

static void begin(struct actor *a)
{
    beginner = a;
    fiber_start(&a->fiber, &a->fiber.stack, first_step, &a->caller);
}

/* ---- A ring: the caller resumes the first, and the last to have its turn comes back ---- */

static struct actor ring[FIBERS];
static unsigned handed_on;
static void *ring_caller;

static int hand_on(void *arg)
{
    struct actor *a = arg;
    double x = a->value;

    suspend(a);
    for (int turn = 0; turn < TURNS; turn++) {
        const struct actor *next = &ring[(a - ring + 1) % FIBERS];

        CHECK(&ring[handed_on++ % FIBERS] == a && x == a->value + turn);
        x += 1;
        fiber_control_read(&a->fiber.control);
        fiber_suspend(&a->fiber, handed_on < FIBERS * TURNS ? next->fiber.context : ring_caller);
    }
    return (int)x;
}

static void go_round(void)
{
    for (int i = 0; i < FIBERS; i++) {
        struct actor *a = &ring[i];

        a->value = i;
        a->fiber = (struct fiber){
            .entry = hand_on, .arg = a, .stack = {.base = a->stack, .size = sizeof a->stack}};
        begin(a);
    }
    resume(&ring[0], &ring_caller);
    CHECK(handed_on == FIBERS * TURNS);
    for (int i = 0; i < FIBERS; i++) {
        resume(&ring[i], &ring[i].caller);
        CHECK(fiber_finished(&ring[i].fiber) && ring[i].fiber.result == i + TURNS);
    }
}

int main(void)
{
    static struct actor actors[FIBERS];
    static const int modes[FIBERS] = {FE_UPWARD, FE_TONEAREST, FE_TOWARDZERO};
    volatile double one = 1, three = 3;
    double third = one / three;

    fiber_control_read(&control);
    for (int i = 0; i < FIBERS; i++) {
        struct actor *a = &actors[i];

        a->value = i + 1;
        a->rounding = modes[i];
        a->fiber = (struct fiber){
            .entry = start, .arg = a, .stack = {.base = a->stack, .size = sizeof a->stack - 7 * i}};
    }
    for (int turn = 0; turn <= TURNS; turn++)
        for (int i = 0; i < FIBERS; i++) {
            feclearexcept(FE_ALL_EXCEPT);
            if (turn == 0)
                begin(&actors[i]);
            else
                resume(&actors[i], &actors[i].caller);
            CHECK(fiber_control_same(&actors[i].fiber.control, &control) ==
                  (modes[i] == FE_TONEAREST));
            fiber_control_load(&control);
            CHECK((fetestexcept(FE_DIVBYZERO) != 0) == (turn < TURNS));
            CHECK(fiber_finished(&actors[i].fiber) == (turn == TURNS));
            CHECK(fegetround() == FE_TONEAREST && one / three == third);
        }
    for (int i = 0; i < FIBERS; i++)
        CHECK(actors[i].value == i + 1 + 3 + TURNS * 0.5);
    go_round();
    return 0;
}
