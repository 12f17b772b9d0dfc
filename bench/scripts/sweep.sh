#!/usr/bin/env bash
# What `make sweep` does with the built program: the questions that one run cannot answer, each a sweep of its own,
# with its charts. One that was interrupted goes on where it was.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
source bench/scripts/child.sh

usage() {
  cat <<'TEXT'
Usage: bench/scripts/sweep.sh [--out DIR] [NAME...]

Measure the sweeps of these names (rate, poison, clients, cpu; all by default),
leave each result in DIR/NAME.json (results/latest/sweep), its charts and page
in DIR/NAME. TVA names the program (build/release/tva), SEED the draw (1).
TEXT
}

tva=${TVA:-build/release/tva}
out=results/latest/sweep
names=()
while (($# > 0)); do
  case $1 in
    --out) out=${2:?--out takes a folder}; shift 2 ;;
    --help) usage; exit 0 ;;
    rate | poison | clients | cpu) names+=("$1"); shift ;;
    *) usage >&2; exit 2 ;;
  esac
done
((${#names[@]} > 0)) || names=(rate poison clients cpu)

# A model that cannot run here would make its sweep invalid.
uring=,uring
[[ $("$tva" list models) != *"uring cannot run here"* ]] || uring=

# The options of each, in $options.
# shellcheck disable=SC2054 # an option's commas are its own
options_of() {
  case $1 in
    # Latency against rate, from far below what one server can do to near what six can: 9 minutes.
    rate)
      options=(--model tasks,pool,blocking --job sleep:ms=2,dist=exp --over rate=200,350,450,700,1400,2100,2700
        --duration 2s --rounds 6 --slo p99=20ms --search-time 60s) ;;
    # A share of calls that block a loop: 3 minutes.
    poison)
      options=(--model tasks,loops,pool --job sleep:ms=10,dist=exp --rate 250/s --over poison=0,1%,2%,5%
        --duration 2s --rounds 6 --search-time 0) ;;
    # Throughput against clients of a real server: 3 minutes.
    clients)
      options=(--model "tasks,loops$uring,pool,offload,threads" --job http:client=direct,delay=1ms --over clients=1..256:x4
        --duration 1s --rounds 6 --search-time 0) ;;
    # Jobs that wait and compute: where a second core pays for loops and threads: 2 minutes.
    cpu)
      options=(--model tasks,loops,threads --jobs 200 --job mixed:total=2ms --over cpu=0.5%..64%:x2
        --rounds 6 --search-time 60s) ;;
  esac
}

note_signals

mkdir -p "$out"
status=0
for name in "${names[@]}"; do
  options_of "$name"
  swept=0
  run_child "$tva" sweep "${options[@]}" --seed "${SEED:-1}" -o "$out/$name.json" --exports || swept=$?
  if [[ -n $interrupted ]] || ((swept == 130)); then
    echo "sweep: interrupted; the same command goes on where it was." >&2
    exit "${interrupted:-130}"
  fi
  ((swept == 0)) || status=1
  if [[ -f $out/$name.json ]] && ((swept <= 1)); then
    run_child "$tva" plot "$out/$name.json" -o "$out/$name" || status=1
    run_child "$tva" report --html "$out/$name.json" -o "$out/$name/report.html" || status=1
  fi
done
exit "$status"
