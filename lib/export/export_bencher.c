/* Bencher Metric Format, as bencher.dev's reference has it: benchmark, measure, then value,
 * lower_value and upper_value. Its built-in measures are "latency" in ns, which gets the headline
 * of a cell, and "throughput" a second; others are slugs of ours, of the unit they end in. */
#include "base/clock.h"
#include "export/export.h"
#include "result/result.h"

#include <errno.h>
#include <stdio.h>

#define SLUG_SIZE 65 /* 64 characters are allowed */

static const char *slug_of(const struct export_cell *c, const struct export_metric *m, char *buf)
{
    if (m == c->headline)
        return "latency";
    if (m->metric->more_is_better)
        return "throughput";
    snprintf(buf, SLUG_SIZE, "%.64s", m->metric->key);
    for (char *at = buf; *at != '\0'; at++)
        if (*at == '_')
            *at = '-';
    return buf;
}

static int add_cell(const struct export_cell *c, void *document)
{
    json_t *measures;

    if (export_cell_unknown(c) != NULL)
        return 0;
    measures = json_object();
    if (json_object_set_new(document, c->name, measures) != 0)
        return -ENOMEM;
    for (size_t i = 0; i < c->count; i++) {
        const struct export_metric *m = &c->metrics[i];
        double factor = m == c->headline ? NS_PER_S : 1;
        char slug[SLUG_SIZE];

        if (json_object_set_new(
                measures, slug_of(c, m, slug),
                export_without_nulls(json_pack(
                    "{s:o, s:o, s:o}", "value", result_new_number(m->value.median * factor),
                    "lower_value", result_new_number(m->value.low * factor), "upper_value",
                    result_new_number(m->value.high * factor)))) != 0)
            return -ENOMEM;
    }
    return 0;
}

static int write_bencher(const json_t *result, FILE *out)
{
    json_t *document = json_object();

    return export_write_json(result, document, document, add_cell, document, out);
}

const struct exporter export_bencher = {
    .name = "bencher",
    .suffix = ".bmf.json",
    .summary = "Bencher Metric Format, for bencher run --adapter json",
    .lack = export_cell_unknown,
    .write = write_bencher,
};
