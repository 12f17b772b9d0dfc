#include "load/load_check.h"

#include "base/clock.h"
#include "base/units.h"
#include "load/load_text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define SPREAD 6 /* standard deviations that a random number of arrivals may be off */

#define WARMUP_SHARE  10
#define WARMUP_MAX_NS NS_PER_S
#define DRAIN_MAX_NS  (10 * NS_PER_S)

uint64_t load_warmup_default_ns(const struct load *load)
{
    uint64_t tenth_ns = load->duration_ns / WARMUP_SHARE;

    return tenth_ns < WARMUP_MAX_NS ? tenth_ns : WARMUP_MAX_NS;
}

/* How long an open loop wants its counted jobs. */
static double arrivals_ns(const struct load *load, uint64_t jobs)
{
    return jobs > 0 ? (double)jobs / load->rate_per_s * NS_PER_S : (double)load->duration_ns;
}

uint64_t load_drain_default_ns(const struct load *load, uint64_t jobs)
{
    double ns = arrivals_ns(load, jobs);

    return ns < (double)DRAIN_MAX_NS ? (uint64_t)ns : DRAIN_MAX_NS;
}

double load_expected_jobs(const struct load *load, uint64_t jobs, uint64_t warmup_jobs)
{
    double wanted = (double)jobs, warmup = (double)warmup_jobs;

    if (load->kind == LOAD_CLOSED && (jobs == 0 || load->warmup_ns > 0))
        return 0;
    if (load->kind == LOAD_OPEN && jobs == 0)
        wanted = load->rate_per_s * (double)load->duration_ns / NS_PER_S;
    if (load->kind == LOAD_OPEN && load->warmup_ns > 0)
        warmup = load->rate_per_s * (double)load->warmup_ns / NS_PER_S;
    return wanted + warmup;
}

uint64_t load_span_ns(const struct load *load, uint64_t jobs, uint64_t warmup_jobs)
{
    if (load->kind == LOAD_OPEN)
        return (uint64_t)(load_expected_jobs(load, jobs, warmup_jobs) / load->rate_per_s *
                          NS_PER_S);
    return load->kind == LOAD_CLOSED && jobs == 0 ? load->warmup_ns + load->duration_ns : 0;
}

/* "a rate of 5000/s for 10s" */
static const char *describe(const struct load *load, uint64_t jobs, char *buf, size_t size)
{
    char rate[64], duration[32];

    load_format_rate(load->rate_per_s, rate, sizeof rate);
    if (jobs > 0)
        snprintf(buf, size, "a rate of %s for %" PRIu64 " jobs", rate, jobs);
    else
        snprintf(buf, size, "a rate of %s for %s", rate,
                 units_exact_duration(load->duration_ns, duration, sizeof duration));
    return buf;
}

static int check_time(const char *what, uint64_t ns, struct err *err)
{
    char text[32];

    if (ns <= LOAD_DURATION_MAX_NS)
        return 0;
    return err_set(err, -EINVAL, "%s of %s is longer than a day", what,
                   units_exact_duration(ns, text, sizeof text));
}

int load_check(const struct load *load, uint64_t jobs, uint64_t warmup_jobs, struct err *err)
{
    double expected = load_expected_jobs(load, jobs, warmup_jobs);
    double most =
        load->arrivals == LOAD_POISSON && jobs == 0 ? expected + SPREAD * sqrt(expected) : expected;
    char text[160], count[32];
    int r = check_time("a duration", load->duration_ns, err);

    if (r == 0)
        r = check_time("a warm-up", load->warmup_ns, err);
    if (r == 0)
        r = check_time("a drain", load->drain_ns, err);
    if (r < 0)
        return r;
    if (most > (double)LOAD_JOBS_MAX && load->kind == LOAD_OPEN)
        return err_set(
            err, -EINVAL,
            "%s, with warm-up, makes %s jobs, and a run holds at most %llu: lower the "
            "rate or shorten the time",
            describe(load, jobs, text, sizeof text),
            units_format_count(most < 1e18 ? (uint64_t)most : (uint64_t)1e18, count, sizeof count),
            LOAD_JOBS_MAX);
    if (most > (double)LOAD_JOBS_MAX)
        return err_set(err, -EINVAL, "%s jobs, with warm-up, are more than the %llu of a run",
                       units_format_count((uint64_t)most, count, sizeof count), LOAD_JOBS_MAX);
    if (load->kind == LOAD_OPEN && arrivals_ns(load, jobs) * load->rate_per_s < NS_PER_S * 0.999)
        return err_set(err, -EINVAL, "%s is less than one job: raise the rate or lengthen the time",
                       describe(load, jobs, text, sizeof text));
    if (load->kind == LOAD_OPEN && arrivals_ns(load, jobs) > (double)LOAD_DURATION_MAX_NS)
        return err_set(err, -EINVAL, "%s takes longer than a day",
                       describe(load, jobs, text, sizeof text));
    return 0;
}
