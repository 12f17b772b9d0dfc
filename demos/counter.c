#include "counter.h"

#include "base/units.h"

void counter_init(struct counter *c, struct demo_run *d)
{
    *c = (struct counter){.d = d, .row = recorder_row(d->recorder, "counter")};
}

int counter(void *arg)
{
    struct counter *c = arg;
    struct demo_run *d = c->d;
    char span[32], took[32];
    int err = 0;

    demo_span(d, NS_PER_MS, span, sizeof span);
    for (int i = 0; i < COUNTER_BEATS && err == 0; i++) {
        uint64_t begin_ns = loop_now();

        recorder_enter(d->recorder, c->row, SPAN_ACTIVE, "sleep(%s)", span);
        err = task_sleep(demo_scaled(d, NS_PER_MS));
        c->took_ns[i] = loop_now() - begin_ns;
        c->beats += err == 0;
        demo_say(d, "counter", "sleep(%s) number %d took %s", span, i + 1,
                 units_format_duration((double)c->took_ns[i], took, sizeof took));
    }
    recorder_leave(d->recorder, c->row);
    recorder_mark(d->recorder, c->row, "%d done", c->beats);
    return err;
}

uint64_t counter_longest_ns(const struct counter *c, int from)
{
    uint64_t longest_ns = 0;

    for (int i = from; i < COUNTER_BEATS; i++)
        longest_ns = c->took_ns[i] > longest_ns ? c->took_ns[i] : longest_ns;
    return longest_ns;
}

double counter_mean_ns(const struct counter *c, int from)
{
    double sum_ns = 0;

    for (int i = from; i < COUNTER_BEATS; i++)
        sum_ns += (double)c->took_ns[i];
    return sum_ns / (COUNTER_BEATS - from);
}
