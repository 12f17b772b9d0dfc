#include "advise/advise.h"

#include "base/clock.h"
#include "base/table.h"
#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "load/load.h"
#include "math/bracket.h"
#include "math/stats.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/* The text as it grows. */
struct text {
    const struct advice *advice;
    char *buf;
    size_t size;
};

#define ADD(t, ...) text_add((t)->buf, (t)->size, __VA_ARGS__)

/* What a number looks like in a sentence. */
struct words {
    char of[96];
};

static struct words rate_words(double per_s)
{
    struct words w;

    load_format_rate(per_s, w.of, sizeof w.of);
    return w;
}

static struct words duration_words(double s)
{
    struct words w;

    units_format_duration(s * (double)NS_PER_S, w.of, sizeof w.of);
    return w;
}

static struct words size_words(double bytes)
{
    struct words w;

    units_format_size(bytes, w.of, sizeof w.of);
    return w;
}

#define RATE(per_s) rate_words(per_s).of
#define TIME(s)     duration_words(s).of
#define SIZE(bytes) size_words(bytes).of

/* "s" behind "pool(6)", "" behind "tasks". */
static const char *verb_end(const char *label)
{
    return label[strlen(label) - 1] == 's' ? "" : "s";
}

/* "latency p99 under 100 ms" */
static struct words bound_words(const struct advice *a)
{
    struct words w;

    snprintf(w.of, sizeof w.of, "%.40s under %.40s", a->metric->title, TIME(a->bound_s));
    return w;
}

/* " and breaks at 960/s", of the other end of the bracket. */
static void add_beyond(struct text *t, const struct advise_bracket *b)
{
    if (isinf(b->broken_per_s))
        ADD(t, ", the highest rate that was tried");
    else if (b->by_machine)
        ADD(t, "; at %s the generator did not keep its schedule", RATE(b->broken_per_s));
    else
        ADD(t, " and breaks it at %s", RATE(b->broken_per_s));
}

/* ---- The recommendation, and how sure it is ---- */

static void add_model(struct text *t, const struct advise_candidate *c)
{
    const struct model *m = c->model;

    ADD(t, "Run it under %s: ", c->label);
    if (m->has_loops)
        ADD(t, "%u event loop%s, a thread each. ", c->threads, TEXT_S(c->threads));
    else if (m->uses_threads)
        ADD(t, "%u thread%s. ", c->threads, TEXT_S(c->threads));
    else if (m->on_threads)
        ADD(t, "a thread for each job. ");
    else
        ADD(t, "one event loop. ");
}

/* How often coin tosses would give the candidate's runs, if they decided. */
static void add_chance(struct text *t, size_t for_it, size_t against)
{
    ADD(t, " (by chance alone once in %.0f)", 1 / advise_chance(for_it, against));
}

/* The metric at the asked rate, with the interval of its median. */
static void add_value(struct text *t, const struct advise_candidate *c)
{
    double rate = t->advice->rate_per_s, values[ADVISE_RUNS_MAX];
    size_t n = advise_values(c, rate, 0, offsetof(struct advise_run, value_s), values);
    struct stats_median m;

    if (n == 0)
        return;
    stats_median_of(values, n, &m);
    ADD(t, "; at %s it was %s", RATE(rate), TIME(m.median));
    if (n > 1)
        ADD(t, " (%.0f %% interval %s to %s)", 100 * m.confidence, TIME(m.ci_low), TIME(m.ci_high));
}

static void add_evidence(struct text *t, const struct advise_candidate *c)
{
    const struct advice *a = t->advice;
    size_t runs = c->kept_runs + c->broken_runs;

    if (a->rate_per_s > 0) {
        ADD(t, "It kept %s in %zu of %zu run%s that count%s for %s", bound_words(a).of,
            c->kept_runs, runs, TEXT_S(runs), runs == 1 ? "s" : "", RATE(a->rate_per_s));
        add_chance(t, c->kept_runs, c->broken_runs);
        add_value(t, c);
        if (c->bracket.kept_per_s > 0) {
            ADD(t, ". It bears %s", RATE(c->bracket.kept_per_s));
            add_beyond(t, &c->bracket);
        }
    } else {
        ADD(t, "It bears %s with %s", RATE(c->bracket.kept_per_s), bound_words(a).of);
        add_beyond(t, &c->bracket);
        ADD(t, ", by %zu run%s of it", c->runs_count, TEXT_S(c->runs_count));
    }
    ADD(t, ". ");
}

