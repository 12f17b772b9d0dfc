#!/usr/bin/env bats
# The promise: what a user's shell exports does not change what the scripts do. Each finds its own tree with CDPATH
# set, from any folder; numbers have a point in every language; options may come after files; and in a hook git's
# variables do not lead to another repository.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  # Folders of all names that a script could go to by a relative path.
  mkdir -p "$BATS_TEST_TMPDIR"/elsewhere/{bench,scripts,tests,fuzz,build}/{scripts,fuzz}
  export CDPATH=$BATS_TEST_TMPDIR/elsewhere
}

# A program of this name in ./bin.
fake() {
  mkdir -p bin
  printf '#!%s\n%s\n' "$BASH" "$2" >"bin/$1"
  chmod +x "bin/$1"
}

# Called so in that folder, the script says how it is used.
says_its_use() {
  cd "$1" || return
  run --separate-stderr bounded "$2" --help
  echo "$2 --help in $1: $status $output $stderr"
  [ "$status" -eq 0 ]
  [[ $output == "Usage: $3 "* ]]
  [ -z "$stderr" ]
}

@test "every script finds itself and says its use, called from the top of the tree and from below" {
  cd "$TVA_SOURCE"
  for script in bench/scripts/*.sh tests/fuzz/run.sh; do
    [ "$script" != bench/scripts/child.sh ] || continue # which the others read
    says_its_use "$TVA_SOURCE" "$script" "$script"
    says_its_use "$TVA_SOURCE/${script%%/*}" "${script#*/}" "$script"
  done
}

@test "layouts.sh goes to the build folder that it is given" {
  command -v ninja >/dev/null || skip "needs ninja"
  mkdir build
  echo 'build tva: phony' >build/build.ninja
  run bounded "$TVA_SOURCE/bench/scripts/layouts.sh" build out 1 1
  [ "$status" -eq 2 ]
  [ "$output" = "layouts: the build in build does not link libraries of its own" ]
}

@test "what scripts start reads options after files, and knows numbers with a point alone" {
  fake tva 'echo "$1 ${POSIXLY_CORRECT-unset} ${LANGUAGE-unset} $LC_ALL" >>"$SEEN"
    while (($# > 1)); do [[ $1 != -o ]] || echo "{}" >"$2"; shift; done'
  fake hyperfine 'exit 0'
  export TVA=$PWD/bin/tva SEEN=$PWD/seen POSIXLY_CORRECT=1 LANGUAGE=de LC_ALL=POSIX PATH=$PWD/bin:$PATH
  for script in bench regress sweep theory; do
    run bounded "$TVA_SOURCE/bench/scripts/$script.sh" --out "$PWD/$script"
    echo "$script: $output"
  done
  [ "$(cut -d ' ' -f 1 seen | sort -u | xargs)" = "check list plot report run sweep theory" ]
  [ "$(cut -d ' ' -f 2- seen | sort -u)" = "unset unset C.UTF-8" ]
}

@test "charts do not depend on what gnuplot's variables say" {
  command -v gnuplot >/dev/null || skip "gnuplot is not installed"
  GNUTERM=none-such GNUPLOT_LIB=/none-such run bounded "$TVA" plot "$TVA_SOURCE/results/sample/run.json" -f svg --only makespan -o charts
  [ "$status" -eq 0 ]
  [ -s charts/makespan.svg ]
}

@test "make wrk calculates in a language that writes a comma" {
  localedef -i de_DE -f UTF-8 "$PWD/de_DE.UTF-8" 2>/dev/null || skip "needs the locales of the C library"
  fake tva 'case $1 in
    serve) echo "listening on 127.0.0.1:9"; exec sleep 60 ;;
    cell) for ((i = 0; i < 20000; i++)); do :; done ;; # tens of milliseconds of CPU time
  esac'
  fake wrk 'for ((i = 0; i < 20000; i++)); do :; done; echo "  1000 requests in 1.00s"'
  german=(env LOCPATH="$PWD" LC_ALL=de_DE.UTF-8)
  [ "$("${german[@]}" printf %.1f 0,5)" = 0,5 ] # the language is known
  TVA=$PWD/bin/tva PATH=$PWD/bin:$PATH run --separate-stderr bounded "${german[@]}" \
    "$TVA_SOURCE/bench/scripts/wrk.sh" --rounds 1 --requests 10
  echo "$output" "$stderr"
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [[ ${lines[-1]} =~ "tasks makes "[0-9]+\.[0-9]+" of wrk's, and "[0-9]+\.[0-9]+" with libcurl"$ ]]
}

@test "the commit built in is that of the sources, also in a hook of another repository" {
  command -v git >/dev/null || skip "needs git"
  commit() {
    bounded cmake -DSOURCE_DIR="$1" -DHEADER="$PWD/$2" -P "$TVA_SOURCE/cmake/write_commit.cmake"
  }
  for name in mine other; do
    git init --quiet "$name"
    git -C "$name" -c user.name=a -c user.email=a@example.org commit --quiet --allow-empty -m "$name"
  done
  commit "$PWD/mine" plain.h
  GIT_DIR=$PWD/other/.git commit "$PWD/mine" hook.h
  [ "$(cat plain.h)" = "#define TVA_COMMIT \"$(git -C mine rev-parse --short HEAD)\"" ]
  diff plain.h hook.h
}
