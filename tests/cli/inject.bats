#!/usr/bin/env bats
# The promise: tva run --inject plants the fault that was asked for in the jobs of the model that was named, and
# nothing else: the work stays the same; and the result says so.

bats_require_minimum_version 1.5.0
load helper

all=(--job null --jobs 500 --rounds 1)

@test "the cells that have a fault say so, in the result and in the table, and no others do" {
  ran --model tasks,pool "${all[@]}" --inject model=tasks,slowdown=5%,syscall=2,stall=1ms
  [[ $(tr -s '\n ' ' ' <<<"$output") == *"note: tasks: a fault was planted in its jobs (--inject slowdown=5%,syscall=2,stall=1ms)"* ]]
  [ "$(of_result run.json '[c["model"] for c in r["cells"] if "injected" in c]')" = "['tasks']" ]
  [ "$(of_result run.json '[c["model"] for c in r["cells"] if any("a fault was planted" in w for w in c["warnings"])]')" = "['tasks']" ]
  [ "$(of_result run.json '[c["injected"] for c in r["cells"] if c["model"] == "tasks"][0]["slowdown"]')" = 0.05 ]
  bounded "$TVA" report run.json | grep -q "a fault was planted"
}

@test "without a model all have it, and faults add up" {
  ran --model tasks,pool "${all[@]}" --inject alloc=2 --inject model=pool,leak=64 --inject model=pool,alloc=3
  [ "$(of_result run.json '[c["injected"]["text"] for c in r["cells"]]')" = "['alloc=2', 'alloc=3,leak=64']" ]
}

@test "a model has its faults over io_uring too, but a model of another name has not" {
  "$TVA" run --job null --jobs 1 --rounds 1 --model uring >/dev/null 2>&1 || skip "no io_uring here"
  ran --model tasks,loops --io libuv,uring "${all[@]}" --inject model=loops,alloc=2
  [ "$(of_result run.json '[c["model"] for c in r["cells"] if "injected" in c]')" = "['loops', 'loops-uring']" ]
  ran --model loops --io uring "${all[@]}" --inject model=loops,alloc=2
  [[ $stderr != *"nothing is planted"* ]]
  [ "$(of_result run.json '"injected" in r["cells"][0]')" = True ]
  ran --model tasks,uring "${all[@]}" --inject model=tasks,alloc=2
  [ "$(of_result run.json '[c["model"] for c in r["cells"] if "injected" in c]')" = "['tasks']" ]
}

@test "the work is the same with every fault, under every model" {
  ran --job cpu:rounds=100 --jobs 50 --rounds 1 --inject model=tasks,slowdown=10% --inject model=pool,syscall=3 \
    --inject model=blocking,alloc=3 --inject model=threads,leak=1k --inject model=offload,stall=2ms
  [ "$(of_result run.json 'len({(c["ledger"]["checksum"], c["ledger"]["operations"]) for c in r["cells"]})')" = 1 ]
  [ "$(of_result run.json 'all(c["valid"] for c in r["cells"])')" = True ]
}

@test "a suite's cells get it too, and a cell alone" {
  printf '[quick]\n--model tasks --job null --jobs 10 --rounds 1\n' >suite.conf
  bounded "$TVA" run --suite suite.conf --inject syscall=1 -o run.json
  [ "$(of_result run.json 'r["cells"][0]["injected"]["syscalls_per_job"]')" = 1 ]
  bounded "$TVA" cell --model tasks --job null --jobs 10 --inject stall=1ms
}

@test "a sweep's cells get it too" {
  bounded "$TVA" sweep --model tasks --job null --over jobs=10,20 --rounds 1 --inject alloc=1 -o sweep.json
  [ "$(of_result sweep.json '[c["injected"]["text"] for c in r["cells"]]')" = "['alloc=1', 'alloc=1']" ]
}

# Calls of getppid in a process of 100 jobs and their 5 of warm-up.
calls() {
  bounded strace -f -qq -e trace=getppid -o trace.txt "$TVA" cell --job null --jobs 100 --warmup 5 "$@" >/dev/null
  grep -c ' getppid(' trace.txt || true
}

