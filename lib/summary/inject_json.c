#include "summary/inject_json.h"

#include "base/clock.h"
#include "base/param.h"
#include "result/result.h"

int inject_json_add(json_t *cell, const struct inject_fault *f)
{
    char text[INJECT_TEXT_SIZE];

    if (!inject_fault_any(f))
        return 0;
    return json_object_set_new(
        cell, "injected",
        json_pack("{ss sf so so sf so}", "text", inject_fault_format(f, text, sizeof text),
                  "slowdown", (double)f->slowdown / PARAM_SHARE_ONE, "syscalls_per_job",
                  result_new_count(f->syscalls), "allocations_per_job", result_new_count(f->allocs),
                  "stall_s", (double)f->stall_ns / NS_PER_S, "leak_bytes_per_job",
                  result_new_count(f->leak_bytes)));
}
