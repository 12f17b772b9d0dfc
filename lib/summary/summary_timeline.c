/* A run job by job. Of many jobs a sample stays, by index: the first, the last, the slowest, and
 * some evenly spread, a quarter each. */
#include "result/result.h"
#include "summary/summary.h"

#include <stdlib.h>

#define QUARTER (SUMMARY_TIMELINE_SAMPLE_MAX / 4)

/* Stamps from before the run, and those never set, are shown at its start. */
static json_t *since_begin(const struct run_record *run, uint64_t ns)
{
    return result_new_count(ns > run->begin_ns ? ns - run->begin_ns : 0);
}

static json_t *job_json(const struct run_record *run, size_t i)
{
    const struct sample *s = &run->samples[run->warmup_samples + i];

    return json_pack("[oooooIi]", since_begin(run, s->intended_ns),
                     since_begin(run, s->submitted_ns), since_begin(run, s->started_ns),
                     since_begin(run, s->finished_ns), result_new_count(s->lane), (json_int_t)i,
                     (int)s->result);
}

static uint64_t latency_ns(const struct run_record *run, size_t i)
{
    const struct sample *s = &run->samples[run->warmup_samples + i];

    return sample_has_latency(s) ? sample_latency_ns(s) : 0;
}

/* The QUARTER slowest jobs of more than that, the slowest first. */
static void pick_slowest(const struct run_record *run, size_t *picks)
{
    size_t jobs = run_counted(run), n = 0;

    for (size_t i = 0; i < jobs; i++) {
        uint64_t ns = latency_ns(run, i);
        size_t at;

        if (n == QUARTER && ns <= latency_ns(run, picks[n - 1]))
            continue;
        at = n < QUARTER ? n++ : n - 1;
        for (; at > 0 && latency_ns(run, picks[at - 1]) < ns; at--)
            picks[at] = picks[at - 1];
        picks[at] = i;
    }
}

static int by_index(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* The sample of more than SUMMARY_TIMELINE_SAMPLE_MAX jobs. Those that are in two of its quarters
 * stand there twice. */
static void pick_sample(const struct run_record *run, size_t *picks)
{
    size_t jobs = run_counted(run);

    for (size_t k = 0; k < QUARTER; k++) {
        picks[k] = k;
        picks[QUARTER + k] = jobs - 1 - k;
        picks[2 * QUARTER + k] = (jobs - 1) * (k + 1) / (QUARTER + 1);
    }
    pick_slowest(run, picks + 3 * QUARTER);
    qsort(picks, SUMMARY_TIMELINE_SAMPLE_MAX, sizeof *picks, by_index);
}

static json_t *jobs_json(const struct run_record *run, bool all)
{
    size_t picks[SUMMARY_TIMELINE_SAMPLE_MAX];
    size_t count = all ? run_counted(run) : SUMMARY_TIMELINE_SAMPLE_MAX;
    json_t *list = json_array();
    int rc = 0;

    if (!all)
        pick_sample(run, picks);
    for (size_t k = 0; k < count; k++)
        if (all || k == 0 || picks[k] != picks[k - 1])
            rc |= json_array_append_new(list, job_json(run, all ? k : picks[k]));
    return result_built(list, rc);
}

/* Of more than `most` beats, the latest of each stretch. */
static json_t *beats_json(const struct run_record *run, size_t most)
{
    json_t *list = json_array();
    const struct beat *latest = NULL;
    size_t counting = 0, seen = 0, stretch;
    int rc = 0;

    for (size_t i = 0; i < run->beats_count; i++)
        counting += run_beat_counts(run, &run->beats[i]);
    stretch = (counting + most - 1) / most;
    for (size_t i = 0; i < run->beats_count; i++) {
        const struct beat *b = &run->beats[i];

        if (!run_beat_counts(run, b))
            continue;
        if (seen % stretch == 0 || beat_lag_ns(b) > beat_lag_ns(latest))
            latest = b;
        if (++seen % stretch != 0 && seen != counting)
            continue;
        rc |= json_array_append_new(list, json_pack("[oo]", since_begin(run, latest->due_ns),
                                                    since_begin(run, latest->woke_ns)));
    }
    return result_built(list, rc);
}

json_t *summary_timeline_json(const struct cell *cell, const struct run_record *run)
{
    bool all;

    if (run == NULL || run_counted(run) == 0)
        return json_null();
    all = run_counted(run) <=
          (cell->load.kind == LOAD_BATCH ? SUMMARY_TIMELINE_JOBS_MAX : SUMMARY_TIMELINE_SAMPLE_MAX);
    return json_pack(
        "{so so}", "jobs", jobs_json(run, all), "beats",
        beats_json(run, all ? SUMMARY_TIMELINE_BEATS_MAX : SUMMARY_TIMELINE_BEATS_SAMPLED));
}
