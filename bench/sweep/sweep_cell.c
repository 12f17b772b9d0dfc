#include "sweep/sweep_point.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The point with NAN where it makes no difference to the series. */
static void settle_point(const struct sweep *s, size_t series, const double *point, double *out)
{
    for (size_t a = 0; a < SWEEP_AXES_MAX; a++)
        out[a] =
            a < s->settings->axes_count && s->series[series].applies[a] ? point[a] : (double)NAN;
}

size_t sweep_find(const struct sweep *s, size_t series, const double *point)
{
    double wanted[SWEEP_AXES_MAX];

    settle_point(s, series, point, wanted);
    for (size_t i = 0; i < s->cells_count; i++) {
        size_t same = 0;

        if (s->cells[i].series != series)
            continue;
        while (same < SWEEP_AXES_MAX && (s->cells[i].point[same] == wanted[same] ||
                                         (isnan(wanted[same]) && isnan(s->cells[i].point[same]))))
            same++;
        if (same == SWEEP_AXES_MAX)
            return i;
    }
    return SIZE_MAX;
}

int sweep_add_run(struct sweep_cell *cell, const struct sweep_run *run, struct err *err)
{
    struct sweep_run *runs = realloc(cell->runs, (cell->runs_count + 1) * sizeof *runs);

    if (runs == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    cell->runs = runs;
    cell->runs[cell->runs_count++] = *run;
    return 0;
}

/* What the state has of this cell. */
static int restore(struct sweep *s, struct sweep_cell *cell, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < sweep_state_count(s->state) && r == 0; i++) {
        struct sweep_run run = {.stored = i};
        struct run_record record;

        if (cell->runs_count == s->settings->rounds)
            break;
        if (strcmp(sweep_state_key(s->state, i), cell->key) != 0)
            continue;
        r = sweep_state_read(s->state, i, &record, err);
        if (r == 0 && figures_of_run(&record, &run.figures) < 0)
            r = err_set(err, -ENOMEM, "out of memory");
        run_record_deinit(&record);
        if (r == 0)
            r = sweep_add_run(cell, &run, err);
    }
    return r;
}

static struct sweep_cell *new_cell(struct sweep *s)
{
    if (s->cells_count == s->cells_capacity) {
        size_t capacity = s->cells_capacity ? 2 * s->cells_capacity : 64;
        struct sweep_cell *cells = realloc(s->cells, capacity * sizeof *cells);

        if (cells == NULL)
            return NULL;
        s->cells = cells;
        s->cells_capacity = capacity;
    }
    return &s->cells[s->cells_count];
}

static int add_cell(struct sweep *s, size_t series, const double *point, const struct cell *cell,
                    bool refined, struct err *err)
{
    char args[PLAN_ARGS_SIZE];
    struct sweep_cell *c = new_cell(s);

    if (c == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    *c = (struct sweep_cell){.cell = *cell, .series = series, .refined = refined};
    settle_point(s, series, point, c->point);
    c->key = strdup(plan_cell_args(cell, args, sizeof args));
    if (c->key == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    s->cells_count++;
    return s->state != NULL ? restore(s, c, err) : 0;
}

int sweep_add_point(struct sweep *s, const double *point, size_t wanted, bool refined,
                    struct err *err)
{
    struct plan plan;
    int r = sweep_point_plan(s->settings, point, &plan, err);

    if (r == 0 && plan.count != s->series_count)
        r = err_set(err, -EINVAL,
                    "at some values of the axes cells are the same: give each model, job and load "
                    "once");
    for (size_t i = 0; i < s->series_count && r == 0; i++)
        if ((wanted == SIZE_MAX || wanted == i) && sweep_find(s, i, point) == SIZE_MAX)
            r = add_cell(s, i, point, &plan.cells[i].cell, refined, err);
    plan_deinit(&plan);
    return r;
}

int sweep_cell_at(struct sweep *s, size_t series, const double *point, size_t *index,
                  struct err *err)
{
    int r = 0;

    if (sweep_find(s, series, point) == SIZE_MAX)
        r = sweep_add_point(s, point, series, true, err);
    *index = sweep_find(s, series, point);
    return r;
}

int sweep_use_state(struct sweep *s, struct sweep_state *state, size_t *restored, struct err *err)
{
    int r = 0;

    s->state = state;
    *restored = 0;
    for (size_t i = 0; i < s->cells_count && r == 0; i++) {
        s->cells[i].cell.job.seed = s->settings->seed;
        r = restore(s, &s->cells[i], err);
        *restored += s->cells[i].runs_count;
    }
    return r;
}
