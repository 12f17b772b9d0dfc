#!/usr/bin/env bats
# The promise: tva check is red when a count rose, green when none did, and names what keeps it from comparing; tva
# baseline keeps a run whole or not at all, by its schema; both go by the documents alone.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  cp "$TVA_SOURCE/tests/fixtures/run.json" .
  counted run.json
}

# Give every cell of a result counts, then change the result by a statement in Python on `r` and `cell`.
counted() {
  python - "$1" "${2-}" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
cell = {}
for c in r["cells"]:
    if c["valid"]:
        c.setdefault("counts", {
            "syscalls_per_job": {"value": 3, "kind": "exact", "jobs": [10, 20], "totals": [[40, 70]]},
            "instructions_per_job": {"value": 1000.5, "kind": "instructions", "jobs": [10, 20], "totals": [[1, 2]]},
            "wakeups_per_job": {"value": -0.25, "kind": "scheduled", "jobs": [10, 20], "totals": [[9, 9]]}})
        cell.setdefault(len(cell), c)
r["cells"] = list(cell.values())
exec(sys.argv[2])
json.dump(r, open(sys.argv[1], "w"))
PYTHON
}

save() {
  bounded "$TVA" baseline save "${1:-run.json}" --baseline base.json
}

check() {
  run --separate-stderr bounded "$TVA" check "$@" --baseline base.json
}

# Instructions that the baseline has of the first cell.
first_instructions() {
  python - <<'PYTHON'
import json
value = next(iter(json.load(open("base.json"))["counts"].values()))["instructions_per_job"]["value"]
print(f"{value:.10g}")
PYTHON
}

# What check says of a run that was changed so; the last line is left in $verdict.
changed() {
  cp run.json other.json
  counted other.json "$1"
  check other.json
  verdict=${lines[-1]}
}

@test "a run against itself is green, and what is kept is valid by its schema" {
  save
  valid_baseline base.json
  check run.json
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [[ ${lines[-1]} == "=> pass: none of "*" counts rose" ]]
  check run.json --all
  [ "$(grep -c '^  same .* syscalls_per_job ' <<<"$output")" -eq "$(of_result run.json 'len(r["cells"])')" ]
}

@test "one call more is red, and the last line names it" {
  save
  changed 'cell[1]["counts"]["syscalls_per_job"]["value"] = 4'
  [ "$status" -eq 3 ]
  name=$(of_result run.json 'r["cells"][1]["name"]')
  [[ $verdict == "=> regression: 1 of "*" counts rose: syscalls_per_job from 3 to 4 in $name" ]]
  [ "$(grep -c "^  WORSE .* +33.33 %  syscalls_per_job  " <<<"$output")" -eq 1 ]
  check other.json --markdown
  [ "$status" -eq 3 ]
  [[ ${lines[-1]} == "**regression**: 1 of "* ]]
  grep -qF "| WORSE | 3 | 4 | +33.33 % | syscalls_per_job | \`$name\` |" <<<"$output"
}

@test "instructions may rise by 1 % and no more" {
  save
  changed 'cell[0]["counts"]["instructions_per_job"]["value"] *= 1.009'
  [ "$status" -eq 0 ]
  changed 'cell[0]["counts"]["instructions_per_job"]["value"] *= 1.011'
  [ "$status" -eq 3 ]
}

@test "with another compiler and libraries only what they decide on is not hard, and one note says so" {
  save
  others='
r["context"].update(compiler="gcc 1.2", libc="glibc 1", libuv="1.0", libcurl="7.0")
tasks = next(c for c in r["cells"] if c["model"] == "tasks")
pool = next(c for c in r["cells"] if c["model"] == "pool")
pool["counts"]["instructions_per_job"]["value"] *= 1.02
tasks["counts"]["syscalls_per_job"]["value"] += 2'
  changed "$others"
  [ "$status" -eq 0 ]
  [ "$(grep -c '^note: the baseline was recorded with another ' <<<"$output")" -eq 1 ]
  [[ $output == *"another compiler ("*", now gcc 1.2), libc ("*", libuv ("*", libcurl ("*"instructions and pages, counts of cells "* ]]
  [ "$(grep -c '^  warn .*_per_job  ' <<<"$output")" -eq 2 ]
  [[ $verdict == "=> pass: none of "*"; 2 warnings: make regress BASE=<revision>"* ]]
  changed "$others"'
pool["counts"]["syscalls_per_job"]["value"] += 1'
  [ "$status" -eq 3 ]
  [[ $verdict == "=> regression: 1 of "*"syscalls_per_job from 3 to 4 in pool"* ]]
}

