#include "summary/little.h"

#include "result/value.h"
#include "summary/quantity.h"

#include <math.h>

/* The jobs from number `first` on, over a window from when the measured part began. */
static struct theory_little jobs_in(const struct run_record *run, size_t first, uint64_t window_ns)
{
    struct theory_little l;

    theory_little_begin(&l, run->begin_ns, run->begin_ns + window_ns);
    for (size_t i = first; i < run->samples_count; i++)
        if (summary_has_latency(&run->samples[i]))
            theory_little_add(&l, run->samples[i].intended_ns, run->samples[i].finished_ns);
    return l;
}

struct theory_little_check little_check(const struct run_record *run)
{
    struct theory_little l = jobs_in(run, run->warmup_samples, run->makespan_ns);

    return theory_little_check(&l, (double)run->area_ns);
}

bool little_broken(const struct theory_little_check *c)
{
    double off_s = c->error * c->in_system * c->window_s;
    double jobs = c->arrivals_per_s * c->window_s;

    if (!isfinite(c->error))
        return true;
    return c->error > LITTLE_ERROR_MAX &&
           off_s * NS_PER_S > LITTLE_PAUSE_NS + jobs * LITTLE_STAMP_NS;
}

/* Of a loop by time: in that time, jobs wanted before it included. Else from the first job to the
 * end of the last. */
static double mean_in_flight(const struct run_record *run, const struct cell *cell)
{
    uint64_t window_ns = cell->load.duration_ns;

    if (cell->load.kind == LOAD_BATCH || run->makespan_ns == 0)
        return NAN;
    if (window_ns == 0)
        return (double)run->area_ns / (double)run->makespan_ns;
    return jobs_in(run, 0, window_ns).area_ns / (double)window_ns;
}

json_t *little_in_flight(const struct summary_input *in)
{
    uint64_t max = 0;

    if (in->cell->load.kind == LOAD_BATCH)
        return json_null();
    for (size_t i = 0; i < in->count; i++)
        if (in->runs[i]->in_flight_max > max)
            max = in->runs[i]->in_flight_max;
    return json_pack("{so so}", "mean", quantity_create(in, mean_in_flight), "max",
                     value_count(max));
}

json_t *little_law(const struct summary_input *in)
{
    struct theory_little_check worst = {0};

    if (in->count == 0)
        return json_null();
    for (size_t i = 0; i < in->count; i++) {
        struct theory_little_check c = little_check(in->runs[i]);

        if (i == 0 || c.error > worst.error)
            worst = c;
    }
    return json_pack("{so so so so}", "in_flight", value_number(worst.in_system), "rate_per_s",
                     value_number(worst.arrivals_per_s), "latency_s", value_number(worst.latency_s),
                     "error", value_number(worst.error));
}
