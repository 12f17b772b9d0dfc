#!/usr/bin/env bats
# The promise: an open loop has the same arrivals under every model, as many as were asked for, in a result
# that follows the schema and counts what was refused or not served.

bats_require_minimum_version 1.5.0
load helper

@test "an open loop runs under every model, with the same arrivals in each" {
  ran --job sleep:duration=2ms --rate 100/s --duration 400ms --rounds 2 --seed 5
  [ "$(of_result run.json 'len(r["cells"])')" -eq "$(models_here | wc -l)" ]
  [ "$(of_result run.json 'len({c["arrivals"]["offered"] for c in r["cells"]})')" -eq 1 ]
  [ "$(of_result run.json 'len({(c["jobs"], c["ledger"]["checksum"]) for c in r["cells"]})')" -eq 1 ]
  [ "$(of_result run.json '{(c["load"]["kind"], c["load"]["rate_per_s"], c["load"]["arrivals"]) for c in r["cells"]}')" = \
    "{('open', 100, 'poisson')}" ]
  [ "$(of_result run.json 'all(c["summary"]["latency_ns"]["min"] >= 2e6 for c in r["cells"])')" = True ]
  [ "$(of_result run.json 'all(c["summary"]["littles_law"]["error"] < 0.5 for c in r["cells"])')" = True ]
  [ "$(of_result run.json 'r["context"]["timer_error_ns"]["count"]')" -eq 10000 ]
  [ "$(of_result run.json 'cell["tasks sleep:duration=2ms @ 100/s poisson 400ms"]["summary"]["theory"]["model"]')" = M/D/inf ]
}

@test "constant arrivals come as many as the rate and the duration say" {
  ran --model tasks,pool --job null --rate 200/s --arrivals constant --duration 500ms --warmup 100ms --rounds 2
  [ "$(of_result run.json '{c["arrivals"]["offered"] for c in r["cells"]}')" = "{200}" ]
  [ "$(of_result run.json '{c["summary"]["theory"] for c in r["cells"]}')" = "{None}" ]
}

@test "a rate that changes is one cell, with as many arrivals as lie under it, and a fluid limit" {
  ran --model tasks,pool --job null --rate 100/s@200ms,100..500/s@400ms --arrivals constant --warmup 100ms --rounds 2
  [ "$(of_result run.json '{(c["group"], c["arrivals"]["offered"]) for c in r["cells"]}')" = \
    "{('null @ 100/s@200ms,100..500/s@400ms constant', 280)}" ]
  [ "$(of_result run.json 'r["cells"][0]["load"]["rates"]["pieces"] == [[100, 100, 0.2], [100, 500, 0.4]]')" = True ]
  [ "$(of_result run.json '{(c["summary"]["theory"], c["summary"]["steady"]) for c in r["cells"]}')" = "{(None, None)}" ]
  [ "$(of_result run.json '[c["summary"]["fluid"]["backlog"] for c in r["cells"]]')" = "[0, 0]" ]
  [[ $(tr -s ' \n' ' ' <<<"$output") == *"as a fluid"*"tasks has no limit to exceed"* ]]
  run -2 "$TVA" sweep --rate 100..500/s --slo p99=20ms
  [[ $output == *"a sweep measures at rates that do not change"* ]]
}

# Two at once whose replies take 20 ms: six requests take 60 ms, and a stall holds what would go in it.
@test "a target misbehaves as the job asks, and a note says so" {
  ran --model tasks --job tcp:delay=20ms,pathology=limit=2 --jobs 6 --warmup 0 --rounds 1
  [ "$(of_result run.json 'r["cells"][0]["summary"]["makespan_s"]["median"] >= 0.06')" = True ]
  [[ $(tr -s ' \n' ' ' <<<"$output") == *"the target misbehaved as asked (limit=2); it bears at most 100/s;"* ]]
  ran --model tasks --job http:delay=2ms,pathology=stall=100ms@1ms --jobs 1 --warmup 0 --rounds 1
  [ "$(of_result run.json 'r["cells"][0]["summary"]["makespan_s"]["median"] >= 0.1')" = True ]
  ran --model tasks --job tcp:delay=2ms,pathology=stall=100ms@1ms --rate 100/s --arrivals constant --jobs 2 --warmup 0 --rounds 1
  [ "$(of_result run.json 'r["cells"][0]["summary"]["latency_ns"]["max"] >= 100e6')" = True ]
  [ "$(of_result run.json 'r["cells"][0]["summary"]["theory"]')" = None ]
  [ "$(of_result run.json 'r["cells"][0]["summary"]["pathology"]["stall_s"]')" = 0.1 ]
  run -2 "$TVA" serve --pathology limit=2 --loops 2
  [[ $output == *"is for one loop"* ]]
}

@test "what a model cannot serve is unserved, with its wait so far in the latency, and said" {
  ran --model blocking,tasks --job sleep:duration=20ms --rate 200/s --arrivals constant --jobs 60 --warmup 0 --drain 0 --rounds 1
  [ "$(of_result run.json '[c["arrivals"]["unserved"] > 30 for c in r["cells"]]')" = "[True, False]" ]
  [ "$(of_result run.json '[c["summary"]["latency_ns"]["count"] for c in r["cells"]]')" = "[60, 60]" ]
  said=$(tr -s ' \n' ' ' <<<"$output")
  [[ $said == *"jobs had not begun"*"the rate is above what it can serve"* ]]
  [[ $said == *"of the jobs unserved or refused"* ]]
}

@test "more connections than the target can accept fail, and hang nothing" {
  run --separate-stderr bash -c 'ulimit -n 1100 && exec timeout 50 "$TVA" run --model tasks --job tcp:delay=1ms,pathology=stall=1s@1ms --rate 4k/s --jobs 1400 --warmup 0 --rounds 1 --timeout 20s -q -o run.json'
  [ "$status" -eq 1 ]
  [[ $(of_result run.json 'r["cells"][0]["reasons"]') == *" of 1400 jobs failed: too many open files "* ]]
}

@test "arrivals beyond the limit are refused and counted" {
  ran --model tasks --job sleep:duration=100ms --rate 100/s --arrivals constant --jobs 50 --warmup 0 --limit 4 --rounds 1
  [ "$(of_result run.json '(lambda a: a["refused"] > 10 and a["admitted"] + a["refused"] == 50)(r["cells"][0]["arrivals"])')" = True ]
  [ "$(of_result run.json 'r["cells"][0]["summary"]["in_flight"]["max"]')" -eq 4 ]
  [[ $(tr -s ' \n' ' ' <<<"$output") == *"the limit of 4 in the system refused "*" of 50 jobs;"* ]]
}
