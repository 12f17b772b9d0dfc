#!/usr/bin/env bats
# The promise: bench/scripts/gate_trial.sh calls the gate as it is called by others, counts what came of it, goes on where it
# was, and its bounds are those of the published tables.
bats_require_minimum_version 1.5.0
load helper

# A program in place of tva, which writes down its calls, and ends as the test says.
setup() {
  begin
  cat >tva <<'SCRIPT'
#!/usr/bin/env bash
stress=
if [[ -n ${COUNT_STRESS-} ]]; then
  script=$(ps -o ppid= -p "$PPID")
  stress=$(pgrep -c -P "${script// /}" -f 'while :')
fi
echo "$* stress=$stress padding=${#TVA_TRIAL_PADDING}" >>"$LOG"
arguments=$*
case $1 in
  check)
    [[ ! -e $FLAGS/check ]] || { cat "$FLAGS/check"; exit 3; }
    exit 0 ;;
  baseline)
    echo '{}' >"$5"
    exit 0 ;;
esac
while [[ $1 != -o ]]; do shift; done
cp "$FLAGS/pair.json" "$2"
[[ $arguments != *slowdown* ]] || exit 3
exit "${PAIR_STATUS:-0}"
SCRIPT
  chmod +x tva
  cat >pair.json <<'JSON'
{"budget_s": 60, "context": {"cpu": "Z80", "cores": 1, "kernel": "Linux 7"}, "null": {"rejected": false, "strayed": 0}, "metrics": [
  {"name": "a", "cell": "tasks null x 9", "key": "makespan_s", "verdict": "regression", "ratio": 1.10, "screened": {"spread": 0.02}},
  {"name": "b", "cell": "tasks file x 9", "key": "makespan_s", "verdict": "pass", "ratio": 1.06, "screened": {"spread": 0.04}},
  {"name": "c", "cell": "tasks tcp x 9", "key": "makespan_s", "verdict": "inconclusive", "ratio": 1.08, "screened": {"spread": 0.2}},
  {"name": "d", "cell": "tasks null x 9", "key": "cpu_per_job_s", "verdict": "pass", "ratio": 1.02, "screened": {"spread": 0.01}},
  {"name": "e", "cell": "tasks tcp x 9", "key": "max_rss_bytes", "verdict": "pass", "ratio": 1.0, "screened": {"spread": 0.01}},
  {"name": "f", "cell": "tasksome null x 9", "key": "makespan_s", "verdict": "pass", "ratio": 1.0, "screened": {"spread": 0.01}},
  {"name": "g", "cell": "pool(4) null x 9", "key": "makespan_s", "verdict": "regression", "ratio": 1.0, "screened": null}
]}
JSON
  export TVA=$PWD/tva LOG=$PWD/log FLAGS=$PWD
  mkdir programs
}

trials() {
  bounded "$TVA_SOURCE/bench/scripts/gate_trial.sh" --out "$PWD/out" --programs "$PWD/programs" "$@"
}

bounds() {
  python 'sys.path.insert(0, sys.argv[1]); import gate_trial
print(*("%.4f" % x for x in gate_trial.clopper_pearson(int(sys.argv[2]), int(sys.argv[3]))))' "$TVA_SOURCE/bench/scripts" "$@"
}

@test "the bounds are Clopper and Pearson's" {
  [ "$(bounds 0 60)" = "0.0000 0.0596" ]
  [ "$(bounds 60 60)" = "0.9404 1.0000" ]
  [ "$(bounds 95 100)" = "0.8872 0.9836" ]
  [ "$(bounds 8 10)" = "0.4439 0.9748" ]
  [ "$(bounds 1 2)" = "0.0126 0.9874" ]
  [ "$(bounds 0 0)" = "0.0000 1.0000" ]
  [ "$(bounds 30 3000)" = "0.0068 0.0142" ]
}

@test "a session counts by its status" {
  PAIR_STATUS=0 trials --trials 3 same
  PAIR_STATUS=4 trials --trials 4 same
  PAIR_STATUS=3 trials --trials 5 same
  PAIR_STATUS=2 run trials --trials 6 same
  [ "$status" -eq 0 ]
  [[ $output == *"| tier 1, the same programs | false failures | 2 of 6 | 33.3 % | 4.3 to 77.7 % |"* ]]
  [[ $output == *"| tier 1, the same programs | inconclusive | 1 of 6 |"* ]]
  [[ $output == *"| tier 1, the same programs | could not be compared | 1 of 6 |"* ]]
}