@test "what got better is green, and the command that is shown keeps it" {
  save
  mkdir "it's a blank"
  ln -s "$TVA" "it's a blank/tva"
  TVA="it's a blank/tva" changed 'cell[0]["counts"]["syscalls_per_job"]["value"] = 2'
  [ "$status" -eq 0 ]
  command=$(sed -n '/^keep the improvements with$/{n;s/^ *//p}' <<<"$output")
  [ "$command" = "'it'\\''s a blank/tva' baseline save other.json --baseline base.json" ]
  run bounded bash -c "$command"
  [ "$status" -eq 0 ]
  check run.json
  [ "$status" -eq 3 ]
}

@test "what cannot be compared is status 2, and named" {
  save
  name=$(of_result run.json 'r["cells"][0]["name"]')
  while IFS=';' read -r change words; do
    changed "$change"
    [ "$status" -eq 2 ]
    [[ $output == *"cannot compare: "*"$words"* ]]
    [[ $verdict == "=> cannot compare: "* ]]
  done <<TABLE
del r["cells"][0];the run lacks the cell "$name"
del cell[0]["counts"]["syscalls_per_job"];the run lacks syscalls_per_job of "$name"
del cell[0]["counts"];"$name" was not counted
[c.pop("counts") for c in r["cells"]];the run has no counts; measure it with tva run --counts
cell[0].update(valid=False, reasons=["it crashed"]);"$name" is invalid in the run: it crashed
cell[0]["counts"]["syscalls_per_job"]["value"] = -1;syscalls_per_job of "$name" is -1
cell[0]["counts"]["syscalls_per_job"]["value"] = 1e30;syscalls_per_job of "$name" is 1e+30
cell[0]["counts"]["syscalls_per_job"]["kind"] = "scheduled";is exact in the baseline and scheduled in the run
r.update(partial=True);the run was cut short
TABLE
}

@test "a check that judged nothing is inconclusive, no pass" {
  counted run.json '
for c in r["cells"]: c["counts"]["syscalls_per_job"]["kind"] = c["counts"]["instructions_per_job"]["kind"] = "scheduled"'
  save
  check run.json
  [ "$status" -eq 4 ]
  [[ ${lines[-1]} == "=> inconclusive: "* ]]
  [[ $output != *pass* ]]
}

@test "instructions of another architecture only warn, by the name of the CPU in a baseline of an earlier version" {
  counted run.json 'r["context"].pop("architecture", None); r["context"]["cpu"] = "aarch64"'
  save
  for context in '{"cpu": "AMD EPYC"}' '{"cpu": "AMD EPYC", "architecture": "x86_64"}'; do
    changed "r['context'].update($context); cell[0]['counts']['instructions_per_job']['value'] *= 2"
    [ "$status" -eq 0 ]
    [[ $output == *"another architecture (aarch64, now x86_64)"* ]]
    [ "$(grep -c '^  warn .*instructions_per_job  ' <<<"$output")" -eq 1 ]
  done
}

