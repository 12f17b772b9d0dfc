#!/usr/bin/env bash
# Is the code as it stands slower than another revision? Builds that revision beside it, both in several link orders,
# and measures the two side by side on this machine (tva pair).
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."
source bench/scripts/child.sh

usage() {
  cat <<'TEXT'
Usage: bench/scripts/regress_base.sh REVISION [--budget T] [--layouts N]
           [--markdown FILE] [-o FILE] [OPTION...]

Compare the sources as they stand, changes that are not committed included, with
those of REVISION. All of it, building included, takes at most T (5m), save that
measuring gets a fifth of that in any case; N link orders (24) an arm.
--markdown appends the report as Markdown to a FILE, as for
$GITHUB_STEP_SUMMARY; every observation goes to that of -o
(results/latest/pair.json). Other options, in any order but after REVISION, go
to tva pair: --inject FAULT, --seed N, or cells. Paths are from the top of the
tree.

Exit status: 0 no regression, 3 regression, 4 inconclusive, 2 the two cannot be
compared, 1 something failed.
TEXT
}

refuse() {
  echo "regress: $1; see bench/scripts/regress_base.sh --help" >&2
  exit 2
}

# A time as "5m", "90s" or "90", in seconds.
seconds_of() {
  case $1 in
    [1-9]*m) [[ ${1%m} =~ ^[0-9]{1,4}$ ]] && echo $((60 * ${1%m})) ;;
    [1-9]*) [[ ${1%s} =~ ^[0-9]{1,6}$ ]] && echo "${1%s}" ;;
    *) false ;;
  esac
}

budget=300
layouts=24 # 8 for the blocks of the screen, and others for those that confirm
out=results/latest/pair.json
markdown=
tva=${TVA:-build/release/tva}
revision=
options=()
while (($# > 0)); do
  case $1 in
    --budget) budget=$(seconds_of "${2-}") || refuse "--budget takes a time, as 5m or 90s"; shift 2 ;;
    --layouts) [[ ${2-} =~ ^[1-9][0-9]?$ ]] || refuse "--layouts takes a number from 1 to 99"
      layouts=$2; shift 2 ;;
    -o) out=${2-}; [[ -n $out ]] || refuse "-o takes a file"; shift 2 ;;
    --markdown) markdown=${2-}; [[ -n $markdown ]] || refuse "--markdown takes a file"; shift 2 ;;
    --help) usage; exit 0 ;;
    *)
      if [[ -n $revision ]]; then
        options+=("$1")
      elif [[ $1 == -* ]]; then
        refuse "say the revision before \"$1\""
      else
        revision=$1
      fi
      shift ;;
  esac
done
[[ -n $revision ]] || refuse "say which revision is the base"

# What is wrong must be said before minutes of building: here by the program that is there, if one is. It reads
# all options before it finds that this file cannot be written.
check_options() {
  local said status=0

  said=$("$tva" pair --base "$tva" --contender "$tva" "${options[@]}" -o /dev/null/none 2>&1 >/dev/null) || status=$?
  if ((status == 2)); then
    printf '%s\n' "$said" >&2
    exit 2
  fi
}

