#!/usr/bin/env bats
# The promise: make lint finds what it says it looks for, in each part; what it found clean once it does not check
# again, unless something changed that the result depends on. .ci/run counts lint with the tests.

load helper

# A tree that lint finds nothing wrong with.
setup() {
  begin
  mkdir -p tree/{lib/a,bench/scripts,demos,examples,install,plots,tests/cli,tests/fuzz,.ci}
  cp "$TVA_SOURCE/bench/scripts/lint.sh" tree/bench/scripts/
  cp "$TVA_SOURCE/.ci/run" tree/.ci/
  cp "$TVA_SOURCE"/.clang-{tidy,format} tree/
  cd tree || return
  printf '#!/bin/sh\necho fuzz\n' >tests/fuzz/run.sh
  printf '#!/bin/sh\necho install\n' | tee install/a.sh >install/tva.bash
  printf '#!/usr/bin/env bats\nload helper\n' >tests/cli/a.bats
  echo '# shellcheck shell=bash' >tests/cli/helper.bash
  echo 'print("a")' >tests/a.py
  printf 'int a_of(int b);\n' >lib/a/a.h
  printf '#include "a.h"\n\nint a_of(int b)\n{\n    return b + 1;\n}\n' >lib/a/a.c
  cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.24)
project(a LANGUAGES C)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
add_library(a STATIC lib/a/a.c)
add_custom_target(tva_commit)
CMAKE
  cat >CMakePresets.json <<'JSON'
{"version": 5,
 "configurePresets": [{"name": "dev", "generator": "Ninja", "binaryDir": "${sourceDir}/build/dev"}],
 "buildPresets": [{"name": "dev", "configurePreset": "dev"}]}
JSON
}

need() {
  command -v "$1" >/dev/null || skip "needs $1: bench/scripts/setup.sh --lint"
}

lint() {
  LIMIT=200 run bounded bench/scripts/lint.sh "$@"
  echo "$output"
}

clean() {
  lint "$1"
  [ "$status" -eq 0 ]
  [ "$output" = "lint: $1: clean" ]
}

# The part finds something, and says so with these words.
finds() {
  lint "$1"
  [ "$status" -eq 1 ]
  [[ $output == *"$2"*"lint: $1: something is wrong, see above" ]]
}

@test "format finds C that clang-format would change" {
  need clang-format-14
  clean format
  echo 'int  b;' >>lib/a/a.c
  finds format "lib/a/a.c:7"
}

@test "tidy finds what a check in .clang-tidy finds, and checks again what has changed and nothing else" {
  need clang-tidy-14
  need ninja
  clean tidy
  mkdir bin
  printf '#!/bin/sh\n[ "$1" != -p ] || echo "$4" >>"%s"\nexec %s "$@"\n' "$PWD/called" "$(command -v clang-tidy-14)" >bin/clang-tidy-14
  chmod +x bin/clang-tidy-14
  PATH=$PWD/bin:$PATH
  clean tidy
  [ ! -e called ]
  echo 'int a_at(int c);' >>lib/a/a.h
  clean tidy
  [ "$(cat called)" = lib/a/a.c ]
  printf '\nint a_at(int d)\n{\n    return d;\n}\n' >>lib/a/a.c
  finds tidy "readability-inconsistent-declaration-parameter-name"
  finds tidy "readability-inconsistent-declaration-parameter-name"
  sed -i 's/int c/int d/' lib/a/a.h
  clean tidy
}

@test "shell finds what shellcheck finds in scripts and tests" {
  need shellcheck
  clean shell
  printf '@test "never fails" {\n  ! true\n  true\n}\n' >>tests/cli/a.bats
  finds shell SC2314
}

@test "python finds a name that nobody has defined" {
  need pyflakes3
  clean python
  echo 'print(b)' >>tests/a.py
  finds python "undefined name 'b'"
}

# Charts of stored results are drawn by a program that draws with lag.gp alone, as if results were all of one kind.
fake_charts() {
  mkdir -p bin results/sample/sweep tests/fixtures
  touch results/sample/run.json results/sample/sweep/a.json tests/fixtures/load.py
  printf '#!/bin/sh\ngnuplot -e "share=\x27plots\x27" plots/lag.gp\n' >bin/tva
  chmod +x bin/tva
  export TVA=$PWD/bin/tva
  echo "load share.'/style.gp'" >plots/lag.gp
  echo "x = 1" >plots/style.gp
}

@test "plots finds a script that gnuplot cannot read, one that prints, and one that no chart loads" {
  need gnuplot
  fake_charts
  clean plots
  echo 'nonsense' >>plots/style.gp
  finds plots "invalid command"
  echo 'warn "beware"' >plots/style.gp
  finds plots "beware"
  echo 'x = 1' >plots/style.gp
  echo 'x = 1' >plots/other.gp
  finds plots "plots/other.gp: no chart of the stored results loads it"
}

@test "a part that there is none of is a usage error" {
  lint form
  [ "$status" -eq 2 ]
}

# What .ci/run starts, as programs that do nothing: tests of which each passes but those in $FAILING.
fake_ci() {
  mkdir -p bin
  printf '#!/bin/sh\n' >bench/scripts/setup.sh
  cp bench/scripts/setup.sh bin/cmake
  cat >bin/ctest <<'SCRIPT'
#!/bin/sh
preset=$2 status=0
mkdir -p "build/$preset"
echo '<testcase name="a" status="run"/>' >"build/$preset/tests.xml"
case " $FAILING " in *" $preset "*) echo '<testcase name="b" status="fail"/>' >>"build/$preset/tests.xml"; status=8 ;; esac
exit $status
SCRIPT
  printf '#!/bin/sh\nctest --preset release\n' >bin/make
  printf '#!/bin/sh\n[ "$1" != --parts ] || { echo one; echo two; exit; }\ncase " $FAILING " in *" $1 "*) exit 1 ;; esac\n' >bench/scripts/lint.sh
  chmod +x bin/* bench/scripts/*.sh
  PATH=$PWD/bin:$PATH
}

ci() {
  FAILING=$1 run bounded .ci/run
  echo "$output"
  [ "${lines[-1]}" = "$2" ]
}

@test ".ci/run ends with the sum of tests and parts of lint, and fails when one of them does" {
  fake_ci
  export CDPATH=$PWD/bench:$PWD
  ci "" "5 passed, 0 failed"
  [ "$status" -eq 0 ]
  ci "two" "4 passed, 1 failed"
  [ "$status" -eq 1 ]
  ci "one release tsan" "4 passed, 3 failed"
  [ "$status" -eq 1 ]
}
