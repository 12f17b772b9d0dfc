#!/usr/bin/env bash
# Writes a manual page for tva and one for each command, from what their --help says.
#
# man.sh TVA DATE OUT    DATE: of the release; OUT: the folder, which gets tva.1, tva-run.1 and so on
set -euo pipefail
unset COLUMNS
export LC_ALL=C.UTF-8 ARGP_HELP_FMT=rmargin=9999 # an option a line
tva=$1 date=$2 out=$3
here=$(dirname "$(realpath "$0")")

mkdir -p "$out"
version=$("$tva" --version | head -n 1 | cut -d ' ' -f 1,2)
"$tva" --help >"$out/help"
# A line for each command: its name, and what it does, whose lines begin with many blanks.
awk '/^Commands:$/ { on = 1; next } /^$/ { on = 0 }
  on && /^  [a-z]/ { printf "%s%s", n++ ? "\n" : "", $1; $1 = "" }
  on { $1 = $1; printf " %s", $0 }
  END { print "" }' "$out/help" | tr -s ' ' >"$out/commands"

page() { # NAME WHAT-IT-DOES
  awk -v name="$1" -v summary="$2" -v version="$version" -v date="$date" -v commands="$(cut -d ' ' -f 1 "$out/commands" | xargs)" \
    -f "$here/man.awk" >"$out/$1.new"
  mv "$out/$1.new" "$out/$1.1"
}

while read -r command summary; do
  "$tva" "$command" --help | page "tva-$command" "$summary"
done <"$out/commands"
page tva "measure the same work under threads and under an event loop" <"$out/help"
