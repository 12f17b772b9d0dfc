#!/usr/bin/env bats
# The promise: wrong input gets one sentence and status 2; a fault costs the cells it touches and no others;
# whatever happens, what was finished is kept, earlier results stay whole, and no process stays behind.

bats_require_minimum_version 1.5.0
load helper

teardown() {
  end_processes
  if [ -d small ]; then
    umount small 2>/dev/null || true
  fi
}

# Start a run in the background; $harness is its process.
start_run() {
  env --default-signal=INT "$TVA" run "$@" >table 2>said 3>&- & harness=$!
}

# Wait for it: its status goes to $status.
finish_run() {
  status=0
  wait "$harness" || status=$?
}

@test "unknown names are refused, naming the valid ones and the nearest" {
  refused 'tva run: *"taks"*"tasks"*sequential, tasks, pool, blocking, threads, offload, loops, uring, loops-uring' run --model taks
  refused 'tva run: *"slep"*"sleep"*sleep, file, tcp, http, dns, cpu, mixed, null' run --job slep
  refused 'tva run: *"dely"*"delay"*bytes, reply, delay*' run --job tcp:dely=1ms
  refused 'tva run: *op=raed*"read"*read, write' run --job file:op=raed
  refused 'tva list: *"modls"*"models"*jobs, models, cells, charts' list modls
  refused 'tva: *"rnu"*"run"*valid*' rnu
  refused 'tva cell: *"zzz"*sequential, tasks, pool, blocking, threads, offload, loops, uring, loops-uring' cell --model zzz
}

@test "values out of range are refused, naming the range" {
  refused 'tva run: *0 to 3600s' run --job sleep:duration=3601s
  refused 'tva run: *10*ms*' run --job sleep:duration=10
  refused 'tva run: *24 to 1M' run --job tcp:bytes=23
  refused 'tva run: *1 to 10000000' run --jobs 0
  refused 'tva run: *1 to 10000000' run --jobs 10,20000000
  refused 'tva run: *1 to 32768' run --threads 40000
  refused 'tva run: *16k to 64M' run --stack-size 1k
  refused 'tva run: *1 to 1000' run --rounds 0
  refused 'tva run: *10ms*' run --timeout 0
  refused 'tva run: *from 0 to *' run --seed=-1
  refused 'tva run: *CPU*' run --pin 1023
  refused 'tva run: *block*size*' run --job file:block=64k,size=4k
  for share in 1/4x 1/4/ 1/4/5 4/4 1; do
    refused "tva cell: --share \"$share\" is not a number and how many there are, as in 0/4" cell --share "$share"
  done
}

@test "an option that does not exist, or stands alone, is a usage error" {
  for options in "run --modle tasks" "run --model" "run word" "list jobs models" "serve word" "cell word"; do
    # shellcheck disable=SC2086
    run --separate-stderr bounded "$TVA" $options
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [ -n "$stderr" ]
  done
  refused 'tva: say which command*' --
  refused "tva run: unknown option \"--modle\"; did you mean \"--model\"? 'tva run --help' lists them" run --modle tasks
  refused "tva plot: unknown option \"--onyl\"; did you mean \"--only\"? *" plot --onyl lag
  refused "tva: unknown option \"--hlep\"; did you mean \"--help\"? 'tva --help' lists them" --hlep run --jobs 5
}

@test "a run of one cell refuses options that make several, or a job without its target" {
  refused 'tva cell: *8 cells*' cell
  refused 'tva cell: *target*tva serve*--target HOST:PORT' cell --model tasks --job tcp
  refused 'tva cell: *127.0.0.1:4000' cell --model tasks --job tcp --target localhost
}

