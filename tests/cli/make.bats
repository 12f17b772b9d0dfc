#!/usr/bin/env bats
# The promise: make and its scripts need no instructions. Every target is listed; set-up names exactly
# what is missing, installs it when it may, never asks; and a session of measuring keeps what was
# finished, tells of failure by its exit status, and leaves no process behind when interrupted.

load helper

setup() {
  cd "$TVA_SOURCE" || return
  tools=$BATS_TEST_TMPDIR/tools
  mkdir "$tools"
}

# A folder with all commands that set-up may look for or use, without the ones named. They are
# scripts that call the real ones: through a link, what is "installed" here would overwrite those.
tools_without() {
  local tool
  for tool in bash env cat cc cmake ninja pkg-config git hyperfine gnuplot bats python3 valgrind pgrep; do
    [[ " $* " == *" $tool "* ]] || script "$tool" "exec '$(command -v "$tool")' \"\$@\""
  done
}

# A new command of that name in the folder.
script() {
  printf '#!%s\n%s\n' "$BASH" "$2" >"$tools/$1"
  chmod +x "$tools/$1"
}

# A faked apt-get, which writes down how it was called and "installs" hyperfine.
fake_apt() {
  script installed "exit 0"
  script apt-get "
    echo \"\$DEBIAN_FRONTEND \$*\" >>'$BATS_TEST_TMPDIR/apt.log'
    read -r answer && echo asked >>'$BATS_TEST_TMPDIR/apt.log'
    [[ \$* != *install* ]] || '$(command -v cp)' '$tools/installed' '$tools/hyperfine'"
  # Tests do not always run as root: then set-up comes here by way of sudo.
  script sudo '[[ $1 != -n ]] || shift; exec "$@"'
  script true "exit 0"
}

# A program in place of tva, whose `run` writes a result (or does not) and ends as the test says.
fake_tva() {
  cat >"$BATS_TEST_TMPDIR/tva" <<'SCRIPT'
#!/usr/bin/env bash
echo "$1" >>"$LOG"
case $1 in
  run)
    while [[ $1 != -o ]]; do shift; done
    [[ $RUN_WRITES == no ]] || { echo "${RESULT:-{\}}" >"$2.new"; mv "$2.new" "$2"; }
    exit "${RUN_STATUS:-0}" ;;
  plot) printf 'a picture\n%.0s' {1..70} ;;
  list) echo "--model tasks --job sleep:duration=1ms --jobs 1" ;;
  report) [[ $2 != --html ]] || cp "$3" "${3%/*}/report.html" ;;
  serve) echo "listening on 127.0.0.1:9"; exec sleep "$SERVE_SECONDS" ;;
  cell) exec sleep "${CELL_SECONDS:-0}" ;;
esac
SCRIPT
  chmod +x "$BATS_TEST_TMPDIR/tva"
  export TVA=$BATS_TEST_TMPDIR/tva LOG=$BATS_TEST_TMPDIR/log
  # Long enough to outlive the test, and a number by which these processes can be told from others.
  export SERVE_SECONDS=600.$$$BATS_TEST_NUMBER
  out=$BATS_TEST_TMPDIR/out
}

steps() {
  uniq "$LOG" | grep -v cell | tr '\n' ' '
}

@test "make help lists each target, and only targets that there are" {
  run make --no-print-directory help
  [ "$status" -eq 0 ]
  for target in build install package bench bench-theory sweep regress test test-page torture lint format coverage micro wrk bench-services bench-cluster samples plots clean help; do
    [ "$(grep -c "^  make $target " <<<"$output")" -eq 1 ]
    make --no-print-directory --dry-run "$target" >/dev/null
  done
  [ "${#lines[@]}" -eq 21 ]
}

@test "make test names its ten dearest tests, and has the status of the tests" {
  script cmake 'exit 0'
  script ctest '
    for i in {1..12}; do echo "<testcase name=\"test_$i\" classname=\"x\" time=\"$i.25\" status=\"run\">"; done \
      >"$REPORT/tests.xml"
    exit "$CTEST_STATUS"'
  export REPORT=$BATS_TEST_TMPDIR PATH=$tools:$PATH
  touch "$REPORT/tva" # it is built
  CTEST_STATUS=0 run make --no-print-directory -o setup-test test "BUILD=$REPORT"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 12 ] # a heading, ten tests, the last line
  [ "${lines[1]}" = "    12.2  test_12" ]
  [ "${lines[10]}" = "     3.2  test_3" ]
  CTEST_STATUS=8 run make --no-print-directory -o setup-test test "BUILD=$REPORT"
  [ "$status" -eq 2 ]
  [[ $output == *"12.2  test_12"* ]]
  [[ $output != *"All tests passed"* ]]
}

@test "set-up is silent when nothing is missing" {
  run bench/scripts/setup.sh --test
  [ "$status" -eq 0 ]
  [ -z "$output" ]
}