/* Models that nothing tells from the best. */
static void add_ties(struct text *t)
{
    const struct advice *a = t->advice;
    size_t n = 0, left;

    for (size_t i = 0; i < a->candidates_count; i++)
        n += a->candidates[i].tied;
    left = n;
    for (size_t i = 0; i < a->candidates_count; i++)
        if (a->candidates[i].tied) {
            ADD(t, "%s%s", left == n ? "" : left > 1 ? ", " : " and ", a->candidates[i].label);
            left--;
        }
    if (n > 0)
        ADD(t, " may bear as much or more: these runs cannot tell. ");
    for (size_t i = 0; i < a->candidates_count; i++) {
        const struct advise_candidate *c = &a->candidates[i];

        if (c->tied && advise_is_cheaper(a, c, &a->candidates[a->best]))
            ADD(t, "%s cost%s %.0f %% less CPU a job at %s, and bear%s %s. ", c->label,
                verb_end(c->label),
                100 * (1 - ADVISE_MEDIAN(c, a->work_per_s, 0, cpu_s) /
                               ADVISE_MEDIAN(&a->candidates[a->best], a->work_per_s, 0, cpu_s)),
                RATE(a->work_per_s), verb_end(c->label), RATE(c->bracket.kept_per_s));
    }
}

static void add_none(struct text *t)
{
    const struct advice *a = t->advice;
    const struct advise_candidate *most = NULL; /* by what it kept, not by what it likely bears */

    ADD(t, "No model that was tried keeps %s at %s. ", bound_words(a).of,
        a->rate_per_s > 0 ? RATE(a->rate_per_s) : "any rate that was tried");
    for (size_t i = 0; i < a->candidates_count; i++)
        if (a->candidates[i].bracket.kept_per_s > (most != NULL ? most->bracket.kept_per_s : 0))
            most = &a->candidates[i];
    if (most == NULL)
        return;
    ADD(t, "The most is %s, which %s bear%s. ", RATE(most->bracket.kept_per_s), most->label,
        verb_end(most->label));
}

/* Why the answer is not known, model by model. */
static void add_untold(struct text *t)
{
    const struct advice *a = t->advice;
    size_t runs = 0;

    ADD(t, "Cannot tell ");
    if (a->rate_per_s > 0)
        ADD(t, "whether a model keeps %s at %s", bound_words(a).of, RATE(a->rate_per_s));
    else
        ADD(t, "which model bears most with %s", bound_words(a).of);
    for (size_t i = 0; i < a->candidates_count; i++) {
        const struct advise_candidate *c = &a->candidates[i];

        if (c->kept_runs + c->broken_runs > 0 && !c->left_out)
            ADD(t, "%s%s kept it in %zu of %zu run%s", runs == 0 ? ": " : ", ", c->label,
                c->kept_runs, c->kept_runs + c->broken_runs, TEXT_S(c->kept_runs + c->broken_runs));
        runs += c->kept_runs + c->broken_runs;
    }
    ADD(t,
        "%s. A longer --time-limit than %s, or a machine with nothing else to do, would tell "
        "more. ",
        runs == 0 ? ": no run counts" : "", TIME(a->limit_s));
}

/* ---- What is known of all of them ---- */

static void add_arithmetic(struct text *t)
{
    const struct advice *a = t->advice;
    size_t n = 0;

    for (size_t i = 0; i < a->candidates_count; i++) {
        const struct advise_candidate *c = &a->candidates[i];

        if (c->left_out)
            ADD(t, "%s%s (at most %s)", n++ == 0 ? "Arithmetic alone rules out " : ", ", c->label,
                RATE(bracket_round(c->ceiling_per_s, 2)));
    }
    ADD(t, "%s", n > 0 ? ". " : "");
}

static void add_failures(struct text *t)
{
    const struct advice *a = t->advice;

    for (size_t i = 0; i < a->candidates_count; i++) {
        const struct advise_candidate *c = &a->candidates[i];
        size_t failed = 0;

        for (size_t k = 0; k < c->runs_count; k++)
            failed += c->runs[k].failed;
        if (failed > 0)
            ADD(t, "Jobs failed in %zu of %zu run%s of %s; 'tva run' tells why. ", failed,
                c->runs_count, TEXT_S(c->runs_count), c->label);
        if (c->failure.text[0] != '\0')
            ADD(t, "Runs of %s failed: %.300s. ", c->label, c->failure.text);
    }
}

