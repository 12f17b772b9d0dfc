/* The promise: whatever two results hold that were not refused, they are compared, their history is
 * written and drawn, or a sentence says why not; nothing crashes, hangs or leaks. The input is both
 * in one document, {"a": ..., "b": ...}. gnuplot is not started. */
#include "base/hash.h"
#include "chart/chart_compare.h"
#include "compare/compare.h"
#include "fuzz_target.h"

#include <stdlib.h>

#define HISTORY 8 /* a and b, in turn: as many as a change needs to be believed */

/* The tables of a chart, of which exactly one of c and h is given. */
static void draw(const struct compare *c, const struct compare_history *h,
                 int (*extract)(const struct compare *, struct chart_data *, struct err *))
{
    struct err err = {""};
    struct chart_data *data = chart_data_create("nowhere", "chart", &err);

    if (data == NULL)
        abort();
    if ((h != NULL ? chart_history(h, data, &err) : extract(c, data, &err)) == 0)
        chart_data_finish(data, &err);
    else if (err.text[0] == '\0')
        abort(); /* not drawn, and nobody knows why */
    chart_data_destroy(data);
}

static void compare(const json_t *a, const json_t *b, bool relative)
{
    struct compare_options options = {.effect = 0.02, .relative = relative, .label = 'B'};
    struct compare_report how = {
        .a_path = "a.json", .b_path = "b.json", .form = form_markdown(relative)};
    struct compare c;
    struct err err = {""};

    if (compare_create(a, b, &options, &c, &err) == 0) {
        how.all = !relative;
        compare_report_write(&c, &how, fuzz_out());
        draw(&c, NULL, chart_ratios);
        draw(&c, NULL, chart_before_after);
    } else if (err.text[0] == '\0') {
        abort(); /* not compared, and nobody knows why */
    }
    compare_destroy(&c);
}

/* One of the metrics that are compared. */
static const struct metric *compared(uint64_t drawn)
{
    size_t i = drawn % metrics_count;

    while (!compare_can(&metrics[i]))
        i = (i + 1) % metrics_count;
    return &metrics[i];
}

static void follow(json_t *a, json_t *b, const struct metric *metric)
{
    json_t *results[HISTORY];
    struct compare_history h;
    struct err err = {""};

    for (size_t i = 0; i < HISTORY; i++)
        results[i] = i % 2 == 0 ? a : b;
    if (compare_history_create(results, HISTORY, metric, 0.02, &h, &err) == 0) {
        compare_history_write(&h, fuzz_out());
        draw(NULL, &h, NULL);
    } else if (err.text[0] == '\0') {
        abort(); /* no history, and nobody knows why */
    }
    compare_history_destroy(&h);
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    json_t *both = fuzz_parse(data, size);
    json_t *a = json_object_get(both, "a"), *b = json_object_get(both, "b");
    bool are_runs = a != NULL && b != NULL && fuzz_is_run(a) && fuzz_is_run(b);

    if (are_runs) {
        uint64_t drawn = hash_bytes(0, data, size); /* one metric an input, for speed */

        compare(a, b, drawn % 2 != 0);
        follow(a, b, compared(drawn / 2));
    }
    json_decref(both);
    if (!are_runs)
        fuzz_forget();
    return are_runs;
}
