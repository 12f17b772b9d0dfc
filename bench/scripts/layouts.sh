#!/usr/bin/env bash
# Links a built tva again and again, its object files in another order each time: the same code elsewhere in memory.
# Where code lies can make it some percent faster or slower, and any change of the sources moves it. A comparison that
# takes many orders on both sides measures the change instead.
set -euo pipefail
unset CDPATH
export LC_ALL=C.UTF-8

usage() {
  cat <<'TEXT'
Usage: bench/scripts/layouts.sh BUILD OUT COUNT SEED

Link COUNT programs OUT/01, OUT/02, ... from the objects in the build folder
BUILD, in orders drawn from SEED.
TEXT
}

if [[ ${1-} == --help ]]; then
  usage
  exit 0
elif (($# != 4)); then
  usage >&2
  exit 2
fi
mkdir -p "$2"
rm -f "$2"/*
out=$(realpath "$2")
count=$3
seed=$4
cd "$1"

# The last step of the build, and the objects of the libraries in it, which take the place of the first of these.
link=$(ninja -t commands tva | tail -n 1)
read -ra words <<<"$link"
objects=()
for word in "${words[@]}"; do
  if [[ $word == lib*.a ]]; then
    mapfile -t -O "${#objects[@]}" objects < <(ninja -t query "$word" | sed -n 's/^ *\(CMakeFiles\/.*\.o\)$/\1/p')
  fi
done
if ((${#objects[@]} == 0)); then
  echo "layouts: the build in $1 does not link libraries of its own" >&2
  exit 2
fi

shuffled() {
  printf '%s\n' "${objects[@]}" | awk -v seed="$1" 'BEGIN { srand(seed) } { printf "%.9f %s\n", rand(), $0 }' |
    sort -n | cut -d ' ' -f 2- | tr '\n' ' '
}

for ((i = 1; i <= count; i++)); do
  name=$(printf '%s/%02d' "$out" "$i")
  command=" $link "
  command=${command/ -o tva / -o $name }
  order=$(shuffled $((seed + i)))
  first=true
  for word in "${words[@]}"; do
    if [[ $word == lib*.a ]]; then
      $first && command=${command/ $word / $order } || command=${command/ $word / }
      first=false
    fi
  done
  printf '%s\0' "$command"
done | xargs -0 -n 1 -P 2 sh -c
