#!/usr/bin/env bats
# The promise: what is installed works by itself, wherever it was put: the program with its own data
# files, the library for a stranger's program that knows only pkg-config.

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

@test "the installed program counts allocations by the library that is installed with it" {
  [ -z "$TVA_SANITIZE" ] || skip "allocations are not counted under sanitizers"
  cd "$BATS_TEST_TMPDIR" || return
  run timeout 100 "$prefix/bin/tva" run --quiet --counts=only --model blocking --job null -o run.json
  [ "$status" -eq 0 ]
  grep -q '"allocations_per_job"' run.json
}
