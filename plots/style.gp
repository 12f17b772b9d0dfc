# The one place for how charts look: page, fonts, line widths, the colour of each model.
#
# A script sets body_height (pixels between headings and footer) and loads this file, which opens
# the page and draws the headings. Positions are pixels from the top left corner: px() and py().
# Scripts with a grid of panels set columns, gap and panel_height before, too.

set encoding utf8
set datafile separator "\t"
set datafile columnheaders

# ---- Page ----------------------------------------------------------------------------------------

page_width = 1000
margin = 24
title_line = 23
subtitle_line = 17
head = 22 + title_line * title_lines + subtitle_line * subtitle_lines + 14
page_height = head + body_height + 34

mark_size = 1
linear = format eq 'linear.svg' # axes of values are linear then, from 0
if (format ne 'png') {
    # A list of fonts: the reader's machine may not have the first one; Verdana has the same widths.
    set terminal svg size page_width, page_height enhanced background 'white' \
        font 'DejaVu Sans, Verdana, sans-serif,12' linewidth 1 rounded
} else {
    # Twice the size, for sharp screens.
    if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) {
        set terminal pngcairo size 2 * page_width, 2 * page_height enhanced \
            background '#ffffff' font 'DejaVu Sans,12' fontscale 1.5 linewidth 2 pointscale 3 \
            rounded
    } else {
        set terminal png truecolor size 2 * page_width, 2 * page_height enhanced \
            background '#ffffff' font 'DejaVu Sans,12' fontscale 1.5 linewidth 2
        mark_size = 3 # this one has no pointscale
    }
}
set output picture

px(x) = x / real(page_width)
py(y) = 1 - y / real(page_height)

# Places the next plot: its axes' rectangle, in pixels.
panel(left, top, right, bottom) = \
    sprintf('set lmargin at screen %f; set rmargin at screen %f; ', px(left), px(right)) \
    .sprintf('set tmargin at screen %f; set bmargin at screen %f', py(top), py(bottom))

# The corner of panel p of a grid, and the columns' width.
column_width = exists('columns') ? (page_width - 2 * margin - (columns - 1) * gap) / columns : NaN
panel_left(p) = margin + (p - 1) % columns * (column_width + gap)
panel_top(p) = head + (p - 1) / columns * panel_height

# A column of a table that holds all panels: NaN in the rows of panels other than p.
here(name) = column('panel') == p ? column(name) : NaN

# What a mark says when it is pointed at: plot ... using (hover(x)):y:(strcol('hover')) @hovering clear(rgb).
# The mark of this plot is not seen. tva makes titles of such texts; without it there are none.
hover(x) = exists('hovers') && format ne 'png' ? x : NaN
hovering = "with labels hypertext point pt 7 ps 1.6 lc rgb"
clear(rgb) = rgb - 0x1000000 # with an alpha of 255, in 32 bits
# A column that is NaN would leave the whole mark out.
told(name) = strcol(name) eq 'NaN' ? '' : sprintf(', %s %s', name, duration(column(name)))
duration(s) = s < 1e-6 ? sprintf('%.3g ns', s * 1e9) : s < 1e-3 ? sprintf('%.3g us', s * 1e6) : \
    s < 1 ? sprintf('%.3g ms', s * 1e3) : sprintf('%.3g s', s)

# ---- Fonts and inks ------------------------------------------------------------------------------

title_font = ',17'
panel_font = ',12'
text_font = ',11'
small_font = ',10'
tiny_font = ',9'
name_font = ',14'

ink = '#1a1a1a'
soft_ink = '#5a5a5a'
faint_ink = '#b8b8b8'
grid_ink = '#e6e6e6'
alarm_ink = '#c62828'
alarm_rgb = 0xc62828
invalid_rgb = 0x999999

# Enhanced text ends a font at the end of the line, so each of two lines names it.
bold(text) = (cut = strstrt(text, "\n"), cut == 0 ? '{/:Bold '.text.'}' : \
    '{/:Bold '.text[1:cut - 1]."}\n{/:Bold ".text[cut + 1:*].'}')

# ---- Models --------------------------------------------------------------------------------------

# Wong's palette, safe for colour-blind readers (Nature Methods 8, 441, 2011), whose black is the
# ideal's; then three of Tol's muted scheme. A model that is not named here gets one of the colours left,
# always the same one for the same name.
letters = 'abcdefghijklmnopqrstuvwxyz'
other(model, n) = (strlen(model) + strstrt(letters, model[1:1])) % n
other_rgb(k) = k == 0 ? 0x555555 : k == 1 ? 0x8a6d3b : 0x6b4c9a
model_rgb(model) = \
    model eq 'sequential' ? 0x0072b2 : \
    model eq 'tasks'      ? 0x009e73 : \
    model eq 'pool'       ? 0xd55e00 : \
    model eq 'blocking'   ? 0xcc79a7 : \
    model eq 'threads'    ? 0xe69f00 : \
    model eq 'offload'    ? 0x56b4e9 : \
    model eq 'loops'      ? 0x882255 : \
    model eq 'uring'      ? 0x332288 : \
    model eq 'loops-uring' ? 0x999933 : other_rgb(other(model, 3))

