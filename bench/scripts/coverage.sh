#!/usr/bin/env bash
# What `make coverage` does: build with counters, run unit and command-line tests together, and report which lines and
# branches of lib, bench and demos they reached.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."

usage() {
  cat <<'TEXT'
Usage: bench/scripts/coverage.sh [--markdown=PAGE] [OPTION of ctest]...

Run the tests in build/coverage, all or those that the options choose (-L unit,
-R NAME), print a table by folder, and write a page for each source:
build/coverage/report/index.html. The table also goes into a Markdown page,
between <!-- make coverage --> and <!-- end -->.

The exit status is 1 when all tests together reach less than 97 % of the lines
and 90 % of the branches of lib, or than 90 % of the lines of bench, or when a
file does that has no line in tests/coverage/reasons.txt. Tests that fail do not
prevent the report; the exit status is then that of ctest.

Not counted: a process that ended by SIGKILL or by a signal that it does not
handle, and code in libtva_count_alloc.so. Not asked for: the test that no
member of an array or object is NULL, in jansson's loops over them.
TEXT
}

markdown=()
case ${1-} in
  --help)
    usage
    exit 0
    ;;
  --markdown=*)
    markdown=(--markdown "${1#*=}")
    shift
    ;;
esac
judge=()
if (($# == 0)); then
  judge=(--judge)
fi
build=build/coverage
report=$build/report

cmake --preset coverage --log-level=WARNING >/dev/null
cmake --build --preset coverage
find "$build" -name '*.gcda' -delete
status=0
ctest --preset coverage --parallel "$(($(nproc) * 2))" "$@" || status=$?

mkdir -p "$report"
gcovr --root . --filter lib/ --filter bench/ --filter demos/ -j 2 --exclude-unreachable-branches \
  --exclude-branches-by-pattern '.*json_(array|object)_foreach' \
  --html-details "$report/index.html" --json-summary "$report/summary.json" "$build"
below=0
python3 bench/scripts/coverage.py "${judge[@]}" "${markdown[@]}" "$report/summary.json" tests/coverage/reasons.txt || below=$?
echo "Each source: $report/index.html"
exit $((status > 0 ? status : below))
