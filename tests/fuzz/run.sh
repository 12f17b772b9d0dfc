#!/bin/sh
# Fuzz the readers of files: run.json, the baseline, the state of a sweep.
#
#   tests/fuzz/run.sh [TARGET...]     all of run, baseline, state by default
#
#   FUZZ_SECONDS=60   for each target, at most
#   FUZZ_RUNS=-1      executions of each target, at most; -1: until the time is over
#   FUZZ_CORPUS=DIR   keep what was found worth mutating; by default build/fuzz/corpus
#
# Build first: cmake --preset fuzz && cmake --build --preset fuzz. Exit status 0 when nothing was
# found; else what crashes is in build/fuzz/found/, and `build/fuzz/fuzz_TARGET FILE` repeats it.
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
build=$source/build/fuzz
corpus=${FUZZ_CORPUS:-$build/corpus}
seconds=${FUZZ_SECONDS:-60}
runs=${FUZZ_RUNS:--1}
found=$build/found
status=0

[ $# -gt 0 ] || set -- run baseline state
mkdir -p "$found"
for target in "$@"; do
    program=$build/fuzz_$target
    if [ ! -x "$program" ]; then
        echo "run.sh: there is no $program; cmake --preset fuzz && cmake --build --preset fuzz" >&2
        exit 2
    fi
    mkdir -p "$corpus/$target"
    seeds=$source/tests/fuzz/corpus/$target
    [ -d "$seeds" ] || seeds=
    # a hang is an input that takes 10 s; the outer bound is for a fuzzer that hangs itself
    timeout -k 10 $((seconds + 120)) "$program" -runs="$runs" -max_total_time="$seconds" \
        -timeout=10 -max_len=32768 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$found/$target-" "$corpus/$target" ${seeds:+"$seeds"} || status=1
done
exit $status
