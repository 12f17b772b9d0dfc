#!/usr/bin/env bats
# The promise: tva report says from the document alone what tva run said when it had measured, and puts
# hyperfine's figures beside those of the same cells.

bats_require_minimum_version 1.5.0
load helper

measure() {
  run --separate-stderr bounded "$TVA" run --model tasks,pool --threads 2 --job sleep:duration=2ms --jobs 4 \
    --rounds 2 --seed 3 -o run.json
  [ "$status" -eq 0 ]
  cp run.json kept.json
}

# A file as hyperfine writes it, with these results.
timings() {
  printf '{"results": [%s]}' "$1"
}

@test "a file that cannot be read is not taken for an empty one" {
  mkdir folder
  run --separate-stderr bounded "$TVA" report folder
  [ "$status" -eq 1 ]
  [ "$stderr" = "tva report: cannot read folder: Is a directory" ]
}

@test "control characters of a stranger's file reach no terminal" {
  python - "$TVA_SOURCE/results/sample/run.json" <<'SCRIPT'
import json
import sys

EVIL = "\x1b]0;x\x07\x1b[31m\u009b"


run = json.load(open(sys.argv[1]))
run["context"] = spoil(run["context"], EVIL)
for cell in run["cells"]:
    cell.update(name=cell["name"] + EVIL, group=cell["group"] + EVIL, warnings=[EVIL])
    if cell["model"] != "tasks":
        cell.update(valid=False, reasons=[EVIL])
json.dump(run, open("evil.json", "w"))
SCRIPT
  for words in "report evil.json" "compare evil.json evil.json" "export evil.json --format markdown" "baseline save evil.json -o b.json" "baseline show b.json" "check evil.json --baseline b.json" "report none$(printf '\33')[31m"; do
    # shellcheck disable=SC2086
    "$TVA" $words >said 2>&1 || true
    [ -s said ]
    ! grep -q "$(printf '[\33\7]')" said || { echo "tva $words:"; cat -v said; false; }
  done
}

@test "the report is what the run has shown" {
  measure
  shown=$output
  run --separate-stderr bounded "$TVA" report run.json
  [ "$status" -eq 0 ]
  [ "$output" = "$shown" ]
  [ -z "$stderr" ]
  cmp run.json kept.json
}

@test "the answer alone is the end of the report, and fits a screen" {
  sample=$TVA_SOURCE/results/sample/run.json
  export COLUMNS=100
  bounded "$TVA" report "$sample" >whole
  bounded "$TVA" report "$sample" --answer >answer
  [ "$(wc -l <answer)" -le 45 ]
  [ "$(head -n 1 answer)" = "Threads or an event loop, on this machine:" ]
  tail -n "$(wc -l <answer)" whole | cmp - answer
  refused "tva report: --answer is of the report, *" report "$sample" --answer --html
}

@test "without a name it is the latest result" {
  measure
  mkdir -p results/latest
  cp run.json results/latest/
  run bounded "$TVA" report
  [ "$status" -eq 0 ]
  [[ $output == *"sleep:duration=2ms x 4"* ]]
}

@test "hyperfine's figures stand beside the same cells, and others are left out" {
  measure
  cell='"mean": 5.2, "median": 5, "command": "whatever"'
  timings "{$cell, \"parameters\": {\"model\": \"pool\", \"job\": \"sleep:duration=2ms\", \"jobs\": \"4\", \"threads\": \"2\"}},
    {$cell, \"parameters\": {\"model\": \"pool\", \"job\": \"sleep:duration=2ms\", \"jobs\": \"4\", \"threads\": \"9\"}},
    {$cell, \"parameters\": {\"model\": \"nonsense\"}}, {$cell}, 5" >hyperfine.json
  run --separate-stderr bounded "$TVA" report run.json
  [ "$status" -eq 0 ]
  rest=$(of_result run.json '"%.2f s" % (5 - cell["pool(2) sleep:duration=2ms x 4"]["summary"]["makespan_s"]["median"])')
  [ "$(grep -Ec "^ +5\.20 s +5\.00 s +[0-9.]+ ms +$rest +pool\(2\) sleep:duration=2ms x 4$" <<<"$output")" -eq 1 ]
  [ "$(grep -c '5\.20 s' <<<"$output")" -eq 1 ]
  mv hyperfine.json elsewhere.json
  run --separate-stderr bounded "$TVA" report run.json
  [[ $output != *"5.20 s"* ]]
  run --separate-stderr bounded "$TVA" report run.json --hyperfine elsewhere.json
  [ "$status" -eq 0 ]
  [[ $output == *"5.20 s"* ]]
}

@test "what hyperfine itself exports for tva cell is understood" {
  command -v hyperfine >/dev/null || skip "hyperfine is not installed"
  measure
  bounded hyperfine --shell=none --runs 2 --export-json hyperfine.json --parameter-list model tasks,pool \
    "'$TVA' cell --model {model} --job sleep:duration=2ms --jobs 4 --threads 2" >/dev/null 2>&1
  # The other options are not parameters here, so nothing matches; with all as parameters both do.
  run bounded "$TVA" report run.json
  [ "$status" -eq 0 ]
  [[ $output != *"timed by hyperfine"* ]]
  bounded hyperfine --shell=none --runs 2 --export-json hyperfine.json --parameter-list model tasks,pool \
    --parameter-list job sleep:duration=2ms --parameter-list jobs 4 --parameter-list threads 2 \
    "'$TVA' cell --model {model} --job {job} --jobs {jobs} --threads {threads}" >/dev/null 2>&1
  run bounded "$TVA" report run.json
  [ "$status" -eq 0 ]
  [ "$(sed '1,/timed by hyperfine/d' <<<"$output" | grep -c ' sleep:duration=2ms x 4$')" -eq 2 ]
}

@test "a result that is missing or broken is a clear failure" {
  run --separate-stderr bounded "$TVA" report nothing.json
  [ "$status" -eq 1 ]
  [ -z "$output" ]
  [[ $stderr == "tva report: cannot read nothing.json: No such file or directory"* ]]
  for text in '' '{' '[]' '{}' '{"schema_version": 999}'; do
    printf '%s' "$text" >broken.json
    run --separate-stderr bounded "$TVA" report broken.json
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ $stderr == "tva report: broken.json "* ]]
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
  done
}

@test "timings that are missing or broken are a clear failure, after the report" {
  measure
  for text in '' '{' '{}' '{"results": 5}'; do
    printf '%s' "$text" >broken.json
    run --separate-stderr bounded "$TVA" report run.json --hyperfine broken.json
    [ "$status" -eq 1 ]
    [[ $output == *"sleep:duration=2ms x 4"* ]]
    [[ $stderr == "tva report: "*"broken.json"* ]]
  done
}

@test "output that cannot be written is a failure" {
  measure
  run --separate-stderr bounded sh -c '"$TVA" report run.json >/dev/full'
  [ "$status" -eq 1 ]
  [[ $stderr == "tva report: "*"No space left on device" ]]
}
