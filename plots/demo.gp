# Demos: what main, its tasks and the loop did when. One panel for one demo, or several side by side,
# each as wide as it took: a second has the same length in all of them.

load data.'.gp'

row_height = 22
bar = 18.0 / row_height
beat_gap = 6
beat_height = 16
legend_height = 34
header_height = panels > 1 ? 46 + 15 * caption_lines : 0
body_height = legend_height + header_height + rows * row_height + beat_gap + beat_height + 40

load share.'/style.gp'

spans_table = data.'-spans.dat'
marks_table = data.'-marks.dat'
beats_table = data.'-beats.dat'
unit = unit_of(longest_s, 1.5)

holding_rgb = 0x404040
kind_rgb(kind) = kind == 0 ? 0xd9d9d9 : kind == 1 ? pale(rgb, 0.6) : kind == 2 ? rgb : holding_rgb
text_rgb(kind) = kind < 2 ? 0x1a1a1a : 0xffffff

# About how wide a text is in the tiny font, to know where it fits.
text_width(text) = 6.0 * strlen(text) + 4
middle(from, to) = 0.5 * (column(from) + column(to)) * unit
fits(from, to) = column('panel') == p \
    && text_width(strcol('label')) * per_pixel < (column(to) - column(from)) * unit
# The end of a bar, with a gap to the next one where the bar is long enough.
trimmed(from, to) = column(to) * unit \
    - ((column(to) - column(from)) * unit > 4 * per_pixel ? per_pixel : 0)
# Of a mark: is there room for its text right of it, into the gap beside the panel (1), or left (-1)?
# 0: it is in another panel.
room(at) = column('panel') != p ? 0 : \
    column(at) * unit + (text_width(strcol('label')) + 10) * per_pixel < end + 12 * per_pixel ? 1 : -1
# A bar that is long enough to be spoken of, where its own text has no room.
shown(from, to) = (column(to) - column(from)) * unit > 0.2 * end
# Off the axis: gnuplot 5.4 crashes on labels of which every x is NaN.
nowhere = -1e9

# ---- Legend --------------------------------------------------------------------------------------

eval panel(0, 0, page_width, page_height)
unset border
unset tics
y = head + 4
rgb = model_rgb(panel_model_1)
eval swatch(margin, y, kind_rgb(0)); eval legend_text(1, margin + 33, y, 'not started')
eval swatch(margin + 124, y, kind_rgb(1)); eval legend_text(2, margin + 157, y, 'suspended')
eval swatch(margin + 246, y, kind_rgb(2))
eval legend_text(3, margin + 279, y, 'at work, in steps or a thread')
eval swatch(margin + 474, y, kind_rgb(3)); eval legend_text(4, margin + 507, y, 'holds the loop')
eval legend_beats(margin + 618, y); eval legend_text(5, margin + 651, y, 'the loop beats')
eval swatch(margin + 759, y, alarm_rgb)
eval legend_text(6, margin + 792, y, 'the beat is over 2 ms late')
plot [0:1][0:1] -1
unset label
unset arrow
unset object

# ---- Panels --------------------------------------------------------------------------------------

do for [p = 1:panels] {
    left = value('panel_left_'.p)
    right = value('panel_right_'.p)
    top = head + legend_height + header_height
    bottom = top + rows * row_height
    beat_top = bottom + beat_gap
    beat_bottom = beat_top + beat_height
    end = value('panel_end_'.p) * unit
    per_pixel = end / (right - left)
    rgb = model_rgb(value('panel_model_'.p))

    # The time axis, behind all of it.
    eval panel(left, top, right, beat_bottom)
    set border 1 lc rgb faint_ink lw thin
    set xrange [0:end]
    set yrange [0:1]
    set xtics nomirror out scale 0.5 format '%g '.unit_name(unit) textcolor rgb soft_ink \
        font small_font
    if (panels > 1) { set xtics 1e-9, tick_s * unit }
    set grid xtics back lt 1 lc rgb grid_ink lw thin
    if (panels > 1) {
        x = value('panel_text_'.p)
        set label 1 bold(value('panel_name_'.p)) at screen px(x), \
            py(head + legend_height + 8) left font name_font tc rgb rgb
        set label 2 value('panel_measured_'.p) at screen px(x), \
            py(head + legend_height + 28) left font text_font tc rgb ink
        set label 3 value('panel_caption_'.p) at screen px(x), \
            py(head + legend_height + 45) left font small_font tc rgb soft_ink
    }
    plot -1
    unset label
    unset grid
    unset xtics
    unset border

    set yrange [rows + 0.5:0.5]
    eval panel(left, top, right, bottom)
    do for [r = 1:value('panel_rows_'.p)] {
        set label r value('panel_row_'.p.'_'.r) at first 0, first r right offset -0.8, 0 \
            font tiny_font tc rgb (r == 1 ? ink : soft_ink)
    }
    plot spans_table using (0.5 * (here('begin_s') + column('end_s')) * unit):'row': \
            (column('begin_s') * unit):(trimmed('begin_s', 'end_s')): \
            (column('row') - 0.5 * bar):(column('row') + 0.5 * bar):(kind_rgb(column('kind'))) \
            with boxxyerror fs solid noborder lc rgb variable, \
        '' using (fits('begin_s', 'end_s') ? middle('begin_s', 'end_s') : nowhere):'row': \
            (strcol('label')):(text_rgb(column('kind'))) \
            with labels center font tiny_font tc rgb variable noenhanced, \
        marks_table using (column('panel') == p ? column('at_s') * unit : nowhere):'row' \
            with points pt 13 ps 1.1 * mark_size lc rgb ink, \
        '' using (room('at_s') > 0 ? column('at_s') * unit + 10 * per_pixel : nowhere):'row': \
            (strcol('label')) with labels left font tiny_font tc rgb ink noenhanced, \
        '' using (room('at_s') < 0 ? column('at_s') * unit - 10 * per_pixel : nowhere):'row': \
            (strcol('label')) with labels right font tiny_font tc rgb ink noenhanced
    unset label

    eval panel(left, beat_top, right, beat_bottom)
    set yrange [0:1]
    set label 1 'heartbeat' at first 0, graph 0.5 right offset -0.8, 0 font tiny_font \
        tc rgb soft_ink
    plot beats_table using (here('woke_s') * unit):(0):(0):(1) \
            with vectors nohead lw thin lc rgb beat_ink, \
        '' using (column('late') > 0 ? 0.5 * (here('due_s') + column('woke_s')) * unit : NaN):(0.5): \
            (column('due_s') * unit):(column('woke_s') * unit):(0):(1) \
            with boxxyerror fs solid noborder lc rgb alarm_ink, \
        '' using (fits('due_s', 'woke_s') ? middle('due_s', 'woke_s') : nowhere):(0.5): \
            (strcol('label')) with labels center font tiny_font tc rgb 'white' noenhanced, \
        '' using (!fits('due_s', 'woke_s') && room('woke_s') > 0 && shown('due_s', 'woke_s') \
                ? column('woke_s') * unit + 10 * per_pixel : nowhere):(0.5): \
            (strcol('label')) with labels left font tiny_font tc rgb alarm_ink noenhanced
    unset label
}
unset multiplot
