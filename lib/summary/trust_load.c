#include "summary/trust_load.h"

#include "base/clock.h"
#include "base/units.h"
#include "result/result.h"
#include "summary/little.h"
#include "summary/trust.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

/* The schedule is the load: late dispatches are other arrivals than those that were asked for. */
static int add_lateness(json_t *reasons, const json_t *summary, const json_t *timer_error)
{
    static const struct {
        const char *path, *name, *words;
    } percentiles[] = {{"dispatch_lateness_ns.p999", "p999", "99.9 %"},
                       {"dispatch_lateness_ns.p99", "p99", "99 %"},
                       {"dispatch_lateness_ns.p90", "p90", "90 %"},
                       {"dispatch_lateness_ns.p50", "p50", "half"}};
    char late[32], own[32];
    double late_ns = NAN, own_ns;
    size_t k = 0;

    for (; k < sizeof percentiles / sizeof *percentiles; k++) {
        late_ns = result_number(summary, percentiles[k].path);
        if (isfinite(late_ns))
            break;
    }
    if (!isfinite(late_ns))
        return 0;
    own_ns = result_number(timer_error, percentiles[k].name);
    own_ns = isfinite(own_ns) ? own_ns : 0;
    if (late_ns <= own_ns + TRUST_LATENESS_MAX_NS)
        return 0;
    return result_add_sentence(
        reasons,
        "the generator did not keep its schedule: %s of the dispatches were up to %s "
        "late, and this machine's timers alone up to %s; stop other work on "
        "this machine, lower the rate, or leave a CPU to the generator",
        percentiles[k].words, units_format_duration(late_ns, late, sizeof late),
        units_format_duration(own_ns, own, sizeof own));
}

static int add_little(json_t *reasons, const struct summary_input *in)
{
    int rc = 0;

    for (size_t i = 0; i < in->count; i++) {
        struct theory_little_check c = little_check(in->runs[i]);

        if (little_broken(&c))
            rc |= result_add_sentence(
                reasons,
                "run %zu breaks Little's law: the driver counted %.8g jobs in the "
                "system on average, and their rate times their latency is %.8g; jobs "
                "were lost, counted twice or stamped wrongly",
                i + 1, c.in_system, c.arrivals_per_s * c.latency_s);
    }
    return rc;
}

int trust_load_add_reasons(json_t *reasons, const struct summary_input *in, const json_t *summary,
                           const json_t *timer_error)
{
    int rc = 0;

    if (in->cell->load.kind == LOAD_OPEN && in->count > 0)
        rc |= add_lateness(reasons, summary, timer_error);
    rc |= add_little(reasons, in);
    return rc == 0 ? 0 : -ENOMEM;
}

static int warn_unserved(json_t *warnings, const struct summary_input *in)
{
    uint64_t offered = 0, unserved = 0;
    char drain[32];

    for (size_t i = 0; i < in->count; i++) {
        offered += summary_counted(in->runs[i]);
        unserved += in->runs[i]->unserved;
    }
    if (unserved == 0)
        return 0;
    return result_add_sentence(
        warnings,
        "%" PRIu64 " of %" PRIu64 " jobs had not begun %s after the last arrival: the "
        "rate is above what it can serve, or --drain too short; their latency is counted "
        "as the time they had waited by then",
        unserved, offered,
        units_format_duration((double)in->cell->load.drain_ns, drain, sizeof drain));
}

static int warn_refused(json_t *warnings, const struct summary_input *in)
{
    uint64_t offered = 0, refused = 0;

    for (size_t i = 0; i < in->count; i++) {
        offered += summary_counted(in->runs[i]);
        refused += in->runs[i]->refused;
    }
    if (refused == 0)
        return 0;
    return result_add_sentence(warnings,
                               "%" PRIu64 " of %" PRIu64 " jobs were refused because %" PRIu64
                               " were in the system; the latencies are those of the others",
                               refused, offered, in->cell->load.limit);
}

static int warn_unsteady(json_t *warnings, const json_t *summary)
{
    const json_t *steady = json_object_get(summary, "steady");

    if (!json_is_false(json_object_get(steady, "ok")))
        return 0;
    return result_add_sentence(
        warnings, "no steady state: waits still change in the second half of a run, so that "
                  "they depend on how long it is; measure for longer, warm up for longer, or "
                  "lower the rate");
}

/* What lies between a job's last stamp and the driver's look at the clock is in no latency. */
static int warn_late(json_t *warnings, const struct summary_input *in)
{
    double late_ns = 0;
    char text[32];

    for (size_t i = 0; i < in->count; i++)
        if (little_is_late(in->runs[i]))
            late_ns = fmax(late_ns, little_late_ns(in->runs[i]));
    if (late_ns == 0)
        return 0;
    return result_add_sentence(
        warnings,
        "the driver learned of the jobs' ends %s late on average, later than any beat "
        "of the heartbeat: latencies leave that out; stop other work on this machine, "
        "or look for what the model does after a job's last stamp",
        units_format_duration(late_ns, text, sizeof text));
}

int trust_load_add_warnings(json_t *warnings, const struct summary_input *in, const json_t *summary)
{
    int rc = 0;

    rc |= warn_unserved(warnings, in);
    rc |= warn_refused(warnings, in);
    rc |= warn_unsteady(warnings, summary);
    rc |= warn_late(warnings, in);
    return rc;
}
