#!/usr/bin/env bats
# The promise: tva compare says from the documents alone what changed between results, in words, ratios and
# charts; says what has to be known before that is believed; refuses what it cannot compare in one sentence
# with exit status 2; and never fails for what has changed.

bats_require_minimum_version 1.5.0
load helper

# The sample's cells of two jobs, in a file of their own: the whole sample takes longer to read than most tests do otherwise.
setup_file() {
  python - "$TVA_SOURCE/results/sample/run.json" "$BATS_FILE_TMPDIR/sample.json" <<'PYTHON'
r = load(sys.argv[1])
r["cells"] = [c for c in r["cells"] if c["group"] in ("sleep:duration=10ms x 100", "cpu:rounds=1M x 20") and c["threads"] != 100]
json.dump(r, open(sys.argv[2], "w"))
PYTHON
}

# This sample, changed by Python statements over the document `r`, its cells by name in `cell`; scaled(cell, f) makes a cell f
# times as slow.
derive() { # FILE [STATEMENTS]
  python - "$BATS_FILE_TMPDIR/sample.json" "$1" "${2-}" <<'PYTHON'
r = load(sys.argv[1])
cell = {c["name"]: c for c in r["cells"]}
def scaled(c, f):
    q = c["summary"]["makespan_s"]
    q["values"] = [v * f for v in q["values"]]
    for key in ("median", "ci_low", "ci_high"):
        q[key] *= f
    d = c["summary"]["latency_ns"]
    for key in ("min", "max", "p50", "p90", "p99"):
        if key in d:
            d[key] *= f
    for point in c["latency_curve"]:
        point[1] *= f
exec(sys.argv[3])
json.dump(r, open(sys.argv[2], "w"))
PYTHON
}

tasks='cell["tasks sleep:duration=10ms x 100"]'

compared() {
  run --separate-stderr bounded "$TVA" compare "$@"
  echo "$output"
  echo "stderr: $stderr"
  [ "$status" -eq 0 ]
}

@test "a slower cell is named, with ratio and interval" {
  derive a.json
  derive b.json "scaled($tasks, 1.12)"
  compared a.json b.json
  [ -z "$stderr" ]
  [[ $output == *"worse   tasks sleep:duration=10ms x 100: makespan 12% longer (95% interval "*"%)"* ]]
  [ "$(grep -c '^  worse ' <<<"$output")" -eq 1 ]
  [ "$(grep -c '^  better ' <<<"$output")" -eq 0 ]
  grep -Eq '^  makespan +10\.[0-9] ms +11\.[0-9] ms +1\.120 +1\.11[0-9]\.\.1\.12[0-9] +12% longer$' <<<"$output"
  [[ $output == *"The sessions were measured apart"*"fingerprints of the machines agree"*"miss the truth by chance alone"* ]]
}

@test "a result against itself has not changed" {
  derive a.json
  compared a.json a.json
  [[ $output == *": 0 worse, 0 better, "* ]]
  [[ $output == *"Nothing that these runs can show."* ]]
}

@test "--all has every cell, --metric those metrics, --effect another threshold" {
  derive a.json
  derive b.json "scaled($tasks, 1.12)"
  compared a.json b.json --metric makespan
  [ "$(grep -c '^  makespan ' <<<"$output")" -eq 1 ]
  [ "$(grep -c '^  CPU a job' <<<"$output")" -eq 0 ]
  compared a.json b.json --metric makespan,memory --all
  cells=$(of_result a.json 'len(r["cells"])')
  [ "$(grep -c '^  makespan ' <<<"$output")" -eq "$cells" ]
  [ "$(grep -c '^  memory a job ' <<<"$output")" -eq "$cells" ]
  compared a.json b.json --metric makespan --effect 15%
  [[ $output == *": 0 worse, 0 better, "*"no difference larger than 15%"* ]]
}

@test "Markdown has a table that is one" {
  derive a.json
  derive b.json "scaled($tasks, 1.12)"
  compared a.json b.json --markdown --all
  [[ $output == "## B against A"* ]]
  [ "$(grep -c '^| ' <<<"$output")" -ge 40 ]
  # As many unescaped bars in every row as in its head.
  [ "$(grep '^|' <<<"$output" | sed 's/\\|//g; s/[^|]//g' | sort -u | wc -l)" -eq 1 ]
}

@test "several results are each compared with the first" {
  derive a.json
  derive b.json "scaled($tasks, 1.12)"
  derive c.json "scaled($tasks, 0.5)"
  compared a.json b.json c.json --metric makespan
  [[ $output == *"B against A"*"makespan 12% longer"*"C against A"*"better  tasks"*"0.5 times A's"* ]]
}

