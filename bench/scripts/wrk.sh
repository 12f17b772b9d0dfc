#!/usr/bin/env bash
# What a request costs the client: `tasks` and `pool`, with either of job http's clients, beside wrk, all against one
# `tva serve`, in one session. The figure is requests per second of the client's CPU time (user and system, its
# start included), which does not depend on who of the two sides is the bottleneck as much as requests per second do.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."

usage() {
  cat <<'TEXT'
Usage: bench/scripts/wrk.sh [--rounds N] [--connections N] [--requests N]
           [--query QUERY] [--least RATIO]

Run wrk (one thread) and the models `tasks` and `pool`, with client=direct and
client=curl, by turns against one target, N rounds (5), with N connections (100;
a pool's threads have one each) and N requests on each (1000). Print the
requests that each made per second of its own CPU time, and the ratios of the
medians to wrk's. QUERY is what is asked for, as in size=1k. Exit status 1 when
the ratio of `tasks` with client=direct is below RATIO (0: never). With two CPUs
or more, client and target each have their own. TVA names the program
(build/release/tva).
TEXT
}

tva=${TVA:-build/release/tva}
rounds=5
connections=100
requests=1000
query=
least=0
while (($# > 0)); do
  case $1 in
    --rounds) rounds=${2:?--rounds takes a number}; shift 2 ;;
    --connections) connections=${2:?--connections takes a number}; shift 2 ;;
    --requests) requests=${2:?--requests takes a number}; shift 2 ;;
    --query) query=${2:?--query takes what is asked for}; shift 2 ;;
    --least) least=${2:?--least takes a ratio}; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
command -v wrk >/dev/null || { echo "wrk.sh: there is no wrk; make wrk installs it" >&2; exit 1; }

work=$(mktemp -d)
target=
finish() {
  if [[ -n $target ]]; then
    kill "$target" 2>/dev/null || true
    wait "$target" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT

# Of the CPUs that this process may use, the first is the client's, the second the target's.
client=()
server=()
mapfile -t cpus < <(python3 -S -c 'import os; print(*sorted(os.sched_getaffinity(0)), sep="\n")')
if ((${#cpus[@]} > 1)); then
  client=(taskset -c "${cpus[0]}")
  server=(taskset -c "${cpus[1]}")
fi

"${server[@]}" "$tva" serve --exit-with-parent >"$work/serve" &
target=$!
for ((i = 0; i < 100; i++)); do
  grep -qs '^listening' "$work/serve" && break
  sleep 0.05
done
address=$(sed -n 's/^listening on //p' "$work/serve")
[[ -n $address ]] || { echo "wrk.sh: the target did not start" >&2; exit 1; }

# Requests per CPU second of a command that makes `$1` requests, or says how many it made.
per_cpu_second() {
  local made=$1 TIMEFORMAT='%U %S'
  shift

  { time "${client[@]}" "$@" >"$work/out"; } 2>"$work/time"
  if [[ $made == said ]]; then
    made=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$work/out")
    if grep -q 'Non-2xx\|Socket errors' "$work/out"; then
      echo "wrk.sh: wrk had failed requests: $(grep 'Non-2xx\|Socket errors' "$work/out")" >&2
      return 1
    fi
  fi
  awk -v made="$made" 'END { printf "%.0f\n", made / ($1 + $2) }' "$work/time"
}

median() {
  sort -n "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

url=http://$address/${query:+?$query}
total=$((connections * requests))
seconds=$((total / 100000 + 1))
contenders=('tasks direct' 'tasks curl' 'pool direct' 'pool curl')

print_row() {
  printf '%8s  %12s  %12s  %12s  %12s  %12s\n' "$@"
}

# Every contender's figures are the lines of a file of its own.
measure() {
  local model name contender

  per_cpu_second said wrk -t1 -c"$connections" -d"${seconds}s" "$url" >>"$work/wrk"
  for contender in "${contenders[@]}"; do
    read -r model name <<<"$contender"
    per_cpu_second "$total" "$tva" cell --model "$model" --jobs "$connections" --warmup 0 \
      --job "http:requests=$requests,client=$name,url=$url" >>"$work/$contender"
  done
}

# $1 applied to the files of wrk and all contenders.
of_each() {
  local name

  for name in wrk "${contenders[@]}"; do
    "$1" "$work/$name"
  done
}

last() {
  tail -n 1 "$1"
}

ratio() {
  awk -v a="$(median "$1")" -v b="$(median "$work/wrk")" 'BEGIN { printf "%.2f\n", a / b }'
}

print_row round wrk "${contenders[@]}"
for ((round = 1; round <= rounds; round++)); do
  measure
  mapfile -t figures < <(of_each last)
  print_row "$round" "${figures[@]}"
done
mapfile -t figures < <(of_each median)
print_row median "${figures[@]}"
mapfile -t figures < <(of_each ratio)
print_row ratio "${figures[@]}"
echo "requests per CPU second of the client, $connections connections: tasks makes ${figures[1]} of wrk's, and ${figures[2]} with libcurl"
awk -v ratio="${figures[1]}" -v least="$least" 'BEGIN { exit ratio < least }'
