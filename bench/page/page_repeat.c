/* How to measure again what a document holds: the commands, with the options that it keeps. */
#include "page/page.h"

#include "base/clock.h"
#include "base/html.h"
#include "base/text.h"
#include "base/units.h"
#include "load/load.h"
#include "pair/pair_schedule.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

struct command {
    char text[4096];
};

#define ADD(c, ...) text_add((c)->text, sizeof(c)->text, __VA_ARGS__)

static void add_option(struct command *c, const char *name, const char *value)
{
    ADD(c, " --%s ", name);
    text_add_word(c->text, sizeof c->text, value);
}

static void add_number(struct command *c, const char *name, double value)
{
    if (isfinite(value))
        ADD(c, " --%s %.15g", name, value);
}

static void add_duration(struct command *c, const char *name, double s)
{
    char text[32];

    if (s > 0 && s < 1e9)
        add_option(c, name,
                   units_exact_duration((uint64_t)llround(s * NS_PER_S), text, sizeof text));
}

/* Each text once, with commas between. */
static void add_once(char *list, size_t size, const char *text)
{
    if (*text != '\0' && !text_has_word(list, ",", text))
        text_add(list, size, "%s%s", *list != '\0' ? "," : "", text);
}

/* The models of the cells, and their threads where all that have some have the same. */
static void add_models(struct command *c, const json_t *const *cells, size_t count)
{
    char models[512] = "", threads[256] = "", text[32];

    for (size_t i = 0; i < count; i++) {
        double n = result_number(cells[i], "threads");

        snprintf(text, sizeof text, "%.15g", n);
        add_once(models, sizeof models, result_string(cells[i], "model"));
        add_once(threads, sizeof threads, n > 0 ? text : "");
    }
    add_option(c, "model", models);
    if (*threads != '\0' && strchr(threads, ',') == NULL)
        add_option(c, "threads", threads);
}

static void add_load(struct command *c, const json_t *cell)
{
    const json_t *load = json_object_get(cell, "load");
    const char *rates = result_string(load, "rates.text");
    double rate = result_number(load, "rate_per_s"), poison = result_number(load, "poison");
    char text[64];

    if (*rates != '\0')
        add_option(c, "rate", rates);
    else if (isfinite(rate))
        ADD(c, " --rate %.10g/s", rate);
    if (strcmp(result_string(load, "arrivals"), "constant") == 0)
        add_option(c, "arrivals", "constant");
    add_number(c, "clients", result_number(load, "clients"));
    if (isfinite(result_number(load, "duration_s")))
        add_duration(c, "duration", result_number(load, "duration_s"));
    else
        add_number(c, "jobs", result_number(cell, "jobs"));
    add_number(c, "limit", result_number(load, "limit"));
    if (poison > 0)
        add_option(c, "poison", load_format_share(poison, text, sizeof text));
}

static void write_command(const struct command *c, FILE *out)
{
    fputs("<pre><code>", out);
    html_text(c->text, out);
    fputs("</code></pre>\n", out);
}

static void add_session(struct command *c, const json_t *document)
{
    add_number(c, "rounds", result_number(document, "rounds"));
    add_number(c, "seed", result_number(document, "seed"));
}

/* A command for these cells of a group, which differ in the model alone. */
static void write_cells(const json_t *document, const json_t *const *cells, size_t count, FILE *out)
{
    struct command c = {"tva run"};

    add_option(&c, "job", result_string(cells[0], "spec"));
    add_load(&c, cells[0]);
    add_models(&c, cells, count);
    add_session(&c, document);
    write_command(&c, out);
}

/* A command for each number of threads that the group has, since all models of one take the same;
 * the first is that of the models without threads as well. */
static void write_group(const json_t *document, const struct ranking *r, FILE *out)
{
    bool done[PAGE_MODELS_MAX] = {false};
    size_t count = r->count < PAGE_MODELS_MAX ? r->count : PAGE_MODELS_MAX;

    for (size_t i = 0; i < count; i++) {
        const json_t *cells[PAGE_MODELS_MAX];
        double threads = NAN;
        size_t n = 0;

        for (size_t k = i; k < count; k++) {
            double own = result_number(r->rows[k]->cell, "threads");

            threads = isnan(threads) && !done[k] ? own : threads;
            if (done[k] || (!isnan(own) && own != threads))
                continue;
            done[k] = true;
            cells[n++] = r->rows[k]->cell;
        }
        if (n > 0)
            write_cells(document, cells, n, out);
    }
}

