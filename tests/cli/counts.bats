#!/usr/bin/env bats
# The promise: tva run --counts says what a job costs, the same whatever the environment, the CPU and the load of the
# machine are, to the last call.

bats_require_minimum_version 1.5.0
load helper

setup() {
  load=() # processes that keep the machine busy
  begin
}

teardown() {
  kill "${load[@]}" 2>/dev/null || true
  end_processes
}

# Count only, into $1; other options follow. Instructions are left out, since valgrind takes longest: the program finds none.
count() {
  local file=$1

  shift
  LIMIT=150 run --separate-stderr bounded env PATH="$PWD" "$TVA" run --quiet --counts=only -o "$file" "$@"
}

# The same with instructions.
count_all() {
  local file=$1

  shift
  LIMIT=150 run --separate-stderr bounded "$TVA" run --quiet --counts=only -o "$file" "$@"
}

# The figures of one metric in $1, cell by cell in order of the plan: "pool=4 tasks=4.03".
figures() {
  of_result "$1" "' '.join('%s=%g' % (c['model'], c['counts']['$2']['value']) for c in r['cells'])"
}

# Of which kind they are.
kinds() {
  of_result "$1" "' '.join(sorted({c['counts']['$2']['kind'] for c in r['cells']}))"
}

# All figures that are called exact, but those in which sanitizers have a part.
exact() {
  of_result "$1" "[(c['name'], m, v['value']) for c in r['cells'] for m, v in c['counts'].items() if v['kind'] == 'exact']"
}

@test "a job's work is counted call by call, and one call more is one more" {
  count four.json --model tasks,pool --threads 2 --job file:block=4k,blocks=4,size=64k
  [ "$status" -eq 0 ]
  [ -z "$(still_running)" ]
  valid_result four.json
  [ "$(figures four.json syscalls_per_job)" = "tasks=4 pool=4" ]
  [ "$(kinds four.json syscalls_per_job)" = exact ]
  # What is cached is read by preadv2(), where the file system of $TMPDIR can.
  [[ $(of_result four.json '[tuple(c["counts"]["syscalls_per_job"]["calls"].items()) for c in r["cells"]]') == \
    "[(('pread"@(v2|64)"', 4),), (('pread64', 4),)]" ]]
  count five.json --model tasks,pool --threads 2 --job file:block=4k,blocks=5,size=64k
  [ "$status" -eq 0 ]
  [ "$(figures five.json syscalls_per_job)" = "tasks=5 pool=5" ]
}

@test "requests to a target are counted on this side only" {
  count run.json --model sequential,pool,blocking --threads 2 --job tcp:requests=3
  [ "$status" -eq 0 ]
  [ "$(figures run.json syscalls_per_job)" = "sequential=6 pool=6 blocking=6" ]
  [ "$(kinds run.json syscalls_per_job)" = exact ]
}

@test "another environment, one CPU and a busy machine change no exact count" {
  cells=(--model "tasks,pool" --threads 2 --job null --job "tcp:delay=20ms")
  count here.json "${cells[@]}"
  [ "$status" -eq 0 ]
  cpu=$(taskset -cp $$ | sed 's/.*[ ,-]//')
  for _ in 1 2; do
    timeout 100 taskset -c "$cpu" sh -c 'while :; do :; done' 3>&- &
    load+=($!)
  done
  FOO=$(printf '%4000s' x) LIMIT=150 run --separate-stderr bounded taskset -c "$cpu" env PATH="$PWD" \
    "$TVA" run --quiet --counts=only -o there.json --seed 77 "${cells[@]}"
  kill "${load[@]}"
  [ "$status" -eq 0 ]
  [ "$(exact here.json)" = "$(exact there.json)" ]
  [ "$(of_result here.json 'len([m for c in r["cells"] for m, v in c["counts"].items() if v["kind"] == "exact"])')" -ge 4 ]
}

@test "a cell that is pinned stays on its CPU while it is counted" {
  cpu=$(python 'import os; print(min(os.sched_getaffinity(0)))')
  count pinned.json --model tasks --job null --jobs 100 --pin "$cpu"
  [ "$status" -eq 0 ]
  [ "$(kinds pinned.json syscalls_per_job)" = exact ]
}

