#!/usr/bin/env bats
# The promise: behind a number of 1 a noun is singular, in reports, messages, exports, charts and pages.

bats_require_minimum_version 1.5.0
load helper

nouns='jobs|runs|rounds|cells|clients|threads|loops|tasks|models|cores|queues|figures|results|requests|connections|counts|sessions|times|ratios|metrics'

# The files hold no plural behind a 1; "0.1 jobs" and "21 jobs" may be there.
singular() { # FILE...
  run ! grep -nE "(^|[^0-9.,])1 (event )?($nouns)\b" "$@"
}

# What tva says of a result, in all forms.
show() { # RESULT
  bounded "$TVA" report "$1" >report
  bounded "$TVA" report "$1" --html -o page.html 2>messages
  bounded "$TVA" compare "$1" "$1" --all >compared
  bounded "$TVA" export "$1" --format markdown >export.md
  bounded "$TVA" export "$1" --format summary >export.summary
  bounded "$TVA" plot "$1" -o charts --format svg >drawn
  singular report page.html messages compared export.md export.summary charts/*.svg
}

@test "a session of one run of one job" {
  bounded "$TVA" run --model pool --threads 1 --job null --jobs 1 --rounds 1 --assert 'makespan<60s' -o run.json >said 2>&1
  grep -q "1 of 1 cell keeps it" said
  singular said
  show run.json
}

@test "a sweep that begins at one client" {
  bounded "$TVA" sweep --over clients=1,2 --model tasks,pool --threads 1 --job sleep:duration=1ms --jobs 20 --rounds 1 \
    --search-time 0 -o sweep.json >said 2>&1
  singular said
  show sweep.json
  grep -q "1 client: " charts/*.svg
}

@test "a baseline of one cell, and the check against it" {
  bounded "$TVA" run --counts=only --model sequential --job null --jobs 100 --rounds 1 -q -o counts.json ||
    skip "counts are not possible here"
  {
    bounded "$TVA" baseline save counts.json --baseline baseline.json
    bounded "$TVA" baseline show --baseline baseline.json
    bounded "$TVA" check counts.json --baseline baseline.json
  } >said 2>&1
  singular said
}
