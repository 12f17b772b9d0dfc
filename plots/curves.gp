# The form "curves": panels with a line for each model, named at its end, two panels side by side. An
# axis of percentiles has ideals that are staircases, what theory knows at a few places only, and
# lines of so many points that none is marked.

load data.'.gp'

columns = panels > 1 ? 2 : 1
lines = ceil(panels / real(columns))
title_height = 28
axis_height = 52
panel_height = title_height + plot_height + axis_height
body_height = lines * panel_height
gap = 20

load share.'/style.gp'

tic_width = 72
text_width = 132
percentiles = x_kind eq 'percentile'
label_at = linear ? 'at_linear' : 'at'
x_axis(lo, hi, length) = percentiles ? percentile_axis(hi) : \
    any_axis('x', x_linear, lo, hi, x_kind, length)
table = data.'-curves.dat'
labels = data.'-labels.dat'
mark(name) = column('alarm') > 0 ? alarm_rgb : strcol(name) eq '-' ? 0x1a1a1a : \
    mark_rgb(strcol(name), column('valid'))
about(i, name) = value('curve_'.name.'_'.i)
# What plots each of the panel's curves of a kind so: its index is i.
each(kind, how) = (list = '', sum [k = 1:curves] (about(k, 'panel') == p && about(k, 'kind') == kind \
    ? (list = list.sprintf('for [i = %d:%d] table index i - 1 using ', k, k).how.', ', 1) : 0), list)
rgb(i) = pale(mark_rgb(about(i, 'model'), about(i, 'valid')), about(i, 'pale'))
dash(i) = about(i, 'dash') > 0 ? about(i, 'dash') : model_dash(about(i, 'model'))
point_rgb(i) = column('valid') > 0 ? rgb(i) : invalid_rgb
theory_rgb(i) = theory_black ? 0x1a1a1a : rgb(i)
point_size(i) = (about(i, 'points') > 12 ? 0.5 : 0.8) * mark_size
measured = 0; ideal = 1; theory = 2

# ---- Marks and notes -----------------------------------------------------------------------------

# A mark's text is right of its line, in a row above the data: the leftmost on top, so that no line
# meets a text.
mark_row(m) = sum [k = 1:marks] (value('mark_panel_'.k) == value('mark_panel_'.m) \
    && (value('mark_at_'.k) < value('mark_at_'.m) \
        || (value('mark_at_'.k) == value('mark_at_'.m) && k < m)))
row_at(row) = 1 - (row + 0.5) * mark_height / plot_height
put_marks = "\
    do for [m = 1:marks] { \
        if (value('mark_panel_'.m) == p) { \
            place = value('mark_at_'.m); \
            text_at = row_at(mark_row(m)); \
            mark_ink = value('mark_alarm_'.m) > 0 ? alarm_ink : soft_ink; \
            if (value('mark_high_'.m) > value('mark_low_'.m)) { \
                set object 100 + m rectangle from value('mark_low_'.m), graph 0 \
                    to value('mark_high_'.m), graph row_at(rows_above - 0.5) \
                    fs solid noborder fc rgb '#f7dcdc' behind \
            }; \
            set arrow 100 + m from place, graph 0 to place, graph text_at nohead lw normal \
                lc rgb mark_ink front; \
            set label 100 + m value('mark_text_'.m) at place, graph text_at left offset 0.5, 0 \
                font small_font tc rgb mark_ink front \
        } \
    }; \
    do for [m = 1:bounds] { \
        if (value('bound_panel_'.m) == p) { \
            set arrow 300 + m from graph 0, first value('bound_at_'.m) \
                to graph 1, first value('bound_at_'.m) nohead lw normal dt 2 lc rgb alarm_ink front \
        } \
    }"
put_notes = "\
    do for [n = 1:notes] { \
        if (value('note_panel_'.n) == p) { \
            set label 200 + n value('note_text_'.n) \
                at graph 0.015, graph row_at(value('note_row_'.n)) left \
                font small_font tc rgb model_rgb(value('note_model_'.n)) front \
        } \
    }"

# ---- Panels --------------------------------------------------------------------------------------

do for [p = 1:panels] {
    left = panel_left(p)
    top = panel_top(p)
    right = left + column_width
    x_lo = value('panel_x_lo_'.p)
    x_hi = value('panel_x_hi_'.p)
    eval panel(left + tic_width, top + title_height, right - text_width, \
        top + title_height + plot_height)
    eval x_axis(x_lo, x_hi, right - text_width - left - tic_width)
    eval value_axis('y', value('panel_y_lo_'.p), value((linear ? 'panel_linear_hi_' : 'panel_y_hi_').p), \
        (exists('panel_y_kind_'.p) ? value('panel_y_kind_'.p) : y_kind), plot_height)
    set grid xtics ytics
    set border 3
    set xlabel x_title font small_font tc rgb soft_ink offset 0, 0.4
    set label 1 bold(value('panel_title_'.p)) at screen px(left), py(top + 16) left \
        font panel_font tc rgb ink
    set label 2 (exists('panel_y_title_'.p) ? value('panel_y_title_'.p) : y_title).scale_name \
        at screen px(left + 6), py(top + title_height + plot_height / 2) \
        center rotate font small_font tc rgb soft_ink
    rows_above = value('panel_rows_'.p)
    eval put_marks
    eval put_notes
    eval 'plot '.each(measured, "'x':'y' with lines lw thick dt dash(i) lc rgb rgb(i)") \
        .(percentiles ? each(ideal, "'x':'y' with steps lw normal dt dots lc rgb ideal_ink") \
            : each(measured, "'x':'y':'low':'high':(point_rgb(i)) with yerrorbars pt 0 lw thin lc rgb variable") \
            .each(measured, "'x':'y':(model_point(about(i, 'model'), column('valid'))):(point_rgb(i)) \
                with points ps point_size(i) pt variable lc rgb variable") \
            .each(ideal, "'x':'y' with lines lw normal dt dots lc rgb ideal_ink") \
            .each(theory, "'x':'y' with lines lw thin lc rgb theory_rgb(i)")) \
        .each(theory, "(percentiles || about(i, 'points') == 1 ? column('x') : NaN):'y' \
            with points pt 1 ps 0.6 * mark_size lw thin lc rgb theory_rgb(i)") \
        .each(measured, "(strcol('hover') eq '-' ? NaN : hover(column('x'))):'y':(strcol('hover')) ".hovering." clear(rgb(i))") \
        ."labels using (here('x')):'y':(x_hi - column('x')): \
            (column(label_at) - column('y')) with vectors nohead lw thin lc rgb faint_ink, \
        labels using (here('panel') > 0 ? x_hi : NaN):(column(label_at)):(strcol('text')):(mark('model')) \
            with labels left offset 0.8, 0 font text_font tc rgb variable noenhanced"
    unset label
    unset arrow
    unset object
}
unset multiplot
