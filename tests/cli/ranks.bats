#!/usr/bin/env bats
# The promise: processes that mpirun starts measure each cell together, and any number of them does the same work; when one
# dies, rank 0 writes what is complete, says which it was, and nobody waits; without MPI one sentence says what to install.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 # Open MPI keeps memory of its own
}

needs_mpi() {
  [[ -e $TVA_BUILD/libtva_ranks.so ]] || skip "tva was built without MPI (libopenmpi-dev)"
  command -v mpirun >/dev/null || skip "there is no mpirun (openmpi-bin)"
}

# Runs tva with these words in $1 ranks.
ranks() {
  run --separate-stderr bounded mpirun --oversubscribe -n "$1" "$TVA" "${@:2}"
}

@test "1, 2 and 4 ranks do the same work" {
  needs_mpi
  for n in 1 2 4; do
    ranks $n run --ranks --model tasks,pool --job sleep:duration=1ms,dist=exp --rate 400/s --duration 200ms --rounds 1 \
      --seed 7 -q -o $n.json
    valid_result $n.json
    of_result $n.json 'sorted((c["model"], c["jobs"], str(c["ledger"])) for c in r["cells"])' >$n.work
  done
  cmp 1.work 2.work
  cmp 1.work 4.work
  [ "$(of_result 4.json '[len(c["ranks"]) for c in r["cells"]]')" = "[4, 4]" ]
  [ "$(of_result 4.json 'all(sum(k["jobs"] for k in c["ranks"]) == c["jobs"] for c in r["cells"])')" = True ]
  [ "$(of_result 4.json '[(k["rank"], k["clock_start"]["error_ns"] >= abs(k["clock_start"]["offset_ns"])) for k in r["context"]["ranks"]]')" = \
    "[(0, True), (1, True), (2, True), (3, True)]" ]
  run bounded "$TVA" report 4.json
  [[ $output == *"4 ranks on 1 host; clocks known to +-"* ]]
}

@test "a rank whose share ends long before that of rank 0 is not lost" {
  needs_mpi
  ranks 2 run --ranks --model sequential --job sleep:duration=5500ms --jobs 3 --warmup 0 --rounds 1 -q -o run.json
  [ "$(of_result run.json '[k["jobs"] for k in r["cells"][0]["ranks"]]')" = "[2, 1]" ]
}

@test "a sweep goes by ranks, and goes on where it was stopped" {
  needs_mpi
  ranks 2 sweep --ranks --over jobs=2,4 --model tasks --job sleep:duration=1ms --rounds 1 -q -o sweep.json
  [ "$status" -eq 0 ]
  [ "$(of_result sweep.json '[len(c["ranks"]) for c in r["cells"]]')" = "[2, 2]" ]
}

# The process of rank $1 that runs tva with the word $2 (run).
rank() {
  local process

  for process in $(still_running); do
    if grep -qzx "OMPI_COMM_WORLD_RANK=$1" "/proc/$process/environ" &&
      [[ $(tr '\0' ' ' <"/proc/$process/cmdline") == *" ${2-run} "* ]]; then
      echo "$process"
    fi
  done 2>/dev/null
}

# mpirun grants 1 s between its signals, which a busy machine may need for less than this.
@test "when a rank dies, what is complete is written, and the rank is named" {
  needs_mpi
  bounded mpirun --oversubscribe --mca odls_base_sigkill_timeout 4 -n 3 "$TVA" run --ranks --model tasks --job sleep:duration=1ms --rate 300/s \
    --duration 100ms --rounds 900 -o run.json >out 2>err 3>&- & session=$!
  eventually grep -q "round 3 of" err
  kill -KILL "$(rank 1)"
  run wait "$session"
  [ "$status" -ne 0 ]
  eventually none_running
  valid_result run.json
  [ "$(of_result run.json '(r["partial"], r["cells"][0]["valid"], r["cells"][0]["runs"] >= 2)')" = "(True, False, True)" ]
  # stderr has it too, unless mpirun has ended before.
  [[ "$(of_result run.json 'r["cells"][0]["reasons"]')" == *"rank 1 (host "*") was lost: "*"; mpirun --enable-recovery keeps "* ]]
}

