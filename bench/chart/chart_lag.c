/* Loop lag: how late a 1 ms heartbeat on the event loop woke while the work ran. */
#include "chart/chart.h"

const struct chart chart_lag = {
    .name = "lag",
    .summary = "how late the event loop woke, by job and model",
    .metric = "lag",
    .choice = {.has = "lag", .keep = CHART_WHOLE | CHART_WIDEST | CHART_ONE_A_SPEC},
    .most = 8,
    .rows = {.panels = {{.metric = "lag",
                         .p50 = "lag_p50",
                         .p99 = "lag_p99",
                         .axis = "loop lag",
                         .before = "max "}},
             .text_width = 114,
             .reference = 1e-3, /* the beat itself */
             .share_range = true},
    .finding = "Longest lag of the event loop, {of}: {ranked}",
    .subtitle = "How late a 1 ms heartbeat on the loop woke in a run, {runs}; {loop}; further left "
                "is better, the ideal is 0.",
    .missing = "no cell has a heartbeat",
};
