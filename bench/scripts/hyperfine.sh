#!/usr/bin/env bash
# Times whole processes with hyperfine: the same cells that `tva run` measures from the inside, from
# their start to their exit. Which cells these are, the suite says (the cells that it marks for
# hyperfine); so nothing is listed here. Each option of the cells is a parameter list of hyperfine's, so
# that results[].parameters in hyperfine.json names a cell by its options: model, job, jobs ...
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
source bench/scripts/child.sh

usage() {
  cat <<'TEXT'
Usage: bench/scripts/hyperfine.sh [--suite FILE] [--profile NAME] [--out DIR]
           [--runs N] [--quiet]

Time one process a cell, N runs each (3; 10 in other profiles than quick) after
one to warm up, and write DIR/hyperfine.json and DIR/hyperfine.md
(results/latest). The cells are those of the profile (quick) that the suite
(bench/plan/suite.conf) marks for hyperfine; they must be a full grid: every
model with every job and count. With --quiet hyperfine's own words are shown
only where it fails. TVA names the program (build/release/tva).
TEXT
}

die() {
  echo "hyperfine.sh: $1" >&2
  exit "${2:-1}"
}

tva=${TVA:-build/release/tva}
suite=bench/plan/suite.conf
profile=quick
out=results/latest
runs=
quiet=false
while (($# > 0)); do
  case $1 in
    --suite) suite=${2:?--suite takes a file}; shift 2 ;;
    --profile) profile=${2:?--profile takes a name}; shift 2 ;;
    --out) out=${2:?--out takes a folder}; shift 2 ;;
    --runs) runs=${2:?--runs takes a number}; shift 2 ;;
    --quiet) quiet=true; shift ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
: "${runs:=$([[ $profile == quick ]] && echo 3 || echo 10)}"

command -v hyperfine >/dev/null || die "hyperfine is not installed; bench/scripts/setup.sh installs it"
command -v "$tva" >/dev/null || die "there is no program $tva; make build makes it"

# hyperfine runs every combination of its parameter lists. Make these lists of the cells' options:
# names, and by name the values in the order they come, and how many. A comma within a value is no
# separator.
names=()
declare -A values=() sizes=()
grid=() # the same as options for `tva list cells`
make_lists() {
  local name value

  while read -r name value; do
    name=${name#--}
    if [[ -z ${sizes[$name]:-} ]]; then
      names+=("$name")
      sizes[$name]=0
    fi
    values[$name]+=${values[$name]:+,}${value//,/\\,}
    sizes[$name]=$((sizes[$name] + 1))
    grid+=("--$name" "$value")
  done < <(xargs -n 2 <<<"$1" | awk '!seen[$0]++')
}

# All combinations must be the cells that were asked for, and no others. The program is asked what it
# takes them for: an option that a model has no use for makes no other cell of it.
check_grid() {
  local name combinations=1

  for name in "${names[@]}"; do
    combinations=$((combinations * sizes[$name]))
  done
  if ((combinations != $(wc -l <<<"$1"))) ||
    [[ $("$tva" list cells "${grid[@]}" | sort) != "$(sort <<<"$1")" ]]; then
    die "the cells that $suite marks for hyperfine are not every model with every job and count" 2
  fi
}

# The target for jobs that talk to one; its first line says where it listens.
start_target() {
  local greeting=

  exec {from_target}< <(exec "$tva" serve)
  target_process=$!
  read -r -t 10 -u "$from_target" greeting || true
  [[ $greeting == "listening on "*:* ]] || die "the target ($tva serve) did not start: '$greeting'"
  target=${greeting#listening on }
}

target_process=
scratch=
clean_up() {
  signal_child TERM # and so the cell that hyperfine has started, which is in its process group
  [[ -z $target_process ]] || kill "$target_process" 2>/dev/null || true
  [[ -z $scratch ]] || rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

cells=$("$tva" list cells --suite "$suite" --profile "$profile" --hyperfine) ||
  die "$tva could not list the cells of $suite" $?
[[ -n $cells ]] || die "$suite marks no cell of profile $profile for hyperfine" 2
make_lists "$cells"
check_grid "$cells"
mkdir -p "$out"
scratch=$(mktemp -d "$out/.hyperfine.XXXXXX")
start_target

lists=()
command="$(printf %q "$tva") cell --target $target" # hyperfine takes it apart as a shell does
for name in "${names[@]}"; do
  lists+=(--parameter-list "$name" "${values[$name]}")
  command+=" --$name '{$name}'"
done
time_all() {
  run_child setsid hyperfine --shell=none --warmup 1 --runs "$runs" \
    --export-json "$scratch/hyperfine.json" --export-markdown "$scratch/hyperfine.md" \
    --command-name '{model} {job} x {jobs}' "${lists[@]}" "$command"
}

said=/dev/null
if $quiet; then
  said=$scratch/said
  time_all &>"$said"
else
  time_all >&2
fi || { cat "$said" >&2; die "hyperfine failed (above); nothing was written to $out"; }

mv "$scratch/hyperfine.json" "$scratch/hyperfine.md" "$out"
