#include "base/units.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t factor;
};

/* Smallest first; NULL at the end. */
static const struct unit durations[] = {
    {"ns", 1}, {"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_S}, {NULL, 0},
};

static const struct unit sizes[] = {
    {"", 1}, {"k", 1ULL << 10}, {"M", 1ULL << 20}, {"G", 1ULL << 30}, {NULL, 0},
};

static const struct unit counts[] = {
    {"", 1}, {"K", 1000}, {"k", 1000}, {"M", 1000000}, {"G", 1000000000}, {NULL, 0},
};

/* The factor of the unit that is called exactly `name`, 0 when there is none. */
static uint64_t factor_of(const struct unit *units, const char *name)
{
    for (; units->name != NULL; units++)
        if (strcmp(units->name, name) == 0)
            return units->factor;
    return 0;
}

/* The number that text[len] spells, times `factor`. 0 or -ERANGE. */
static int scale_digits(const char *text, size_t len, uint64_t factor, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
            return -ERANGE;
    return __builtin_mul_overflow(value, factor, out) ? -ERANGE : 0;
}

static int parse_whole(const char *text, size_t digits, uint64_t factor, uint64_t *out)
{
    uint64_t value;
    int r;

    if (digits == 0 || factor == 0)
        return -EINVAL;
    r = scale_digits(text, digits, factor, &value);
    if (r == 0)
        *out = value;
    return r;
}

/* The value of the decimals behind a point, times `factor`. -EINVAL for what is finer than 1: a
 * silently rounded parameter would not be the one asked for. */
static int scale_fraction(const char *decimals, size_t len, uint64_t factor, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        uint64_t digit = (uint64_t)(decimals[i] - '0');

        if (digit != 0 && factor % 10 != 0)
            return -EINVAL;
        factor /= 10;
        *out += digit * factor;
    }
    return 0;
}

int units_parse_duration(const char *text, uint64_t *out_ns)
{
    size_t whole_len = strspn(text, "0123456789");
    const char *unit = text + whole_len, *decimals = unit;
    size_t decimals_len = 0;
    uint64_t factor, whole, fraction, sum;
    int r;

    if (*unit == '.') {
        decimals = unit + 1;
        decimals_len = strspn(decimals, "0123456789");
        unit = decimals + decimals_len;
        if (decimals_len == 0)
            return -EINVAL;
    }
    factor = factor_of(durations, unit);
    if (*unit == '\0' && strspn(text, "0.") == strlen(text))
        factor = 1;
    if (whole_len == 0 || factor == 0)
        return -EINVAL;
    r = scale_fraction(decimals, decimals_len, factor, &fraction);
    if (r == 0)
        r = scale_digits(text, whole_len, factor, &whole);
    if (r != 0)
        return r;
    if (__builtin_add_overflow(whole, fraction, &sum))
        return -ERANGE;
    *out_ns = sum;
    return 0;
}

int units_parse_size(const char *text, uint64_t *out_bytes)
{
    size_t digits = strspn(text, "0123456789");
    const char *unit = text + digits;
    char name[2] = "";
    const char *rest = unit;

    if (*unit != '\0' && strchr("kKMG", *unit) != NULL) {
        name[0] = *unit == 'K' ? 'k' : *unit;
        rest++;
    }
    if (strcmp(rest, "") != 0 && strcmp(rest, "B") != 0 &&
        !(name[0] != '\0' && strcmp(rest, "iB") == 0))
        return -EINVAL;
    return parse_whole(text, digits, factor_of(sizes, name), out_bytes);
}

int units_parse_count(const char *text, uint64_t *out)
{
    size_t digits = strspn(text, "0123456789");

    return parse_whole(text, digits, factor_of(counts, text + digits), out);
}

const char *units_parse_decimal(const char *text, double *out)
{
    size_t whole = strspn(text, "0123456789"), decimals = 0;

    if (text[whole] == '.') {
        decimals = strspn(text + whole + 1, "0123456789");
        if (decimals == 0)
            return NULL;
        decimals++;
    }
    if (whole == 0)
        return NULL;
    *out = strtod(text, NULL);
    return text + whole + decimals;
}

int units_parse_share(const char *text, double *out)
{
    double value = 0;
    const char *rest = units_parse_decimal(text, &value);

    if (rest == NULL || (*rest != '\0' && strcmp(rest, "%") != 0))
        return -EINVAL;
    if (*rest == '%')
        value /= 100;
    if (value > 1)
        return -ERANGE;
    *out = value;
    return 0;
}

/* "12.3": three significant digits; more before the point are kept. */
static int format_three_digits(double value, char *buf, size_t size)
{
    double magnitude = fabs(value);

    if (magnitude >= 1e6)
        return snprintf(buf, size, "%.3g", value);
    /* The limits are where printf's rounding would make one digit too many. */
    return snprintf(buf, size, "%.*f",
                    magnitude >= 99.95    ? 0
                    : magnitude >= 9.995  ? 1
                    : magnitude >= 0.9995 ? 2
                                          : 3,
                    value);
}

char *units_format_duration(double ns, char *buf, size_t size)
{
    const struct unit *unit = durations;
    char number[24] = "0";

    while (unit[1].name != NULL && fabs(ns) / (double)unit->factor >= 999.5)
        unit++;
    if (ns != 0)
        format_three_digits(ns / (double)unit->factor, number, sizeof number);
    snprintf(buf, size, "%s %s", number, unit->name);
    return buf;
}

char *units_format_size(double bytes, char *buf, size_t size)
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB", NULL};
    size_t i = 0;
    char number[24];

    while (names[i + 1] != NULL && fabs(bytes) >= 1023.5) {
        bytes /= 1024;
        i++;
    }
    if (i == 0)
        snprintf(number, sizeof number, "%.0f", bytes);
    else
        format_three_digits(bytes, number, sizeof number);
    snprintf(buf, size, "%s %s", number, names[i]);
    return buf;
}

char *units_format_count(uint64_t n, char *buf, size_t size)
{
    char digits[24];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, n);

    buf[0] = '\0';
    for (size_t i = 0; i < len; i++)
        text_add(buf, size, "%s%c", i > 0 && (len - i) % 3 == 0 ? "," : "", digits[i]);
    return buf;
}

/* In the largest unit that leaves a whole number. */
static char *format_exact(const struct unit *units, uint64_t value, char *buf, size_t size)
{
    const struct unit *unit = units;

    if (value == 0) {
        snprintf(buf, size, "0");
        return buf;
    }
    while (unit[1].name != NULL && value % unit[1].factor == 0)
        unit++;
    snprintf(buf, size, "%" PRIu64 "%s", value / unit->factor, unit->name);
    return buf;
}

char *units_exact_duration(uint64_t ns, char *buf, size_t size)
{
    return format_exact(durations, ns, buf, size);
}

char *units_exact_size(uint64_t bytes, char *buf, size_t size)
{
    return format_exact(sizes, bytes, buf, size);
}

char *units_exact_count(uint64_t n, char *buf, size_t size)
{
    return format_exact(counts, n, buf, size);
}
