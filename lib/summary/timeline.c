#include "summary/timeline.h"

#include "math/stats.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const struct run_record *typical_run(const struct summary_input *in)
{
    double *values = calloc(in->count, sizeof *values);
    const struct run_record *nearest = NULL;
    struct stats_median m;

    if (values == NULL)
        return NULL;
    for (size_t i = 0; i < in->count; i++)
        values[i] = clock_seconds(in->runs[i]->makespan_ns);
    if (stats_median_of(values, in->count, &m) == 0) {
        size_t best = 0;

        for (size_t i = 1; i < in->count; i++)
            if (fabs(values[i] - m.median) < fabs(values[best] - m.median))
                best = i;
        nearest = in->runs[best];
    }
    free(values);
    return nearest;
}

/* Stamps from before the batch, and those never set, are shown at its start. */
static json_t *since_begin(const struct run_record *run, uint64_t ns)
{
    return result_new_count(ns > run->begin_ns ? ns - run->begin_ns : 0);
}

static json_t *jobs_json(const struct run_record *run)
{
    json_t *list = json_array();

    for (size_t i = 0; i < run->samples_count; i++) {
        const struct sample *s = &run->samples[i];
        json_t *job = json_pack("[ooooo]", since_begin(run, s->intended_ns),
                                since_begin(run, s->submitted_ns), since_begin(run, s->started_ns),
                                since_begin(run, s->finished_ns), result_new_count(s->lane));

        if (json_array_append_new(list, job) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static int append_beat(json_t *list, const struct run_record *run, const struct beat *b)
{
    return json_array_append_new(
        list, json_pack("[oo]", since_begin(run, b->due_ns), since_begin(run, b->woke_ns)));
}

static json_t *beats_json(const struct run_record *run)
{
    json_t *list = json_array();
    const struct beat *latest = NULL;
    size_t counting = 0, stretch, in_stretch = 0;
    int rc = 0;

    for (size_t i = 0; i < run->beats_count; i++)
        counting += summary_beat_counts(run, &run->beats[i]);
    stretch = (counting + TIMELINE_BEATS_MAX - 1) / TIMELINE_BEATS_MAX;
    for (size_t i = 0; i < run->beats_count; i++) {
        const struct beat *b = &run->beats[i];

        if (!summary_beat_counts(run, b))
            continue;
        if (in_stretch == 0 || summary_beat_lag_ns(b) > summary_beat_lag_ns(latest))
            latest = b;
        if (++in_stretch == stretch) {
            rc |= append_beat(list, run, latest);
            in_stretch = 0;
        }
    }
    if (in_stretch > 0)
        rc |= append_beat(list, run, latest);
    if (rc == 0)
        return list;
    json_decref(list);
    return NULL;
}

json_t *timeline_create(const struct summary_input *in)
{
    const struct run_record *run;

    if (in->count == 0 || in->cell->load.kind != LOAD_BATCH || in->cell->jobs > TIMELINE_JOBS_MAX)
        return json_null();
    run = typical_run(in);
    if (run == NULL)
        return NULL;
    return json_pack("{so so}", "jobs", jobs_json(run), "beats", beats_json(run));
}
