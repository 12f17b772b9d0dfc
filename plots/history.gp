# A metric from result to result: a panel for each cell, with its levels and where they changed.

load data.'.gp'

columns = panels > 1 ? 2 : 1
lines = ceil(panels / real(columns))
title_height = 26
plot_height = 120
axis_height = 48
panel_height = title_height + plot_height + axis_height
body_height = lines * panel_height
gap = 30

load share.'/style.gp'

tic_width = 84
values = data.'-values.dat'
levels = data.'-levels.dat'

do for [p = 1:panels] {
    left = panel_left(p)
    top = panel_top(p)
    right = left + column_width
    rgb = model_rgb(value('panel_model_'.p))
    eval panel(left + tic_width, top + title_height, right, top + title_height + plot_height)
    eval lin_axis('x', 0.5, results + 0.5, 'count', right - left - tic_width)
    eval lin_axis('y', value('panel_lo_'.p), value('panel_hi_'.p), y_kind, plot_height)
    set grid ytics
    set border 3
    unset xlabel
    if (p > panels - columns) {
        set xlabel 'result, oldest first' font small_font tc rgb soft_ink offset 0, 0.4
    }
    set label 1 bold(value('panel_title_'.p)) at screen px(left), py(top + 16) left \
        font panel_font tc rgb ink
    set label 2 y_title at screen px(left + 6), py(top + title_height + plot_height / 2) \
        center rotate font small_font tc rgb soft_ink
    do for [m = 1:marks] {
        if (value('mark_panel_'.m) == p) {
            mark_ink = value('mark_alarm_'.m) > 0 ? alarm_ink : '#0072b2'
            at = value('mark_at_'.m)
            set arrow 100 + m from at, graph 0 to at, graph 1 nohead lw normal lc rgb mark_ink back
            if (value('mark_late_'.m) > 0) {
                set label 100 + m value('mark_text_'.m) at at, graph 0.94 right offset -0.6, 0 \
                    font small_font tc rgb mark_ink
            } else {
                set label 100 + m value('mark_text_'.m) at at, graph 0.94 left offset 0.6, 0 \
                    font small_font tc rgb mark_ink
            }
        }
    }
    plot values using (here('result')):'value' with lines lw thin lc rgb pale(rgb, 0.6), \
        '' using (here('result')):'value' with points pt model_point(value('panel_model_'.p), 1) \
            ps 0.8 * mark_size lc rgb rgb, \
        '' using (hover(here('result'))):'value':(sprintf('result %d: %s', column('result'), \
            y_kind eq 'time' ? duration(column('value')) : sprintf(kind_label(y_kind, column('value'))))) \
            @hovering clear(rgb), \
        levels using (here('from')):'level':(column('to') - column('from')):(0) \
            with vectors nohead lw thick lc rgb ink
    unset label
    unset arrow
}
unset multiplot
