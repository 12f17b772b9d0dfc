# A metric from result to result, with the places where it changed.

load data.'.gp'
x_title = 'result, oldest first'
ideal_steps = 0
theory_own = 0
theory_points = 0
points = 1
x_axis(lo, hi, length) = lin_axis('x', lo, hi, 'count', length)
load share.'/curves.gp'
