#include "base/clock.h"
#include "export/export.h"
#include "result/result.h"

/* Values in microseconds with three decimals, so that no nanosecond is lost. */
#define SCALE_NS ((double)NS_PER_US)

/* The percentile lines as HdrHistogram prints them; its last line has no 1/(1-Percentile). */
static void put_point(const json_t *point, FILE *out)
{
    double percentile = json_number_value(json_array_get(point, 0));
    double value = json_number_value(json_array_get(point, 1)) / SCALE_NS;
    double count = json_number_value(json_array_get(point, 2));

    fprintf(out, "%12.3f %2.12f %10.0f", value, percentile, count);
    if (percentile < 1)
        fprintf(out, " %14.2f", 1 / (1 - percentile));
    fputc('\n', out);
}

/* The samples are kept exactly: in the histogram's terms one bucket, with a sub-bucket for each ns.
 */
static int write_hgrm(const json_t *cell, FILE *out)
{
    const json_t *latency = json_object_get(json_object_get(cell, "summary"), "latency_ns");
    double max_ns = result_number(latency, "max");
    size_t i;
    const json_t *point;

    fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
            "1/(1-Percentile)");
    json_array_foreach(json_object_get(cell, "latency_curve"), i, point) put_point(point, out);
    fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n",
            result_number(latency, "mean") / SCALE_NS, result_number(latency, "stddev") / SCALE_NS);
    fprintf(out, "#[Max     = %12.3f, Total count    = %12.0f]\n", max_ns / SCALE_NS,
            result_number(latency, "count"));
    fprintf(out, "#[Buckets = %12d, SubBuckets     = %12.0f]\n", 1, max_ns + 1);
    return 0;
}

static const char *lack(const struct export_cell *c)
{
    if (!c->valid)
        return "it is invalid";
    return json_array_size(json_object_get(c->cell, "latency_curve")) > 0 ? NULL
                                                                          : "it has no latencies";
}

const struct exporter export_hgrm = {
    .name = "hgrm",
    .suffix = ".hgrm",
    .summary = "latency distribution of a cell, for HdrHistogram's tools",
    .beside = true,
    .lack = lack,
    .write_cell = write_hgrm,
};