static void add_job(struct text *t)
{
    const struct advice *a = t->advice;

    ADD(t, "A job alone takes %s", TIME(a->service_s));
    if (a->metric->unit == METRIC_S && a->service_s > a->bound_s)
        ADD(t, ", longer than the bound");
    if (!isnan(a->cpu_s))
        ADD(t, ", %s of it CPU", TIME(a->cpu_s));
    if (!isnan(a->little))
        ADD(t, "; by Little's law %.3g are in the system at %s", a->little, RATE(a->rate_per_s));
    if (!isnan(a->goetz))
        ADD(t, "; by Goetz's rule %.0f thread%s keep%s %u core%s busy", ceil(a->goetz),
            TEXT_S(ceil(a->goetz)), ceil(a->goetz) == 1 ? "s" : "", a->cores, TEXT_S(a->cores));
    ADD(t, ". ");
}

/* CPU and memory of the best at the working rate. */
static void add_costs(struct text *t, const struct advise_candidate *c)
{
    const struct advice *a = t->advice;
    double rate = a->work_per_s, cpu_s = ADVISE_MEDIAN(c, rate, 0, cpu_s);
    double memory = ADVISE_MEDIAN(c, rate, 0, memory_bytes);
    double target = ADVISE_MEDIAN(c, rate, 0, target_cores);

    if (isnan(memory))
        return;
    ADD(t, "At %s %s needs", RATE(rate), c->label);
    if (!isnan(cpu_s))
        ADD(t, " %.2g of %u core%s (%s a job) and", rate * cpu_s, a->cores, TEXT_S(a->cores),
            TIME(cpu_s));
    ADD(t, " %s of memory at most", SIZE(memory));
    if (target >= 0.01)
        ADD(t, ", and its server on this machine %.2g cores", target);
    ADD(t, ". ");
}

static void add_poison(struct text *t)
{
    const struct advice *a = t->advice;
    const struct advise_candidate *c = a->poisoned != SIZE_MAX ? &a->candidates[a->poisoned] : NULL;
    double rate = a->work_per_s, with, without;
    size_t kept = 0, runs = 0;

    if (a->best != SIZE_MAX && a->candidates[a->best].model->on_threads)
        ADD(t, "One blocking call in fifty changes nothing there, since no job runs on a loop. ");
    if (c == NULL)
        return;
    with = ADVISE_MEDIAN(c, rate, ADVISE_POISON, value_s);
    without = ADVISE_MEDIAN(c, rate, 0, value_s);
    for (size_t i = 0; i < c->runs_count; i++)
        if (c->runs[i].poison > 0 && c->runs[i].outcome != TRUST_VOID) {
            kept += c->runs[i].outcome == TRUST_KEPT;
            runs++;
        }
    ADD(t, "One blocking call in fifty under %s", c->label);
    if (!isnan(with) && !isnan(without))
        ADD(t, " takes %s from %s to %s at %s", a->metric->title, TIME(without), TIME(with),
            RATE(rate));
    else
        ADD(t, " was tried at %s", RATE(rate));
    if (runs > 0)
        ADD(t, ", and %zu of %zu run%s kept the bound", kept, runs, TEXT_S(runs));
    ADD(t, ". ");
}

/* One more thing that would change the answer, behind others. */
#define ADD_CHANGE(t, any, ...)                                                                    \
    do {                                                                                           \
        ADD(t, "%s", (any) ? "; " : "What would change the answer: ");                             \
        ADD(t, __VA_ARGS__);                                                                       \
        (any) = true;                                                                              \
    } while (0)

/* What would change the answer, as far as that is known. */
static void add_changes(struct text *t, const struct advise_candidate *c)
{
    const struct advice *a = t->advice;
    const struct advise_bracket *b = &c->bracket;
    double rate = a->rate_per_s, value_s = ADVISE_MEDIAN(c, rate, 0, value_s);
    struct cell cell = advise_cell(c);
    unsigned lanes = (unsigned)cell_cpu_lanes(&cell, a->cores);
    bool any = false;

    if (isfinite(b->broken_per_s) && !b->by_machine)
        ADD_CHANGE(t, any, "a rate of %s or more", RATE(b->broken_per_s));
    if (rate > 0 && !isnan(value_s) && value_s < a->bound_s)
        ADD_CHANGE(t, any, "a bound below %s", TIME(value_s));
    if (rate > 0 && a->cpu_s > 0)
        ADD_CHANGE(t, any, "more than %s of CPU a job, which is all that %u core%s ha%s at %s",
                   TIME(lanes / rate), lanes, TEXT_S(lanes), lanes == 1 ? "s" : "ve", RATE(rate));
    if (rate > 0 && c->model->on_threads && c->model->lanes == MODEL_LANES_POOL &&
        c->threads / rate > a->service_s)
        ADD_CHANGE(t, any, "jobs of %s, which keep %u thread%s busy", TIME(c->threads / rate),
                   c->threads, TEXT_S(c->threads));
    ADD(t, "%s", any ? ". " : "");
}