@test "a file that is no run or no baseline is status 2, and named on both streams" {
  save
  printf '{"schema_version": 1, "cells": [{}]}' >torn.json
  printf '{"value": NaN}' >nan.json
  for file in torn.json nan.json nothing.json base.json; do
    check "$file"
    [ "$status" -eq 2 ]
    [[ $stderr == "tva check: "*"$file"* ]]
    [[ $output == "=> cannot compare: "*"$file"* ]]
  done
  : >empty.json
  head -c 300 base.json >torn.json
  sed 's/"schema_version": 1/"schema_version": 2/' base.json >version.json
  sed 's/"value": 3,/"value": -3,/' base.json >negative.json
  sed 's/"value": 3,/"value": 1e999,/' base.json >huge.json
  mkfifo pipe.json
  for file in empty.json torn.json version.json negative.json huge.json pipe.json nothing.json run.json; do
    run --separate-stderr bounded "$TVA" check run.json --baseline "$file"
    [ "$status" -eq 2 ]
    [[ $stderr == "tva check: "*"$file"* ]]
    [[ ${lines[-1]} == "=> cannot compare: "* ]]
  done
}

@test "ratios that eight sessions do not know warn and fail nothing" {
  for second in 1 2 3 4 5 6 7 8; do
    counted run.json "r['context']['date'] = '2026-01-01T00:00:0${second}Z'"
    save run.json
  done
  valid_baseline base.json
  check run.json
  [ "$status" -eq 0 ]
  [[ $output != *warn* ]]
  changed '
for q in ("makespan_s",):
    q = cell[0]["summary"][q]
    q["values"] = [3 * v for v in q["values"]]'
  [ "$status" -eq 0 ]
  [[ $output == *"  warn "*"makespan_s"* ]]
  [[ $verdict == "=> pass: "*" warning"*"make regress BASE=<revision>"* ]]
}

@test "sessions of one hour are named as that" {
  for second in 1 2 3 4 5 6 7 8; do
    counted run.json "r['context']['date'] = '2026-01-01T00:59:5${second}Z'"
    run save run.json
    [[ $second -eq 8 || $output != *"one hour"* ]]
  done
  [[ $output == *"note: all 8 sessions are of one hour, "*"save sessions of other hours and days, too"* ]]
  counted run.json 'r["context"]["date"] = "2026-01-01T01:59:51Z"'
  run save run.json
  [[ $output == *"note: all 9 sessions are of one hour"* ]]
  counted run.json 'r["context"]["date"] = "2026-01-01T01:59:52Z"'
  run save run.json
  [[ $output != *"one hour"* ]]
}

@test "fewer than eight sessions are said and not judged" {
  save
  changed 'cell[0]["summary"]["makespan_s"]["values"] = [9.0] * 3'
  [ "$status" -eq 0 ]
  [ "$(grep -c '^note: not judged: [0-9]* of [0-9]* values (ratios, scheduled counts and times).*(1 stored, 1 of ' <<<"$output")" -eq 1 ]
  [[ $output != *warn* ]]
}

@test "runs of counts only are no sessions" {
  for second in 1 2 3 4 5 6 7 8 9; do
    counted run.json "r['context']['date'] = '2026-01-01T00:00:0${second}Z'"
    cp run.json other.json
    counted other.json '[c.update(summary=None) for c in r["cells"]]'
    run save other.json
    [[ $output == *"note: the run has no times, so it adds no session"*" and 0 sessions" ]]
  done
  check run.json
  [ "$status" -eq 0 ]
  [[ $output == *"note: not judged: "*"(0 stored, "* ]]
  check other.json
  [[ $output == *"note: the run has counts only"* ]]
}

@test "an unfit run is not kept, and the baseline stays as it was" {
  save
  cp base.json kept.json
  for change in 'r["partial"] = True' 'cell[0]["valid"] = False; cell[0]["reasons"] = ["why"]' \
    'cell[0]["counts"] = {}' 'cell[0]["injected"] = {}'; do
    cp run.json other.json
    counted other.json "$change"
    run --separate-stderr bounded "$TVA" baseline save other.json --baseline base.json
    [ "$status" -eq 1 ]
    [[ $stderr == "tva baseline: other.json "* ]]
    cmp base.json kept.json
  done
  head -c 100 kept.json >base.json
  run --separate-stderr bounded "$TVA" baseline save run.json --baseline base.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"base.json is damaged"* ]]
  [ "$(wc -c <base.json)" -eq 100 ]
}

