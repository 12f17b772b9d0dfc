#include "export/finding_text.h"
#include "result/metric.h"
#include "result/result.h"

#include <math.h>

#define BLOCKED_S_MIN 0.010 /* shorter ones are not felt */

/* "at 500 jobs/s", "with 16 clients" */
static void add_load(struct finding_text *t, const json_t *cell)
{
    double rate = result_number(cell, "load.rate_per_s");
    double clients = result_number(cell, "load.clients");

    if (isfinite(rate))
        finding_add(t, "at %.10g job%s/s ", rate, rate == 1 ? "" : "s");
    else
        finding_add(t, "with %.0f client%s ", clients, clients == 1 ? "" : "s");
}

/* "in 10.2 ms at the mean (p99 12 ms)" */
static void add_latency(struct finding_text *t, const struct ranked *r)
{
    const struct metric *p99 = metric_named("p99");
    char text[METRIC_TEXT];

    finding_add(t, " in ");
    finding_add_duration(t, r->median_s);
    finding_add(t, " at the mean");
    if (isfinite(metric_of(p99, r->cell).median))
        finding_add(t, " (p99 %s)", metric_cell_text(p99, r->cell, text, sizeof text));
}

/* The fastest, those that cannot be told from it, and how far behind the slowest is that lost none.
 */
static void add_answers(struct finding_text *t, const struct ranking *r, size_t kept_up)
{
    size_t tied = ranking_tied(r);
    const struct ranked *slowest = &r->cells[kept_up - 1];

    add_load(t, r->cells[0].cell);
    finding_add_labels(t, r->cells, tied);
    finding_add(t, " answered");
    add_latency(t, &r->cells[0]);
    if (tied > 1)
        finding_add(t, " (no difference larger than the noise)");
    if (tied < kept_up) {
        finding_add(t, ", ");
        finding_add_ratio(t, slowest->median_s / r->cells[0].median_s);
        finding_add(t, " faster than %s", slowest->label);
    }
}

static void add_lost(struct finding_text *t, const struct ranking *r, size_t kept_up)
{
    if (kept_up == 0)
        add_load(t, r->cells[0].cell);
    for (size_t i = kept_up; i < r->valid; i++) {
        double lost = r->cells[i].lost;

        finding_add(t, "%s%s left ",
                    i > kept_up ? finding_separator(i - kept_up, r->valid - kept_up)
                    : i > 0     ? "; "
                                : "",
                    r->cells[i].label);
        finding_add(t, lost < 0.0995 ? "%.2g %%" : "%.0f %%", 100 * lost);
    }
    if (kept_up < r->valid)
        finding_add(t, " of the jobs unserved or refused");
}

static void add_blocked(struct finding_text *t, const struct ranking *r)
{
    double longest = 0;
    size_t n = 0, i = 0;

    for (size_t k = 0; k < r->valid; k++)
        if (r->cells[k].lag_s >= BLOCKED_S_MIN) {
            n++;
            longest = fmax(longest, r->cells[k].lag_s);
        }
    for (size_t k = 0; k < r->valid && n > 0; k++)
        if (r->cells[k].lag_s >= BLOCKED_S_MIN) {
            finding_add(t, "%s%s", i == 0 ? "; " : finding_separator(i, n), r->cells[k].label);
            i++;
        }
    if (n > 0) {
        finding_add(t, " blocked the loop for up to ");
        finding_add_duration(t, longest);
    }
}

void finding_loop(struct finding_text *t, const struct ranking *r)
{
    size_t kept_up = 0;

    while (kept_up < r->valid && r->cells[kept_up].lost == 0)
        kept_up++;
    if (kept_up > 0)
        add_answers(t, r, kept_up);
    add_lost(t, r, kept_up);
    add_blocked(t, r);
}