# Filled and hollow point types: circle, square, triangle, diamond, triangle downwards, pentagon; of
# star and cross there is one each.
model_shape(model) = \
    model eq 'sequential' ? 0 : \
    model eq 'tasks'      ? 1 : \
    model eq 'pool'       ? 2 : \
    model eq 'blocking'   ? 3 : \
    model eq 'threads'    ? 4 : \
    model eq 'loops'      ? 6 : \
    model eq 'loops-uring' ? 6 : \
    model eq 'uring'      ? 3 : 5
filled(shape) = shape == 0 ? 7 : shape == 1 ? 5 : shape == 2 ? 9 : shape == 3 ? 13 : \
    shape == 4 ? 11 : shape == 6 ? 3 : 15
model_point(model, valid) = filled(model_shape(model)) - (valid > 0 ? 0 : 1)
model_dash(model) = \
    model eq 'sequential' ? 1 : \
    model eq 'tasks'      ? 1 : \
    model eq 'pool'       ? 5 : \
    model eq 'blocking'   ? 2 : \
    model eq 'loops'      ? 1 : \
    model eq 'uring'      ? 2 : \
    model eq 'loops-uring' ? 2 : \
    model eq 'threads'    ? 3 : 4
mark_rgb(model, valid) = valid > 0 ? model_rgb(model) : invalid_rgb

# A colour mixed with white: share 0 is the colour, 1 is white.
mix(channel, share) = int(channel + (255 - channel) * share)
pale(rgb, share) = 65536 * mix(rgb / 65536, share) + 256 * mix(rgb / 256 % 256, share) \
    + mix(rgb % 256, share)

# ---- Time lines and legends ----------------------------------------------------------------------

# Times are drawn in the unit of the axis; seconds begin at `whole`.
unit_of(span, whole) = span < 5e-3 ? 1e6 : span < whole ? 1e3 : 1
unit_name(unit) = unit == 1e6 ? 'us' : unit == 1e3 ? 'ms' : 's'
beat_ink = '#6b6b6b'

# Use: eval swatch(x, y, 0x009e73); eval legend_text(1, x + 34, y, 'it runs'); eval legend_beats(x, y)
swatch(x, y, rgb) = \
    sprintf('set object rectangle from screen %f, screen %f ', px(x), py(y + 5)) \
    .sprintf('to screen %f, screen %f ', px(x + 26), py(y - 5)) \
    .sprintf('fs solid noborder fc rgb %d', rgb)
legend_text(tag, x, y, text) = sprintf( \
    'set label %d "%s" at screen %f, screen %f left font "%s" tc rgb "%s"', \
    tag, text, px(x), py(y), text_font, soft_ink)
legend_beats(x, y) = sprintf( \
    'do for [i = 0:6] { set arrow from screen px(%d + 4 * i), screen py(%d + 5) ', x, y) \
    .sprintf('to screen px(%d + 4 * i), screen py(%d - 5) nohead lw thin lc rgb beat_ink }', x, y)

# ---- Lines ---------------------------------------------------------------------------------------

thin = 0.8
normal = 1.5
thick = 2.2
ideal_ink = '#1a1a1a'
dots = 3

# ---- Axes ----------------------------------------------------------------------------------------

size_name(e) = \
    e < 10 ? sprintf('%g B', 2.0 ** e) : \
    e < 20 ? sprintf('%g KiB', 2.0 ** (e - 10)) : \
    e < 30 ? sprintf('%g MiB', 2.0 ** (e - 20)) : sprintf('%g GiB', 2.0 ** (e - 30))

# Labels of a logarithmic axis. Wide ones are for ranges of many decades and name those alone;
# narrow ones name 2 and 5 as well. Level 1 are the small marks between.
tic(label, value, level) = sprintf('"%s" %.9g %d, ', label, value, level)
time_wide = ''; time_narrow = ''
count_wide = ''; count_narrow = ''
share_wide = ''; share_narrow = ''
size_wide = ''; size_narrow = ''; size_fine = ''
time_label(v) = \
    v < 0.9e-6 ? sprintf('%g ns', v * 1e9) : v < 0.9e-3 ? sprintf('%g us', v * 1e6) : \
    v < 0.9 ? sprintf('%g ms', v * 1e3) : sprintf('%g s', v)
count_label(v) = \
    v < 0.9e3 ? sprintf('%g', v) : v < 0.9e6 ? sprintf('%gk', v / 1e3) : \
    v < 0.9e9 ? sprintf('%gM', v / 1e6) : sprintf('%gG', v / 1e9)
