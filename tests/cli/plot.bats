#!/usr/bin/env bats
# The promise: tva plot needs nothing but run.json. It draws every chart that the run has data for,
# as SVG and PNG; what a chart shows and says is computed from that file; and when anything is missing
# or fails, one sentence says so and earlier pictures stay as they were.

load helper

charts="makespan latency throughput timeline lag cost"
load_charts="rate concurrency poison over_time corrected crossover"

setup() {
  bats_require_minimum_version 1.5.0
  run_json=$TVA_SOURCE/tests/fixtures/run.json
  out=$BATS_TEST_TMPDIR/out
}

teardown() {
  umount "$BATS_TEST_TMPDIR/small" 2>/dev/null || true
}

plot() {
  timeout 120 "$TVA" plot "$@"
}

# Standard error of the last `run --separate-stderr` is one line that contains this.
one_sentence() {
  echo "stderr: $stderr"
  [ "${#stderr_lines[@]}" -eq 1 ]
  [[ "$stderr" == *"$1"* ]]
}

# The numbers of the rows of a table, as "column column ..."; the header says which column is which.
column() { # TABLE NAME
  awk -F'\t' -v name="$2" 'NF { if (NR > 1) print $at }
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }' "$out/data/$1.dat"
}

# A value of the variables of a chart, lines joined.
variable() { # CHART NAME
  sed -n "s/^$2 = //p" "$out/data/$1.gp" | sed "s/'\.\"\\\\n\"\.'/ /g; s/^'//; s/'\$//"
}

# A run like the fixture without its cells that match a pattern.
without_cells() { # PATTERN
  awk -v drop="$1" 'NR == 1 { head = $0; next } /^\]/ { tail = $0; next }
    $0 !~ drop { sub(/,$/, ""); cells[++n] = $0 }
    END { print head; for (i = 1; i <= n; i++) print cells[i] (i < n ? "," : ""); print tail }' "$run_json"
}

# A run like the fixture, as if each cell had six runs within 1 % of its medians.
with_six_runs() {
  mkdir -p "$out"
  python - "$run_json" "$out/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
for c in r["cells"]:
    c["runs"] = 6
    for q in c["summary"].values():
        if isinstance(q, dict) and "values" in q:
            q["values"] = [q["median"] * (0.99 + 0.004 * i) for i in range(6)]
json.dump(r, open(sys.argv[2], "w"))
PYTHON
}

@test "every chart is drawn as SVG and as PNG" {
  run --separate-stderr plot "$run_json" -o "$out"
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  for chart in $charts; do
    [[ "$(tail -c 20 "$out/$chart.svg" | tr -d '\n')" == *"</svg>" ]]
    [ "$(head -c 4 "$out/$chart.png" | tail -c 3)" = "PNG" ]
    [[ "$output" == *"$out/$chart.svg"*"$out/$chart.png"* ]]
  done
  [ -z "$(find "$out" -name '*.tmp*')" ]
}

