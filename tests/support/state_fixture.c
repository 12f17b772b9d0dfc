#include "support/state_fixture.h"

#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

int state_fixture_set_up(void **state)
{
    struct state_fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    f->directory = records_make_directory();
    snprintf(f->path, sizeof f->path, "%s/run.state", f->directory);
    *state = f;
    return 0;
}

int state_fixture_tear_down(void **state)
{
    struct state_fixture *f = *state;

    records_remove_directory(f->directory);
    free(f);
    return 0;
}

struct run_record state_fixture_record(size_t number)
{
    struct cell cell = records_cell("tasks", "sleep:duration=1ms", 3 + number);

    return records_run(&cell, (number + 1) * NS_PER_MS);
}

void state_fixture_fill(const struct state_fixture *f)
{
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 42;

    assert_int_equal(sweep_state_open(f->path, STATE_FIXTURE_IDENTITY, &seed, false, &s, &err), 0);
    for (size_t i = 0; i < STATE_FIXTURE_RUNS; i++) {
        struct run_record record = state_fixture_record(i);
        char key[32];

        snprintf(key, sizeof key, "--model tasks --jobs %zu", i);
        assert_int_equal(sweep_state_append(s, key, &record, &err), 0);
        run_record_deinit(&record);
    }
    sweep_state_close(s, false);
}

char *state_fixture_contents(const struct state_fixture *f, size_t *size)
{
    FILE *in = fopen(f->path, "r");
    char *bytes = malloc(1 << 20);

    assert_true(in != NULL && bytes != NULL);
    *size = fread(bytes, 1, 1 << 20, in);
    assert_true(*size > 0 && *size < 1 << 20);
    fclose(in);
    return bytes;
}

void state_fixture_put(const struct state_fixture *f, const char *bytes, size_t size)
{
    FILE *out = fopen(f->path, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

int state_fixture_try(const struct state_fixture *f, const char *identity, size_t *runs, bool *cut,
                      struct err *err)
{
    struct sweep_state *s;
    uint64_t seed = 1;
    int r = sweep_state_open(f->path, identity, &seed, false, &s, err);

    if (r == 0) {
        *runs = sweep_state_count(s);
        *cut = sweep_state_was_cut(s);
        assert_int_equal(seed, 42);
        sweep_state_close(s, false);
    }
    return r;
}
