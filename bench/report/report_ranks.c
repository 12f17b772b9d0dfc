/* The ranks of a session, on which clocks they went and what became of them: a line in all, and one
 * more for each rank with something to tell. */
#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "report/report.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

/* More is worth a line. */
#define BEGIN_LATE_MAX_NS 1e6
#define SUSPENDED_MAX_S   0.1

/* Of one rank, the sums or the most of all cells. */
struct told {
    double jobs, unserved, lost_runs, cpu_s, lag_ns, begin_late_ns, error_ns, late_ns;
    double stops, throttled_s, suspended_s;
};

static double most(double a, double b)
{
    return isnan(b) || a > b ? a : b;
}

static struct told tell(const json_t *result, size_t rank)
{
    struct told t = {0};
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        const json_t *r = json_array_get(json_object_get(cell, "ranks"), rank);

        if (r == NULL)
            continue;
        t.jobs += result_number(r, "jobs");
        t.unserved += result_number(r, "unserved");
        t.lost_runs += result_number(r, "lost_runs");
        t.cpu_s += result_number(r, "cpu_s");
        t.lag_ns = most(t.lag_ns, result_number(r, "loop_lag_max_ns"));
        t.begin_late_ns = most(t.begin_late_ns, result_number(r, "begin_late_max_ns"));
        t.error_ns = most(t.error_ns, result_number(r, "clock_error_ns"));
        t.late_ns = most(t.late_ns, result_number(r, "dispatch_lateness_ns.p99"));
        t.stops += result_number(r, "disturbance.stops");
        t.throttled_s += result_number(r, "disturbance.throttled_s");
        t.suspended_s += result_number(r, "disturbance.suspended_s");
    }
    return t;
}

static bool is_remarkable(const struct told *t)
{
    return t->lost_runs + t->stops + t->throttled_s > 0 || t->suspended_s > SUSPENDED_MAX_S ||
           t->begin_late_ns > BEGIN_LATE_MAX_NS;
}

/* "  rank 2 (host b): 1000 jobs, 0 of them unserved, 1 % of dispatches more than 1.2 ms late, CPU
 * 0.2 s, longest loop lag 3 ms, begins up to 20 us late; stopped 1 time" */
static void write_rank(const json_t *rank, const struct told *t, FILE *out)
{
    char line[512] = "", a[32], b[32], c[32];

    text_add(line, sizeof line, "rank %.0f (host %s): %.0f job%s, %.0f of them unserved, ",
             result_number(rank, "rank"), result_string(rank, "host"), t->jobs, TEXT_S(t->jobs),
             t->unserved);
    if (t->late_ns > 0)
        text_add(line, sizeof line, "1 %% of dispatches more than %s late, ",
                 units_format_duration(t->late_ns, a, sizeof a));
    text_add(line, sizeof line, "CPU %s, longest loop lag %s, begins up to %s late",
             units_format_duration(t->cpu_s * NS_PER_S, a, sizeof a),
             units_format_duration(t->lag_ns, b, sizeof b),
             units_format_duration(t->begin_late_ns, c, sizeof c));
    if (t->lost_runs > 0)
        text_add(line, sizeof line, "; lost in %.0f run%s", t->lost_runs, TEXT_S(t->lost_runs));
    if (t->stops > 0)
        text_add(line, sizeof line, "; stopped %.0f time%s", t->stops, TEXT_S(t->stops));
    if (t->suspended_s > SUSPENDED_MAX_S)
        text_add(line, sizeof line, "; its machine was suspended");
    if (t->throttled_s > 0)
        text_add(line, sizeof line, "; a quota stopped it for %s",
                 units_format_duration(t->throttled_s * NS_PER_S, a, sizeof a));
    wrap_print(out, "  ", "%s", line);
}

static size_t count_hosts(const json_t *ranks)
{
    const json_t *rank;
    size_t q, hosts = 0;

    json_array_foreach(ranks, q, rank)
    {
        size_t before = 0;

        while (strcmp(result_string(json_array_get(ranks, before), "host"),
                      result_string(rank, "host")) != 0)
            before++;
        hosts += before == q;
    }
    return hosts;
}

void report_write_ranks(const json_t *result, FILE *out)
{
    const json_t *ranks = json_object_get(json_object_get(result, "context"), "ranks"), *rank;
    double error_ns = 0, late_ns = 0;
    size_t q, hosts = count_hosts(ranks), calm = 0;
    char a[32], b[32];

    if (json_array_size(ranks) == 0)
        return;
    json_array_foreach(ranks, q, rank)
    {
        struct told t = tell(result, q);

        error_ns = most(error_ns, t.error_ns);
        late_ns = most(late_ns, t.begin_late_ns);
        calm += !is_remarkable(&t);
    }
    wrap_print(out, "", "%zu rank%s on %zu host%s; clocks known to +-%s, begins up to %s late%s",
               json_array_size(ranks), TEXT_S(json_array_size(ranks)), hosts, TEXT_S(hosts),
               units_format_duration(error_ns, a, sizeof a),
               units_format_duration(late_ns, b, sizeof b),
               calm == json_array_size(ranks) ? "; no rank was halted or lost" : ":");
    json_array_foreach(ranks, q, rank)
    {
        struct told t = tell(result, q);

        if (is_remarkable(&t))
            write_rank(rank, &t, out);
    }
}
