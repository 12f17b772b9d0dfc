#!/usr/bin/env bats
# The promise: make regress BASE= compares the sources exactly as they stand with the revision's, takes its options in any
# order, and finds what is wrong with them before it builds. What is built is faked, since it is what is handed to
# the compiler and to tva pair that counts here.

bats_require_minimum_version 1.5.0
load helper

# A repository with the scripts, some sources and a compiler that makes a program which says how it was called.
setup() {
  begin
  mkdir -p repo/bench/scripts bin
  cp "$TVA_SOURCE"/bench/scripts/{regress,regress_base,child}.sh repo/bench/scripts
  cat >bin/cmake <<'SCRIPT'
#!/bin/bash
while (($# > 0)); do
  case $1 in
    -S) mkdir -p "$2/build" ;;
    --build) printf '#!/bin/bash\necho "called with: $*"\nexit ${FAKE_STATUS:-0}\n' >"$2/tva"; chmod +x "$2/tva" ;;
  esac
  shift
done
SCRIPT
  printf '#!/bin/bash\nmkdir -p "$2"\n' >repo/bench/scripts/layouts.sh
  chmod +x bin/cmake repo/bench/scripts/layouts.sh
  export PATH=$PWD/bin:$PATH GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
  export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
  cd repo || return 1
  echo /build/ >.gitignore
  seq 100 >renamed
  seq 200 300 >"a name"
  cp renamed gone
  cp renamed changed
  git init -q .
  git add .
  git commit -qm base
}

@test "changes are taken along: renamed, staged or not, gone and new files" {
  git mv renamed elsewhere
  git mv "a name" "a new name"
  rm gone
  echo more >>changed
  echo new >new
  run bounded bench/scripts/regress_base.sh HEAD -o build/pair.json
  [ "$status" -eq 0 ]
  diff -r --exclude=.git --exclude=build . build/pair/cont
  git stash -qu
  diff -r --exclude=.git --exclude=build . build/pair/base
}

regress() {
  run --separate-stderr bounded bench/scripts/regress.sh "$@"
}

@test "options come in any order, and --markdown appends to a file" {
  program=$TVA
  unset TVA # there is no program here to ask
  echo before >page.md
  FAKE_STATUS=3 regress --seed 5 --markdown page.md -o build/pair.json --base HEAD --model tasks --layouts 2 --budget 90s
  [ "$status" -eq 3 ]
  [[ $output == "called with: pair --base "*" -o build/pair.json --seed 5 --model tasks --markdown" ]]
  [ "$(cat page.md)" = $'before\n'"$output" ]
  FAKE_STATUS=4 regress --base HEAD -o build/pair.json
  [ "$status" -eq 4 ]
  [[ $output == "called with: pair "*" -o build/pair.json" ]]
  TVA=$program regress --job null --base HEAD -o build/pair.json --model tasks --inject model=tasks,slowdown=5%
  [ "$status" -eq 0 ]
  [[ $output == *" --job null --model tasks --inject model=tasks,slowdown=5%" ]]
}

@test "what is wrong is said before anything is built" {
  while IFS=';' read -r words said; do
    # shellcheck disable=SC2086 # words of a command
    regress $words
    [ "$status" -eq 2 ]
    [[ ${stderr:?} == *"$said"* ]]
    [ ! -e build/pair ]
  done <<'TABLE'
--base;--base takes a value
--base HEAD --counts-only;--counts-only does not go with --base
--base HEAD --suite x;--suite does not go with --base
--base HEAD --markdown;--markdown takes a value
--base HEAD --markdown bench;"bench" cannot be written
--base HEAD -o /dev/null/pair.json;"/dev/null/pair.json" cannot be written
--base HEAD --budget soon;--budget takes a time
--base HEAD --layouts 0;--layouts takes a number
--base HEAD --nonsense;nonsense
--base HEAD --model nobody;nobody
--base HEAD --job null --inject model=tasks;inject
--base nothing;there is no revision "nothing" here
--seed 5;"--seed" is no option here, or only with --base
--suite nothing;"nothing" cannot be read
--markdown bench;
TABLE
  regress --base nothing --markdown page.md
  [ "$(cat page.md)" = '**cannot compare**: there is no revision "nothing" here' ]
}
