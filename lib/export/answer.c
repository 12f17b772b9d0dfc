#include "export/finding.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "model/model.h"
#include "result/metric.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

#define TEXT_MAX 1024

/* Is there a wait on the other side? */
enum delay { ANY, NONE, SOME };

/* A kind of work, and what its answer depends on. */
static const struct kind {
    const char *name, *job; /* " + ": any of several parts */
    enum delay delay;
    const char *decides;
} kinds[] = {
    {"waiting", "sleep", ANY, "whether a pool has as many threads as jobs wait at once"},
    {"slow service", "tcp", SOME, "whether a pool has as many threads as requests wait at once"},
    {"busy network", "tcp", NONE, "how many cores client and server share"},
    {"HTTP", "http", ANY, "how long the service takes: the longer, the more requests wait at once"},
    {"files", "file", ANY, "whether the files are in the page cache"},
    {"computing", "cpu", ANY, "how many cores there are"},
    {"nothing at all", "null", ANY, "how long a job takes: some microseconds hide the difference"},
    {"mixed", "mixed", ANY, "how much of a job computes"},
    {"steps", " + ", ANY, "how much of a job computes, and what its waits are for"},
};

static bool is_of_kind(const struct kind *k, const json_t *cell)
{
    const char *job = result_string(cell, "job");
    bool waits = result_number(cell, "params.delay") > 0;

    return (strcmp(job, k->job) == 0 || (*k->job == ' ' && strstr(job, k->job) != NULL)) &&
           (k->delay == ANY || waits == (k->delay == SOME));
}

enum side { LOOP, THREADS, NEITHER, UNTOLD };

/* Runs that differ so much that one side may be twice as fast as the other tell nothing. */
#define UNTOLD_RATIO 2

/* A model that blocks the loop is no way to use one. */
static enum side side_of(const struct ranked *r)
{
    if (r->model == NULL)
        return NEITHER;
    return r->model->on_threads ? THREADS : r->model->io != MODEL_IO_BLOCKING ? LOOP : NEITHER;
}

/* The fastest of its side that lost no job; NULL without one. */
static const struct ranked *best_of(const struct ranking *r, enum side side)
{
    for (size_t i = 0; i < r->valid; i++)
        if (r->cells[i].lost == 0 && side_of(&r->cells[i]) == side)
            return &r->cells[i];
    return NULL;
}

/* The ranking of the kind's group that has most valid models, both sides among them; NULL without
 * one. */
static const struct ranking *ranking_of_kind(const struct kind *k, const struct rankings *all)
{
    const struct ranking *found = NULL;

    for (const struct ranking *r = all->of; r < all->of + all->count; r++)
        if (is_of_kind(k, r->rows[0]->cell) && (found == NULL || r->valid > found->valid) &&
            best_of(r, LOOP) != NULL && best_of(r, THREADS) != NULL)
            found = r;
    return found;
}

static const char *duration(double s, char *buf, size_t size)
{
    return units_format_duration(s * NS_PER_S, buf, size);
}

/* The smallest pool that shares the first place, unless it is the winner; NULL without one. */
static const struct ranked *pool_as_fast(const struct ranking *r)
{
    const struct ranked *least = NULL;

    for (size_t i = 1; i < r->tied; i++) {
        double threads = result_number(r->cells[i].cell, "threads");

        if (strcmp(result_string(r->cells[i].cell, "model"), "pool") == 0 &&
            (least == NULL || threads < result_number(least->cell, "threads")))
            least = &r->cells[i];
    }
    return least;
}

/* "CPU a job 5.1 us against 21 us, memory a job 4.48 KiB against 31.0 KiB", of what is known of
 * both. */
static void add_costs(char *buf, size_t size, const struct ranked *a, const struct ranked *b)
{
    static const char *const names[] = {"cpu", "memory"};
    const char *before = " ";

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct metric *m = metric_named(names[i]);
        char of_a[METRIC_TEXT], of_b[METRIC_TEXT];

        if (isnan(metric_of(m, a->cell).median) || isnan(metric_of(m, b->cell).median))
            continue;
        metric_cell_text(m, a->cell, of_a, sizeof of_a);
        metric_cell_text(m, b->cell, of_b, sizeof of_b);
        text_add(buf, size, "%s%s %s against %s", before, m->title, of_a, of_b);
        before = ", ";
    }
    if (*before == ',')
        text_add(buf, size, " with %s.", b->label);
}

/* The best of each side, the slower one as `other`. */
struct outcome {
    const struct ranked *first, *other;
    bool sure;    /* `other` is slower */
    double ratio; /* when that is not sure: of the slowest to the fastest that either may be */
};

static struct outcome outcome_of(const struct ranking *r)
{
    const struct ranked *loop = best_of(r, LOOP), *threads = best_of(r, THREADS);
    bool faster = threads->median_s < loop->median_s;
    struct outcome o = {faster ? threads : loop, faster ? loop : threads, false,
                        fmax(loop->high_s, threads->high_s) / fmin(loop->low_s, threads->low_s)};

    o.sure = ranking_differ(r, o.first, o.other);
    return o;
}

static enum side winner_of(const struct outcome *o)
{
    return o->sure ? side_of(o->first) : o->ratio > UNTOLD_RATIO ? UNTOLD : NEITHER;
}

