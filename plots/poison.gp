# Latency and loop lag against the share of jobs that block the loop.

load data.'.gp'
x_title = 'share of jobs that block'
y_kind = 'time'
ideal_steps = 0
theory_own = 1
theory_points = 0
points = 1
x_axis(lo, hi, length) = lin_axis('x', lo, hi, 'share', length)
load share.'/curves.gp'
