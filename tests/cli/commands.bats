#!/usr/bin/env bats
# The promise: every command that a page or a --help shows works as it stands, given the files that it names.

bats_require_minimum_version 1.5.0
load helper

# A plugin takes a compiler, and a second.
setup_file() {
  cd "$BATS_FILE_TMPDIR" || exit 1
  timeout 60 "$TVA" new job mine
  timeout 60 make -s -C mine
}

# Results to read, jobs with names, a plugin, two programs to compare, and a server.
setup() {
  begin
  mkdir -p old new stored base change mine results/latest/gate
  for place in base change mine; do
    cp "$BATS_FILE_TMPDIR/mine/mine.so" "$place"
  done
  python - "$TVA_SOURCE/tests/fixtures/run.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
r["cells"] = [c for c in r["cells"] if c["valid"]]
for c in r["cells"]:
    c.setdefault("counts", {"syscalls_per_job": {"value": 3, "kind": "exact", "jobs": [10, 20], "totals": [[40, 70]]}})
names = "run before after third files stored/1 stored/2 stored/3 stored/4 results/latest/run results/latest/gate/run"
for day, name in enumerate(names.split(), 10):
    r["context"]["date"] = f"2026-11-{day}T00:00:00Z"
    json.dump(r, open(name + ".json", "w"))
PYTHON
  bounded "$TVA" baseline save run.json --baseline base.json
  mkdir -p results/baseline && cp base.json results/baseline/baseline.json
  cp "$TVA_SOURCE/results/sample/theory.json" results/latest/theory.json
  ln -s "$TVA_SOURCE/results/sample" results/sample
  ln -s "$(realpath "$TVA")" old/tva
  ln -s "$(realpath "$TVA")" new/tva
  printf '%s\n' '[checkout]' 'tcp:delay=1ms' 'cpu:time=1ms' '[retry]' 'null' >jobs.conf
  printf '[%s]\n--model tasks --job null --jobs 2 --rounds 1\n' quick gate full theory >suite.conf
  start_target
}

@test "the examples of every --help run" {
  run bounded python3 -S "$TVA_SOURCE/tests/cli/commands.py" "$TVA" "$TVA_SOURCE" "$url/"
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "the commands of every page run" {
  mapfile -t pages < <(cd "$TVA_SOURCE" && ls README.md CONTRIBUTING.md docs/*.md results/README.md lib/DESIGN.md)
  LIMIT=120 run bounded python3 -S "$TVA_SOURCE/tests/cli/commands.py" "$TVA" "$TVA_SOURCE" "$url/" "${pages[@]}"
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "a command that does not work is found" {
  for line in 'tva run --jbos 3' 'make nosuch' 'bench/scripts/bench.sh --nosuch' 'tva compare nosuch.json run.json' \
    'cmake --preset nosuch'; do
    printf '# A page\n\n    %s\n' "$line" >page.md
    run bounded python3 -S "$TVA_SOURCE/tests/cli/commands.py" "$TVA" "$TVA_SOURCE" "$url/" "$PWD/page.md"
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *"page.md: $line"* ]]
  done
  # shellcheck disable=SC2016 # it is Markdown
  printf 'As `tva run --nosuch` does.\n' >page.md
  run bounded python3 -S "$TVA_SOURCE/tests/cli/commands.py" "$TVA" "$TVA_SOURCE" "$url/" "$PWD/page.md"
  [[ $output == *"tva run has no --nosuch"* ]]
}