# The jobs of rank $1 have begun: until then its process waits, and from then on it has a beat each millisecond.
has_begun() {
  awk '/^voluntary/ { n = $2 } END { exit n < 200 }' "/proc/$(rank "$1" cell)/status" 2>/dev/null
}

# Run tva with these words in 3 ranks, and kill rank 1 in the middle of a run.
lose_rank_1() {
  local session began=$SECONDS

  bounded mpirun --enable-recovery --oversubscribe -n 3 "$TVA" "$@" --ranks --model tasks --job sleep:duration=1ms --duration 2s \
    --warmup 0 >out 2>err 3>&- & session=$!
  eventually has_begun 1
  kill -KILL "$(rank 1 "$1")"
  wait "$session" || true
  eventually none_running
  cat err
  ((SECONDS - began <= 30)) # 2 s of a run, 6 s until a silent rank is lost, and what a loaded machine adds
}

# Before a program that mpirun starts: what a rank says goes to err.RANK, since mpirun mixes the letters of two that speak at once.
# shellcheck disable=SC2016 # for the inner shell
apart=(sh -c 'exec "$0" "$@" 2>"err.$OMPI_COMM_WORLD_RANK"')

# Kill rank 0 of 3, at the moment that command $1 waits for; mpirun gets the other words.
lose_rank_0() {
  local session killed

  bounded mpirun "${@:2}" --oversubscribe -n 3 "${apart[@]}" "$TVA" run --ranks --model tasks --job sleep:duration=1ms --rate 300/s --duration 2s --warmup 0 \
    --rounds 900 -o run.json >out 2>err 3>&- & session=$!
  eventually has_begun 1
  "$1"
  kill -KILL "$(rank 0)"
  killed=$SECONDS
  wait "$session" || true
  eventually none_running
  cat err*
  ((SECONDS - killed <= 20)) # 10 s, and what a loaded machine adds
}

no_cell() {
  [[ -z $(rank "$1" cell) ]]
}

# The others have done their shares of the run, and wait for the next one. A rank 0 that is stopped does not end them.
until_they_wait() {
  kill -STOP "$(rank 0)"
  eventually no_cell 1
  eventually no_cell 2
  sleep 7 # more than a rank waits for another at most
  [[ -n $(rank 1) && -n $(rank 2) ]]
}

@test "when rank 0 dies, the others end by themselves, in a run and between runs, and say why" {
  needs_mpi
  lose_rank_0 true # mpirun ends them
  for moment in true until_they_wait; do
    lose_rank_0 $moment --enable-recovery
    for q in 1 2; do
      [ "$(grep -c "^tva run: rank 0 (host .*) has ended without a word, so rank $q ends, too: " err.$q)" -eq 1 ]
    done
  done
}

# Two processes wait for their alarms.
they_join() {
  [ "$(still_running | sed 's|.*|/proc/&/status|' | xargs -r grep -h '^SigCgt' | grep -c '[2367abef]...$')" -eq 2 ]
}

@test "when a rank dies before MPI has joined all, the others give up" {
  needs_mpi
  bounded mpirun --enable-recovery --oversubscribe -n 1 false : -n 2 "${apart[@]}" "$TVA" run --ranks &>err 3>&- & session=$!
  eventually they_join
  still_running | xargs kill -ALRM # which comes after 30 s otherwise
  wait "$session" || true
  cat err*
  grep -q "^tva: MPI has not joined the ranks after 30 s: has one died?" err.1
  grep -q "^tva: MPI has not joined the ranks after 30 s: has one died?" err.2
  eventually none_running
}

