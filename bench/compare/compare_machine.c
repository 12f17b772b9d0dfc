#include "compare/compare_machine.h"

#include "base/text.h"
#include "base/units.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A member of the context and what it is called. */
struct trait {
    const char *key, *title;
};

static const struct trait machine[] = {
    {"cpu", "CPU"},
    {"cores", "cores"},
    {"governor", "governor"},
    {"virtual_machine", "virtual machine"},
    {"kernel", "kernel"},
    {"memory_bytes", "memory"},
    {NULL, NULL},
};

static const struct trait software[] = {
    {"compiler", "compiler"},
    {"build_type", "build"},
    {"libuv", "libuv"},
    {"libcurl", "libcurl"},
    {"libc", "libc"},
    {"timer_slack_ns", "timer slack"},
    {"uv_threadpool_size", "libuv's threads"},
    {NULL, NULL},
};

static const char *as_text(const json_t *value, const char *key, char *buf, size_t size)
{
    if (json_is_string(value))
        snprintf(buf, size, "%s", json_string_value(value));
    else if (strcmp(key, "memory_bytes") == 0)
        units_format_size(json_number_value(value), buf, size);
    else if (json_is_number(value))
        snprintf(buf, size, "%.12g", json_number_value(value));
    else
        snprintf(buf, size, "%s",
                 json_is_true(value)    ? "yes"
                 : json_is_false(value) ? "no"
                                        : "unknown");
    return buf;
}

/* The kernel of a machine tells a little less memory after some updates, and is the same machine.
 */
static bool differs(const json_t *a, const json_t *b, const char *key)
{
    if (strcmp(key, "memory_bytes") == 0)
        return fabs(json_number_value(a) - json_number_value(b)) >
               0.02 * fmax(json_number_value(a), json_number_value(b));
    if (strcmp(key, "libcurl") == 0 && (a == NULL || b == NULL))
        return false; /* where no job used one, none is named */
    if (a == NULL || b == NULL)
        return (a != NULL && !json_is_null(a)) || (b != NULL && !json_is_null(b));
    return !json_equal(a, b);
}

static bool same(const struct trait *traits, const json_t *a, const json_t *b, char *buf,
                 size_t size)
{
    const json_t *ours = json_object_get(a, "context"), *theirs = json_object_get(b, "context");
    char one[96], other[96];

    *buf = '\0';
    for (; traits->key != NULL; traits++) {
        const json_t *x = json_object_get(ours, traits->key);
        const json_t *y = json_object_get(theirs, traits->key);

        if (differs(x, y, traits->key))
            text_add(buf, size, "%s%s %s against %s", *buf ? ", " : "", traits->title,
                     as_text(x, traits->key, one, sizeof one),
                     as_text(y, traits->key, other, sizeof other));
    }
    return *buf == '\0';
}

bool compare_machine_same(const json_t *a, const json_t *b, char *buf, size_t size)
{
    return same(machine, a, b, buf, size);
}

bool compare_machine_same_software(const json_t *a, const json_t *b, char *buf, size_t size)
{
    return same(software, a, b, buf, size);
}
