#include "support/records.h"
#include "summary/document.h"
#include "summary/trust.h"

#include "base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS     6
#define BEAT_LAG_NS (50 * NS_PER_US)
#define STEADY_RUNS 5

struct cell records_cell(const char *model, const char *job, uint64_t jobs)
{
    struct cell cell = cell_default();
    struct err err = {""};

    cell.model = model_find(model, &err);
    if (cell.model == NULL || job_parse(job, &cell.job, &err) != 0)
        fail_msg("%s", err.text);
    cell.jobs = jobs;
    cell.threads = THREADS;
    return cell;
}

static struct sample sample_of(const struct cell *cell, uint64_t i, uint64_t makespan_ns)
{
    bool in_turn = model_lanes(cell->model, cell->jobs, cell->threads) == 1;
    uint64_t each_ns = makespan_ns / cell->jobs;

    return (struct sample){
        .intended_ns = RECORDS_BEGIN_NS,
        .submitted_ns = RECORDS_BEGIN_NS,
        .started_ns = RECORDS_BEGIN_NS + (in_turn ? i * each_ns : 0),
        .finished_ns = RECORDS_BEGIN_NS + (in_turn ? (i + 1) * each_ns : makespan_ns),
        .lane = cell->model->uses_threads ? (uint32_t)(i % cell->threads) : 0,
    };
}

struct run_record records_run(const struct cell *cell, uint64_t makespan_ns)
{
    struct run_record run = {
        .begin_ns = RECORDS_BEGIN_NS,
        .makespan_ns = makespan_ns,
        .warmup_ns = NS_PER_MS,
        .solo_ns = job_traits(&cell->job).is_measured ? NS_PER_MS : 0,
        .samples_count = cell->jobs,
        .in_flight_max = cell->jobs,
        .beats_count = makespan_ns / NS_PER_MS,
    };
    size_t size = run.samples_count * sizeof *run.samples;

    run.samples = malloc(size);
    run.beats = calloc(run.beats_count + 1, sizeof *run.beats);
    assert_non_null(run.samples);
    assert_non_null(run.beats);
    for (size_t i = 0; i < run.samples_count; i++) {
        run.samples[i] = sample_of(cell, i, makespan_ns);
        run.ledger.checksum += hash_mix(i);
        records_add_area(&run, sample_latency_ns(&run.samples[i]));
    }
    run.ledger.operations = run.samples_count;
    run.ledger.bytes_in = run.samples_count * 64;
    run.ledger.bytes_out = run.samples_count * 32;
    for (size_t i = 0; i < run.beats_count; i++) {
        run.beats[i].due_ns = RECORDS_BEGIN_NS + (i + 1) * NS_PER_MS;
        run.beats[i].woke_ns = run.beats[i].due_ns + BEAT_LAG_NS;
    }
    return run;
}

struct cell records_loop_cell(const char *model, const char *job, enum load_kind kind)
{
    struct cell cell = records_cell(model, job, 0);

    cell.load.kind = kind;
    cell.load.duration_ns = NS_PER_S;
    cell.load.drain_ns = NS_PER_S;
    if (kind == LOAD_OPEN)
        cell.load.rate_per_s = 100;
    else
        cell.load.clients = 10;
    return cell;
}

struct run_record records_loop_run(const struct cell *cell, size_t warmup, size_t jobs,
                                   uint64_t wait_ns, uint64_t service_ns)
{
    struct cell batch = *cell;
    struct run_record run;

    batch.jobs = warmup + jobs;
    run = records_run(&batch, (jobs - 1) * RECORDS_GAP_NS + wait_ns + service_ns);
    run.warmup_samples = warmup;
    run.in_flight_max = 1;
    run.area = (struct service_area){0};
    records_add_area(&run, jobs * (wait_ns + service_ns));
    run.ledger =
        (struct job_ledger){.operations = jobs, .bytes_in = jobs * 64, .bytes_out = jobs * 32};
    for (size_t i = 0; i < warmup + jobs; i++) {
        struct sample *s = &run.samples[i];

        s->intended_ns = RECORDS_BEGIN_NS + i * RECORDS_GAP_NS - warmup * RECORDS_GAP_NS;
        s->submitted_ns = s->intended_ns + RECORDS_LATE_NS;
        s->started_ns = s->intended_ns + wait_ns;
        s->finished_ns = s->started_ns + service_ns;
    }
    return run;
}

void records_set_wait(struct run_record *run, size_t i, uint64_t wait_ns)
{
    struct sample *s = &run->samples[i];
    uint64_t service_ns = sample_service_ns(s), before_ns = sample_latency_ns(s);

    s->started_ns = s->intended_ns + wait_ns;
    s->finished_ns = s->started_ns + service_ns;
    if (i >= run->warmup_samples)
        records_add_area(run, sample_latency_ns(s) - before_ns);
    if (s->finished_ns > run->begin_ns + run->makespan_ns)
        run->makespan_ns = s->finished_ns - run->begin_ns;
}

void records_block(struct run_record *run)
{
    run->beats_count = 1;
    run->beats[0].due_ns = run->begin_ns;
    run->beats[0].woke_ns = run->begin_ns + run->makespan_ns;
}

static const struct document_session records_session = {.suite = "quick", .seed = 7, .rounds = 5};

json_t *records_document(void)
{
    struct document *document = document_create(&records_session);

    assert_non_null(document);
    return document_finish(document, NULL);
}

