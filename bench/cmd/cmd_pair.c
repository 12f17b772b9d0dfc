#include "cli/output.h"
#include "cmd.h"
#include "pair/pair_document.h"
#include "pair/pair_options.h"
#include "pair/pair_report.h"
#include "plan/suite.h"
#include "report/report.h"
#include "result/result.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const int statuses[PAIR_VERDICTS] = {
    [PAIR_PASS] = EXIT_GOOD,
    [PAIR_REGRESSION] = EXIT_REGRESSION,
    [PAIR_INCONCLUSIVE] = EXIT_INCONCLUSIVE,
};

/* Screen, and confirm what is left open. *out holds all metrics then, screened. 0 or a negative
 * errno. */
static int measure(struct pair_session *s, struct pair_collection *out, struct err *err)
{
    int r = pair_session_pilot(s, err);

    if (r == 0)
        r = pair_session_screen(s, err);
    if (r == 0)
        r = pair_collect(s, out, err);
    if (r == 0)
        r = pair_screen(out->metrics, out->count);
    if (r == 0 && pair_collection_ask(out, s) > 0) {
        r = pair_session_confirm(s, err);
        pair_collection_deinit(out);
        if (r == 0)
            r = pair_collect(s, out, err);
        if (r == 0)
            r = pair_screen(out->metrics, out->count);
    }
    return r;
}

/* Show, then write: a full disk must not cost the table. Returns the exit status. */
static int conclude(const struct pair_options *o, const struct pair_outcome *outcome,
                    struct err *err)
{
    json_t *document = pair_document_create(outcome);
    int r = document != NULL ? 0 : err_set(err, -ENOMEM, "out of memory");

    if (r == 0) {
        pair_report_write(document, o->markdown, stdout);
        r = report_flush(stdout, err);
    }
    if (document != NULL && o->output != NULL) {
        int written = result_write(document, o->output, err);

        r = r == 0 ? written : r;
        if (written == 0)
            fprintf(stderr, "tva pair: every observation is in %s\n", o->output);
    }
    json_decref(document);
    return r < 0 ? EXIT_FAILED : statuses[outcome->conclusion.verdict];
}

static int compare(const struct pair_options *o, struct pair_session *s, struct err *err)
{
    struct pair_collection collection = {0};
    struct pair_outcome outcome = {.session = s, .collection = &collection};
    struct pair_host host;
    int r, status = EXIT_USAGE;

    pair_host_begin(&host);
    r = measure(s, &collection, err);
    progress_end(s->progress);
    if (r == 0)
        r = pair_conclude(collection.metrics, collection.count, &outcome.conclusion);
    if (r == 0 && outcome.conclusion.verdict == PAIR_PASS && pair_session_contender_fails(s))
        outcome.conclusion.verdict = PAIR_INCONCLUSIVE;
    if (r == 0) {
        pair_host_end(&host, &outcome.noise);
        outcome.elapsed_ns = clock_now_ns() - s->begin_ns;
        status = conclude(o, &outcome, err);
    } else if (r == -EINTR) {
        fputs("tva pair: interrupted; nothing is kept\n", stderr);
        status = EXIT_SIGNAL + s->observer->interrupt->signal;
    } else if (err->text[0] == '\0') {
        err_set(err, r, "cannot judge what was measured: %s", strerror(-r));
    }
    pair_collection_deinit(&collection);
    return status;
}

static int carry_out(const struct pair_options *o, const struct plan *plan, struct err *err)
{
    struct pair_settings settings = {.programs = &o->programs,
                                     .faults = o->line.line.injects,
                                     .faults_count = o->line.line.injects_count,
                                     .seed = o->seed.seed,
                                     .budget_ns = o->budget_ns};
    struct pair_observer observer;
    struct pair_session session;
    struct interrupt interrupt;
    struct progress progress;
    int status = EXIT_FAILED;

    if (interrupt_init(&interrupt, err) < 0)
        return EXIT_FAILED;
    if (pair_observer_init(&observer, &interrupt, err) < 0)
        goto out;
    progress_init(&progress, o->quiet);
    if (pair_session_init(&session, &settings, plan, err) == 0) {
        session.observer = &observer;
        session.progress = &progress;
        status = compare(o, &session, err);
    }
    pair_session_deinit(&session);
    pair_observer_deinit(&observer);
out:
    interrupt_deinit(&interrupt);
    return status;
}

/* The cells of both sides. Faults are not theirs, but the contender's. */
static int plan_cells(struct pair_options *o, struct plan *plan)
{
    struct plan_line line = o->line.line;

    line.injects_count = 0;
    return suite_plan(&o->suite, &line, plan, &o->err);
}

int cmd_pair(int argc, char **argv)
{
    struct pair_options o;
    struct plan plan;
    int status;

    pair_options_init(&o);
    plan_init(&plan);
    status = options_parse(&pair_argp, argc, argv, &o, &o.err);
    if (status != EXIT_GOOD)
        goto out;
    if (pair_options_settle(&o) < 0 || plan_cells(&o, &plan) < 0) {
        status = options_refuse(argv[0], &o.err);
        goto out;
    }
    plan_inject_tell_unused(argv[0], o.line.line.injects, o.line.line.injects_count, &plan);
    status = EXIT_FAILED;
    if (o.output == NULL || output_check(o.output, &o.err) == 0)
        status = carry_out(&o, &plan, &o.err);
    if (o.err.text[0] != '\0')
        fprintf(stderr, "%s: %s\n", argv[0], o.err.text);
out:
    plan_deinit(&plan);
    pair_options_deinit(&o);
    return status;
}
