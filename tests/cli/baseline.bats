#!/usr/bin/env bats
# The promise: the tree holds its own stored baseline. What its jobs cost in calls, allocations and instructions has not
# risen since that was saved; whoever makes it rise on purpose saves it anew. With another compiler or other libraries that
# goes for the counts on which these do not decide.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  baseline=$TVA_SOURCE/results/baseline/baseline.json
}

@test "the stored baseline is valid by its schema" {
  valid_baseline "$baseline"
}

@test "no count a job has risen above it that is hard here" {
  LIMIT=340 run bounded "$TVA_SOURCE/bench/scripts/regress.sh" --counts-only --suite "$TVA_SOURCE/bench/plan/suite.conf" --out "$PWD/out"
  [ "$status" -eq 0 ]
}
