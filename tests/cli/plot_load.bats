#!/usr/bin/env bats
# The promise: charts of load models and sweeps say what the document says. They draw the measured points
# with theory, knees, bounds and crossings where the document has them, and leave out what it lacks.

bats_require_minimum_version 1.5.0
load load_charts

setup() {
  out=$BATS_TEST_TMPDIR/out
  mkdir "$out"
}

# A value of the variables of a chart, lines joined.
variable() { # CHART NAME
  sed -n "s/^$2 = //p" "$out/data/$1.gp" | sed "s/'\.\"\\\\n\"\.'/ /g; s/^'//; s/'\$//"
}

# How many variables of that name there are: name_1, name_2, ...
count_of() { # CHART NAME
  grep -c "^$2_[0-9]* = " "$out/data/$1.gp"
}

is_whole() { # CHART
  [[ "$(tail -c 20 "$out/$1.svg" | tr -d '\n')" == *"</svg>" ]]
}

@test "the rate chart has a panel for each model, with knees, the bound, capacity and theory" {
  document rate
  plot --only rate
  is_whole rate
  [ "$(variable rate panels)" -eq 6 ]
  [[ "$(variable rate title)" == "p99 stays under 100 ms up to 480/s under pool(6), up to 55/s under sequential" ]]
  [[ "$(variable rate subtitle)" == *"interval of 6 runs"*"open loop, Poisson arrivals"*"lower"*"theory"* ]]
  [ "$(variable rate panel_title_3)" = "pool(6)" ]
  # Theory is named where its line of the bound's percentile ends, once a panel, in black.
  awk -F'\t' '$8 ~ /^theory/ { print $1, $5, $8 }' "$out/data/rate-labels.dat" >"$out/theories"
  [ "$(wc -l <"$out/theories")" -eq 6 ]
  grep -qx "3 - theory, M/M/6" "$out/theories"
  # Capacity of one, four and six servers of 10 ms, and two knees.
  grep -E "^mark_text_[0-9]+ = " "$out/data/rate.gp" | cut -d"'" -f2 | sort | tr '\n' ',' >"$out/marks"
  [ "$(cat "$out/marks")" = "capacity 100/s,capacity 100/s,capacity 400/s,capacity 600/s,knee 480/s,knee 55/s," ]
  [ "$(count_of rate bound_at)" -eq 6 ]
  # Three percentiles for each model, and theory for each.
  [ "$(grep -c '^curve_kind_[0-9]* = 0' "$out/data/rate.gp")" -eq 18 ]
  [ "$(grep -c '^curve_kind_[0-9]* = 2' "$out/data/rate.gp")" -eq 18 ]
}

@test "theory ends where a queue would grow without end" {
  document rate --models 1
  plot --only rate
  # The sequential model's capacity is 100/s; rates go to 1,500/s.
  awk -F'\t' '$1 == "x" { curve++; next } NF { last[curve] = $1 } END { for (c in last) print last[c] }' \
    "$out/data/rate-curves.dat" | sort -n >"$out/ends"
  [ "$(awk '$1 < 100' "$out/ends" | wc -l)" -eq 3 ]
  [ "$(awk '$1 == 1500' "$out/ends" | wc -l)" -eq 3 ]
}

@test "without knees the rate chart ranks the models at the highest rate" {
  document rate --models 3
  sed -i 's/"knees": \[[^]]*\]/"knees": []/' "$out/run.json"
  plot --only rate
  [[ "$(variable rate title)" =~ ^At\ 1500/s\ latency\ p99\ is\ [0-9.]+\ ms\ under\ tasks,\ [0-9.]+\ s\ under\ sequential$ ]]
}

@test "the concurrency chart draws the fitted law, its figures and linear scaling" {
  document clients --models 3
  plot --only concurrency
  is_whole concurrency
  [ "$(variable concurrency curves)" -eq 7 ]
  [ "$(variable concurrency note_text_2)" = "tasks σ 0.020, κ 0.00080, peak at 35" ]
  [[ "$(variable concurrency title)" == "64 clients, sleep:duration=10ms,dist=exp: "*"/s under tasks, "*"/s under sequential" ]]
  [ "$(awk -F'\t' '$8 == "ideal" { print $1, $5 }' "$out/data/concurrency-labels.dat")" = "1 -" ]
  # The law of tasks at 64 clients: 98 * 64 / (1 + 0.02 * 63 + 0.0008 * 64 * 63).
  awk -F'\t' '$1 == 64 && $2 > 1143 && $2 < 1144 { found = 1 } END { exit !found }' \
    "$out/data/concurrency-curves.dat"
}

@test "the poison chart has latency and lag over the share, from 0" {
  document poison --models 3
  plot --only poison
  is_whole poison
  [ "$(variable poison panels)" -eq 4 ]
  [ "$(grep -c $'^0\t' "$out/data/poison-curves.dat")" -ge 12 ]
  [[ "$(variable poison title)" == "With 10% of poison latency p99 is "*" under pool(6), "*" under sequential" ]]
}