static void add_left_out(struct text *t)
{
    for (size_t i = 0; i < t->advice->left_out_count; i++)
        ADD(t, "%s ", t->advice->left_out[i]);
}

char *advise_text(const struct advice *a, char *buf, size_t size)
{
    struct text t = {a, buf, size};
    const struct advise_candidate *best = a->best != SIZE_MAX ? &a->candidates[a->best] : NULL;
    size_t end;

    buf[0] = '\0';
    if (best != NULL) {
        add_model(&t, best);
        add_evidence(&t, best);
        add_ties(&t);
    } else if (a->verdict == ADVISE_BREAKS) {
        add_none(&t);
    } else {
        add_untold(&t);
    }
    if (!a->bound_given)
        text_add(buf, size, "The bound is %d times what a job takes alone, for want of --slo. ",
                 ADVISE_BOUND_FACTOR);
    add_arithmetic(&t);
    add_failures(&t);
    add_job(&t);
    if (best != NULL)
        add_costs(&t, best);
    add_poison(&t);
    if (best != NULL)
        add_changes(&t, best);
    add_left_out(&t);
    end = strlen(buf);
    if (end > 0 && buf[end - 1] == ' ')
        buf[end - 1] = '\0';
    return buf;
}

/* ---- The table ---- */

/* A figure, or "-" where there is none. */
static void add_figure(struct table *t, double value, struct words (*format)(double value))
{
    table_cell(t, "%s", isfinite(value) && value > 0 ? format(value).of : "-");
}

static struct words plain_words(double value)
{
    struct words w;

    snprintf(w.of, sizeof w.of, "%.2g", value);
    return w;
}

static void add_row(const struct advice *a, size_t index, struct table *t)
{
    const struct advise_candidate *c = &a->candidates[index];
    double kept = c->bracket.kept_per_s;

    table_cell(t, "%s%s", c->label, index == a->best ? " *" : "");
    if (a->rate_per_s > 0) {
        table_cell(t, "%s", c->left_out ? "by arithmetic" : advise_verdict_words[c->verdict]);
        add_figure(t, ADVISE_MEDIAN(c, a->rate_per_s, 0, value_s), duration_words);
    }
    add_figure(t, kept, rate_words);
    if (isinf(c->bracket.broken_per_s))
        table_cell(t, "-");
    else
        table_cell(t, "%s%s", c->bracket.by_machine ? "?" : "", RATE(c->bracket.broken_per_s));
    add_figure(t, kept * ADVISE_MEDIAN(c, kept, 0, cpu_s), plain_words);
    add_figure(t, ADVISE_MEDIAN(c, kept, 0, memory_bytes), size_words);
    table_cell(t, "%zu", c->runs_count);
}

int advise_write(const struct advice *a, FILE *out)
{
    char text[ADVISE_TEXT_SIZE], title[128];
    struct table *t = table_create();
    int r;

    wrap_print(out, "", "%s", advise_text(a, text, sizeof text));
    fputc('\n', out);
    table_column(t, "model", TABLE_LEFT | TABLE_HEAD);
    if (a->rate_per_s > 0) {
        snprintf(title, sizeof title, "bound at %s", RATE(a->rate_per_s));
        table_column(t, title, TABLE_LEFT);
        snprintf(title, sizeof title, "%.20s there", a->metric->column);
        table_column(t, title, TABLE_RIGHT);
    }
    table_column(t, "bears", TABLE_RIGHT);
    table_column(t, "breaks at", TABLE_RIGHT);
    table_column(t, "cores", TABLE_RIGHT);
    table_column(t, "memory", TABLE_RIGHT);
    table_column(t, "runs", TABLE_RIGHT);
    for (size_t i = 0; i < a->candidates_count; i++)
        add_row(a, i, t);
    r = table_show(t, FORM_TEXT, 0, out);
    wrap_print(out, "",
               "* is advised; ?: the generator was late; cores and memory are at the rate "
               "that the model bears.");
    return r;
}
