#!/usr/bin/env bats
# The promise: make regress BASE= builds the revision and the sources as they stand, uncommitted changes included, and has
# tva pair judge them: never green on a fault, every observation kept; a revision that cannot be had or built is one sentence
# and status 2; and the user's tree, branch and worktrees are as they were.
#
# The scripts run in a small repository whose target tva is linked from a library, as the real one is, and hands over to
# the real program, with the fault that its revision plants.

bats_require_minimum_version 1.5.0
load helper

setup_file() {
  export TVA GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=tva GIT_AUTHOR_EMAIL=tva@localhost
  export GIT_COMMITTER_NAME=tva GIT_COMMITTER_EMAIL=tva@localhost
  export repository=$BATS_FILE_TMPDIR/repository

  unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
  command -v git >/dev/null && command -v ninja >/dev/null || return 0
  TVA=$(realpath "$TVA")
  mkdir -p "$repository/bench/scripts" "$repository/lib"
  cp "$TVA_SOURCE"/bench/scripts/{regress.sh,regress_base.sh,child.sh,layouts.sh} "$repository/bench/scripts/"
  cd "$repository" || return
  cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.24)
project(stub LANGUAGES C)
file(GLOB sources lib/*.c)
add_library(libtva STATIC ${sources})
set_target_properties(libtva PROPERTIES OUTPUT_NAME tva)
add_executable(tva main.c)
target_compile_definitions(tva PRIVATE REAL="$ENV{TVA}")
target_link_libraries(tva PRIVATE libtva)
CMAKE
  cat >main.c <<'C'
#include <string.h>
#include <unistd.h>

char *fault(void);
int length(char **words);

int main(int argc, char **argv)
{
    char *words[argc + 3];
    int n = length(argv);

    memcpy(words, argv, (n + 1) * sizeof *words);
    if (argc > 1 && (strcmp(argv[1], "run") == 0 || strcmp(argv[1], "cell") == 0) && fault() != NULL) {
        words[n++] = "--inject";
        words[n++] = fault();
        words[n] = NULL;
    }
    execv(REAL, words);
    return 127;
}
C
  echo 'int length(char **words) { int n = 0; while (words[n]) n++; return n; }' >lib/length.c
  echo 'char *fault(void) { return 0; }' >lib/fault.c
  printf '/build/\n/results/\n' >.gitignore
  git init --quiet --initial-branch=main
  git add -A
  git commit --quiet -m 'Do nothing slowly'
  git tag good
  git checkout --quiet --detach
  echo 'int main(void) { return nothing; }' >main.c
  git commit --quiet --all -m 'Break it'
  git tag broken
  git checkout --quiet main
  # Two worktrees of the user's, one of which is away for the moment.
  git worktree add --quiet -b mine "$BATS_FILE_TMPDIR/mine"
  git worktree add --quiet -b away "$BATS_FILE_TMPDIR/away"
  mv "$BATS_FILE_TMPDIR/away" "$BATS_FILE_TMPDIR/elsewhere"
}

setup() {
  command -v git >/dev/null || skip "needs git"
  command -v ninja >/dev/null || skip "needs ninja"
  begin
  cd "$repository" || return
}

cells=(--model tasks --job null --jobs 100)

regress() {
  run --separate-stderr timeout --kill-after=5 100 bench/scripts/regress.sh --base "$@"
}

of_pair() {
  of_result results/latest/pair.json "$1"
}

# All that a comparison must not change: what is in the tree and staged, where branches and worktrees are. Worktrees of
# its own are below build.
state() {
  git status --porcelain
  git diff HEAD
  git for-each-ref
  git symbolic-ref HEAD
  git worktree list --porcelain | awk -v RS= '!/\/build\/pair\//'
  git -C "$BATS_FILE_TMPDIR/mine" status --porcelain --branch
  find . -path ./.git -prune -o -path ./build -prune -o -path ./results -prune -o -type f -printf '%p %T@ %s\n' | sort
}

# It, and the sentence that it ends with.
cannot_compare() {
  local pattern=$1

  shift
  regress "$@"
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  # shellcheck disable=SC2053 # it is a pattern
  [[ ${stderr_lines[-1]} == $pattern ]]
}

@test "equal code is not red, every observation is kept, and all else is as it was" {
  echo 'a note of mine' >note
  state >"$BATS_TEST_TMPDIR/before"
  regress HEAD --layouts 2 --budget 9s "${cells[@]}"
  echo "$output" "$stderr"
  [ "$status" -eq 0 ] || [ "$status" -eq 4 ]
  [ "$(of_pair '[len(r["programs"][arm]) for arm in ("base", "relinked", "contender")]')" = "[2, 2, 2]" ]
  [ "$(of_pair '[c["name"] for c in r["cells"]]')" = "['tasks null x 100']" ]
  [ "$(of_pair 'len(r["cells"][0]["blocks"]) > 0 and 0 < r["budget_s"] <= 9')" = True ]
  valid_pair results/latest/pair.json
  state >"$BATS_TEST_TMPDIR/after"
  rm note
  diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

# A source that is gone and one that git does not know yet: with any of the two left out, it would not build.
@test "a fault that is not committed is never green, also after make clean" {
  rm -rf build
  git rm --quiet --cached lib/fault.c
  rm lib/fault.c
  echo 'char *fault(void) { return "stall=100ms"; }' >lib/slow.c
  state >"$BATS_TEST_TMPDIR/before"
  regress good --layouts 1 --budget 9s -o "$BATS_TEST_TMPDIR/pair.json" "${cells[@]}"
  state >"$BATS_TEST_TMPDIR/after"
  git checkout --quiet --force HEAD
  rm lib/slow.c
  echo "$output" "$stderr"
  [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
  diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
  valid_pair "$BATS_TEST_TMPDIR/pair.json"
  makespan=$(of_result "$BATS_TEST_TMPDIR/pair.json" \
    '[(m["verdict"] != "pass", m["suspect"] or r["cut"], m["ratio"] is None or m["ratio"] > 2) for m in r["metrics"] if m["key"] == "makespan_s"]')
  [ "$makespan" = "[(True, True, True)]" ]
}

@test "a revision that is none, options without sense" {
  state >"$BATS_TEST_TMPDIR/before"
  for revision in no-such-revision HEAD:main.c main..mine; do
    cannot_compare "regress: cannot compare: there is no revision \"$revision\" here" "$revision"
    [ "${#stderr_lines[@]}" -eq 1 ]
  done
  cannot_compare 'regress: --base takes a value; *' ""
  cannot_compare 'regress: --budget takes a time*' HEAD --budget soon
  run --separate-stderr bounded bench/scripts/regress_base.sh
  [ "$status" -eq 2 ]
  [ "$stderr" = 'regress: say which revision is the base; see bench/scripts/regress_base.sh --help' ]
  run bounded bench/scripts/regress.sh --base --help
  [ "$status" -eq 0 ]
  [[ $output == "Usage: bench/scripts/regress_base.sh REVISION "* ]]
  cannot_compare 'regress: --layouts takes a number from 1 to 99; *' HEAD --layouts 0
  state | diff "$BATS_TEST_TMPDIR/before" -
}

@test "sources that are in no repository" {
  mkdir -p "$BATS_TEST_TMPDIR/sources"
  cp -r bench "$BATS_TEST_TMPDIR/sources"
  cd "$BATS_TEST_TMPDIR/sources"
  for around in nothing another; do
    [ "$around" = nothing ] || git init --quiet ..
    cannot_compare 'regress: cannot compare: git finds no repository of these sources' HEAD
    [ "${#stderr_lines[@]}" -eq 1 ]
  done
  [ ! -e build ]
}

@test "a revision that does not build, and sources that do not" {
  cannot_compare 'regress: cannot compare: no program comes of broken; build/pair/base.log tells why' broken
  [[ $stderr == *"error: "*nothing* ]]
  grep -q nothing build/pair/base.log
  echo 'int main(void) { return nothing; }' >main.c
  cannot_compare 'regress: cannot compare: no program comes of the sources as they stand; build/pair/cont.log *' HEAD
  git checkout --quiet main.c
  [ -z "$(git status --porcelain)" ]
}

@test "in a hook, where git names the repository by variables, the branch stays where it is" {
  [ -e build/pair/base/.git ] || git worktree add --quiet --force --detach build/pair/base good
  state >"$BATS_TEST_TMPDIR/before"
  export GIT_DIR=$repository/.git GIT_INDEX_FILE=$repository/.git/index
  cannot_compare '*no program comes of broken; *' broken
  unset GIT_DIR GIT_INDEX_FILE
  [ "$(git rev-parse --abbrev-ref HEAD)" = main ]
  diff "$BATS_TEST_TMPDIR/before" <(state)
}

@test "in a copy of the folder it leaves alone where that was copied from" {
  [ -e build/pair/base/.git ] || git worktree add --quiet --force --detach build/pair/base good
  cp -r . "$BATS_TEST_TMPDIR/copy"
  git -C build/pair/base checkout --quiet --force --detach good
  cd "$BATS_TEST_TMPDIR/copy"
  cannot_compare '*no program comes of broken; *' broken
  [ "$(git -C build/pair/base rev-parse HEAD)" = "$(git rev-parse broken)" ]
  cd "$repository"
  [ "$(git -C build/pair/base rev-parse HEAD)" = "$(git rev-parse good)" ]
  [ -z "$(git -C build/pair/base status --porcelain)" ]
}

@test "Ctrl-C while it measures leaves no process, no document, and the tree as it was" {
  state >"$BATS_TEST_TMPDIR/before"
  timeout --kill-after=5 100 bench/scripts/regress.sh --base HEAD --layouts 1 --budget 60s -o "$BATS_TEST_TMPDIR/pair.json" \
    --model tasks --job sleep:duration=200ms --jobs 1 >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  guard=$!
  running() { [[ -n $(still_running) ]]; }
  eventually running
  kill -TERM "$guard"
  ended=0
  wait "$guard" || ended=$?
  [ "$ended" -ne 0 ]
  eventually none_running
  grep -q 'interrupted' "$BATS_TEST_TMPDIR/err"
  [ ! -e "$BATS_TEST_TMPDIR/pair.json" ]
  state | diff "$BATS_TEST_TMPDIR/before" -
}
