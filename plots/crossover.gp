# Where one model overtakes another: curves of a sweep over one axis, or the map of one over two.

load data.'.gp'
if (map) {
    load share.'/map.gp'
} else {
    ideal_steps = 0
    theory_own = 1
    theory_points = 0
    points = 1
    x_axis(lo, hi, length) = any_axis('x', x_linear, lo, hi, x_kind, length)
    load share.'/curves.gp'
}
