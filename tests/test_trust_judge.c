/* The promise: a run whose generator was late is judged as the same run on time would be, or not at
 * all; and what was not offered, not served, stopped or cut off is never taken to keep a bound. */
#include "summary/trust.h"

#include "base/hash.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BOUND_S 0.020

/* This machine's timers are 2 ms late at p99.9. */
static const struct stats_distribution timers = {.count = 1, .at = {[STATS_P999] = 2e6}};

/* A run with this p99, whose dispatches were late at p99.9, and at most. */
static struct run_values run(double p99_ms, double late_ms, double latest_ms)
{
    struct run_values v = {.late_ns = late_ms * 1e6,
                           .late_percentile = STATS_P999,
                           .late_max_ns = latest_ms * 1e6,
                           .reached = 1};

    for (size_t i = 0; i < RUN_VALUES; i++)
        v.of[i] = NAN;
    v.of[RUN_LATENCY_P99_S] = p99_ms / 1e3;
    v.of[RUN_HEARTBEAT_LAG_P99_NS] = p99_ms * 1e6;
    return v;
}

static void assert_judged(const struct run_values *v, const char *metric, const char *expected)
{
    assert_string_equal(trust_outcome_words[trust_judge(v, metric_named(metric), BOUND_S, &timers)],
                        expected);
}

static void assert_p99(double p99_ms, double late_ms, double latest_ms, const char *expected)
{
    struct run_values v = run(p99_ms, late_ms, latest_ms);

    assert_judged(&v, "p99", expected);
}

static void test_a_run_on_time_is_judged_by_its_metric(void **state)
{
    struct run_values v;

    (void)state;
    assert_p99(20, 3, 100, "kept"); /* 1 ms later than timers are: on time */
    assert_p99(20.01, 3, 100, "broken");
    assert_p99(NAN, 0, 0, "void");
    v = run(1, 0, 0);
    v.lost = TRUST_LOST_MAX;
    assert_judged(&v, "p99", "kept");
    v.lost = 1.01 * TRUST_LOST_MAX;
    assert_judged(&v, "p99", "broken");
    v = run(1, 0, 0);
    v.failed = 1;
    assert_judged(&v, "p99", "broken");
    assert_judged(&v, "lag_p99", "broken");
    v = run(20.01, 0, 0);
    assert_judged(&v, "lag_p99", "broken");
    v.throttled = true; /* the quota is a part of the machine */
    assert_judged(&v, "p99", "broken");
}

static void test_a_late_run_counts_where_its_lateness_cannot_have_decided(void **state)
{
    (void)state;
    assert_p99(20, 50, 60, "kept");
    assert_p99(20.01, 50, 60, "void");
    assert_p99(199.99, 50, 60, "void"); /* three times as long as the latest was late */
    assert_p99(200.01, 50, 60, "broken");
    assert_p99(NAN, 50, 60, "void");
}

static void test_what_a_late_run_cannot_keep(void **state)
{
    struct run_values v = run(20, 50, 60);

    (void)state;
    v.lost = TRUST_LOST_MAX / 2; /* it may be what would have taken longest */
    assert_judged(&v, "p99", "void");
    v = run(20, 50, 60);
    v.failed = 1;
    assert_judged(&v, "p99", "void");
    v = run(20, 50, 60);
    v.reached = 0.94; /* another load */
    assert_judged(&v, "p99", "void");
    v = run(20, 50, 60);
    v.throttled = true;
    assert_judged(&v, "p99", "void");
    v = run(20, 50, 60); /* bursts and gaps change the lag either way */
    assert_judged(&v, "lag_p99", "void");
    v = run(1000, 50, 60);
    assert_judged(&v, "lag_p99", "void");
    v.lost = 0.3; /* unserved, and they had waited for long */
    assert_judged(&v, "p99", "broken");
}

static void test_a_stopped_run_is_void(void **state)
{
    struct run_values kept = run(1, 0, 0), broken = run(1000, 0, 0), late = run(1, 50, 60);

    (void)state;
    kept.halted = broken.halted = late.halted = true;
    assert_judged(&kept, "p99", "void");
    assert_judged(&broken, "p99", "void");
    assert_judged(&late, "p99", "void");
}

/* ---- A queue with the same jobs, on time and behind a generator that stalls ---- */

#define JOBS        12000
#define SERVERS_MAX 4

struct queue {
    uint64_t wanted_ns[JOBS], dispatched_ns[JOBS], service_ns[JOBS], finished_ns[JOBS];
    uint64_t values[JOBS];
    uint64_t state;
};

/* How jobs that arrive then get the servers: it sets when they finish. */
typedef void (*serve_fn)(struct queue *q, const uint64_t *arrival_ns, size_t servers);

static double uniform(struct queue *q)
{
    q->state = hash_mix(q->state);
    return ((double)(q->state >> 11) + 0.5) / 9007199254740992.0;
}

/* Poisson arrivals at this rate with exponential service; now and then the generator stalls, for up
 * to so long. */
static void draw(struct queue *q, double rate, double service_ms, double stall_ms)
{
    double now_ns = 0, free_ns = 0;

    for (size_t i = 0; i < JOBS; i++) {
        now_ns -= log(uniform(q)) / rate * 1e9;
        if (uniform(q) < 0.003)
            free_ns = fmax(free_ns, now_ns + uniform(q) * stall_ms * 1e6);
        q->wanted_ns[i] = (uint64_t)now_ns;
        q->dispatched_ns[i] = (uint64_t)fmax(now_ns, free_ns);
        q->service_ns[i] = (uint64_t)(-log(uniform(q)) * service_ms * 1e6);
    }
}

