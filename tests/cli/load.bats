#!/usr/bin/env bats
# The promise: closed loops, poison, and suites with loops give a result that follows the schema, in tables
# that fit; loads that make no sense are refused in one sentence.

bats_require_minimum_version 1.5.0
load helper

@test "a closed loop runs under every model, by time and by number" {
  ran --job sleep:duration=2ms --clients 3 --duration 200ms --rounds 1
  [ "$(of_result run.json 'len(r["cells"])')" -eq "$(models_here | wc -l)" ]
  [ "$(of_result run.json 'all(c["summary"]["in_flight"]["max"] == 3 for c in r["cells"])')" = True ]
  [ "$(of_result run.json 'all(0 < c["summary"]["in_flight"]["mean"]["median"] <= 3.01 for c in r["cells"])')" = True ]
  [ "$(of_result run.json '{c["valid"] for c in r["cells"]}')" = "{True}" ] # though the numbers of jobs differ
  ran --job sleep:duration=1ms --clients 4 --jobs 30 --warmup 5 --rounds 1
  [ "$(of_result run.json '{(c["jobs"], c["ledger"]["jobs"], c["summary"]["latency_ns"]["count"]) for c in r["cells"]}')" = \
    "{(30, 30, 30)}" ]
}

@test "poison blocks the loop of those models that run jobs on it" {
  ran --model tasks --job sleep:duration=30ms --jobs 20 --poison 0,100% --rounds 1 --warmup 0
  [ "$(of_result run.json '[c["summary"]["makespan_s"]["median"] >= 0.6 for c in r["cells"]]')" = "[False, True]" ]
  [ "$(of_result run.json 'r["cells"][1]["name"]')" = "tasks sleep:duration=30ms x 20, 100% poison" ]
}

@test "a suite's lines may be loops, and options replace what they say" {
  cat >suite.conf <<'SUITE'
[one]
--model tasks --job null --rate 50/s --duration 10s --rounds 1
--model tasks --job null --clients 2 --duration 10s --rounds 1
--model tasks --job null --jobs 3 --rounds 1
SUITE
  ran --suite suite.conf --profile one --duration 200ms --warmup 20ms
  [ "$(of_result run.json '[(c["load"]["kind"], c["load"]["duration_s"]) for c in r["cells"]]')" = \
    "[('open', 0.2), ('closed', 0.2), ('batch', None)]" ]
}

@test "loads that make no sense are refused in a sentence" {
  refused 'tva run: --rate and --clients exclude each other: *' run --rate 5/s --clients 5
  refused 'tva run: --rate "0/s" is not a rate above 0, as in 500/s, 2k/s or 0.5/s' run --rate 0/s
  refused 'tva run: --rate "5/min" is not a rate*' run --rate 5/min
  refused 'tva run: --arrivals needs --rate: *' run --arrivals poisson
  refused 'tva run: --arrivals "burst" is neither poisson nor constant' run --rate 5 --arrivals burst
  refused 'tva run: --limit needs --rate: *' run --clients 5 --limit 3
  refused 'tva run: --duration needs --rate or --clients: *' run --duration 5s
  refused 'tva run: --duration and --jobs exclude each other: *' run --rate 5 --duration 5s --jobs 5
  refused 'tva run: --clients "0" is not a whole number from 1 to 1000000' run --clients 0
  refused 'tva run: --poison "150%" is not a share from 0% to 100%*' run --poison 150%
  refused 'tva run: --warmup by time needs --rate or --clients: *' run --warmup 1s
  refused 'tva run: a rate of 5000000/s for 10s, with warm-up, makes *jobs, and a run holds at most 10000000*' run --rate 5M/s
  refused 'tva run: a rate of 0.01/s for 5s is less than one job*' run --rate 0.01 --duration 5s
  refused 'tva run: a duration of 100000s is longer than a day' run --clients 5 --duration 100000s
  refused 'tva run: --limit is for open loops, and there is none: add --rate' run --profile quick --limit 5
  refused 'tva run: --precision "0%" is not a share between 0% and 100%*' run --precision 0%
  refused 'tva run: --time-limit "0" is not a duration above 0*' run --time-limit 0
  refused 'tva cell: --rate and --clients exclude each other: *' cell --rate 5/s --clients 5
}

@test "a suite's line that makes no sense is named" {
  printf '[one]\n--job null\n--job null --rate 5/s --clients 7\n' >suite.conf
  refused 'tva run: suite.conf:3: --rate and --clients exclude each other*' run --suite suite.conf --profile one
}
