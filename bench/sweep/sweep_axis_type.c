#include "sweep/sweep_axis_type.h"

#include "base/suggest.h"
#include "cli/options_help.h"
#include "load/load.h"

#include <string.h>

#define RATE_MIN 1e-3
#define RATE_MAX 1e7

static bool uses_threads(const struct cell *cell)
{
    return cell->model->uses_threads;
}

static bool jobs_given(const struct plan_line *line)
{
    return line->counts_count > 0;
}

static void apply_jobs(struct plan_line *line, double value)
{
    line->counts[0] = (uint64_t)value;
    line->counts_count = 1;
}

static bool clients_given(const struct plan_line *line)
{
    return line->load.clients_count > 0;
}

static void apply_clients(struct plan_line *line, double value)
{
    line->load.clients[0] = (uint64_t)value;
    line->load.clients_count = 1;
}

static bool rates_given(const struct plan_line *line)
{
    return line->load.rates_count > 0;
}

static void apply_rate(struct plan_line *line, double value)
{
    line->load.rates[0] = value;
    line->load.rates_count = 1;
}

static bool poisons_given(const struct plan_line *line)
{
    return line->load.poisons_count > 0;
}

static void apply_poison(struct plan_line *line, double value)
{
    line->load.poisons[0] = value;
    line->load.poisons_count = 1;
}

static bool threads_given(const struct plan_line *line)
{
    return line->threads_count > 0;
}

static void apply_threads(struct plan_line *line, double value)
{
    line->threads[0] = (unsigned)value;
    line->threads_count = 1;
}

static const struct sweep_axis_type types[] = {
    {"jobs", "%s jobs at once", "jobs in a batch: its concurrency", SWEEP_COUNT, 1, CELL_JOBS_MAX,
     NULL, NULL, jobs_given, apply_jobs},
    {"clients", "%s clients", "clients of a closed loop", SWEEP_COUNT, 1, LOAD_CLIENTS_MAX, NULL,
     NULL, clients_given, apply_clients},
    {"rate", "%s", "arrivals of an open loop", SWEEP_RATE, RATE_MIN, RATE_MAX, NULL, NULL,
     rates_given, apply_rate},
    {"threads", "%s threads", "size of the pool, of models that have one", SWEEP_COUNT, 1,
     CELL_THREADS_MAX, NULL, uses_threads, threads_given, apply_threads},
    {"poison", "%s poison", "share of the jobs that block the loop", SWEEP_SHARE, 0, 1, NULL, NULL,
     poisons_given, apply_poison},
    {"duration", "jobs of %s", "the job's parameter of that name", SWEEP_DURATION, 0, 0, "sleep",
     NULL, NULL, NULL},
    {"cpu", "%s CPU share", "share of its time that job mixed computes", SWEEP_SHARE, 0, 1, "mixed",
     NULL, NULL, NULL},
};

#define TYPES_COUNT (sizeof types / sizeof *types)

const struct sweep_axis_type sweep_axis_type_param = {
    .name = "job.PARAMETER",
    .summary = "any number among the job's parameters",
};

const struct sweep_axis_type *sweep_axis_type_find(const char *name, struct err *err)
{
    const char *names[TYPES_COUNT + 1];

    if (strncmp(name, SWEEP_AXIS_JOB_PREFIX, strlen(SWEEP_AXIS_JOB_PREFIX)) == 0)
        return &sweep_axis_type_param;
    for (size_t i = 0; i < TYPES_COUNT; i++) {
        names[i] = types[i].name;
        if (strcmp(name, names[i]) == 0)
            return &types[i];
    }
    names[TYPES_COUNT] = sweep_axis_type_param.name;
    suggest_unknown("axis", name, names, TYPES_COUNT + 1, err);
    return NULL;
}

const char *sweep_axis_type_job(const char *text)
{
    size_t len = strcspn(text, "=");

    for (size_t i = 0; i < TYPES_COUNT; i++)
        if (strlen(types[i].name) == len && strncmp(types[i].name, text, len) == 0)
            return types[i].job;
    return NULL;
}

void sweep_axis_type_help(FILE *out)
{
    for (size_t i = 0; i < TYPES_COUNT; i++)
        options_help_entry(out, 14, types[i].name, types[i].summary);
    options_help_entry(out, 14, sweep_axis_type_param.name, sweep_axis_type_param.summary);
}
