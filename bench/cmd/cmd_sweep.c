#include "cli/output.h"
#include "cmd/cmd.h"
#include "export/export.h"
#include "result/result.h"
#include "sweep/sweep_crossover.h"
#include "sweep/sweep_document.h"
#include "sweep/sweep_knee.h"
#include "sweep/sweep_options.h"
#include "sweep/sweep_scalability.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Search between the points of the grid. 0; -EINTR; or another negative errno with *err set. */
static int search(struct sweep *s, struct sweep_answers *answers, struct err *err)
{
    const struct sweep_settings *settings = s->settings;
    int r;

    s->search_end_ns = clock_add_ns(clock_now_ns(), settings->search_ns);
    r = sweep_crossovers_find(s, answers, err);
    if (r == 0 && settings->slo != NULL)
        r = sweep_knees_find(s, answers, err);
    if (r == 0 && settings->search_ns > 0 && !sweep_may_search(s))
        progress_note(s->progress,
                      "tva sweep: the search has taken its time; answers may have wider intervals "
                      "than asked for: --search-time allows more");
    return r == 0 ? sweep_scalability_fit(s, answers, err) : r;
}

/* Report, then write: a full disk must not cost the table. Returns the exit status. */
static int conclude(const struct sweep *s, const struct sweep_answers *answers, const char *output,
                    json_t *document, size_t invalid, struct err *err)
{
    int r = sweep_report_write(s, answers, stdout);

    if (r == 0 && fflush(stdout) != 0)
        r = -errno;
    if (r < 0)
        fprintf(stderr, "tva sweep: cannot show the report: %s\n", strerror(-r));
    r = result_write(document, output, err);
    if (r == 0)
        r = export_all(document, output, err);
    if (r < 0)
        return EXIT_FAILED;
    fprintf(stderr, "tva sweep: the result is in %s\n", output);
    if (invalid > 0)
        fprintf(stderr, "tva sweep: %zu of %zu cells are invalid; the reasons are in the result\n",
                invalid, json_array_size(json_object_get(document, "cells")));
    return invalid > 0 ? EXIT_FAILED : EXIT_GOOD;
}

/* Measure the timers, with which the lateness of generators is compared. All series have the same
 * kind of load. */
static int check_timers(struct sweep *s, struct err *err)
{
    struct plan_cell cell = {.cell = s->series[0].base};
    struct plan plan = {.cells = &cell, .count = 1, .capacity = 1};

    return harness_timer_error(&plan, &s->timer_error, err);
}

/* Measure the grid, search, and write the document. *written: the state file is no longer needed.
 */
static int measure(struct sweep *s, const char *output, bool *written, struct err *err)
{
    size_t invalid = 0;
    struct sweep_answers answers = {0};
    json_t *document = NULL;
    int status = EXIT_FAILED, r = check_timers(s, err);

    if (r == 0)
        r = sweep_measure(s, NULL, s->cells_count, true, err);
    if (r == 0)
        r = search(s, &answers, err);
    progress_end(s->progress);
    if (r == 0)
        document = sweep_document_create(s, &answers, &invalid, err);
    if (document != NULL) {
        status = conclude(s, &answers, output, document, invalid, err);
        *written = err->text[0] == '\0';
    }
    if (r == -EINTR)
        fprintf(stderr,
                "tva sweep: interrupted; %zu finished run%s kept: the same command goes on from "
                "there\n",
                sweep_state_count(s->state), sweep_state_count(s->state) == 1 ? " is" : "s are");
    json_decref(document);
    free(answers.items);
    return status;
}

static int carry_out(struct sweep *s, const struct sweep_options *o, bool *written, struct err *err)
{
    struct interrupt interrupt;
    struct progress progress;
    int status;

    if (interrupt_init(&interrupt, err) < 0)
        return EXIT_FAILED;
    progress_init(&progress, o->quiet);
    s->interrupt = &interrupt;
    s->progress = &progress;
    status = measure(s, o->output, written, err);
    if (interrupt.signal != 0)
        status = EXIT_SIGNAL + interrupt.signal;
    interrupt_deinit(&interrupt);
    return status;
}

/* Open FILE.state, and print what it holds already. 0, or the exit status with *err set. */
static int open_state(struct sweep *s, struct sweep_options *o, struct sweep_settings *settings,
                      struct sweep_state **state, struct err *err)
{
    char *identity = sweep_identity(s), *path = NULL;
    size_t restored = 0;
    int r = -ENOMEM;

    if (identity == NULL || asprintf(&path, "%s.state", o->output) < 0)
        err_set(err, r, "out of memory");
    else
        r = sweep_state_open(path, identity, &settings->seed, o->seed.given, state, err);
    if (r == 0 && sweep_state_was_cut(*state))
        fprintf(stderr, "tva sweep: the last run in %s was cut short, and is run again\n", path);
    if (r == 0)
        r = sweep_use_state(s, *state, &restored, err);
    if (r == 0 && sweep_state_count(*state) > 0)
        fprintf(stderr,
                "tva sweep: going on with %zu finished run%s of %s; %zu of the grid %s left\n",
                sweep_state_count(*state), sweep_state_count(*state) == 1 ? "" : "s", path,
                sweep_runs_left(s), sweep_runs_left(s) == 1 ? "is" : "are");
    free(identity);
    free(path);
    return r == 0 ? 0 : r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

static int execute(struct sweep *s, struct sweep_options *o, struct sweep_settings *settings,
                   struct err *err)
{
    struct sweep_state *state = NULL;
    bool written = false;
    int status;

    if (o->output == NULL) {
        o->output = OUTPUT_LATEST_SWEEP;
        if (output_make_latest(err) < 0)
            return EXIT_FAILED;
    }
    if (output_check(o->output, err) < 0)
        return EXIT_FAILED;
    status = open_state(s, o, settings, &state, err);
    if (status == 0)
        status = carry_out(s, o, &written, err);
    sweep_state_close(state, written);
    return status;
}

int cmd_sweep(int argc, char **argv, struct err *err)
{
    struct sweep_options o;
    struct sweep_settings settings;
    struct sweep sweep;
    int status = sweep_options_read(&o, argc, argv, err);

    if (status != EXIT_GOOD)
        return status;
    plan_seed_settle(&o.seed);
    if (sweep_options_settle(&o, &settings, err) < 0)
        return EXIT_USAGE;
    if (sweep_init(&sweep, &settings, err) < 0)
        status = EXIT_USAGE;
    else
        status = execute(&sweep, &o, &settings, err);
    sweep_deinit(&sweep);
    return status;
}
