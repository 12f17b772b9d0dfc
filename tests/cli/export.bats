#!/usr/bin/env bats
# The promise: tva export writes what other tools read, whole or not at all: compare.py of google/benchmark
# and junitparser read our files here, those that cannot be installed are stood in for by readers of what
# they document. Invalid cells fail where a format can say so, are counted on stderr where it cannot, and
# never pass for measured ones.

bats_require_minimum_version 1.5.0
load helper

# A result of four cells in run.json, whose figures are set so that what becomes of them is known: all makespans
# of cell n are n * 10 ms, of nine runs or so, each 1 % apart. The last is invalid. All have counts.
measure() {
  bounded "$TVA" run --model tasks,pool --threads 2 --job null --job sleep:duration=1ms --jobs 4 --rounds 2 --seed 3 \
    -o measured.json >/dev/null 2>&1 || [ "$?" -eq 1 ]
  python - <<'PYTHON'
import json
r = json.load(open("measured.json"))
assert len(r["cells"]) == 4
for n, cell in enumerate(r["cells"], 1):
    cell.update(valid=n < 4, warnings=[], reasons=[] if n < 4 else ['50 % of "runs" failed:\n::error::<x> | y'])
    values = [n * 0.010 * (1 + i / 100) for i in range(9)]
    cell["summary"]["makespan_s"] = dict(median=values[4], ci_low=values[1], ci_high=values[7], confidence=0.961,
                                         values=values)
    for key, value in ("cpu_user_s", 0.001), ("cpu_sys_s", 0.001), ("jobs", 4):
        cell["summary"][key] = dict(median=value, ci_low=value, ci_high=value, confidence=0.961, values=[value] * 9)
    cell["counts"] = {
        "syscalls_per_job": dict(value=3, kind="exact", jobs=[4, 8], totals=[[20, 32], [20, 32]]),
        "context_switches_per_job": dict(value=2, kind="scheduled", jobs=[4, 8], totals=[[0, 4], [0, 12]])}
json.dump(r, open("run.json", "w"))
PYTHON
}

export_as() {
  run --separate-stderr bounded "$TVA" export run.json --format "$1" -o "$1.out"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
}

# What a reader of our own makes of a format's file: an expression in Python over `x`.
read_as() {
  python - "$1" "$2" <<'PYTHON'
import sys
import export_readers
x = export_readers.read(sys.argv[1], sys.argv[1] + ".out")
print(eval(sys.argv[2]))
PYTHON
}

@test "formats are listed, and a wrong name gets the nearest" {
  run bounded "$TVA" export --list
  [ "$status" -eq 0 ]
  for format in csv markdown hgrm google-benchmark benchstat github-benchmark-smaller github-benchmark-bigger bencher \
    pyperf hyperfine junit summary github-annotations trace; do
    grep -q "^$format " <<<"$output"
  done
  refused '*unknown format "jnuit"; did you mean "junit"?*' export run.json --format jnuit
  refused '*say which format*' export run.json
  refused '*name a folder for them with -o*' export run.json --format hgrm
  refused '*name a folder for them with -o*' export run.json --format hgrm -o -
}

@test "standard output is the default, and the same as a file" {
  measure
  for format in $("$TVA" export --list | sed 's/ .*//' | grep -v hgrm); do
    export_as "$format"
    bounded "$TVA" export run.json --format "$format" >default 2>/dev/null
    cmp "$format.out" default
    [ -s default ]
  done
  bounded "$TVA" export run.json --format junit -o - >dash
  cmp junit.out dash
  [ ! -e - ]
  export_as hgrm
  [ "$(find hgrm.out -name '*.hgrm' | wc -l)" -eq 3 ]
}

@test "cells that a format has no place for are counted and named on stderr" {
  measure
  invalid=$(of_result run.json 'r["cells"][3]["name"]')
  for format in google-benchmark github-benchmark-smaller github-benchmark-bigger bencher pyperf hyperfine trace hgrm; do
    export_as "$format"
    [[ $stderr == "tva export: 1 of 4 cells are left out of $format; "* ]]
    [[ $stderr == *$'\n'"  $invalid: it is invalid" ]]
  done
  for format in junit summary github-annotations benchstat markdown csv; do
    export_as "$format"
    [ -z "$stderr" ]
    grep -q '50 %.*failed' "$format.out"
  done
  python 'r = json.load(open("run.json")); r["cells"][0]["summary"]["cpu_user_s"] = None; json.dump(r, open("run.json", "w"))'
  export_as google-benchmark
  [[ $stderr == "tva export: 2 of 4 cells are left out of google-benchmark; "* ]]
  [[ $stderr == *$'\n'"  tasks null x 4: its CPU time is not known in every run"$'\n'* ]]
  [ "$(of_result google-benchmark.out 'len(r["context"]["left_out"])')" -eq 1 ]
  export_as hyperfine
  [[ $stderr == "tva export: 1 of 4 cells "* ]]
}

