# Latency from the intended time beside latency from the start of the job: percentile curves.

load data.'.gp'
x_title = 'percentile of jobs'
y_title = 'latency, log scale'
y_kind = 'time'
ideal_steps = 0
theory_own = 0
theory_points = 1
points = 0
x_axis(lo, hi, length) = percentile_axis(hi)
load share.'/curves.gp'