void records_append(json_t *document, const struct cell *cell, const struct run_record *runs,
                    size_t n)
{
    struct document *own = document_create(&records_session);
    json_t *finished;

    assert_non_null(own);
    assert_non_null(document_add_cell(own, cell, runs, n));
    finished = document_finish(own, NULL);
    assert_int_equal(json_array_append(json_object_get(document, "cells"),
                                       json_array_get(json_object_get(finished, "cells"), 0)),
                     0);
    json_decref(finished);
}

json_t *records_judge(const struct cell *cell, const struct run_record *runs, size_t n,
                      const struct stats_distribution *timer_error)
{
    const struct run_record *carried_out[RECORDS_JUDGED_MAX];
    struct cell_runs in = {.cell = cell,
                           .runs = carried_out,
                           .cores = cell->cpu >= 0 ? 1 : 2,
                           .target_cores = cell->cpu >= 0 ? 1 : 2};
    struct summary summary = {.values = NULL};
    struct trust_input t = {&in, &summary, runs, n, timer_error};
    json_t *reasons = json_array(), *warnings = json_array();

    assert_in_range(n, 0, RECORDS_JUDGED_MAX);
    for (size_t i = 0; i < n; i++)
        if (run_carried_out(&runs[i]))
            carried_out[in.count++] = &runs[i];
    if (in.count > 0)
        assert_int_equal(summary_of(&in, &summary), 0);
    assert_int_equal(trust_add_reasons(reasons, &t), 0);
    assert_int_equal(trust_add_warnings(warnings, &t), 0);
    summary_deinit(&summary);
    return json_pack("{sb so so}", "valid", json_array_size(reasons) == 0, "reasons", reasons,
                     "warnings", warnings);
}

void records_add(json_t *document, const char *model, const char *job, uint64_t jobs,
                 const double *makespans_ms, size_t n, bool blocked)
{
    struct cell cell = records_cell(model, job, jobs);
    struct run_record *runs = calloc(n + 1, sizeof *runs);

    assert_non_null(runs);
    for (size_t i = 0; i < n; i++) {
        runs[i] = records_run(&cell, (uint64_t)(makespans_ms[i] * NS_PER_MS));
        if (blocked)
            records_block(&runs[i]);
    }
    records_append(document, &cell, runs, n);
    for (size_t i = 0; i < n; i++)
        run_record_deinit(&runs[i]);
    free(runs);
}

void records_add_steady(json_t *document, const char *model, const char *job, uint64_t jobs,
                        double makespan_ms, bool blocked)
{
    double makespans_ms[STEADY_RUNS];

    for (int i = 0; i < STEADY_RUNS; i++)
        makespans_ms[i] = makespan_ms * (1 + (i - STEADY_RUNS / 2) * 0.005);
    records_add(document, model, job, jobs, makespans_ms, STEADY_RUNS, blocked);
}

json_t *records_cell_of(const json_t *document, size_t index)
{
    json_t *cell = json_array_get(json_object_get(document, "cells"), index);

    assert_non_null(cell);
    return cell;
}

char *records_make_directory(void)
{
    char *path = strdup("/tmp/tva-result-XXXXXX");

    assert_non_null(path);
    assert_non_null(mkdtemp(path));
    return path;
}

static void remove_inside(const char *path)
{
    DIR *directory = opendir(path);

    assert_non_null(directory);
    for (struct dirent *e; (e = readdir(directory)) != NULL;) {
        char name[1024];
        struct stat st;

        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        assert_int_equal(lstat(name, &st), 0);
        if (S_ISDIR(st.st_mode))
            remove_inside(name);
        else
            unlink(name);
    }
    closedir(directory);
    rmdir(path);
}

void records_remove_directory(char *path)
{
    remove_inside(path);
    free(path);
}

char *records_read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;
    ssize_t n;

    if (f == NULL)
        fail_msg("there is no %s", path);
    n = getdelim(&text, &size, '\0', f); /* at the end of the file: the files have no NUL */
    assert_true(n >= 0);
    fclose(f);
    return text;
}

void records_assert_number(const json_t *object, const char *path, double expected)
{
    double found = result_number(object, path);

    if (!(fabs(found - expected) <= 1e-6 * fabs(expected) + 1e-12))
        fail_msg("%s is %.12g, not %.12g", path, found, expected);
}

const json_t *records_only_cell(json_t **document, const struct cell *cell, struct run_record *runs,
                                size_t n)
{
    *document = records_document();
    records_append(*document, cell, runs, n);
    for (size_t i = 0; i < n; i++)
        run_record_deinit(&runs[i]);
    return records_cell_of(*document, 0);
}

json_t *records_sample(void)
{
    json_t *document = records_document();
    struct cell broken = records_cell("blocking", "sleep:duration=10ms", 100);
    struct run_record runs[2] = {records_run(&broken, NS_PER_S), {.failure = {"it died"}}};

    records_add_steady(document, "sequential", "sleep:duration=10ms", 100, 1001, false);
    records_add_steady(document, "tasks", "sleep:duration=10ms", 100, 10.4, false);
    records_add_steady(document, "pool", "sleep:duration=10ms", 100, 171, false);
    records_add_steady(document, "tasks", "tcp:bytes=64,delay=1ms,keep=off", 1000, 3.5, false);
    records_add_steady(document, "pool", "file:op=write,fsync=on", 20, 40, true);
    records_add_steady(document, "tasks", "null", 10, 0.005, false);
    runs[0].samples[1].result = -ECONNRESET;
    records_append(document, &broken, runs, 2);
    records_append(document, &broken, &runs[1], 1);
    run_record_deinit(&runs[0]);
    return document;
}
