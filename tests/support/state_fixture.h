/* The state of a sweep in a folder of the test's own. Whatever cannot be made fails the test. */
#ifndef TVA_TESTS_SUPPORT_STATE_FIXTURE_H
#define TVA_TESTS_SUPPORT_STATE_FIXTURE_H

#include "sweep/sweep_state.h"

#include <stdbool.h>
#include <stddef.h>

#define STATE_FIXTURE_LONG_LINE                                                                    \
    "cell --model pool --job sleep:duration=10ms --rate 50/s --arrivals poisson --drain 1s "       \
    "--duration 1s --warmup 100ms --threads "
#define STATE_FIXTURE_SWEEP    "tva 1.2.3\naxis rate=1..8:x2\nrounds 6\n"
#define STATE_FIXTURE_IDENTITY STATE_FIXTURE_SWEEP STATE_FIXTURE_LONG_LINE "4\n"
#define STATE_FIXTURE_RUNS     3

struct state_fixture {
    char *directory, path[256];
};

/* A test's own, in *state. */
int state_fixture_set_up(void **state);
int state_fixture_tear_down(void **state);

/* Run number `number`, of another size than the others; to be freed with run_record_deinit(). */
struct run_record state_fixture_record(size_t number);

/* Write a state with seed 42 and STATE_FIXTURE_RUNS runs. */
void state_fixture_fill(const struct state_fixture *f);

/* The bytes of the file, which the caller frees; and let it have others. */
char *state_fixture_contents(const struct state_fixture *f, size_t *size);
void state_fixture_put(const struct state_fixture *f, const char *bytes, size_t size);

/* What opening it returns; when that is 0, how many runs there are, and whether one was cut. */
int state_fixture_try(const struct state_fixture *f, const char *identity, size_t *runs, bool *cut,
                      struct err *err);

#endif
