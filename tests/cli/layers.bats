#!/usr/bin/env bats
# The promise: no include goes against the layers that lib/DESIGN.md draws, every folder is in the picture, and bench/
# itself holds main.c alone. A picture that nobody checks is wrong in a month.

load helper

setup() {
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree"/{lib/base,lib/io,lib/math,bench/cli,demos}
  cat >"$tree/lib/DESIGN.md" <<'TEXT'
## Layers

The picture is indented.

    main.c
    cli
    demos io
    math
    base

## What comes after

    anything
TEXT
  echo '#include "cli/args.h"' >"$tree/bench/main.c"
  echo '#include "io/io.h"' >"$tree/bench/cli/args.h"
  echo '#include "base/err.h"' >"$tree/lib/io/io.h"
  echo '#include <stdio.h>' >"$tree/lib/base/err.h"
  echo '#include "base/err.h"' >"$tree/lib/math/stats.h"
  echo '#include "stats.h"' >"$tree/lib/math/stats.c"
  echo '#include "math/stats.h"' >"$tree/demos/demos.c"
}

layers() {
  bounded python3 -S "$TVA_SOURCE/tests/cli/layers.py" "$@"
}

# The tree of this test is called wrong, in these words and no others.
wrong() {
  run layers "$tree"
  [ "$status" -eq 1 ]
  [ "$output" = "$1" ]
}

@test "the sources obey the picture in lib/DESIGN.md" {
  run layers "$TVA_SOURCE"
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "a tree that obeys its picture passes" {
  run layers "$tree"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
}

@test "an include that goes up is found, however its line is spaced" {
  printf '/* errors */\n #  include   "io/io.h"\n' >>"$tree/lib/base/err.h"
  wrong "lib/base/err.h: base may not include lib/io/io.h"
}

@test "an include of a neighbour on the same line is found" {
  echo '#include "io/io.h"' >>"$tree/demos/demos.c"
  wrong "demos/demos.c: demos may not include lib/io/io.h"
}

@test "an include by a path through other folders is found" {
  echo '#include "../../bench/cli/args.h"' >>"$tree/lib/math/stats.c"
  wrong "lib/math/stats.c: math may not include bench/cli/args.h"
}

@test "an include that names no file is found, since nobody can say where it goes" {
  echo '#include "base/gone.h"' >>"$tree/lib/math/stats.c"
  wrong "lib/math/stats.c: there is no base/gone.h"
}

@test "a file flat in bench/ is found, and so is an include of it" {
  touch "$tree/bench/share.h"
  wrong "bench/share.h: share.h is missing in the picture
bench/share.h: bench/ itself holds main.c alone"
}

@test "a folder that the picture leaves out, draws twice or invents is found" {
  mkdir "$tree/lib/run"
  touch "$tree/lib/run/run.c"
  wrong "lib/run/run.c: run is missing in the picture"
  sed -i 's/^    cli$/    cli run/; s/^    base$/    base run/' "$tree/lib/DESIGN.md"
  wrong "lib/DESIGN.md: run stands in the picture 2 times"
  sed -i 's/^    base run$/    base/' "$tree/lib/DESIGN.md"
  rm -r "$tree/lib/run"
  wrong "lib/DESIGN.md: there is no run"
}

@test "one name for a folder of lib/ and one of bench/ is found" {
  mkdir "$tree/bench/io"
  touch "$tree/bench/io/io.c"
  wrong "io is a folder of bench and of lib"
}

@test "a page without the picture fails" {
  echo '## Layers' >"$tree/lib/DESIGN.md"
  wrong "lib/DESIGN.md: no picture under the heading Layers"
}
