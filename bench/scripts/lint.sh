#!/usr/bin/env bash
# What `make lint` does: find what is wrong with the sources without running a test.
# shellcheck disable=SC2317 # the last loop calls the functions by name
set -euo pipefail
unset CDPATH POSIXLY_CORRECT LANGUAGE
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/../.."

usage() {
  cat <<'TEXT'
Usage: bench/scripts/lint.sh [PART...]
       bench/scripts/lint.sh --parts

Check the sources by these parts, all by default, and print what is wrong and a
line for each part.

format  clang-format would change no C file (make format makes it so)
tidy    clang-tidy finds nothing in lib, bench and demos by the checks in
        .clang-tidy
shell   shellcheck finds nothing in the scripts and the command-line tests
python  pyflakes finds nothing in the Python files
plots   gnuplot loads every script in plots/ and prints nothing

--parts lists them. TVA names the program that draws (build/release/tva). tidy
skips a source that was clean as it is now, with all headers and settings as
they are now; build/lint has the list of them.

Exit status: 0 nothing is wrong, 1 something is, 2 usage.
TEXT
}

parts=(format tidy shell python plots)
chosen=()
while (($# > 0)); do
  case $1 in
    format | tidy | shell | python | plots) chosen+=("$1"); shift ;;
    --parts) printf '%s\n' "${parts[@]}"; exit 0 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
((${#chosen[@]} > 0)) || chosen=("${parts[@]}")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

format() {
  find lib bench demos examples tests -name '*.[ch]' -print0 | xargs -0 clang-format-14 --dry-run -Werror
}

# Check the sources that these lines of the list begin with, and print the lines of those that are clean. Most are,
# so they are checked by one process, which starts slowly, and one by one where that finds something.
# clang-tidy also counts warnings in headers of the system, which are no concern of ours.
tidy_some() {
  local said line status=0

  if said=$(clang-tidy-14 -p build/dev --quiet "${@%% *}" 2>&1); then
    printf '%s\n' "$@"
  elif (($# == 1)); then
    grep -vE '^[0-9]+ warnings? (generated|treated as)|^Suppressed ' <<<"$said" >&2
    return 1
  else
    for line in "$@"; do
      tidy_some "$line" || status=1
    done
    return "$status"
  fi
}
export -f tidy_some

# A source's line in the list: its path, a hash of what all sources depend on, a hash of its own.
tidy() {
  local clean=build/lint/clean settings status=0

  cmake --preset dev --log-level=WARNING >/dev/null
  cmake --build --preset dev --target tva_commit >/dev/null
  mkdir -p build/lint
  touch "$clean"
  settings=$({
    clang-tidy-14 --version
    find lib bench demos \( -name '*.h' -o -name .clang-tidy \) -print0 | sort -z | xargs -0 cat .clang-tidy CMakeLists.txt
  } | sha256sum | cut -c 1-16)
  find lib bench demos -name '*.c' -print0 | xargs -0 sha256sum |
    sed -E "s/^([0-9a-f]+)  (.*)/\2 $settings \1/" | sort >"$work/now"
  # shellcheck disable=SC2016 # expanded by the inner shell
  comm -23 "$work/now" "$clean" | xargs -r -d '\n' -n 12 -P 2 bash -c 'tidy_some "$@"' tidy \
    >"$work/found" || status=1
  comm -12 "$work/now" "$clean" | sort - "$work/found" >"$work/clean"
  mv "$work/clean" "$clean"
  return "$status"
}

shell() {
  shellcheck bench/scripts/*.sh install/*.sh install/tva.bash .ci/run tests/fuzz/run.sh tests/cli/*.bash tests/cli/*.bats
}

python() {
  find bench tests -name '*.py' -print0 | xargs -0 pyflakes3
}

# Draw a chart by every script, from stored results.
draw_all() {
  local tva=${TVA:-build/release/tva} sample=results/sample/run.json result

  for result in "$sample" results/sample/sweep/*.json; do
    "$tva" plot "$result" --format svg -o "$work/$(basename "$result" .json)" || return
  done
  for day in 1 2 3 4; do # a session given twice counts once
    sed "s/\"date\": \"[^\"]*\"/\"date\": \"2026-01-0${day}T00:00:00Z\"/" "$sample" >"$work/day$day.json" || return
  done
  python3 tests/fixtures/load.py map >"$work/map.json" &&
    "$tva" plot "$work/map.json" --format svg &&
    "$tva" compare "$sample" "$sample" --charts "$work/compare" &&
    "$tva" compare --history makespan "$work"/day?.json --charts "$work/history" &&
    "$tva" demo future --scale 0.1 -o "$work/demo"
}

# tva starts the gnuplot below, which notes the script and what the real one prints.
plots() {
  local script name status=0

  mkdir "$work/bin"
  cat >"$work/bin/gnuplot" <<SCRIPT
#!$BASH
echo "\${@: -1}" >>"$work/loaded"
status=0
"$(command -v gnuplot)" "\$@" 2>"$work/said.\$\$" || status=\$?
tee -a "$work/printed" <"$work/said.\$\$" >&2
exit "\$status"
SCRIPT
  chmod +x "$work/bin/gnuplot"
  touch "$work/printed"
  PATH=$work/bin:$PATH draw_all >"$work/said" 2>&1 || { cat "$work/said" >&2; return 1; }
  for script in plots/*.gp; do
    name=${script##*/}
    if ! grep -q "/$name\$" "$work/loaded" && ! grep -qF "load share.'/$name'" plots/*.gp; then
      echo "$script: no chart of the stored results loads it" >&2
      status=1
    fi
  done
  cat "$work/printed" >&2
  [[ ! -s $work/printed ]] || status=1
  return "$status"
}

failed=0
for part in "${chosen[@]}"; do
  # A function in a condition would go on after a command that failed.
  ("$part") &
  if wait $!; then
    echo "lint: $part: clean"
  else
    echo "lint: $part: something is wrong, see above" >&2
    failed=1
  fi
done
exit "$failed"
