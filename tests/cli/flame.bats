#!/usr/bin/env bats
# The promise: tva run --flame leaves a flame graph of each cell beside the result, a picture that any reader of XML takes, by
# what this machine has: perf, or else valgrind. The figures are those of runs without either. Where there is neither, it says
# so, and the result is whole all the same.

bats_require_minimum_version 1.5.0
load helper

setup() {
  begin
  mkdir tools
}

# The cells under tools from ./tools alone.
flame() {
  LIMIT=150 run --separate-stderr bounded env PATH="$PWD/tools" "$TVA" run --quiet --rounds 1 --jobs 20 --job null --flame "$@"
  echo "stderr: $stderr"
  [ "$status" -eq 0 ]
}

# The frames of a picture, "name percentage" a line from the root on; fails unless it is well-formed.
frames() {
  python - "$1" <<'PYTHON'
import re, sys
import xml.etree.ElementTree as tree
space = "{http://www.w3.org/2000/svg}"
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == space + "svg", root.tag
boxes = []
for group in root.iter(space + "g"):
    name, share = re.fullmatch(r"(.*): [0-9,]+ (?:samples|instructions), ([0-9.]+) %", group.find(space + "title").text).groups()
    box = group.find(space + "rect")
    x, y, width = (float(box.get(key)) for key in ("x", "y", "width"))
    assert abs(width - 1180 * float(share) / 100) < 0.2, (name, share, width)
    assert not boxes or any(abs(by - 18 - y) < 0.1 and bx - 0.2 <= x and x + width <= bx + bw + 0.2 for bx, by, bw in boxes), name
    boxes.append((x, y, width))
    print(name, share)
PYTHON
}

@test "perf's samples become frames, unknown functions by their file" {
  cat >tools/perf <<'SH'
#!/bin/sh
PATH=/usr/bin:/bin
if [ "$1" = record ]; then
  while [ "$1" != -- ]; do shift; done
  shift
  exec "$@"
fi
for i in $(seq 75); do
  printf 'tva \n\t  7f01 job<run> (/usr/bin/tva)\n\t  7f02 step (/usr/bin/tva)\n\n'
done
for i in $(seq 25); do
  printf 'tva \n\t  7f01 [unknown] (/usr/lib/libcurl.so.4)\n\t ffff8 [unknown] ([kernel.kallsyms])\n\n'
done
SH
  chmod +x tools/perf
  flame --model tasks,pool --threads 2 -o run.json
  [ "$stderr" = "tva run: the result is in run.json
tva run: 2 of 2 flame graphs are in flame" ]
  [ "$(cd flame && echo *)" = "pool-2-null-x-20.svg tasks-null-x-20.svg" ]
  [ "$(frames flame/tasks-null-x-20.svg)" = "all 100.00
step 75.00
job<run> 75.00
[kernel.kallsyms] 25.00
[libcurl.so.4] 25.00" ]
  grep -q '>100 samples of CPU time, by perf; ' flame/tasks-null-x-20.svg
  flame --model tasks -o other.json
  [ "$(echo other.flame/*)" = other.flame/tasks-null-x-20.svg ]
}

@test "callgrind's instructions become frames, of the jobs alone" {
  [[ -z ${TVA_SANITIZE:-} ]] || skip "valgrind runs no instrumented program"
  command -v valgrind >/dev/null || skip "valgrind is not installed"
  printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v valgrind)" >tools/valgrind
  chmod +x tools/valgrind
  flame --model sequential
  [ "$stderr" = "tva run: the result is in results/latest/run.json
tva run: 1 of 1 flame graph is in results/latest/flame" ]
  valid_result results/latest/run.json
  frames results/latest/flame/sequential-null-x-20.svg >frames
  [ "$(head -n 1 frames)" = "all 100.00" ]
  grep -q '^service_run_job ' frames
  [ "$(grep -c '^dl_main ' frames)" -eq 0 ]
  none_running
}

@test "without a tool it says so, and the result is whole" {
  flame --model tasks -o run.json
  [[ $stderr == *"tva run: tasks null x 20 cannot be profiled: perf is missing; "* ]]
  [ ! -e flame ]
  valid_result run.json
  printf '#!/bin/sh\nexit 3\n' >tools/perf
  chmod +x tools/perf
  flame --model tasks -o run.json
  [[ $stderr == *"tva run: tasks null x 20 cannot be profiled: perf ended with status 3, as where it is not permitted; "* ]]
}

@test "a signal ends the profiling and leaves no process, and the result is whole" {
  printf '#!/bin/sh\nPATH=/usr/bin:/bin\nwhile [ "$1" != -- ]; do shift; done\nshift\n"$1" cell --model blocking --job sleep:duration=5ms --jobs 100k >&2 &\ntouch began\nwait\n' >tools/perf
  chmod +x tools/perf
  env PATH="$PWD/tools" "$TVA" run --quiet --rounds 1 --jobs 4 --model blocking --job sleep:duration=5ms --flame -o run.json \
    >/dev/null 2>errors 3>&- &
  eventually test -e began
  kill -INT $!
  status=0
  wait $! || status=$?
  [ "$status" -eq 130 ]
  grep -q '^tva run: interrupted; the result is complete, the profiles are not$' errors
  eventually none_running
  valid_result run.json
}
