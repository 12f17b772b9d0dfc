# Timeline: a panel for each model on one time axis; a row is a job, pale while it waits for its
# turn and solid while it runs; under it the heartbeat of the event loop. What is over too soon to
# be seen is magnified.

load data.'.gp'

# A whole number of pixels for a row, one of them the gap to the next where there are three or more.
row_height = jobs < 8 ? 14 : jobs < 112 ? int(112.0 / jobs + 0.5) : 1
gantt_height = jobs * row_height
bar = row_height > 2 ? (row_height - 1.0) / row_height : 1
hover_every = int(ceil(8.0 / row_height)) # job, so that marks do not cover each other
beat_gap = 7
beat_height = 16
panel_gap = 22
panel_height = gantt_height + beat_gap + beat_height + panel_gap
legend_height = 36
body_height = legend_height + panels * panel_height + 26

load share.'/style.gp'

left = margin + 150
right = page_width - margin - 14
jobs_table = data.'-jobs.dat'
beats_table = data.'-beats.dat'
unit = unit_of(end_s, 5)
end = end_s * unit * 1.01

# The middle of a box and its sides, for boxxyerror.
draw_jobs = "jobs_table using (0.5 * (here('intended_s') + column('started_s')) * unit):'row': \
        (column('intended_s') * unit):(column('started_s') * unit): \
        (column('row') - 0.5):(column('row') - 0.5 + bar) \
        with boxxyerror fs solid noborder lc rgb pale(rgb, 0.8), \
    '' using (0.5 * (here('started_s') + column('finished_s')) * unit):'row': \
        (column('started_s') * unit):(column('finished_s') * unit): \
        (column('row') - 0.5):(column('row') - 0.5 + bar) \
        with boxxyerror fs solid noborder lc rgb rgb, \
    '' using (int(column('row')) % hover_every > 0 ? NaN : hover(0.5 * (here('started_s') + column('finished_s')) * unit)):'row': \
        (sprintf('job %d: waited %s, ran %s', column('row'), duration(column('started_s') - column('intended_s')), \
        duration(column('finished_s') - column('started_s')))) ".hovering." clear(rgb)"
draw_beats = "beats_table using (here('woke_s') * unit):(0):(0):(1) \
        with vectors nohead lw thin lc rgb beat_ink, \
    '' using (column('late') > 0 ? 0.5 * (here('due_s') + column('woke_s')) * unit : NaN):(0.5): \
        (column('due_s') * unit):(column('woke_s') * unit):(0):(1) \
        with boxxyerror fs solid noborder lc rgb alarm_ink"

# ---- Legend --------------------------------------------------------------------------------------

eval panel(0, 0, page_width, page_height)
unset border
unset tics
y = head + 4
eval swatch(left, y, 0xd9d9d9); eval legend_text(1, left + 34, y, 'a job waits for its turn')
eval swatch(left + 202, y, 0x6b6b6b); eval legend_text(2, left + 236, y, 'it runs')
eval legend_beats(left + 308, y); eval legend_text(3, left + 342, y, 'the loop beats every 1 ms')
eval swatch(left + 534, y, alarm_rgb); eval legend_text(4, left + 568, y, 'the beat is over 2 ms late')
plot [0:1][0:1] -1
unset label
unset arrow
unset object

# ---- The time axis, behind all panels ------------------------------------------------------------

bottom = head + legend_height + panels * panel_height - panel_gap
eval panel(left, head + legend_height, right, bottom)
set border 1 lc rgb faint_ink lw thin
set xrange [0:end]
set yrange [0:1]
set xtics nomirror out scale 0.5 format '%g '.unit_name(unit) textcolor rgb soft_ink font small_font
set grid xtics back lt 1 lc rgb grid_ink lw thin
set xlabel 'time since the batch was given' font small_font tc rgb soft_ink offset 0, 0.5
plot -1
unset xlabel
unset grid
unset xtics

# ---- Panels --------------------------------------------------------------------------------------

do for [p = 1:panels] {
    top = head + legend_height + (p - 1) * panel_height
    beat_top = top + gantt_height + beat_gap
    beat_bottom = beat_top + beat_height
    rgb = mark_rgb(value('panel_model_'.p), value('panel_valid_'.p))
    done = value('panel_makespan_'.p) * unit
    blocked = value('panel_blocked_'.p) > 0
    due = value('panel_due_'.p) * unit
    woke = value('panel_woke_'.p) * unit
    magnify = done < 0.06 * end && gantt_height >= 70

    set xrange [0:end]
    set yrange [jobs + 0.5:0.5]
    unset border
    eval panel(left, top, right, top + gantt_height)
    set label 1 bold(value('panel_label_'.p)) at screen px(margin), py(top + 10) left \
        font name_font tc rgb rgb
    set label 2 value('panel_done_'.p) at screen px(margin), py(top + 32) left \
        font text_font tc rgb ink
    set label 3 'job 1' at screen px(left - 7), py(top + 5) right font tiny_font tc rgb soft_ink
    if (jobs > 1) {
        set label 4 sprintf('job %d', jobs) at screen px(left - 7), py(top + gantt_height - 5) \
            right font tiny_font tc rgb soft_ink
    }
    # What the bars show, where they leave room for it.
    if (done < 0.7 * end) {
        set label 5 value('panel_overlap_'.p) at first done + 0.012 * end, graph 0.5 left \
            font panel_font tc rgb rgb
    } else { if (value('panel_early_'.p) * unit < 0.6 * end) {
        set label 5 value('panel_overlap_'.p) at graph 0.985, graph 0.84 right \
            font panel_font tc rgb rgb
    } else {
        set label 5 value('panel_overlap_'.p) at screen px(margin), py(top + 52) left \
            font tiny_font tc rgb soft_ink
    } }
    eval 'plot '.draw_jobs
    unset label

    eval panel(left, beat_top, right, beat_bottom)
    set yrange [0:1]
    set label 1 value('panel_lag_'.p) at screen px(left - 7), py(beat_top + 8) right \
        font tiny_font tc rgb (blocked ? alarm_ink : soft_ink)
    if (blocked && woke - due > 0.4 * end) {
        set label 2 bold(value('panel_blocked_text_'.p)) at first 0.5 * (due + woke), graph 0.5 center \
            font small_font tc rgb 'white' front
    }
    eval 'plot '.draw_beats
    unset label

    if (magnify) {
        unit = unit_of(value('panel_makespan_'.p), 5)
        inset_end = value('panel_makespan_'.p) * unit * 1.15
        inset_left = left + 0.44 * (right - left)
        inset_right = right - 18
        set object 1 rectangle from screen px(inset_left - 18), screen py(beat_bottom + 2) \
            to screen px(inset_right + 18), screen py(top - 2) \
            fs solid border lc rgb faint_ink fc rgb 'white' back
        set xrange [0:inset_end]
        set yrange [jobs + 0.5:0.5]
        eval panel(inset_left, top + 18, inset_right, top + gantt_height - 10)
        set label 1 'magnified' at screen px(inset_left), py(top + 8) left \
            font tiny_font tc rgb soft_ink
        eval 'plot '.draw_jobs
        unset object
        unset label
        set yrange [0:1]
        set border 1
        set xtics nomirror out scale 0.4 format '%g '.unit_name(unit) \
            textcolor rgb soft_ink font tiny_font offset 0, 0.4
        eval panel(inset_left, top + gantt_height - 6, inset_right, beat_bottom - 19)
        eval 'plot '.draw_beats
        unset xtics
        unit = unit_of(end_s, 5)
    }
}
unset multiplot
