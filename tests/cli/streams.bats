#!/usr/bin/env bats
# The promise: standard streams that are closed, full or whose reader has gone cost neither a result nor the process
# itself; the status says what was not written.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  cp "$TVA_SOURCE/results/sample/run.json" .
}

# Each command that prints something, quick ones.
commands=(
  "--help" "--version" "list" "list jobs" "list models" "list cells" "list charts" "run --help" "run --help --all" "sweep --help"
  "report run.json" "compare run.json run.json" "export run.json --format csv"
  "demo --list" "demo create-task --scale 0.01 --no-chart"
)

@test "standard output that cannot be written is status 1 and a sentence" {
  [ -c /dev/full ] || skip "there is no /dev/full"
  for words in "${commands[@]}"; do
    # shellcheck disable=SC2086
    run --separate-stderr bounded sh -c '"$TVA" "$@" >/dev/full' sh $words
    [ "$status" -eq 1 ] || { echo "tva $words: status $status"; false; }
    [[ $stderr == *"tva"*": "*"No space left on device"* ]] || { echo "tva $words: $stderr"; false; }
  done
}

@test "closed streams end no command by a signal or a hang, and are status 1 where the output went there" {
  for words in "${commands[@]}" "cell --model tasks --jobs 3"; do
    # shellcheck disable=SC2086
    run bounded sh -c 'exec "$TVA" "$@" <&- >&- 2>/dev/null 3>&-' sh $words
    [ "$status" -eq 1 ] || { echo "tva $words: status $status"; false; }
    # shellcheck disable=SC2086
    run bounded sh -c 'exec "$TVA" "$@" <&- >&- 2>&- 3>&-' sh $words
    [ "$status" -eq 1 ] || { echo "tva $words, all closed: status $status"; false; }
  done
}

@test "a run and a sweep with standard error closed write their files whole" {
  run bounded sh -c 'exec "$TVA" run --model tasks,pool --job null --jobs 50 --rounds 2 -o new.json >table 2>&- 3>&-'
  [ "$status" -eq 0 ]
  valid_result new.json
  run bounded sh -c 'exec "$TVA" sweep --model tasks --job null --over jobs=10,20 --rounds 1 --search-time 0 -o sweep.json >table 2>&- 3>&-'
  [ "$status" -eq 0 ]
  [ "$(of_result sweep.json 'len(r["cells"])')" -eq 2 ]
}

@test "a reader that goes away costs the table, not the result" {
  run --separate-stderr bounded bash -c '"$TVA" run --model tasks --job null --jobs 50 --rounds 2 -o new.json | true; exit "${PIPESTATUS[0]}"'
  valid_result new.json
  [ "$status" -eq 0 ] || [[ $status -eq 1 && $stderr == *"tva run: cannot show the report: Broken pipe"* ]]
  # The reader is gone for certain before the table is written.
  run --separate-stderr bounded bash -c 'mkfifo pipe; { "$TVA" run --model tasks --job null --jobs 50 --rounds 2 -o gone.json >&4; echo $? >status; } 4<>pipe 4>pipe & exec 5<pipe; exec 5<&-; wait'
  valid_result gone.json
}

@test "other programs that it starts do not inherit that a signal is ignored" {
  mkdir bin
  printf '#!/bin/sh\ngrep SigIgn /proc/self/status >>"%s/ignored"\n' "$PWD" >bin/gnuplot
  chmod +x bin/gnuplot
  PATH=$PWD/bin:$PATH run bounded "$TVA" plot run.json -o charts
  mask=0x$(sed -n '1s/.*[[:space:]]//p' ignored)
  ((!(mask >> 12 & 1) && !(mask >> 24 & 1))) # SIGPIPE, SIGXFSZ
}
