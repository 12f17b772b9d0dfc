#!/usr/bin/env bats
# The promise: tva sweep measures every point of its axes once, finds what it was asked for, and goes on after
# Ctrl-C, a kill or a full disk without running again what was finished; a state that is not its own, or damaged, is
# refused with the reason and left as it is; and what makes no sense gets one sentence and status 2.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
}

teardown() {
  end_processes
}

# A sweep of these options is refused with one sentence that matches the pattern.
refused() {
  local pattern="tva sweep: $1"

  shift
  run --separate-stderr bounded "$TVA" sweep "$@"
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
  # shellcheck disable=SC2053 # it is a pattern
  [[ $stderr == $pattern ]]
}

small=(--over jobs=1..8:x2 --model tasks,pool --threads 2 --job sleep:duration=2ms --warmup 0)

@test "the grid: a row a point, a document that follows the schema, with a point a cell, and no state left" {
  run --separate-stderr bounded "$TVA" sweep "${small[@]}" --rounds 2 --search-time 0 -o sweep.json
  [ "$status" -eq 0 ]
  valid_result sweep.json
  [ "$(of_result sweep.json '[(c["series"], c["point"]["jobs"], c["jobs"], c["runs"]) for c in r["cells"]]')" = \
    "[('tasks', 1, 1, 2), ('pool(2)', 1, 1, 2), ('tasks', 2, 2, 2), ('pool(2)', 2, 2, 2), ('tasks', 4, 4, 2), ('pool(2)', 4, 4, 2), ('tasks', 8, 8, 2), ('pool(2)', 8, 8, 2)]" ]
  [ "$(of_result sweep.json '[(a["name"], a["unit"], a["values"]) for a in r["sweep"]["axes"]]')" = "[('jobs', 'count', [1, 2, 4, 8])]" ]
  [ "$(grep -cE '^ +[1248] ' <<<"$output")" -eq 4 ]
  [[ $stderr == *"round 1 of 2 done, 8 of 16 runs"* ]]
  [ ! -e sweep.json.state ]
  [ -s sweep.csv ] && [ -s sweep.md ]
  run bounded "$TVA" report sweep.json
  [ "$status" -eq 0 ]
}

@test "an axis that makes no difference to a model is left out of its point, and measured once" {
  run bounded "$TVA" sweep --over threads=1,2 --over job.duration=1ms,2ms --model tasks,pool --jobs 2 --rounds 1 --search-time 0 -q -o sweep.json
  [ "$status" -eq 0 ]
  [ "$(of_result sweep.json 'sorted((c["series"], sorted(c["point"].items())) for c in r["cells"])')" = \
    "[('pool', [('job.duration', 0.001), ('threads', 1)]), ('pool', [('job.duration', 0.001), ('threads', 2)]), ('pool', [('job.duration', 0.002), ('threads', 1)]), ('pool', [('job.duration', 0.002), ('threads', 2)]), ('tasks', [('job.duration', 0.001)]), ('tasks', [('job.duration', 0.002)])]" ]
}

@test "a crossover is found, named, and lies between the grid's values around it" {
  # Handing jobs that do nothing to threads costs more than to do them in turn; of sleeps, four at once are done
  # in a quarter of the time.
  run bounded "$TVA" sweep --over duration=0,20ms --model sequential,pool --threads 4 --jobs 40 --rounds 4 --width 20% -q -o sweep.json
  [ "$status" -eq 0 ]
  valid_result sweep.json
  [ "$(of_result sweep.json '[(c["axis"], c["metric"], c["from"], c["to"]) for c in r["sweep"]["crossovers"]]')" = \
    "[('duration', 'throughput', 'sequential', 'pool(4)')]" ]
  [ "$(of_result sweep.json 'all(0 <= c["ci_low"] <= c["at"] <= c["ci_high"] <= 0.02 for c in r["sweep"]["crossovers"])')" = True ]
  [ "$(of_result sweep.json 'sum(c["refined"] for c in r["cells"]) >= 2')" = True ]
  [[ $output == *"=> pool(4) overtakes sequential in throughput above jobs of "*"; 95% interval "* ]]
}