@test "allocations of all threads are counted, or it says why not" {
  count run.json --model tasks,pool --threads 2 --job file:block=4k,blocks=1,size=64k
  [ "$status" -eq 0 ]
  if [[ ${TVA_SANITIZE:-coverage} != coverage ]]; then
    [[ ${stderr:?} == *"allocations cannot be counted in a build with sanitizers"* ]]
    [ "$(of_result run.json '[c for c in r["cells"] if "allocations_per_job" in c["counts"]]')" = "[]" ]
    return
  fi
  [ "$(kinds run.json allocations_per_job)" = exact ]
  [ "$(kinds run.json allocated_bytes_per_job)" = exact ]
  # A buffer of 4 KiB a job at least, and whatever a coroutine or a task is besides.
  [ "$(of_result run.json 'min(c["counts"]["allocations_per_job"]["value"] for c in r["cells"])')" = 1 ]
  [ "$(of_result run.json 'all(4096 <= c["counts"]["allocated_bytes_per_job"]["value"] < 8192 for c in r["cells"])')" = True ]
}

@test "a program in a folder with a blank and a colon in its name counts all the same" {
  [ -z "$TVA_SANITIZE" ] || skip "allocations are not counted in a build with sanitizers"
  module=$(find "$(dirname "$TVA")" "$(dirname "$TVA")/.." -name libtva_count_alloc.so | head -n 1)
  mkdir "a b:c"
  cp "$TVA" "$module" "a b:c"
  TVA="$PWD/a b:c/tva" count run.json --model blocking --job file:block=4k,size=64k
  [ "$status" -eq 0 ]
  [[ ${stderr:?} != *"allocations cannot be counted"* ]]
  [ "$(figures run.json allocations_per_job)" = "blocking=1" ]
}

@test "instructions of all threads are counted, and follow the work" {
  [ -z "$TVA_SANITIZE" ] || skip "valgrind does not run what sanitizers instrument"
  command -v valgrind >/dev/null || skip "valgrind is not installed"
  count_all run.json --model blocking,pool --threads 2 --job cpu:rounds=1k --job cpu:rounds=2k
  [ "$status" -eq 0 ]
  for model in "blocking" "pool(2)"; do
    [ "$(of_result run.json '1.8 < cell["'"$model"' cpu:rounds=2k x 100"]["counts"]["instructions_per_job"]["value"] / cell["'"$model"' cpu:rounds=1k x 100"]["counts"]["instructions_per_job"]["value"] < 2.2')" = True ]
  done
}

# Valgrind 3.19 would wait for ever: it lets no other thread run while one waits in io_uring.
@test "of loops on io_uring all but the instructions is counted" {
  [[ $(bounded "$TVA" list models) != *"uring cannot run here"* ]] || skip "the kernel refuses io_uring"
  count_all counts.json --model loops-uring --threads 2 --job null --jobs 20
  [ "$status" -eq 0 ]
  [ "$(of_result counts.json '[("instructions_per_job" in c["counts"], c["counts"]["syscalls_per_job"]["kind"]) for c in r["cells"]]')" = "[(False, 'scheduled')]" ]
}

@test "counting and measuring go together, and tables show both" {
  run --separate-stderr bounded env PATH="$PWD" "$TVA" run --quiet --counts --model pool,blocking --threads 2 --job null --rounds 1 -o run.json --exports
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json '[(c["runs"], c["counts"]["syscalls_per_job"]["value"]) for c in r["cells"]]')" = "[(1, 0), (1, 0)]" ]
  [[ $output == *makespan*"per job"*syscalls* ]]
  grep -q '^| per job | syscalls |' run.md
  grep -q '^| model | makespan' run.md
  measured=$output
  run --separate-stderr bounded "$TVA" report run.json
  [ "$output" = "$measured" ]
}

@test "without measuring there are no tables of times" {
  count run.json --model blocking --job null --exports
  [ "$status" -eq 0 ]
  [[ $output == *"per job"* && $output != *makespan* ]]
  run grep -q '| makespan' run.md
  [ "$status" -ne 0 ]
  valid_result run.json
}