/* The sentences of one kind. */
static void put_kind(struct table *t, const struct kind *k, const struct ranking *r)
{
    const struct outcome o = outcome_of(r);
    enum side winner = winner_of(&o);
    const struct ranked *pool = pool_as_fast(r);
    bool by_loop = side_of(o.first) == LOOP;
    const struct ranked *loop = by_loop ? o.first : o.other, *threads = by_loop ? o.other : o.first;
    char text[TEXT_MAX] = "", of_loop[32], of_threads[32];

    duration(loop->median_s, of_loop, sizeof of_loop);
    duration(threads->median_s, of_threads, sizeof of_threads);
    if (!r->told)
        text_add(text, sizeof text, "not ranked: it takes %zu runs of each model.", r->runs_needed);
    else if (o.sure)
        text_add(text, sizeof text, "%s: %s in %s, %.3g times as fast as %s (%s), the best %s.",
                 by_loop ? "the event loop" : "threads", o.first->label,
                 by_loop ? of_loop : of_threads, o.other->median_s / o.first->median_s,
                 o.other->label, by_loop ? of_threads : of_loop,
                 by_loop ? "with threads" : "on the loop");
    else if (winner == UNTOLD)
        text_add(text, sizeof text,
                 "cannot tell: the event loop (%s, %s) and threads (%s, %s) may differ up to "
                 "%.2g times.",
                 loop->label, of_loop, threads->label, of_threads, o.ratio);
    else
        text_add(text, sizeof text,
                 "no difference larger than %.0f %% between the event loop (%s, %s) and threads "
                 "(%s, %s).",
                 ceil(100 * (o.ratio - 1)), loop->label, of_loop, threads->label, of_threads);
    if (r->told && winner != UNTOLD && pool != NULL && pool != threads)
        text_add(text, sizeof text, " %s is as fast.", pool->label);
    add_costs(text, sizeof text, o.first, by_loop && pool != NULL ? pool : o.other);
    text_add(text, sizeof text, " What decides: %s.", k->decides);
    table_entry(t, k->name, text);
}

/* "for 1.01 s (waiting), 205 ms (slow service)": by the model that calls without yielding. */
static void add_blocked(char *buf, size_t size, const struct kind *k, const struct ranking *r)
{
    char text[32];

    for (size_t i = 0; i < r->valid; i++)
        if (strcmp(result_string(r->cells[i].cell, "model"), "blocking") == 0 &&
            r->cells[i].lag_s >= FINDING_BLOCKED_S)
            text_add(buf, size, "%s%s (%s)", buf[0] != '\0' ? ", " : "",
                     duration(r->cells[i].lag_s, text, sizeof text), k->name);
}

static void put_machine(struct table *t, const json_t *result)
{
    static const struct {
        const char *key, *what;
    } rows[] = {{"page_ns", "a page touched first"},
                {"thread_ns", "a thread made and joined"},
                {"wake_ns", "a thread woken"},
                {"syscall_ns", "a system call"},
                {"clock_ns", "the clock read"}};
    const json_t *p = result_get(result, "context.primitives");
    char text[TEXT_MAX] = "", ns[32];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (isfinite(result_number(p, rows[i].key)))
            text_add(text, sizeof text, "%s%s %s", text[0] != '\0' ? ", " : "", rows[i].what,
                     units_format_duration(result_number(p, rows[i].key), ns, sizeof ns));
    if (text[0] != '\0')
        table_entry(t, "this machine", text);
}

/* "threads for files (1.9x), computing (1.93x)": the kinds that this side wins. */
static void add_side(char *buf, size_t size, const struct rankings *all, enum side side)
{
    static const char *const words[] = {
        [LOOP] = "the event loop wins for ",
        [THREADS] = "threads for ",
        [NEITHER] = "no difference: ",
        [UNTOLD] = "cannot tell: ",
    };
    bool any = false;

    for (const struct kind *k = kinds; k < kinds + sizeof kinds / sizeof *kinds; k++) {
        const struct ranking *r = ranking_of_kind(k, all);
        struct outcome o;

        if (strcmp(k->job, "null") == 0 || r == NULL || !r->told)
            continue; /* nothing at all is not what anybody does */
        o = outcome_of(r);
        if (side != winner_of(&o))
            continue;
        text_add(buf, size, "%s%s%s",
                 any              ? ", "
                 : buf[0] != '\0' ? "; "
                                  : "",
                 any ? "" : words[side], k->name);
        if (o.sure)
            text_add(buf, size, " (%.3gx%s%s)", o.other->median_s / o.first->median_s,
                     side == LOOP ? ", " : "", side == LOOP ? o.first->model->name : "");
        any = true;
    }
}

char *answer_sentence(const json_t *result, char *buf, size_t size)
{
    struct rankings all;

    buf[0] = '\0';
    if (rankings_init(&all, result) == 0)
        for (enum side side = LOOP; side <= UNTOLD; side++)
            add_side(buf, size, &all, side);
    rankings_deinit(&all);
    return buf;
}

struct table *answer_table(const struct rankings *all)
{
    struct table *t = table_list();
    char blocked[TEXT_MAX] = "", text[TEXT_MAX + 128];

    for (const struct kind *k = kinds; k < kinds + sizeof kinds / sizeof *kinds; k++) {
        const struct ranking *r = ranking_of_kind(k, all);

        if (r == NULL)
            continue;
        put_kind(t, k, r);
        add_blocked(blocked, sizeof blocked, k, r);
    }
    if (blocked[0] != '\0') {
        snprintf(text, sizeof text,
                 "blocking calls blocked the loop, and every other task on it, for %s.", blocked);
        table_entry(t, "blocking", text);
    }
    if (all->count > 0 && !table_is_empty(t))
        put_machine(t, all->of[0].result);
    return t;
}
