#!/usr/bin/env bats
# The promise: what tva run --counts cannot count it says in a sentence and leaves out, a cell that fails meanwhile is
# invalid, and a signal leaves no process.

bats_require_minimum_version 1.5.0
load helper

# Count only, into $1; other options follow.
count() {
  local file=$1

  shift
  LIMIT=150 run --separate-stderr bounded "$TVA" run --quiet --counts=only -o "$file" "$@"
}

@test "without valgrind the rest is counted, and it says what to install" {
  [ -z "$TVA_SANITIZE" ] || skip "there it is not looked for"
  mkdir empty
  LIMIT=150 run --separate-stderr bounded env PATH="$PWD/empty" "$TVA" run --quiet --counts=only --model blocking --job null -o run.json
  [ "$status" -eq 0 ]
  [[ ${stderr:?} == *"instructions cannot be counted: valgrind is not installed; on Debian: apt-get install valgrind"* ]]
  [ "$(of_result run.json 'sorted(c for c in r["cells"][0]["counts"] if c[0] in "is")')" = "['syscalls_per_job']" ]
}

@test "where tracing is forbidden it says so, and leaves system calls out" {
  command -v strace >/dev/null || skip "strace, which forbids it by tracing itself, is not installed"
  [ -z "$TVA_SANITIZE" ] || skip "a leak checker cannot run there either"
  LIMIT=150 run --separate-stderr bounded strace -f -o trace "$TVA" run --quiet --counts=only --model blocking --job null -o run.json
  [ "$status" -eq 0 ]
  [ "$(grep -c 'system calls cannot be counted: this system forbids ptrace' <<<"$stderr")" -eq 1 ]
  [ "$(of_result run.json '"syscalls_per_job" in r["cells"][0]["counts"], "allocations_per_job" in r["cells"][0]["counts"]')" = "(False, True)" ]
}

@test "loads that a time ends are not counted, which is a warning" {
  count run.json --model tasks --job sleep:duration=1ms --rate 100/s --duration 100ms
  [ "$status" -eq 0 ]
  [ "$(of_result run.json 'r["cells"][0]["counts"], "it cannot be counted" in r["cells"][0]["warnings"][-1]')" = "({}, True)" ]
}

@test "a job that fails while it is counted makes its cell invalid, and no other" {
  count run.json --model blocking --job http:url=http://127.0.0.1:1/ --job null --exports
  [ "$status" -eq 1 ]
  [ "$(of_result run.json '[(c["job"], c["valid"], len(c["reasons"]) > 0) for c in r["cells"]]')" = "[('http', False, True), ('null', True, False)]" ]
  [[ $output == *"invalid: blocking:"* ]]
  grep -q '^\* invalid: blocking: ' run.md
}

@test "a signal ends it at once, and no process is left" {
  for signal in INT TERM; do
    "$TVA" run --counts=only --model blocking --job sleep:duration=300ms --jobs 50 -o run.json 2>err 3>&- &
    pid=$!
    eventually child_of_child "$pid"
    kill -s "$signal" "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq $((128 + $(kill -l "$signal"))) ]
    eventually none_running
    [ ! -e run.json ]
  done
}

# Has the process that counts for process $1 started one to be counted?
child_of_child() {
  local counter

  for counter in $(pgrep -P "$1"); do
    if child_of "$counter" cell >/dev/null; then
      return 0
    fi
  done
  return 1
}

@test "what it is asked for wrongly is refused" {
  refused '*--counts takes nothing, or =only, not "all"' run --counts=all
}
