#!/usr/bin/env bats
# The promise: tva advise answers within its time limit, or says that it cannot tell; its document has its schema, and
# what makes no sense gets one sentence and status 2.

bats_require_minimum_version 1.5.0
load helper

valid_advice() {
  python '
advice = load(sys.argv[1])
validate(advice, sys.argv[2])
validate(advice["context"], sys.argv[3], "context")' "$1" "$TVA_SOURCE/results/advise.schema.json" "$TVA_SOURCE/results/schema.json"
}

# Nothing here depends on what the runs come to.
@test "a short limit gives an answer all the same, as text and as a document" {
  run --separate-stderr bounded "$TVA" advise --job 'sleep:ms=2 + null' --rate 200/s --slo p90=50ms --model tasks,pool --threads 4 --time-limit 4s --seed 1
  [ "$status" -eq 0 ]
  [[ $output == "Run it under "* || $output == "Cannot tell "* || $output == "No model "* ]]
  [[ $output == *"model "*"bound at 200/s"*"tasks"*"pool(4)"* ]]
  run --separate-stderr bounded "$TVA" advise --job 'sleep:ms=2' --model tasks --time-limit 3s -q --json
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  printf '%s\n' "$output" >advice.json
  valid_advice advice.json
  [ "$(of_result advice.json '(r["job"], r["rate_per_s"], r["slo"]["metric"], r["slo"]["given"], [c["label"] for c in r["candidates"]])')" = \
    "('sleep:duration=2ms', None, 'p99', False, ['tasks'])" ]
}

@test "what no model can bear by arithmetic fails an assertion, and costs no run" {
  run --separate-stderr bounded "$TVA" advise --job sleep:ms=50 --rate 5k/s --slo p99=100ms --model sequential,pool --threads 2 --time-limit 4s --assert
  [ "$status" -eq 3 ]
  [[ $output == "No model that was tried keeps latency p99 under 100 ms at 5000/s."* ]]
  [[ ${output//$'\n'/ } == *"Arithmetic alone rules out sequential (at most "*"), pool(2) (at most "*"). "* ]]
}

# A queue that grows needs time to reach a bound of 10 s: in the seconds that there are, every model would seem to keep it.
@test "a bound that needs longer runs than there is time for is not taken to be kept" {
  run --separate-stderr bounded "$TVA" advise --job sleep:ms=1 --rate 2k/s --slo p99=10s --model tasks --time-limit 2s --assert -q
  [ "$status" -eq 4 ]
  [[ ${output//$'\n'/ } == "Cannot tell whether a model keeps latency p99 under 10.0 s at 2000/s: no run counts. "*" A run of some models would take too long."* ]]
}

# The target stalls for an hour once the job alone was measured: no run ends by itself.
@test "runs that hang are stopped at the limit" {
  SECONDS=0
  run --separate-stderr bounded "$TVA" advise --job 'tcp:pathology=stall=3600s@1s + cpu:time=1ms' --rate 500/s --slo p99=200ms --model tasks,threads,blocking --time-limit 6s -q
  ((SECONDS < 10))
  [[ $output != *--timeout* ]]
}

# The loop's lag is known every millisecond, and its p99 by a thousand of them.
@test "a bound on the loop's lag gets runs that are long enough for it" {
  run --separate-stderr bounded "$TVA" advise --job sleep:ms=2 --rate 100/s --slo lag_p99=20ms --model tasks --time-limit 12s -q --json
  [ "$status" -eq 0 ]
  printf '%s\n' "$output" >advice.json
  [ "$(of_result advice.json 'any(run["value_s"] is not None for run in r["candidates"][0]["runs"] if run["rate_per_s"] >= 100)')" = True ]
}

@test "a rate below one job a second is taken" {
  run --separate-stderr bounded "$TVA" advise --job null --rate 0.1/s --slo p90=10ms --model tasks --time-limit 3s -q
  [ "$status" -eq 0 ]
  [[ ${output//$'\n'/ } == "Run it under "*" There was no time to measure what that costs."* || $output == "Cannot tell "* ]]
}

@test "a job that fails alone is no ground for advice" {
  run --separate-stderr bounded "$TVA" advise --job http --url http://127.0.0.1:9/ --time-limit 3s -q
  [ "$status" -eq 1 ]
  [ -z "$output" ]
  [[ $stderr == *" failed alone, with nothing else to do, the first with: Connection refused" ]]
}

@test "what makes no sense is refused with one sentence" {
  refused "tva advise: say which job*" advise
  refused "tva advise: advice is for one job*" advise --job sleep --job null
  refused "tva advise: advice is for one --rate*" advise --job sleep --rate 1/s,2/s
  refused "tva advise: advice is for one --rate*" advise --job sleep --rate 100..200/s
  refused "tva advise: --assert needs --rate and --slo*" advise --job sleep --assert --rate 5/s
  refused "tva advise: --slo throughput:*" advise --job sleep --slo throughput=5ms
  refused "tva advise: --slo \"p99\" is no bound*" advise --job sleep --slo p99
  refused "tva advise: --slo p99: \"fast\"*" advise --job sleep --slo p99=fast
  refused "tva advise: --jobs are as many as the metric needs*" advise --job sleep --jobs 5
  refused "tva advise: --jobs are as many as the metric needs*" advise --job sleep --jobs=5
  refused "tva advise: unknown option \"--jobs-f\"; did you mean \"--jobs-file\"?*" advise --job sleep --jobs-f 5
  refused "tva advise: --clients makes a closed loop*" advise --job sleep --clients 4
  refused "tva advise: unknown job \"slep\"*" advise --job slep
  refused "tva advise: --time-limit*" advise --job sleep --time-limit 10ms
  refused "tva advise: --threads takes at most 8 values" advise --job sleep --model pool --threads 1,2,3,4,5,6,7,8,9
  refused "tva advise: --url is for http jobs*" advise --job sleep --url http://127.0.0.1:9/
}

@test "a signal ends it without half an answer" {
  "$TVA" advise --job sleep:ms=2 --time-limit 60s --json >advice.json 2>words &
  sleep 1
  kill -TERM $!
  status=0
  wait $! || status=$?
  [ "$status" -eq 143 ]
  [ ! -s advice.json ]
  [[ $(tail -n 1 words) == "tva advise: interrupted, so there is no advice" ]]
}