@test "compare.py of google/benchmark reads both sides and finds what is slower" {
  local compare=/usr/share/benchmark/compare.py

  [[ -f $compare ]] || skip "libbenchmark-tools is not installed"
  measure
  export_as google-benchmark
  python - <<'PYTHON'
import json
r = json.load(open("run.json"))
for values in [r["cells"][1]["summary"]["makespan_s"]["values"]]:
    values[:] = [value * 1.5 for value in values]
json.dump(r, open("slower.json", "w"))
PYTHON
  bounded "$TVA" export slower.json --format google-benchmark -o slower.out 2>/dev/null
  python3 -c 'import scipy.stats' 2>/dev/null || export PYTHONPATH=$TVA_SOURCE/tests/cli/scipy_stand_in
  run bounded python3 "$compare" --no-color --no-utest benchmarks google-benchmark.out slower.out
  [ "$status" -eq 0 ]
  [ "$(grep -Ec '^tasks null x 4 +\+0\.0000 ' <<<"$output")" -eq 9 ]
  slower=$(of_result run.json 'r["cells"][1]["name"]')
  [ "$(grep -F "$slower" <<<"$output" | grep -Fc '+0.5000')" -eq 9 ]
  invalid=$(of_result run.json 'r["cells"][3]["name"]')
  [ "$(grep -Fc "$invalid" <<<"$output")" -eq 0 ]
  # The geometric mean of three cells, of which one takes 1.5 times as long.
  grep -Eq '^OVERALL_GEOMEAN +\+0\.1447 ' <<<"$output"
}

@test "junitparser reads the cells, and fails for an invalid one alone" {
  command -v junitparser >/dev/null || skip "junitparser is not installed"
  measure
  export_as junit
  run bounded junitparser verify junit.out
  [ "$status" -eq 1 ]
  python - <<'PYTHON'
import xml.etree.ElementTree as tree
root = tree.parse("junit.out").getroot()
cases = root.findall("./testsuite/testcase")
assert root.get("tests") == "4" and root.get("failures") == "1" and len(cases) == 4
assert [len(case.findall("failure")) for case in cases] == [0, 0, 0, 1]
assert cases[3].find("failure").text == '50 % of "runs" failed:\n::error::<x> | y'
PYTHON
  python 'r = json.load(open("run.json")); r["cells"].pop(); json.dump(r, open("run.json", "w"))'
  export_as junit
  bounded junitparser verify junit.out
  # Merging reads and writes every suite.
  bounded junitparser merge junit.out junit.out merged.xml
  grep -q 'tests="6"' merged.xml
}

@test "benchstat has a line a sample, and counts are exact" {
  measure
  export_as benchstat
  [ "$(read_as benchstat 'len(x["results"])')" -eq 3 ]
  [ "$(read_as benchstat 'x["results"]["BenchmarkTva/work=null_x_4/model=tasks"]["sec/op"]')" = "[0.01, 0.0101, 0.0102, 0.0103, 0.0104, 0.0105, 0.0106, 0.0107, 0.0108]" ]
  [ "$(read_as benchstat 'x["units"]["syscalls/job"]')" = "{'better': 'lower', 'assume': 'exact'}" ]
  [ "$(read_as benchstat 'x["units"]["jobs/sec"]')" = "{'better': 'higher'}" ]
  [ "$(read_as benchstat '[r["syscalls/job"] for r in x["results"].values()]')" = "[[3.0], [3.0], [3.0]]" ]
  [ "$(read_as benchstat 'x["results"]["BenchmarkTva/work=null_x_4/model=tasks"]["scheduled-context-switches/job"]')" = "[1.0, 3.0]" ]
  grep -q '^--- FAIL: BenchmarkTva/' benchstat.out
}

