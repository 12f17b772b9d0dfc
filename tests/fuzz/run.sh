#!/bin/sh
# Fuzz the readers of files, and what works with what they read: tests/fuzz/README.md.
set -eu
unset CDPATH

usage() {
    cat <<'TEXT'
Usage: tests/fuzz/run.sh [TARGET...]

Run the fuzz targets (run, baseline, state, compare, write, chart, serve,
answer, jobs, load; all by default). Build them first:
cmake --preset fuzz && cmake --build --preset fuzz

  FUZZ_RUNS=-1      executions of each target; -1: as many as there is time for
  FUZZ_SECONDS=60   for each target, at most
  FUZZ_JOBS=1       processes of each target at a time, with seeds of their own
                    and one corpus; they share the executions
  FUZZ_CORPUS=DIR   keep what was found worth mutating; by default
                    build/fuzz/corpus

Print a line for each target: how many inputs were executed, and how many of
them were not refused. Exit status 0 when nothing was found; otherwise
build/fuzz/found/ has what crashes, and `build/fuzz/fuzz_TARGET FILE` repeats
it.
TEXT
}

if [ "${1-}" = --help ]; then
    usage
    exit 0
fi

source=$(cd "$(dirname "$0")/../.." && pwd)
build=$source/build/fuzz
corpus=${FUZZ_CORPUS:-$build/corpus}
seconds=${FUZZ_SECONDS:-60}
runs=${FUZZ_RUNS:--1}
jobs=${FUZZ_JOBS:-1}
found=$build/found
status=0
pids=

# What is freed is kept from use for as long as 16 MiB last, far longer than one input does; the
# 256 MiB that are usual turn every input's memory out of the caches.
export ASAN_OPTIONS="quarantine_size_mb=16:malloc_context_size=12:${ASAN_OPTIONS:-}"

# The part of job $1 in the executions: all parts add up to them.
part() {
    [ "$runs" -ge 0 ] || { echo -1; return; }
    echo $((runs / jobs + ($1 <= runs % jobs)))
}

# Becomes the fuzzer. A hang is an input that takes 10 s; the outer bound is for a fuzzer that hangs
# itself.
fuzz() { # target, job
    seeds=$source/tests/fuzz/corpus
    case $1 in
    run) set -- "$@" 4096 "$seeds/run" ;;
    baseline) set -- "$@" 6144 "$seeds/baseline" ;;
    compare) set -- "$@" 8192 "$seeds/compare" ;;
    write) set -- "$@" 6144 "$seeds/run" ;;
    chart) set -- "$@" 8192 "$seeds/run" "$seeds/chart" ;;
    serve | answer | jobs | load) set -- "$@" 4096 "$seeds/$1" ;;
    *) set -- "$@" 8192 ;; # state makes its first one itself
    esac
    target=$1 job=$2 size=$3
    shift 3
    exec timeout -k 10 $((seconds + 120)) "$build/fuzz_$target" -runs="$(part "$job")" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -detect_leaks=1 \
        -max_len="$size" -seed=$(($(date +%s) + job)) -reload=10 -print_final_stats=1 \
        -verbosity=0 -artifact_prefix="$found/$target-" "$corpus/$target" "$@" \
        2>"$found/$target.$job.log"
}

# All jobs of a target; what failed says so.
fuzz_all() { # target
    pids=
    job=1
    while [ "$job" -le "$jobs" ]; do
        fuzz "$1" "$job" &
        pids="$pids $!"
        job=$((job + 1))
    done
    failed=0
    for pid in $pids; do
        wait "$pid" || failed=1
    done
    return $failed
}

# "run: 5000000 executions, 1600000 of them not refused, no crash, hang or leak"
summarise() { # target, status
    cat "$found/$1".*.log |
        awk -v target="$1" -v failed="$2" '
            /^fuzz::read_units:/ { read += $2; all += $4; ended++ }
            END {
                printf "%s: %d executions, %d of them not refused, ", target, all, read
                print failed ? "FAILED: see build/fuzz/found/" : "no crash, hang or leak"
            }'
}

[ $# -gt 0 ] || set -- run baseline state compare write chart serve answer jobs load
mkdir -p "$found"
trap 'kill $pids 2>/dev/null; exit 130' INT TERM
for target in "$@"; do
    if [ ! -x "$build/fuzz_$target" ]; then
        echo "run.sh: there is no $build/fuzz_$target; cmake --preset fuzz && cmake --build --preset fuzz" >&2
        exit 2
    fi
    mkdir -p "$corpus/$target"
    rm -f "$found/$target".*.log
    failed=0
    fuzz_all "$target" || failed=1
    if [ "$failed" != 0 ]; then
        status=1
        tail -n 60 "$found/$target".*.log >&2
    fi
    summarise "$target" "$failed"
done
exit $status
