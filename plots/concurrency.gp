# Throughput against the number of clients of a closed loop.

load data.'.gp'
x_title = 'clients, log scale'
y_title = 'jobs a second, log scale'
y_kind = 'count'
ideal_steps = 0
theory_own = 1
theory_points = 0
points = 1
x_axis(lo, hi, length) = log_axis('x', lo, hi, 'count', length)
load share.'/curves.gp'
