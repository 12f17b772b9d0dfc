# Panels with a line for each model, named at its end, two panels side by side. Loaded by the
# scripts that have this form; they set x_axis(lo, hi, length), x_title, y_kind (of log_axis),
# y_title, ideal_steps (1 when the ideal is a staircase) and points (1 to mark every point and its
# interval).

columns = panels > 1 ? 2 : 1
lines = ceil(panels / real(columns))
title_height = 28
axis_height = 52
panel_height = title_height + plot_height + axis_height
body_height = lines * panel_height

load share.'/style.gp'

tic_width = 72
text_width = 132
gap = 20
column_width = (page_width - 2 * margin - (columns - 1) * gap) / columns
table = data.'-curves.dat'
labels = data.'-labels.dat'
here(name) = column('panel') == p ? column(name) : NaN
mark(name) = mark_rgb(strcol(name), column('valid'))
about(i, name) = value('curve_'.name.'_'.i)
shown(i, ideal) = about(i, 'panel') == p && about(i, 'ideal') == ideal
rgb(i) = mark_rgb(about(i, 'model'), about(i, 'valid'))

do for [p = 1:panels] {
    left = margin + (p - 1) % columns * (column_width + gap)
    top = head + (p - 1) / columns * panel_height
    right = left + column_width
    x_lo = value('panel_x_lo_'.p)
    x_hi = value('panel_x_hi_'.p)
    eval panel(left + tic_width, top + title_height, right - text_width, \
        top + title_height + plot_height)
    eval x_axis(x_lo, x_hi, right - text_width - left - tic_width)
    eval log_axis('y', value('panel_y_lo_'.p), value('panel_y_hi_'.p), y_kind, plot_height)
    set grid xtics ytics
    set border 3
    set xlabel x_title font small_font tc rgb soft_ink offset 0, 0.4
    set label 1 bold(value('panel_title_'.p)) at screen px(left), py(top + 16) left \
        font panel_font tc rgb ink
    set label 2 y_title at screen px(left + 6), py(top + title_height + plot_height / 2) \
        center rotate font small_font tc rgb soft_ink
    plot for [i = 1:curves] table index i - 1 using (shown(i, 0) ? column('x') : NaN):'y' \
            with lines lw thick dt model_dash(about(i, 'model')) lc rgb rgb(i), \
        for [i = 1:curves] table index i - 1 \
            using (points && shown(i, 0) ? column('x') : NaN):'y':'low':'high' \
            with yerrorbars pt model_point(about(i, 'model'), about(i, 'valid')) ps 0.8 * mark_size \
            lw thin lc rgb rgb(i), \
        for [i = 1:curves] table index i - 1 \
            using (!ideal_steps && shown(i, 1) ? column('x') : NaN):'y' \
            with lines lw normal dt dots lc rgb ideal_ink, \
        for [i = 1:curves] table index i - 1 \
            using (ideal_steps && shown(i, 1) ? column('x') : NaN):'y' \
            with steps lw normal dt dots lc rgb ideal_ink, \
        labels using (here('x')):'y':(x_hi - column('x')):(column('at') - column('y')) \
            with vectors nohead lw thin lc rgb faint_ink, \
        labels using (here('panel') > 0 ? x_hi : NaN):'at':(strcol('text')):(mark('model')) \
            with labels left offset 0.8, 0 font text_font tc rgb variable noenhanced
    unset label
}
unset multiplot
