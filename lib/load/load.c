#include "load/load.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DECIMALS_MAX 24   /* enough to read back any rate from 1e-6 on, and any share */
#define RATE_MAX     1e12 /* a job every ns is 1e9: more is a typing error */

#define SPREAD        6 /* standard deviations that a random number of arrivals may be off */
#define WARMUP_SHARE  10
#define WARMUP_MAX_NS NS_PER_S
#define DRAIN_MAX_NS  (10 * NS_PER_S)

/* ---- Loads as people write them ---- */

static const char *const kind_names[] = {"batch", "closed", "open"};
static const char *const arrivals_names[] = {"poisson", "constant"};

const char *load_kind_name(enum load_kind kind)
{
    return kind_names[kind];
}

const char *load_arrivals_name(enum load_arrivals arrivals)
{
    return arrivals_names[arrivals];
}

int load_parse_arrivals(const char *text, enum load_arrivals *out)
{
    for (int i = 0; i < 2; i++)
        if (strcmp(text, arrivals_names[i]) == 0) {
            *out = (enum load_arrivals)i;
            return 0;
        }
    return -EINVAL;
}

int load_parse_rate(const char *text, double *out_per_s)
{
    static const struct {
        char name;
        double factor;
    } factors[] = {{'k', 1e3}, {'K', 1e3}, {'M', 1e6}, {'G', 1e9}};
    double value = 0;
    const char *rest = units_parse_decimal(text, &value);

    if (rest == NULL)
        return -EINVAL;
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        if (*rest == factors[i].name) {
            value *= factors[i].factor;
            rest++;
            break;
        }
    if ((*rest != '\0' && strcmp(rest, "/s") != 0) || !(value > 0) || value > RATE_MAX)
        return -EINVAL;
    *out_per_s = value;
    return 0;
}

/* With as few decimals as parse() needs to read `value` back. */
static char *format_exact(double shown, double value, const char *unit,
                          int (*parse)(const char *text, double *out), char *buf, size_t size)
{
    for (int decimals = 0; decimals <= DECIMALS_MAX; decimals++) {
        double back = -1;

        snprintf(buf, size, "%.*f%s", decimals, shown, unit);
        if (parse(buf, &back) == 0 && back == value)
            break;
    }
    return buf;
}

char *load_format_rate(double per_s, char *buf, size_t size)
{
    return format_exact(per_s, per_s, "/s", load_parse_rate, buf, size);
}

char *load_format_share(double share, char *buf, size_t size)
{
    double back = -1;

    format_exact(100 * share, share, "%", units_parse_share, buf, size);
    if (units_parse_share(buf, &back) == 0 && back == share)
        return buf;
    /* Not every share is a hundredth of a number that a double can hold. */
    return format_exact(share, share, "", units_parse_share, buf, size);
}

/* A rate that changes has its times in its text. */
static char *format_rate(const struct load *load, char *buf, size_t size)
{
    return load->rates.count > 0 ? load_rates_format(&load->rates, buf, size)
                                 : load_format_rate(load->rate_per_s, buf, size);
}

char *load_format(const struct load *load, uint64_t jobs, char *buf, size_t size)
{
    char text[64], rate[LOAD_RATES_TEXT_SIZE];

    buf[0] = '\0';
    if (load->kind == LOAD_OPEN)
        text_add(buf, size, " @ %s %s", format_rate(load, rate, sizeof rate),
                 load_arrivals_name(load->arrivals));
    if (load->kind == LOAD_CLOSED)
        text_add(buf, size, ", %" PRIu64 " client%s", load->clients, TEXT_S(load->clients));
    if (load->kind == LOAD_BATCH || jobs > 0)
        text_add(buf, size, " x %" PRIu64, jobs);
    else if (load->rates.count == 0)
        text_add(buf, size, " %s", units_exact_duration(load->duration_ns, text, sizeof text));
    if (load->limit > 0)
        text_add(buf, size, ", limit %" PRIu64, load->limit);
    if (load->kind == LOAD_OPEN && load->drain_ns != load_drain_default_ns(load, jobs))
        text_add(buf, size, ", drain %s", units_exact_duration(load->drain_ns, text, sizeof text));
    if (load->poison > 0)
        text_add(buf, size, ", %s poison", load_format_share(load->poison, text, sizeof text));
    return buf;
}

/* ---- What a load comes to ---- */

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

/* The rate of the warm-up. */
static double first_per_s(const struct load *load)
{
    return load->rates.count > 0 ? load->rates.pieces[0].from_per_s : load->rate_per_s;
}

double load_most_per_s(const struct load *load)
{
    return load->rates.count > 0 ? load_rates_most_per_s(&load->rates) : load->rate_per_s;
}

double load_expected_jobs(const struct load *load, uint64_t jobs, uint64_t warmup_jobs)
{
    double wanted = (double)jobs, warmup = (double)warmup_jobs;

    if (load->kind == LOAD_CLOSED && (jobs == 0 || load->warmup_ns > 0))
        return 0;
    if (load->kind == LOAD_OPEN && jobs == 0)
        wanted = load->rate_per_s * (double)load->duration_ns / NS_PER_S;
    if (load->kind == LOAD_OPEN && load->warmup_ns > 0)
        warmup = first_per_s(load) * (double)load->warmup_ns / NS_PER_S;
    return wanted + warmup;
}

uint64_t load_span_ns(const struct load *load, uint64_t jobs, uint64_t warmup_jobs)
{
    if (load->rates.count > 0)
        return load->warmup_ns + load->duration_ns;
    if (load->kind == LOAD_OPEN)
        return (uint64_t)(load_expected_jobs(load, jobs, warmup_jobs) / load->rate_per_s *
                          NS_PER_S);
    return load->kind == LOAD_CLOSED && jobs == 0 ? load->warmup_ns + load->duration_ns : 0;
}

/* "a rate of 5000/s for 10s" */
static const char *describe(const struct load *load, uint64_t jobs, char *buf, size_t size)
{
    char rate[LOAD_RATES_TEXT_SIZE], duration[32];

    format_rate(load, rate, sizeof rate);
    if (load->rates.count > 0)
        snprintf(buf, size, "a rate of %s", rate);
    else if (jobs > 0)
        snprintf(buf, size, "a rate of %s for %" PRIu64 " job%s", rate, jobs, TEXT_S(jobs));
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
    char text[LOAD_RATES_TEXT_SIZE + 64], count[32];
    int r = check_time("a duration", load->duration_ns, err);

    if (r == 0)
        r = check_time("a warm-up", load->warmup_ns, err);
    if (r == 0)
        r = check_time("a drain", load->drain_ns, err);
    if (r == 0 && load->rates.count > 0 && warmup_jobs > 0)
        r = err_set(err, -EINVAL,
                    "a rate that changes warms up for a time, as in --warmup 1s, not for %" PRIu64
                    " job%s",
                    warmup_jobs, TEXT_S(warmup_jobs));
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
