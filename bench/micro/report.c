#include "session.h"

#include "math/stats.h"
#include "result/result.h"

#include <stdio.h>
#include <stdlib.h>

typedef double pick_fn(const struct micro_output *o);

static double pick_value(const struct micro_output *o)
{
    return o->value;
}

static double pick_bytes(const struct micro_output *o)
{
    return o->bytes_a_task;
}

static double pick_cpu(const struct micro_output *o)
{
    return o->cpu_ns_an_op;
}

/* One figure of one contender over the rounds; divided, round by round, by the reference's when
 * asked. */
static struct stats_median over_rounds(const struct session_row *row, size_t contender,
                                       pick_fn *pick, bool as_ratio)
{
    double *values = calloc(row->rounds, sizeof *values);
    struct stats_median m = {0};

    if (values == NULL)
        return m;
    for (uint64_t r = 0; r < row->rounds; r++) {
        values[r] = pick(&row->outputs[contender][r]);
        if (as_ratio)
            values[r] /= pick(&row->outputs[row->contenders - 1][r]);
    }
    stats_median_of(values, row->rounds, &m);
    free(values);
    return m;
}

void report_print(const struct session_row *row)
{
    printf("%s\n", row->bench->what);
    for (size_t i = 0; i < row->contenders; i++) {
        struct stats_median v = over_rounds(row, i, pick_value, false);
        struct stats_median ratio = over_rounds(row, i, pick_value, true);
        double bytes = over_rounds(row, i, pick_bytes, false).median;
        double cpu = over_rounds(row, i, pick_cpu, false).median;

        printf("  %-8s %10.1f %s  [%.1f, %.1f]", row->bench->contenders[i].name, v.median,
               row->bench->unit, v.ci_low, v.ci_high);
        if (i + 1 < row->contenders)
            printf("  %.2f x %s [%.2f, %.2f]", ratio.median,
                   row->bench->contenders[row->contenders - 1].name, ratio.ci_low, ratio.ci_high);
        if (bytes > 0)
            printf("  %.0f bytes a task", bytes);
        if (cpu > 0)
            printf("  %.2f us CPU a request", cpu / 1e3);
        printf("\n");
    }
    fflush(stdout);
}

static json_t *median_json(const struct session_row *row, size_t contender, pick_fn *pick,
                           bool as_ratio)
{
    struct stats_median m = over_rounds(row, contender, pick, as_ratio);
    json_t *values = json_array();

    for (uint64_t r = 0; r < row->rounds && !as_ratio; r++)
        json_array_append_new(values, result_new_number(pick(&row->outputs[contender][r])));
    return json_pack("{s:o, s:o, s:o, s:o}", "median", result_new_number(m.median), "ci_low",
                     result_new_number(m.ci_low), "ci_high", result_new_number(m.ci_high), "values",
                     values);
}

struct json_t *report_json(const struct session_row *row)
{
    const struct micro_bench *bench = row->bench;
    json_t *contenders = json_array();

    for (size_t i = 0; i < row->contenders; i++) {
        json_t *c = json_pack("{s:s, s:o, s:o}", "name", bench->contenders[i].name, "value",
                              median_json(row, i, pick_value, false), "ratio",
                              median_json(row, i, pick_value, true));

        if (row->outputs[i][0].bytes_a_task > 0)
            json_object_set_new(c, "bytes_a_task", median_json(row, i, pick_bytes, false));
        if (row->outputs[i][0].cpu_ns_an_op > 0)
            json_object_set_new(c, "cpu_ns_a_request", median_json(row, i, pick_cpu, false));
        json_array_append_new(contenders, c);
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:b, s:s, s:o}", "name", bench->name, "what",
                     bench->what, "unit", bench->unit, "n", (json_int_t)bench->n, "more_is_better",
                     bench->more_is_better, "reference",
                     bench->contenders[row->contenders - 1].name, "contenders", contenders);
}
