#!/usr/bin/env bash
# What `make bench-services` does with the built program: start a PostgreSQL and a Redis of its own, measure a query of
# each under all models, sweep over the size of the connection pool, and hold `tasks` against pgbench and redis-benchmark.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
self=$(realpath "$0")
cd "$(dirname "$self")/../.."

usage() {
  cat <<'TEXT'
Usage: bench/scripts/services.sh [--duration T] [--rounds N] [--out DIR]
           [pg] [redis]

Start a PostgreSQL and a Redis that nothing else uses, and end them again. For
each: measure a query of 32 clients over 8 connections under all models, N
rounds (6) of T seconds (2) each; sweep over connections; name the smallest pool
that reaches 95 % of the best throughput; and compare `tasks` with pgbench and
redis-benchmark, by turns. Results go to DIR (results/latest/services). TVA
names the program (build/release/tva).
TEXT
}

tva=$(realpath "${TVA:-build/release/tva}")
duration=2
rounds=6
out=results/latest/services
services=()
while (($# > 0)); do
  case $1 in
    --duration) duration=${2:?--duration takes seconds}; shift 2 ;;
    --rounds) rounds=${2:?--rounds takes a number}; shift 2 ;;
    --out) out=${2:?--out takes a folder}; shift 2 ;;
    pg | redis) services+=("$1"); shift ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
((${#services[@]} > 0)) || services=(pg redis)
mkdir -p "$out"

# pg_virtualenv ends its server when the command ends.
if [[ " ${services[*]} " == *" pg "* && -z ${TVA_SERVICES_PG-} ]]; then
  command -v pg_virtualenv >/dev/null || { echo "services.sh: there is no pg_virtualenv; make bench-services installs it" >&2; exit 1; }
  echo "services: starting a PostgreSQL" >&2
  TVA_SERVICES_PG=on exec pg_virtualenv -t bash "$self" --duration "$duration" --rounds "$rounds" --out "$out" "${services[@]}"
fi

work=$(mktemp -d)
redis=
finish() {
  if [[ -n $redis ]]; then
    kill "$redis" 2>/dev/null || true
    wait "$redis" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT

# On a socket, so that no port has to be free; redis-benchmark knows one, too.
start_redis() {
  redis-server --port 0 --unixsocket "$work/redis" --save '' --appendonly no --daemonize no >"$work/redis.log" &
  redis=$!
  for ((i = 0; i < 200; i++)); do
    redis-cli -s "$work/redis" ping >/dev/null 2>&1 && break
    sleep 0.05
  done
  redis-cli -s "$work/redis" set key value >/dev/null
}

# What one run of `tasks` made: jobs a second, and jobs a CPU second of the client.
tasks_made() {
  "$tva" run --model tasks --job "$1" --clients "$2" --duration "${duration}s" --rounds 1 --quiet -o "$work/run.json" >/dev/null 2>&1
  python3 - "$work/run.json" <<'PYTHON'
import json, sys
summary = json.load(open(sys.argv[1]))["cells"][0]
s = summary["summary"]
jobs = summary["ledger"]["jobs"]
rate = s["throughput_per_s"]["median"]
print(f'{rate:.0f} {jobs / (s["cpu_user_s"]["median"] + s["cpu_sys_s"]["median"]):.0f}')
PYTHON
}

pgbench_made() {
  echo 'select 1;' >"$work/select.sql"
  pgbench -n -f "$work/select.sql" -c 8 -j 1 -T "$duration" 2>/dev/null | awk '/^tps/ { printf "%.0f\n", $3 }'
}

# Requests a CPU second of redis-benchmark.
redis_benchmark_made() {
  local TIMEFORMAT='%U %S' requests=$((duration * 40000))

  { time redis-benchmark -s "$work/redis" -c 50 -n "$requests" -q GET key >/dev/null; } 2>"$work/time"
  awk -v n="$requests" '{ printf "%.0f\n", n / ($1 + $2) }' "$work/time"
}

median() {
  sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# Their medians, and the ratio.
tell() {
  awk -v name="$1" -v a="$(median <"$work/a")" -v b="$(median <"$work/b")" -v what="$2" \
    'BEGIN { printf "  tasks makes %d %s, %s %d: %.2f of it\n", a, what, name, b, a / b }'
}

compare() {
  local service=$1 rate cpu

  : >"$work/a"
  : >"$work/b"
  for ((i = 0; i < rounds; i++)); do
    if [[ $service == pg ]]; then
      read -r rate cpu < <(tasks_made pg:connections=8 32)
      echo "$rate" >>"$work/a"
      pgbench_made >>"$work/b"
    else
      read -r rate cpu < <(tasks_made "$(job_of redis),connections=50" 50)
      echo "$cpu" >>"$work/a"
      redis_benchmark_made >>"$work/b"
    fi
  done
  if [[ $service == pg ]]; then
    tell pgbench "transactions a second over 8 connections"
  else
    tell redis-benchmark "requests a CPU second of its own over 50 connections"
  fi
}

job_of() {
  case $1 in
    pg) echo pg:query=select+1 ;;
    redis) echo "redis:command=GET+key,server=$work/redis" ;;
  esac
}

# The smallest pool that reaches 95 % of a model's best throughput.
pool_sizes() {
  python3 - "$1" <<'PYTHON'
import json, sys
models = {}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["valid"]:
        label = cell["model"] + (f'({cell["threads"]})' if cell.get("threads") else "")
        models.setdefault(label, []).append((cell["params"]["connections"], cell["summary"]["throughput_per_s"]["median"]))
for model, points in models.items():
    best = max(rate for _, rate in points)
    size, rate = min(p for p in points if p[1] >= 0.95 * best)
    print(f"  {model}: {size} connection{' is' if size == 1 else 's are'} enough: {rate:.0f} jobs/s, of {best:.0f} at best")
PYTHON
}

for service in "${services[@]}"; do
  [[ $service != redis ]] || start_redis
  job=$(job_of "$service")
  "$tva" run --job "$job,connections=8" --clients 32 --duration "${duration}s" --rounds "$rounds" -o "$out/$service.json"
  "$tva" sweep --job "$job" --over job.connections=1..64:x2 --model tasks,pool --threads 64 --clients 64 \
    --duration "${duration}s" --rounds "$((rounds < 3 ? rounds : 3))" --search-time 0 -o "$out/$service-connections.json" >/dev/null
  echo "How large should the pool of connections to $service be, for 64 clients here?"
  pool_sizes "$out/$service-connections.json"
  compare "$service"
done
