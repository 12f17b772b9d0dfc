#include "pair/pair_kind.h"

#include "result/result.h"

#include <math.h>

/* How late a heartbeat wakes depends on what else the machine does, far more than on our code. And
 * jobs that wait use little CPU time, of which what a wake-up costs is most: it strays by 5 to 12 %
 * on a virtual machine, so that 10 % cannot be ruled out in a session. */
const struct pair_kind pair_kinds[PAIR_KINDS] = {
    {"makespan", "s", 0.10},     {"latency p50", "ns", 0.10}, {"CPU time a job", "s", 0.20},
    {"loop lag p50", "ns", 0.5}, {"memory", "bytes", 0.10},
};

void pair_kind_values(const json_t *cell, double values[PAIR_KINDS])
{
    double jobs = result_number(cell, "ledger.jobs");

    values[0] = result_number(cell, "summary.makespan_s.median");
    values[1] = result_number(cell, "summary.latency_ns.p50");
    values[2] = (result_number(cell, "summary.cpu_user_s.median") +
                 result_number(cell, "summary.cpu_sys_s.median")) /
                jobs;
    values[3] = result_number(cell, "summary.heartbeat_lag_ns.p50");
    values[4] = result_number(cell, "summary.max_rss_bytes.median");
    for (size_t i = 0; i < PAIR_KINDS; i++)
        if (!isfinite(values[i]) || values[i] <= 0)
            values[i] = NAN;
}
