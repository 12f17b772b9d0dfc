# Ratios of two results: a row for each cell, a panel for each metric, dots with intervals.

load data.'.gp'

row_height = 17
title_height = 28
axis_height = 46
body_height = title_height + rows * row_height + axis_height

load share.'/style.gp'

label_width = 290
gap = 14
panel_width = (page_width - 2 * margin - label_width - (panels - 1) * gap) / real(panels)
top = head + title_height
bottom = top + rows * row_height
table = data.'-ratios.dat'
labels = data.'-labels.dat'

# By verdict: 0 cannot tell, 1 no difference, 2 better, 3 worse.
verdict_rgb(v) = v == 3 ? alarm_rgb : v == 2 ? 0x0072b2 : v == 1 ? 0x5a5a5a : 0xa0a0a0
verdict_point(v, up) = v >= 2 ? (up > 0 ? 9 : 11) : v == 1 ? 7 : 6

# Labels either way of 1 alike; the wider the axis, the coarser.
ratio_tics(hi) = '"1" 1, '.( \
    hi < 1.2 ? '"0.9" 0.9, "1.1" 1.1' : hi < 1.6 ? '"0.8" 0.8, "1.25" 1.25' : \
    hi < 2.6 ? '"0.67" 0.6667, "1.5" 1.5' : hi < 6 ? '"0.5" 0.5, "2" 2' : \
    hi < 14 ? '"0.2" 0.2, "5" 5' : hi < 150 ? '"0.1" 0.1, "10" 10' : '"0.01" 0.01, "100" 100')

do for [p = 1:panels] {
    left = margin + label_width + (p - 1) * (panel_width + gap)
    hi = value('panel_hi_'.p)
    eval panel(left, top, left + panel_width, bottom)
    set logscale x
    set xrange [1 / hi:hi]
    eval 'set xtics nomirror ('.ratio_tics(hi).')'
    set grid xtics
    set yrange [rows + 0.5:0.5]
    unset ytics
    set border 1
    set xlabel value('panel_axis_'.p) font small_font tc rgb soft_ink offset 0, 0.4
    set label 1 bold(value('panel_title_'.p)) at screen px(left + panel_width / 2), py(head + 16) \
        center font text_font tc rgb ink
    set object 1 rectangle from 1 / effect, graph 0 to effect, graph 1 fs solid noborder \
        fc rgb '#eeeeee' behind
    set arrow 1 from 1, graph 0 to 1, graph 1 nohead lw thin lc rgb soft_ink back
    plot table using (column('low') > 0 ? here('ratio') : NaN):'row':'low':'high':(verdict_rgb(column('verdict'))) \
            with xerrorbars pt 0 lw normal lc rgb variable, \
        '' using (here('ratio')):'row':(verdict_point(column('verdict'), column('up'))): \
            (verdict_rgb(column('verdict'))) \
            with points ps 0.8 * mark_size pt variable lc rgb variable, \
        '' using (hover(here('ratio'))):'row':(sprintf('%.3g times', column('ratio')) \
            .(strcol('low') eq 'NaN' || strcol('high') eq 'NaN' ? '' \
            : sprintf(' (95%% interval %.3g to %.3g)', column('low'), column('high')))) @hovering clear(0), \
        labels using (p == 1 ? 1 / hi : NaN):'row':(strcol('label')):(model_rgb(strcol('model'))) \
            with labels right offset -1, 0 font small_font tc rgb variable noenhanced
    unset label
    unset arrow
    unset object
}
unset multiplot
