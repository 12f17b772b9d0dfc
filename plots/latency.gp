# Latency: percentile curves on HdrHistogram's axis, 1 / (1 - p) on a log scale: a decade further
# right is ten times rarer.

load data.'.gp'
x_title = 'percentile of jobs'
y_title = 'latency, log scale'
y_kind = 'time'
ideal_steps = 1
points = 0
x_axis(lo, hi, length) = sprintf('set logscale x; set xrange [1:%.9g]; set xtics nomirror ', hi) \
    .'("0%%" 1, "50%%" 2, "90%%" 10, "99%%" 100, "99.9%%" 1000, "99.99%%" 1e4, "99.999%%" 1e5)'
load share.'/curves.gp'