@test "what was planted is looked for in the models that have it, and nowhere else" {
  run trials --trials 5 planted
  [ "$status" -eq 0 ]
  [[ $output == *"| tier 1, slowdowns planted | inconclusive | 0 of 5 |"* ]]
  # Of the makespans and CPU times of tasks, two have a spread of at most 3 %, and three of at most 5 %; they are those
  # of one and of two cells. Tasks have 10 % in two of five sessions, 5 % in one, and are bystanders in two, as are
  # pools; each has one metric that was called a regression.
  [[ $output == *"+10 % where blocks spread by at most 5 %: cells found | 2 of 4 |"* ]]
  [[ $output == *"+10 % where blocks spread by at most 5 %: metrics found | 2 of 6 | 33.3 % |"* ]]
  [[ $output == *"+5 % where blocks spread by at most 3 %: cells found | 1 of 1 |"* ]]
  [[ $output == *"+5 % where blocks spread by at most 3 %: metrics found | 1 of 2 | 50.0 % |"* ]]
  [[ $output == *"metrics of other models flagged | 4 of 17 |"* ]]
  [[ $output == *"within 60 s each, on Z80, 1 cores, Linux 7."* ]]
  grep -q -- '--profile local .*--inject model=tasks,slowdown=10% --inject model=blocking,slowdown=5% ' log
  grep -q -- '--profile network .*--inject model=tasks,slowdown=10% ' log
  grep -q -- '--profile local .*--inject model=pool,slowdown=10% --inject model=tasks,slowdown=5% ' log
  [ "$(sed -n '/^\[local\]/,$p' out/suite.conf | grep -c -- --job)" -ge 4 ]
  [ "$(sed -n '/^\[network\]/,/^\[local\]/p' out/suite.conf | grep -c -- --job)" -ge 2 ]
}

@test "metrics without a verdict are counted where nothing was planted" {
  run trials --trials 2 relinked
  [[ $output == *"| tier 1, linked again | metrics without a verdict | 2 of 14 |"* ]]
}

@test "each trial has its own seed and goes on where the last session was" {
  trials --trials 2 same
  run --separate-stderr trials --trials 4 same
  [ "$(grep -c '^pair' log)" -eq 4 ]
  [ "$(sed -n 's/.*--seed \([0-9]*\).*/\1/p' log | sort -u | wc -l)" -eq 4 ]
  [[ ${stderr:?} == *"same 3 of 4: status 0"* ]]
  [[ $stderr != *"same 2 of 4"* ]]
  run trials --table
  [[ $output == *"| tier 1, the same programs | false failures | 0 of 4 | 0.0 % |"* ]]
  [ "$(grep -c '^pair' log)" -eq 4 ]
}

@test "arms are the programs that the kind is about" {
  trials --trials 1 same relinked stressed
  [ "$(sed -n 's/.*--base [^ ]*\/\([a-z]*\) --relinked [^ ]*\/\([a-z]*\) --contender [^ ]*\/\([a-z]*\) .*/\1 \2 \3/p' log | tr '\n' ',')" = "base link base,base link cont,base link cont," ]
}

@test "stress is there while it is wanted, and ends with the trial" {
  COUNT_STRESS=yes trials --trials 1 stressed same
  [ "$(sed -n 's/^pair .* stress=\([0-9]*\) .*/\1/p' log | tr '\n' ' ')" = "$(nproc) 0 " ]
  for pid in $(pgrep -f 'while :; do :; done'); do
    run ! grep -qzxF "TVA_TEST_MARK=$TVA_TEST_MARK" "/proc/$pid/environ"
  done
}

@test "counts are taken elsewhere each time, and held against a baseline made once" {
  trials --trials 3 equal
  [ "$(grep -c '^baseline save' log)" -eq 1 ]
  [ "$(grep -c '^check' log)" -eq 3 ]
  [ "$(sed -n 's/^run .*padding=//p' log | sort -u | wc -l)" -eq 4 ]
  run ! grep -q -- --inject log
}

@test "a planted count has to be named, and a false failure counts as one" {
  echo "tasks null x 10000: system calls a job 3 -> 4" >check
  run trials --trials 2 syscall alloc equal
  [[ $output == *"one more system call | found, right metric named | 2 of 2 |"* ]]
  [[ $output == *"one more allocation | found, right metric named | 0 of 2 |"* ]]
  [[ $output == *"tier 0, elsewhere | false failures | 2 of 2 |"* ]]
  grep -q -- '--inject model=tasks,syscall=1 ' log
  grep -q -- '--inject model=tasks,alloc=1 ' log
}

@test "the time limit ends it between two trials, and the table is shown" {
  mv tva slow
  printf '#!/bin/sh\nsleep 1\nexec "%s/slow" "$@"\n' "$PWD" >tva
  chmod +x tva
  run trials --trials 50 --limit 1 same
  [ "$status" -eq 0 ]
  [[ $output == *"the time limit is reached"* ]]
  [ "$(wc -l <out/trials.jsonl)" -eq 1 ] # the trial takes longer than the limit, and the first one always runs
}

@test "an interrupted trial is not counted" {
  mv tva slow
  printf '#!/bin/sh\ntouch "%s/began"\nsleep 20\n' "$PWD" >tva
  chmod +x tva
  "$TVA_SOURCE/bench/scripts/gate_trial.sh" --out "$PWD/out" --programs "$PWD/programs" same 3>&- &
  script=$!
  eventually test -e began
  kill -TERM "$script"
  status=0
  wait "$script" || status=$?
  [ "$status" -eq 143 ]
  [ ! -s out/trials.jsonl ]
}

@test "what makes no sense is refused" {
  run trials --trials 0 same
  [ "$status" -eq 2 ]
  run trials everything
  [ "$status" -eq 2 ]
  run trials --table
  [ "$status" -eq 1 ]
  [[ $output == *"there are no trials"* ]]
  mkdir out
  echo nonsense >out/trials.jsonl
  run trials --table
  [ "$status" -eq 1 ]
  [[ $output == *"trials.jsonl:1: not a trial"* ]]
}