@test "a stall and its cause are named, and marked in both panels" {
  document rate --models 2
  plot --only over_time
  is_whole over_time
  [[ "$(variable over_time title)" == "tasks: jobs take up to "*" ms at 1.5 s, where the loop is blocked for 200 ms;"* ]]
  # The fixture's loop of tasks is blocked from 1.5 s to 1.7 s, in windows of 0.1 s.
  awk -F'\t' 'NR > 1 && $8 == 1 { print $1 ":" $2 }' "$out/data/over_time-windows.dat" >"$out/stalls"
  grep -qx "2:1.5" "$out/stalls"
  [ "$(cut -d: -f1 "$out/stalls" | sort -u)" = 2 ]
}

@test "the chart over time says how long the windows of its panels are" {
  document rate --models 2
  plot --only over_time
  [[ "$(variable over_time subtitle)" == *"in windows of 100 ms; below"* ]]
  # A panel of few jobs has longer windows.
  python - "$out/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
for c in r["cells"]:
    if c["model"] == "tasks":
        c["over_time"]["window_s"] = 0.5
json.dump(r, open(sys.argv[1], "w"))
PYTHON
  plot --only over_time
  [[ "$(variable over_time subtitle)" == *"in windows of 100 ms to 500 ms; below"* ]]
}

@test "what the fluid limit expects is a line beside what was measured, where the document has it" {
  document rate --models 2
  plot --only over_time
  run ! grep -q "as a fluid" "$out/over_time.svg"
  [ "$(awk -F'\t' 'NR > 1 && $9 != "NaN"' "$out/data/over_time-windows.dat" | wc -l)" -eq 0 ]
  python - "$out/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
for c in r["cells"]:
    for w in c["over_time"]["windows"]:
        w.append(20e6 if c["model"] == "tasks" else None)
json.dump(r, open(sys.argv[1], "w"))
PYTHON
  plot --only over_time
  is_whole over_time
  grep -q "as a fluid" "$out/over_time.svg"
  [ "$(awk -F'\t' 'NR > 1 { print $1, $9 }' "$out/data/over_time-windows.dat" | sort -u | tr '\n' ,)" = "1 NaN,2 0.02," ]
}

@test "the corrected chart tells what measuring from the start hides, outside of overload" {
  document rate
  plot --only corrected
  is_whole corrected
  [ "$(variable corrected panels)" -eq 6 ]
  [[ "$(variable corrected title)" == "Measured from the start of a job, p99 under sequential seems to be"* ]]
  [[ "$(variable corrected subtitle)" == *"@ 84/s"* ]]
}

@test "the crossing of a sweep over one axis is drawn with its interval" {
  document cross
  plot --only crossover
  is_whole crossover
  [ "$(variable crossover mark_text_1)" = "38% (33% to 44%)" ]
  [ "$(variable crossover mark_low_1)" = 0.33 ]
  [ "$(variable crossover x_linear)" -eq 1 ]
  [[ "$(variable crossover title)" == "threads overtake tasks above a cpu of 38%"* ]]
}

@test "the map of a sweep over two axes has a place for each point" {
  document map --points 5
  plot --only crossover
  is_whole crossover
  [ "$(variable crossover x_count)" -eq 5 ]
  [ "$(variable crossover y_count)" -eq 4 ]
  [ "$(awk -F'\t' 'NR > 1' "$out/data/crossover-map.dat" | wc -l)" -eq 20 ]
  # At 1,200/s without poison only tasks and threads keep up, and the fixture's tasks stall.
  grep -E $'^5\t1\tthreads\t1\t0\tthreads\t[0-9.]+×' "$out/data/crossover-map.dat"
  [[ "$(variable crossover title)" =~ ^The\ lowest\ latency\ p99\ by\ point:.*\ in\ [0-9]+\ of\ [0-9]+ ]]
}

@test "the values of a map's axes have their unit, but for counts, which the axis names" {
  document map --points 5
  python - "$out/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
r["sweep"]["axes"][0].update(name="duration", unit="s")
for c in r["cells"]:
    c["point"]["duration"] = c["point"].pop("rate")
    c["load"]["rate_per_s"] = 100
json.dump(r, open(sys.argv[1], "w"))
PYTHON
  plot --only crossover
  [[ "$(variable crossover x_label_1)" == *" s" ]]
  [ "$(variable crossover y_label_2)" = "0.5%" ]
}

