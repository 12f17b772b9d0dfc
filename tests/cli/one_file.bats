#!/usr/bin/env bats
# The promise: a command that reads one result takes the latest where there is one; without any, and with two, one sentence
# says what is missing or too many, and status 2; nothing is written.

bats_require_minimum_version 1.5.0
load helper

@test "no result is named, and there is none to fall back on" {
  refused "tva check: say which result; 'tva run --counts -o RUN.json' makes one" check
  refused "tva report: say which result, as there is no results/latest/run.json here; 'tva run --profile quick' makes it" report
  refused "tva export: say which result, as there is no results/latest/run.json here; *" export --format csv
  refused "tva plot: say which result, as there is no results/latest/run.json here; *" plot
  refused "tva theory: say which result, as there is no results/latest/theory/run.json here; 'make bench-theory' *" theory
  [ -z "$(ls)" ]
}

@test "a second result is too many, wherever it stands" {
  cp "$TVA_SOURCE/tests/fixtures/run.json" .
  for command in check report theory plot "export --format csv"; do
    # shellcheck disable=SC2086 # words of a command
    refused "tva ${command%% *}: one result at a time: \"other.json\" is too many" $command run.json other.json
    # shellcheck disable=SC2086
    refused "tva ${command%% *}: one result at a time: \"other.json\" is too many" ${command%% *} run.json -- other.json
  done
  [ "$(ls)" = run.json ]
}

@test "a latest result that cannot be read is a failure, not a missing word" {
  mkdir -p results/latest
  : >results/latest/run.json
  for command in report plot "export --format csv"; do
    # shellcheck disable=SC2086
    run --separate-stderr bounded "$TVA" $command
    [ "$status" -eq 1 ]
    [[ ${stderr:?} == "tva ${command%% *}: results/latest/run.json "* ]]
  done
}

@test "what needs no result takes none" {
  run --separate-stderr bounded "$TVA" export --list
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
}
