#include "micro/micro.h"

#include "base/table.h"
#include "base/text.h"
#include "harness/proc.h"
#include "harness/target_proc.h"
#include "math/stats.h"
#include "measure/sysinfo.h"
#include "result/result.h"
#include "summary/document.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors of client or target that are no connections. */
#define OTHER_FDS 64

#define QUICK 100 /* --quick divides by it */

/* What one measurement sends back. */
struct answer {
    int err;
    struct micro_output output;
};

/* All outputs of one benchmark: [contender][round]. */
struct row {
    const struct micro_bench *bench;
    size_t contenders;
    uint64_t rounds;
    struct micro_output *outputs[MICRO_CONTENDERS];
};

/* Where it is not allowed, the scheduler decides. */
static void pin_to(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* The target has CPU 0, and one loop for it: it makes one for each CPU that it may use, and all its
 * threads keep to those that this process has meanwhile. */
static int start_target(struct target_proc *target, struct err *err)
{
    cpu_set_t all;
    bool known = sched_getaffinity(0, sizeof all, &all) == 0;
    int r;

    if (known)
        pin_to(0);
    r = target_proc_start(target, NULL, NULL, err);
    if (known)
        sched_setaffinity(0, sizeof all, &all);
    return r;
}

/* In the child: client and target share a CPU for a single connection, and have one each for many.
 */
static void place(const struct micro_bench *bench)
{
    struct sysinfo_context machine;

    if (!bench->needs_target)
        return;
    sysinfo_read(&machine);
    pin_to(bench->n > 1 && machine.cores > 1 ? 1 : 0);
}

static int measure(const struct micro_bench *bench, const struct micro_contender *contender,
                   const struct target_proc *target, struct micro_output *out)
{
    struct answer answer = {.err = -ENODATA};
    struct proc child;
    struct err err = {""};
    int fds[2], r;

    if (bench->touch_bytes > 0)
        proc_touch_memory(bench->touch_bytes);
    if (pipe(fds) < 0)
        return -errno;
    r = proc_fork(&child, &err);
    if (r == 1) {
        struct micro_input in = {
            .n = bench->n,
            .operations = bench->operations,
            .target = target->addr,
            .model = contender->model != NULL ? contender->model : &model_tasks,
        };

        place(bench);
        alarm(60); /* a measurement that hangs must not hang all */
        answer.err = contender->run(&in, &answer.output);
        _exit(write(fds[1], &answer, sizeof answer) != sizeof answer);
    }
    close(fds[1]);
    if (r == 0) {
        if (read(fds[0], &answer, sizeof answer) != sizeof answer)
            answer.err = -ENODATA;
        proc_reap(&child);
    }
    close(fds[0]);
    *out = answer.output;
    return r < 0 ? r : answer.err;
}

static int measure_row(struct row *row, const struct target_proc *target)
{
    for (uint64_t round = 0; round < row->rounds; round++) {
        for (size_t i = 0; i < row->contenders; i++) {
            /* every other round backwards, so that neither always comes first */
            size_t which = round % 2 ? row->contenders - 1 - i : i;
            int err = measure(row->bench, &row->bench->contenders[which], target,
                              &row->outputs[which][round]);

            if (err < 0) {
                fprintf(stderr, "tva-micro: %s by %s failed: %s\n", row->bench->name,
                        row->bench->contenders[which].name, strerror(-err));
                return err;
            }
        }
    }
    return 0;
}

/* One value of one contender over the rounds; as a ratio: divided by the reference's of the same
 * round. */
static struct stats_median over_rounds(const struct row *row, size_t contender,
                                       enum micro_figure figure, bool as_ratio)
{
    double *values = calloc(row->rounds, sizeof *values);
    struct stats_median m = {0};

    if (values == NULL)
        return m;
    for (uint64_t r = 0; r < row->rounds; r++) {
        values[r] = row->outputs[contender][r].of[figure];
        if (as_ratio)
            values[r] /= row->outputs[row->contenders - 1][r].of[figure];
    }
    stats_median_of(values, row->rounds, &m);
    free(values);
    return m;
}

/* A line a contender: medians over the rounds, and ratios to the last contender. */
static void print_row(const struct row *row)
{
    const struct micro_bench *bench = row->bench;
    const char *reference = bench->contenders[row->contenders - 1].name;
    struct table *t = table_create();
    char title[64];

    puts(bench->what);
    snprintf(title, sizeof title, "x %s", reference);
    table_column(t, "", TABLE_HEAD);
    table_column(t, bench->unit, TABLE_RIGHT);
    table_column(t, "interval", TABLE_LEFT);
    table_column(t, title, TABLE_RIGHT);
    table_column(t, "interval", TABLE_LEFT);
    if (bench->shows_p99)
        table_column(t, "p99", TABLE_RIGHT);
    table_column(t, "bytes a task", TABLE_RIGHT);
    table_column(t, "us CPU a request", TABLE_RIGHT);
    for (size_t i = 0; i < row->contenders; i++) {
        struct stats_median v = over_rounds(row, i, MICRO_VALUE, false);
        struct stats_median ratio = over_rounds(row, i, MICRO_VALUE, true);
        double bytes = over_rounds(row, i, MICRO_BYTES_A_TASK, false).median;
        double cpu = over_rounds(row, i, MICRO_CPU_NS, false).median;
        bool compared = i + 1 < row->contenders;

        table_cell(t, "%s", bench->contenders[i].name);
        table_cell(t, "%.1f", v.median);
        table_cell(t, "[%.1f, %.1f]", v.ci_low, v.ci_high);
        table_cell(t, compared ? "%.2f" : "-", ratio.median);
        table_cell(t, compared ? "[%.2f, %.2f]" : "-", ratio.ci_low, ratio.ci_high);
        if (bench->shows_p99)
            table_cell(t, "%.1f", over_rounds(row, i, MICRO_P99, false).median);
        table_cell(t, bench->shows_memory ? "%.0f" : "-", bytes);
        table_cell(t, cpu > 0 ? "%.2f" : "-", cpu / 1e3);
    }
    table_show(t, FORM_TEXT, 2, stdout);
    fflush(stdout);
}

static json_t *median_json(const struct row *row, size_t contender, enum micro_figure figure,
                           bool as_ratio)
{
    struct stats_median m = over_rounds(row, contender, figure, as_ratio);
    json_t *values = json_array();

    for (uint64_t r = 0; r < row->rounds && !as_ratio; r++)
        json_array_append_new(values, result_new_number(row->outputs[contender][r].of[figure]));
    return json_pack("{s:o, s:o, s:o, s:o}", "median", result_new_number(m.median), "ci_low",
                     result_new_number(m.ci_low), "ci_high", result_new_number(m.ci_high), "values",
                     values);
}

static json_t *row_json(const struct row *row)
{
    const struct micro_bench *bench = row->bench;
    json_t *contenders = json_array();

    for (size_t i = 0; i < row->contenders; i++) {
        json_t *c = json_pack("{s:s, s:o, s:o}", "name", bench->contenders[i].name, "value",
                              median_json(row, i, MICRO_VALUE, false), "ratio",
                              median_json(row, i, MICRO_VALUE, true));

        if (bench->shows_memory)
            json_object_set_new(c, "bytes_a_task", median_json(row, i, MICRO_BYTES_A_TASK, false));
        if (bench->shows_p99)
            json_object_set_new(c, "p99", median_json(row, i, MICRO_P99, false));
        if (row->outputs[i][0].of[MICRO_CPU_NS] > 0)
            json_object_set_new(c, "cpu_ns_a_request", median_json(row, i, MICRO_CPU_NS, false));
        json_array_append_new(contenders, c);
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:b, s:s, s:o}", "name", bench->name, "what",
                     bench->what, "unit", bench->unit, "n", (json_int_t)bench->n, "more_is_better",
                     bench->more_is_better, "reference",
                     bench->contenders[row->contenders - 1].name, "contenders", contenders);
}

