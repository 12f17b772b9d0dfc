# Latency: percentile curves, a line for each model.

load data.'.gp'
x_title = 'percentile of jobs'
y_title = 'latency, log scale'
y_kind = 'time'
ideal_steps = 1
theory_own = 1
theory_points = 1
points = 0
x_axis(lo, hi, length) = percentile_axis(hi)
load share.'/curves.gp'
