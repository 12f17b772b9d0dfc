#!/usr/bin/env bats
# The promise: tva pair is green on equal programs, red and to the point on a slower one, inconclusive where it
# cannot tell; what cannot be compared gets one sentence and status 2; and nothing is left behind.
#
# Programs are faked where the verdict has to be certain: their runs are made up, so that this machine's load is in none of
# their times. Budgets are limits that no machine reaches, save where the lack of time is what is tested.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir "$TMPDIR"
}

cell=(--model tasks --job null --jobs 50)

# Every observation is a process, which takes long to start under sanitizers: what other tests lead through the same code is
# left out there.
unsanitized() {
  [ -z "${TVA_SANITIZE-}" ] || skip "$1"
}

# A program $1 whose runs are made up (tests/fake_tva.c), with these words about them.
fake() {
  cp "$TVA_BUILD/tests/fake_tva" "$1"
  echo "${*:2}" >"$1.says"
}

# A program $1 of a revision whose runs leave another record: it knows `run` alone, whose result is that of a real one.
old_fake() {
  [[ -f real.json ]] || bounded "$TVA" run "${cell[@]}" --rounds 1 --seed 1 -q -o real.json >/dev/null 2>&1
  cat >"$1" <<'SCRIPT'
#!/bin/bash
if [[ $1 != run ]]; then
  echo "$1?" >&2
  exit 2
fi
while [[ $1 != -o ]]; do shift; done
exec cp "${0%/*}/real.json" "$2"
SCRIPT
  chmod +x "$1"
}

# Compare base and contender.
pair() {
  run --separate-stderr bounded "$TVA" pair --base ./base --contender ./contender "${cell[@]}" --budget "${BUDGET:-40s}" --seed 5 \
    -o pair.json "$@"
  if [ -e pair.json ]; then
    valid_pair pair.json
  fi
}

# Nothing in the folder for temporary files, and no process.
nothing_left() {
  [ -z "$(ls "$TMPDIR")" ]
  eventually none_running
}

of_pair() {
  python 'r = load("pair.json"); print(eval(sys.argv[1]))' "$1"
}

# These two cannot be compared, in one sentence that matches the pattern.
incomparable() {
  pair -q "${@:2}"
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  # shellcheck disable=SC2053 # it is a pattern
  [[ $stderr == $1 ]]
  [ ! -e pair.json ]
  nothing_left
}

@test "equal programs are green, and every observation is in the document" {
  fake base
  fake contender
  pair
  [ "$status" -eq 0 ]
  [[ $output == *"Verdict: pass"* ]]
  [[ $stderr == *"round 8 of 8 done"* ]]
  [ "$(of_pair '(r["kind"], r["schema_version"], r["verdict"], r["reasons"], r["observed_by"])')" = "('tva-pair', 2, 'pass', [], 'cell')" ]
  [ "$(of_pair '[(m["title"], m["verdict"]) for m in r["metrics"]]')" = \
    "[('makespan', 'pass'), ('latency p50', 'pass'), ('CPU a job', 'pass'), ('peak memory', 'pass')]" ]
  [ "$(of_pair 'len(r["cells"][0]["blocks"]) >= 8')" = True ]
  [ "$(of_pair '[a for a in ("base", "relinked", "contender") if any([t["arm"] for t in b["turns"]].count(a) * 3 != len(b["turns"]) for b in r["cells"][0]["blocks"])]')" = "[]" ]
  run --separate-stderr bounded "$TVA" report --html pair.json -o pair.html
  [ "$status" -eq 0 ]
  python 'exec(open(sys.argv[1]).read())
page, r = load_page("pair.html"), load("pair.json")
page.check()
rows = page.tables["answer"][0][1:]
assert [(row[-7], row[-6], row[-1]) for row in rows] == [(m["title"], "%+.1f %%" % (100 * (m["ratio"] - 1)), m["verdict"]) for m in r["metrics"]], rows
assert "Verdict: pass" in page.text() and "tva pair --base ./base --relinked ./base --contender ./contender" in page.text()
evil = spoil(r, "<img src=x>")
evil["kind"] = r["kind"]
json.dump(evil, open("evil.json", "w"))' "$TVA_SOURCE/tests/cli/page.py"
  run --separate-stderr bounded "$TVA" report --html evil.json -o evil.html
  [ "$status" -eq 0 ]
  run ! grep -q '<img' evil.html
  [ "$(of_pair 'all(t["makespan_s"] > 0 for c in r["cells"] for b in c["blocks"] for t in b["turns"])')" = True ]
  [ "$(of_pair 'all(abs(m["ratio"] - 1) < 0.01 and m["ci_low"] <= m["ratio"] <= m["ci_high"] and 1.02 < m["smallest"] < 1.1 for m in r["metrics"])')" = True ]
  nothing_left
}

