#!/usr/bin/env bats
# The promise: a session ends by the rule that it was given, or on a signal, and says so; what is
# complete by then is kept.

bats_require_minimum_version 1.5.0
load helper

@test "a time limit ends the session after the round in progress" {
  run --separate-stderr bounded "$TVA" run --model tasks --job sleep:duration=100ms --jobs 1 --rounds 500 --time-limit 300ms -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json '(r["ended_by"], r["partial"], r["rounds"] == r["cells"][0]["runs"] < 500)')" = \
    "('time limit', False, True)" ]
  [[ $stderr == *"ended by the time limit after "* ]]
  [[ $output == *";"*"ended by the time limit"* ]]
}

@test "a precision adds rounds until every interval is that narrow" {
  # So long that a pause of the machine does not make one of six runs twice as long.
  ran --model tasks --job sleep:duration=200ms --jobs 2 --precision 90%
  [ "$(of_result run.json '(r["ended_by"], r["rounds"], r["cells"][0]["runs"])')" = "('precision', 6, 6)" ]
  ran --model tasks --job sleep:duration=20ms --jobs 1 --precision 0.000001% --time-limit 6s
  [ "$(of_result run.json '(r["ended_by"], r["rounds"] > 6)')" = "('time limit', True)" ]
  [[ $stderr == *"1 of 1 cell is not known to 0.000001% yet"* ]]
}

@test "Ctrl-C during a loop keeps what is complete and leaves no process" {
  env --default-signal=INT "$TVA" run --model tasks --job null --rate 100/s --duration 200ms --rounds 1000 -o run.json \
    >table 2>said 3>&- & harness=$!
  eventually grep -q 'round 1 of' said
  kill -INT "$harness"
  status=0
  wait "$harness" || status=$?
  [ "$status" -eq 130 ]
  none_running
  valid_result run.json
  [ "$(of_result run.json '(r["partial"], r["ended_by"])')" = "(True, 'interrupt')" ]
}