@test "where mpirun lets the others live, what they measured is written" {
  needs_mpi
  lose_rank_1 run --rate 300/s --rounds 2 -o run.json
  valid_result run.json
  # The second run is not carried out without the rank.
  [ "$(of_result run.json '(r["partial"], r["cells"][0]["valid"], r["cells"][0]["runs"])')" = "(True, False, 1)" ]
  [ "$(of_result run.json '[k["jobs"] > 0 for k in r["cells"][0]["ranks"]]')" = "[True, False, True]" ]
  [ "$(of_result run.json 'sum(k["jobs"] for k in r["cells"][0]["ranks"]) == r["cells"][0]["summary"]["latency_ns"]["count"]')" = True ]
  [[ "$(of_result run.json 'r["cells"][0]["reasons"]')" == *"rank 1 (host "*"): its share is missing in 1 of 1 run: it was lost"* ]]
  grep -q "tva run: .*: rank 1 (host .*): it was lost" err
}

@test "a sweep that lost a rank carries out that run again" {
  needs_mpi
  lose_rank_1 sweep --over rate=100,300 --rounds 1 --search-time 0 -o sweep.json
  [[ -e sweep.json.state && ! -e sweep.json ]]
  grep -q "tva sweep: .*: rank 1 (host .*): it was lost" err
  ranks 3 sweep --ranks --model tasks --job sleep:duration=1ms --duration 2s --warmup 0 --over rate=100,300 --rounds 1 --search-time 0 -q -o sweep.json
  echo "$stderr"
  valid_result sweep.json
  [ "$(of_result sweep.json '[(c["runs"], [k["jobs"] > 0 for k in c["ranks"]]) for c in r["cells"]]')" = "[(1, [True, True, True]), (1, [True, True, True])]" ]
}

@test "the ranks' options that cannot be met are refused in a sentence, once" {
  needs_mpi
  ranks 2 run --ranks --jobs 1 --model tasks --rounds 1
  [ "$status" -ne 0 ]
  [[ $output$stderr == *"each of 2 ranks needs a job"* ]]
  ranks 2 run --ranks --no-such-option
  [ "$status" -ne 0 ]
  [ "$(grep -c "no-such-option" <<<"$stderr")" -le 2 ]
}

@test "help for ranks ends all of them in order" {
  needs_mpi
  run --separate-stderr bounded mpirun --enable-recovery --oversubscribe -n 2 "$TVA" run --ranks --help
  echo "$stderr"
  [ "$(grep -c "^Usage: tva run" <<<"$output")" -eq 1 ]
  [[ $stderr != *"rank 0"*"has ended"* ]]
}

@test "ranks of another build are refused, and ranks bound to a core each have two" {
  needs_mpi
  mkdir other
  cp "$program" "$TVA_BUILD"/libtva_*.so other
  objcopy --remove-section .note.gnu.build-id other/tva
  run --separate-stderr bounded mpirun --oversubscribe -n 1 "$TVA" run --ranks -q --job null --jobs 9 --model tasks --rounds 1 : \
    -n 1 other/tva run --ranks
  [ "$status" -ne 0 ]
  [[ $stderr == *"tva run: rank 1 of 2 is of another build of tva than rank 0 (host "* ]]
  (($(nproc) > 1)) || skip "there is one CPU alone"
  run --separate-stderr bounded mpirun --bind-to core -n 2 "$TVA" run --ranks -q --job cpu:time=5ms --jobs 40 --model tasks --rounds 1 -o run.json
  [ "$(of_result run.json '[k["cores"] for k in r["context"]["ranks"]]')" = "[1, 1]" ]
  [ "$(of_result run.json '0.05 < r["cells"][0]["summary"]["ideal_makespan_s"] < 0.15')" = True ]
}

@test "without MPI, a sentence says what to install, and all else works" {
  mkdir "other build"
  cp "$program" "other build/tva"
  echo "no library" >"other build/libtva_ranks.so"
  program=$(realpath "other build/tva")
  run bounded "$program" run --ranks --model tasks
  [ "$status" -ne 0 ]
  [ "$output" = "tva run: --ranks needs MPI: install libopenmpi-dev and openmpi-bin, then build tva again" ]
  bounded "$program" run --model tasks --jobs 5 --rounds 1 -q
}
