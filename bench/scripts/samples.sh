#!/usr/bin/env bash
# What `make samples` does with the built program: record what README, docs and the gate rest on, anew. For a machine on
# which nothing else runs, and a clean commit, which the results name.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
source bench/scripts/child.sh

usage() {
  cat <<'TEXT'
Usage: bench/scripts/samples.sh [--from DIR] [PART...]

Measure these parts (all by default) and put what comes out in place of the
stored results; then write their figures into README and docs.

bench      run.json, its charts and hyperfine's figures: 2 minutes
demo       the lessons: 1 minute
micro      results/sample/micro.json: 6 minutes
sweep      results/sample/sweep, the run of over_time too: 18 minutes
theory     results/sample/theory.json: 5 minutes
baseline   results/baseline/baseline.json, 8 sessions: 8 minutes
pages      measure nothing

Results are made in results/latest/samples; with --from they are taken as they
are from DIR.
TEXT
}

parts=()
from=
out=results/latest/samples
while (($# > 0)); do
  case $1 in
    --from) from=on; out=${2:?--from takes a folder}; shift 2 ;;
    bench | demo | micro | sweep | theory | baseline | pages) parts+=("$1"); shift ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
((${#parts[@]} > 0)) || parts=(bench demo micro sweep theory baseline)

tva=${TVA:-build/release/tva}
export TVA=$tva
sample=results/sample
mkdir -p "$out"
note_signals

# Measure, unless that was done before.
step() {
  [[ -n $from ]] || run_child "$@"
  if [[ -n $interrupted ]]; then
    echo "samples: interrupted; the stored results of this part are as they were." >&2
    exit "$interrupted"
  fi
}

# The charts that are stored in a folder, as those of the same name below another.
take_charts() {
  local chart new

  for chart in "$2"/*.svg; do
    new=$(find "$1" -name "${chart##*/}" | sort | head -n 1)
    [[ -z $new ]] || cp "$new" "$chart"
  done
}

record_bench() {
  step bench/scripts/bench.sh --out "$out/bench" quick
  cp "$out/bench/run.json" "$out/bench/hyperfine.json" "$out/bench/hyperfine.md" "$sample"
  take_charts "$out/bench" "$sample"
}

record_demo() {
  # shellcheck disable=SC2016 # the inner shell expands
  step env COLUMNS=100 bash -c '"$1" demo all -o "$2/demo" >"$2/lessons.txt" 2>/dev/null' demo "$tva" "$out"
  cp "$out/lessons.txt" "$out/demo/lessons.svg" "$sample"
}

record_micro() {
  step "${tva%/*}/tva-micro" -o "$out/micro.json"
  cp "$out/micro.json" "$sample"
}

# Each chart is taken from the sweep that it is about.
record_sweep() {
  local pair

  step bench/scripts/sweep.sh --out "$out/sweep"
  step "$tva" run --model tasks,pool --threads 16 --job sleep:ms=20 --rate 200/s --poison 1% --duration 4s -o "$out/sweep/over_time.json"
  step "$tva" plot "$out/sweep/over_time.json"
  cp "$out/sweep"/{clients,cpu,poison,rate,over_time}.json "$sample/sweep"
  for pair in clients/concurrency cpu/crossover poison/poison rate/rate rate/corrected over_time; do
    cp "$out/sweep/$pair.svg" "$sample/sweep"
  done
}

record_theory() {
  step bench/scripts/theory.sh --out "$out/theory"
  cp "$out/theory/run.json" "$sample/theory.json"
}

# Counts that rose make the gate red here, which is why they are saved anew.
record_baseline() {
  local session words=(--replace)

  rm -f "$out/baseline.json"
  for session in 1 2 3 4 5 6 7 8; do
    step bench/scripts/regress.sh --out "$out/gate$session" || true
    "$tva" baseline save --baseline "$out/baseline.json" "${words[@]}" "$out/gate$session/run.json"
    words=()
  done
  cp "$out/baseline.json" results/baseline/baseline.json
}

for part in "${parts[@]}"; do
  [[ $part == pages ]] || "record_$part"
done
python3 tests/cli/page_figures.py --write "$tva"
