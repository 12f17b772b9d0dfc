#!/usr/bin/env bats
# The promise: uring does the same work as every other model; where the kernel refuses io_uring, it is left out with a sentence, or
# its cells say so where it was asked for, and the others go on.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
}

teardown() {
  end_server
  end_processes
}

# Skips the test where no kernel is asked, or none can be made to refuse.
can_refuse() {
  [[ $(bounded "$TVA" list models) != *"built without io_uring"* ]] || skip "built without io_uring"
  refusing 1 true || skip "no seccomp"
}

refusing() {
  bounded python3 "$TVA_SOURCE/tests/cli/without_uring.py" "$@"
}

available() {
  [[ $(bounded "$TVA" list models) != *"uring cannot run here"* ]] || skip "the kernel refuses io_uring"
}

@test "every job does under uring what it does under tasks" {
  available
  jobs=(--job sleep:duration=1ms --job file:size=64k --job file:size=64k,op=write,fsync=on --job tcp:bytes=100,requests=3
    --job http:requests=2 --job http:client=direct --job cpu:rounds=9 --job null --job mixed:total=1ms)
  run --separate-stderr bounded "$TVA" run --model tasks,uring "${jobs[@]}" --jobs 20 --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json 'all(c["valid"] for c in r["cells"]), len(r["cells"])')" = "(True, 18)" ]
  [ "$(of_result run.json 'len({str(c["group"]) + str(c["ledger"]) for c in r["cells"]})')" = 9 ]
}

@test "--io chooses what loops wait in, and the cells tell it" {
  [ "$(bounded "$TVA" list cells --model loops,pool --io uring --threads 2 --job null)" = \
    $'--model loops-uring --job null --jobs 100 --threads 2\n--model pool --job null --jobs 100 --threads 2' ]
  refused 'tva run: --io "aio" is neither libuv nor uring' run --io aio
  refused 'tva run: no cell waits in libuv as --io wants it: add *' run --io libuv --model pool
  available
  run --separate-stderr bounded "$TVA" run --model tasks,loops --io libuv,uring --threads 2 --job tcp:requests=2 --job file:size=64k --jobs 20 \
    --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json '[c["name"].split()[0] for c in r["cells"]][:4]')" = "['tasks', 'uring', 'loops(2)', 'loops-uring(2)']" ]
  [ "$(of_result run.json 'all(c["valid"] for c in r["cells"]), len({str(c["group"]) + str(c["ledger"]) for c in r["cells"]})')" = "(True, 2)" ]
}

@test "loops, poison and a limit work under uring" {
  available
  run --separate-stderr bounded "$TVA" run --model uring --job tcp:delay=1ms --clients 3 --duration 100ms --poison 10% --rounds 1 -q
  [ "$status" -eq 0 ]
  ran --model uring --job sleep:duration=1ms --rate 200/s --limit 20 --duration 100ms --rounds 1 -q
}

@test "a kernel that refuses io_uring costs the cells of uring, and no others" {
  can_refuse
  run --separate-stderr refusing 1 "$TVA" run --model tasks,loops --io libuv,uring --threads 2 --job null --jobs 3 --rounds 1 -o run.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"tva run: uring null x 3: the kernel refuses io_uring to this process: "*"kernel.io_uring_disabled"* ]]
  [[ $stderr == *"tva run: loops-uring(2) null x 3: the kernel refuses io_uring"* ]]
  [ "$(of_result run.json '[(c["model"], c["valid"]) for c in r["cells"]]')" = "[('tasks', True), ('uring', False), ('loops', True), ('loops-uring', False)]" ]
  run --separate-stderr refusing 38 "$TVA" cell --model uring --job null
  [ "$status" -eq 1 ]
  [[ $stderr == "tva cell: "*"this kernel has no io_uring"* ]]
}

@test "uring is left out with a sentence where it was not asked for and the kernel refuses io_uring" {
  can_refuse
  said='the model uring is left out: the kernel refuses io_uring to this process: '
  run --separate-stderr refusing 1 "$TVA" run --job null --jobs 3 --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  [ "$(grep -c "^tva run: $said" <<<"$stderr")" -eq 1 ]
  [ "$(of_result run.json '[c["valid"] for c in r["cells"]]')" = "[True, True, True, True, True, True, True]" ]
  printf '%s\n' '[p]' '--model tasks,uring --job null --jobs 3' '--model uring --job null --jobs 4' >suite
  run --separate-stderr refusing 1 "$TVA" run --suite suite --profile p --rounds 1 -q -o run.json
  [ "$status" -eq 0 ]
  [ "$(grep -c "^tva run: $said" <<<"$stderr")" -eq 1 ]
  [ "$(of_result run.json '[c["name"] for c in r["cells"]]')" = "['tasks null x 3']" ]
  run --separate-stderr refusing 1 "$TVA" sweep --over jobs=1,2,4 --job null --rounds 1 --search-time 0 -q -o sweep.json
  [ "$status" -eq 0 ]
  [ "$(grep -c "^tva sweep: $said" <<<"$stderr")" -eq 1 ]
  [ "$(of_result sweep.json 'len(r["cells"])')" -eq 21 ]
}

@test "the list of models says why uring cannot run" {
  can_refuse
  run --separate-stderr refusing 12 "$TVA" list models
  [ "$status" -eq 0 ]
  [[ $output == *"uring cannot run here: no memory for a ring of io_uring"*"ulimit -l"* ]]
}
