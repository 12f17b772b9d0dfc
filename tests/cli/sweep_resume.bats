#!/usr/bin/env bats
# The promise: a sweep goes on after Ctrl-C, a kill or a full disk without running again what was finished; a
# state that is not its own, or damaged, is refused with the reason and left as it is.

bats_require_minimum_version 1.5.0
load helper

teardown() {
  end_server
  end_processes
}

# A sweep of twelve runs that make 24 requests. The server answers nine, which three to five of the runs have in
# any order, and the others when the gate is open: until then the sweep is in the midst of its runs.
begin_sweep() {
  start_faults
  held=(--over jobs=1,2,3 --model tasks,blocking --job "http:url=$url/gate/9" --warmup 0 --rounds 2 --search-time 0)
}

open_gate() {
  touch open
}

# A sweep of these options is refused with one sentence that matches the pattern.
refused_sweep() {
  refused "tva sweep: $1" sweep "${@:2}"
}

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
  [ -e "$2" ] && [ "$(grep -ao "ocer-avt" "$2" | wc -l)" -ge "$1" ]
}

# Opens the gate: what is left can be done.
resumed() {
  local kept

  open_gate
  run --separate-stderr bounded "$TVA" sweep "${held[@]}" -o sweep.json
  [ "$status" -eq 0 ]
  kept=$(sed -n 's/^tva sweep: going on with \([0-9]*\) finished runs\? of sweep.json.state;.*/\1/p' <<<"$stderr")
  [ "$kept" -ge "$1" ] && [ "$kept" -lt 12 ]
  [[ $stderr == *"sweep.json.state; $((12 - kept)) of the grid are left"* ]]
  valid_result sweep.json
  [ "$(of_result sweep.json '{c["runs"] for c in r["cells"]}')" = "{2}" ]
  [ "$(of_result sweep.json 'len(r["cells"])')" -eq 6 ]
  [ ! -e sweep.json.state ]
}

@test "Ctrl-C keeps the finished runs, with status 130; the same command runs only the rest" {
  begin_sweep
  start_sweep "${held[@]}" --seed 5 -o sweep.json
  eventually has_runs 3 sweep.json.state
  kill -INT "$harness"
  finish_sweep
  [ "$status" -eq 130 ]
  none_running
  grep -q 'tva sweep: interrupted; [0-9]* finished runs are kept: the same command goes on' said
  [ ! -e sweep.json ]
  resumed 3
  [ "$(of_result sweep.json 'r["seed"]')" -eq 5 ]
}

@test "a sweep that was killed goes on too, and so does one whose last run was cut short" {
  begin_sweep
  start_sweep "${held[@]}" -o sweep.json
  eventually has_runs 3 sweep.json.state
  kill -KILL "$harness"
  finish_sweep
  [ "$status" -eq 137 ]
  truncate -s -5 sweep.json.state
  resumed 2
  [[ $stderr == *"the last run in sweep.json.state was cut short, and is run again"* ]]
}

@test "where one run is left of a state, it is called one" {
  begin_sweep
  start_sweep "${held[@]}" -o sweep.json
  eventually has_runs 3 sweep.json.state
  kill -KILL "$harness"
  finish_sweep
  python - <<'PYTHON'
data = open("sweep.json.state", "rb").read()
second = data.index(b"ocer-avt", data.index(b"ocer-avt") + 1)
open("sweep.json.state", "wb").write(data[:second])
PYTHON
  resumed 1
  [[ $stderr == *"going on with 1 finished run of sweep.json.state; 11 of the grid are left"* ]]
}

@test "a state of another plan, another seed, or damaged in the middle is refused and left as it is" {
  begin_sweep
  start_sweep "${held[@]}" --seed 5 -o sweep.json
  eventually has_runs 3 sweep.json.state
  kill -INT "$harness"
  finish_sweep
  cp sweep.json.state before
  refused_sweep '*is of another sweep: it has "over jobs=1,2,3", this one "over jobs=1,2,4"; delete it*' \
    --over jobs=1,2,4 "${held[@]:2}" -o sweep.json
  refused_sweep '*is of another sweep: it has "rounds 2", this one "rounds 3"*' "${held[@]}" --rounds 3 -o sweep.json
  refused_sweep '*is of another sweep: it has "*--warmup 0", this one "--stack-size 128k *' "${held[@]}" --stack-size 128k -o sweep.json
  refused_sweep '*--seed 5*6*' "${held[@]}" --seed 6 -o sweep.json
  cmp before sweep.json.state
  python - <<'PYTHON'
data = bytearray(open("sweep.json.state", "rb").read())
data[len(data) // 2] ^= 0xFF
open("sweep.json.state", "wb").write(data)
PYTHON
  cp sweep.json.state damaged
  refused_sweep '*sweep.json.state is damaged: *' "${held[@]}" --seed 5 -o sweep.json
  cmp damaged sweep.json.state
  echo "my notes" >sweep.json.state
  refused_sweep '*sweep.json.state is not the state of a sweep*' "${held[@]}" -o sweep.json
  [ "$(cat sweep.json.state)" = "my notes" ]
}

@test "two sweeps do not share a state" {
  begin_sweep
  start_sweep "${held[@]}" -o sweep.json
  eventually has_runs 1 sweep.json.state
  run --separate-stderr bounded "$TVA" sweep "${held[@]}" -o sweep.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"another tva sweep is at work on sweep.json.state"* ]]
  open_gate
  finish_sweep
  [ "$status" -eq 0 ]
}

@test "where the state may not grow, the sweep ends with the reason, and goes on when there is room" {
  begin_sweep
  start_sweep "${held[@]}" -o sweep.json
  eventually has_runs 3 sweep.json.state
  kill -INT "$harness"
  finish_sweep
  open_gate
  # Room for what is there and less than 1 KiB more, which is no room for all the other runs.
  room=$((($(stat -c %s sweep.json.state) + 1023) / 1024))
  run --separate-stderr bounded bash -c 'ulimit -f "$1" && shift && exec "$TVA" sweep "$@"' - "$room" "${held[@]}" -o sweep.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"cannot keep a run in sweep.json.state: File too large; what was finished before is kept"* ]]
  [ ! -e sweep.json ]
  resumed 3
}
