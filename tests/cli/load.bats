#!/usr/bin/env bats
# The promise: every model takes open and closed loops, in a result that follows the schema, counts what was
# refused or not served, and has the same arrivals under every model; loads that make no sense are refused in
# one sentence; a session ends by the rule that it was given, and says so.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
}

teardown() {
  end_processes
}

# A run of these options is refused with one sentence that matches the pattern.
refused() {
  local pattern=$1

  shift
  run --separate-stderr bounded "$TVA" "$@"
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
  # shellcheck disable=SC2053 # it is a pattern
  [[ $stderr == $pattern ]]
}

# A generator may be late on a loaded machine, which makes a cell invalid and the status 1: anything else must
# not be.
ran() {
  run --separate-stderr bounded "$TVA" run "$@" -o run.json
  [ "$status" -le 1 ]
  valid_result run.json
  [ "$(of_result run.json '[x for c in r["cells"] for x in c["reasons"] if "did not keep its schedule" not in x]')" = "[]" ]
}

@test "an open loop runs under every model, with the same arrivals in each" {
  ran --job sleep:duration=2ms --rate 100/s --duration 400ms --rounds 2 --seed 5
  [ "$(of_result run.json 'len(r["cells"])')" -eq 6 ]
  [ "$(of_result run.json 'len({c["arrivals"]["offered"] for c in r["cells"]})')" -eq 1 ]
  [ "$(of_result run.json 'len({(c["jobs"], c["ledger"]["checksum"]) for c in r["cells"]})')" -eq 1 ]
  [ "$(of_result run.json '{(c["load"]["kind"], c["load"]["rate_per_s"], c["load"]["arrivals"]) for c in r["cells"]}')" = \
    "{('open', 100, 'poisson')}" ]
  [ "$(of_result run.json 'all(c["summary"]["latency_ns"]["min"] >= 2e6 for c in r["cells"])')" = True ]
  [ "$(of_result run.json 'all(c["summary"]["littles_law"]["error"] < 0.5 for c in r["cells"])')" = True ]
  [ "$(of_result run.json 'r["context"]["timer_error_ns"]["count"]')" -eq 10000 ]
  [ "$(of_result run.json 'cell["tasks sleep:duration=2ms @ 100/s poisson 400ms"]["summary"]["theory"]["model"]')" = M/D/inf ]
}

@test "a closed loop runs under every model, by time and by number" {
  ran --job sleep:duration=2ms --clients 3 --duration 200ms --rounds 1
  [ "$(of_result run.json 'len(r["cells"])')" -eq 6 ]
  [ "$(of_result run.json 'all(c["summary"]["in_flight"]["max"] == 3 for c in r["cells"])')" = True ]
  [ "$(of_result run.json 'all(0 < c["summary"]["in_flight"]["mean"]["median"] <= 3.01 for c in r["cells"])')" = True ]
  [ "$(of_result run.json '{c["valid"] for c in r["cells"]}')" = "{True}" ] # though the numbers of jobs differ
  ran --job sleep:duration=1ms --clients 4 --jobs 30 --warmup 5 --rounds 1
  [ "$(of_result run.json '{(c["jobs"], c["ledger"]["jobs"], c["summary"]["latency_ns"]["count"]) for c in r["cells"]}')" = \
    "{(30, 30, 30)}" ]
}

@test "constant arrivals come as many as the rate and the duration say" {
  ran --model tasks,pool --job null --rate 200/s --arrivals constant --duration 500ms --warmup 100ms --rounds 2
  [ "$(of_result run.json '{c["arrivals"]["offered"] for c in r["cells"]}')" = "{200}" ]
  [ "$(of_result run.json '{c["summary"]["theory"] for c in r["cells"]}')" = "{None}" ]
}

@test "what a model cannot serve is unserved, with its wait so far in the latency, and said" {
  ran --model blocking,tasks --job sleep:duration=20ms --rate 200/s --arrivals constant --jobs 60 --warmup 0 --drain 0 --rounds 1
  [ "$(of_result run.json '[c["arrivals"]["unserved"] > 20 for c in r["cells"]]')" = "[True, False]" ]
  [ "$(of_result run.json '[c["summary"]["latency_ns"]["count"] for c in r["cells"]]')" = "[60, 60]" ]
  said=$(tr -s ' \n' ' ' <<<"$output")
  [[ $said == *"jobs had not begun"*"the rate is above what it can serve"* ]]
  [[ $said == *"of the jobs unserved or refused"* ]]
}

@test "arrivals beyond the limit are refused and counted" {
  ran --model tasks --job sleep:duration=100ms --rate 100/s --arrivals constant --jobs 50 --warmup 0 --limit 4 --rounds 1
  [ "$(of_result run.json '(lambda a: a["refused"] > 10 and a["admitted"] + a["refused"] == 50)(r["cells"][0]["arrivals"])')" = True ]
  [ "$(of_result run.json 'r["cells"][0]["summary"]["in_flight"]["max"]')" -eq 4 ]
  [[ $(tr -s ' \n' ' ' <<<"$output") == *"were refused because 4 were in the system"* ]]
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

@test "tables of loops fit into 100 columns" {
  ran --job sleep:duration=2ms --rate 300/s --duration 300ms --rounds 1
  [ "$(tail -n +3 <<<"$output" | wc -L)" -le 100 ]
  ran --job sleep:duration=2ms --clients 100 --duration 100ms --rounds 1
  [ "$(tail -n +3 <<<"$output" | wc -L)" -le 100 ]
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

@test "a time limit ends the session after the round in progress" {
  run --separate-stderr bounded "$TVA" run --model tasks --job sleep:duration=100ms --jobs 1 --rounds 500 --time-limit 300ms -o run.json
  [ "$status" -eq 0 ]
  valid_result run.json
  [ "$(of_result run.json '(r["ended_by"], r["partial"], r["rounds"] == r["cells"][0]["runs"] < 500)')" = \
    "('time limit', False, True)" ]
  [[ $stderr == *"ended by the time limit after "* ]]
  [[ $output == *"; ended by the time limit"* ]]
}

@test "a precision adds rounds until every interval is that narrow" {
  ran --model tasks --job sleep:duration=20ms --jobs 2 --precision 50%
  [ "$(of_result run.json '(r["ended_by"], r["rounds"], r["cells"][0]["runs"])')" = "('precision', 6, 6)" ]
  ran --model tasks --job null --jobs 1 --precision 0.000001% --time-limit 1s
  [ "$(of_result run.json '(r["ended_by"], r["rounds"] > 6)')" = "('time limit', True)" ]
  [[ $stderr == *"1 of 1 cells are not known to 0.000001% yet"* ]]
}

@test "Ctrl-C during a loop keeps what is complete and leaves no process" {
  env --default-signal=INT "$TVA" run --model tasks --job null --rate 100/s --duration 200ms --rounds 1000 -o run.json \
    >table 2>said 3>&- & harness=$!
  eventually grep -q 'round 1 of' said
  kill -INT "$harness"
  status=0
  wait "$harness" || status=$?
  [ "$status" -eq 130 ]
  none_running
  valid_result run.json
  [ "$(of_result run.json '(r["partial"], r["ended_by"])')" = "(True, 'interrupt')" ]
}
