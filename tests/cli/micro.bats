#!/usr/bin/env bats
# The promise: tva-micro measures each contender as often as asked, prints a line for each, and leaves the values of
# all in a file. What it measures is no matter of a test.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  micro=$TVA_BUILD/tva-micro
}

@test "each contender has as many values as rounds, and a ratio to the reference" {
  for bench in create yield-2; do
    run --separate-stderr bounded "$micro" --quick --only "$bench" --rounds 2 -o micro.json
    [ "$status" -eq 0 ]
    [[ $output == *" x fcontext "*$'\n  tva '*"["*$'\n  own stack '*$'\n  libuv '*$'\n  records '*$'\n  fcontext '* ]]
    [ "$(of_result micro.json '[(c["name"], len(c["value"]["values"]), min(c["value"]["values"]) > 0) for c in r["benchmarks"][0]["contenders"]]')" = \
      "[('tva', 2, True), ('own stack', 2, True), ('libuv', 2, True), ('records', 2, True), ('fcontext', 2, True)]" ]
    [ "$(of_result micro.json '[b["name"] for b in r["benchmarks"]]')" = "['$bench']" ]
  done
}

@test "each subject has its rows, and each row the contenders that it is to be compared with" {
  run --separate-stderr bounded "$micro" --quick --rounds 1 -o micro.json
  [ "$status" -eq 0 ]
  [ "$(of_result micro.json "'\n'.join(b['name'] + ': ' + '; '.join(c['name'] for c in b['contenders']) for b in r['benchmarks'] if not b['name'].startswith(('ring', 'held')))")" = \
    'create: tva; own stack; libuv; records; fcontext
yield-2: tva; own stack; libuv; records; fcontext
yield-10000: tva; own stack; libuv; records; fcontext
sleeps-10000: tva; own stack; records; libuv
sleeps-warm-10000: tva; records; libuv
sleeps-100000: tva; own stack; records; libuv
sleeps-warm-100000: tva; records; libuv
sleeps-1000000: tva; records; libuv
sleeps-warm-1000000: tva; records; libuv
timers-10000: tva; libuv
timers-1000000: tva; libuv
timers-random-10000: tva; libuv
timers-random-1000000: tva; libuv
beat: tva; libuv; clock_nanosleep
cached: tva; libuv; preadv2, 1 thread; pread, 1 thread; pread, yielding
offload-10000: tva; libuv
echo-1: tva; tcp job; libuv; epoll
echo-100: tva; tcp job; libuv; epoll
echo-1000: tva; tcp job; libuv; epoll' ]
  [ "$(of_result micro.json "all(c['value']['median'] > 0 for b in r['benchmarks'] for c in b['contenders'] if not b['name'].startswith('sleeps'))")" = True ]
  [ "$(of_result micro.json "sorted({b['name'].rsplit('-', 1)[0] for b in r['benchmarks'] if all('bytes_a_task' in c for c in b['contenders'])})")" = \
    "['sleeps', 'sleeps-warm']" ]
  [ "$(of_result micro.json "[(b['name'], all(c['p99']['median'] >= c['value']['median'] for c in b['contenders'])) for b in r['benchmarks'] if 'p99' in b['contenders'][0]]")" = "[('beat', True)]" ]
  [[ $output == *"us, median "*" x clock_nanosleep "*" p99 "* ]]
}

@test "a quick measurement makes a hundredth of the tasks, and at least one" {
  run --separate-stderr bounded "$micro" --quick --only yield --rounds 1 -o quick.json
  [ "$status" -eq 0 ]
  [ "$(of_result quick.json '[b["n"] for b in r["benchmarks"]]')" = "[1, 100]" ]
}

@test "held connections stand beside epoll alone, and rows for which there are too few descriptors are named" {
  run --separate-stderr bounded bash -c "ulimit -n 500; exec '$micro' --only held --rounds 1"
  [ "$status" -eq 0 ]
  [ "$stderr" = "$(printf '%s is left out: it takes %d open files, and a process may have 500 (ulimit -n)\n' \
    held-5000 5064 held-9000 9064 held-ring-5000 5064 held-ring-9000 9064)" ]
  (($(ulimit -Hn) >= 5064)) || skip "the hard limit on open files is $(ulimit -Hn)"
  run --separate-stderr bounded "$micro" --quick --only held-5000 --rounds 1 -o held.json
  [ "$status" -eq 0 ]
  [ "$(of_result held.json '[(c["name"], c["value"]["median"] > 0, c["cpu_ns_a_request"]["median"] > 0) for c in r["benchmarks"][0]["contenders"]]')" = \
    "[('tasks', True, True), ('loops', True, True), ('epoll', True, True)]" ]
}

# Of 50 connections, 100 requests of the warm-up and 300 that count; tasks send them by send(2).
@test "epoll alone makes as many requests on held connections as a cell" {
  command -v strace >/dev/null || skip "strace is not installed"
  [ -z "$TVA_SANITIZE" ] || skip "a leak checker cannot work under strace"
  (($(ulimit -Hn) >= 5064)) || skip "the hard limit on open files is $(ulimit -Hn)"
  bounded strace -f -qq -e trace=write -o trace.txt "$micro" --quick --only held-5000 --rounds 1 >/dev/null 2>&1
  [ "$(grep -cE ' write\([0-9]+, .*, 64( <unfinished|\) )' trace.txt)" -eq 400 ]
}

# All threads, for the first one serves nobody.
@test "the target of the echo rows keeps to one CPU, with one loop" {
  taskset -c 0 true || skip "CPU 0 is not open to tests"
  "$micro" --only echo-1 --rounds 1 >/dev/null 2>&1 3>&- & measuring=$!
  threads_of_target() {
    target=$(pgrep -P "$measuring" -f " serve ") && threads=("/proc/$target/task"/*) && [ "${#threads[@]}" -ge 2 ]
  }
  eventually threads_of_target
  sleep 0.5
  threads_of_target
  allowed=$(cat "/proc/$target/task"/*/status | sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' | sort -u)
  kill "$measuring"
  wait "$measuring" || true
  [ "$allowed" = 0 ]
  [ "${#threads[@]}" -eq 2 ]
}

@test "rows of io_uring are measured beside it, or left out with the reason" {
  if [[ $(bounded "$TVA" list models) != *"uring cannot run here"* ]]; then
    run --separate-stderr bounded "$micro" --quick --only ring --rounds 1 -o ring.json
    [ "$status" -eq 0 ]
    [ "$(of_result ring.json '[(b["name"], b["reference"], ",".join(c["name"] for c in b["contenders"])) for b in r["benchmarks"]]')" = \
      "[('ring-cached', 'io_uring', 'uring,pread, 1 thread,io_uring, registered file,io_uring'), ('ring-echo-100', 'io_uring', 'uring,epoll,io_uring'), ('ring-echo-1000', 'io_uring', 'uring,epoll,io_uring')]" ]
  fi
  [[ $(bounded "$TVA" list models) != *"built without io_uring"* ]] || skip "built without io_uring"
  bounded python3 "$TVA_SOURCE/tests/cli/without_uring.py" 1 true || skip "no seccomp"
  run --separate-stderr bounded python3 "$TVA_SOURCE/tests/cli/without_uring.py" 1 "$micro" --quick --only ring --rounds 1
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  [[ $stderr == *"ring-cached is left out: the kernel refuses io_uring"*"ring-echo-1000 is left out"* ]]
}

@test "what is wrong with the options is said in a sentence, before anything is measured" {
  for options in "--only nothing" "--rounds 0" "--frobnicate"; do
    # shellcheck disable=SC2086 # words of a command
    run --separate-stderr bounded "$micro" $options
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ ${stderr_lines[0]} == "tva-micro: "* ]]
  done
}

@test "a file that cannot be written is a failure" {
  run --separate-stderr bounded "$micro" --quick --only create --rounds 1 -o nowhere/micro.json
  [ "$status" -ne 0 ]
  [[ $stderr == *"nowhere/micro.json"* ]]
}
