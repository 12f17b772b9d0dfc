#include "gate/gate_fingerprint.h"

#include "base/text.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

#define GIB 1073741824.0

static void add_number(char *buf, size_t size, const char *name, double v)
{
    if (isnan(v))
        text_add(buf, size, "; %s ?", name);
    else
        text_add(buf, size, "; %s %.0f", name, v);
}

static void add_text(char *buf, size_t size, const char *name, const char *text)
{
    text_add(buf, size, "; %s %.100s", name, text[0] != '\0' ? text : "?");
}

char *gate_fingerprint_of(const json_t *context, char *buf, size_t size)
{
    const char *cpu = result_string(context, "cpu");
    const json_t *vm = json_object_get(context, "virtual_machine");

    buf[0] = '\0';
    text_add(buf, size, "%.100s", cpu[0] != '\0' ? cpu : "?");
    add_number(buf, size, "cores", result_number(context, "cores"));
    add_number(buf, size, "GiB", round(result_number(context, "memory_bytes") / GIB));
    add_text(buf, size, "virtual", json_is_true(vm) ? "yes" : json_is_false(vm) ? "no" : "");
    add_text(buf, size, "kernel", result_string(context, "kernel"));
    add_text(buf, size, "governor", result_string(context, "governor"));
    add_number(buf, size, "slack", result_number(context, "timer_slack_ns"));
    add_text(buf, size, "compiler", result_string(context, "compiler"));
    add_text(buf, size, "build", result_string(context, "build_type"));
    add_text(buf, size, "libc", result_string(context, "libc"));
    add_text(buf, size, "libuv", result_string(context, "libuv"));
    for (char *c = buf; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return buf;
}