@test "charts of batches call them so, and no loop" {
  run --separate-stderr plot "$run_json" -o "$out" --format svg
  [ "$status" -eq 0 ]
  for chart in latency throughput lag cost; do
    [[ "$(variable $chart subtitle)" == *"; batch; "* ]]
  done
  run grep -iE '(open|closed) loop' "$out"/data/*.gp
  [ -z "$output" ]
}

@test "pictures go beside the run when nothing else is said" {
  mkdir "$out"
  cp "$run_json" "$out/run.json"
  run --separate-stderr plot "$out/run.json" --only lag --format svg
  [ "$status" -eq 0 ]
  [ -s "$out/lag.svg" ]
}

@test "only the chosen charts and formats are drawn" {
  run --separate-stderr plot "$run_json" -o "$out" --only makespan,cost --format png
  [ "$status" -eq 0 ]
  [ "$(cd "$out" && ls -- *.*)" = $'cost.png\nmakespan.png' ]
}

@test "the makespan chart shows the run's medians, intervals and ideals, and names the winner" {
  plot "$run_json" -o "$out" --only makespan --format svg
  paste <(column makespan-rows label) <(column makespan-rows low) <(column makespan-rows median) \
    <(column makespan-rows high) <(column makespan-rows ideal) <(column makespan-rows text) >"$out/rows"
  grep -Fx $'tasks\t0.0012375\t0.00125\t0.0012625\t0.001\t1.25 ms  1.25× ideal' "$out/rows"
  grep -Fx $'pool(6)\t0.004554\t0.0046\t0.004646\t0.004\t4.60 ms  1.15× ideal' "$out/rows"
  [[ "$(variable makespan title)" == "Shortest makespan: 4 of 4 with too few runs; "*" (too few runs to rank)" ]]
  [[ "$(variable makespan subtitle)" == "Time from the start of a batch "*"interval of 2 to 3 runs; further left is better"* ]]
}

@test "the winner is that of the ranking, and another one makes another title" {
  with_six_runs
  plot "$out/run.json" --only makespan --format svg
  [ "$(variable makespan title)" = "The event loop wins for waiting (1.03x, sequential)" ]
  [[ "$("$TVA" report "$out/run.json")" == *"the event loop: sequential in 1.01 ms, 1.03 times as fast as pool(6)"* ]]
  python - "$out/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
r["cells"] = [c for c in r["cells"] if c["model"] in ("tasks", "blocking") and c["jobs"] != 50]
json.dump(r, open(sys.argv[1], "w"))
PYTHON
  plot "$out/run.json" --only makespan --format svg
  [[ "$(variable makespan title)" == "Shortest makespan: tasks in 2 of 3, blocking in 1; sleep:duration=1ms × 20: 1.25 ms under tasks, 21.2 ms under blocking" ]]
}

@test "an invalid cell is shown as such and not ranked" {
  plot "$run_json" -o "$out" --only makespan --format svg
  paste <(column makespan-rows label) <(column makespan-rows valid) <(column makespan-rows text) >"$out/rows"
  grep -Fx $'pool(6)\t0\t46.4 us  invalid' "$out/rows"
  [ "$(cut -f2 "$out/rows" | grep -c 0)" -eq 1 ]
  [[ "$(variable makespan subtitle)" == *"1 invalid cell, not ranked."* ]]
}

@test "a latency curve ends where fewer than 10 samples lie beyond it" {
  plot "$run_json" -o "$out" --only latency --format svg
  # 20 jobs x 3 runs under each model: 10 of 60 are beyond 1 / (1 - p) = 6. 50 x 3: 15.
  awk -F'\t' '$1 == "x" { curve++; next } NF { last[curve] = $1 }
    END { for (c in last) print (last[c] <= 6.001 ? 20 : last[c] <= 15.001 ? 50 : "beyond") }' \
    "$out/data/latency-curves.dat" >"$out/ends"
  [ "$(grep -c beyond "$out/ends")" -eq 0 ]
  [ "$(grep -c 50 "$out/ends")" -eq 4 ]
}

@test "the ideal of one job is the document's; of an older one it is what the jobs take in turn" {
  mkdir "$out"
  # How many lines begin with that ideal: one for each ideal of the four models, of which two share one.
  steps_of() {
    grep -c "^1"$'\t'"$1"$'\t'"$1"$'\t' "$out/data/latency-curves.dat"
  }
  sed 's/"ideal_job_s":0.001/"ideal_job_s":0.0005/' "$run_json" >"$out/run.json"
  plot "$out/run.json" --only latency --format svg
  [ "$(steps_of 0.0005)" -eq 3 ]
  sed 's/"ideal_job_s":0.001,//' "$run_json" >"$out/run.json"
  plot "$out/run.json" --only latency --format svg
  [ "$(steps_of 0.001)" -eq 3 ]
  [ "$(awk -F'\t' '$8 == "ideal"' "$out/data/latency-labels.dat" | wc -l)" -eq 3 ]
  sed 's/"ideal_job_s":0.001/"ideal_job_s":null/' "$run_json" >"$out/run.json"
  plot "$out/run.json" --only latency --format svg
  [ "$(grep -c '^curve_kind_[0-9]* = 1' "$out/data/latency.gp")" -eq 0 ]
}

@test "the throughput chart has a line for each model over the counts, beside its ideal" {
  plot "$run_json" -o "$out" --only throughput --format svg
  # Four models and the ideals of tasks, pool(6), and of sequential and blocking, which is one.
  [ "$(variable throughput curves)" -eq 7 ]
  awk -F'\t' '$8 ~ /^ideal/ { print $5, $8 }' "$out/data/throughput-labels.dat" | sort >"$out/ideals"
  [ "$(cat "$out/ideals")" = $'- ideal of pool(6)\n- ideal of sequential\n- ideal of tasks' ]
  awk -F'\t' '$1 == 20 { print $2 }' "$out/data/throughput-curves.dat" >"$out/at_20"
  [ "$(grep -cx '16000\|20000' "$out/at_20")" -eq 2 ]
  [[ "$(variable throughput title)" == "20 jobs at once, sleep:duration=1ms: 16.0k/s under tasks, "* ]]
}

@test "the timeline has every job and beat, and says what overlapped and what was blocked" {
  plot "$run_json" -o "$out" --only timeline --format svg
  [ "$(column timeline-jobs row | wc -l)" -eq 80 ]
  [ "$(variable timeline panel_overlap_1)" = "one job at a time" ]
  [ "$(variable timeline panel_overlap_2)" = "all 20 jobs at the same time" ]
  [ "$(variable timeline panel_overlap_3)" = "6 jobs at a time: 4 waves" ]
  [ "$(variable timeline panel_blocked_1)" -eq 0 ]
  [ "$(variable timeline panel_blocked_4)" -eq 1 ]
  [ "$(paste <(column timeline-beats panel) <(column timeline-beats late) | grep -cx $'4\t1')" -eq 1 ]
  [[ "$(variable timeline title)" == *"blocking blocks the loop for 20.0 ms" ]]
}

@test "the lag chart has a legend for the marks it has, and the median of the runs' p99" {
  with_six_runs
  python - "$out/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
for c in r["cells"]:
    c["summary"]["heartbeat_lag_p99_ns"] = {"median": 70e3, "ci_low": 60e3, "ci_high": 80e3, "confidence": 0.97,
                                            "values": [60e3, 65e3, 70e3, 70e3, 75e3, 80e3]}
json.dump(r, open(sys.argv[1], "w"))
PYTHON
  plot "$out/run.json" --only lag --format svg
  [ "$(column lag-rows p99 | sort -u)" = 7e-05 ]
  sed 's/<[^>]*>//g' "$out/lag.svg" | tr '\n' ' ' >"$out/texts"
  grep -q "the longest of a run, with its interval.*one beat, 1 ms.*p99" <(tr -s ' ' <"$out/texts")
  sed -i 's/"heartbeat_lag_p99_ns": {[^}]*}/"heartbeat_lag_p99_ns": null/g; s/"p99": [0-9.]*, //g' "$out/run.json"
  plot "$out/run.json" --only lag --format svg
  [ "$(variable lag legend)" -le 1 ] || column lag-rows p99 | grep -qv NaN
}

@test "the cost chart has six panels at most and says no fraction of a byte" {
  with_six_runs
  python - "$out/run.json" <<'PYTHON'
import copy, json, sys
r = json.load(open(sys.argv[1]))
for n in range(5):
    for c in [copy.deepcopy(c) for c in r["cells"] if c["group"] == r["cells"][0]["group"]]:
        c["group"] = c["spec"] = f"job{n}:x=1"
        c["summary"]["memory_per_job_bytes"]["median"] = 79.4
        r["cells"].append(c)
json.dump(r, open(sys.argv[1], "w"))
PYTHON
  plot "$out/run.json" --only cost --format svg
  [ "$(variable cost panels)" -eq 6 ]
  [[ "$(variable cost subtitle)" == *"Other jobs are left out ("* ]]
  grep -q "79 B" "$out/data/cost-rows.dat"
  run grep -E '[0-9]\.[0-9]+ B' "$out/data/cost-rows.dat"
  [ "$status" -eq 1 ]
}

@test "costs are those of one job" {
  plot "$run_json" -o "$out" --only cost --format svg
  # The fixture's tasks: 20 jobs use 2.0 to 3.6 us of CPU each.
  paste <(column cost-rows panel) <(column cost-rows label) <(column cost-rows median) |
    awk '$1 == 1 && $2 == "tasks" { found = $3 > 2.0e-6 && $3 < 3.6e-6 } END { exit !found }'
}

@test "a chart without data is left out, with a note only when it was named" {
  mkdir "$out"
  without_cells '"jobs":(1|5),' >"$out/run.json"
  run --separate-stderr plot "$out/run.json" --format svg
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [ ! -e "$out/throughput.svg" ]
  [ -s "$out/cost.svg" ]
  run --separate-stderr plot "$out/run.json" --format svg --only throughput,cost
  [ "$status" -eq 0 ]
  one_sentence "no throughput chart"
}

@test "a run without cells draws nothing and says so, for every chart that was named" {
  mkdir "$out"
  without_cells '.' >"$out/run.json"
  run --separate-stderr plot "$out/run.json"
  [ "$status" -eq 0 ]
  one_sentence "run.json has no data for any chart"
  for chart in $charts $load_charts; do
    run --separate-stderr plot "$out/run.json" --only "$chart"
    [ "$status" -eq 0 ]
    one_sentence "no $chart chart"
  done
  [ -z "$(find "$out" -name '*.svg' -o -name '*.png')" ]
}

@test "texts of the run are drawn as they are, never carried out" {
  mkdir "$out"
  name='a_b^{c}@ `touch stray` $(touch stray) '"'; system('touch stray') #"
  sed "s/Fixture CPU (synthetic)/$name/" "$run_json" >"$out/run.json"
  cd "$out"
  run --separate-stderr plot run.json --only lag --format svg
  [ "$status" -eq 0 ]
  [ ! -e stray ]
  sed 's/<[^>]*>//g' lag.svg | tr -d '\n' | grep -F 'a_b^{c}@ `touch stray`'
}

@test "a mark says its value without a script, whatever the run's texts are" {
  mkdir "$out"
  python 'r = load(sys.argv[1])
for c in r["cells"]:
    if c["model"] == "pool":
        c["model"] = "o" + chr(39) + ")\" onload=\"x <b> &amp; "
json.dump(r, open(sys.argv[2], "w"))' "$run_json" "$out/run.json"
  plot "$out/run.json" -o "$out" --only makespan,latency,timeline --format svg
  python 'import xml.etree.ElementTree
for chart in ("makespan", "latency", "timeline"):
    root = xml.etree.ElementTree.parse(sys.argv[1] + "/" + chart + ".svg").getroot()
    names = {key for element in root.iter() for key in element.attrib}
    assert not any(name.startswith("on") for name in names), names
    titles = [element.text for element in root.iter() if element.tag.endswith("title")]
    assert len(titles) > 15 and not any("column(" in title for title in titles), titles
    if chart != "timeline":
        assert any(title.startswith("o" + chr(39) + ")" + chr(39) + " onload=" + chr(39) + "x <b> &amp; (6)") for title in titles), titles
    if chart == "makespan":
        assert "tasks: makespan 1.25 ms (75% interval 1.24 ms to 1.26 ms), 3 runs; ideal 1.00 ms" in titles, titles' "$out"
  # Neither a character that is cut nor the end of CDATA makes a picture that is no XML.
  for name in ']]>' "'it's'" "x$(printf 'é%.0s' {1..60})"; do
    sed "s/\"model\":\"pool\"/\"model\":\"$name\"/; s/Fixture CPU/$name/" "$run_json" >"$out/run.json"
    plot "$out/run.json" -o "$out" --only makespan,latency --format svg
    python 'import xml.etree.ElementTree
[xml.etree.ElementTree.parse(sys.argv[1] + "/" + chart + ".svg") for chart in ("makespan", "latency")]' "$out"
  done
  # Drawn by hand, where nobody makes titles of them, there are none.
  timeout 60 gnuplot -e "data='$out/data/makespan'; share='$TVA_SOURCE/plots'; format='svg'; picture='$out/hand.svg'" \
    "$TVA_SOURCE/plots/rows.gp"
  run ! grep -q onmousemove "$out/hand.svg"
}

@test "linear.svg has axes of values from 0, where svg has logarithmic ones" {
  run --separate-stderr plot "$run_json" -o "$out" --only makespan,latency,timeline --format linear.svg
  [ "$status" -eq 0 ]
  [ "$output" = "$out/makespan.linear.svg"$'\n'"$out/latency.linear.svg" ]
  for chart in makespan latency; do
    run ! grep -q "log scale" "$out/$chart.linear.svg"
    grep -q '>0</tspan>' "$out/$chart.linear.svg"
  done
}

@test "an unknown chart or format is a usage error that names the valid ones" {
  run --separate-stderr plot "$run_json" -o "$out" --only timelin
  [ "$status" -eq 2 ]
  [[ "$stderr" == *"did you mean \"timeline\""*"makespan"*"cost"* ]]
  run --separate-stderr plot "$run_json" -o "$out" --format pdf
  [ "$status" -eq 2 ]
  [[ "$stderr" == *"svg, png and linear.svg"* ]]
  run --separate-stderr plot "$run_json" "$run_json"
  [ "$status" -eq 2 ]
  [ ! -e "$out" ]
}

@test "--help lists the charts" {
  run --separate-stderr plot --help
  [ "$status" -eq 0 ]
  for chart in $charts $load_charts; do
    [[ "$output" == *"$chart"* ]]
  done
  # What does not fit beside a name goes on beside it, not below.
  list=${output#*$'\n'Charts:$'\n'}
  run ! grep '^[^ ]' <<<"${list%%$'\n\n'*}"
}

@test "a run that is missing, damaged or of another kind is one sentence and exit 1" {
  run --separate-stderr plot "$BATS_TEST_TMPDIR/absent.json"
  [ "$status" -eq 1 ]
  one_sentence "absent.json"
  head -c 5000 "$run_json" >"$BATS_TEST_TMPDIR/cut.json"
  run --separate-stderr plot "$BATS_TEST_TMPDIR/cut.json"
  [ "$status" -eq 1 ]
  one_sentence "cut.json"
  echo '{"schema_version": 999}' >"$BATS_TEST_TMPDIR/other.json"
  run --separate-stderr plot "$BATS_TEST_TMPDIR/other.json"
  [ "$status" -eq 1 ]
  one_sentence "other.json"
}

@test "a folder that cannot be written to is one sentence and exit 1" {
  touch "$BATS_TEST_TMPDIR/file"
  run --separate-stderr plot "$run_json" -o "$BATS_TEST_TMPDIR/file"
  [ "$status" -eq 1 ]
  one_sentence "$BATS_TEST_TMPDIR/file"
  run --separate-stderr plot "$run_json" -o "$BATS_TEST_TMPDIR/absent/deeper"
  [ "$status" -eq 1 ]
  one_sentence "absent/deeper"
}

@test "without gnuplot it says what to install, and earlier pictures stay" {
  mkdir "$BATS_TEST_TMPDIR/bin" "$out"
  echo earlier >"$out/lag.svg"
  run --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" "$TVA" plot "$run_json" -o "$out" --only lag
  [ "$status" -eq 1 ]
  one_sentence "apt-get install gnuplot-nox"
  [ "$(cat "$out/lag.svg")" = earlier ]
}

@test "when gnuplot fails half-way, its complaint is shown and the earlier picture stays" {
  mkdir "$BATS_TEST_TMPDIR/bin" "$out"
  echo earlier >"$out/lag.svg"
  cat >"$BATS_TEST_TMPDIR/bin/gnuplot" <<'SCRIPT'
#!/bin/bash
[[ "$*" =~ picture=\'([^\']*)\' ]] && echo half >"${BASH_REMATCH[1]}"
echo "line 7: no memory left" >&2
exit 1
SCRIPT
  chmod +x "$BATS_TEST_TMPDIR/bin/gnuplot"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH run --separate-stderr plot "$run_json" -o "$out" --only lag
  [ "$status" -eq 1 ]
  one_sentence "no memory left"
  [ "$(cat "$out/lag.svg")" = earlier ]
  [ "$(cd "$out" && ls)" = $'data\nlag.svg' ]
}

@test "a picture that cannot be read to its end is a failure, and the earlier one stays" {
  [ -z "$TVA_SANITIZE" ] || skip "a sanitizer's memory is beyond the limit"
  mkdir "$BATS_TEST_TMPDIR/bin" "$out"
  echo earlier >"$out/lag.svg"
  # A line that is too long for the memory.
  cat >"$BATS_TEST_TMPDIR/bin/gnuplot" <<'SCRIPT'
#!/bin/bash
[[ "$*" =~ picture=\'([^\']*)\' ]] && echo "<svg>" >"${BASH_REMATCH[1]}" && truncate -s 1G "${BASH_REMATCH[1]}"
SCRIPT
  chmod +x "$BATS_TEST_TMPDIR/bin/gnuplot"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH run --separate-stderr bash -c 'ulimit -v 300000 && exec "$TVA" plot "$@"' tva "$run_json" -o "$out" --only lag --format svg
  [ "$status" -eq 1 ]
  one_sentence "cannot read what gnuplot drew for $out/lag.svg: Cannot allocate memory"
  [ "$(cat "$out/lag.svg")" = earlier ]
}

@test "a folder is called whatever its owner likes" {
  for name in "'it's'" "''" '"$(touch ran)`touch ran`\n'; do
    cd "$BATS_TEST_TMPDIR"
    plot "$run_json" -o "$name" --only lag --format svg
    grep -q '</svg>' "$name/lag.svg"
    [ ! -e ran ]
  done
}

@test "a picture that a full disk would cut is a failure, and the earlier one stays" {
  cd "$BATS_TEST_TMPDIR"
  mkdir small
  mount -t tmpfs -o size=64k none small 2>/dev/null || skip "mounting a small file system takes root"
  mkdir small/data
  echo earlier >small/makespan.svg
  plot "$run_json" -o "$out" --only makespan --format svg
  # Room for the data and the first few KiB of the picture.
  dd if=/dev/zero of=small/ballast bs=1k count=40 2>/dev/null
  run --separate-stderr plot "$run_json" -o small --only makespan --format svg
  [ "$status" -eq 1 ]
  one_sentence "No space left on device"
  [ "$(cat small/makespan.svg)" = earlier ]
  [ "$(ls -A small)" = $'ballast\ndata\nmakespan.svg' ]
}

@test "TVA_SHARE names the folder that the scripts are taken from" {
  mkdir -p "$BATS_TEST_TMPDIR/share"
  cp -r "$TVA_SOURCE/plots" "$BATS_TEST_TMPDIR/share/plots"
  echo "set title 'own style'" >>"$BATS_TEST_TMPDIR/share/plots/style.gp"
  TVA_SHARE=$BATS_TEST_TMPDIR/share plot "$run_json" -o "$out" --only lag --format svg
  grep "own style" "$out/lag.svg"
}
