#!/usr/bin/env bats
# The promise: ranks on several hosts, each with a clock and a name of its own, measure a target over a wire as one process does.
# The wire's delay is in every latency, no latency mixes two clocks, the offsets of the clocks are right within the error that
# is given, also over a wire that is slow one way, and a host that is cut off ends the session within 10 s and is named.
# What TCP sends again is counted on the connections of the jobs.
bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  [[ -e $TVA_BUILD/libtva_ranks.so ]] || skip "tva was built without MPI (libopenmpi-dev)"
  command -v mpirun >/dev/null || skip "there is no mpirun (openmpi-bin)"
  [[ $EUID -eq 0 ]] || skip "only root makes network namespaces"
  command -v ip nsenter >/dev/null || skip "iproute2 or util-linux is missing"
  unshare --net true 2>/dev/null || skip "this machine makes no network namespaces"
  cat >four.sh <<'SH'
# A target on the fifth host, and these options of tva on four others.
"$TVA_ON" host5 "exec timeout 60 '$TVA' serve --listen 10.99.0.5 --port 8000 --remote" >serve.out &
while ! grep -q '^listening on' serve.out; do sleep 0.02; done
exec mpirun -n 4 --host 10.99.0.1,10.99.0.2,10.99.0.3,10.99.0.4 "$TVA" "$@" --remote --target 10.99.0.5:8000
SH
}

@test "four hosts with four clocks do the work of one process, over a wire of 5 ms" {
  options=(run --model tasks --job tcp:delay=1ms --rate 100/s --jobs 41 --rounds 1 --seed 7 -q)
  bounded "$TVA" "${options[@]}" -o one.json >one.out
  # What host 3 sends is late, and what it gets is not: half of that is in the offset of its clock, and none can tell.
  run --separate-stderr bounded python3 -B "$TVA_SOURCE/bench/scripts/network.py" --hosts 5 --clocks --wire delay=5ms \
    --wire 'at=3 delay=10ms only=from' sh four.sh "${options[@]}" --ranks -o run.json
  echo "$output$stderr"
  [ "$status" -le 1 ]
  valid_result run.json
  [ "$(of_result run.json '[k["host"] for k in r["context"]["ranks"]]')" = "['host1', 'host2', 'host3', 'host4']" ]
  # Host N is N times 1,000 s ahead.
  [ "$(of_result run.json 'all(abs(k[at]["offset_ns"] - k["rank"] * 10**12) <= k[at]["error_ns"]
    for k in r["context"]["ranks"] for at in ("clock_start", "clock_end"))')" = True ]
  [ "$(of_result run.json 'r["context"]["ranks"][2]["clock_start"]["error_ns"] >= 5e6')" = True ]
  same='[(c["ledger"], c["summary"]["offered_per_s"]["values"]) for c in r["cells"]]'
  [ "$(of_result run.json "$same")" = "$(of_result one.json "$same")" ]
  [ "$(of_result run.json 'all(k["jobs"] in (10, 11) for k in r["cells"][0]["ranks"])')" = True ]
  # There and back, and the target's delay; above, what a clock of another host would make of it.
  [ "$(of_result run.json '11e6 <= r["cells"][0]["summary"]["latency_ns"]["min"] and r["cells"][0]["summary"]["latency_ns"]["max"] < 60e9')" = True ]
}

# mpirun then waits for its daemon there, whatever tva does.
@test "a host that is cut off ends the session, with what was complete" {
  cat >cut.sh <<'SH'
mpirun -n 3 --host 10.99.0.1,10.99.0.2,10.99.0.3 "$TVA" run --ranks --model tasks --job sleep:duration=100ms --jobs 9 \
  --warmup 0 --rounds 900 -o run.json >out 2>err &
while ! grep -q "round 3 of" err; do sleep 0.05; done
"$TVA_ON" host2 ip link set eth0 down
touch cut
while [ ! -e run.json ]; do sleep 0.05; done
SH
  bounded python3 -B "$TVA_SOURCE/bench/scripts/network.py" --hosts 3 sh cut.sh
  valid_result run.json
  [ "$(of_result run.json '(r["partial"], r["cells"][0]["runs"] >= 2)')" = "(True, True)" ]
  reasons=$(of_result run.json 'r["cells"][0]["reasons"]')
  echo "$reasons" # it was lost before its run began, or in the middle of it
  [[ $reasons == *"rank 1 (host host2)"*" was lost"* ]]
  (($(stat -c %Y run.json) - $(stat -c %Y cut) <= 20)) # 10 s, and what a loaded machine adds
}

@test "when rank 0 dies or its host is cut off, the ranks on other hosts end by themselves" {
  cat >lost.sh <<'SH'
# A file for each, since mpirun mixes the letters of two that speak at once.
mpirun --enable-recovery -n 3 --host 10.99.0.1,10.99.0.2,10.99.0.3 \
  sh -c "exec \"\$0\" \"\$@\" 2>$1.\$OMPI_COMM_WORLD_RANK" "$TVA" run --ranks --model tasks --job sleep:duration=100ms --jobs 9 \
  --warmup 0 --rounds 900 -o run.json >out 2>"$1" &
while ! grep -qs "round 3 of" "$1.0"; do sleep 0.05; done
rank_0=$(pgrep --ns $$ --nslist uts -f "^$TVA run")
[ "$(pgrep -fc "^$TVA run")" = 3 ] || exit
began=$(date +%s)
case $1 in
  killed) kill -KILL "$rank_0" ;;
  cut) ip link set eth0 down ;;
esac
while pgrep -f "^$TVA run" | grep -vqx "$rank_0"; do sleep 0.05; done
echo $(($(date +%s) - began)) >seconds
[ "$1" = cut ] || wait # mpirun waits for its daemons there
SH
  for how in killed cut; do
    bounded python3 -B "$TVA_SOURCE/bench/scripts/network.py" --hosts 3 sh lost.sh $how
    (($(<seconds) <= 20)) # 10 s, and what a loaded machine adds
    rm seconds
  done
  cat killed*
  for q in 1 2; do
    grep -q "^tva run: rank 0 (host host1) has ended without a word, so rank $q ends, too: " killed.$q
  done
}

@test "what TCP sends again is counted on the connections of a run, and on no others" {
  cat >lossy.sh <<'SH'
"$TVA_ON" host2 "exec timeout 150 '$TVA' serve --listen 10.99.0.2 --port 8000 --remote" >serve.out &
while ! grep -q '^listening on' serve.out; do sleep 0.02; done
jobs="--model tasks,loops,pool --threads 4 --job tcp --job http --job http:client=direct --jobs 40 -q"
"$TVA" run $jobs --rounds 1 --remote --target 10.99.0.2:8000 -o lossy.json
while [ ! -e end ]; do "$TVA" run --model tasks --job tcp --jobs 40 --rounds 1 -q --remote --target 10.99.0.2:8000 -o other.json; done &
"$TVA" run $jobs --rounds 5 -o clean.json
touch end
wait $!
SH
  # A segment that is lost again and again is late by seconds.
  LIMIT=150 run --separate-stderr bounded python3 -B "$TVA_SOURCE/bench/scripts/network.py" --hosts 2 --wire loss=10% sh lossy.sh
  echo "$output$stderr"
  [ "$(of_result lossy.json '[c["summary"]["tcp_retransmits"]["median"] > 0 for c in r["cells"]]')" = "[$(printf 'True, %.0s' {1..8})True]" ]
  [ "$(of_result clean.json '{v for c in r["cells"] for v in c["summary"]["tcp_retransmits"]["values"]}')" = "{0}" ]
}
