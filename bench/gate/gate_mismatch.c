#include "gate/gate_mismatch.h"

#include "base/text.h"
#include "result/result.h"

#include <string.h>

/* A run whose jobs did not use libcurl names no version. */
static bool differs(const json_t *before, const json_t *now, const char *key)
{
    const char *is = result_string(now, key);

    return strcmp(result_string(before, key), is) != 0 &&
           (is[0] != '\0' || strcmp(key, "libcurl") != 0);
}

struct gate_mismatch gate_mismatch_of(const json_t *before, const json_t *now)
{
    return (struct gate_mismatch){
        .code = differs(before, now, "compiler") || differs(before, now, "libc") ||
                differs(before, now, "build_type"),
        .loop = differs(before, now, "libuv"),
        .requests = differs(before, now, "libcurl"),
    };
}

static bool runs_on_loop(const json_t *cell)
{
    const char *model = result_string(cell, "model");

    if (strcmp(model, "blocking") == 0)
        return strcmp(result_string(cell, "load.kind"), "batch") != 0;
    return strcmp(model, "pool") != 0 && strcmp(model, "threads") != 0;
}

static bool is_by_libcurl(const json_t *cell)
{
    return strcmp(result_string(cell, "params.client"), "curl") == 0;
}

bool gate_mismatch_softens(const struct gate_mismatch *m, const json_t *cell, enum metric_kind kind)
{
    return (m->code && kind == METRIC_INSTRUCTIONS) || (m->loop && runs_on_loop(cell)) ||
           (m->requests && is_by_libcurl(cell));
}

/* ", libc (glibc 2.36, now glibc 2.35)" */
static void add_differing(const json_t *before, const json_t *now, char *buf, size_t size)
{
    static const char *const keys[] = {"compiler", "libc", "build_type", "libuv", "libcurl"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *was = result_string(before, keys[i]), *is = result_string(now, keys[i]);

        if (differs(before, now, keys[i]))
            text_add(buf, size, "%s%s (%.60s, now %.60s)", buf[0] != '\0' ? ", " : "",
                     strcmp(keys[i], "build_type") == 0 ? "build type" : keys[i],
                     was[0] != '\0' ? was : "?", is[0] != '\0' ? is : "?");
    }
}

int gate_mismatch_add_note(const struct gate_mismatch *m, const json_t *before, const json_t *now,
                           json_t *notes)
{
    char differing[800] = "", soft[200] = "";

    if (!m->code && !m->loop && !m->requests)
        return 0;
    add_differing(before, now, differing, sizeof differing);
    if (m->code)
        text_add(soft, sizeof soft, "instructions");
    if (m->loop)
        text_add(soft, sizeof soft, "%scounts of cells that run on the loop",
                 soft[0] != '\0' ? ", " : "");
    if (m->requests)
        text_add(soft, sizeof soft, "%scounts of cells whose requests libcurl makes",
                 soft[0] != '\0' ? ", " : "");
    return result_add_sentence(
        notes,
        "the baseline was recorded with another %s; for that reason alone these may "
        "differ, and only warn: %s. To make them hard, save a baseline "
        "with these versions (tva baseline save), or compare with a "
        "revision that is built here (make regress BASE=<revision>)",
        differing, soft);
}