@test "set-up names what is missing, and the one command that installs it" {
  tools_without hyperfine gnuplot
  fake_apt
  PATH=$tools run bench/scripts/setup.sh --check
  [ "$status" -eq 1 ]
  [ "$(grep -c 'apt-get install' <<<"$output")" -eq 1 ]
  [[ $output == *"apt-get update && apt-get install -y --no-install-recommends hyperfine gnuplot-nox"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/apt.log" ]
}

@test "set-up asks for what the tests need only when asked" {
  tools_without bats
  fake_apt
  PATH=$tools run bench/scripts/setup.sh --check
  [ "$status" -eq 0 ]
  PATH=$tools run bench/scripts/setup.sh --check --test
  [ "$status" -eq 1 ]
  [[ $output == *" bats"* ]]
}

@test "set-up installs what is missing, and is not asked anything" {
  tools_without hyperfine
  fake_apt
  PATH=$tools run bench/scripts/setup.sh
  [ "$status" -eq 0 ]
  grep -q '^noninteractive .*install -y .*hyperfine$' "$BATS_TEST_TMPDIR/apt.log"
  [ "$(grep -c -e asked -e gnuplot "$BATS_TEST_TMPDIR/apt.log")" -eq 0 ]
}

@test "set-up says which CMake it takes when there is an older one, and takes that and later ones" {
  tools_without cmake
  least=$(sed -n 's/^cmake_minimum_required(VERSION \(.*\))$/\1/p' CMakeLists.txt)
  for version in 2.99.0 3.22.1 "${least%.*}.$((${least#*.} - 1)).9"; do
    script cmake "echo 'cmake version $version'"
    PATH=$tools run bench/scripts/setup.sh --check
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == "setup: CMake $version is too old: building takes $least or later, "* ]]
  done
  for version in "$least.0" "$least.1-rc2" "${least%.*}.$((${least#*.} + 1))" 10.0.1; do
    script cmake "echo 'cmake version $version'"
    PATH=$tools run bench/scripts/setup.sh --check
    [ "$status" -eq 0 ]
    [ -z "$output" ]
  done
}

@test "set-up fails when the installation did not help" {
  tools_without gnuplot
  fake_apt
  PATH=$tools run bench/scripts/setup.sh
  [ "$status" -eq 1 ]
  [[ $output == *"not found: gnuplot-nox"* ]]
}

@test "set-up says what it needs where there is no apt-get" {
  tools_without hyperfine
  PATH=$tools run bench/scripts/setup.sh
  [ "$status" -eq 1 ]
  [[ $output == *"no apt-get"*"hyperfine"* ]]
}

@test "an option that set-up does not know is a usage error" {
  run bench/scripts/setup.sh --frobnicate
  [ "$status" -eq 2 ]
}

@test "a session measures, times processes, reports and draws, in this order" {
  fake_tva
  run bench/scripts/bench.sh --out "$out"
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 3 ] # beside the answer: where results, tables and page are
  [ "$(steps)" = "run list serve plot report " ]
  [ -s "$out/hyperfine.json" ]
}

@test "the result of the session before is kept for the page, which is named in the end" {
  fake_tva
  RESULT=first bench/scripts/bench.sh --out "$out"
  [ ! -e "$out/before.json" ]
  RESULT=second run bench/scripts/bench.sh --out "$out"
  [ "${lines[-1]}" = "bench: all of it on one page, for a browser: $out/report.html" ]
  [ "$(cat "$out/before.json" "$out/run.json" "$out/report.html")" = $'first\nsecond\nsecond' ]
  RUN_WRITES=no run bench/scripts/bench.sh --out "$out"
  [ "$status" -eq 1 ]
  [ "$(cat "$out/before.json")" = first ]
  RESULT=third RUN_STATUS=130 run bench/scripts/bench.sh --out "$out"
  [ "$status" -eq 130 ]
  [ "$(cat "$out/before.json")" = second ]
  [ ! -e "$out/.before.json" ]
}

@test "invalid cells fail the session, but what was measured is still reported and drawn" {
  fake_tva
  RUN_STATUS=1 run bench/scripts/bench.sh --out "$out"
  [ "$status" -eq 1 ]
  [ "$(steps)" = "run list serve plot report " ]
}

@test "a run without a result ends the session with its status, and leaves earlier results alone" {
  fake_tva
  mkdir "$out"
  echo earlier | tee "$out/run.json" >"$out/hyperfine.json"
  RUN_WRITES=no RUN_STATUS=2 run bench/scripts/bench.sh --out "$out"
  [ "$status" -eq 2 ]
  [ "$(steps)" = "run " ]
  [ "$(cat "$out/run.json" "$out/hyperfine.json")" = $'earlier\nearlier' ]
}

@test "an interrupted run ends the session at once with 130" {
  fake_tva
  RUN_STATUS=130 run bench/scripts/bench.sh --out "$out"
  [ "$status" -eq 130 ]
  [ "$(steps)" = "run " ]
}

@test "timings of an earlier session are not kept beside a new result" {
  fake_tva
  mkdir "$out"
  echo earlier >"$out/hyperfine.json"
  CELL_SECONDS=bad run bench/scripts/bench.sh --out "$out"
  [ "$status" -ne 0 ]
  [ ! -e "$out/hyperfine.json" ]
  [[ $(steps) == *"plot report " ]]

  echo earlier >"$out/hyperfine.json"
  RUN_STATUS=130 run bench/scripts/bench.sh --out "$out"
  [ "$status" -eq 130 ]
  [ ! -e "$out/hyperfine.json" ]
}

none_sleeping() {
  ! pgrep -f "sleep $SERVE_SECONDS" >/dev/null
}

@test "a session that is stopped leaves no process behind" {
  fake_tva
  # bats itself holds file descriptor 3 open.
  CELL_SECONDS=$SERVE_SECONDS bench/scripts/bench.sh --out "$out" 3>&- &
  session=$!
  eventually grep -qs cell "$LOG"
  kill -TERM "$session"
  status=0
  wait "$session" || status=$?
  [ "$status" -eq 143 ]
  eventually none_sleeping
  run compgen -G "$out/.hyperfine.*"
  [ "$status" -eq 1 ]
}