/* Can the system run all its contenders, and may a process of them open its connections? */
static bool can_run(const struct micro_bench *bench)
{
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
    struct err why = {""};

    getrlimit(RLIMIT_NOFILE, &limit);
    if (bench->needs_target && limit.rlim_cur < bench->n + OTHER_FDS) {
        fprintf(stderr,
                "%s is left out: it takes %llu open files, and a process may have %llu (ulimit "
                "-n)\n",
                bench->name, (unsigned long long)bench->n + OTHER_FDS,
                (unsigned long long)limit.rlim_cur);
        return false;
    }

    for (size_t i = 0; i < MICRO_CONTENDERS; i++) {
        const struct model *model = bench->contenders[i].model;

        if (model == NULL || model_check(model, &why) == 0)
            continue;
        fprintf(stderr, "%s is left out: %s\n", bench->name, why.text);
        return false;
    }
    return true;
}

static int run_row(const struct micro_bench *bench, uint64_t rounds,
                   const struct target_proc *target, json_t *rows)
{
    struct row row = {.bench = bench, .rounds = rounds};
    int err = 0;

    if (bench->rounds_max > 0 && rounds > bench->rounds_max)
        row.rounds = bench->rounds_max;
    while (row.contenders < MICRO_CONTENDERS && bench->contenders[row.contenders].run != NULL) {
        row.outputs[row.contenders] = calloc(row.rounds, sizeof(struct micro_output));
        err = row.outputs[row.contenders++] ? err : -ENOMEM;
    }
    fprintf(stderr, "%s: %zu contenders, %" PRIu64 " round%s\n", bench->what, row.contenders,
            row.rounds, TEXT_S(row.rounds));
    if (err == 0)
        err = measure_row(&row, target);
    if (err == 0) {
        print_row(&row);
        json_array_append_new(rows, row_json(&row));
    }
    for (size_t i = 0; i < row.contenders; i++)
        free(row.outputs[i]);
    return err;
}