@test "the schema refuses what a document must not be" {
  unsanitized "the schema is the same"
  fake base
  fake contender
  pair
  cp pair.json whole.json
  while read -r change; do
    python 'r = load("whole.json"); exec(sys.argv[1]); json.dump(r, open("pair.json", "w"))' "$change"
    run ! valid_pair pair.json
    [[ $output == *ValidationError* ]]
  done <<'TABLE'
r["verdict"] = "maybe"
del r["metrics"]
r["extra"] = 1
r["null"]["rejected"] = True
r["metrics"][0]["ratio"] = -1
r["metrics"][0]["verdict"] = "inconclusive"
r["metrics"][0]["reason"] = "why"
r["metrics"][0]["key"] = "nonsense"
r["metrics"][0]["title"] = "nonsense"
r["metrics"][0]["screened"]["p"] = 1.1
r["programs"]["relinked"] = []
del r["cells"][0]["blocks"][0]["turns"][0]["max_rss_bytes"]
r["cells"][0]["blocks"][0]["turns"][0]["arm"] = "fourth"
del r["context"]["cpu"]
TABLE
}

@test "a slower contender is red, and what is slower is named, and nothing else" {
  unsanitized "a planted fault takes the same way"
  fake base
  fake contender makespan=1.1
  pair -q
  [ "$status" -eq 3 ]
  [[ $output == *"Verdict: regression"* ]]
  [ "$(of_pair '[m["name"] for m in r["metrics"] if m["verdict"] != "pass"]')" = "['makespan of tasks null x 50']" ]
  [ "$(of_pair '[m["confirmed"]["blocks"] >= m["fresh_wanted"] > 0 for m in r["metrics"] if m["verdict"] != "pass"]')" = "[True]" ]
  [[ $output == *"makespan of tasks null x 50: 10."*"% longer"*"confirmed in"*"fresh blocks"* || $output == *"makespan of tasks null x 50: 9."* ]]
  nothing_left
}

@test "a faster contender is green" {
  unsanitized "equal programs take the same way"
  fake base
  fake contender makespan=0.8 latency=0.8 cpu=0.8 memory=0.8
  pair -q
  [ "$status" -eq 0 ]
}

@test "noise that hides what is worth seeing is inconclusive, with the reason" {
  fake base spread=3
  fake contender spread=3
  BUDGET=5s pair -q
  [ "$status" -eq 4 ]
  [[ $output == *"Verdict: inconclusive"*"cannot be judged: too little power"*"steal"*"load average"* ]]
}

@test "a relinked base that differs from the base makes it inconclusive" {
  unsanitized "test_pair_guards has it"
  fake base
  fake contender makespan=1.2 cpu=1.2
  fake relinked makespan=1.2 cpu=1.2
  pair -q --relinked ./relinked
  [ "$status" -eq 4 ]
  [[ $output == *"the base differs from itself when linked again"* ]]
}

@test "without time there is no verdict" {
  fake base
  fake contender makespan=2
  pair -q --budget 1ms
  [ "$status" -eq 4 ]
  [[ $output == *"too few blocks"*"--budget allows more"* ]]
  nothing_left
}

@test "Markdown: a table with a row a metric" {
  unsanitized "the other table takes the same way"
  fake base
  fake contender
  pair -q --markdown
  [ "$status" -eq 0 ]
  [ "$(grep -c '^| `tasks null x 50` | ' <<<"$output")" -eq 4 ]
  [[ $output == *"**Verdict: pass**"* ]]
}

@test "a program that refuses the cell, fails, writes rubbish, or is none" {
  fake contender
  printf '#!/bin/sh\necho "tva run: unknown job null" >&2\nexit 2\n' >base
  chmod +x base
  incomparable '*./base ended with status 2 at "--model tasks --job null --jobs 50": tva run: unknown job null'
  printf '#!/bin/sh\nkill -SEGV $$\n' >base
  incomparable '*./base was killed by signal 11*'
  printf '#!/bin/sh\n[ "$1" = run ] || exit 2\nwhile [ "$1" != -o ]; do shift; done\necho rubbish >"$2"\n' >base
  chmod +x base
  old_fake contender
  incomparable '*the result of ./base cannot be read: *'
  echo rubbish >base
  incomparable '*./base cannot be started'
}

