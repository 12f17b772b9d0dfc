#!/usr/bin/env bats
# The promise: the tree holds its own stored baseline. What its jobs cost in calls, allocations and instructions has not
# risen since that was saved; whoever makes it rise on purpose saves it anew.

bats_require_minimum_version 1.5.0
load helper

setup() {
  [ -z "${TVA_SANITIZE-}" ] || skip "sanitizers count, and cannot be counted"
  begin
  baseline=$TVA_SOURCE/results/baseline/baseline.json
}

teardown() {
  end_processes
}

# Build, compiler and libraries of a document, on which counts depend.
context() {
  python3 -c 'import json, sys; c = json.load(open(sys.argv[1]))["context"]; print(c["build_type"], c["compiler"], c["libc"], c["libuv"])' "$1"
}

@test "the stored baseline is valid by its schema" {
  python3 - "$baseline" "$TVA_SOURCE/results/baseline.schema.json" <<'PYTHON'
import json, sys
import jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))
PYTHON
}

@test "no count a job has risen above it" {
  bounded "$TVA" run --model tasks --job null --jobs 1 --rounds 1 -q -o here.json >/dev/null
  [ "$(context here.json)" = "$(context "$baseline")" ] || skip "it was recorded with another build, compiler or other libraries"
  LIMIT=170 run bounded "$TVA_SOURCE/bench/regress.sh" --counts-only --suite "$TVA_SOURCE/bench/suite.conf" --out "$PWD/out"
  [ "$status" -eq 0 ]
}
