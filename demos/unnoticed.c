#include "unnoticed.h"

#include "base/units.h"

void unnoticed_judge(struct demo_run *d, const struct counter *c, int beats,
                     const struct http_request *r, int status)
{
    char mean[32], longest[32], span[32];

    units_format_duration(counter_mean_ns(c, 0), mean, sizeof mean);
    units_format_duration((double)counter_longest_ns(c, 0), longest, sizeof longest);
    demo_check(d, status == 200, "the status is 200");
    demo_check(d, beats > 0, "%d of %d beats came before the answer", beats, COUNTER_BEATS);
    demo_check(d, counter_longest_ns(c, 0) < http_request_took_ns(r),
               "no beat was held up: the longest took %s", longest);
    demo_expected(d, "beats: just over %s", demo_span(d, NS_PER_MS, span, sizeof span));
    demo_measured(d, "beats: %s", mean);
}
