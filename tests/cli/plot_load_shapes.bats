#!/usr/bin/env bats
# The promise: every chart of load models and sweeps can be drawn with one model or six, with one point or
# thirty.

bats_require_minimum_version 1.5.0
load load_charts

setup() {
  out=$BATS_TEST_TMPDIR/out
  mkdir "$out"
}

# Draw a document of this kind, with so many models and points, by charts that are chosen or by all.
draws() { # KIND MODELS POINTS [OPTION...]
  document "$1" --models "$2" --points "$3" --seconds 1.5
  run --separate-stderr plot "${@:4}"
  echo "$1 with $2 models, $3 points: $stderr"
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
}

@test "one model or six, one point or thirty: every chart can be drawn" {
  for shape in "1 1" "6 30"; do
    for kind in rate clients poison map cross; do
      # shellcheck disable=SC2086
      draws "$kind" $shape
      [[ $output == *corrected.svg* ]]
    done
  done
}

# Where one number is small and the other large, charts that all kinds have are drawn from two of them.
@test "one model and thirty points, two and two, six models and one point" {
  for shape in "1 30" "2 2" "6 1"; do
    for kind in rate cross; do
      # shellcheck disable=SC2086
      draws "$kind" $shape
      [[ $output == *corrected.svg* ]]
    done
    while read -r kind charts; do
      # shellcheck disable=SC2086
      draws "$kind" $shape --only "$charts"
      [ "$(grep -c '\.svg$' <<<"$output")" -eq "$(tr ',' '\n' <<<"$charts" | wc -l)" ]
    done <<'TABLE'
clients concurrency
poison poison
map rate,poison
TABLE
  done
}
