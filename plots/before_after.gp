# Latency before and after: percentile curves of the same cell in two results.

load data.'.gp'
x_title = 'percentile of jobs'
y_title = 'latency, log scale'
y_kind = 'time'
ideal_steps = 0
theory_own = 0
theory_points = 0
points = 0
x_axis(lo, hi, length) = percentile_axis(hi)
load share.'/curves.gp'
