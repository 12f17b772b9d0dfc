#!/usr/bin/env bash
# What `make bench-theory` does with the built program: measure the profile [theory] of the suite, and hold
# it against queueing theory. The seed is fixed, so that a change of the program meets the same arrivals
# and service times; SEED names another.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
Usage: bench/theory.sh [--suite FILE] [--out DIR]

Measure the profile theory of a suite (bench/suite.conf), leave the result in DIR
(results/latest/theory), and print its table. TVA names the program (build/release/tva), SEED the draw (1).
TEXT
}

tva=${TVA:-build/release/tva}
suite=bench/suite.conf
out=results/latest/theory
while (($# > 0)); do
  case $1 in
    --suite) suite=${2:?--suite takes a file}; shift 2 ;;
    --out) out=${2:?--out takes a folder}; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
run=$out/run.json

# Its own tables are not shown: what a queue is to be judged by is in the one that follows. Invalid cells
# fail there, too.
mkdir -p "$out"
rm -f "$run"
status=0
"$tva" run --suite "$suite" --profile theory --seed "${SEED:-1}" -o "$run" >/dev/null || status=$?
if ((status == 130 || status == 143)) || [[ ! -e $run ]]; then
  exit "$status"
fi
"$tva" theory "$run" || status=$?
exit "$status"
