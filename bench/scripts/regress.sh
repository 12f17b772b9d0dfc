#!/usr/bin/env bash
# What `make regress` does with the built program. Without a revision, tier 0: count the profile [gate] of the suite and
# measure it once, and hold both against the stored baseline. With one, tier 1: bench/scripts/regress_base.sh builds
# it and measures both on this machine.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
source bench/scripts/child.sh

usage() {
  cat <<'TEXT'
Usage: bench/scripts/regress.sh [--markdown FILE] [--counts-only]
           [--baseline FILE] [--suite FILE] [--out DIR]
       bench/scripts/regress.sh [--markdown FILE] --base REVISION [OPTION of
           bench/scripts/regress_base.sh or tva pair]...

Hold the working tree against the stored baseline
(results/baseline/baseline.json) by what its jobs cost in system calls,
allocations, instructions, pages and wake-ups, and by the ratios between models
on the same machine; or against a revision that is built and measured beside it
(--base). TVA names the program (build/release/tva). Options come in any order;
paths are from the top of the tree.

--markdown FILE append the tables as Markdown, as for $GITHUB_STEP_SUMMARY
--base REVISION hold it against this one; bench/scripts/regress_base.sh --help
                has the options that go with it
--counts-only   count, and measure no times: nothing that the machine's load
                could disturb
--baseline FILE the stored reference (results/baseline/baseline.json)
--suite FILE    whose profile [gate] is measured (bench/plan/suite.conf)
--out DIR       where the run is left (results/latest/gate)

Exit status: 0 pass, 3 regression, 2 they cannot be compared, 4 inconclusive
(without --base: no count could be judged), 1 something failed.
TEXT
}

tva=${TVA:-build/release/tva}
suite=bench/plan/suite.conf
out=results/latest/gate
baseline=results/baseline/baseline.json
markdown=
counts=--counts
base=

# Changes whenever the file is replaced.
identity() { stat -c '%i %.Y' "$1" 2>/dev/null || true; }

refuse() {
  echo "regress: $1; see bench/scripts/regress.sh --help" >&2
  exit 2
}

# An option's value, which has to be there.
value() {
  if (($# < 2)) || [[ -z $2 ]]; then
    refuse "$1 takes a value"
  fi
  printf '%s\n' "$2"
}

tier_0() {
  local run=$out/run.json before status=0

  mkdir -p "$out"
  before=$(identity "$run")
  # Its own tables are not shown: what is to be judged is in those that follow.
  run_child "$tva" run --suite "$suite" --profile gate "$counts" -o "$run" >/dev/null || status=$?
  if [[ -n $interrupted ]] || ((status == 130)); then
    echo "regress: interrupted, so that nothing was judged." >&2
    exit "${interrupted:-130}"
  fi
  # A run of an earlier time must not be taken for this one's. An invalid cell leaves a run, and check names it.
  if [[ $(identity "$run") == "$before" ]]; then
    echo "=> cannot compare: the run left no result"
    [[ -z $markdown ]] || echo "**cannot compare**: the run left no result" >>"$markdown"
    exit 2
  fi
  if [[ -n $markdown ]]; then
    "$tva" check "$run" --baseline "$baseline" --markdown >>"$markdown" 2>/dev/null || true
  fi
  status=0
  "$tva" check "$run" --baseline "$baseline" || status=$?
  exit "$status"
}

only_0=() # options that make no sense with --base
others=()
while (($# > 0)); do
  case $1 in
    --base) base=$(value "$@"); shift 2 ;;
    --markdown) markdown=$(value "$@"); shift 2 ;;
    --counts-only) counts=--counts=only; only_0+=("$1"); shift ;;
    --baseline) baseline=$(value "$@"); only_0+=("$1"); shift 2 ;;
    --suite) suite=$(value "$@"); only_0+=("$1"); shift 2 ;;
    --out) out=$(value "$@"); only_0+=("$1"); shift 2 ;;
    --help) usage; exit 0 ;;
    *) others+=("$1"); shift ;;
  esac
done
if [[ -n $base ]]; then
  if ((${#only_0[@]} > 0)); then
    refuse "${only_0[0]} does not go with --base"
  fi
  exec bench/scripts/regress_base.sh "$base" ${markdown:+--markdown "$markdown"} "${others[@]}"
fi
if ((${#others[@]} > 0)); then
  refuse "\"${others[0]}\" is no option here, or only with --base"
fi
[[ -r $suite ]] || refuse "\"$suite\" cannot be read"
if [[ -n $markdown ]] && ! { : >>"$markdown"; } 2>/dev/null; then
  refuse "\"$markdown\" cannot be written"
fi
note_signals
tier_0
