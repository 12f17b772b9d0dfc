#!/usr/bin/env bash
# What `make coverage` does: build with counters, run unit and command-line tests together, and report which lines and
# branches of lib, bench and demos they reached.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."

usage() {
  cat <<'TEXT'
Usage: bench/scripts/coverage.sh [OPTION of ctest]...

Run the tests in build/coverage, all or those that the options choose (-L unit,
-R NAME), print a table by folder, and write a page for each source:
build/coverage/report/index.html.

Tests that fail do not prevent the report; the exit status is then that of
ctest. Not counted: a process that ended by SIGKILL or by a signal that it does
not handle, and code in libtva_count_alloc.so.
TEXT
}

if [[ ${1-} == --help ]]; then
  usage
  exit 0
fi
build=build/coverage
report=$build/report

cmake --preset coverage --log-level=WARNING >/dev/null
cmake --build --preset coverage
find "$build" -name '*.gcda' -delete
status=0
ctest --preset coverage --parallel 2 "$@" || status=$?

mkdir -p "$report"
gcovr --root . --filter lib/ --filter bench/ --filter demos/ -j 2 --exclude-unreachable-branches \
  --html-details "$report/index.html" --json-summary "$report/summary.json" "$build"
python3 bench/scripts/coverage.py "$report/summary.json"
echo "Each source: $report/index.html"
exit "$status"
