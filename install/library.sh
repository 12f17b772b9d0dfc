#!/usr/bin/env bash
# Makes what is installed of the library from its object files, so that no name in it meets one of the program that links it: one
# object for libtva_async.a (base, async, and io that needs libuv alone) and one for the rest; in both the names that a header
# declares begin with tva_, and all others are gone. And the headers (headers.awk), which have those names.
#
# library.sh OBJECTS HEADERS LIB OUT    OBJECTS and HEADERS: files with a path a line; HEADERS' are below the folder LIB
set -euo pipefail
export LC_ALL=C
here=$(dirname "$(realpath "$0")")
async='/lib/(base|async)/[^/]*$|/lib/io/(http_client|io|io_async|io_blocking|io_semaphore)\.c\.[^/]*$'
mapfile -t headers <"$2"
lib=$3 out=$4

mkdir -p "$out"
cd "$out"

# The names that an object defines, or lacks.
names() { "${NM:-nm}" -gP "--$1" "$2.o" | awk '{ print $1 }' | sort -u; }

link() {
  local objects

  mapfile -t objects
  "${LD:-ld}" -r -o "$1.o" "${objects[@]}"
  names defined-only "$1" >"$1.defined"
  names undefined-only "$1" >"$1.lacks"
}

grep -E "$async" "$1" | link async
grep -Ev "$async" "$1" | link rest
if comm -12 async.lacks rest.defined | grep .; then
  echo "library.sh: libtva_async.a needs these names of what it must not need" >&2
  exit 1
fi

(cd "$lib" && cat "${headers[@]}") | sed 's:/\*.*\*/::; s:^ \*.*::' | grep -oE '[A-Za-z_][A-Za-z0-9_]*' | sort -u >words
sort -u async.defined rest.defined | comm -12 - words >public
for object in async rest; do
  sort -u public rest.lacks | comm -12 - $object.defined >$object.keep
  "${OBJCOPY:-objcopy}" --keep-global-symbols=$object.keep $object.o
done
sort -u async.keep rest.keep | awk '!/^tva_/ { print $1, "tva_" $1 }' >renamed
for object in async rest; do
  "${OBJCOPY:-objcopy}" --redefine-syms=renamed $object.o
done

rm -rf include
for header in "${headers[@]}"; do
  mkdir -p "include/tva/${header%/*}" "include/tva/prefixed/${header%/*}"
done
(cd "$lib" && awk -f "$here/headers.awk" -v out="$OLDPWD/include/tva" -v public="$OLDPWD/public" "${headers[@]}")
