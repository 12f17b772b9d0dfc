#!/usr/bin/env bats
# The promise: the gate proves itself on every make test. With a fault planted in the code that it measures it is red and
# names the cell and the count; without one it is green, also in another environment, on one CPU and on a busy machine.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  printf '%s\n' '[gate]' '--model tasks,pool --threads 2 --job file:block=4k,blocks=2,size=64k --jobs 20 --rounds 2' >suite
  export LIMIT=150
}

teardown() {
  if [[ -n ${busy-} ]]; then
    kill "$busy" 2>/dev/null || true
  fi
  end_processes
}

# make regress, with a program that plants $1 where it is not empty; other options follow. The program finds no valgrind, which
# takes longest, but in a test of $instructions.
regress() {
  local fault=$1

  shift
  {
    printf '#!%s\n' "$BASH"
    [[ -n ${instructions-} ]] || echo 'PATH=/nowhere'
    [[ -z $fault ]] || printf '[[ $1 != run ]] || set -- "$@" --inject %q\n' "$fault"
    printf 'exec %q "$@"\n' "$TVA"
  } >planted
  chmod +x planted
  run --separate-stderr env TVA="$PWD/planted" timeout --kill-after=5 "$LIMIT" "$TVA_SOURCE/bench/scripts/regress.sh" \
    --suite "$PWD/suite" --out "$PWD/out" --baseline "$PWD/base.json" "$@"
  verdict=$(tail -n 1 <<<"$output")
}

keep() {
  regress "" "$@"
  [ "$status" -eq 2 ] # there is no baseline yet
  [[ $verdict == "=> cannot compare: "*base.json* ]]
  bounded "$TVA" baseline save out/run.json --baseline base.json
}

@test "a planted system call and allocation are red, true code is green on a busy machine, too" {
  keep --counts-only
  regress model=tasks,syscall=1,alloc=1 --counts-only
  [ "$status" -eq 3 ]
  for metric in syscalls allocations; do
    [[ $output == *" WORSE  "*"  ${metric}_per_job "*" tasks file:op=read,size=64k,blocks=2 x 20"* ]]
  done
  [[ $output != *" WORSE  "*"pool(2)"* ]]
  [[ $verdict == "=> regression: "* ]]
  (while :; do :; done) >/dev/null 3>&- &
  busy=$!
  export ANOTHER_ENVIRONMENT=$BATS_TEST_TMPDIR$BATS_TEST_TMPDIR LC_ALL=C
  regress "" --counts-only --markdown "$PWD/page.md"
  [ "$status" -eq 0 ]
  [[ $verdict == "=> pass: none of "* ]]
  grep -q '^\*\*pass\*\*: none of ' page.md
}

# The fault $1 is red, by this metric of this cell.
red() {
  regress "$1" --counts-only
  [ "$status" -eq 3 ]
  [[ $verdict == "=> regression: "* ]]
  [[ $output == *" WORSE  "*"  $2_per_job "*" $3"* ]]
}

@test "a planted poll and more pages of stack are red" {
  printf '%s\n' '[gate]' '--model tasks --job null --jobs 10000' '--model tasks --job sleep:duration=1ms --jobs 100' >suite
  keep --counts-only
  red model=tasks,poll=1 wakeups "tasks null"
  red model=tasks,stack=12k pages "tasks sleep"
  regress "" --counts-only
  [ "$status" -eq 0 ]
}

@test "more steps in a pool are red" {
  command -v valgrind >/dev/null || skip "valgrind is not installed"
  instructions=yes
  printf '%s\n' '[gate]' '--model pool --threads 2 --job null --jobs 10000' >suite
  keep --counts-only
  red model=pool,spin=400 instructions "pool(2) null"
  regress "" --counts-only
  [ "$status" -eq 0 ]
}

@test "by itself it measures times, too" {
  keep
  [ "$(of_result out/run.json '[len(c["summary"]["makespan_s"]["values"]) for c in r["cells"]]')" = "[2, 2]" ]
  [ "$(of_result base.json 'list(r["sessions"][0]["ratios"])')" = "['pool(2)/tasks file:op=read,size=64k,blocks=2 x 20']" ]
}

@test "a run that cannot be had is no pass" {
  cp "$TVA_SOURCE/tests/fixtures/run.json" base.json
  mkdir out
  cp base.json out/run.json # of an earlier time
  printf '[gate]\n--job nonsense\n' >suite
  regress ""
  [ "$status" -eq 2 ]
  [[ $verdict == "=> cannot compare: the run left no result" ]]
  regress "" --baseline
  [ "$status" -eq 2 ]
  [[ ${stderr:?} == "regress: --baseline takes a value"* ]]
  regress "" --nonsense
  [ "$status" -eq 2 ]
}