@test "so many system calls more a job as were asked for" {
  command -v strace >/dev/null || skip "strace is not installed"
  [ -z "$TVA_SANITIZE" ] || skip "a leak checker cannot work under strace"
  for model in tasks pool; do
    [ "$(calls --model "$model")" -eq 0 ]
    [ "$(calls --model "$model" --inject syscall=3)" -eq 315 ]
  done
}

# Allocations of such a process, and the bytes. A slow machine has more beats, and room for them.
allocations() {
  bounded valgrind --log-file=heap.txt "$TVA" cell --no-heartbeat --job null --model tasks --jobs 100 --warmup 5 --seed 1 "$@" >/dev/null
  sed -n 's/,//g; s/.*total heap usage: \([0-9]*\) allocs \([0-9]*\) frees \([0-9]*\) bytes.*/\1 \3/p' heap.txt
}

@test "so many allocations more a job as were asked for, and as many bytes leaked" {
  command -v valgrind >/dev/null || skip "valgrind is not installed"
  [ -z "$TVA_SANITIZE" ] || skip "sanitizers and valgrind do not go together"
  read -r none none_bytes < <(allocations)
  read -r alloc alloc_bytes < <(allocations --inject alloc=2)
  read -r leak leak_bytes < <(allocations --inject leak=1000)
  # One more in both: what plants them.
  [ $((alloc - none)) -eq 211 ]
  [ $((leak - none)) -eq 106 ]
  [ $((leak_bytes - none_bytes)) -ge 105000 ]
  [ $((alloc_bytes - none_bytes)) -ge 13440 ]
}

@test "what leaks shows in the memory" {
  ran --model tasks,pool --job null --jobs 1000 --rounds 1 --inject model=tasks,leak=64k
  [ "$(of_result run.json '[c["summary"]["max_rss_bytes"]["median"] > 60e6 for c in r["cells"]]')" = "[True, False]" ]
}

@test "a stall is seen once, by the loop or the worker that has it" {
  ran --model blocking,pool --job null --jobs 100 --rounds 1 --inject stall=300ms
  [ "$(of_result run.json 'all(0.3 <= c["summary"]["makespan_s"]["median"] for c in r["cells"])')" = True ]
  [ "$(of_result run.json '[c["summary"]["heartbeat_lag_ns"]["max"] >= 250e6 for c in r["cells"] if c["model"] == "blocking"]')" = "[True]" ]
}

# A wait is made longer by the share of the time in which its thread did not compute, and a heartbeat would compute there: the
# more, the slower the machine is.
@test "a slowdown makes a batch of waits that share longer, whatever the machine does meanwhile" {
  for model in sequential tasks pool blocking threads offload loops; do
    run bounded "$TVA" cell --no-heartbeat --model "$model" --job sleep:duration=200ms --jobs 4 --threads 2 --warmup 0 --inject slowdown=50%
    [ "$status" -eq 0 ]
    [[ $output =~ ", ideal "[0-9]+" ms ("([0-9]+)" %)" ]]
    [ "${BASH_REMATCH[1]}" -le 67 ]
  done
}

@test "a model that no cell is of is named" {
  run --separate-stderr bounded "$TVA" run --model tasks "${all[@]}" --inject model=pool,alloc=1 -q -o run.json
  [ "$status" -eq 0 ]
  [[ $stderr == "tva run: --inject model=pool: no cell is of this model, so nothing is planted"* ]]
  [ "$(of_result run.json '[c["model"] for c in r["cells"] if "injected" in c]')" = "[]" ]
}

@test "what makes no sense is refused" {
  refused 'tva run: *--inject*plants no fault*' run --inject ''
  refused 'tva run: *--inject*plants no fault*' run --inject model=tasks
  refused 'tva run: *unknown model "task"; did you mean "tasks"*' run --inject model=task,alloc=1
  refused 'tva run: *unknown parameter "slow"*valid: *slowdown*' run --inject slow=5%
  refused 'tva run: *slowdown=200%: out of range*' run --inject slowdown=200%
  refused 'tva cell: *leak=1: out of range*' cell --model tasks --inject leak=1
}
