#include "measure/inject_fault.h"

#include "base/clock.h"
#include "base/param.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>

enum { MODEL, SLOWDOWN, SYSCALL, ALLOC, STALL, LEAK, KEYS };

#define LEAST_LEAK 16 /* room for the link of a list */

static const char *const any_model[] = {"", NULL};

static const struct param keys[KEYS] = {
    [MODEL] = {"model", PARAM_TEXT, 0, 0, INJECT_MODEL_SIZE - 1, any_model,
               "whose jobs have the faults; those of all by default"},
    [SLOWDOWN] = {"slowdown", PARAM_SHARE, 0, 1, PARAM_SHARE_ONE, NULL,
                  "a job takes so much longer, in computing and in waiting"},
    [SYSCALL] = {"syscall", PARAM_COUNT, 0, 1, 1000, NULL, "more system calls a job"},
    [ALLOC] = {"alloc", PARAM_COUNT, 0, 1, 1000, NULL,
               "more heap allocations a job, 64 bytes each, freed again"},
    [STALL] = {"stall", PARAM_DURATION, 0, 1, 60 * NS_PER_S, NULL,
               "the thread of the first measured job stands still for this time, once"},
    [LEAK] = {"leak", PARAM_SIZE, 0, LEAST_LEAK, 64 << 20, NULL, "bytes leaked a job"},
};

int inject_fault_parse(const char *text, char *model, struct inject_fault *out, struct err *err)
{
    struct param_texts texts = {.used = 0};
    uint64_t values[KEYS];
    int r = param_parse_texts(keys, KEYS, "--inject", text, values, &texts, err);

    if (r < 0)
        return r;
    snprintf(model, INJECT_MODEL_SIZE, "%s", param_text(&keys[MODEL], values[MODEL], &texts));
    *out = (struct inject_fault){
        .slowdown = values[SLOWDOWN],
        .syscalls = values[SYSCALL],
        .allocs = values[ALLOC],
        .stall_ns = values[STALL],
        .leak_bytes = values[LEAK],
    };
    if (inject_fault_any(out))
        return 0;
    return err_set(err, -EINVAL,
                   "--inject \"%s\" plants no fault: give slowdown, syscall, alloc, stall or leak",
                   text);
}

bool inject_fault_any(const struct inject_fault *f)
{
    return f->slowdown > 0 || f->syscalls > 0 || f->allocs > 0 || f->stall_ns > 0 ||
           f->leak_bytes > 0;
}

void inject_fault_override(struct inject_fault *f, const struct inject_fault *over)
{
    if (over->slowdown > 0)
        f->slowdown = over->slowdown;
    if (over->syscalls > 0)
        f->syscalls = over->syscalls;
    if (over->allocs > 0)
        f->allocs = over->allocs;
    if (over->stall_ns > 0)
        f->stall_ns = over->stall_ns;
    if (over->leak_bytes > 0)
        f->leak_bytes = over->leak_bytes;
}

char *inject_fault_format(const struct inject_fault *f, char *buf, size_t size)
{
    const uint64_t values[KEYS] = {
        [SLOWDOWN] = f->slowdown, [SYSCALL] = f->syscalls, [ALLOC] = f->allocs,
        [STALL] = f->stall_ns,    [LEAK] = f->leak_bytes,
    };
    char value[32];

    buf[0] = '\0';
    for (size_t k = SLOWDOWN; k < KEYS; k++)
        if (values[k] > 0)
            text_add(buf, size, "%s%s=%s", buf[0] != '\0' ? "," : "", keys[k].name,
                     param_format(&keys[k], values[k], value, sizeof value));
    return buf;
}
