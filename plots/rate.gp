# Latency against the rate of arrivals, a panel for each model on the same scales.

load data.'.gp'
x_title = 'arrivals a second, log scale'
y_title = 'latency, log scale'
y_kind = 'time'
ideal_steps = 0
theory_own = 0
theory_points = 0
points = 1
x_axis(lo, hi, length) = log_axis('x', lo, hi, 'count', length)
load share.'/curves.gp'
