# The form "map": a cell for each point of two axes, in the colour of the model that is best there.

load data.'.gp'

title_height = 34
axis_height = 58
row_height = y_count < 5 ? 58 : y_count < 11 ? 42 : y_count < 21 ? 26 : 18
body_height = title_height + y_count * row_height + axis_height

load share.'/style.gp'

left = margin + 84
widest = 150
right = page_width - margin - left > x_count * widest ? left + x_count * widest : page_width - margin
cell_width = (right - left) / real(x_count)
top = head + title_height
table = data.'-map.dat'
fill(model, tie) = column('known') == 0 ? 0xf0f0f0 : pale(model_rgb(model), tie > 0 ? 0.78 : 0.25)
text_rgb = 0x1a1a1a
with_names = cell_width >= 62 && row_height >= 40
with_numbers = cell_width >= 34 || row_height >= 40
turned = cell_width < 34

# ---- Legend --------------------------------------------------------------------------------------

do for [i = 1:legends] {
    legend_x = left + (i - 1) * 120
    set object i rectangle from screen px(legend_x), screen py(head + 14) \
        to screen px(legend_x + 18), screen py(head + 2) \
        fs solid noborder fc rgb pale(model_rgb(value('legend_'.i)), 0.25)
    set label 10 + i value('legend_'.i) at screen px(legend_x + 25), py(head + 8) left \
        font text_font tc rgb soft_ink
}

# ---- Map -----------------------------------------------------------------------------------------

eval panel(left, top, right, top + y_count * row_height)
set xrange [0.5:x_count + 0.5]
set yrange [0.5:y_count + 0.5]
set border 0
unset tics
unset grid
every_x = ceil(44.0 / cell_width)
every_y = ceil(16.0 / row_height)
bottom = top + y_count * row_height
# Labels, as texts of tics are formats.
do for [i = 1:x_count:every_x] {
    set label value('x_label_'.i) at first i, screen py(bottom + 14) center \
        font small_font tc rgb soft_ink
}
do for [i = 1:y_count:every_y] {
    set label value('y_label_'.i) at screen px(left - 8), first i right \
        font small_font tc rgb soft_ink
}
set label x_title at screen px((left + right) / 2.0), py(bottom + 36) center \
    font small_font tc rgb soft_ink
set label y_title at screen px(margin + 6), py(top + y_count * row_height / 2.0) center rotate \
    font small_font tc rgb soft_ink
plot table using 'column':'row':(0.5 - 1 / cell_width):(0.5 - 1.0 / row_height): \
        (fill(strcol('model'), column('tie'))) with boxxyerror fs solid noborder lc rgb variable, \
    '' using (with_names ? column('column') : NaN):(column('row') + 8.0 / row_height): \
        (strcol('name')) with labels font text_font tc rgb text_rgb noenhanced, \
    '' using (with_names ? column('column') : NaN):(column('row') - 8.0 / row_height): \
        (strcol('text')) with labels font text_font tc rgb text_rgb noenhanced, \
    '' using (!with_names && with_numbers && !turned ? column('column') : NaN):'row': \
        (strcol('text')) with labels font tiny_font tc rgb text_rgb noenhanced, \
    '' using (!with_names && with_numbers && turned ? column('column') : NaN):'row': \
        (strcol('text')) with labels rotate font tiny_font tc rgb text_rgb noenhanced, \
    '' using (hover(column('column'))):'row':(strcol('hover')) @hovering clear(0)
unset multiplot