do for [e = -9:9] {
    do for [m = 1:9] {
        at = m * 10.0 ** e
        named = m == 1 || m == 2 || m == 5
        time_wide = time_wide.(m == 1 ? tic(time_label(at), at, 0) : tic('', at, 1))
        time_narrow = time_narrow.(named ? tic(time_label(at), at, 0) : tic('', at, 1))
        count_wide = count_wide.(m == 1 ? tic(count_label(at), at, 0) : tic('', at, 1))
        share_wide = share_wide.(m == 1 ? tic(sprintf('%g%%%%', 100 * at), at, 0) : tic('', at, 1))
        share_narrow = share_narrow \
            .(named ? tic(sprintf('%g%%%%', 100 * at), at, 0) : tic('', at, 1))
        count_narrow = count_narrow.(named ? tic(count_label(at), at, 0) : tic('', at, 1))
    }
}
do for [e = 0:40] {
    at = 2.0 ** e
    size_fine = size_fine.tic(size_name(e), at, 0)
    size_wide = size_wide.(e % 4 == 2 ? tic(size_name(e), at, 0) : tic('', at, 1))
    size_narrow = size_narrow.(e % 2 == 0 ? tic(size_name(e), at, 0) : tic('', at, 1))
}
# The kinds of axes: time (s), count, size (bytes), share (1 is 100%). Which labels there is room for depends on the
# pixels of a decade.
decades(lo, hi) = log10(hi / real(lo))
label_room(axis) = axis eq 'x' ? 46 : 20
density(kind, room) = kind eq 'size' \
    ? (room > 3.4 ? 'size_fine' : room > 1.7 ? 'size_narrow' : 'size_wide') \
    : kind.(room > 3 ? '_narrow' : '_wide')

# Use: eval log_axis('x', lo, hi, 'time', 300)
log_axis(axis, lo, hi, kind, length) = \
    sprintf('set logscale %s; set %srange [%.9g:%.9g]; ', axis, axis, lo, hi) \
    .sprintf('set %stics nomirror (%s)', axis, \
        value(density(kind, length / label_room(axis) / decades(lo, hi))))

# Labels of a linear axis from lo to hi (kind 'none': grid alone): at 1, 2 or 5 times a power of ten, about `room` pixels apart.
kind_label(kind, v) = kind eq 'none' ? '' : abs(v) < 1e-12 ? '0' : kind eq 'time' ? time_label(v) : \
    kind eq 'share' ? sprintf('%.4g%%%%', 100 * v) : kind eq 'size' ? size_name(log(v) / log(2)) : count_label(v)
magnitude(v) = 10.0 ** floor(log10(v) + 1e-9)
round_step(v) = (m = magnitude(v), v / m <= 1 ? m : v / m <= 2 ? 2 * m : v / m <= 5 ? 5 * m : 10 * m)
tics_from(v, hi, step, kind) = v > hi ? '' : \
    tic(kind_label(kind, v), v, 0).tics_from(v + step, hi, step, kind)

# Use: eval lin_axis('x', 0, 0.1, 'share', 300)
size_unit(kind, hi) = kind eq 'size' ? 1024.0 ** floor(log(hi) / log(1024)) : 1
lin_axis(axis, lo, hi, kind, length) = (tic_unit = size_unit(kind, hi), \
    step = tic_unit * round_step((hi - lo) / tic_unit * label_room(axis) * 1.2 / length), \
    sprintf('set %srange [%.9g:%.9g]; set %stics nomirror (', axis, lo, hi, axis) \
    .tics_from(step * ceil(lo / step - 1e-9), hi, step, kind).')')

# An axis of either sort: linear is 0 or 1.
any_axis(axis, lin, lo, hi, kind, length) = lin \
    ? sprintf('unset logscale %s; ', axis).lin_axis(axis, lo, hi, kind, length) \
    : log_axis(axis, lo, hi, kind, length)

# An axis of values: logarithmic from lo, or linear from 0; and the end of its title.
value_axis(axis, lo, hi, kind, length) = any_axis(axis, linear, linear ? 0 : lo, hi, kind, length)
scale_name = linear ? '' : ', log scale'

# HdrHistogram's axis of percentiles: x is 1 / (1 - p), so a decade further right is ten times rarer.
percentile_axis(hi) = sprintf('set logscale x; set xrange [1:%.9g]; set xtics nomirror ', hi) \
    .'("0%%" 1, "50%%" 2, "90%%" 10, "99%%" 100, "99.9%%" 1000, "99.99%%" 1e4, "99.999%%" 1e5)'

# ---- Headings ------------------------------------------------------------------------------------

set multiplot
unset key
unset border
unset tics
eval panel(0, 0, page_width, page_height)
set label 1 bold(title) at screen px(margin), py(30) left font title_font tc rgb ink
set label 2 subtitle at screen px(margin), py(30 + title_line * title_lines) left \
    font text_font tc rgb soft_ink
set label 3 footer at screen px(margin), py(page_height - 14) left font tiny_font tc rgb '#808080'
plot [0:1][0:1] -1
unset label
set border 3 lc rgb faint_ink lw thin
set_tics = 'set tics nomirror out scale 0.6, 0.3 textcolor rgb soft_ink font small_font'
eval set_tics
set grid noxtics noytics lc rgb grid_ink lw thin lt 1