/* The bound of a sweep or of advice: "p99=20ms". */
static void add_slo(struct command *c, const json_t *slo)
{
    char text[96], bound[32];
    double s = result_number(slo, "bound_s");

    if (!(s > 0 && s < 1e9))
        return;
    snprintf(text, sizeof text, "%s=%s", result_string(slo, "metric"),
             units_exact_duration((uint64_t)llround(s * NS_PER_S), bound, sizeof bound));
    add_option(c, "slo", text);
}

/* The job of a sweep with its parameters; where an axis changes these, its name alone. */
static const char *job_of(const json_t *cells)
{
    const json_t *first = json_array_get(cells, 0), *cell;
    size_t i;

    json_array_foreach(
        cells, i, cell) if (strcmp(result_string(cell, "spec"), result_string(first, "spec")) !=
                            0) return result_string(first, "job");
    return result_string(first, "spec");
}

static void write_sweep(const json_t *document, FILE *out)
{
    const json_t *cells = json_object_get(document, "cells"), *axis;
    const json_t *first[PAGE_MODELS_MAX];
    struct command c = {"tva sweep"};
    size_t i, n = 0;

    for (i = 0; i < json_array_size(cells) && n < PAGE_MODELS_MAX; i++) {
        const json_t *cell = json_array_get(cells, i);
        size_t k = 0;

        while (k < n &&
               strcmp(result_string(first[k], "series"), result_string(cell, "series")) != 0)
            k++;
        if (k == n)
            first[n++] = cell;
    }
    add_option(&c, "job", job_of(cells));
    json_array_foreach(result_get(document, "sweep.axes"), i, axis)
        add_option(&c, "over", result_string(axis, "range"));
    add_slo(&c, result_get(document, "sweep.slo"));
    if (n > 0)
        add_models(&c, first, n);
    add_session(&c, document);
    write_command(&c, out);
}

static void write_advice(const json_t *document, FILE *out)
{
    struct command c = {"tva advise"};
    double rate = result_number(document, "rate_per_s");

    add_option(&c, "job", result_string(document, "job"));
    if (rate > 0)
        ADD(&c, " --rate %.10g/s", rate);
    if (json_is_true(result_get(document, "slo.given")))
        add_slo(&c, json_object_get(document, "slo"));
    add_duration(&c, "time-limit", result_number(document, "time_limit_s"));
    add_number(&c, "seed", result_number(document, "seed"));
    write_command(&c, out);
}

/* What a shell takes as it stands. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.,:=/%+@"

/* The layouts of each arm; and the cells, where one alone was compared. */
static void write_pair(const json_t *document, FILE *out)
{
    const json_t *cells = json_object_get(document, "cells"), *program;
    const char *args = result_string(json_array_get(cells, 0), "args");
    struct command c = {"tva pair"};
    size_t i;

    for (size_t arm = 0; arm < PAIR_ARMS; arm++) {
        char list[2048] = "";

        json_array_foreach(
            json_object_get(json_object_get(document, "programs"), pair_arm_names[arm]), i, program)
            add_once(list, sizeof list, json_is_string(program) ? json_string_value(program) : "");
        add_option(&c, pair_arm_names[arm], list);
    }
    if (json_array_size(cells) == 1 && args[strspn(args, PLAIN)] == '\0')
        ADD(&c, " %s", args);
    add_duration(&c, "budget", result_number(document, "budget_s"));
    add_number(&c, "seed", result_number(document, "seed"));
    write_command(&c, out);
}

int page_repeat(const struct page_view *v, FILE *out)
{
    const json_t *document = v->page->document;
    const char *suite = result_string(document, "suite");
    struct command c = {"tva run"};

    fputs("<p>At the same commit, as far as the document keeps the options:</p>\n", out);
    if (page_is_pair(document)) {
        write_pair(document, out);
    } else if (page_is_advice(document)) {
        write_advice(document, out);
    } else if (page_is_sweep(document)) {
        write_sweep(document, out);
    } else if (*suite != '\0') {
        add_option(&c, "profile", suite);
        add_number(&c, "seed", result_number(document, "seed"));
        write_command(&c, out);
    } else {
        for (size_t g = 0; g < v->all.count; g++)
            write_group(document, &v->all.of[g], out);
    }
    fputs("<p>This page again:</p>\n", out);
    c = (struct command){"tva report --html"};
    ADD(&c, " ");
    text_add_word(c.text, sizeof c.text, v->page->path);
    write_command(&c, out);
    return 0;
}