/* One after the other, in the order of dispatch. */
static void serve_in_turn(struct queue *q, const uint64_t *arrival_ns, size_t servers)
{
    uint64_t free_ns[SERVERS_MAX] = {0};

    for (size_t i = 0; i < JOBS; i++) {
        size_t first = 0;

        for (size_t k = 1; k < servers; k++)
            first = free_ns[k] < free_ns[first] ? k : first;
        if (free_ns[first] < arrival_ns[i])
            free_ns[first] = arrival_ns[i];
        free_ns[first] += q->service_ns[i];
        q->finished_ns[i] = free_ns[first];
    }
}

/* All at once, as threads share CPUs. */
static void serve_shared(struct queue *q, const uint64_t *arrival_ns, size_t servers)
{
    static struct {
        double until; /* what each job here has been served by then */
        size_t job;
    } here[JOBS];
    size_t n = 0, next = 0;
    double now_ns = 0, served = 0;

    while (next < JOBS || n > 0) {
        double speed = n > servers ? (double)servers / (double)n : 1;
        double end_ns = n > 0 ? now_ns + (here[n - 1].until - served) / speed : INFINITY;

        if (next == JOBS || end_ns < (double)arrival_ns[next]) {
            served = here[--n].until;
            now_ns = end_ns;
            q->finished_ns[here[n].job] = (uint64_t)ceil(now_ns);
        } else {
            double until;
            size_t at = n++;

            served += ((double)arrival_ns[next] - now_ns) * speed;
            now_ns = (double)arrival_ns[next];
            until = served + (double)q->service_ns[next];
            for (; at > 0 && here[at - 1].until < until; at--)
                here[at] = here[at - 1];
            here[at].until = until;
            here[at].job = next++;
        }
    }
}

/* On one loop, in two steps with a wait of 5 ms between them. */
static void serve_in_steps(struct queue *q, const uint64_t *arrival_ns, size_t servers)
{
    uint64_t now_ns = 0;

    for (size_t first = 0, second = 0; second < JOBS;) {
        bool begins = first < JOBS &&
                      (second == first || arrival_ns[first] <= q->finished_ns[second] + 5000000);
        size_t i = begins ? first++ : second++;
        uint64_t ready_ns = begins ? arrival_ns[i] : q->finished_ns[i] + 5000000;

        now_ns = (now_ns > ready_ns ? now_ns : ready_ns) + q->service_ns[i] / servers / 2;
        q->finished_ns[i] = now_ns;
    }
}

/* Latencies count from when jobs were wanted. */
static struct run_values values_of(struct queue *q, const uint64_t *arrival_ns, size_t servers,
                                   serve_fn serve)
{
    struct run_values v = {.reached =
                               (double)q->wanted_ns[JOBS - 1] / (double)arrival_ns[JOBS - 1]};
    struct stats_distribution d;

    serve(q, arrival_ns, servers);
    for (size_t i = 0; i < JOBS; i++)
        q->values[i] = q->finished_ns[i] - q->wanted_ns[i];
    stats_distribution_of(q->values, JOBS, &d);
    v.of[RUN_LATENCY_MEAN_S] = d.mean / 1e9;
    v.of[RUN_LATENCY_P50_S] = d.at[STATS_P50] / 1e9;
    v.of[RUN_LATENCY_P99_S] = d.at[STATS_P99] / 1e9;
    v.of[RUN_LATENCY_P999_S] = d.at[STATS_P999] / 1e9;
    v.of[RUN_LATENCY_MAX_S] = (double)d.max / 1e9;
    for (size_t i = 0; i < JOBS; i++)
        q->values[i] = arrival_ns[i] - q->wanted_ns[i];
    stats_distribution_of(q->values, JOBS, &d);
    v.late_ns = d.at[STATS_P999];
    v.late_percentile = STATS_P999;
    v.late_max_ns = (double)d.max;
    return v;
}

static void test_lateness_never_turns_a_verdict(void **state)
{
    static const char *const names[] = {"mean", "p50", "p99", "p999", "max"};
    static const serve_fn ways[] = {serve_in_turn, serve_shared, serve_in_steps};
    static struct queue q = {.state = 7};
    size_t counts[3] = {0};

    (void)state;
    for (size_t trial = 0; trial < 300; trial++) {
        size_t servers = 1 + trial % SERVERS_MAX;
        serve_fn serve = ways[trial % (sizeof ways / sizeof *ways)];
        struct run_values on_time, late;

        /* loads of 0.5 to 1.05, and stalls of 5 to 100 ms */
        draw(&q, 1000, (double)servers * (0.5 + 0.55 * uniform(&q)), 5 + 95 * uniform(&q));
        on_time = values_of(&q, q.wanted_ns, servers, serve);
        late = values_of(&q, q.dispatched_ns, servers, serve);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const struct metric *metric = metric_named(names[i]);
            enum trust_outcome outcome = trust_judge(&late, metric, BOUND_S, &timers);

            counts[outcome]++;
            if (outcome != TRUST_VOID)
                assert_int_equal(outcome, trust_judge(&on_time, metric, BOUND_S, &timers));
        }
    }
    print_message("%zu kept, %zu broken, %zu void\n", counts[TRUST_KEPT], counts[TRUST_BROKEN],
                  counts[TRUST_VOID]);
    assert_true(counts[TRUST_KEPT] > 200 && counts[TRUST_BROKEN] > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_on_time_is_judged_by_its_metric),
        cmocka_unit_test(test_a_late_run_counts_where_its_lateness_cannot_have_decided),
        cmocka_unit_test(test_what_a_late_run_cannot_keep),
        cmocka_unit_test(test_a_stopped_run_is_void),
        cmocka_unit_test(test_lateness_never_turns_a_verdict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
