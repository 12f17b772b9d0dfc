# Latency over time, with the fluid limit's where the document has it, above the loop's lag on the same
# axis, a pair of panels for each model.

load data.'.gp'

columns = panels > 2 ? 2 : 1
lines = ceil(panels / real(columns))
title_height = 26
plot_height = 120
legend_height = any_fluid ? 48 : 30
lag_gap = 10
lag_height = 44
axis_height = 46
panel_height = title_height + plot_height + lag_gap + lag_height + axis_height
body_height = legend_height + lines * panel_height
gap = 20

load share.'/style.gp'

tic_width = 72
text_width = 78
table = data.'-windows.dat'
middle = "(here('panel') > 0 ? 0.5 * (column('from_s') + column('to_s')) : NaN)"
stalls = "table using (here('stall') > 0 ? 0.5 * (column('from_s') + column('to_s')) : NaN):(band_lo): \
        'from_s':'to_s':(band_lo):(band_hi) with boxxyerror fs solid noborder lc rgb '#f8d9d9'"

# ---- Legend: what there is ------------------------------------------------------------------------

eval panel(0, 0, page_width, page_height)
unset border
unset tics
set xrange [0:page_width]
set yrange [page_height:0]
at = margin + tic_width
y = head + 4
set arrow 1 from at, y to at + 26, y nohead lw thick lc rgb pale(0x6b6b6b, 0.5)
eval legend_text(1, at + 34, y, 'p50')
eval legend_text(2, at + 124, y, 'the longest of a window')
if (any_p99) {
    set arrow 2 from at + 320, y to at + 346, y nohead lw thick lc rgb 0x6b6b6b
    eval legend_text(3, at + 354, y, 'p99')
}
if (any_stall) {
    eval swatch(at + 420, y, 0xf8d9d9)
    eval legend_text(4, at + 454, y, "the loop's worst stalls: late by half of its longest lag or more")
}
if (any_fluid) {
    set arrow 3 from at, y + 18 to at + 26, y + 18 nohead lw thin lc rgb ink
    eval legend_text(5, at + 34, y + 18, 'theory: the latency of a job that is wanted then, as a fluid, without the luck of the draw')
}
plot table every ::0::0 using (at + 103):(y) with points pt 7 ps 0.35 * mark_size lc rgb 0x6b6b6b
unset label
unset arrow
unset object
eval set_tics

# ---- Panels --------------------------------------------------------------------------------------

do for [p = 1:panels] {
    left = panel_left(p)
    top = panel_top(p) + legend_height
    right = left + column_width
    plot_top = top + title_height
    lag_top = plot_top + plot_height + lag_gap
    rgb = mark_rgb(value('panel_model_'.p), value('panel_valid_'.p))

    eval panel(left + tic_width, plot_top, right - text_width, plot_top + plot_height)
    eval lin_axis('x', 0, end_s, 'none', right - text_width - left - tic_width)
    set xtics scale 0
    set yrange [y_lo:y_hi] # before, since one with 0 in it cannot become logarithmic
    eval value_axis('y', y_lo, y_hi, 'time', plot_height)
    set grid xtics ytics
    set border 2
    set label 1 bold(value('panel_title_'.p)) at screen px(left), py(top + 14) left \
        font panel_font tc rgb rgb
    set label 2 'latency'.scale_name at screen px(left + 6), py(plot_top + plot_height / 2) \
        center rotate font tiny_font tc rgb soft_ink
    band_lo = linear ? 0 : y_lo; band_hi = y_hi
    eval 'plot '.stalls.", \
        table using ".middle.":'p50' with linespoints lw thick pt 7 ps 0.3 * mark_size lc rgb pale(rgb, 0.5), \
        '' using ".middle.":'p99' with linespoints lw thick pt 7 ps 0.3 * mark_size lc rgb rgb, \
        '' using ".middle.":'max' with lines lw thin lc rgb pale(rgb, 0.4), \
        '' using ".middle.":'max' with points pt 7 ps 0.35 * mark_size lc rgb rgb, \
        '' using ".middle.":'fluid' with lines lw thin lc rgb ink, \
        '' using (hover(".middle.")):'max':(strcol('label').sprintf(', %.3g s to %.3g s', column('from_s'), \
            column('to_s')).told('p50').told('p99').told('max').told('lag') \
            .(value('panel_valid_'.p) > 0 ? '' : '; invalid')) ".hovering." clear(rgb)"
    unset label

    eval panel(left + tic_width, lag_top, right - text_width, lag_top + lag_height)
    unset logscale y
    eval lin_axis('x', 0, end_s, 'time', right - text_width - left - tic_width)
    set xtics scale 0.6
    eval lin_axis('y', 0, value('panel_lag_hi_'.p), 'time', lag_height)
    set border 3
    set xlabel 'time in the run' font small_font tc rgb soft_ink offset 0, 0.4
    set label 1 'lag' at screen px(left + 6), py(lag_top + lag_height / 2) \
        center rotate font tiny_font tc rgb soft_ink
    set label 2 value('panel_lag_'.p) at graph 1, graph 0.5 left offset 0.8, 0 \
        font small_font tc rgb soft_ink
    band_lo = 0; band_hi = value('panel_lag_hi_'.p)
    eval 'plot '.stalls.", \
        table using (0.5 * (column('from_s') + column('to_s'))):(0.5 * here('lag')): \
            'from_s':'to_s':(0):'lag' with boxxyerror fs solid noborder lc rgb 0x6b6b6b"
    unset label
    unset xlabel
}
unset multiplot
