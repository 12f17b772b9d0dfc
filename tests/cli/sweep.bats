#!/usr/bin/env bats
# The promise: tva sweep measures every point of its axes once and finds what it was asked for; what makes no
# sense gets one sentence and status 2.

bats_require_minimum_version 1.5.0
load helper

# A sweep of these options is refused with one sentence that matches the pattern.
refused_sweep() {
  refused "tva sweep: $1" sweep "${@:2}"
}

small=(--over jobs=1..8:x2 --model tasks,pool --threads 2 --job sleep:duration=2ms --warmup 0)

@test "the grid: a row a point, a document that follows the schema, with a point a cell, and no state left" {
  run --separate-stderr bounded "$TVA" sweep "${small[@]}" --rounds 2 --search-time 0 -o sweep.json --exports
  [ "$status" -eq 0 ]
  valid_result sweep.json
  [ "$(of_result sweep.json '[(c["series"], c["point"]["jobs"], c["jobs"], c["runs"]) for c in r["cells"]]')" = \
    "[('tasks', 1, 1, 2), ('pool(2)', 1, 1, 2), ('tasks', 2, 2, 2), ('pool(2)', 2, 2, 2), ('tasks', 4, 4, 2), ('pool(2)', 4, 4, 2), ('tasks', 8, 8, 2), ('pool(2)', 8, 8, 2)]" ]
  [ "$(of_result sweep.json '[(a["name"], a["unit"], a["values"]) for a in r["sweep"]["axes"]]')" = "[('jobs', 'count', [1, 2, 4, 8])]" ]
  [ "$(grep -cE '^ +[1248] ' <<<"$output")" -eq 4 ]
  [[ $stderr == *"round 1 of 2 done, 8 of 16 runs"* ]]
  [ ! -e sweep.json.state ]
  [ -s sweep.csv ] && [ -s sweep.md ]
  run bounded "$TVA" report sweep.json
  [ "$status" -eq 0 ]
}

@test "an axis that makes no difference to a model is left out of its point, and measured once" {
  run bounded "$TVA" sweep --over threads=1,2 --over job.duration=1ms,2ms --model tasks,pool --jobs 2 --rounds 1 --search-time 0 -q -o sweep.json
  [ "$status" -eq 0 ]
  [ "$(of_result sweep.json 'sorted((c["series"], sorted(c["point"].items())) for c in r["cells"])')" = \
    "[('pool', [('job.duration', 0.001), ('threads', 1)]), ('pool', [('job.duration', 0.001), ('threads', 2)]), ('pool', [('job.duration', 0.002), ('threads', 1)]), ('pool', [('job.duration', 0.002), ('threads', 2)]), ('tasks', [('job.duration', 0.001)]), ('tasks', [('job.duration', 0.002)])]" ]
}

@test "a crossover is found, named, and lies between the grid's values around it" {
  # Handing jobs that do nothing to threads costs more than to do them in turn; of sleeps, four at once are done
  # in a quarter of the time.
  run bounded "$TVA" sweep --over duration=0,8ms --model sequential,pool --threads 4 --jobs 40 --rounds 6 --width 20% -q -o sweep.json
  [ "$status" -eq 0 ]
  valid_result sweep.json
  [ "$(of_result sweep.json '[(c["axis"], c["metric"], c["from"], c["to"]) for c in r["sweep"]["crossovers"]]')" = \
    "[('duration', 'throughput', 'sequential', 'pool(4)')]" ]
  [ "$(of_result sweep.json 'all(0 <= c["ci_low"] <= c["at"] <= c["ci_high"] <= 0.008 for c in r["sweep"]["crossovers"])')" = True ]
  [ "$(of_result sweep.json 'sum(c["refined"] for c in r["cells"]) >= 2')" = True ]
  [[ $output == *"=> pool(4) overtakes sequential in throughput above jobs of "*"; 95% interval "* ]]
}

@test "a knee is found without a grid: a model that takes one job at a time breaks at its service rate" {
  run bounded "$TVA" sweep --slo p50=50ms --model sequential --job sleep:duration=10ms --arrivals constant --duration 500ms --rounds 1 --width 50% -q -o sweep.json
  [ "$status" -le 1 ] # a loaded machine may make cells invalid
  valid_result sweep.json
  [ "$(of_result sweep.json 'r["sweep"]["slo"]')" = "{'metric': 'p50', 'bound_s': 0.05}" ]
  [ "$(of_result sweep.json '[k["model"] for k in r["sweep"]["knees"]]')" = "['sequential']" ]
  [ "$(of_result sweep.json 'r["sweep"]["knees"][0]["rate_per_s"] is None or r["sweep"]["knees"][0]["rate_per_s"] < 110')" = True ]
  [[ $output == *"=> sequential keeps latency p50 under 50"* ]]
}

