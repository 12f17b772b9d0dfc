#!/usr/bin/env bash
# Tries the regression gate out: how often does it fail equal code, and how often does it find what was planted? Each
# trial is one whole session of the gate. What was tried stays in DIR/trials.jsonl, and the same command goes on there.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
source bench/scripts/child.sh

usage() {
  cat <<'TEXT'
Usage: bench/scripts/gate_trial.sh [--out DIR] [--trials N] [--budget SECONDS]
           [--limit SECONDS] [--model M] [--programs DIR] [KIND...]
       bench/scripts/gate_trial.sh --table [--out DIR]

Carry out trials of these kinds (all by default) until there are N of each (10),
in turn, for at most --limit SECONDS (3600) in all, but one at least; then print
the table, with 95 % bounds by Clopper and Pearson.

Tier 1 (tva pair), each session within --budget SECONDS (60):
  same       base against the same programs: no failure
  relinked   base against the same code in other link orders: no failure
  stressed   the same, while as many processes as there are cores compute: no
             failure; inconclusive is allowed
  planted    the same, with jobs of one model slower by 10 % and of another by
             5 %, which take turns: found, and the metrics of other models are
             not. Cells with and without a network take turns, too: what is
             slower in many cells wants many blocks
Tier 0 (tva run --counts=only, tva check), against a baseline recorded with
another environment, pinned, under load:
  equal      no failure
  syscall, alloc, poll, stack
             with one more system call, allocation, poll(2) or three more pages
             of stack a job of model M (tasks): found
  spin       with 400 more steps a job of a pool: found

DIR is results/latest/gate-trial. --programs names a folder with folders base,
link and cont, each of one code in several link orders; by default they are
linked from the build. TVA names the program (build/release/tva), SEED the draw
(1).
TEXT
}

die() {
  echo "gate_trial: $1" >&2
  exit "${2:-1}"
}

tva=${TVA:-build/release/tva}
out=results/latest/gate-trial
trials=10
budget=60
limit=3600
model=tasks
programs=
only_table=false
kinds=()
while (($# > 0)); do
  case $1 in
    --out) out=${2:?--out takes a folder}; shift 2 ;;
    --trials) trials=${2:?--trials takes a number}; shift 2 ;;
    --budget) budget=${2:?--budget takes seconds}; shift 2 ;;
    --limit) limit=${2:?--limit takes seconds}; shift 2 ;;
    --model) model=${2:?--model takes a model}; shift 2 ;;
    --programs) programs=${2:?--programs takes a folder}; shift 2 ;;
    --table) only_table=true; shift ;;
    --help) usage; exit 0 ;;
    same | relinked | stressed | planted | equal | syscall | alloc | poll | stack | spin) kinds+=("$1"); shift ;;
    *) usage >&2; exit 2 ;;
  esac
done
for number in "$trials" "$budget" "$limit"; do
  [[ $number =~ ^[1-9][0-9]{0,5}$ ]] || die "\"$number\" is not a number from 1 to 999999" 2