@test "too few descriptors are named before measuring, with the limit and the count; other cells go on" {
  run --separate-stderr bounded bash -c 'ulimit -n 256 && exec "$TVA" run --model tasks,pool --job tcp --jobs 1000 --rounds 1 -o run.json'
  [ "$status" -eq 1 ]
  [[ $stderr == "tva run: tasks tcp"*" x 1000: needs "*" open files at once, and the limit is 256"* ]]
  [ "$(of_result run.json '[(c["model"], c["valid"], c["runs"]) for c in r["cells"]]')" = \
    "[('tasks', False, 0), ('pool', True, 1)]" ]
  [[ $(of_result run.json 'r["cells"][0]["reasons"]') == *"limit is 256"* ]]
  valid_result run.json
}

@test "when the system gives no more threads, the reason says how to do with fewer" {
  # The kernel counts the processes of a user, so that root, who is exempt, has to be another one.
  [ "$(id -u)" -ne 0 ] || command -v setpriv >/dev/null || skip "setpriv is not installed"
  other=()
  if [ "$(id -u)" -eq 0 ]; then
    other=(setpriv --reuid 54321 --clear-groups)
  fi
  chmod 777 . "$BATS_TEST_TMPDIR"
  "${other[@]}" test -x "$TVA" || skip "another user cannot run $TVA"
  run bounded "${other[@]}" bash -c 'ulimit -u 40 && exec "$TVA" cell --model threads --job cpu:rounds=10M --rate 2000/s --duration 500ms --warmup 0'
  [ "$status" -eq 1 ]
  [[ $output == *"gives no more threads"*"--limit"* ]]
}

@test "when address space is short, the reason names that limit" {
  [ -z "${TVA_SANITIZE-}" ] || skip "a sanitizer needs more address space than a limit leaves"
  run --separate-stderr bounded bash -c 'ulimit -v 3000000; exec "$TVA" run --model pool --threads 2000 --job null --rounds 1 -o run.json'
  [ "$status" -eq 1 ]
  [[ $(of_result run.json 'r["cells"][0]["reasons"]') == *"2000 threads"*"address space (ulimit -v)"* ]]
}

@test "too small a stack is named, before it ends" {
  run --separate-stderr bounded bash -c 'ulimit -s 200 && exec "$TVA" run --model tasks --job null --rounds 1 -o run.json'
  [ "$status" -eq 1 ]
  [ "$stderr" = "tva: the limit of the stack is 200 KiB: raise it (ulimit -s) to 1024 or more" ]
  [ ! -e run.json ]
}

@test "a soft limit on descriptors is raised as far as the hard one allows" {
  [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 1100 ] || skip "the hard limit is $(ulimit -Hn)"
  run bounded bash -c 'ulimit -Sn 64 && exec "$TVA" run --model tasks --job tcp --jobs 500 --rounds 1 -o run.json'
  [ "$status" -eq 0 ]
}

@test "the target dies in mid-run: its cells are invalid with the reason, the others are kept" {
  start_run --model tasks --job tcp:delay=60s --job sleep:duration=1ms --jobs 2 --rounds 2 --warmup 0 -o run.json
  eventually child_of "$harness" serve
  target=$(child_of "$harness" serve)
  eventually tcp_cell_running
  kill -KILL "$target"
  finish_run
  [ "$status" -eq 1 ]
  grep -q 'tasks tcp:bytes=64,delay=60s x 2: the target was killed by signal 9' said
  valid_result run.json
  [ "$(of_result run.json '[(c["job"], c["valid"]) for c in r["cells"]]')" = "[('tcp', False), ('sleep', True)]" ]
  [ "$(of_result run.json 'cell["tasks sleep:duration=1ms x 2"]["runs"]')" -eq 2 ]
  [[ $(of_result run.json 'r["cells"][0]["reasons"]') == *"the target was killed by signal 9"* ]]
  none_running
}

@test "a target that was stopped is named within seconds, and its cells are invalid with the reason" {
  start_run --model tasks --job tcp:delay=60s --job sleep:duration=1ms --jobs 2 --rounds 2 --warmup 0 -o run.json
  eventually tcp_cell_running
  target=$(child_of "$harness" serve)
  kill -STOP "$target"
  finish_run
  [ "$status" -eq 1 ]
  grep -q "tasks tcp:bytes=64,delay=60s x 2: the target (process $target) does not answer: it was stopped" said
  [ "$(of_result run.json '[(c["job"], c["valid"]) for c in r["cells"]]')" = "[('tcp', False), ('sleep', True)]" ]
  none_running
}

