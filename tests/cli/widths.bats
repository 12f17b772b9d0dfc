#!/usr/bin/env bats
# The promise: no report, list or help has a line wider than the terminal, or than 80 columns where there is none; what is
# narrow has all figures that what is wide has; and what machines read has no width.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  unset COLUMNS
  samples=$TVA_SOURCE/results/sample
}

# A result with counts, long names and sentences.
counted() {
  python3 - "$samples/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
metrics = ("syscalls", "allocations", "allocated_bytes", "instructions", "wakeups", "memory_calls", "context_switches")
for c in r["cells"][:12]:
    c["counts"] = {f"{m}_per_job": dict(value=123456.5 + i, kind="exact", jobs=[10, 20], totals=[[5, 1234570]]) for i, m in enumerate(metrics)}
    c["warnings"].append("a word that is long: " + 100 * "x" + ", and others that are not")
json.dump(r, open("run.json", "w"))
PYTHON
}

# The output of a command, 80 columns wide, and 60 where it is asked for.
is_narrow() {
  local columns

  for columns in 80 60; do
    if [ "$columns" -eq 80 ]; then
      bounded "$@" >narrow
    else
      COLUMNS=$columns bounded "$@" >narrow
    fi
    [ -s narrow ]
    if [ "$(wc -L <narrow)" -gt "$columns" ]; then
      awk -v most="$columns" 'length > most' narrow | head -n 3
      return 1
    fi
  done
}

# The figures in a text, each once.
figures() {
  grep -Eo '[0-9]([0-9.,]*[0-9])?( ?(ns|us|ms|s|B|KiB|[kM]?/s|%))?' "$1" | sort -u
}

@test "reports are as wide as the terminal" {
  counted
  for result in run.json "$samples/theory.json" "$samples"/sweep/{rate,clients,poison,cpu,over_time}.json; do
    is_narrow "$TVA" report "$result"
    figures narrow >narrow.figures
    COLUMNS=400 bounded "$TVA" report "$result" >wide
    [ "$(wc -L <wide)" -gt 80 ]
    [ "$(comm -13 narrow.figures <(figures wide) | wc -l)" -eq 0 ]
  done
  is_narrow "$TVA" theory "$samples/theory.json"
}
