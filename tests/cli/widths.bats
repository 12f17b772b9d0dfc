#!/usr/bin/env bats
# The promise: no report, list, story or help has a line wider than the terminal, or than COLUMNS where there is none; help
# is at least 60 columns wide, and no wider on a narrower terminal; what is narrow has all figures that what is wide has; and
# what machines read has no width.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  unset COLUMNS
  samples=$TVA_SOURCE/results/sample
}

# Results with counts, long names and sentences; of the second some got worse.
counted() {
  python - "$samples/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
metrics = ("syscalls", "allocations", "allocated_bytes", "instructions", "wakeups", "memory_calls", "context_switches")
for name, factor in ("run.json", 1), ("other.json", 1.3):
    for c in r["cells"]:
        by = factor if c["model"] == "tasks" else 1
        c["counts"] = {f"{m}_per_job": dict(value=by * 123456.5 + i, kind="exact", jobs=[10, 20], totals=[[5, 1234570]])
                       for i, m in enumerate(metrics)}
        c["warnings"].append("a word that is long: " + 100 * "x" + ", and others that are not")
    json.dump(r, open(name, "w"))
for day in range(10, 14):
    r["context"]["date"] = f"2026-11-{day}T00:00:00Z"
    json.dump(r, open(f"{day}.json", "w"))
PYTHON
}

# The output of a command, 80 columns wide and 60, as COLUMNS says. A verdict is no failure.
is_narrow() {
  local columns status

  for columns in 80 60; do
    status=0
    COLUMNS=$columns bounded "$@" >narrow || status=$?
    [[ $status -le 1 || $status -eq 3 || $status -eq 4 ]]
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

@test "what compares is as wide as the terminal" {
  counted
  is_narrow "$TVA" compare run.json other.json --all
  is_narrow "$TVA" compare --history makespan 1?.json
  bounded "$TVA" baseline save run.json --baseline base.json
  is_narrow "$TVA" baseline show --baseline base.json
  is_narrow "$TVA" check run.json --baseline base.json
  is_narrow "$TVA" check other.json --baseline base.json --all
  is_narrow "$TVA" pair -q --base "$TVA" --contender "$TVA" --model tasks --job null --jobs 50 --budget 1ms -o pair.json
}

@test "what a sweep and a run say is as wide as the terminal" {
  is_narrow "$TVA" sweep --job null --model sequential,tasks,pool --over "jobs=1..4:x2" --over threads=1,2 --rounds 1 \
    --search-time 0 -q -o sweep.json
  is_narrow "$TVA" run --job sleep:duration=1ms --jobs 2 --rounds 1 -q -o out.json
}

@test "lists and helps are as wide as the terminal" {
  unset ARGP_HELP_FMT
  is_narrow "$TVA" list
  is_narrow "$TVA" demo --list
  is_narrow "$TVA" export --list
  is_narrow "$TVA" --help
  sed -n '/^Commands:$/,/^$/s/^  \([a-z]\+\) .*/\1/p' narrow >commands
  [ -s commands ]
  while read -r command; do
    is_narrow "$TVA" "$command" --help
    COLUMNS=40 bounded "$TVA" "$command" --help >narrower
    [ "$(wc -L <narrower)" -le 60 ]
  done <commands
}

@test "the story of a demo is as wide as the terminal" {
  is_narrow "$TVA" demo blocked-loop call-vs-await --no-chart --scale 0.01
}

@test "the help of make and of the scripts fits 80 columns" {
  local script

  make --no-print-directory -C "$TVA_SOURCE" help >helps
  for script in "$TVA_SOURCE"/bench/scripts/*.sh "$TVA_SOURCE/tests/fuzz/run.sh"; do
    [[ $script == */child.sh ]] || bounded "$script" --help >>helps
  done
  [ "$(grep -c '^Usage: ' helps)" -ge 10 ]
  [ "$(wc -L <helps)" -le 80 ]
}

@test "what machines read has no width" {
  counted
  for format in csv markdown; do
    bounded "$TVA" export run.json --format "$format" >narrow
    COLUMNS=400 bounded "$TVA" export run.json --format "$format" >wide
    [ "$(wc -L <narrow)" -gt 80 ]
    cmp narrow wide
  done
}
