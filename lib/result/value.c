#include "result/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define WHOLE_MAX     9007199254740992.0 /* 2^53: up to here a double holds every whole number */
#define REAL_DIGITS   12                 /* a makespan of 1,000 s to the ns */
#define INDENT_SPACES 2

json_t *value_number(double v)
{
    char digits[32];

    if (!isfinite(v))
        return json_null();
    if (v == trunc(v) && fabs(v) <= WHOLE_MAX)
        return json_integer((json_int_t)v);
    snprintf(digits, sizeof digits, "%.*g", REAL_DIGITS, v);
    return json_real(strtod(digits, NULL));
}

json_t *value_count(uint64_t v)
{
    return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

static int write_value(const json_t *value, FILE *out, int depth);

static int write_flat(const json_t *value, FILE *out)
{
    size_t flags = JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS);

    return json_dumpf(value, out, flags) == 0 ? 0 : -EIO;
}

static int write_break(FILE *out, int depth)
{
    return fprintf(out, "\n%*s", depth * INDENT_SPACES, "") < 0 ? -EIO : 0;
}

static int write_key(const char *key, FILE *out)
{
    json_t *text = json_string(key);
    int rc = text != NULL ? write_flat(text, out) : -ENOMEM;

    json_decref(text);
    if (rc == 0 && fputs(": ", out) == EOF)
        rc = -EIO;
    return rc;
}

static int write_object(json_t *object, FILE *out, int depth)
{
    const char *key, *separator = "{";
    json_t *member;
    int rc = 0;

    json_object_foreach(object, key, member)
    {
        if (fputs(separator, out) == EOF)
            return -EIO;
        separator = ",";
        if ((rc = write_break(out, depth + 1)) != 0 || (rc = write_key(key, out)) != 0 ||
            (rc = write_value(member, out, depth + 1)) != 0)
            return rc;
    }
    if ((rc = write_break(out, depth)) == 0 && fputc('}', out) == EOF)
        rc = -EIO;
    return rc;
}

static int write_list(const json_t *list, FILE *out, int depth)
{
    const char *separator = "[";
    size_t i;
    json_t *item;
    int rc = 0;

    json_array_foreach(list, i, item)
    {
        if (fputs(separator, out) == EOF)
            return -EIO;
        separator = ",";
        if ((rc = write_break(out, depth + 1)) != 0 ||
            (rc = write_value(item, out, depth + 1)) != 0)
            return rc;
    }
    if ((rc = write_break(out, depth)) == 0 && fputc(']', out) == EOF)
        rc = -EIO;
    return rc;
}

/* Lists of anything but plain numbers are spread over lines. */
static int write_value(const json_t *value, FILE *out, int depth)
{
    if (json_is_object(value) && json_object_size(value) > 0)
        return write_object((json_t *)value, out, depth);
    if (json_array_size(value) > 0 && !json_is_number(json_array_get(value, 0)))
        return write_list(value, out, depth);
    return write_flat(value, out);
}

int value_write(const json_t *value, FILE *out)
{
    int rc = write_value(value, out, 0);

    if (rc == 0 && fputc('\n', out) == EOF)
        rc = -EIO;
    return rc;
}