done
((${#kinds[@]} > 0)) || kinds=(same relinked stressed planted equal syscall alloc poll stack spin)
log=$out/trials.jsonl

table() {
  [[ -s $log ]] || die "there are no trials in $out"
  python3 -S bench/scripts/gate_trial.py table "$log"
}

if $only_table; then
  table
  exit
fi

# Processes that compute, until the trial is over; they end by themselves if nobody ends them.
stress=()
begin_stress() {
  local i

  for ((i = 0; i < $(nproc); i++)); do
    timeout "$((budget * 2 + 600))" sh -c 'while :; do :; done' 3>&- &
    stress+=($!)
  done
}
end_stress() {
  local pid

  for pid in "${stress[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  stress=()
}
trap end_stress EXIT
note_signals

# A command, for no longer than that many seconds.
bounded() {
  local seconds=$1

  shift
  run_child timeout --foreground --kill-after=10 "$seconds" "$@"
}

stop_if_interrupted() {
  if [[ -n $interrupted ]]; then
    echo "gate_trial: interrupted; the same command goes on where it was." >&2
    exit "$interrupted"
  fi
}

# Link orders of the built program, others for each trial. The same seeds give the same programs.
layouts=12
place=$programs
link_programs() { # NUMBER
  local side seed=$((${SEED:-1} * 1000000 + $1 * 1000))

  [[ -z $programs ]] || return 0
  place=$out/programs
  for side in base link cont; do
    run_child bench/scripts/layouts.sh "$(dirname "$tva")" "$place/$side" "$layouts" "$seed" >"$out/link.log" 2>&1 ||
      { stop_if_interrupted; die "cannot link the program in other orders; $out/link.log says why"; }
    seed=$((seed + 300))
  done
}

# What a session of tier 1 came to: $status, and what gate_trial.py notes of it.
paired() { # KIND NUMBER CONTENDER PROFILE [MODEL=SHARE...]
  local kind=$1 number=$2 contender=$3 profile=$4 document=$out/pair.json options planted

  shift 4
  options=(--suite "$out/suite.conf" --profile "$profile" --seed "$((${SEED:-1} * 100000 + number))" --budget "${budget}s" -q)
  for planted in "$@"; do
    options+=(--inject "model=${planted%=*},slowdown=${planted#*=}%")
  done
  rm -f "$document"
  link_programs "$number"
  status=0
  bounded "$((budget * 2 + 300))" "$tva" pair --base "$place/base" --relinked "$place/link" \
    --contender "$place/$contender" "${options[@]}" -o "$document" >"$out/$kind.txt" 2>"$out/$kind.err" || status=$?
  result=(pair "$document" "$@")
}

# Who is slower by 10 % and who by 5 % takes turns, so that each is a bystander too.
plantings=(
  "local tasks=10 blocking=5" "network tasks=10" "local pool=10 tasks=5" "network pool=5"
  "local blocking=10 pool=5" "network tasks=5" "local sequential=10 tasks=5" "network pool=10"
)
slowed() { # NUMBER
  local turn=${plantings[($1 - 1) % ${#plantings[@]}]}

  # shellcheck disable=SC2086 # words
  paired planted "$((10000 + $1))" cont $turn
}

# The profile alone: where one is pinned, others may ask for a core that is not to be had. And the profile in halves.
make_suite() {
  awk '/^\[/ { wanted = $1 == "[gate]" } wanted' bench/plan/suite.conf >"$out/gate.conf"
  {
    cat "$out/gate.conf"
    echo "[network]"
    grep -E '^--.*(tcp|http):' "$out/gate.conf"
    echo "[local]"
    grep -E '^--' "$out/gate.conf" | grep -vE '(tcp|http):'
  } >"$out/suite.conf"
}

# A run of the counts somewhere else each time: the environment has another size, and every other run is pinned to a
# core; every third has the machine to itself.
mapfile -t cpus < <(python3 -S -c 'import os; print(*sorted(os.sched_getaffinity(0)), sep="\n")')
counted() { # NUMBER RESULT [INJECT]
  local padding where=() inject=() seed=$((${SEED:-1} * 10000 + $1)) status=0

  printf -v padding '%*s' "$(($1 * 977 % 6000))" ''
  (($1 % 2 == 1)) || where=(taskset -c "${cpus[$1 / 2 % ${#cpus[@]}]}")
  [[ -z ${3-} ]] || inject=(--inject "$3")
  (($1 % 3 == 1)) || begin_stress
  bounded 900 env "TVA_TRIAL_PADDING=${padding// /x}" "${where[@]}" "$tva" run --suite "$out/suite.conf" \
    --profile gate --counts=only --seed "$seed" -q "${inject[@]}" -o "$2" >"$out/counts.txt" 2>"$out/counts.err" || status=$?
  end_stress
  return "$status"
}

need_baseline() {
  [[ ! -f $out/baseline.json ]] || return 0
  counted 2 "$out/baseline-run.json" || { stop_if_interrupted; die "cannot count; $out/counts.err says why"; }
  bounded 60 "$tva" baseline save "$out/baseline-run.json" --baseline "$out/baseline.new" >/dev/null ||
    die "cannot save the baseline"
  mv "$out/baseline.new" "$out/baseline.json"
}

# What a session of tier 0 came to, as paired(). METRIC is what the report has to name.
checked() { # KIND NUMBER [INJECT METRIC]
  local right=-

  status=0
  counted "$((10 + $2))" "$out/counts.json" "${3-}" || status=$?
  if ((status <= 1)); then
    status=0
    bounded 60 "$tva" check "$out/counts.json" --baseline "$out/baseline.json" >"$out/$1.txt" 2>"$out/$1.err" || status=$?
  else
    status=2
  fi
  if [[ -n ${4-} ]]; then
    right=0
    if ((status == 3)) && grep -qiE "$4" "$out/$1.txt"; then
      right=1
    fi
  fi
  result=(check "$right")
}

result=() # the arguments of gate_trial.py for a trial
trial() { # KIND NUMBER
  case $1 in
    same) paired "$1" "$((3 * $2))" base gate ;;
    relinked) paired "$1" "$((3 * $2 + 1))" cont gate ;;
    stressed) begin_stress; paired "$1" "$((3 * $2 + 2))" cont gate; end_stress ;;
    planted) slowed "$2" ;;
    equal) checked "$1" "$2" ;;
    syscall) checked "$1" "$2" "model=$model,syscall=1" 'system calls|syscalls' ;;
    alloc) checked "$1" "$2" "model=$model,alloc=1" 'allocations' ;;
    poll) checked "$1" "$2" "model=$model,poll=1" 'wakeups' ;;
    stack) checked "$1" "$2" "model=$model,stack=12k" 'pages' ;;
    spin) checked "$1" "$2" "model=pool,spin=400" 'instructions' ;;
  esac
}

ran=0 # trials of this session
limited=false
number_of() { grep -c "^{\"kind\": \"$1\"," "$log" || true; }

mkdir -p "$out"
touch "$log"
make_suite
if [[ " ${kinds[*]} " == *\ @(equal|syscall|alloc|poll|stack|spin)\ * ]]; then
  need_baseline
fi
for ((round = 1; round <= trials; round++)); do
  for kind in "${kinds[@]}"; do
    number=$(number_of "$kind")
    ((number < round)) || continue
    if ((ran > 0 && SECONDS >= limit)); then # at least one, however slow the machine is
      limited=true
      break 2
    fi
    number=$((number + 1))
    began=$SECONDS
    trial "$kind" "$number"
    ran=$((ran + 1))
    stop_if_interrupted
    python3 -S bench/scripts/gate_trial.py note "$kind" "$number" "$status" "$((SECONDS - began))" "${result[@]}" >>"$log"
    echo "gate_trial: $kind $number of $trials: status $status, $((SECONDS - began)) s" >&2
  done
done
! $limited || echo "gate_trial: the time limit is reached; the same command goes on where it was." >&2
table
