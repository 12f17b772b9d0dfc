/* The promise: when memory runs out, at whichever allocation, a run says so and ends, and so does
 * what makes a document of runs. */
#include "run/run.h"
#include "summary/document.h"

#include "support/failing_memory.h"
#include "support/records.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cell cell_of(const char *model, const char *job)
{
    struct cell c = records_cell(model, job, 3);

    c.threads = 2;
    c.warmup = 1;
    return c;
}

static int run(void *arg, FILE *out)
{
    struct run_record r;
    int err = run_execute(arg, 0, &r);

    if (err == 0)
        fputs(((struct cell *)arg)->model->name, out);
    else if (r.failure.text[0] == '\0')
        err = -EBADE; /* without a word */
    run_record_deinit(&r);
    return err;
}

static void a_run_under_each_model(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct cell c = cell_of(models[m]->name, "sleep:duration=1us");

        if (model_check(models[m], NULL) == 0)
            assert_true(failing_memory_walk(run, &c) > 5);
    }
}

static void a_run_of_each_job(void **state)
{
    static const char *const jobs[] = {"file:size=4k,op=write,fsync=on",
                                       "file:size=4k",
                                       "cpu:rounds=1",
                                       "mixed:total=2us",
                                       "null",
                                       "file:size=4k + cpu:time=1us + mixed:total=2us"};

    (void)state;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        struct cell c = cell_of("tasks", jobs[i]);

        assert_true(failing_memory_walk(run, &c) > 5);
    }
}

static void a_run_of_each_load_and_of_planted_faults(void **state)
{
    char model[INJECT_MODEL_SIZE];
    struct err err;

    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct cell open = records_loop_cell(models[m]->name, "sleep:duration=1us", LOAD_OPEN),
                    closed = records_loop_cell(models[m]->name, "cpu:rounds=1", LOAD_CLOSED);

        open.threads = closed.threads = 2;
        open.load.rate_per_s = 10000;
        open.load.duration_ns = closed.load.duration_ns = NS_PER_MS;
        open.load.warmup_ns = closed.load.warmup_ns = 100 * NS_PER_US;
        assert_int_equal(
            inject_fault_parse("leak=64,alloc=1,slowdown=1%", model, &open.inject, &err), 0);
        if (model_check(models[m], NULL) < 0)
            continue;
        assert_true(failing_memory_walk(run, &open) > 5);
        assert_true(failing_memory_walk(run, &closed) > 5);
    }
}

/* The runs of a cell, from which a document is made. */
struct subject {
    struct cell cell;
    struct run_record runs[3];
};

static int summarise(void *arg, FILE *out)
{
    static const struct document_session session = {.suite = "quick", .seed = 1, .rounds = 1};
    struct subject *s = arg;
    struct document *document = document_create(&session);
    json_t *result = NULL;
    int r = -ENOMEM;

    if (document != NULL && document_add_cell(document, &s->cell, s->runs, 3) != NULL) {
        result = document_finish(document, NULL);
        document = NULL;
    }
    if (result != NULL)
        r = json_dumpf(json_object_get(result, "cells"), out, JSON_SORT_KEYS) == 0 ? 0 : -ENOMEM;
    json_decref(result);
    document_destroy(document);
    return r;
}

static void a_document(void **state)
{
    struct subject subjects[] = {
        {.cell = records_cell("pool", "file:op=write", 20)},
        {.cell = records_loop_cell("tasks", "sleep:duration=1ms,dist=exp", LOAD_OPEN)},
        {.cell = records_loop_cell("pool", "sleep:duration=1ms", LOAD_CLOSED)}};

    (void)state;
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        struct subject *s = &subjects[i];

        for (int k = 0; k < 3; k++) {
            s->runs[k] = i == 0 ? records_run(&s->cell, 2 * NS_PER_MS)
                                : records_loop_run(&s->cell, 2, 200, NS_PER_MS, NS_PER_MS);
            s->runs[k].beats_count = s->runs[k].beats_count < 8 ? s->runs[k].beats_count : 8;
        }
        assert_true(failing_memory_walk(summarise, s) > 100);
        for (int k = 0; k < 3; k++)
            run_record_deinit(&s->runs[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_under_each_model),
        cmocka_unit_test(a_run_of_each_job),
        cmocka_unit_test(a_run_of_each_load_and_of_planted_faults),
        cmocka_unit_test(a_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
