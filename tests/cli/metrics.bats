#!/usr/bin/env bats
# The promise: whoever shows a metric of a cell shows the same value of it, be it the table on the terminal, CSV, Markdown, a
# comparison, an export for another tool, or the data of a chart.

bats_require_minimum_version 1.5.0
load helper

# Hold all forms of a result to it; $2 and on have to be among them.
agree() {
  LIMIT=240 bounded python3 -S "$TVA_SOURCE/tests/cli/metrics_agree.py" "$TVA" "$1" >forms
  cat forms
  shift
  for form in report csv markdown compare google-benchmark benchstat bencher pyperf hyperfine junit summary "$@"; do
    grep -q "^$form [1-9]" forms
  done
}

charts() {
  if command -v gnuplot >/dev/null; then
    printf 'chart %s\n' "$@"
  fi
}

@test "batches, some of them counted" {
  python - "$TVA_SOURCE/results/sample/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
for c in r["cells"][:3]:
    c["counts"] = {m: dict(value=v, kind=k, jobs=[10, 20], totals=[[5, 5 + 10 * v]]) for m, v, k in (
        ("syscalls_per_job", 8, "exact"), ("instructions_per_job", 12345.5, "instructions"), ("wakeups_per_job", 1.5, "scheduled"))}
for key, ms in ("cpu_user_s", (1, 2, 3, 4, 5, 20, 20)), ("cpu_sys_s", (1, 20, 2, 3, 4, 5, 20)):
    r["cells"][0]["summary"][key] = dict(r["cells"][1]["summary"][key], values=[v / 1000 for v in ms], median=4e-3)
json.dump(r, open("run.json", "w"))
PYTHON
  mapfile -t drawn < <(charts makespan cost lag)
  agree run.json github-benchmark-smaller github-benchmark-bigger "${drawn[@]}"
  # User and system time are summed run by run: the sum of their medians would be 80 us.
  run bounded "$TVA" report run.json
  [[ $output == *$'\n'"sleep:duration=10ms x 100"$'\n'*" sequential "*" 90.0 us "* ]]
}

@test "open loops" {
  mapfile -t drawn < <(charts rate)
  agree "$TVA_SOURCE/results/sample/sweep/rate.json" "${drawn[@]}"
  agree "$TVA_SOURCE/results/sample/theory.json"
}

@test "closed loops" {
  agree "$TVA_SOURCE/results/sample/sweep/clients.json"
}
