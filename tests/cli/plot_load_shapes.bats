#!/usr/bin/env bats
# The promise: every chart of load models and sweeps can be drawn with one model or six, with one point or
# thirty.

bats_require_minimum_version 1.5.0
load load_charts

setup() {
  out=$BATS_TEST_TMPDIR/out
  mkdir "$out"
}

@test "one model or six, one point or thirty: every chart can be drawn" {
  for shape in "1 1" "1 30" "2 2" "6 30" "6 1"; do
    # shellcheck disable=SC2086
    set -- $shape
    for kind in rate clients poison map cross; do
      document "$kind" --models "$1" --points "$2" --seconds 1.5
      run --separate-stderr plot
      echo "$kind $shape: $stderr"
      [ "$status" -eq 0 ]
      [ -z "$stderr" ]
      [[ "$output" == *corrected.svg* ]]
    done
  done
}
