#!/usr/bin/env bats
# The promise: tva theory says from the document alone how queues compare with theory, in the order of theory,
# fails when one is off, and says so when there is none; make bench-theory measures first and ends as it does.

bats_require_minimum_version 1.5.0
load helper

# Too short to agree with theory by more than luck: what is held to here is what is said of it.
measure() {
  run bounded "$TVA" run --model tasks,sequential,pool --threads 2 --job sleep:duration=1ms,dist=exp --rate 400/s \
    --duration 500ms --rounds 1 --seed 3 --quiet -o run.json
  [ -s run.json ]
}

# Let every queue of the document be one that agrees, or as the expression in Python over `check` has it.
declare_all() {
  python - "${1-}" <<'PYTHON'
import json, sys
r = json.load(open("run.json"))
for cell in r["cells"]:
    check = cell["summary"]["queue_check"]
    cell["valid"], check["ok"], check["mean"]["verdict"], check["ks"]["verdict"] = True, True, "ok", "ok"
    check["littles_law_error"] = 0
    exec(sys.argv[1])
json.dump(r, open("run.json", "w"))
PYTHON
}

@test "a run of exponential waits has a check by the schema, and a row a queue" {
  measure
  valid_result run.json
  [ "$(of_result run.json 'sorted(c["summary"]["queue_check"]["model"] for c in r["cells"])')" = "['M/M/1', 'M/M/2', 'M/M/inf']" ]
  declare_all
  run --separate-stderr bounded "$TVA" theory run.json
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [ "$(grep -oE '^(sequential|pool\(2\)|tasks) +M/M/(1|2|inf) ' <<<"$output" | tr -s ' ' | tr '\n' ',')" = \
    "sequential M/M/1 ,pool(2) M/M/2 ,tasks M/M/inf ," ]
  [[ $output == *"seed 3"* && $output == *"=> 3 of 3 queues behave as theory says"* ]]
}

@test "a queue that is off fails the command, and is named" {
  measure
  declare_all 'if cell["model"] == "pool": check["ok"] = False; check["mean"]["verdict"] = "off"'
  run --separate-stderr bounded "$TVA" theory run.json
  [ "$status" -eq 1 ]
  [ "$(grep -c ' off$' <<<"$output")" -eq 1 ]
  grep -qE '^pool\(2\) .* off$' <<<"$output"
  [[ $output == *"=> 2 of 3 queues"* ]]
}

@test "distributions, Little's law and invalid cells are named too" {
  measure
  declare_all '
check["ok"] = False
if cell["model"] == "pool": check["ks"]["verdict"] = "off"
if cell["model"] == "tasks": check["littles_law_error"] = 0.02
if cell["model"] == "sequential": cell["valid"] = False'
  run --separate-stderr bounded "$TVA" theory run.json
  [ "$status" -eq 1 ]
  grep -qE '^pool\(2\) .* ok, KS off$' <<<"$output"
  grep -qE '^tasks .* 2.000% +ok, Little off$' <<<"$output"
  grep -qE '^sequential .* ok, invalid$' <<<"$output"
  [[ $output == *"=> 0 of 3 queues"* ]]
}

@test "as Markdown it is the table alone" {
  measure
  declare_all
  run --separate-stderr bounded "$TVA" theory --markdown run.json
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 5 ]
  [ "$(grep -cE '^\|.*\|$' <<<"$output")" -eq 5 ]
  [ "$(tr -dc '|\n' <<<"$output" | sort -u | wc -l)" -eq 1 ]
}

@test "a result without such queues is refused in one sentence" {
  run bounded "$TVA" run --model tasks --job sleep:duration=1ms --jobs 4 --rounds 1 --quiet -o run.json
  [ "$(of_result run.json 'r["cells"][0]["summary"]["queue_check"]')" = None ]
  run --separate-stderr bounded "$TVA" theory run.json
  [ "$status" -eq 1 ]
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
  [[ $stderr == *"no queue that theory is exact for"* ]]
  run --separate-stderr bounded "$TVA" theory nothing.json
  [ "$status" -eq 1 ]
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "the suite's profile has the queues that are promised" {
  run --separate-stderr bounded "$TVA" list cells --suite "$TVA_SOURCE/bench/plan/suite.conf" --profile theory
  [ "$status" -eq 0 ]
  for rate in 125 175 225; do
    for model in pool sequential blocking; do
      [ "$(grep -cE "^--model $model .*dist=exp.* --rate $rate/s --arrivals poisson" <<<"$output")" -eq 1 ]
    done
  done
  for pool in "4 400" "4 560" "4 720" "16 800" "16 1120" "16 1440"; do
    grep -E "^--model pool .*--rate ${pool#* }/s " <<<"$output" | grep -q -- "--threads ${pool% *} "
  done
  for ms in 10 100; do
    for model in $(models_here | grep -E '^(tasks|loops|uring)$'); do
      grep -qE "^--model $model --job sleep:duration=${ms}ms,dist=exp --rate 1000/s " <<<"$output"
    done
  done
}

@test "the benchmark measures, shows the table, and ends as it does" {
  cat >suite.conf <<'SUITE'
[theory]
--model tasks --job sleep:duration=1ms,dist=exp --rate 200/s --duration 300ms --rounds 1
SUITE
  status_of=0
  LIMIT=100 bounded "$TVA_SOURCE/bench/scripts/theory.sh" --suite "$PWD/suite.conf" --out "$PWD/out" >table || status_of=$?
  [ -s out/run.json ]
  [ "$(of_result out/run.json 'r["seed"], r["suite"]')" = "(1, 'theory')" ]
  grep -qE '^tasks +M/M/inf +200/s ' table
  ok=$(of_result out/run.json 'all(c["valid"] and c["summary"]["queue_check"]["ok"] for c in r["cells"])')
  [ "$status_of" -eq "$([ "$ok" = True ] && echo 0 || echo 1)" ]

  cp out/run.json kept.json
  : >broken.conf
  run "$TVA_SOURCE/bench/scripts/theory.sh" --suite "$PWD/broken.conf" --out "$PWD/out"
  [ "$status" -eq 2 ]
  [[ $output == *"an earlier one in"* ]]
  cmp out/run.json kept.json
}

@test "the benchmark, when interrupted, ends at once and leaves no process behind" {
  cat >suite.conf <<'SUITE'
[theory]
--model tasks --job sleep:duration=1ms,dist=exp --rate 200/s --duration 60s --rounds 1
SUITE
  # Not by the function, whose shell would get the signal in its place.
  timeout --kill-after=5 50 "$TVA_SOURCE/bench/scripts/theory.sh" --suite "$PWD/suite.conf" --out "$PWD/out" >table 2>messages 3>&- &
  bench=$!
  running() { [[ $(still_running | wc -l) -ge 2 ]]; }
  eventually running
  kill -TERM "$bench"
  ended=0
  wait "$bench" || ended=$?
  [ "$ended" -eq 143 ]
  eventually none_running
  [ ! -s table ]
  [ ! -e out/run.json ]
}

teardown() {
  end_processes
}
