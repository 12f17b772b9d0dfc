/* The candidates of tva advise, as a table. */
#include "page/page.h"

#include "base/clock.h"
#include "base/table.h"
#include "base/units.h"
#include "result/metric.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *title, *key;
    unsigned look;
} columns[] = {
    {"model", "label", TABLE_CODE | TABLE_HEAD},
    {"verdict", "verdict", TABLE_LEFT},
    {"bears", "kept_per_s", TABLE_RIGHT},
    {"does not bear", "broken_per_s", TABLE_RIGHT},
    {"arithmetic allows", "ceiling_per_s", TABLE_RIGHT},
    {"at the asked rate", "value_s", TABLE_RIGHT},
    {"CPU/job", "cpu_per_job_s", TABLE_RIGHT},
    {"memory", "max_rss_bytes", TABLE_RIGHT},
    {"runs that kept", "kept_runs", TABLE_RIGHT},
    {"that broke", "broken_runs", TABLE_RIGHT},
    {"failure", "failure", TABLE_WORDS},
};

/* What a member says, by the unit that its key ends in. */
static const char *text_of(const json_t *candidate, const char *key, char *buf, size_t size)
{
    const json_t *member = json_object_get(candidate, key);
    double value = result_number(candidate, key);
    size_t length = strlen(key);

    if (json_is_string(member))
        return json_string_value(member);
    if (!isfinite(value))
        return "-";
    if (length > 6 && strcmp(key + length - 6, "_per_s") == 0)
        return metric_text(metric_named("throughput"), value, buf, size);
    if (length > 6 && strcmp(key + length - 6, "_bytes") == 0)
        return units_format_size(value, buf, size);
    if (length > 2 && strcmp(key + length - 2, "_s") == 0)
        return units_format_duration(value * NS_PER_S, buf, size);
    snprintf(buf, size, "%.0f", value);
    return buf;
}

int page_advice(const struct page_view *v, FILE *out)
{
    const json_t *candidate;
    struct table *t;
    char text[64];
    size_t i;

    if (!page_is_advice(v->page->document))
        return 0;
    t = table_create();
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        table_column(t, columns[k].title, columns[k].look);
    json_array_foreach(json_object_get(v->page->document, "candidates"), i, candidate)
    {
        bool advised = json_is_true(json_object_get(candidate, "advised"));
        const char *label = result_string(candidate, "label");

        table_strong(t, advised ? label : "", advised ? " *" : label);
        for (size_t k = 1; k < sizeof columns / sizeof *columns; k++)
            table_cell(t, "%s", text_of(candidate, columns[k].key, text, sizeof text));
    }
    return table_show(t, FORM_HTML, 0, out);
}
