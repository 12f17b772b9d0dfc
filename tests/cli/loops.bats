#!/usr/bin/env bats
# The promise: the model `loops` does the work of the others, and shows when one of its loops is blocked. Many
# connections at once get the descriptors and ports that the system has, or the run says what is too few.

bats_require_minimum_version 1.5.0
load helper

@test "loops do the same work as tasks, whatever the job and the load, and are named with their number" {
  bounded "$TVA" run --model tasks,loops --threads 3 --job tcp:delay=1ms --job http:requests=2 --job file:size=128k --job cpu:rounds=1k \
    --job null --jobs 60 --rounds 1 -q -o batch.json
  bounded "$TVA" run --model tasks,loops --threads 3 --job tcp:requests=2 --clients 7 --jobs 60 --rounds 1 -q -o closed.json
  ran --model tasks,loops --threads 3 --job sleep:duration=1ms,dist=exp --rate 200/s --jobs 20 --rounds 1 -q
  [ "$(of_result batch.json 'all(c["valid"] for c in r["cells"])')" = True ]
  [ "$(of_result closed.json 'all(c["valid"] for c in r["cells"])')" = True ]
  for file in batch closed run; do
    valid_result "$file.json"
    [ "$(of_result "$file.json" 'not any(c["summary"]["errors"] for c in r["cells"])')" = True ]
    [ "$(of_result "$file.json" '[c["name"].split()[0] for c in r["cells"]][:2]')" = "['tasks', 'loops(3)']" ]
    [ "$(of_result "$file.json" 'all(a["ledger"] == b["ledger"] for a in r["cells"] for b in r["cells"] if a["group"] == b["group"])')" = True ]
  done
}

# ThreadSanitizer adds a thread to the target.
@test "a result says on how many loops the target serves, from the first run on" {
  [[ ${TVA_SANITIZE-} != *thread* ]] || skip "a thread of the sanitizer counts as well"
  loops=$(nproc)
  bounded "$TVA" run --model tasks --job tcp --jobs 2 --rounds 1 -q -o first.json
  [ "$(of_result first.json 'r["cells"][0]["target_loops"]')" -eq $((loops < 16 ? loops : 16)) ]
}

# As long as the jobs are measured, each reply is held for 5 ms; the parts are means over jobs, so that they add up to a rounding error.
@test "the lateness of held connections is split, and the busiest loop of the target is measured" {
  bounded "$TVA" run --model tasks,loops --threads 2 --job tcp:delay=5ms --clients 30 --jobs 600 --rounds 1 -q -o held.json >held.out
  valid_result held.json
  [ "$(of_result held.json 'all(abs(sum(s["late_" + p + "_s"]["median"] for p in ("timer", "wake_up", "read_write")) - s["latency_mean_s"]["median"] + s["ideal_job_s"]) < 1e-7 for c in r["cells"] for s in [c["summary"]])')" = True ]
  [ "$(of_result held.json 'all(s["late_" + p + "_s"]["median"] > 0 for p in ("timer", "wake_up", "read_write") for c in r["cells"] for s in [c["summary"]])')" = True ]
  [ "$(of_result held.json 'all(c["summary"]["target_busiest_cpu_s"]["median"] > 0 for c in r["cells"])')" = True ]
  [[ $(tr -s ' \n' ' ' <held.out) == *"late beyond the delay, on average (the target's timer + wake-ups + reads and writes): "*"tasks "* ]]
}

@test "there is a loop for each core, and as many threads as --threads says" {
  [ "$(bounded "$TVA" list cells --model loops)" = "--model loops --job sleep:duration=10ms --jobs 100 --threads $(nproc)" ]
  [ "$(bounded taskset -c 0 "$TVA" list cells --model loops --job null)" = "--model loops --job null --jobs 100 --threads 1" ]
  [ "$(bounded "$TVA" list cells --model loops,pool --threads 3,5 | wc -l)" -eq 4 ]
}

# Three jobs have a loop each; with this seed, one of them holds its loop for a second.
@test "of three loops the document shows the blocked one, which is the one that is shown, and two good ones" {
  bounded "$TVA" run --model loops --threads 3 --job sleep:duration=1s --jobs 3 --warmup 0 --poison 30% --seed 2 --rounds 1 -q -o run.json
  valid_result run.json
  [ "$(of_result run.json '(lambda lags: (len(lags), lags[0] < 500e6, lags[1] < 500e6, lags[2] > 990e6))(sorted(r["cells"][0]["summary"]["loop_lags_max_ns"][0]))')" \
    = "(3, True, True, True)" ]
  [ "$(of_result run.json 'max(r["cells"][0]["summary"]["loop_lags_max_ns"][0]) == r["cells"][0]["summary"]["heartbeat_lag_max_ns"]["median"] == r["cells"][0]["summary"]["heartbeat_lag_ns"]["max"]')" = True ]
}

# About a job in ten holds its loop for 50 ms: with this seed, some do. The lag is of the loop with the longest, and all jobs have an end.
@test "a blocked loop shows in the lag" {
  ran --model loops --threads 2 --job sleep:duration=50ms --rate 200/s --jobs 60 --poison 10% --seed 1 --rounds 1 -q
  [ "$(of_result run.json 'r["cells"][0]["summary"]["heartbeat_lag_ns"]["max"] >= 40e6')" = True ]
  [ "$(of_result run.json 'r["cells"][0]["ledger"]["jobs"]')" -eq 60 ]
}

@test "too few descriptors for its loops are named with value and count" {
  run --separate-stderr bounded bash -c 'ulimit -n 100; exec "$TVA" cell --model loops --threads 50 --job null'
  [ "$status" -eq 1 ]
  [[ $stderr == "tva cell: needs 534 open files at once, and the limit is 100: raise it"* ]]
}

# Statements in a network of their own, in which an address has 20 ports for clients.
with_20_ports() {
  bounded unshare -rn bash -c "ip link set lo up && echo 40000 40019 >/proc/sys/net/ipv4/ip_local_port_range && $1"
}

@test "connections that need more ports than an address has come from several addresses, or the run says so" {
  with_20_ports true || skip "no network of one's own here"
  with_20_ports '"$TVA" run --job tcp:delay=20ms --clients 50 --jobs 500 --model tasks,loops --threads 2 --rounds 1 -q -o run.json'
  [ "$(of_result run.json '[(c["valid"], c["ledger"]["jobs"]) for c in r["cells"]]')" = "[(True, 500), (True, 500)]" ]
  run with_20_ports '"$TVA" cell --model tasks --job http --target 127.0.0.1:1 --clients 21 --jobs 30'
  [ "$status" -eq 1 ]
  [[ $output == "tva cell: needs 21 connections at once, and net.ipv4.ip_local_port_range has 20 ports for each of 1 addresses: widen"* ]]
}