@test "times of two machines are shown and not judged, nor is how models stand to each other" {
  derive a.json
  derive b.json 'r["context"]["cores"] = 64
for c in r["cells"]: scaled(c, 0.5)
scaled('"$tasks"', 1.2)'
  compared a.json b.json --metric makespan
  [[ $output == *"Measured on different machines (cores 2 against 64): times say nothing of the code"*"not judged"* ]]
  [[ $output == *": 0 worse, 0 better"*"Nothing that these runs can show."* ]]
  [ "$(grep -c '^  worse ' <<<"$output")" -eq 0 ]
  grep -Eq '^  makespan / sequential .* 1\.200 .* another machine$' <<<"$output"
  [[ $(tr -s '\n ' ' ' <<<"$output") == *" times and ratios of two machines are shown, and not judged"* ]]
}

@test "the same session given twice counts once" {
  derive a.json
  derive b.json "scaled($tasks, 1.12)"
  cp b.json again.json
  compared a.json a.json
  [[ $output == *"A and B are the same session: they cannot differ."* ]]
  compared a.json b.json again.json
  [[ $output == *"C is the same session as B, and left out."* ]]
  [ "$(grep -c '^  worse ' <<<"$output")" -eq 1 ]
  for i in 1 2 3 4 5 6 7 8; do
    derive "$i.json" "r['context']['date'] = '2026-01-0$i'
scaled($tasks, 1.1 if $i > 4 else 1)"
  done
  compared --history makespan [1-8].json
  once=$(grep -c ' from result ' <<<"$output") || true
  compared --history makespan [1-8].json [1-8].json ./1.json
  [[ $output == *"makespan over 8 results"*"9 left out: the same session as another"* ]]
  [ "$(grep -c ' from result ' <<<"$output")" -eq "$once" ]
}

@test "cells that are missing, invalid or other work are named and left out" {
  derive a.json
  derive b.json 'r["cells"].remove(cell["threads sleep:duration=10ms x 100"])
cell["blocking sleep:duration=10ms x 100"]["valid"] = False
cell["pool(6) sleep:duration=10ms x 100"]["ledger"]["operations"] = 7
scaled(cell["pool(6) sleep:duration=10ms x 100"], 3)'
  compared a.json b.json
  [[ $output == *"Not compared"* ]]
  [[ $output == *"threads sleep:duration=10ms x 100: only in A"* ]]
  [[ $output == *"blocking sleep:duration=10ms x 100: invalid in B"* ]]
  [[ $output == *"pool(6) sleep:duration=10ms x 100: its jobs did other work in B"* ]]
  [ "$(grep -c '^  worse ' <<<"$output")" -eq 0 ]
}

@test "counts that are exact are compared exactly" {
  count='cell["tasks sleep:duration=10ms x 100"]["counts"] = {"syscalls_per_job": {"kind": "exact", "value": %s}}'
  # shellcheck disable=SC2059 # it is a format
  derive a.json "$(printf "$count" 3)"
  # shellcheck disable=SC2059
  derive b.json "$(printf "$count" 4)"
  compared a.json b.json --metric syscalls
  [[ $output == *"worse   tasks sleep:duration=10ms x 100: system calls a job 33% more (4, was 3)"* ]]
}

@test "charts are drawn as SVG and PNG, and what they show is in the report" {
  command -v gnuplot >/dev/null || skip "gnuplot is not installed"
  derive a.json
  derive b.json "scaled($tasks, 1.12)"
  LIMIT=120 compared a.json b.json --charts out/
  for name in ratios_b before_after_b; do
    [[ "$(tail -c 20 "out/$name.svg" | tr -d '\n')" == *"</svg>" ]]
    [ "$(head -c 4 "out/$name.png" | tail -c 3)" = "PNG" ]
  done
  grep -q '^title = .*1 figure got worse and 0 better.*makespan 12% longer' out/data/ratios_b.gp
  [ "$(awk -F'\t' '$6 == 3' out/data/ratios_b-ratios.dat | wc -l)" -eq 1 ]
  [[ $output != *.svg* ]]
}

