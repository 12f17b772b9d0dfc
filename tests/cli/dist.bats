#!/usr/bin/env bats
# The promise: durations that are drawn are the same under every model and for the same seed, differ for
# another, and a distribution that is not known is refused by name.

bats_require_minimum_version 1.5.0
load helper

# What cells of a job drew, as far as a result tells: the ideal of the first model, and whether the
# groups are valid, which they are when all models did the same.
ideal() {
  run --separate-stderr bounded "$TVA" run --job "$1" --model sequential,tasks,pool --jobs 20 --rounds 1 --seed "$2" -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json 'all(c["valid"] for c in r["cells"])')" = True ]
  of_result run.json '[c["summary"]["ideal_makespan_s"] for c in r["cells"] if c["model"] == "sequential"][0]'
  rm run.json
}

@test "the same seed draws the same durations, another seed others" {
  first=$(ideal sleep:us=500,dist=exp 1)
  [ "$first" = "$(ideal sleep:dist=exponential,duration=500us 1)" ]
  [ "$first" != "$(ideal sleep:us=500,dist=exp 2)" ]
  [ "$first" != "$(ideal sleep:us=500,dist=lognormal 1)" ]
  [ "$(ideal sleep:us=500 1)" = 0.01 ]
}

@test "computing that is drawn is equal work under all models" {
  run --separate-stderr bounded "$TVA" run --job cpu:rounds=10k,dist=uniform --jobs 20 --rounds 1 --seed 3 -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json 'len({c["ledger"]["operations"] for c in r["cells"]})')" = 1 ]
  [ "$(of_result run.json 'r["cells"][0]["ledger"]["operations"] != 200000')" = True ]
  [ "$(of_result run.json 'r["cells"][0]["params"]["dist"]')" = uniform ]
}

@test "tcp and http ask the target for the delay that they drew" {
  run --separate-stderr bounded "$TVA" run --job tcp:delay=1ms,dist=exp --job http:delay=1ms,dist=pareto --jobs 20 --rounds 1 --seed 3 -o run.json
  [ "$status" -eq 0 ]
  [ "$(of_result run.json 'all(c["valid"] and c["summary"]["errors"] == 0 for c in r["cells"])')" = True ]
  [ "$(of_result run.json '{c["params"]["dist"] for c in r["cells"]} == {"exp", "pareto"}')" = True ]
}

@test "an unknown distribution is refused with the valid ones" {
  run --separate-stderr bounded "$TVA" run --job sleep:ms=10,dist=poisson
  [ "$status" -eq 2 ]
  [[ $stderr == *"dist=poisson: unknown word"*"valid: fixed, exp, uniform, pareto, lognormal"* ]]
  run --separate-stderr bounded "$TVA" run --job sleep:ms=10,dist=lognorml
  [ "$status" -eq 2 ]
  [[ $stderr == *'did you mean "lognormal"?'* ]]
}