@test "the scalability law is fitted to a sweep over clients" {
  run bounded "$TVA" sweep --over clients=1,2,4 --model tasks --job sleep:duration=2ms --duration 100ms --rounds 2 -q -o sweep.json
  valid_result sweep.json
  [ "$(of_result sweep.json '[(s["model"], s["lambda"] is None or s["lambda"] > 0) for s in r["sweep"]["scalability"]]')" = "[('tasks', True)]" ]
  # A loaded machine may give points that no law passes: then the sentence says so, in place of figures.
  [ "$(of_result sweep.json 'all((s["lambda"] is None) == ("is not shown" in s["sentence"]) for s in r["sweep"]["scalability"])')" = True ]
  [[ $output == *"no crossing and no interval is claimed from less than 4 rounds"* ]]
}

@test "a place that cannot be written to is named before anything is measured" {
  run --separate-stderr bounded "$TVA" sweep "${small[@]}" -o missing/sweep.json
  [ "$status" -eq 1 ]
  [[ $stderr == *"cannot write missing/sweep.json"* ]]
  run --separate-stderr bounded "$TVA" sweep "${small[@]}" -o /dev/full
  [ "$status" -eq 1 ]
  [[ $stderr == *"not a plain file"* ]]
}

@test "help names the axes and what --over takes" {
  run --separate-stderr bounded "$TVA" sweep --help
  [ "$status" -eq 0 ]
  for word in --over --slo --metric --width --search-time --rounds --rate --clients jobs rate threads poison duration cpu job.PARAMETER; do
    [[ $output == *"$word"* ]]
  done
}

@test "axes that make no sense" {
  refused_sweep 'unknown axis "raet"; did you mean "rate"?*' --over raet=1,2
  refused_sweep '*NAME=RANGE*' --over rate
  refused_sweep '*is empty*' --over rate=2000..100:x1.5
  refused_sweep '*has no step*' --over rate=1..2
  refused_sweep '*above 1*' --over rate=1..2:x0.9
  refused_sweep '*above 0*' --over poison=0%..2%:+0%
  refused_sweep '*more than 200 values*' --over jobs=1..1000:+1
  refused_sweep '*has 80000 cells, more than 2000*' --model tasks,pool --over jobs=1..200:+1 --over duration=1ms..200ms:+1ms
  refused_sweep '*given twice*' --over jobs=1,2 --over jobs=3
  refused_sweep '*given twice*' --over cpu=1%,2% --over job.cpu=3%
  refused_sweep '*rounds and time exclude each other*' --job cpu --over job.rounds=1M --over job.time=1ms,2ms
  refused_sweep '*rounds and time exclude each other*' --job 'null + cpu' --over job.2.time=1ms,2ms --over job.rounds=1M
  refused_sweep '*--jobs is given too*' --over jobs=1,2 --jobs 5
  refused_sweep '*exclude each other*' --over rate=100,200 --over clients=1,2
  refused_sweep '*exclude each other*' --over rate=100,200 --clients 5
  refused_sweep '*makes no difference to any of these models*' --over threads=1,2 --model tasks,blocking
  refused_sweep '*"durtion"*"duration"*' --over job.durtion=1ms
  refused_sweep '*no number*' --over job.op=1,2 --job file
  refused_sweep '*some of these jobs the same*' --over duration=1ms,2ms --job sleep:duration=1ms --job sleep:duration=2ms
  refused_sweep '*at most*' --over jobs=1 --over rate=1 --over threads=1 --over cpu=1% --over poison=1%
  refused_sweep 'say what to sweep over*' --model tasks
}

@test "bounds and metrics that make no sense" {
  refused_sweep 'unknown metric "p98"; did you mean "p90"?*' --slo p98=20ms
  refused_sweep '*METRIC=T*' --slo p99
  refused_sweep '*"20" is not a duration*' --slo p99=20
  refused_sweep '*"0" is not a duration*' --slo p99=0
  refused_sweep '*a bound is on a latency*' --slo throughput=20ms
  refused_sweep '*a closed loop has none*' --slo p99=20ms --clients 5
  refused_sweep '*a closed loop has none*' --slo p99=20ms --over clients=1,2
  refused_sweep '*a batch has none*' --slo p99=20ms --over jobs=1,2
  refused_sweep '*needs 1000 jobs*--jobs 1000*' --slo p99=20ms --rate 100 --jobs 100
  refused_sweep '*p99 needs 1000 jobs in a run*1250 s*' --slo p99=20ms --over rate=1,2
  refused_sweep 'such a bound is kept or broken in runs of 100 s*' --slo p99=10s --duration 99s
  refused_sweep 'unknown metric*' --metric speed --over jobs=1,2
  refused_sweep '*--width*' --over jobs=1,2 --width 0
  refused_sweep '*--search-time*' --over jobs=1,2 --search-time soon
}