@test "other work, or a metric that is missing, cannot be compared" {
  fake base
  fake contender checksum=2
  incomparable '*do not do the same work in tasks null x 50: one did checksum 0*2 against 0*1 in a run*'
  fake contender memory=0
  incomparable '*the contender has no peak memory of tasks null x 50*'
}

@test "a loop by time may end more jobs in one run than in another" {
  run --separate-stderr bounded "$TVA" pair --base "$TVA" --contender "$TVA" --model tasks --job null --clients 2 --duration 20ms \
    --budget 2s -q -o pair.json
  [[ $status -eq 0 || $status -eq 3 || $status -eq 4 ]]
  valid_pair pair.json
}

@test "an invalid cell is named, with its reason" {
  fake base
  fake contender fails=3
  incomparable '*./contender: *is invalid: 3 of 50 jobs failed: *'
}

@test "a revision whose runs leave another record is asked for whole results, and so is the other" {
  old_fake base
  old_fake contender
  BUDGET=2s pair
  [ "$status" -eq 0 ] || [ "$status" -eq 4 ]
  [[ $stderr == *"records of another form"*"a process more"* ]]
  [ "$(of_pair '(r["observed_by"], {m["ratio"] for m in r["metrics"]} == {1})')" = "('run', True)" ]
  nothing_left
  rm pair.json
  fake base wire=1 # and knows no `run`
  incomparable '*./base ended with status 2 at *it only knows a cell*'
}

@test "Ctrl-C leaves nothing" {
  bounded env --default-signal=INT "$TVA" pair --base "$TVA" --contender "$TVA" --model tasks --job sleep:duration=200ms \
    --jobs 1 --budget 60s -o pair.json 2>err 3>&- &
  guard=$!
  eventually pgrep -P "$guard" >/dev/null
  limit=$(pgrep -P "$guard")
  eventually pgrep -P "$limit" >/dev/null
  session=$(pgrep -P "$limit")
  eventually child_of "$session" cell >/dev/null
  kill -INT "$limit"
  status=0
  wait "$guard" || status=$?
  [ "$status" -eq 130 ]
  grep -q "interrupted; nothing is kept" err
  [ ! -e pair.json ]
  nothing_left
}

# The real program: a fault that no load hides. A loaded machine may leave it unconfirmed, but not green.
@test "a planted fault is found in a real program" {
  run --separate-stderr bounded "$TVA" pair --base "$TVA" --contender "$TVA" --model sequential --job null --jobs 2000 \
    --inject stall=200ms --budget 15s -q -o pair.json
  [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
  valid_pair pair.json
  [ "$(of_pair '[m["suspect"] for m in r["metrics"] if m["key"] == "makespan_s"]')" = "[True]" ]
  [ "$(of_pair '[c["inject"] for c in r["cells"]]')" = "['stall=200ms']" ]
  nothing_left
}

@test "options that make no sense" {
  refused 'tva pair: say who is compared*' pair --base "$TVA"
  refused 'tva pair: missing: No such file*' pair --base missing --contender "$TVA"
  touch plain && mkdir empty
  refused 'tva pair: plain is not a program' pair --base plain --contender "$TVA"
  refused 'tva pair: there is no program in the folder empty' pair --base empty --contender "$TVA"
  refused '*--budget*' pair --base "$TVA" --contender "$TVA" --budget soon
  refused '*--budget 0*' pair --base "$TVA" --contender "$TVA" --budget 0m
  refused '*unknown job*' pair --base "$TVA" --contender "$TVA" --job nosuch
}

@test "link orders: programs that work, with their code in different places" {
  unsanitized "the script is the same"
  command -v ninja >/dev/null || skip "needs ninja"
  [[ -f $TVA_BUILD/build.ninja ]] || skip "needs a build folder of ninja's"
  bounded "$TVA_SOURCE/bench/scripts/layouts.sh" "$TVA_BUILD" orders 2 7
  [ "$(ls orders)" = $'01\n02' ]
  for program in orders/*; do
    bounded "$program" list models >/dev/null
    nm -n "$program" | awk '/ T /{ print $3 }' >"$program.order"
  done
  run ! cmp -s orders/01.order orders/02.order
  cmp <(sort orders/01.order) <(sort orders/02.order)
}