# The target answers all the while: a long wait for it is none of its silence.
@test "a run of longer than the target may be silent goes on" {
  set_alone
  run --separate-stderr bounded "${alone[@]}" "$TVA" run --model tasks --job tcp:delay=6s --jobs 2 --rounds 1 --warmup 0 -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
}

tcp_cell_running() {
  local pid

  pid=$(child_of "$harness" cell) && grep -qz '^tcp' "/proc/$pid/cmdline"
}

@test "a run whose process dies is a failed run, named with its signal; after two the cell is given up" {
  start_run --model tasks --job sleep:duration=60s --job null --jobs 1 --rounds 4 --warmup 0 -o run.json
  for _ in 1 2; do
    eventually sleep_cell_running
    kill -KILL "$killed"
    eventually sleep_cell_gone
  done
  finish_run
  [ "$status" -eq 1 ]
  [ "$(grep -c 'tasks sleep:duration=60s x 1: the process of the run was killed by signal 9' said)" -eq 2 ]
  [ "$(of_result run.json '[(c["job"], c["valid"], c["runs"]) for c in r["cells"]]')" = "[('sleep', False, 0), ('null', True, 4)]" ]
}

sleep_cell_running() {
  local pid

  pid=$(child_of "$harness" cell) && [ "$pid" != "${killed-}" ] &&
    grep -qz '^sleep' "/proc/$pid/cmdline" && killed=$pid
}

sleep_cell_gone() {
  ! kill -0 "$killed" 2>/dev/null
}

@test "a run that takes too long is stopped and named, and the others go on" {
  run --separate-stderr bounded "$TVA" run --model tasks --job sleep:duration=60s --job null --jobs 1 --rounds 2 --timeout 2s -o run.json
  [ "$status" -eq 1 ]
  [ "$(grep -c 'tasks sleep:duration=60s x 1: a run was stopped because it took longer than 2.00 s; --timeout' <<<"$stderr")" -eq 2 ]
  [ "$(of_result run.json 'cell["tasks null x 1"]["runs"]')" -eq 2 ]
  none_running
}

@test "Ctrl-C keeps what is complete, marked partial, with status 130 and no process left" {
  start_run --model tasks --job null --job sleep:duration=60s --jobs 1 --rounds 3 --warmup 0 --seed "$(null_first)" -o run.json
  eventually sleep_cell_running
  kill -INT "$harness"
  finish_run
  [ "$status" -eq 130 ]
  none_running
  valid_result run.json
  [ "$(of_result run.json '(r["partial"], [(c["job"], c["runs"]) for c in r["cells"]])')" = "(True, [('null', 1)])" ]
  grep -q 'interrupted' said
  grep -q '^null x 1$' table
}

# A seed under which the first round takes the null job before the sleep: tried out, since how a seed
# shuffles is the program's own business.
null_first() {
  local seed

  for seed in 1 2 3 4 5 6 7 8 9 10; do
    NO_COLOR='' TERM=xterm bounded script -qec \
      "'$TVA' run --model tasks --job null --job sleep:duration=1ms --jobs 1 --rounds 1 --seed $seed" /dev/null >order
    if tr '\r' '\n' <order | grep '0/2 runs' | grep -q 'tasks null x 1'; then
      echo "$seed"
      return 0
    fi
  done
  return 1
}

@test "Ctrl-C before anything is complete leaves the earlier result as it was" {
  echo earlier >run.json
  start_run --model tasks --job sleep:duration=60s --jobs 1 --rounds 1 --warmup 0 -o run.json
  eventually sleep_cell_running
  kill -INT "$harness"
  finish_run
  [ "$status" -eq 130 ]
  [ "$(cat run.json)" = earlier ]
  grep -q 'nothing was complete' said
  none_running
}

