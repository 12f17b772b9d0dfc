#include "load/schedule.h"

#include "base/random.h"
#include "math/distribution.h"

#include <errno.h>

#define LATEST_NS 1e18 /* 30 years from now: no schedule gets there */

/* One arrival after the other. */
struct arrivals {
    const struct load *load;
    uint64_t seed;
    size_t i;     /* how many came so far */
    double at_ns; /* when the last did; where the rate changes, at a rate of 1/s instead */
};

/* When so many jobs are wanted of a rate that changes. */
static double find_ns(const struct load *load, double jobs)
{
    double first_per_s = load->rates.pieces[0].from_per_s, warmup_ns = (double)load->warmup_ns;
    double warmup = first_per_s * warmup_ns / NS_PER_S;

    return jobs < warmup ? jobs / first_per_s * NS_PER_S
                         : warmup_ns + load_rates_when_ns(&load->rates, jobs - warmup);
}

/* Poisson: gaps are exponential. Constant: the first comes at 0. */
static uint64_t next(struct arrivals *a)
{
    bool changes = a->load->rates.count > 0;
    double mean_ns = 1e9 / (changes ? 1 : a->load->rate_per_s), at_ns; /* mean: between two */

    if (a->load->arrivals == LOAD_CONSTANT)
        a->at_ns = (double)a->i * mean_ns;
    else
        a->at_ns += distribution_quantile(DISTRIBUTION_EXPONENTIAL, mean_ns,
                                          random_uniform(a->seed, RANDOM_ARRIVALS, a->i));
    a->i++;
    at_ns = changes ? find_ns(a->load, a->at_ns / NS_PER_S) : a->at_ns;
    return at_ns < LATEST_NS ? (uint64_t)at_ns : (uint64_t)LATEST_NS;
}

int schedule_plan(struct schedule *s, const struct load *load, uint64_t seed, size_t warmup,
                  size_t jobs, size_t max)
{
    struct arrivals a = {.load = load, .seed = seed};
    bool measuring = load->warmup_ns == 0 && warmup == 0;
    uint64_t end_ns = measuring ? load->duration_ns : NO_DEADLINE;

    *s = (struct schedule){.load = load, .seed = seed, .measured_ns = load->warmup_ns};
    for (;; s->count++) {
        uint64_t at_ns = next(&a);

        if (!measuring && (load->warmup_ns > 0 ? at_ns >= load->warmup_ns : s->count == warmup)) {
            measuring = true;
            s->warmup = s->count;
            if (load->warmup_ns == 0)
                s->measured_ns = at_ns;
            end_ns = clock_add_ns(s->measured_ns, load->duration_ns);
        }
        if (measuring && (load->duration_ns > 0 ? at_ns >= end_ns : s->count == s->warmup + jobs))
            return 0;
        if (s->count == max)
            return -ERANGE;
        s->last_ns = at_ns;
    }
}

void schedule_fill(const struct schedule *s, struct share share, struct sample *samples)
{
    struct arrivals a = {.load = s->load, .seed = s->seed};
    size_t first = 0, filled = 0; /* first: of the part in which it is */

    for (size_t i = 0; i < s->count; i++) {
        struct sample arrival = {.intended_ns = next(&a)};

        first = i == s->warmup ? i : first;
        if (share.count <= 1 || (i - first) % share.count == share.number)
            samples[filled++] = arrival;
    }
}
