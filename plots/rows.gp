# The form "rows": panels with a row for each model, two panels side by side.

load data.'.gp'

columns = panels > 1 ? 2 : 1
lines = ceil(panels / real(columns))
row_height = 24
title_height = 26
axis_height = 38
panel_height = title_height + rows * row_height + axis_height
legend_height = legend ? 26 : 0
body_height = legend_height + lines * panel_height + 8
gap = 26

load share.'/style.gp'

label_width = 92
table = data.'-rows.dat'
mark(name) = mark_rgb(strcol(name), column('valid'))

# ---- Legend --------------------------------------------------------------------------------------

# 1: of the median and the longest; 2: of p99 as well.
if (legend) {
    eval panel(0, 0, page_width, page_height)
    unset border
    unset tics
    set xrange [0:page_width]
    set yrange [page_height:0]
    at = margin + label_width
    y = head + 4
    eval legend_text(1, at + 12, y, 'median (p50)')
    eval legend_text(2, at + 164, y, 'the longest of a run, with its interval')
    eval legend_text(3, at + 472, y, 'one beat, 1 ms')
    set arrow 1 from at, y - 7 to at, y + 7 nohead lw thick lc rgb soft_ink
    set arrow 2 from at + 460, y - 7 to at + 460, y + 7 nohead lw normal lc rgb ideal_ink
    if (legend > 1) { eval legend_text(4, at + 618, y, 'p99') }
    plot table every ::0::0 using (at + 141):(y):(at + 129):(at + 153) \
            with xerrorbars pt 7 ps mark_size lw normal lc rgb soft_ink, \
        '' every ::0::0 using (legend > 1 ? at + 604 : NaN):(y) \
            with points pt 6 ps 0.9 * mark_size lw normal lc rgb soft_ink
    unset label
    unset arrow
    eval set_tics
}

# ---- Panels --------------------------------------------------------------------------------------

do for [p = 1:panels] {
    left = panel_left(p)
    top = panel_top(p) + legend_height
    right = left + column_width
    lo = linear ? 0 : value('panel_lo_'.p)
    hi = value('panel_hi_'.p)
    eval panel(left + label_width, top + title_height, right - text_width, \
        top + title_height + rows * row_height)
    eval value_axis('x', lo, hi, value('panel_unit_'.p), right - text_width - left - label_width)
    set grid xtics
    set yrange [rows + 0.5:0.5]
    unset ytics
    set border 1
    unset xlabel
    if (p > panels - columns) {
        set xlabel value('panel_axis_'.p).scale_name font small_font tc rgb soft_ink offset 0, 0.4
    }
    set label 1 bold(value('panel_title_'.p)) at screen px(left), py(top + 16) left \
        font panel_font tc rgb ink
    plot table using (here('ideal')):(column('row') - 0.38):(0):(0.76) \
            with vectors nohead lw thick lc rgb ideal_ink, \
        '' using (here('row') > 0 ? reference : NaN):(column('row') - 0.5):(0):(1) \
            with vectors nohead lw normal lc rgb ideal_ink, \
        '' using (here('p50')):'row':(here('p50')):(here('median')):(mark('model')) \
            with xerrorbars pt 0 lw thin lc rgb variable, \
        '' using (here('p50')):(column('row') - 0.28):(0):(0.56):(mark('model')) \
            with vectors nohead lw thick lc rgb variable, \
        '' using (here('p99')):'row':(mark('model')) with points pt 7 ps 0.9 * mark_size lc rgb 'white', \
        '' using (here('p99')):'row':(mark('model')) \
            with points pt 6 ps 0.9 * mark_size lw normal lc rgb variable, \
        '' using (here('median')):'row':'low':'high':(mark('model')) \
            with xerrorbars pt 0 lw normal lc rgb variable, \
        '' using (here('median')):'row': \
            (model_point(strcol('model'), column('valid'))):(mark('model')) \
            with points ps mark_size pt variable lc rgb variable, \
        '' using (here('row') > 0 ? lo : NaN):'row':(strcol('label')):(mark('model')) \
            with labels right offset -0.8, 0 font text_font tc rgb variable noenhanced, \
        '' using (here('row') > 0 ? hi : NaN):'row':(strcol('text')) \
            with labels left offset 0.8, 0 font text_font tc rgb ink noenhanced, \
        '' using (hover(here('median'))):'row':(strcol('hover')):(clear(mark('model'))) @hovering variable
    unset label
}
unset multiplot