if ((${#options[@]} > 0)) && [[ -x $tva ]]; then
  check_options
fi
for file in "$out" ${markdown:+"$markdown"}; do
  if ! mkdir -p "$(dirname "$file")" 2>/dev/null || [[ -d $file || ! -w $(dirname "$file") || (-e $file && ! -w $file) ]]; then
    refuse "\"$file\" cannot be written"
  fi
done

cannot() {
  echo "regress: cannot compare: $1" >&2
  [[ -z $markdown ]] || printf '**cannot compare**: %s\n' "$1" >>"$markdown"
  exit 2
}

stop_if_interrupted() {
  if [[ -n $interrupted ]]; then
    echo "regress: interrupted." >&2
    exit "$interrupted"
  fi
}

# In a hook, git sets these for the repository of the user, and they would reach into the worktrees made below.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR

# Of a repository around these sources, as around an unpacked archive, they are no revision.
[[ $(git rev-parse --show-toplevel 2>/dev/null) == "$(pwd -P)" ]] || cannot "git finds no repository of these sources"
commit=$(git rev-parse --quiet --verify "$revision^{commit}") || cannot "there is no revision \"$revision\" here"
note_signals
began=$SECONDS

# Names of equal length throughout: they end up in the programs, on their stacks and in their environment. What was
# built stays, so that the next comparison compiles only what differs; make clean removes it.
place=build/pair
base=$place/base
cont=$place/cont

repository_of() { git -C "$1" rev-parse --path-format=absolute --git-common-dir 2>/dev/null; }

# A worktree with the sources of a commit, and nothing else but what was built. In a copy of the folder it is still the
# worktree of where it was copied from, and not to be touched. Others are left alone, also where they cannot be reached now.
check_out() {
  if [[ -e $1/.git && $(repository_of "$1") == "$(repository_of .)" ]] &&
    git -C "$1" checkout --quiet --force --detach "$2" 2>/dev/null; then
    git -C "$1" clean --quiet -fdx --exclude=/build
  else
    rm -rf "$1"
    git worktree add --quiet --force --detach "$1" "$2"
  fi
}

# The sources as they stand: those of HEAD, changed as they are here. Times of files stay, or all would be compiled
# each time. A file that was renamed is one that is gone and one that is new.
copy_changes() {
  git diff --no-renames --name-only -z --diff-filter=D HEAD | (cd "$cont" && xargs -0r rm -f --)
  { git diff --no-renames --name-only -z --diff-filter=d HEAD && git ls-files -z --others --exclude-standard; } |
    tar --null --files-from=- -cf - | tar -xf - -C "$cont"
}

build() {
  local settings=(-DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF) log=$1.log

  if command -v ccache >/dev/null; then
    settings+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
  fi
  echo "regress: building $2" >&2
  if ! { run_child cmake -G Ninja -S "$1" -B "$1/build" "${settings[@]}" &&
    run_child cmake --build "$1/build" --target tva; } >"$log" 2>&1; then
    stop_if_interrupted
    grep -m 5 -E ' error: |^FAILED|Error at' "$log" >&2 || tail -n 5 "$log" >&2
    cannot "no program comes of $2; $log tells why"
  fi
  stop_if_interrupted
}

# Link orders of a build: where, which draw.
link() {
  run_child bench/scripts/layouts.sh "$1/build" "$place/programs/$2" "$layouts" "$3" >"$1.log" 2>&1 || {
    stop_if_interrupted
    tail -n 5 "$1.log" >&2
    cannot "$1 cannot be linked in another order"
  }
}

mkdir -p "$place"
check_out "$base" "$commit" || cannot "git makes no worktree of $revision"
check_out "$cont" "$(git rev-parse HEAD)" || cannot "git makes no worktree of HEAD"
copy_changes
build "$base" "$revision"
build "$cont" "the sources as they stand"
echo "regress: linking $layouts orders of each arm" >&2
# Other orders each time: a session that is repeated is not to meet the same luck.
draw=${SEED:-$((RANDOM << 15 | RANDOM))}
link "$base" base "$((draw * 1000))"
link "$base" link "$((draw * 1000 + 300))"
link "$cont" cont "$((draw * 1000 + 600))"
stop_if_interrupted

# Who never built before has spent much of the time; a fifth of it is the least that measuring can do with.
left=$((budget - (SECONDS - began)))
((left > budget / 5)) || left=$((budget / 5 > 0 ? budget / 5 : 1))
measure() {
  run_child "$cont/build/tva" pair --base "$place/programs/base" --relinked "$place/programs/link" \
    --contender "$place/programs/cont" --budget "${left}s" -o "$out" "${options[@]}" "$@"
}

status=0
if [[ -n $markdown ]]; then
  measure --markdown >"$place/report.md" || status=$?
  cat "$place/report.md"
  cat "$place/report.md" >>"$markdown"
else
  measure || status=$?
fi
stop_if_interrupted
exit "$status"