@test "a knee is found without a grid: a model that takes one job at a time breaks at its service rate" {
  run bounded "$TVA" sweep --slo p50=100ms --model sequential --job sleep:duration=10ms --arrivals constant --duration 500ms --rounds 1 --width 50% -q -o sweep.json
  [ "$status" -le 1 ] # a loaded machine may make cells invalid
  valid_result sweep.json
  [ "$(of_result sweep.json 'r["sweep"]["slo"]')" = "{'metric': 'p50', 'bound_s': 0.1}" ]
  [ "$(of_result sweep.json '[k["model"] for k in r["sweep"]["knees"]]')" = "['sequential']" ]
  [ "$(of_result sweep.json 'r["sweep"]["knees"][0]["rate_per_s"] is None or r["sweep"]["knees"][0]["rate_per_s"] < 110')" = True ]
  [[ $output == *"=> sequential keeps latency p50 under 100 ms"* ]]
}

@test "the scalability law is fitted to a sweep over clients" {
  run bounded "$TVA" sweep --over clients=1,2,4 --model tasks --job sleep:duration=2ms --duration 100ms --rounds 2 -q -o sweep.json
  valid_result sweep.json
  [ "$(of_result sweep.json '[(s["model"], s["lambda"] > 0) for s in r["sweep"]["scalability"]]')" = "[('tasks', True)]" ]
}

slow=(--over jobs=1,2,3 --model tasks,blocking --job sleep:duration=150ms --warmup 0 --rounds 2 --search-time 0)

# Start a sweep in the background; $harness is its process.
start_sweep() {
  env --default-signal=INT "$TVA" sweep "$@" >table 2>said 3>&- & harness=$!
}

finish_sweep() {
  status=0
  wait "$harness" || status=$?
}

# How many runs the state holds at least, from its records' mark.
has_runs() {
  [ -e "$2" ] && [ "$(grep -aoc "ocer-avt" "$2")" -ge "$1" ]
}

resumed() {
  local kept

  run --separate-stderr bounded "$TVA" sweep "${slow[@]}" -o sweep.json
  [ "$status" -eq 0 ]
  kept=$(sed -n 's/^tva sweep: going on with \([0-9]*\) finished runs of sweep.json.state$/\1/p' <<<"$stderr")
  [ "$kept" -ge "$1" ] && [ "$kept" -lt 12 ]
  [[ $stderr == *" of $((12 - kept)) runs"* ]]
  valid_result sweep.json
  [ "$(of_result sweep.json '{c["runs"] for c in r["cells"]}')" = "{2}" ]
  [ "$(of_result sweep.json 'len(r["cells"])')" -eq 6 ]
  [ ! -e sweep.json.state ]
}

@test "Ctrl-C keeps the finished runs, with status 130; the same command runs only the rest" {
  start_sweep "${slow[@]}" --seed 5 -o sweep.json
  eventually has_runs 2 sweep.json.state
  kill -INT "$harness"
  finish_sweep
  [ "$status" -eq 130 ]
  none_running
  grep -q 'tva sweep: interrupted; [0-9]* finished runs are kept: the same command goes on' said
  [ ! -e sweep.json ]
  resumed 2
  [ "$(of_result sweep.json 'r["seed"]')" -eq 5 ]
}

@test "a sweep that was killed goes on too, and so does one whose last run was cut short" {
  start_sweep "${slow[@]}" -o sweep.json
  eventually has_runs 3 sweep.json.state
  kill -KILL "$harness"
  finish_sweep
  [ "$status" -eq 137 ]
  truncate -s -5 sweep.json.state
  resumed 2
  [[ $stderr == *"the last run in sweep.json.state was cut short, and is run again"* ]]
}

@test "a state of another plan, another seed, or damaged in the middle is refused and left as it is" {
  start_sweep "${slow[@]}" --seed 5 -o sweep.json
  eventually has_runs 3 sweep.json.state
  kill -INT "$harness"
  finish_sweep
  cp sweep.json.state before
  refused '*is of another sweep: it has "over jobs=1,2,3", this one "over jobs=1,2,4"; delete it*' \
    --over jobs=1,2,4 "${slow[@]:2}" -o sweep.json
  refused '*is of another sweep: it has "rounds 2", this one "rounds 3"*' "${slow[@]}" --rounds 3 -o sweep.json
  refused '*is of another sweep: it has "cell --model tasks * this one "cell --model tasks *' "${slow[@]}" --stack-size 128k -o sweep.json
  refused '*--seed 5*6*' "${slow[@]}" --seed 6 -o sweep.json
  cmp before sweep.json.state
  middle=$(($(stat -c %s before) / 2))
  printf 'X' | dd of=sweep.json.state bs=1 seek=$middle conv=notrunc status=none
  cp sweep.json.state damaged
  refused '*sweep.json.state is damaged: *' "${slow[@]}" --seed 5 -o sweep.json
  cmp damaged sweep.json.state
  echo "my notes" >sweep.json.state
  refused '*sweep.json.state is not the state of a sweep*' "${slow[@]}" -o sweep.json
  [ "$(cat sweep.json.state)" = "my notes" ]
}