@test "a place of a map, and a window, say what they are under the pointer, whatever their names are" {
  document map --points 5
  python 'r = load(sys.argv[1])
r["sweep"]["axes"][0].update(name="job.page_bytes", unit="s")
for c in r["cells"]:
    c["point"]["job.page_bytes"] = c["point"].pop("rate")
    c["load"]["rate_per_s"] = 100
json.dump(r, open(sys.argv[1], "w"))' "$out/run.json"
  plot --only crossover
  grep -q "<title>job.page_bytes 20.0 s, poison 0%: " "$out/crossover.svg"
  document rate --models 2
  python 'r = load(sys.argv[1])
for c in r["cells"]:
    c["model"] = c["model"].replace("tasks", "t_1\"&")
json.dump(r, open(sys.argv[1], "w"))' "$out/run.json"
  plot --only over_time
  grep -q "<title>t_1'&amp;, 0 s to " "$out/over_time.svg"
  python 'import xml.etree.ElementTree as tree
[tree.parse(path) for path in sys.argv[1:]]' "$out"/*.svg
}

@test "marks stand above the data in rows, so that no text meets a line" {
  document rate
  plot --only rate
  # Each panel has room for two rows; of two marks the left one is on top, as its text goes right.
  [ "$(grep -c "^panel_rows_[0-9]* = 2" "$out/data/rate.gp")" -eq 6 ]
  python - "$out/rate.svg" <<'PYTHON'
import re, sys
svg = open(sys.argv[1]).read()
at = {t: float(y) for y, t in re.findall(r'translate\([\d.]+,([\d.]+)\)[^>]*>\s*<text><tspan[^>]*>([^<]*)', svg)[::-1]}
assert at["knee 55/s"] + 14 < at["capacity 100/s"], at
assert at["knee 480/s"] + 14 < at["capacity 600/s"], at
PYTHON
  # The data ends below the rows: 2 of 15 pixels in a plot of 230.
  awk -F'\t' 'FNR == NR { if (/^panel_y_lo_1 =/) lo = substr($0, 15); if (/^panel_y_hi_1 =/) hi = substr($0, 15); next }
    $2 + 0 > most { most = $2 + 0 } END { exit !(log(most / lo) / log(hi / lo) < 1 - 2 * 15 / 230) }' \
    "$out/data/rate.gp" "$out/data/rate-curves.dat"
}

@test "an axis is logarithmic where the sweep went over it so" {
  document cross
  python - "$out/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
values = r["sweep"]["axes"][0]["values"]
r["sweep"]["axes"][0].update(log=True, values=[v or 0.01 for v in values])
for c in r["cells"]:
    c["point"]["cpu"] = c["point"]["cpu"] or 0.01
json.dump(r, open(sys.argv[1], "w"))
PYTHON
  plot --only crossover
  [ "$(variable crossover x_linear)" -eq 0 ]
  [ "$(variable crossover x_title)" = "cpu, log scale" ]
}

@test "what is drawn over time is what its subtitle promises" {
  document rate --models 2
  plot --only over_time
  sed 's/<[^>]*>//g' "$out/over_time.svg" >"$out/texts"
  grep -qx "[[:space:]]*p50" "$out/texts"
  grep -q "the loop's worst stalls" "$out/texts"
  run ! grep -x "[[:space:]]*p99" "$out/texts"
  # A loop that is late in every window is marked in every window.
  python - "$out/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
for c in r["cells"]:
    for w in c["over_time"]["windows"]:
        w[3] = w[4]
        w[5] = 50e6 if c["model"] == "tasks" else 1e6
json.dump(r, open(sys.argv[1], "w"))
PYTHON
  plot --only over_time
  [ "$(awk -F'\t' '$8 == 1' "$out/data/over_time-windows.dat" | wc -l)" -eq 30 ]
  sed 's/<[^>]*>//g' "$out/over_time.svg" | grep -qx "[[:space:]]*p99"
  sed -i 's/50000000.0/1000000.0/g' "$out/run.json"
  plot --only over_time
  sed 's/<[^>]*>//g' "$out/over_time.svg" >"$out/texts"
  run ! grep -q "worst stalls" "$out/texts"
}

@test "the model whose loop stood still is named before one whose latency jumps more" {
  document rate --models 2
  python - "$out/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
for c in r["cells"]:
    if c["model"] == "sequential" and c.get("over_time"):
        c["over_time"]["windows"][3][4] = 900e9
json.dump(r, open(sys.argv[1], "w"))
PYTHON
  plot --only over_time
  [[ "$(variable over_time title)" == "tasks: jobs take up to "*", where the loop is blocked for 200 ms;"* ]]
}

@test "what a document lacks is a gap" {
  for kind in clients poison map cross rate; do
    document "$kind" --bare
    run --separate-stderr plot
    echo "$kind: $stderr"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ ! -e "$out/over_time.svg" ]
  done
  [ "$(grep -c '^curve_kind_[0-9]* = 2' "$out/data/rate.gp")" -eq 0 ]
  [[ "$(variable rate subtitle)" != *heory* ]]
}

@test "charts of batches leave other loads alone" {
  document rate
  run --separate-stderr plot --only makespan,throughput,timeline
  [ "$status" -eq 0 ]
  [ "${#stderr_lines[@]}" -eq 3 ]
  plot --only lag,latency,cost
  [[ "$(variable lag subtitle)" == *"open loop"* ]]
  [[ "$(variable lag panel_title_1)" == *"@ 1500/s" ]]
}