@test "results of one sweep are lines of one chart, by their files' names" {
  command -v gnuplot >/dev/null || skip "gnuplot is not installed"
  python3 -S "$TVA_SOURCE/tests/fixtures/load.py" rate --models 2 --points 4 >near.json
  python '
r = load("near.json")
for i, c in enumerate(r["cells"]):
    for name in ("latency_p50_s", "latency_p99_s"):
        q = c["summary"].get(name)
        if q:
            for key in ("median", "ci_low", "ci_high"):
                q[key] *= 10
    c["summary"]["tcp_retransmits"] = {"median": 20, "confidence": 0.9, "ci_low": 10, "ci_high": 30, "values": [10, 20, 30]}
json.dump(r, open("far.json", "w"))'
  LIMIT=120 compared near.json far.json --charts out
  [[ "$(tail -c 20 out/sweeps.svg | tr -d '\n')" == *"</svg>" ]]
  grep -q '^title = .At .*/s, latency p50 is .* in near and .* in far' out/data/sweeps.gp
  grep -q "^panel_title_4 = .TCP segments sent again a job" out/data/sweeps.gp
  python '
r = load("far.json")
r["sweep"]["axes"] = []
json.dump(r, open("none.json", "w"))'
  LIMIT=120 compared none.json near.json --charts without
  [[ $stderr == *"no sweeps chart: the results are not sweeps over one axis"* ]]
  [ ! -e without/sweeps.svg ]
}

@test "a history finds the result from which on a cell was slower" {
  command -v gnuplot >/dev/null || skip "gnuplot is not installed"
  for i in 01 02 03 04 05 06 07 08 09 10 11 12; do
    slower=1
    [ "$i" -lt 8 ] || slower=1.1
    derive "$i.json" "r['context']['date'] = '2026-01-$i'
scaled($tasks, $slower * (1 + 0.003 * (int('$i', 10) * 7 % 5)))"
  done
  LIMIT=120 compared --history makespan 1*.json 0*.json --charts out
  [[ $output == *"makespan over 12 results"* ]]
  [[ $output == *"tasks sleep:duration=10ms x 100: makespan "*"% longer from result 8 on (2026-01-08"* ]]
  [ "$(grep -c ' from result ' <<<"$output")" -eq 1 ]
  [[ "$(tail -c 20 out/history_makespan.svg | tr -d '\n')" == *"</svg>" ]]
  refused "tva compare: a history needs 4 results or more*, not 3" \
    compare --history makespan 01.json 02.json 03.json
}

@test "what cannot be compared is refused in one sentence" {
  derive a.json
  derive none.json 'r["cells"] = []'
  refused "tva compare: name two results or more, the reference first*" compare
  refused "tva compare: name two results or more, the reference first*" compare a.json
  refused "tva compare: there is no cell that both results have*" compare a.json none.json
  refused "tva compare: cannot read nothing.json*" compare a.json nothing.json
  refused "tva compare: unknown metric \"makespam\"; did you mean \"makespan\"?*" compare a.json a.json --metric makespam
  refused "tva compare: --effect \"much\" is not a share*" compare a.json a.json --effect much
  refused "tva compare: the results have none of these metrics in common*" compare a.json a.json --metric syscalls
  for text in '' '{' '[]' '{}' '{"schema_version": 999}'; do
    printf '%s' "$text" >broken.json
    refused "tva compare: broken.json *" compare a.json broken.json
    refused "tva compare: broken.json *" compare broken.json a.json
  done
}

@test "odd values in a valid shape are no harm" {
  derive a.json
  derive b.json "${tasks}['summary']['makespan_s']['values'] = ['x', None, [], -1, 0, 1e308]
cell['threads sleep:duration=10ms x 100']['counts'] = {'syscalls_per_job': {'value': 1e300, 'kind': ''}}
cell['blocking sleep:duration=10ms x 100']['summary']['cpu_user_s']['values'] = []
cell['offload(6) sleep:duration=10ms x 100']['latency_curve'] = [[0.5, -1e300, 1]]
r['cells'] += r['cells'][:2]
r['context']['cpu'] = 'x' * 5000"
  compared a.json b.json --all
  compared b.json a.json --all --markdown --relative
}

@test "output that cannot be written is a failure" {
  derive a.json
  run --separate-stderr bounded sh -c '"$TVA" compare a.json a.json >/dev/full'
  [ "$status" -eq 1 ]
  [[ $stderr == "tva compare: "*"No space left on device" ]]
  command -v gnuplot >/dev/null || skip "gnuplot is not installed"
  touch file
  run --separate-stderr bounded "$TVA" compare a.json a.json --charts file
  [ "$status" -eq 1 ]
  [[ $stderr == *"cannot make the folder file"* ]]
}