static int write_result(json_t *rows, const struct micro_options *o)
{
    json_t *document =
        json_pack("{s:i, s:I, s:o, s:O}", "schema_version", 1, "rounds", (json_int_t)o->rounds,
                  "context", document_context(), "benchmarks", rows);
    struct err err = {""};
    int r = document != NULL ? result_write(document, o->output, &err)
                             : err_set(&err, -ENOMEM, "out of memory");

    if (r == 0)
        fprintf(stderr, "written to %s\n", o->output);
    else
        fprintf(stderr, "tva-micro: %s\n", err.text);
    json_decref(document);
    return r;
}

int micro_rounds(const struct micro_bench *benches, size_t n, const struct micro_options *o)
{
    struct target_proc target;
    json_t *rows = json_array();
    struct err err = {""};
    bool failed = rows == NULL;

    proc_raise_file_limit();
    if (start_target(&target, &err) < 0) {
        fprintf(stderr, "tva-micro: %s\n", err.text);
        json_decref(rows);
        return 1;
    }
    for (size_t i = 0; i < n && !failed; i++) {
        if (o->only != NULL && strncmp(benches[i].name, o->only, strlen(o->only)) != 0)
            continue;
        struct micro_bench bench = benches[i];

        if (o->quick) {
            bench.n = (bench.n + QUICK - 1) / QUICK;
            bench.operations /= QUICK;
            bench.touch_bytes /= QUICK;
        }
        if (can_run(&bench))
            failed = run_row(&bench, o->rounds, &target, rows) < 0;
    }
    target_proc_stop(&target);
    if (o->output != NULL && json_array_size(rows) > 0 && write_result(rows, o) < 0)
        failed = true;
    json_decref(rows);
    return failed;
}
