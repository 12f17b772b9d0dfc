#!/usr/bin/env bats
# The promise: what is installed works by itself, wherever it was put: the program with its own data
# files, the library for a stranger's program that knows only pkg-config.

load helper

setup() {
  # One staged installation for all tests of this file; moved, so that no path in it can be relied on.
  prefix=$BATS_FILE_TMPDIR/moved
  if [ ! -d "$prefix" ]; then
    cmake --install "$TVA_BUILD" --prefix "$BATS_FILE_TMPDIR/first" >"$BATS_FILE_TMPDIR/install.log"
    mv "$BATS_FILE_TMPDIR/first" "$prefix"
  fi
}

@test "program, library, headers, data and documents are installed" {
  [ -x "$prefix/bin/tva" ]
  [ -n "$(find "$prefix" -name libtva.a)" ]
  [ -n "$(find "$prefix" -name tva.pc)" ]
  [ -f "$prefix/share/tva/results/schema.json" ]
  [ -f "$prefix/share/tva/results/pair.schema.json" ]
  [ -f "$prefix/share/tva/bench/page/page.css" ]
  [ -f "$prefix/share/tva/bench/page/page.js" ]
  [ -f "$prefix/share/doc/tva/LICENSE" ]
  [ -f "$prefix/share/doc/tva/README.md" ]
  for script in "$TVA_SOURCE"/plots/*.gp; do
    cmp "$script" "$prefix/share/tva/plots/$(basename "$script")"
  done
  [ -z "$(find "$prefix" -name '*_internal.h')" ]
}

@test "the installed program uses the installed suite, from any folder" {
  printf '[quick]\n--model tasks --job null --jobs 17\n' >"$prefix/share/tva/bench/plan/suite.conf"
  cd / || return
  run "$prefix/bin/tva" list cells --profile quick
  [ "$status" -eq 0 ]
  [ "$output" = "--model tasks --job null --jobs 17" ]
}

@test "every installed header compiles by itself, as pkg-config says" {
  [ -z "$TVA_SANITIZE" ] || skip "the headers are the same"
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name tva.pc)")
  export PKG_CONFIG_PATH
  read -ra flags <<<"$(pkg-config --cflags tva)"
  cd "$prefix/include/tva" || return
  for header in */*.h; do
    echo "#include \"$header\"" |
      "${CC:-cc}" -std=gnu11 -Wall -Wextra -Werror -fsyntax-only "${flags[@]}" -x c -
  done
}

@test "a program builds against the installed library and runs" {
  [ -z "$TVA_SANITIZE" ] || skip "a sanitized library asks for the same flags in its users"
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name tva.pc)")
  export PKG_CONFIG_PATH
  cat >"$BATS_TEST_TMPDIR/user.c" <<'C'
#include "async/loop.h"

#include <stdio.h>

static int nap(void *arg)
{
    uint64_t before_ns = loop_now();
    int r = task_sleep(*(uint64_t *)arg);

    return r == 0 && loop_now() - before_ns >= *(uint64_t *)arg ? 42 : 1;
}

int main(void)
{
    uint64_t span_ns = 2 * NS_PER_MS;
    struct loop *loop;

    if (loop_create(NULL, &loop) != 0)
        return 1;
    printf("%d\n", loop_run(loop, coro_create(nap, &span_ns)));
    loop_destroy(loop);
    return 0;
}
C
  # shellcheck disable=SC2046 # pkg-config prints several words
  "${CC:-cc}" -o "$BATS_TEST_TMPDIR/user" "$BATS_TEST_TMPDIR/user.c" $(pkg-config --cflags --libs tva)
  run "$BATS_TEST_TMPDIR/user"
  [ "$status" -eq 0 ]
  [ "$output" = 42 ]
}

@test "a program that makes requests gets the module from where the library is installed" {
  [ -z "$TVA_SANITIZE" ] || skip "a sanitized library asks for the same flags in its users"
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name tva.pc)")
  export PKG_CONFIG_PATH
  cat >"$BATS_TEST_TMPDIR/user.c" <<'C'
#include "io/io_blocking.h"

#include <stdio.h>

int main(void)
{
    struct io_http_request request = {.url = "http://127.0.0.1:1/"};
    struct io_http_response response;
    struct io *io = io_blocking_create();
    struct err err;
    int r = io_http_open(io, &err);

    if (r == 0)
        r = io_http_get(io, &request, &response, NO_DEADLINE);
    else
        puts(err.text);
    io_destroy(io);
    return -r;
}
C
  # shellcheck disable=SC2046 # pkg-config prints several words
  "${CC:-cc}" -o "$BATS_TEST_TMPDIR/user" "$BATS_TEST_TMPDIR/user.c" $(pkg-config --cflags --libs tva)
  run "$BATS_TEST_TMPDIR/user"
  [ "$status" -eq 111 ] # ECONNREFUSED: nobody listens there, and libcurl says so
  [ -z "$output" ]
  mv "$prefix" "$prefix.away"
  run "$BATS_TEST_TMPDIR/user"
  mv "$prefix.away" "$prefix"
  [ "$status" -eq 2 ]
  [[ $output == "libtva_http.so is missing: "*"; build or install tva anew" ]]
}

# A request by the installed program, with this source as its module. It fails, and tells why in one line.
with_module() {
  local module=$1

  bin=$(mktemp -d "$BATS_TEST_TMPDIR/XXXX")
  cp "$prefix/bin/tva" "$bin"
  [[ -z $module ]] || "${CC:-cc}" -shared -fPIC -o "$bin/libtva_http.so" "${@:2}" -x c - <<<"$module"
  run "$bin/tva" cell --model tasks --job http:url=http://127.0.0.1:1/ --jobs 1
  [ "$status" -eq 1 ]
  [ "${#lines[@]}" -eq 1 ]
}

@test "a module that is missing, broken or of another build is told in a sentence" {
  with_module ""
  [[ $output == "tva cell: libtva_http.so is missing: it is neither beside the program, nor in ../"*"/tva as seen from there, nor "* ]]
  with_module "const struct { unsigned abi; const char *name; } tva_module = {99, \"http\"};"
  [[ $output == "tva cell: $bin/./libtva_http.so is of another build of tva: its interface is number 99, the program's is "* ]]
  with_module "int something;"
  [[ $output == *" is of another build of tva: "* ]]
  with_module "int missing(void); int (*needed)(void) = missing;"
  [[ $output == "tva cell: cannot load $bin/./libtva_http.so: "*"missing"*"; Debian has what it needs in libcurl4" ]]
}

@test "the installed program counts allocations by the library that is installed with it" {
  [ -z "$TVA_SANITIZE" ] || skip "allocations are not counted under sanitizers"
  cd "$BATS_TEST_TMPDIR" || return
  run timeout 100 "$prefix/bin/tva" run --quiet --counts=only --model blocking --job null -o run.json
  [ "$status" -eq 0 ]
  grep -q '"allocations_per_job"' run.json
}