@test "a run that has less than the baseline is not kept, unless that is meant" {
  save
  cp base.json kept.json
  all=$(of_result run.json 'len(r["cells"])')
  first=$(of_result run.json 'r["cells"][0]["name"]')
  while IFS=';' read -r change words; do
    cp run.json other.json
    counted other.json "$change"
    run --separate-stderr bounded "$TVA" baseline save other.json --baseline base.json
    [ "$status" -eq 2 ]
    [[ $stderr == "tva baseline: other.json lacks $words"*"--replace" ]]
    cmp base.json kept.json
  done <<TABLE
r["cells"] = r["cells"][-1:];$((all - 1)) cells and 0 other counts of the baseline, first the cell "$first"
del cell[0]["counts"]["syscalls_per_job"];0 cells and 1 other count of the baseline, first syscalls_per_job of "$first"
cell[0]["counts"]["syscalls_per_job"]["kind"] = "scheduled";0 cells and 1 other count of the baseline, first syscalls_per_job
TABLE
  run --separate-stderr bounded "$TVA" baseline save other.json --baseline base.json --replace
  [ "$status" -eq 0 ]
  [[ $output == *"note: syscalls_per_job of \"$first\" is exact in the baseline and scheduled in the run"* ]]
  check other.json
  [ "$status" -eq 0 ]
  refused 'tva baseline: --replace goes with save*' baseline show --replace
}

@test "saving again and again does not raise what instructions are held to" {
  save
  changed 'cell[0]["counts"]["instructions_per_job"]["value"] *= 1.009'
  run save other.json
  [[ $output == *"note: 1 count rose by less than the gate sees, and stays as low as before; --replace raises it"* ]]
  [ "$(first_instructions)" = 1000.5 ]
  check other.json
  [ "$status" -eq 0 ]
  changed 'cell[0]["counts"]["instructions_per_job"]["value"] *= 1.018'
  [ "$status" -eq 3 ]
  changed 'cell[0]["counts"]["instructions_per_job"]["value"] = 1000'
  save other.json
  [ "$(first_instructions)" = 1000 ]
  bounded "$TVA" baseline save run.json --baseline base.json --replace
  [ "$(first_instructions)" = 1000.5 ]
  changed 'cell[0]["counts"]["instructions_per_job"]["value"] = 1002; r["context"]["compiler"] = "gcc 1.2"'
  save other.json
  [ "$(first_instructions)" = 1002 ]
  changed 'cell[0]["counts"]["instructions_per_job"]["value"] = 1100; r["context"]["compiler"] = "gcc 1.2"'
  [ "$status" -eq 3 ]
  save other.json
  [ "$(first_instructions)" = 1100 ]
}

@test "a baseline that cannot be written is a failure" {
  [ -c /dev/full ] || skip "there is no /dev/full"
  run --separate-stderr bounded "$TVA" baseline save run.json --baseline /nowhere/base.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"/nowhere/base.json"* ]]
  save
  run bash -c '"$TVA" check run.json --baseline base.json >/dev/full'
  [ "$status" -eq 2 ]
}

@test "show lists what is kept" {
  save
  run --separate-stderr bounded "$TVA" baseline show --baseline base.json
  [ "$status" -eq 0 ]
  [ "$(grep -c '^  syscalls_per_job  *3  exact$' <<<"$output")" -eq "$(of_result run.json 'len(r["cells"])')" ]
  [[ $output == *"1 session, too few"* ]]
}

@test "words that are missing or wrong are a usage error of one sentence" {
  refused 'tva baseline: say what to do*' baseline
  refused 'tva baseline: say which run*' baseline save
  refused 'tva baseline: unknown action "sav"; did you mean "save"?*' baseline sav run.json
  refused 'tva baseline: show takes no run*' baseline show run.json
  refused 'tva check: say which result*' check
}