@test "github-action-benchmark, Bencher and pyperf get what they document" {
  measure
  export_as github-benchmark-smaller
  [ "$(read_as github-benchmark-smaller 'round(x["tasks null x 4 - makespan_s"], 9)')" = 0.0104 ]
  [ "$(read_as github-benchmark-smaller 'x["tasks null x 4 - syscalls_per_job"]')" = 3 ]
  export_as github-benchmark-bigger
  [ "$(read_as github-benchmark-bigger '[name.split(" - ")[1] for name in x]')" = "['throughput_per_s', 'throughput_per_s', 'throughput_per_s']" ]
  export_as bencher
  [ "$(read_as bencher 'len(x)')" -eq 3 ]
  [ "$(read_as bencher 'round(x["tasks null x 4"]["latency"]["value"])')" = 10400000 ]
  [ "$(read_as bencher 'x["tasks null x 4"]["syscalls-per-job"]')" = "{'value': 3}" ]
  export_as pyperf
  [ "$(read_as pyperf 'len(x)')" -eq 9 ]
  [ "$(read_as pyperf 'len(x["tasks null x 4"]["values"])')" -eq 9 ]
  [ "$(read_as pyperf 'x["tasks null x 4 - context_switches_per_job"]')" = "{'unit': 'integer', 'values': [1, 3]}" ]
}

@test "a session that was cut short is named as that, whatever the format" {
  measure
  python 'r = json.load(open("run.json")); r["partial"] = True; json.dump(r, open("run.json", "w"))'
  for format in junit bencher csv; do
    export_as "$format"
    [[ $stderr == "tva export: the session was cut short; "* ]]
  done
  if command -v junitparser >/dev/null; then
    run bounded junitparser verify junit.out
    [ "$status" -eq 1 ]
    [[ $output != *Traceback* ]]
  fi
}

@test "pyperf takes no 0, and one note says what that hides" {
  measure
  export_as pyperf
  [[ $stderr != *" value"*" left out of "* ]]
  python 'r = json.load(open("run.json")); [c["counts"]["syscalls_per_job"].update(value=0) for c in r["cells"]]; json.dump(r, open("run.json", "w"))'
  export_as pyperf
  [ "$(grep -c '^tva export: 3 values are left out of pyperf: it takes no 0; .*ignored benchmarks$' <<<"$stderr")" -eq 1 ]
  [ "$(read_as pyperf 'any("syscalls" in name for name in x)')" = False ]
  export_as bencher
  [[ $stderr != *" value"*" left out of "* ]]
}

@test "hyperfine's JSON has the keys of a real one, and tva report finds its cells" {
  command -v hyperfine >/dev/null || skip "hyperfine is not installed"
  measure
  export_as hyperfine
  bounded hyperfine --shell=none --runs 2 --export-json real.json --parameter-list model tasks,pool 'true {model}' \
    >/dev/null 2>&1
  python - <<'PYTHON'
import json
real, ours = (json.load(open(name)) for name in ("real.json", "hyperfine.out"))
assert set(real) == set(ours) and len(ours["results"]) == 3
for entry in ours["results"]:
    assert set(entry) == set(real["results"][0]), entry
    for key, value in real["results"][0].items():
        number = isinstance(value, float)
        assert isinstance(entry[key], (int, float) if number else type(value)), key
PYTHON
  run bounded "$TVA" report run.json --hyperfine hyperfine.out
  [ "$status" -eq 0 ]
  [ "$(sed '1,/timed by hyperfine/d' <<<"$output" | grep -c ' x 4$')" -eq 3 ]
}

@test "annotations are commands that a runner reads, whatever the reason says" {
  measure
  export_as github-annotations
  invalid=$(of_result run.json 'r["cells"][3]["name"]')
  [ "$(read_as github-annotations x)" = "[['error', '$invalid', 'invalid: 50 % of \"runs\" failed:\\n::error::<x> | y']]" ]
}

@test "what cannot be written or read is one sentence, and the file that was there stays" {
  measure
  echo kept >kept.out
  python 'r = json.load(open("run.json")); [c.update(valid=False) for c in r["cells"]]; json.dump(r, open("bad.json", "w"))'
  for format in google-benchmark github-benchmark-smaller github-benchmark-bigger bencher pyperf hyperfine trace; do
    run --separate-stderr bounded "$TVA" export bad.json --format "$format" -o kept.out
    [ "$status" -eq 1 ]
    [[ $stderr == *"there is no valid cell that $format could hold" ]]
    [ "$(cat kept.out)" = kept ]
    run --separate-stderr bounded "$TVA" export bad.json --format "$format"
    [ "$status" -eq 1 ]
    [ -z "$output" ]
  done
  run --separate-stderr bounded "$TVA" export nothing.json --format junit
  [ "$status" -eq 1 ]
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
  [[ $stderr == *"nothing.json"* ]]
  run --separate-stderr bounded "$TVA" export run.json --format junit -o missing/folder.xml
  [ "$status" -eq 1 ]
  [[ $stderr == *"missing/folder.xml"* ]]
  if [[ -w /dev/full ]]; then
    run bash -c '"$TVA" export run.json --format junit >/dev/full'
    [ "$status" -eq 1 ]
    [[ $output == *"standard output"* ]]
  fi
}
