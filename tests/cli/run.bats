#!/usr/bin/env bats
# The promise: tva run measures what it was asked for, each combination in as many processes as there are
# rounds, the same work for the same seed; data goes to standard output, the rest to standard error, and
# files only where they were asked for.

bats_require_minimum_version 1.5.0
load helper

teardown() {
  end_server
  end_processes
}

quick=(--job sleep:duration=1ms --jobs 5 --rounds 2)

@test "the table of all models comes to standard output, progress to standard error, no file" {
  run --separate-stderr bounded "$TVA" run "${quick[@]}"
  [ "$status" -eq 0 ]
  models=$(models_here)
  for model in $models; do
    [ "$(grep -cE "^  $model(\([0-9]+\))? +[0-9]" <<<"$output")" -eq 1 ]
  done
  n=$(wc -w <<<"$models")
  [ "$n" -ge 7 ]
  [[ $output == *"=> "* ]]
  [[ $stderr == *"round 1 of 2 done, $n of $((2 * n)) runs"* ]]
  [ -z "$(ls -A)" ]
}

@test "no escape codes where there is no terminal, nor with NO_COLOR on one" {
  run bounded "$TVA" run "${quick[@]}"
  [ "$status" -eq 0 ]
  [[ $output != *$'\033'* ]]
  NO_COLOR=1 TERM=xterm run bounded script -qec "'$TVA' run ${quick[*]}" /dev/null
  [ "$status" -eq 0 ]
  [[ $output != *$'\033'* ]]
}

@test "on a terminal the progress is redrawn, with the runs done and the time left" {
  NO_COLOR='' TERM=xterm run bounded script -qec "'$TVA' run ${quick[*]}" /dev/null
  [ "$status" -eq 0 ]
  n=$(models_here | wc -l)
  [[ $output == *$'\r\033[J'*"0/$((2 * n)) runs, "*" left, "*"$((2 * n - 1))/$((2 * n)) runs"* ]]
  [[ $output != *"round 1 of 2"* ]]
}

@test "quiet says nothing but the table" {
  run --separate-stderr bounded "$TVA" run --model sequential,tasks "${quick[@]}" --quiet
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [[ $output == *sequential* ]]
}

@test "the result follows the schema, with every cell valid and every run counted" {
  run bounded "$TVA" run "${quick[@]}" --job null --seed 7 -o run.json --exports
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json 'len(r["cells"])')" -eq $((2 * $(models_here | wc -l))) ]
  [ "$(of_result run.json '{(c["valid"], c["runs"], c["ledger"]["jobs"]) for c in r["cells"]}')" = "{(True, 2, 5)}" ]
  [ "$(of_result run.json '(r["seed"], r["rounds"], r["partial"], r["suite"])')" = "(7, 2, False, None)" ]
  [ -s run.csv ] && [ -s run.md ] && [ -d hgrm ]
  # Another result in the folder has names of its own.
  cp -r hgrm before
  run bounded "$TVA" run --model tasks --job null --jobs 5 --rounds 1 -o other.json --exports
  [ -s other.csv ] && [ -s other.md ] && [ -d other.hgrm ]
  diff -r hgrm before
}

@test "all models do the same work, and again for the same seed, but not for another" {
  checksums='sorted({c["ledger"]["checksum"] for c in r["cells"]})'
  for run in "a 1" "b 1" "c 2"; do
    run bounded "$TVA" run --job file:size=64k,blocks=3 --jobs 20 --rounds 1 --seed "${run#* }" -o "${run% *}.json"
    [ "$status" -eq 0 ]
  done
  [ "$(of_result a.json "len($checksums)")" -eq 1 ]
  [ "$(of_result a.json "$checksums")" = "$(of_result b.json "$checksums")" ]
  [ "$(of_result a.json "$checksums")" != "$(of_result c.json "$checksums")" ]
}

# A run goes on in a process that was not seen before.
other_process_runs() {
  local pid

  pid=$(child_of "$harness" cell) && ! grep -qx "$pid" seen && echo "$pid" >>seen
}

@test "every run has a process of its own" {
  start_faults
  : >seen
  "$TVA" run --model tasks,blocking --url "$url/gate/0" --jobs 1 --warmup 0 --rounds 3 --quiet >table 3>&- & harness=$!
  for ended in 1 2 3 4 5 6; do
    eventually other_process_runs
    echo "$ended" >count && mv count open # the server lets it end
  done
  wait "$harness"
}

@test "tcp jobs get a target, which proves the delay and ends with the run" {
  run bounded "$TVA" run --job tcp:delay=5ms --jobs 4 --rounds 1 -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json '{c["ledger"]["operations"] for c in r["cells"]}')" = "{4}" ]
  [ "$(of_result run.json 'min(c["summary"]["latency_ns"]["min"] for c in r["cells"]) >= 5e6')" = True ]
  none_running
}

@test "pool sizes are cells of their own, and leave other models alone" {
  run bounded "$TVA" run --model tasks,pool --threads 1,3 --job sleep:duration=1ms --jobs 3 --rounds 1 -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json '[(c["model"], c["threads"]) for c in r["cells"]]')" = \
    "[('tasks', None), ('pool', 1), ('pool', 3)]" ]
}

@test "a suite's profile goes to results/latest, and options replace what its lines say" {
  cat >suite.conf <<'SUITE'
# two profiles
[small]
--model tasks,pool --job sleep:duration=1ms --jobs 1,2 # a comment
--model tasks --job sleep:duration=1ms --jobs 2        # the same as above: measured once
[other]
--job null
SUITE
  run bounded "$TVA" run --suite suite.conf --profile small --rounds 1 --model tasks
  [ "$status" -eq 0 ]
  valid_result results/latest/run.json
  [ "$(of_result results/latest/run.json '(r["suite"], [(c["model"], c["jobs"], c["runs"]) for c in r["cells"]])')" = \
    "('small', [('tasks', 1, 1), ('tasks', 2, 1)])" ]
}

@test "a bound that is kept, one that is broken, one that is not known, and one that belongs to a sweep" {
  asserted() {
    run --separate-stderr bounded "$TVA" run --model tasks --job sleep:duration=5ms --jobs 4 --rounds 1 -q "$@"
  }
  asserted --assert 'makespan>5ms' --assert 'makespan<60s'
  [ "$status" -eq 0 ]
  [[ $output == *"makespan>5ms: 1 of 1 cell keeps it, by a single run, which says nothing of the next."* ]]
  asserted --assert 'makespan<5ms' --assert 'p99<60s'
  [ "$status" -eq 3 ]
  [[ $output == *"broken: tasks sleep:duration=5ms x 4: makespan is "* && $output != *"0 % interval"* ]]
  asserted --assert 'p99<60s'
  [ "$status" -eq 4 ]
  [[ $output == *"has no latency p99"* ]]
  refused "tva run: \"p99\" is no bound*" run --assert p99
  refused "tva run: --slo belongs to tva sweep*--assert*" run --slo p99=20ms
}

@test "a pinned cell runs on that CPU alone" {
  cpu=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)
  "$TVA" cell --model tasks --job sleep:duration=60s --jobs 1 --warmup 0 --pin "$cpu" >line 3>&- & cell=$!
  eventually grep -sqx "Cpus_allowed_list:[[:space:]]*$cpu" "/proc/$cell/status"
}
