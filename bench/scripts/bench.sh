#!/usr/bin/env bash
# What `make bench` does with the built program: measure the suite, time whole processes, report, draw.
# A step that fails does not take the finished results with it: what can be shown is shown, and the
# exit status is the first failure's.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
source bench/scripts/child.sh

usage() {
  cat <<'TEXT'
Usage: bench/scripts/bench.sh [--suite FILE] [--out DIR] [PROFILE]

Measure a suite (bench/plan/suite.conf) in a profile (quick, or another that the
suite has) and leave result file, tables, charts and the page with all of them
in DIR (results/latest), and the result of the session before as before.json.
TVA names the program (build/release/tva).
TEXT
}

tva=${TVA:-build/release/tva}
suite=bench/plan/suite.conf
out=results/latest
profile=quick
while (($# > 0)); do
  case $1 in
    --suite) suite=${2:?--suite takes a file}; shift 2 ;;
    --out) out=${2:?--out takes a folder}; shift 2 ;;
    --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) profile=$1; shift ;;
  esac
done
run=$out/run.json

note_signals

# Timings older than the result are of another run, and do not belong beside it.
drop_stale_timings() {
  if [[ $out/hyperfine.json -ot $run ]]; then
    rm -f "$out/hyperfine.json" "$out/hyperfine.md"
  fi
}

# A link to the earlier result, which a new one replaces: it becomes before.json, which the page compares with.
keep_before() {
  if [[ $(identity "$run") == "$before" ]]; then
    rm -f "$out/.before.json"
  elif [[ -e $out/.before.json ]]; then
    mv -f "$out/.before.json" "$out/before.json"
  fi
}

failure=0
step() {
  local status=0

  run_child "$@" || status=$?
  if [[ -n $interrupted ]] || ((status == 130)); then
    keep_before
    drop_stale_timings
    echo "bench: interrupted. What was finished is in $out; \`make plots\` draws it." >&2
    exit "${interrupted:-130}"
  fi
  if ((status != 0 && failure == 0)); then
    failure=$status
  fi
  return "$status"
}

# Changes whenever the file is replaced.
identity() { stat -c '%i %.Y' "$1" 2>/dev/null || true; }

mkdir -p "$out"
before=$(identity "$run")
[[ ! -e $run ]] || ln -f "$run" "$out/.before.json"
# Its tables come with the report, once hyperfine's figures are there too.
step "$tva" run --suite "$suite" --profile "$profile" -o "$run" --exports >/dev/null || true
keep_before
if [[ $(identity "$run") == "$before" ]]; then
  ((failure != 0)) || failure=1
  echo "bench: the run left no result; earlier ones in $out are as they were." >&2
  exit "$failure"
fi

drop_stale_timings
TVA=$tva step bench/scripts/hyperfine.sh --quiet --suite "$suite" --profile "$profile" --out "$out" || true
step "$tva" plot "$run" >/dev/null || true
step "$tva" report --html "$run" 2>/dev/null || echo "bench: there is no page: tva report --html $run says why." >&2
echo "bench: results and charts are in $out." >&2

# The answer is what the last screen shows. Where something failed, tables give reasons.
alone=(--answer)
((failure == 0)) || alone=()
step "$tva" report "${alone[@]}" "$run" || true
((failure != 0)) || echo "bench: the tables are in $out/run.md; tva report $run shows them." >&2
if [[ -e $out/report.html && ! $out/report.html -ot $run ]]; then
  echo "bench: all of it on one page, for a browser: $out/report.html" >&2
fi
if ((failure != 0)); then
  echo "bench: a step failed; the reason is above." >&2
fi
exit "$failure"