@test "TERM ends a run like Ctrl-C, with status 143" {
  start_run --model tasks --job sleep:duration=60s --jobs 1 --rounds 1
  eventually sleep_cell_running
  kill -TERM "$harness"
  finish_run
  [ "$status" -eq 143 ]
  none_running
}

@test "a terminal that closes ends a run like TERM, with status 129; nohup goes on" {
  start_run --model tasks --job null --job sleep:duration=60s --jobs 1 --rounds 3 --warmup 0 --seed "$(null_first)" -o run.json
  eventually sleep_cell_running
  kill -HUP "$harness"
  finish_run
  [ "$status" -eq 129 ]
  valid_result run.json
  (trap '' HUP && exec "$TVA" run --model tasks --job sleep:duration=2s --jobs 1 --rounds 1 --warmup 0 -o on.json >/dev/null 2>&1 3>&-) & harness=$!
  eventually child_of "$harness" cell
  kill -HUP "$harness"
  finish_run
  [ "$status" -eq 0 ]
  valid_result on.json
}

# The last process of a run has begun, and has ended, its parent knowing of it: from then on the result is made and written. On a
# busy machine all of that may be over when this looks.
measuring() {
  cell=$(child_of "$harness" cell) || [ ! -e "/proc/$harness" ]
}

measured() {
  [ ! -e "/proc/${cell:-$harness}" ]
}

@test "a signal after the last run loses nothing" {
  start_run --model sequential --job null --jobs 300000 --rounds 1 -q -o run.json
  eventually measuring
  eventually measured
  kill -INT "$harness" 2>/dev/null || true
  finish_run
  [ "$status" -eq 130 ] || [ "$status" -eq 0 ] # it had ended
  valid_result run.json
  [[ $(cat table) == *"null x 300000"* ]]
}

@test "when the harness is killed, its children die too" {
  start_run --model tasks --job tcp:delay=60s --jobs 1 --rounds 1
  eventually tcp_cell_running
  [ "$(still_running | wc -l)" -eq 3 ]
  kill -KILL "$harness"
  finish_run
  [ "$status" -eq 137 ]
  eventually none_running
}

@test "a result that cannot be written is named before anything is measured" {
  for path in /dev/null/x missing/run.json /proc/run.json; do
    run --separate-stderr bounded "$TVA" run --model tasks --job sleep:duration=60s -o "$path"
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ $stderr == "tva run: "*"$path"* ]]
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
  done
}

@test "a suite's result without a folder to go to is named too" {
  echo file >results
  printf '%s\n' '[quick]' '--job sleep:duration=60s' >suite
  run --separate-stderr bounded "$TVA" run --suite suite
  [ "$status" -eq 1 ]
  [ -z "$output" ]
  [[ $stderr == "tva run: "*"results"* ]]
}

@test "a full disk costs neither the table nor the earlier result" {
  mkdir small
  mount -t tmpfs -o size=64k none small 2>/dev/null || skip "mounting a small file system takes root"
  echo earlier >small/run.json
  dd if=/dev/zero of=small/ballast bs=1k count=200 2>/dev/null || true # until it is full
  run --separate-stderr bounded "$TVA" run --model tasks --job null --jobs 200 --rounds 1 -o small/run.json
  [ "$status" -eq 1 ]
  [[ $output == *"null x 200"* ]]
  [[ $stderr == *"tva run: "*"small/run.json"*"No space left on device"* ]]
  [ "$(cat small/run.json)" = earlier ]
  [ "$(ls -A small)" = "$(printf 'ballast\nrun.json')" ]
}

@test "jobs that fail make their cell invalid, and are counted by their error" {
  TMPDIR=$PWD/missing run --separate-stderr bounded "$TVA" run --model tasks --job file --job null --rounds 1 -o run.json
  [ "$status" -eq 1 ]
  [ "$(of_result run.json '[(c["job"], c["valid"]) for c in r["cells"]]')" = "[('file', False), ('null', True)]" ]
  [[ $stderr == *"cannot create a temporary file"*TMPDIR* ]]
  [[ $stderr == *"1 of 2 cells is invalid"* ]]
}