@test "two sweeps do not share a state" {
  start_sweep "${slow[@]}" -o sweep.json
  eventually has_runs 1 sweep.json.state
  run --separate-stderr bounded "$TVA" sweep "${slow[@]}" -o sweep.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"another tva sweep is at work on sweep.json.state"* ]]
  finish_sweep
  [ "$status" -eq 0 ]
}

@test "where the state may not grow, the sweep ends with the reason, and goes on when there is room" {
  run --separate-stderr bounded bash -c 'ulimit -f 4 && exec "$TVA" sweep "$@"' - "${slow[@]}" -o sweep.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"cannot keep a run in sweep.json.state: File too large; what was finished before is kept"* ]]
  [ ! -e sweep.json ]
  resumed 1
}

@test "a place that cannot be written to is told before anything is measured" {
  run --separate-stderr bounded "$TVA" sweep "${small[@]}" -o missing/sweep.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"cannot write missing/sweep.json"* ]]
  run --separate-stderr bounded "$TVA" sweep "${small[@]}" -o /dev/full
  [ "$status" -eq 1 ]
  [[ $stderr == *"not a plain file"* ]]
}

@test "help names the axes and what --over takes" {
  run --separate-stderr bounded "$TVA" sweep --help
  [ "$status" -eq 0 ]
  for word in --over --slo --metric --width --search-time --rounds --rate --clients jobs rate threads poison duration cpu job.PARAMETER; do
    [[ $output == *"$word"* ]]
  done
}

@test "axes that make no sense" {
  refused 'unknown axis "raet"; did you mean "rate"?*' --over raet=1,2
  refused '*NAME=RANGE*' --over rate
  refused '*is empty*' --over rate=2000..100:x1.5
  refused '*has no step*' --over rate=1..2
  refused '*above 1*' --over rate=1..2:x0.9
  refused '*above 0*' --over poison=0%..2%:+0%
  refused '*more than 200 values*' --over jobs=1..1000:+1
  refused '*has 240000 cells, more than 2000*' --over jobs=1..200:+1 --over duration=1ms..200ms:+1ms
  refused '*given twice*' --over jobs=1,2 --over jobs=3
  refused '*given twice*' --over cpu=1%,2% --over job.cpu=3%
  refused '*--jobs is given too*' --over jobs=1,2 --jobs 5
  refused '*exclude each other*' --over rate=100,200 --over clients=1,2
  refused '*exclude each other*' --over rate=100,200 --clients 5
  refused '*makes no difference to any of these models*' --over threads=1,2 --model tasks,blocking
  refused '*"durtion"*"duration"*' --over job.durtion=1ms
  refused '*no number*' --over job.op=1,2 --job file
  refused '*some of these jobs the same*' --over duration=1ms,2ms --job sleep:duration=1ms --job sleep:duration=2ms
  refused '*at most*' --over jobs=1 --over rate=1 --over threads=1 --over cpu=1% --over poison=1%
  refused 'say what to sweep over*' --model tasks
}

@test "bounds and metrics that make no sense" {
  refused 'unknown metric "p98"; did you mean "p90"?*' --slo p98=20ms
  refused '*METRIC=T*' --slo p99
  refused '*"20" is not a duration*' --slo p99=20
  refused '*"0" is not a duration*' --slo p99=0
  refused '*a bound is on a latency*' --slo throughput=20ms
  refused '*a closed loop has none*' --slo p99=20ms --clients 5
  refused '*a closed loop has none*' --slo p99=20ms --over clients=1,2
  refused '*a batch has none*' --slo p99=20ms --over jobs=1,2
  refused '*needs 1000 jobs*--jobs 1000*' --slo p99=20ms --rate 100 --jobs 100
  refused '*p99 needs 1000 jobs in a run*1250 s*' --slo p99=20ms --over rate=1,2
  refused 'unknown metric*' --metric speed --over jobs=1,2
  refused '*--width*' --over jobs=1,2 --width 0
  refused '*--search-time*' --over jobs=1,2 --search-time soon
}
