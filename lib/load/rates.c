#include "load/rates.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "load/load.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

bool load_rates_are_in(const char *text)
{
    return strchr(text, '@') != NULL || strstr(text, "..") != NULL;
}

/* "200/s@10s" or "100..500/s@5s", in place. 0 or -EINVAL. */
static int parse_piece(char *text, struct load_piece *out)
{
    char *at = strchr(text, '@'), *to;

    *out = (struct load_piece){.duration_ns = 0};
    if (at != NULL) {
        *at = '\0';
        if (units_parse_duration(at + 1, &out->duration_ns) < 0 || out->duration_ns == 0 ||
            out->duration_ns > LOAD_DURATION_MAX_NS)
            return -EINVAL;
    }
    to = strstr(text, "..");
    if (to != NULL) {
        *to = '\0';
        to += 2;
    }
    if (load_parse_rate(text, &out->from_per_s) < 0 ||
        load_parse_rate(to != NULL ? to : text, &out->to_per_s) < 0)
        return -EINVAL;
    return 0;
}

int load_rates_parse(const char *text, struct load_rates *out, struct err *err)
{
    char copy[LOAD_RATES_TEXT_SIZE], again[LOAD_RATES_TEXT_SIZE + 64], *rest = copy, *piece;
    struct load_rates r = {.count = 0};

    if (strlen(text) >= sizeof copy)
        return err_set(err, -EINVAL, "is longer than %zu characters", sizeof copy - 1);
    memcpy(copy, text, strlen(text) + 1);
    while ((piece = strsep(&rest, ",")) != NULL) {
        if (r.count == LOAD_PIECES_MAX)
            return err_set(err, -EINVAL, "has more than %d pieces", LOAD_PIECES_MAX);
        if (parse_piece(piece, &r.pieces[r.count++]) < 0)
            return err_set(err, -EINVAL,
                           "is no rate that changes, as 100..2000/s or 200/s@10s,100..500/s@5s");
    }
    for (size_t i = 0; i < r.count && r.count > 1; i++)
        if (r.pieces[i].duration_ns == 0)
            return err_set(err, -EINVAL,
                           "has a piece without a time: each needs one, as in 200/s@10s,800/s@5s");
    if (strlen(load_rates_format(&r, again, sizeof again)) >= LOAD_RATES_TEXT_SIZE)
        return err_set(err, -EINVAL, "has too many digits");
    *out = r;
    return 0;
}

char *load_rates_format(const struct load_rates *r, char *buf, size_t size)
{
    char from[64], to[64], time[32];

    buf[0] = '\0';
    for (size_t i = 0; i < r->count; i++) {
        const struct load_piece *p = &r->pieces[i];

        load_format_rate(p->from_per_s, from, sizeof from);
        text_add(buf, size, "%s%s", i > 0 ? "," : "", from);
        if (p->to_per_s != p->from_per_s) /* and without the "/s" of the first */
            snprintf(buf + strlen(buf) - 2, size - strlen(buf) + 2, "..%s",
                     load_format_rate(p->to_per_s, to, sizeof to));
        if (p->duration_ns > 0)
            text_add(buf, size, "@%s", units_exact_duration(p->duration_ns, time, sizeof time));
    }
    return buf;
}

static double jobs_of(const struct load_piece *p)
{
    return (p->from_per_s + p->to_per_s) / 2 * (double)p->duration_ns / NS_PER_S;
}

uint64_t load_rates_duration_ns(const struct load_rates *r)
{
    uint64_t ns = 0;

    for (size_t i = 0; i < r->count; i++)
        ns += r->pieces[i].duration_ns;
    return ns;
}

double load_rates_most_per_s(const struct load_rates *r)
{
    double most = 0;

    for (size_t i = 0; i < r->count; i++)
        most = fmax(most, fmax(r->pieces[i].from_per_s, r->pieces[i].to_per_s));
    return most;
}

double load_rates_mean_per_s(const struct load_rates *r)
{
    double jobs = 0;

    for (size_t i = 0; i < r->count; i++)
        jobs += jobs_of(&r->pieces[i]);
    return jobs / ((double)load_rates_duration_ns(r) / NS_PER_S);
}

/* When so many jobs of a piece are wanted: the root of from t + (to - from) t^2 / (2 T) = jobs,
 * written so that it holds for equal rates, too. */
static double within_ns(const struct load_piece *p, double jobs)
{
    double slope = (p->to_per_s - p->from_per_s) * NS_PER_S / (double)p->duration_ns;
    double then = sqrt(fmax(0, p->from_per_s * p->from_per_s + 2 * slope * jobs));

    return 2 * jobs / (p->from_per_s + then) * NS_PER_S;
}

double load_rates_when_ns(const struct load_rates *r, double jobs)
{
    double at_ns = 0;

    for (size_t i = 0; i < r->count; i++) {
        double whole = jobs_of(&r->pieces[i]);

        if (jobs < whole)
            return at_ns + within_ns(&r->pieces[i], jobs);
        at_ns += (double)r->pieces[i].duration_ns;
        jobs -= whole;
    }
    return at_ns + jobs / r->pieces[r->count - 1].to_per_s * NS_PER_S;
}
