#include "pair/pair_metric.h"

#include "result/metric.h"

#include <math.h>

/* The lateness of a heartbeat depends on what else the machine does, far more than on our code.
 * Jobs that wait use little CPU time, most of it for wake-ups, and that varies by 5 to 12 % on a
 * virtual machine: a session cannot rule out 10 %. */
const struct pair_metric pair_metrics[PAIR_METRICS] = {
    {"makespan", "makespan", "s", 1, 0.10},      {"latency p50", "p50", "ns", 1e9, 0.10},
    {"CPU time a job", "cpu", "s", 1, 0.20},     {"loop lag p50", "lag_p50", "ns", 1, 0.5},
    {"memory", "memory_peak", "bytes", 1, 0.10},
};

void pair_metric_values(const json_t *cell, double values[PAIR_METRICS])
{
    for (size_t i = 0; i < PAIR_METRICS; i++) {
        double value = metric_of(metric_named(pair_metrics[i].metric), cell).median;

        values[i] = value > 0 ? value * pair_metrics[i].scale : NAN;
    }
}
