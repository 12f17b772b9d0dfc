#!/usr/bin/env bats
# The promise: make regress BASE= compares the sources exactly as they stand with the revision's. What is built is faked,
# since it is what is handed to the compiler and to tva pair that counts here.

bats_require_minimum_version 1.5.0
load helper

# A repository with the scripts, some sources and a compiler that makes a program which says how it was called.
setup() {
  begin
  mkdir -p repo/bench bin
  cp "$TVA_SOURCE"/bench/{regress,regress_base,child}.sh repo/bench
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
  printf '#!/bin/bash\nmkdir -p "$2"\n' >repo/bench/layouts.sh
  chmod +x bin/cmake repo/bench/layouts.sh
  export PATH=$PWD/bin:$PATH GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
  export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
  cd repo
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
  run bounded bench/regress_base.sh HEAD -o build/pair.json
  [ "$status" -eq 0 ]
  diff -r --exclude=.git --exclude=build . build/pair/cont
  git stash -qu
  diff -r --exclude=.git --exclude=build . build/pair/base
}
