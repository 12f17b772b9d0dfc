#include "summary/little.h"

#include <math.h>

/* The jobs from number `first` on, over a window from when the measured part began. */
static struct theory_little jobs_in(const struct run_record *run, size_t first, uint64_t window_ns)
{
    struct theory_little l = {.from_ns = run->begin_ns, .to_ns = run->begin_ns + window_ns};

    for (size_t i = first; i < run->samples_count; i++)
        if (sample_has_latency(&run->samples[i]))
            theory_little_add(&l, run->samples[i].intended_ns, run->samples[i].finished_ns);
    return l;
}

struct theory_little_check little_check(const struct run_record *run)
{
    struct theory_little l = jobs_in(run, run->warmup_samples, run->makespan_ns);

    return theory_little_check(&l, (double)run->area.stamped_ns);
}

double little_late_ns(const struct run_record *run)
{
    double late_ns = (double)run->area.driver_ns - (double)run->area.stamped_ns;
    size_t jobs = run_counted(run);

    return jobs > 0 ? late_ns / (double)jobs : 0;
}

bool little_is_late(const struct run_record *run)
{
    double late_ns = little_late_ns(run);
    uint64_t lag_max_ns = 0;

    for (size_t i = 0; i < run->beats_count; i++)
        if (beat_lag_ns(&run->beats[i]) > lag_max_ns)
            lag_max_ns = beat_lag_ns(&run->beats[i]);
    return lag_max_ns > 0 && late_ns > (double)lag_max_ns &&
           late_ns * (double)run_counted(run) > LITTLE_LATE_SHARE * (double)run->area.driver_ns;
}

double little_in_flight(const struct run_record *run, const struct cell *cell)
{
    uint64_t window_ns = cell->load.duration_ns;

    if (cell->load.kind == LOAD_BATCH || run->makespan_ns == 0)
        return NAN;
    if (window_ns == 0)
        return (double)run->area.driver_ns / (double)run->makespan_ns;
    return jobs_in(run, 0, window_ns).area_ns / (double)window_ns;
}

struct little little_of(const struct cell_runs *in)
{
    struct little out = {.late_ns = 0};

    for (size_t i = 0; i < in->count; i++) {
        struct theory_little_check c = little_check(in->runs[i]);

        if (i == 0 || c.error > out.worst.error)
            out.worst = c;
        out.late_ns = fmax(out.late_ns, little_late_ns(in->runs[i]));
    }
    return out;
}
