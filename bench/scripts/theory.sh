#!/usr/bin/env bash
# What `make bench-theory` does with the built program: measure the profile [theory] of the suite, and hold
# it against queueing theory. The seed is fixed, so that a changed program meets the same arrivals and
# service times; SEED names another.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
source bench/scripts/child.sh

usage() {
  cat <<'TEXT'
Usage: bench/scripts/theory.sh [--suite FILE] [--out DIR]

Measure the profile theory of a suite (bench/plan/suite.conf), leave the result
in DIR (results/latest/theory), and print its table. TVA names the program
(build/release/tva), SEED the draw (1).
TEXT
}

tva=${TVA:-build/release/tva}
suite=bench/plan/suite.conf
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

note_signals

# Changes whenever the file is replaced.
identity() { stat -c '%i %.Y' "$1" 2>/dev/null || true; }

mkdir -p "$out"
before=$(identity "$run")
status=0
# Its own tables are not shown: by what a queue is to be judged is in the one that follows, and an invalid
# cell fails there, too.
run_child "$tva" run --suite "$suite" --profile theory --seed "${SEED:-1}" -o "$run" --exports >/dev/null || status=$?
if [[ -n $interrupted ]] || ((status == 130)); then
  echo "bench: interrupted; \`tva theory $run\` shows what was finished." >&2
  exit "${interrupted:-130}"
fi
if [[ $(identity "$run") == "$before" ]]; then
  echo "bench: the run left no result; an earlier one in $out is as it was." >&2
  exit "$((status != 0 ? status : 1))"
fi
"$tva" theory "$run" || status=$?
"$tva" report --html "$run" || status=1
exit "$status"
