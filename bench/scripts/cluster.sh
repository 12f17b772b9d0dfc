#!/usr/bin/env bash
# What `make bench-cluster` does with the built program: measure a target from several hosts, over a wire that is good, long,
# lossy or narrow. The hosts are network namespaces of this machine, each with one rank; network.py makes and removes them.
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
self=$(realpath "$0")
cd "$(dirname "$self")/../.."
source bench/scripts/child.sh

usage() {
  cat <<'TEXT'
Usage: bench/scripts/cluster.sh [--ranks K] [--duration T] [--rounds N]
           [--out DIR] [WIRE...]

Measure a target on one host from K others (4), a rank each: a sweep over the
rate of arrivals, N rounds (6) of T (2s) at each rate. WIRE is one of these, all
by default; it is the target's:

  near    a bridge alone
  far     5 ms in each direction
  lossy   the same, and 1 % of the frames are lost
  narrow  10 Mbit/s

Results go to DIR/WIRE.json (results/latest/cluster), and DIR/sweeps.svg shows
all of them. The program that TVA names (build/release/tva) needs Open MPI.
TEXT
}

shape_of() {
  case $1 in
    near) ;;
    far) echo delay=5ms ;;
    lossy) echo delay=5ms loss=1% ;;
    narrow) echo rate=10mbit ;;
  esac
}

# A target on the last host, and the sweep from the others. A reply of 1,000 bytes fills 10 Mbit/s at about 1,150/s.
measure() {
  local file=$1 hosts target server status=0

  read -ra hosts <<<"$TVA_HOSTS"
  target=${hosts[-1]}
  unset 'hosts[-1]'
  "$TVA_ON" "$target" "exec timeout 3600 $(printf %q "$tva") serve --listen $target --port 8000 --remote" >"$file.serve" &
  server=$!
  for ((i = 0; i < 200; i++)); do
    ! grep -qs '^listening on ' "$file.serve" || break
    sleep 0.05
  done
  run_child mpirun --enable-recovery -n "${#hosts[@]}" --host "$(IFS=, && echo "${hosts[*]}")" \
    "$tva" sweep --ranks --target "$target:8000" --remote --model tasks --job tcp:bytes=100,reply=1000 \
    --over rate=100,200,400,800,1000,1200,1600 --duration "$duration" --rounds "$rounds" --search-time 0 -o "$file.json" || status=$?
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -f "$file.serve"
  return "$status"
}

tva=$(realpath "${TVA:-build/release/tva}")
ranks=4
duration=2s
rounds=6
out=results/latest/cluster
inside=
wires=()
while (($# > 0)); do
  case $1 in
    --ranks) ranks=${2:?--ranks takes a number}; shift 2 ;;
    --duration) duration=${2:?--duration takes a time}; shift 2 ;;
    --rounds) rounds=${2:?--rounds takes a number}; shift 2 ;;
    --out) out=${2:?--out takes a folder}; shift 2 ;;
    --inside) inside=${2:?--inside takes a file}; shift 2 ;; # for this script itself
    near | far | lossy | narrow) wires+=("$1"); shift ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
((${#wires[@]} > 0)) || wires=(near far lossy narrow)
note_signals
if [[ -n $inside ]]; then
  measure "$inside"
  exit
fi

if ((EUID != 0)); then
  echo "cluster: only root makes network namespaces: sudo make bench-cluster" >&2
  exit 1
fi
if ! command -v mpirun >/dev/null; then
  echo "cluster: there is no Open MPI: apt-get install -y --no-install-recommends openmpi-bin libopenmpi-dev, then make bench-cluster" >&2
  exit 1
fi

mkdir -p "$out"
status=0
results=()
for wire in "${wires[@]}"; do
  run_child python3 -B bench/scripts/network.py --hosts $((ranks + 1)) --wire "$(shape_of "$wire")" \
    bash "$self" --duration "$duration" --rounds "$rounds" --inside "$out/$wire" || status=1
  if [[ -n $interrupted ]]; then
    echo "cluster: interrupted; the same command goes on where it was." >&2
    exit "$interrupted"
  fi
  [[ ! -f $out/$wire.json ]] || results+=("$out/$wire.json")
done
if ((${#results[@]} > 1)); then
  run_child "$tva" compare "${results[@]}" --metric p50,p99 --charts "$out" || status=1
fi
exit "$status"
