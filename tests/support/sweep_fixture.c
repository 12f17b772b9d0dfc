#include "support/sweep_fixture.h"

#include "base/hash.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double uniform(struct sweep_fixture *f)
{
    f->state = hash_mix(f->state);
    return (double)(f->state >> 11) / 9007199254740992.0;
}

double sweep_fixture_noisy(struct sweep_fixture *f)
{
    double sum = 0;

    for (int i = 0; i < 12; i++)
        sum += uniform(f);
    return exp(f->noise * (sum - 6));
}

static int measure(struct sweep *s, const size_t *indexes, size_t n, bool shown, struct err *err)
{
    struct sweep_fixture *f = (struct sweep_fixture *)s;

    (void)shown;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        struct sweep_cell *cell = &s->cells[indexes[i]];
        size_t wanted = sweep_runs_wanted(s, cell);

        while (cell->runs_count < wanted) {
            struct sweep_run run = {.values.lost = 0};
            int r;

            for (size_t k = 0; k < RUN_VALUES; k++)
                run.values.of[k] = NAN;
            r = f->value(f, cell, &run);
            if (r < 0)
                return r;
            cell->runs[cell->runs_count++] = run;
            f->measured++;
        }
    }
    return 0;
}

void sweep_fixture_begin(struct sweep_fixture *f, const char *models_text, const char *job,
                         const char *const *axes, size_t axes_count)
{
    struct sweep_settings *settings = &f->settings;
    struct err err = {""};
    char words[128], *rest = words, *word;

    settings->rounds = SWEEP_FIXTURE_ROUNDS;
    settings->width = 0.05;
    settings->quiet = true;
    settings->seed = 11;
    plan_line_init(&settings->line);
    snprintf(words, sizeof words, "%s", models_text);
    while ((word = strsep(&rest, ",")) != NULL)
        settings->line.models[settings->line.models_count++] = model_find(word, &err);
    assert_int_equal(job_parse(job, &settings->line.specs[settings->line.specs_count++], &err), 0);
    for (size_t a = 0; a < axes_count; a++)
        assert_int_equal(sweep_axis_parse(axes[a], &settings->line, &settings->axes[a], &err), 0);
    settings->axes_count = axes_count;
    f->state = hash_mix(f->state);
}

void sweep_fixture_measure_grid(struct sweep_fixture *f)
{
    struct err err = {""};
    size_t *all;

    if (sweep_init(&f->sweep, &f->settings, &err) < 0)
        fail_msg("%s", err.text);
    f->sweep.measure = measure;
    f->sweep.progress = &f->progress;
    all = calloc(f->sweep.cells_count + 1, sizeof *all);
    assert_non_null(all);
    for (size_t i = 0; i < f->sweep.cells_count; i++)
        all[i] = i;
    assert_int_equal(measure(&f->sweep, all, f->sweep.cells_count, false, &err), 0);
    free(all);
}
