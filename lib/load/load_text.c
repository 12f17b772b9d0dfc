#include "load/load_text.h"

#include "base/text.h"
#include "base/units.h"
#include "load/load_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DECIMALS_MAX 24   /* enough to read back any rate from 1e-6 on, and any share */
#define RATE_MAX     1e12 /* a job every ns is 1e9: what is beyond this is a slip of the keyboard */

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

int load_parse_share(const char *text, double *out)
{
    return units_parse_share(text, out) < 0 ? -EINVAL : 0;
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

    format_exact(100 * share, share, "%", load_parse_share, buf, size);
    if (load_parse_share(buf, &back) == 0 && back == share)
        return buf;
    /* Not every share is a hundredth of a number that a double can hold. */
    return format_exact(share, share, "", load_parse_share, buf, size);
}

char *load_format(const struct load *load, uint64_t jobs, char *buf, size_t size)
{
    char text[64];

    buf[0] = '\0';
    if (load->kind == LOAD_OPEN)
        text_add(buf, size, " @ %s %s", load_format_rate(load->rate_per_s, text, sizeof text),
                 load_arrivals_name(load->arrivals));
    if (load->kind == LOAD_CLOSED)
        text_add(buf, size, ", %" PRIu64 " client%s", load->clients, load->clients == 1 ? "" : "s");
    if (load->kind == LOAD_BATCH || jobs > 0)
        text_add(buf, size, " x %" PRIu64, jobs);
    else
        text_add(buf, size, " %s", units_exact_duration(load->duration_ns, text, sizeof text));
    if (load->limit > 0)
        text_add(buf, size, ", limit %" PRIu64, load->limit);
    if (load->kind == LOAD_OPEN && load->drain_ns != load_drain_default_ns(load, jobs))
        text_add(buf, size, ", drain %s", units_exact_duration(load->drain_ns, text, sizeof text));
    if (load->poison > 0)
        text_add(buf, size, ", %s poison", load_format_share(load->poison, text, sizeof text));
    return buf;
}
